package smtpsink

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"strconv"
	"strings"
)

const (
	readBuffer   = 32 << 10 // whole groups of pipelined commands and most messages in one read
	maxCommand   = 8 << 10  // RFC 5321 4.5.3.1.4 asks for 512, extensions add to it
	keptCapacity = 1 << 20  // a larger buffer is given back after its message
)

// session is one connection, owned by one goroutine.
type session struct {
	sink   *Sink
	conn   net.Conn
	in     *bufio.Reader
	out    *bufio.Writer
	number int64

	tls, authenticated bool
	mails              int
	open               bool // MAIL was accepted
	message            Message
	data               []byte
}

// serve speaks with one client until either side ends.
func serve(sink *Sink, conn net.Conn, number int64) {
	s := &session{sink: sink, conn: conn, number: number}
	if sink.options.Implicit {
		s.conn = tls.Server(conn, sink.options.TLS)
		s.tls = true
	}
	s.in = bufio.NewReaderSize(s.conn, readBuffer)
	s.out = bufio.NewWriterSize(s.conn, 4<<10)
	defer sink.log(number, "end")
	if ok, alive := s.answer(Connect, "", "220 sink.example ESMTP"); !ok || !alive {
		if alive {
			s.out.Flush()
		}
		return
	}
	for s.command() {
	}
	s.out.Flush()
}

// answer asks the fault hook, then replies. ok says that the step went as an obliging server's would;
// alive, that the session goes on. Replies leave once no further command is waiting to be read.
func (s *session) answer(step Step, line, ordinary string) (ok, alive bool) {
	o := &s.sink.options
	if o.Log != nil && step != Kept {
		s.sink.log(s.number, string(step), "line", line)
	}
	reply := ordinary
	if o.Fault != nil {
		a := o.Fault(s.event(step, line))
		if a != (Action{}) && !s.misbehave(a) {
			return false, false
		}
		if a.Reply != "" {
			reply = a.Reply
			ok = outcome(a.Reply) == ordinary[0]
			s.say(reply)
			if a.Cut {
				s.cut()
				return false, false
			}
			return ok, s.flushIfIdle()
		}
	}
	if reply != "" {
		s.say(reply)
	}
	return true, s.flushIfIdle()
}

func (s *session) event(step Step, line string) Event {
	e := Event{Step: step, Connection: s.number, Message: s.mails, Line: line, TLS: s.tls}
	if n := len(s.message.Recipients); n > 0 {
		e.Recipient = s.message.Recipients[n-1]
	}
	return e
}

// misbehave does the part of a that comes before a reply and reports whether the session goes on.
func (s *session) misbehave(a Action) bool {
	if a.Until != nil {
		s.out.Flush()
		select {
		case <-a.Until:
		case <-s.sink.done:
			return false
		}
	}
	if a.Hang {
		s.out.Flush()
		s.sink.log(s.number, "hang")
		<-s.sink.done
		return false
	}
	if a.Cut && a.Reply == "" {
		s.cut()
		return false
	}
	return true
}

func (s *session) cut() {
	s.out.Flush()
	s.sink.log(s.number, "cut")
	s.conn.Close()
}

// outcome returns the digit with which the last line of the first reply in text begins.
func outcome(text string) byte {
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) < 4 || line[3] != '-' {
			return (line + " ")[0]
		}
	}
	return ' '
}

func (s *session) say(reply string) {
	if s.sink.options.Log != nil {
		s.sink.log(s.number, "reply", "text", reply)
	}
	s.out.WriteString(reply)
	if !strings.HasSuffix(reply, "\n") {
		s.out.WriteString("\r\n")
	}
}

// flushIfIdle sends the replies off unless the client has more to be read first (RFC 2920, 3.2).
func (s *session) flushIfIdle() bool {
	if s.in.Buffered() > 0 {
		return true
	}
	return s.out.Flush() == nil
}

// reply is an answer at no step of its own.
func (s *session) reply(text string) bool {
	s.say(text)
	return s.flushIfIdle()
}

// command reads one command and answers it; it reports whether the session goes on.
func (s *session) command() bool {
	raw, err := s.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(raw) > maxCommand {
		s.reply("500 5.5.2 line too long")
		return false
	}
	if err != nil {
		return false
	}
	line := string(bytes.TrimRight(raw, "\r\n"))
	verb, rest, _ := strings.Cut(line, " ")
	alive := true
	switch strings.ToUpper(verb) {
	case "EHLO":
		alive = s.hello(line)
	case "HELO":
		_, alive = s.answer(Hello, line, "250 sink.example")
	case "STARTTLS":
		alive = s.startTLS(line)
	case "AUTH":
		alive = s.auth(line, rest)
	case "MAIL":
		alive = s.mail(line, rest)
	case "RCPT":
		alive = s.rcpt(line, rest)
	case "DATA":
		alive = s.dataCommand(line)
	case "RSET":
		s.open, s.message = false, Message{}
		_, alive = s.answer(Reset, line, "250 2.0.0 reset")
	case "NOOP":
		_, alive = s.answer(Noop, line, "250 2.0.0 ok")
	case "QUIT":
		s.answer(Quit, line, "221 2.0.0 bye")
		return false
	default:
		alive = s.reply("500 5.5.1 unknown command")
	}
	return alive
}

func (s *session) hello(line string) bool {
	o := &s.sink.options
	lines := append([]string{"sink.example"}, s.sink.extensions...)
	if o.TLS != nil && !s.tls {
		lines = append(lines, "STARTTLS")
	}
	if o.User != "" {
		lines = append(lines, "AUTH PLAIN LOGIN")
	}
	var b strings.Builder
	for i, l := range lines {
		mark := "-"
		if i == len(lines)-1 {
			mark = " "
		}
		b.WriteString("250" + mark + l + "\r\n")
	}
	_, alive := s.answer(Hello, line, b.String())
	return alive
}

func (s *session) startTLS(line string) bool {
	if s.sink.options.TLS == nil || s.tls {
		return s.reply("502 5.5.1 not offered")
	}
	ok, alive := s.answer(StartTLS, line, "220 2.0.0 go on")
	if !ok || !alive {
		return alive
	}
	if o := &s.sink.options; o.Fault != nil {
		if a := o.Fault(s.event(Handshake, "")); a != (Action{}) && !s.misbehave(a) {
			return false
		}
	}
	secured := tls.Server(s.conn, s.sink.options.TLS)
	if secured.Handshake() != nil {
		return false
	}
	s.conn, s.tls = secured, true
	s.in.Reset(secured) // what came in clear before the handshake is forgotten (RFC 3207, 4.2)
	s.out.Reset(secured)
	return true
}

func (s *session) auth(line, rest string) bool {
	o := &s.sink.options
	if o.User == "" {
		return s.reply("502 5.5.1 not offered")
	}
	mechanism, initial, _ := strings.Cut(rest, " ")
	var user, password string
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		if initial == "" {
			initial = s.challenge("")
		}
		plain, _ := base64.StdEncoding.DecodeString(initial)
		parts := strings.Split(string(plain), "\x00")
		if len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	case "LOGIN":
		u, _ := base64.StdEncoding.DecodeString(s.challenge("Username:"))
		p, _ := base64.StdEncoding.DecodeString(s.challenge("Password:"))
		user, password = string(u), string(p)
	default:
		return s.reply("504 5.5.4 no such mechanism")
	}
	ordinary := "235 2.7.0 welcome"
	if user != o.User || password != o.Password {
		ordinary = "535 5.7.8 wrong name or password"
	}
	ok, alive := s.answer(Auth, "AUTH "+mechanism, ordinary) // without the password: lines are logged
	s.authenticated = ok && ordinary[0] == '2'
	return alive
}

// challenge asks for one more line of an AUTH exchange.
func (s *session) challenge(prompt string) string {
	s.reply("334 " + base64.StdEncoding.EncodeToString([]byte(prompt)))
	raw, err := s.in.ReadSlice('\n')
	if err != nil {
		return ""
	}
	return string(bytes.TrimRight(raw, "\r\n"))
}

func (s *session) mail(line, rest string) bool {
	s.mails++
	path, parameters, ok := argument(rest, "FROM:")
	switch {
	case s.sink.options.User != "" && !s.authenticated:
		return s.reply("530 5.7.0 authentication required")
	case s.open:
		return s.reply("503 5.5.1 nested MAIL")
	case !ok:
		return s.reply("501 5.1.7 bad sender address syntax")
	}
	for _, p := range strings.Fields(parameters) {
		name, value, _ := strings.Cut(strings.ToUpper(p), "=")
		size, _ := strconv.Atoi(value)
		switch {
		case name == "SIZE" && size > s.sink.sizeLimit:
			return s.reply("552 5.3.4 message too large")
		case name == "SIZE", name == "BODY" && s.offers("8BITMIME"), name == "SMTPUTF8" && s.offers("SMTPUTF8"):
		default:
			return s.reply("555 5.5.4 unknown parameter")
		}
	}
	ok, alive := s.answer(Mail, line, "250 2.1.0 ok")
	if ok {
		s.open = true
		s.message = Message{Connection: s.number, Sender: path, Parameters: parameters}
	}
	return alive
}

func (s *session) offers(extension string) bool {
	for _, e := range s.sink.extensions {
		if name, _, _ := strings.Cut(e, " "); strings.EqualFold(name, extension) {
			return true
		}
	}
	return false
}

func (s *session) rcpt(line, rest string) bool {
	path, parameters, ok := argument(rest, "TO:")
	switch {
	case !s.open:
		return s.reply("503 5.5.1 MAIL first")
	case !ok || path == "":
		return s.reply("501 5.1.3 bad recipient address syntax")
	case parameters != "":
		return s.reply("555 5.5.4 unknown parameter")
	}
	s.message.Recipients = append(s.message.Recipients, path) // the hook reads it
	ok, alive := s.answer(Rcpt, line, "250 2.1.5 ok")
	if !ok {
		s.message.Recipients = s.message.Recipients[:len(s.message.Recipients)-1]
	}
	return alive
}

func (s *session) dataCommand(line string) bool {
	ordinary := "354 go on, end with <CRLF>.<CRLF>"
	if len(s.message.Recipients) == 0 {
		ordinary = "554 5.5.1 no valid recipients"
	}
	ok, alive := s.answer(Data, line, ordinary)
	if !ok || !alive || ordinary[0] != '3' {
		return alive
	}
	tooLarge, alive := s.readBody()
	if !alive {
		return false
	}
	ordinary = "250 2.0.0 kept"
	if tooLarge {
		ordinary = "552 5.3.4 message too large"
	}
	return s.dot(ordinary)
}

// dot answers the end of a message and keeps it in between.
func (s *session) dot(ordinary string) bool {
	o := &s.sink.options
	if o.Log != nil {
		s.sink.log(s.number, string(Dot))
	}
	keep := ordinary[0] == '2'
	var a Action
	if o.Fault != nil {
		a = o.Fault(s.event(Dot, ""))
		if a != (Action{}) && !s.misbehave(a) {
			return false
		}
		if a.Reply != "" {
			ordinary, keep = a.Reply, keep && outcome(a.Reply) == '2'
		}
	}
	m := s.message
	s.open, s.message = false, Message{}
	if a.Cut {
		s.say(ordinary)
		s.cut()
		return false
	}
	if !keep {
		return s.reply(ordinary)
	}
	kept := s.sink.keep(m, s.data)
	if cap(s.data) > keptCapacity {
		s.data = nil
	}
	if o.Log != nil {
		s.sink.log(s.number, "accept", "number", strconv.Itoa(kept.Number), "recipients", strings.Join(m.Recipients, " "),
			"sender", m.Sender, "hash", hex.EncodeToString(kept.Hash[:]), "message-id", kept.MessageID)
	}
	s.message.Recipients = m.Recipients // the hook reads it
	_, alive := s.answer(Kept, "", ordinary)
	s.message = Message{}
	return alive
}

// readBody reads up to the final dot into s.data, un-stuffed. Only CRLF ends a line here: a bare LF before a
// dot is content, so that nothing can be smuggled.
func (s *session) readBody() (tooLarge, alive bool) {
	s.data = s.data[:0]
	var last [2]byte // octets before the next one; CRLF at the start, where a line begins too
	last[0], last[1] = '\r', '\n'
	keep := func(piece []byte) {
		if tooLarge = tooLarge || len(s.data)+len(piece) > s.sink.sizeLimit; !tooLarge {
			s.data = append(s.data, piece...)
		}
		for _, c := range piece[max(0, len(piece)-2):] {
			last[0], last[1] = last[1], c
		}
		s.in.Discard(len(piece))
	}
	for first := true; ; first = false {
		if _, err := s.in.Peek(1); err != nil {
			return false, false
		}
		if first && !s.midBody() {
			return false, false
		}
		piece, _ := s.in.Peek(s.in.Buffered())
		dot := lineDot(piece, last)
		if dot < 0 {
			keep(piece)
			continue
		}
		keep(piece[:dot])
		end, err := s.in.Peek(3)
		if string(end) == ".\r\n" {
			s.in.Discard(3)
			return tooLarge, true
		}
		if err != nil {
			return false, false
		}
		s.in.Discard(1)
		last[1] = '.' // the next octet begins no line
	}
}

// lineDot returns where a dot begins a line in piece, which follows the octets last, or -1.
func lineDot(piece []byte, last [2]byte) int {
	if piece[0] == '.' && string(last[:]) == "\r\n" {
		return 0
	}
	for at := 0; ; {
		i := bytes.IndexByte(piece[at:], '\n')
		if i < 0 {
			return -1
		}
		before := last[1]
		if at+i > 0 {
			before = piece[at+i-1]
		}
		if at += i + 1; at < len(piece) && piece[at] == '.' && before == '\r' {
			return at
		}
	}
}

// midBody asks the fault hook once a message, when its first octets are there.
func (s *session) midBody() (alive bool) {
	if s.sink.options.Log != nil {
		s.sink.log(s.number, string(Body))
	}
	if s.sink.options.Fault == nil {
		return true
	}
	a := s.sink.options.Fault(s.event(Body, ""))
	if a != (Action{}) && !s.misbehave(a) {
		return false
	}
	if a.Reply != "" {
		s.say(a.Reply)
		s.out.Flush()
	}
	if a.Cut {
		s.cut()
	}
	return !a.Cut
}

// argument reads "FROM:<path> parameters". A quoted local part may hold any character, brackets too.
func argument(rest, prefix string) (path, parameters string, ok bool) {
	if len(rest) < len(prefix) || !strings.EqualFold(rest[:len(prefix)], prefix) {
		return "", "", false
	}
	rest = strings.TrimLeft(rest[len(prefix):], " ")
	if !strings.HasPrefix(rest, "<") {
		return "", "", false
	}
	quoted := false
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ' ' || c == '<':
			return "", "", false
		case c == '>':
			tail := rest[i+1:]
			if tail != "" && tail[0] != ' ' {
				return "", "", false
			}
			return rest[1:i], strings.TrimSpace(tail), true
		}
	}
	return "", "", false
}

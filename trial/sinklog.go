package trial

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// logTime is how the sink writes the time, by the wall clock of this machine, which every process of a drill shares.
const logTime = "2006-01-02T15:04:05.000000Z"

// connection is one connection to a door of the relay.
type connection struct {
	door   int
	number int64
	opened time.Time
	ended  time.Time // zero where the log ends first
}

// sending is one envelope and what came of it, as the sink's log has it. Times are zero for what did not happen.
type sending struct {
	*connection
	before    *sending // on the same connection; nil for the first
	sender    string
	recipient string // several are written with spaces between them
	refusal   string // the reply to MAIL, RCPT or DATA that was neither 2yz nor 3yz
	body      time.Time
	dot       time.Time
	kept      time.Time
	hash      string
	messageID string
	replied   time.Time // to the dot
	reply     string
	cut       bool // by the sink
	foreign   bool // it names somebody who is not its recipient
}

// logReader reads the log of one door.
type logReader struct {
	door  int
	open  map[int64]*session
	all   []*sending
	early map[string]bool // numbers of messages that name somebody else: the line may stand before the one that says accept
}

// session is a connection while the log is read.
type session struct {
	*connection
	now  *sending // the envelope that is under way
	step string
}

// readLog reads the log of one door into sendings, in the order in which they began.
func readLog(door int, r io.Reader) ([]*sending, error) {
	read := &logReader{door: door, open: map[int64]*session{}, early: map[string]bool{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for n := 1; lines.Scan(); n++ {
		if err := read.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d of the log of door %d: %w", n, door, err)
		}
	}
	return read.all, lines.Err()
}

func (r *logReader) line(text string) error {
	fields := strings.Split(text, "\t")
	if len(fields) < 4 {
		return errors.New("has less than four fields")
	}
	at, err := time.Parse(logTime, fields[1])
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return err
	}
	event := fields[3]
	values := map[string]string{}
	for _, pair := range fields[4:] {
		name, quoted, _ := strings.Cut(pair, "=")
		if values[name], err = strconv.Unquote(quoted); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if event == "foreign" {
		r.early[values["number"]] = true
		return nil
	}
	s := r.open[number]
	if event == "connect" { // a relay that was away counts from one again
		s = &session{connection: &connection{door: r.door, number: number, opened: at}}
		r.open[number] = s
	}
	if s == nil {
		return fmt.Errorf("connection %d was never opened", number)
	}
	r.event(s, at, event, values)
	return nil
}

// event takes one event of a connection down.
func (r *logReader) event(s *session, at time.Time, event string, values map[string]string) {
	switch event {
	case "end":
		s.ended = at
		delete(r.open, s.number)
	case "mail":
		s.now = &sending{connection: s.connection, before: s.now, sender: between(values["line"])}
		r.all = append(r.all, s.now)
	case "cut":
		if s.now != nil {
			s.now.cut = true
		}
	case "reply":
		r.reply(s, at, values["text"])
	}
	if event != "reply" {
		s.step = event
	}
	if s.now == nil {
		return
	}
	switch event {
	case "rcpt":
		s.now.recipient = strings.TrimSpace(s.now.recipient + " " + between(values["line"]))
	case "body":
		s.now.body = at
	case "dot":
		s.now.dot = at
	case "accept":
		s.now.kept, s.now.hash, s.now.messageID = at, values["hash"], values["message-id"]
		s.now.foreign = r.early[values["number"]]
		delete(r.early, values["number"])
		s.now.recipient = values["recipients"]
	}
}

func (r *logReader) reply(s *session, at time.Time, text string) {
	if s.now == nil {
		return
	}
	switch s.step {
	case "mail", "rcpt", "data":
		if s.now.refusal == "" && text != "" && text[0] != '2' && text[0] != '3' {
			s.now.refusal = text
		}
	case "dot", "accept":
		s.now.replied, s.now.reply = at, text
	}
}

// between returns what stands between the first angle brackets of a command.
func between(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	path, _, _ := strings.Cut(rest, ">")
	return path
}

package mailer

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// Envelope is one message to one recipient.
type Envelope struct {
	Sender    string // from WireAddress, or "" for the null sender; bounces go there
	Recipient string // from WireAddress
	UTF8      bool   // as WireAddress says of the recipient
	// Message appends the message to dst: CRLF line ends, dots not stuffed. It is called once, before the envelope is
	// written; what it returns is used until the verdict. Its error, or panic, refuses this message alone.
	Message func(dst []byte) ([]byte, Hash, error)
	// NoDots says that no line of the message begins with a dot, as Composed.NoDots does of its copies: then it is not looked through for one.
	NoDots bool
	// SameAs, unless zero, is the Hash of a copy sent before: another message is not sent (ErrOtherBytes).
	SameAs Hash
}

// Window is what Send does on one connection in one go, and whom it tells. More, Gate, Done, Waiting and the envelopes'
// Message are called on the goroutine of Send, one at a time; while they run the connection stands still.
type Window struct {
	Envelopes []Envelope
	// More is asked for further envelopes when no other is left, so that a connection need not fall silent between one lot and the next:
	// their numbers go on. With wait it may take the time that getting them takes; without, a message stands ready to leave, and it answers at
	// once with what there is. None, with wait, ends the window. Nil means that there are no more.
	More func(wait bool) []Envelope
	// Gate is asked before the envelope of a message is written and again right before its body. No means that this
	// message and all later ones are Unsent. After the relay has asked for the body, the only way out is to close.
	Gate func(i int) bool
	// Done is called exactly once for each envelope, in the order in which verdicts are known.
	Done func(i int, v Verdict)
	// Waiting is called at each Options.Tick for which the relay has been silent after the final dot of message i, for
	// example to renew its lease. Before the first call the rest of the window is given back as Unsent, so that a relay
	// which thinks for ten minutes holds up one message. Nil is allowed.
	Waiting func(i int)
}

// Send sends the messages of a window one after another and returns when each has its verdict. The error, a *RelayError,
// says why the connection ended before its time; nil if it can be used again.
//
// The end of ctx stops at once what is before its final dot (Unsent). A wait after a final dot is not cut short: it ends
// with the relay's reply, with Timeouts.Dot, or with Pool.Close (Unknown).
func (c *Conn) Send(ctx context.Context, w Window) error {
	s := &sending{c: c, w: w, ctx: ctx, told: make([]bool, len(w.Envelopes)), current: -1}
	s.arm = s.armRead
	ended := s.fail(AtCompose, ErrPanic) // unless run returns
	stop := context.AfterFunc(ctx, s.interrupt)
	defer func() {
		stop()
		s.disarm()
		s.finish(ended)
	}()
	if ended = s.run(); ended != nil {
		return ended
	}
	return nil
}

// sending is the state of one Send.
type sending struct {
	c    *Conn
	w    Window
	ctx  context.Context
	told []bool

	current int         // the message whose envelope is on its way or answered; -1 before the first
	step    Step        // what the relay is to answer, or is being told
	past    bool        // the final dot of current is written and not answered
	torn    *RelayError // the write failed behind the final dot: only the reply to the dot is still of use
	shut    bool        // nothing new begins: the gate, the context, or a long wait
	resets  bool        // the commands prepared begin with RSET
	hash    Hash        // of the message current
	ahead   Hash        // of the message prepared after it

	arm   func()    // armRead
	until time.Time // when the step under way is over; zero until its first wait

	mu          sync.Mutex // guards what follows, and the deadlines, against interrupt
	interrupted bool
	disarmed    bool
}

// run is the loop. In each round the envelope of current is answered and its body leaves, together with the next envelope
// where the relay takes commands in groups.
func (s *sending) run() *RelayError {
	c := s.c
	if c.broken != nil {
		return c.broken
	}
	if c.in.pending() {
		return s.fail(AtMail, ErrProtocol)
	}
	for next := s.prepare(0, true); next >= 0; {
		s.current, s.hash = next, s.ahead
		c.body, c.next = c.next, c.body
		ready, ended := s.envelope()
		if ended != nil {
			return ended
		}
		if c.dirty = !ready; c.dirty {
			next = s.prepare(s.current+1, true)
			continue
		}
		if !s.w.Envelopes[s.current].NoDots {
			c.body = stuff(c.body)
		}
		c.body = append(c.body, ".\r\n"...)
		dot := len(c.body)
		next = -1
		if c.pipelining {
			next = s.prepare(s.current+1, false)
		}
		switch { // whatever the gate said of later messages does not hold this one back
		case s.stopped():
			return s.fail(AtBody, ErrStopped)
		case !s.w.Gate(s.current):
			return s.fail(AtBody, ErrGate)
		}
		if ended := s.transmit(dot); ended != nil {
			return ended
		}
		if ended := s.afterDot(next >= 0); ended != nil {
			return ended
		}
		if next < 0 {
			next = s.prepare(s.current+1, true)
		}
	}
	return nil
}

// pass asks the gate whether message i may begin. A no holds for all later ones.
func (s *sending) pass(i int) bool {
	if !s.shut && (s.stopped() || !s.w.Gate(i)) {
		s.shut = true
	}
	return !s.shut
}

// prepare finds the next message, from i on, that the gate lets pass and that can be sent over this connection. It
// leaves the message in c.next and its commands in c.commands, and returns its number, or -1.
func (s *sending) prepare(i int, wait bool) int {
	for ; i < len(s.told) || s.extend(wait); i++ {
		if s.told[i] || !s.pass(i) {
			continue
		}
		if err := s.build(&s.w.Envelopes[i]); err != nil {
			s.tell(i, Verdict{Outcome: Refused, Step: AtCompose, Err: err})
			continue
		}
		s.addCommands(&s.w.Envelopes[i])
		return i
	}
	return -1
}

// extend takes further envelopes on, where there are any.
func (s *sending) extend(wait bool) bool {
	if s.shut || s.w.More == nil || s.stopped() {
		return false
	}
	more := s.w.More(wait)
	s.w.Envelopes = append(s.w.Envelopes, more...)
	s.told = append(s.told, make([]bool, len(more))...)
	return len(more) > 0
}

// build makes the message and checks that this relay can be asked to take it (W7, W12, W16).
func (s *sending) build(e *Envelope) (err error) {
	c := s.c
	s.ahead = Hash{}
	defer func() {
		if v := recover(); v != nil {
			err = ErrPanic
			if r, ok := v.(runtime.Error); ok { // its text is about types and indexes, not about people
				err = fmt.Errorf("%w: %v", ErrPanic, r)
			}
		}
	}()
	switch {
	case !wireSafe(e.Recipient), e.Sender != "" && !wireSafe(e.Sender):
		return ErrAddress
	case !e.UTF8 && !(isASCII(e.Recipient) && isASCII(e.Sender)), e.UTF8 && !(c.utf8 && c.eightBit):
		return ErrNeedsUTF8
	}
	message, hash, err := e.Message(c.next[:0])
	if err != nil {
		return err
	}
	if !bytes.HasSuffix(message, []byte("\r\n")) {
		message = append(message, "\r\n"...)
	}
	c.next, s.ahead = message, hash
	switch {
	case c.size > 0 && len(message) > c.size:
		return ErrTooLarge
	case e.SameAs != Hash{} && e.SameAs != hash:
		return ErrOtherBytes
	}
	return nil
}

func (s *sending) addCommands(e *Envelope) {
	c := s.c
	b := c.commands[:0]
	if s.resets = c.dirty; s.resets {
		b = append(b, "RSET\r\n"...)
	}
	b = append(b, "MAIL FROM:<"...)
	b = append(b, e.Sender...)
	b = append(b, '>')
	if c.size > 0 {
		b = append(b, " SIZE="...)
		b = strconv.AppendInt(b, int64(len(c.next)), 10)
	}
	if e.UTF8 {
		b = append(b, " BODY=8BITMIME SMTPUTF8"...)
	}
	b = append(b, "\r\nRCPT TO:<"...)
	b = append(b, e.Recipient...)
	b = append(b, ">\r\nDATA\r\n"...)
	c.commands = b
}

// envelope has the commands of current answered. ready says that the relay waits for the body; otherwise the message has
// its verdict. Where the relay takes groups, and the group did not leave behind the last body, it leaves now.
func (s *sending) envelope() (ready bool, ended *RelayError) {
	c := s.c
	commands := c.commands
	c.commands = c.commands[:0]
	if c.pipelining {
		s.step = AtMail
		if _, err := s.write(commands); err != nil {
			return false, s.lost(err)
		}
		commands = nil
	}
	steps := []Step{AtReset, AtMail, AtRcpt, AtData}
	if !s.resets {
		steps = steps[1:]
	}
	s.resets = false
	refused := false
	for _, s.step = range steps {
		if !c.pipelining {
			if refused {
				break // RSET comes first, before the next one
			}
			end := bytes.IndexByte(commands, '\n') + 1
			if _, err := s.write(commands[:end]); err != nil {
				return false, s.lost(err)
			}
			commands = commands[end:]
		}
		r, err := s.reply()
		if err != nil {
			return false, s.lost(err)
		}
		if refused {
			ended = s.afterRefusal(r)
		} else {
			refused, ended = s.answered(r)
		}
		if ended != nil {
			return false, ended
		}
	}
	return !refused, nil
}

// answered takes the reply to a command of the envelope.
func (s *sending) answered(r reply) (refused bool, ended *RelayError) {
	switch {
	case s.step == AtData && r.code == 354 && !s.c.in.pending():
		return false, nil
	case s.step == AtData && r.code == 354, s.step == AtReset && r.code/100 != 2:
		return false, s.answerError(r, ErrProtocol) // more was said than asked; or an open transaction stays open
	case s.step != AtData && r.code/100 == 2:
		return false, nil
	}
	return true, s.settle(r)
}

// afterRefusal takes the replies to the rest of a group whose message was refused. Should the relay ask for the body all
// the same, the connection is closed: what an empty body would lead to is not ours to guess (RFC 2920, 3.1).
func (s *sending) afterRefusal(r reply) *RelayError {
	switch {
	case r.code == 421:
		return s.answerError(r, nil)
	case s.step == AtRcpt && r.code != 0, r.code/100 == 4, r.code/100 == 5:
		return nil
	}
	return s.answerError(r, ErrProtocol)
}

// transmit writes the body of current, which ends with the final dot at dot, and the next commands behind it.
func (s *sending) transmit(dot int) *RelayError {
	c := s.c
	s.step = AtBody
	c.body = append(c.body, c.commands...)
	c.commands = c.commands[:0]
	n, err := s.write(c.body)
	if s.past = n >= dot; s.past {
		s.step = AtDot
		if err != nil {
			s.torn = s.lost(err)
		}
		return nil
	}
	ended := s.lost(err)
	if ended.Err == ErrLost {
		s.lastWords()
	}
	return ended
}

// lastWords reads what a relay that hung up in the middle of a body may have said about it.
func (s *sending) lastWords() {
	s.until = time.Now().Add(time.Second)
	if r, err := s.c.in.next(s.arm); err == nil && (r.code/100 == 4 || r.code/100 == 5) {
		s.settle(r)
	}
}

// afterDot waits for the reply to the final dot. following says that the next commands are on their way already.
func (s *sending) afterDot(following bool) *RelayError {
	r, err := s.reply()
	if err != nil {
		return s.lost(err)
	}
	s.past = false
	if ended := s.settle(r); ended != nil {
		return ended
	}
	if s.torn != nil {
		return s.torn
	}
	switch { // if what follows is not to be sent, there is no way back once the relay asks for its body
	case following && s.stopped():
		return s.fail(AtMail, ErrStopped)
	case following && s.shut: // by a long wait
		return s.fail(AtMail, ErrTimeout)
	}
	return nil
}

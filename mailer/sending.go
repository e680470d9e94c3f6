package mailer

import (
	"bytes"
	"errors"
	"net"
	"os"
	"strings"
	"time"
)

// write writes p and says how much of it has left, at least as far as the kernel or, with TLS, in whole records: what is
// not counted has certainly not been sent.
func (s *sending) write(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	c := s.c
	s.setDeadline(c.raw.Conn.SetWriteDeadline, time.Now().Add(c.pool.options.Timeouts.Body))
	n, err = c.out.Write(p)
	if err == nil {
		err = c.out.Flush()
	}
	if err != nil {
		n -= c.out.Buffered()
		if isTimeout(err) && s.takeInterrupt() {
			s.shut = true
			err = ErrStopped
		}
	}
	return n, err
}

// reply reads the answer to s.step within its limit. After the final dot the wait goes on through the end of the context,
// and is divided into ticks.
func (s *sending) reply() (reply, error) {
	s.until = time.Time{}
	for {
		r, err := s.c.in.next(s.arm)
		if !isTimeout(err) {
			return r, err
		}
		switch {
		case s.takeInterrupt() && !s.past:
			return reply{}, ErrStopped
		case !s.past, !time.Now().Before(s.until):
			return reply{}, ErrTimeout
		case s.stopped():
			s.release(ErrStopped)
		default:
			s.release(ErrTimeout)
		}
		if s.w.Waiting != nil {
			s.w.Waiting(s.current)
		}
	}
}

// armRead sets the deadline of a read: the end of the step, or the next tick of a wait after the final dot.
func (s *sending) armRead() {
	o := &s.c.pool.options
	now := time.Now()
	if s.until.IsZero() {
		s.until = now.Add(o.Timeouts.of(s.step))
	}
	deadline := s.until
	if tick := now.Add(o.Tick); s.past && tick.Before(deadline) {
		deadline = tick
	}
	s.setDeadline(s.c.raw.Conn.SetReadDeadline, deadline)
}

// setDeadline sets a deadline, unless an interrupt has just set one that must be felt first.
func (s *sending) setDeadline(set func(time.Time) error, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.interrupted {
		set(t) // fails only on a closed connection, as the read or write after it does
	}
}

// interrupt wakes whatever read or write is under way. It runs on a goroutine of its own when the context ends.
func (s *sending) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.disarmed {
		s.interrupted = true
		s.c.raw.Conn.SetDeadline(time.Unix(1, 0))
	}
}

func (s *sending) disarm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disarmed = true
}

// takeInterrupt reports whether there was an interrupt since it was asked last.
func (s *sending) takeInterrupt() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.interrupted
	s.interrupted = false
	return was
}

func (s *sending) stopped() bool { return s.ctx.Err() != nil }

// settle gives current the verdict that the relay's reply to s.step means. An error says that the connection is over.
func (s *sending) settle(r reply) *RelayError {
	s.c.messages++
	v := Verdict{Outcome: judge(s.step, r), Step: s.step, Code: r.code, Enhanced: r.enhanced(), Text: r.text()}
	switch {
	case r.code == 421 || isAuthCode(r.code):
		ended := s.answerError(r, nil)
		v.Err = ended
		if s.step != AtMail && strings.HasPrefix(v.Enhanced, "4.7.") {
			s.c.settled++ // about where this message goes: the relay is not to be left alone for it (G5)
		}
		s.tell(s.current, v)
		return ended
	case outOfStep(s.step, r):
		ended := s.answerError(r, ErrProtocol)
		v.Err = ended
		s.tell(s.current, v)
		return ended
	}
	s.c.settled++
	s.tell(s.current, v)
	return nil
}

// tell gives message i its verdict.
func (s *sending) tell(i int, v Verdict) {
	s.told[i] = true
	v.Relay = s.c.relay.Name
	switch {
	case i == s.current:
		v.Hash = s.hash
	case v.Step == AtCompose:
		v.Hash = s.ahead
	}
	s.w.Done(i, v)
}

// release gives back everything but current. Nothing new begins after it.
func (s *sending) release(why error) {
	s.shut = true
	for i := range s.told {
		if !s.told[i] && i != s.current {
			s.tell(i, Verdict{Outcome: Unsent, Err: why})
		}
	}
}

// finish gives a verdict to whatever has none, and ends the connection if that is over. It is the one place that says what
// the end of a connection means for a message: after its final dot, unknown; if the relay fell silent or hung up while
// it was asked about this recipient or was taking this body, later; otherwise unsent.
func (s *sending) finish(ended *RelayError) {
	if ended != nil {
		s.c.breakOff(ended)
	}
	for i := range s.told {
		if s.told[i] {
			continue
		}
		v := Verdict{Outcome: Unsent, Err: ErrGate}
		switch {
		case ended != nil:
			v.Err = ended
		case s.stopped():
			v.Err = ErrStopped
		}
		switch {
		case i == s.current && s.past:
			v.Outcome, v.Step = Unknown, AtDot
			s.c.messages++
		case i == s.current && ended != nil && blames(s.step, ended.Err):
			v.Outcome, v.Step, v.Code, v.Text = Later, s.step, ended.Code, ended.Text
		}
		s.tell(i, v)
	}
}

// blames reports whether the end of a connection at a step may have to do with the message it was at.
func blames(step Step, why error) bool {
	theirs := errors.Is(why, ErrLost) || errors.Is(why, ErrTimeout) || errors.Is(why, ErrProtocol)
	return theirs && (step == AtRcpt || step == AtData || step == AtBody)
}

// lost is the end of a connection by an error of a read or a write.
func (s *sending) lost(err error) *RelayError {
	switch {
	case errors.Is(err, ErrStopped), errors.Is(err, ErrTimeout), errors.Is(err, ErrProtocol):
	case isTimeout(err):
		err = ErrTimeout
	case errors.Is(err, net.ErrClosed): // by Pool.Close: nobody else closes a connection on loan
		err = ErrStopped
	default:
		err = ErrLost
	}
	return s.fail(s.step, err)
}

func (s *sending) fail(step Step, err error) *RelayError {
	return &RelayError{Relay: s.c.relay.Name, Step: step, Err: err}
}

func (s *sending) answerError(r reply, err error) *RelayError {
	return &RelayError{Relay: s.c.relay.Name, Step: s.step, Code: r.code, Text: r.text(), Err: err}
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// stuff doubles each dot that begins a line (RFC 5321, 4.5.2), in place.
func stuff(m []byte) []byte {
	n := 0
	for at := 0; ; n++ {
		i := lineDot(m, at)
		if i < 0 {
			break
		}
		at = i + 1
	}
	if n == 0 {
		return m // as ever with what Fill makes
	}
	from := len(m)
	m = append(m, make([]byte, n)...)
	for to := len(m); from > 0; {
		from, to = from-1, to-1
		m[to] = m[from]
		if m[from] == '.' && beginsLine(m, from) {
			to--
			m[to] = '.'
		}
	}
	return m
}

// lineDot returns where, from at on, the next dot begins a line, or -1.
func lineDot(m []byte, at int) int {
	if at == 0 && len(m) > 0 && m[0] == '.' {
		return 0
	}
	for {
		i := bytes.Index(m[at:], []byte("\n."))
		if i < 0 {
			return -1
		}
		if at += i + 1; beginsLine(m, at) {
			return at
		}
	}
}

func beginsLine(m []byte, at int) bool {
	return at == 0 || at > 1 && m[at-1] == '\n' && m[at-2] == '\r'
}

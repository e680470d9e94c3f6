package mailer

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// maxDialAnswer bounds what the relay may say between two things that we say, while a connection is made: an EHLO
// reply, a certificate chain.
const maxDialAnswer = 256 << 10

var (
	errOutOfTurn = errors.New("the relay spoke out of turn")
	errTooMuch   = errors.New("the relay does not stop speaking")
)

// guard is the TCP connection beneath go-mail while it greets, secures and signs in. It adds what go-mail leaves to its
// caller: a time limit for each step, a bound on what is read, and strict turns. It hands out plain text line by line,
// so that nothing runs ahead into a buffer, and refuses to write while something is unread: words slipped in before
// the handshake (response injection) end the connection instead of being taken for an answer, or silently dropped.
//
// After release it is a plain connection. It is used by one goroutine at a time.
type guard struct {
	net.Conn
	limits   *Timeouts
	step     Step
	guarding bool
	secured  bool // what passes is TLS
	ahead    []byte
	heard    int
	failed   error // of a read: nothing more is said, so that no second wait follows the first
	buffer   [4096]byte
}

func newGuard(conn net.Conn, limits *Timeouts) *guard {
	conn.SetDeadline(time.Now().Add(limits.Greeting))
	return &guard{Conn: conn, limits: limits, guarding: true, step: AtGreeting}
}

// release ends the guard; an error says that the relay has said more than it was asked.
func (g *guard) release() error {
	g.guarding = false
	if len(g.ahead) > 0 {
		return errOutOfTurn
	}
	return g.Conn.SetDeadline(time.Time{})
}

// SetDeadline does nothing while guarding: go-mail would set one for all steps together.
func (g *guard) SetDeadline(t time.Time) error {
	if g.guarding {
		return nil
	}
	return g.Conn.SetDeadline(t)
}

// Read reads one line at most, until the connection is secured.
func (g *guard) Read(p []byte) (int, error) {
	if !g.guarding {
		return g.Conn.Read(p)
	}
	if g.secured {
		n, err := g.Conn.Read(p)
		return n, g.count(n, err)
	}
	if len(g.ahead) == 0 {
		n, err := g.Conn.Read(g.buffer[:])
		if err = g.count(n, err); err != nil {
			return 0, err
		}
		g.ahead = g.buffer[:n]
	}
	line := g.ahead
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i+1]
	}
	n := copy(p, line)
	g.ahead = g.ahead[n:]
	return n, nil
}

func (g *guard) count(n int, err error) error {
	if g.heard += n; g.heard > maxDialAnswer {
		err = errTooMuch
	}
	g.failed = err
	return err
}

// Write begins a step: it sets the time limit of its answer.
func (g *guard) Write(p []byte) (int, error) {
	if !g.guarding {
		return g.Conn.Write(p)
	}
	switch {
	case g.failed != nil:
		return 0, g.failed
	case len(g.ahead) > 0:
		return 0, errOutOfTurn
	}
	const handshake = 22 // the content type of a TLS record (RFC 8446, 5.1)
	switch {
	case g.step == AtGreeting:
		g.step = AtHello
	case g.secured:
	case bytes.HasPrefix(p, []byte("STARTTLS")):
		g.step = AtTLS
	case p[0] == handshake:
		g.secured = true
	}
	g.heard = 0
	if err := g.Conn.SetDeadline(time.Now().Add(g.limits.of(g.step))); err != nil {
		return 0, err
	}
	return g.Conn.Write(p)
}

// secure notes that the relay's certificate has been accepted; it is a tls.Config's VerifyConnection.
func (g *guard) secure(tls.ConnectionState) error {
	g.step = AtHello
	return nil
}

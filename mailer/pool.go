package mailer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Lane is how urgent a use of a connection is.
type Lane int

// The lanes. A quarter of each relay's connections, one at least where there are two, is kept free of Bulk; and
// whoever waits in Urgent is served before anybody in Bulk.
const (
	Bulk Lane = iota
	Urgent
)

// Options are what the pool needs to know besides the relays. A zero field means the default.
type Options struct {
	Hello    string         // the name we greet with, a domain name of the organisation; needed. Never the machine's
	RootCAs  *x509.CertPool // who may vouch for a relay; nil means the machine's own list
	Timeouts Timeouts
	Messages int           // after so many a connection is closed in good order; default 500
	Age      time.Duration // after so long too; default 10 min
	Idle     time.Duration // and when nobody has used it for so long; default 30 s
	Tick     time.Duration // between calls of Window.Waiting; default 15 s
	// Backoff is the pause after a relay could not be used; it doubles with each failure up to MaxBackoff.
	// Defaults 1 s and 30 s.
	Backoff, MaxBackoff time.Duration
	// AuthBackoff is the pause after a relay refused our password; default 1 min, so that no account is locked.
	AuthBackoff time.Duration
}

func (o *Options) setDefaults() error {
	if !isDomain(o.Hello) {
		return errors.New("the name to greet relays with must be a domain name")
	}
	o.Timeouts.setDefaults()
	if o.Messages <= 0 {
		o.Messages = 500
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.Age, 10 * time.Minute}, {&o.Idle, 30 * time.Second}, {&o.Tick, 15 * time.Second},
		{&o.Backoff, time.Second}, {&o.MaxBackoff, 30 * time.Second}, {&o.AuthBackoff, time.Minute},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return nil
}

// ErrRelayDown says that no relay can be used at present; the error is a *DownError.
var ErrRelayDown = errors.New("no relay can be used at present")

// ErrClosed says that the pool was closed.
var ErrClosed = errors.New("the connection pool is closed")

// DownError is ErrRelayDown with when to try again, and why.
type DownError struct {
	After  time.Duration // from now; before that, every Take would fail in the same way
	Causes []*RelayError // the last failure of each relay
}

// Error names each relay's failure.
func (e *DownError) Error() string {
	parts := make([]string, len(e.Causes))
	for i, c := range e.Causes {
		parts[i] = c.Error()
	}
	return fmt.Sprintf("%v: %s", ErrRelayDown, strings.Join(parts, "; "))
}

// Is reports whether target is ErrRelayDown.
func (e *DownError) Is(target error) bool { return target == ErrRelayDown }

// Pool holds connections to the relays. Its methods are safe for concurrent use.
//
// It makes connections on goroutines of its own, so that nobody who waits is held up by one relay that does not answer:
// whichever connection is free first serves whoever waits longest. A relay that was never reached, or has just failed, is
// tried with one connection at a time, after a pause that grows.
type Pool struct {
	options Options
	dialing context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	relays  []*relay
	waiting [2][]*waiter // by lane, first come first served
	clock   float64      // the pass of the relay that served last
	live    map[*Conn]struct{}
	closed  bool
}

// waiter is somebody in Take. The channel holds one answer.
type waiter struct {
	lane   Lane
	answer chan taken
}

type taken struct {
	conn *Conn
	err  error
}

// NewPool makes a pool. Nothing is dialled before the first Take.
func NewPool(relays []Relay, o Options) (*Pool, error) {
	if err := o.setDefaults(); err != nil {
		return nil, err
	}
	if len(relays) == 0 {
		return nil, errors.New("a pool needs a relay")
	}
	p := &Pool{options: o, live: map[*Conn]struct{}{}}
	p.dialing, p.stop = context.WithCancel(context.Background())
	for _, r := range relays {
		r.Weight, r.Conns = max(r.Weight, 1), max(r.Conns, 1)
		p.relays = append(p.relays, &relay{Relay: r})
	}
	return p, nil
}

// Take lends a live connection for exclusive use until Put. The errors are ErrRelayDown (a *DownError), ErrClosed, and
// that of ctx: no connection became free.
func (p *Pool) Take(ctx context.Context, lane Lane) (*Conn, error) {
	for {
		w := &waiter{lane: lane, answer: make(chan taken, 1)}
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		p.waiting[lane] = append(p.waiting[lane], w)
		p.serve()
		p.mu.Unlock()
		select {
		case t := <-w.answer:
			if t.err != nil {
				return nil, t.err
			}
			if t.conn.fresh() {
				return t.conn, nil
			}
			t.conn.breakOff(&RelayError{Relay: t.conn.relay.Name, Step: AtMail, Err: ErrLost})
			p.Put(t.conn)
		case <-ctx.Done():
			p.leave(w)
			return nil, fmt.Errorf("waiting for a connection: %w", ctx.Err())
		}
	}
}

// leave takes w out of the line. What it was given meanwhile goes back.
func (p *Pool) leave(w *waiter) {
	p.mu.Lock()
	line := p.waiting[w.lane]
	for i := range line {
		if line[i] == w {
			p.waiting[w.lane] = append(line[:i:i], line[i+1:]...)
		}
	}
	p.mu.Unlock()
	select {
	case t := <-w.answer:
		if t.conn != nil {
			p.Put(t.conn)
		}
	default:
	}
}

// Put takes a connection back, in whatever state it is. It must not be used afterwards.
func (p *Pool) Put(c *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := c.relay
	r.returned(c)
	now := time.Now()
	switch {
	case p.closed:
		p.discard(c)
		return
	case c.broken != nil && (c.broken.refusesUs() || c.settled == 0 && !c.rested && c.broken.isTheirs()):
		p.fail(r, c.broken) // it has taken us nowhere: as good as a failed dial. But relays may close what is idle
	case c.settled > 0:
		r.failures = 0
	}
	if c.broken != nil || r.stopped || c.messages >= p.options.Messages || now.Sub(c.born) >= p.options.Age {
		p.discard(c)
	} else {
		p.rest(c, now)
	}
	p.serve()
}

// Deliver sends one message, as a sign-in link is sent: it takes a connection, sends and gives it back. The error says that
// no connection could be had; all else is in the verdict.
func (p *Pool) Deliver(ctx context.Context, lane Lane, e Envelope) (Verdict, error) {
	c, err := p.Take(ctx, lane)
	if err != nil {
		return Verdict{Outcome: Unsent, Err: err}, err
	}
	defer p.Put(c)
	var verdict Verdict
	c.Send(ctx, Window{ // its error is in the verdict
		Envelopes: []Envelope{e},
		Gate:      func(int) bool { return true },
		Done:      func(_ int, v Verdict) { verdict = v },
	})
	return verdict, nil
}

// Close ends every connection at once, those on loan too: what waits there for a reply after its final dot becomes Unknown.
// To end in good order, cancel the contexts of Send first and close when the time for waiting is over. It returns when
// all goroutines of the pool have ended, and may be called twice.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	p.stop()
	for c := range p.live {
		c.raw.Conn.Close() // not c itself: it may be in use
	}
	for _, r := range p.relays {
		if r.wake != nil {
			r.wake.Stop()
		}
		for _, c := range r.idle {
			c.expiry.Stop()
		}
		r.idle = nil
	}
	p.dismiss(ErrClosed)
	p.mu.Unlock()
	p.running.Wait()
}

// RelayStatus is how a relay does, for health pages and metrics.
type RelayStatus struct {
	Relay               string
	Idle, Lent, Dialing int
	Messages            int64         // that the relay answered for, or left unknown
	Down                bool          // in a pause after a failure, with no connection left
	RefusesUs           bool          // it refuses our password, and nothing is sent to it until it takes us again
	After               time.Duration // until the pause ends
	Cause               *RelayError   // the last failure since a message went through; nil where there was none
}

// Status says how each relay does, in the order of NewPool.
func (p *Pool) Status() []RelayStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	all := make([]RelayStatus, len(p.relays))
	for i, r := range p.relays {
		all[i] = RelayStatus{Relay: r.Name, Idle: len(r.idle), Lent: r.lent[Bulk] + r.lent[Urgent], Dialing: r.dialing,
			Messages: r.messages, Down: r.down(now), RefusesUs: r.stopped, After: max(0, r.retryAt.Sub(now))}
		if r.failures > 0 || r.stopped {
			all[i].Cause = r.cause
		}
	}
	return all
}

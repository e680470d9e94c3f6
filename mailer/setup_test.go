package mailer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

func startSink(t testing.TB, o smtpsink.Options) *smtpsink.Sink {
	t.Helper()
	s, err := smtpsink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// relayTo is the relay at an address, without TLS.
func relayTo(addr string) Relay {
	host, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return Relay{Name: addr, Host: host, Port: n, Security: Insecure, Weight: 1, Conns: 4}
}

// quick are time limits for tests: minutes shrunk to what a loaded machine needs to do nothing wrong.
func quick() Options {
	const limit = time.Second
	return Options{
		Hello: "mail.refnet.example",
		Timeouts: Timeouts{Connect: time.Second, Greeting: limit, Command: limit, Mail: limit, Rcpt: limit, Data: limit,
			Body: limit, Dot: limit, Quit: limit},
		Tick: 400 * time.Millisecond, Backoff: 20 * time.Millisecond, MaxBackoff: 80 * time.Millisecond,
		AuthBackoff: 2 * time.Second,
	}
}

// patient are time limits that no test reaches.
func patient() Options {
	o := quick()
	o.Timeouts, o.Tick = Timeouts{}, 0
	return o
}

func startPool(t testing.TB, o Options, relays ...Relay) *Pool {
	t.Helper()
	p, err := NewPool(relays, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func take(t testing.TB, p *Pool) *Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := p.Take(ctx, Bulk)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// connect starts a sink and a pool and takes a connection.
func connect(t testing.TB, sink smtpsink.Options, o Options) (*smtpsink.Sink, *Pool, *Conn) {
	t.Helper()
	s := startSink(t, sink)
	p := startPool(t, o, relayTo(s.Addr()))
	return s, p, take(t, p)
}

func recipient(i int) string { return fmt.Sprintf("m%d@members.example", i) }

func text(i int) string {
	return fmt.Sprintf("From: <a@refnet.example>\r\nTo: <%s>\r\nMessage-ID: <%d@refnet.example>\r\n\r\nHello %d\r\n", recipient(i), i, i)
}

// plain is a message that is ready.
func plain(message string) func(dst []byte) ([]byte, Hash, error) {
	return func(dst []byte) ([]byte, Hash, error) { return append(dst, message...), hashOf(message), nil }
}

func hashOf(message string) Hash { return sha256.Sum256([]byte(message)) }

// envelopes are n messages, to recipient(0) and so on.
func envelopes(n int) []Envelope {
	all := make([]Envelope, n)
	for i := range all {
		all[i] = Envelope{Sender: fmt.Sprintf("b+%d@bounce.example", i), Recipient: recipient(i),
			Message: plain(text(i))}
	}
	return all
}

// sent is what Send said.
type sent struct {
	verdicts []Verdict // by envelope
	calls    []int     // how often Done was called
	order    []int
	err      error
}

// outcomes is the list of outcomes with step and code, as "accepted/dot/250 later/rcpt/451 unsent".
func (s sent) outcomes() string {
	parts := make([]string, len(s.verdicts))
	for i, v := range s.verdicts {
		parts[i] = string(v.Outcome)
		if v.Step != "" {
			parts[i] += "/" + string(v.Step)
		}
		if v.Code != 0 {
			parts[i] += "/" + strconv.Itoa(v.Code)
		}
	}
	return strings.Join(parts, " ")
}

// send sends a window with an open gate, unless w has one, and checks that each message has one verdict.
func send(t testing.TB, ctx context.Context, c *Conn, w Window) sent {
	t.Helper()
	s := sent{verdicts: make([]Verdict, len(w.Envelopes)), calls: make([]int, len(w.Envelopes))}
	if w.Gate == nil {
		w.Gate = func(int) bool { return true }
	}
	done := w.Done
	w.Done = func(i int, v Verdict) {
		s.verdicts[i] = v
		s.calls[i]++
		s.order = append(s.order, i)
		if done != nil {
			done(i, v)
		}
	}
	s.err = c.Send(ctx, w)
	for i, n := range s.calls {
		if n != 1 {
			t.Errorf("message %d has %d verdicts", i, n)
		}
	}
	if (s.err == nil) != c.Alive() {
		t.Errorf("Send = %v, and Alive = %v", s.err, c.Alive())
	}
	return s
}

func sendN(t testing.TB, c *Conn, n int) sent {
	t.Helper()
	return send(t, context.Background(), c, Window{Envelopes: envelopes(n)})
}

// received returns the recipients of what a sink has kept, in order.
func received(s *smtpsink.Sink) string {
	var all []string
	for _, m := range s.Messages() {
		all = append(all, strings.TrimSuffix(strings.Join(m.Recipients, "+"), "@members.example"))
	}
	return strings.Join(all, " ")
}

// to is a fault for one recipient at a step.
func to(i int, step smtpsink.Step, a smtpsink.Action) func(smtpsink.Event) smtpsink.Action {
	return func(e smtpsink.Event) smtpsink.Action {
		if e.Step == step && (e.Recipient == recipient(i) || step == smtpsink.Mail && e.Message == i+1) {
			return a
		}
		return smtpsink.Action{}
	}
}

var errTest = errors.New("a failure of the test")

// bothWays runs a test with and without PIPELINING.
func bothWays(t *testing.T, test func(t *testing.T, extensions []string)) {
	t.Helper()
	for name, extensions := range map[string][]string{"pipelined": nil, "one by one": {"8BITMIME", "SMTPUTF8"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, extensions)
		})
	}
}

package mailer

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

// until waits for a state that no event announces.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// deadAddr is an address of this machine where nobody listens.
func deadAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestM1_RelayRefusesConnections(t *testing.T) {
	t.Parallel()
	addr := deadAddr(t)
	p := startPool(t, quick(), relayTo(addr))
	_, err := p.Take(within(t), Bulk)
	var down *DownError
	if !errors.Is(err, ErrRelayDown) || !errors.As(err, &down) || down.After <= 0 || down.After > quick().MaxBackoff {
		t.Fatalf("Take = %v", err)
	}
	if cause := down.Causes[0]; cause.Step != AtConnect || cause.Relay != addr {
		t.Errorf("cause %+v", cause)
	}
	if s := p.Status()[0]; !s.Down || s.Cause == nil || s.After <= 0 {
		t.Errorf("status %+v", s)
	}
	// During the pause nothing is dialled: a hundred takes fail at once.
	for range 100 {
		if _, err := p.Take(within(t), Urgent); !errors.Is(err, ErrRelayDown) {
			t.Fatalf("Take = %v", err)
		}
	}
	// The relay comes back, and is used after the pause.
	startSink(t, smtpsink.Options{Addr: addr})
	until(t, "the relay is used again", func() bool {
		c, err := p.Take(within(t), Bulk)
		if err == nil {
			err = sendN(t, c, 1).err
			p.Put(c)
		}
		return err == nil
	})
	if s := p.Status()[0]; s.Down || s.Cause != nil || s.Messages != 1 {
		t.Errorf("status %+v", s)
	}
}

func TestM1_BackoffGrowsAndIsBounded(t *testing.T) {
	t.Parallel()
	p := startPool(t, quick(), relayTo(deadAddr(t)))
	var pauses []time.Duration
	until(t, "five failures", func() bool {
		_, err := p.Take(within(t), Bulk)
		var down *DownError
		if !errors.As(err, &down) {
			t.Fatal(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if n := p.relays[0].failures; n > len(pauses) {
			pauses = append(pauses, down.After)
		}
		return len(pauses) >= 5
	})
	for i, pause := range pauses {
		if limit := min(quick().Backoff<<i, quick().MaxBackoff); pause > limit {
			t.Errorf("pause %d is %v, more than %v", i, pause, limit)
		}
	}
}

func TestM2_SaysNothingForEver(t *testing.T) {
	t.Parallel()
	silent := startSink(t, smtpsink.Options{Fault: smtpsink.At(smtpsink.Connect, smtpsink.Action{Hang: true})})
	good := startSink(t, smtpsink.Options{})
	o := patient() // the greeting may take five minutes
	p := startPool(t, o, relayTo(silent.Addr()), relayTo(good.Addr()))
	for range 10 { // others go on
		c := take(t, p)
		if got := sendN(t, c, 1); got.err != nil || c.Relay() != good.Addr() {
			t.Fatalf("%s by %s", got.outcomes(), c.Relay())
		}
		p.Put(c)
	}
	until(t, "the silent relay is dialled", func() bool { ever, _ := silent.Connections(); return ever > 0 })
	if ever, _ := silent.Connections(); ever != 1 {
		t.Errorf("%d connections wait for the silent relay, want 1", ever)
	}
	// Alone, the relay fails when the greeting's time is up.
	p = startPool(t, quick(), relayTo(silent.Addr()))
	var down *DownError
	if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Step != AtGreeting || !errors.Is(down.Causes[0], ErrTimeout) {
		t.Errorf("Take = %v", err)
	}
}

func TestM3_HangsWhileAConnectionIsMade(t *testing.T) {
	t.Parallel()
	for step, want := range map[smtpsink.Step]Step{smtpsink.Connect: AtGreeting, smtpsink.Hello: AtHello} {
		s := startSink(t, smtpsink.Options{Fault: smtpsink.At(step, smtpsink.Action{Hang: true})})
		p := startPool(t, quick(), relayTo(s.Addr()))
		var down *DownError
		if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Step != want || !errors.Is(down.Causes[0], ErrTimeout) {
			t.Errorf("%s: Take = %v", step, err)
		}
		if _, open := s.Connections(); open > 1 {
			t.Errorf("%d connections are open", open)
		}
	}
}

func TestM2_OneConnectionAtATimeWaitsForASilentRelay(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{Fault: smtpsink.At(smtpsink.Connect, smtpsink.Action{Hang: true})})
	p := startPool(t, patient(), relayTo(s.Addr()))
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := p.Take(ctx, Urgent); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Take = %v", err)
			}
		})
	}
	all.Wait()
	if ever, _ := s.Connections(); ever != 1 {
		t.Errorf("%d connections, want 1", ever)
	}
}

func TestAfterATimeoutNothingMoreIsSaid(t *testing.T) {
	t.Parallel()
	release, ended := make(chan struct{}), make(chan string, 9)
	s := startSink(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Hello {
			ended <- e.Line
			return smtpsink.Action{Until: release}
		}
		return smtpsink.Action{}
	}})
	p := startPool(t, quick(), relayTo(s.Addr()))
	if _, err := p.Take(within(t), Bulk); !errors.Is(err, ErrRelayDown) {
		t.Fatalf("Take = %v", err)
	}
	close(release)
	until(t, "the sink has read all", func() bool { _, open := s.Connections(); return open == 0 })
	if len(ended) != 1 {
		t.Errorf("said %s and %s", <-ended, <-ended)
	}
}

func TestM5_421AtConnect(t *testing.T) {
	t.Parallel()
	var busy atomic.Bool
	busy.Store(true)
	s := startSink(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if busy.Load() && e.Step == smtpsink.Connect {
			return smtpsink.Action{Reply: "421 4.3.2 too many connections, ana@members.example", Cut: true}
		}
		return smtpsink.Action{}
	}})
	p := startPool(t, quick(), relayTo(s.Addr()))
	var down *DownError
	if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Code != 421 || strings.Contains(err.Error(), "ana@") {
		t.Fatalf("Take = %v", err)
	}
	busy.Store(false)
	until(t, "the relay is used again", func() bool { _, err := p.Take(within(t), Bulk); return err == nil })
	// With a connection in use, a relay that wants no more is waited for and not given up.
	busy.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), 5*quick().MaxBackoff)
	defer cancel()
	if _, err := p.Take(ctx, Bulk); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Take = %v, want to wait for the one connection", err)
	}
}

func TestM6_ARelayThatLeadsNowhereIsPaused(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{Fault: smtpsink.At(smtpsink.Mail, smtpsink.Action{Cut: true})})
	o := quick()
	o.Backoff, o.MaxBackoff = time.Minute, time.Minute
	p := startPool(t, o, relayTo(s.Addr()))
	c := take(t, p)
	if got := sendN(t, c, 3); got.outcomes() != "unsent unsent unsent" {
		t.Error(got.outcomes())
	}
	p.Put(c)
	if _, err := p.Take(within(t), Bulk); !errors.Is(err, ErrRelayDown) {
		t.Errorf("Take = %v", err)
	}
}

func TestG5_AProviderThatWantsLessIsNoFaultOfTheRelay(t *testing.T) {
	t.Parallel()
	for reply, pauses := range map[string]bool{"421 4.7.28 too much for this provider": false, "421 4.3.2 shutting down": true} {
		s := startSink(t, smtpsink.Options{Fault: smtpsink.At(smtpsink.Rcpt, smtpsink.Action{Reply: reply, Cut: true})})
		o := quick()
		o.Backoff, o.MaxBackoff = time.Minute, time.Minute // a pause would show
		p := startPool(t, o, relayTo(s.Addr()))
		c := take(t, p)
		if got := sendN(t, c, 2); got.outcomes() != "later/rcpt/421 unsent" {
			t.Errorf("%s: %s", reply, got.outcomes())
		}
		p.Put(c)
		c, err := p.Take(within(t), Bulk)
		if errors.Is(err, ErrRelayDown) != pauses {
			t.Errorf("%s: Take = %v, want a pause: %t", reply, err, pauses)
		}
		if err == nil {
			p.Put(c)
		}
	}
}

func TestM14_ClosesAfterEachMessage(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]smtpsink.Action{
		"421": {Reply: "421 4.7.0 enough on this connection", Cut: true}, "cut": {Cut: true},
	} {
		s := startSink(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
			if e.Step == smtpsink.Mail && e.Message > 1 {
				return fault
			}
			return smtpsink.Action{}
		}})
		o := quick()
		o.Backoff, o.MaxBackoff = time.Minute, time.Minute // a pause would show
		p := startPool(t, o, relayTo(s.Addr()))
		left := envelopes(8)
		for len(left) > 0 {
			c := take(t, p)
			got := send(t, context.Background(), c, Window{Envelopes: left})
			p.Put(c)
			if got.verdicts[0].Outcome != Accepted {
				t.Fatalf("%s: %s", name, got.outcomes())
			}
			left = left[1:]
		}
		if received(s) != "m0 m1 m2 m3 m4 m5 m6 m7" {
			t.Errorf("%s: received %s", name, received(s))
		}
	}
}

func TestM22_SharesByWeightAndOneDies(t *testing.T) {
	t.Parallel()
	one, two := startSink(t, smtpsink.Options{Discard: true}), startSink(t, smtpsink.Options{Discard: true})
	first, second := relayTo(one.Addr()), relayTo(two.Addr())
	first.Weight, second.Weight = 3, 1
	p := startPool(t, quick(), first, second)
	use := func() {
		c := take(t, p)
		sendN(t, c, 5)
		p.Put(c)
	}
	until(t, "both relays are connected", func() bool {
		use()
		return p.Status()[0].Idle > 0 && p.Status()[1].Idle > 0
	})
	before := [2]int{one.Count(), two.Count()}
	for range 100 {
		use()
	}
	a, b := one.Count()-before[0], two.Count()-before[1]
	if a+b != 500 || a < 2*b || a > 5*b {
		t.Errorf("shares %d and %d, want about 3 to 1", a, b)
	}
	one.Close()
	n := two.Count()
	for range 20 {
		c := take(t, p)
		sendN(t, c, 5)
		p.Put(c)
	}
	if two.Count()-n < 85 { // but for what was lent of the dead one's idle connections
		t.Errorf("the other relay took %d of 100", two.Count()-n)
	}
	if s := p.Status(); s[1].Down {
		t.Errorf("status %+v", s)
	}
}

func TestShareIsWhatWasUsed(t *testing.T) {
	t.Parallel()
	r := relayTo(startSink(t, smtpsink.Options{}).Addr())
	r.Weight = 2
	p := startPool(t, patient(), r)
	for _, n := range []int{5, 1, 12} { // no guess of the next from the last is right
		c := take(t, p)
		sendN(t, c, n)
		p.Put(c)
	}
	if got := p.relays[0].pass; got != 9 {
		t.Errorf("18 messages at weight 2 moved the turn by %v, want 9", got)
	}
}

func TestM23_TheNameOfTheRelayDoesNotResolve(t *testing.T) {
	t.Parallel()
	r := Relay{Name: "relay.invalid:25", Host: "relay.invalid", Port: 25, Security: Insecure, Weight: 1, Conns: 2}
	p := startPool(t, quick(), r)
	var down *DownError
	if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Step != AtConnect {
		t.Errorf("Take = %v", err)
	}
}

func TestLanes(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{})
	p := startPool(t, patient(), relayTo(s.Addr())) // four connections, one kept free of Bulk
	held := []*Conn{take(t, p), take(t, p), take(t, p)}
	type result struct {
		lane Lane
		conn *Conn
	}
	results := make(chan result)
	wait := func(lane Lane) {
		go func() {
			c, err := p.Take(within(t), lane)
			if err != nil {
				t.Error(err)
			}
			results <- result{lane, c}
		}()
	}
	waiting := func(lane Lane, n int) {
		until(t, "somebody waits", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.waiting[lane]) == n
		})
	}
	wait(Bulk)
	waiting(Bulk, 1)
	wait(Urgent)
	if r := <-results; r.lane != Urgent {
		t.Fatal("the reserved connection went to Bulk")
	} else {
		held = append(held, r.conn)
	}
	wait(Urgent)
	waiting(Urgent, 1)
	p.Put(held[0])
	if r := <-results; r.lane != Urgent {
		t.Fatal("Bulk was served before Urgent")
	} else {
		held[0] = r.conn
	}
	p.Put(held[3])
	p.Put(held[0])
	if r := <-results; r.lane != Bulk {
		t.Error("nobody was served")
	}
	if ever, _ := s.Connections(); ever != 4 {
		t.Errorf("%d connections, want 4", ever)
	}
}

func TestTakeGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{})
	r := relayTo(s.Addr())
	r.Conns = 1
	p := startPool(t, patient(), r)
	held := take(t, p)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
			defer cancel()
			if c, err := p.Take(ctx, Bulk); err == nil {
				p.Put(c)
			} else if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
	time.AfterFunc(5*time.Millisecond, func() { p.Put(held) }) // in the middle of it: what comes too late goes back
	all.Wait()
	p.Put(take(t, p))
	if ever, open := s.Connections(); ever != 1 || open != 1 {
		t.Errorf("%d connections, %d open", ever, open)
	}
}

func TestWhatComesTooLateGoesBack(t *testing.T) {
	t.Parallel()
	_, p, c := connect(t, smtpsink.Options{}, patient())
	w := &waiter{answer: make(chan taken, 1)}
	w.answer <- taken{conn: c}
	p.leave(w)
	if s := p.Status()[0]; s.Idle != 1 || s.Lent != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestWhoWaitsIsServedWhenThePauseOfARelayEnds(t *testing.T) {
	t.Parallel()
	addr := deadAddr(t)
	busy := relayTo(startSink(t, smtpsink.Options{}).Addr())
	busy.Conns = 1
	o := patient()
	o.Backoff = 200 * time.Millisecond
	p := startPool(t, o, relayTo(addr), busy)
	take(t, p) // the only connection of the one relay
	until(t, "the other is paused", func() bool { return p.Status()[0].Cause != nil })
	startSink(t, smtpsink.Options{Addr: addr})
	if c := take(t, p); c.Relay() != addr {
		t.Errorf("served by %s", c.Relay())
	}
}

func TestConnectionsAreRecycled(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*Options){
		"messages": func(o *Options) { o.Messages = 2 },
		"age":      func(o *Options) { o.Age = 1 },
		"idle":     func(o *Options) { o.Idle = 1 },
	} {
		quits := make(chan struct{}, 9)
		o := patient()
		o.Age, o.Idle = time.Hour, time.Hour
		set(&o)
		s, p, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
			if e.Step == smtpsink.Quit {
				quits <- struct{}{}
			}
			return smtpsink.Action{}
		}}, o)
		sendN(t, c, 2)
		p.Put(c)
		<-quits
		until(t, name+": the connection is closed", func() bool { _, open := s.Connections(); return open == 0 })
		if again := take(t, p); again == c {
			t.Errorf("%s: the connection is used again", name)
		}
	}
}

func TestAConnectionThatHasQuitFreesItsPlace(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{})
	r := relayTo(s.Addr())
	r.Conns = 1
	o := patient()
	o.Messages = 1
	p := startPool(t, o, r)
	for range 5 {
		c := take(t, p)
		sendN(t, c, 1)
		p.Put(c)
	}
	if ever, _ := s.Connections(); ever != 5 || s.Count() != 5 {
		t.Errorf("%d messages on %d connections", s.Count(), ever)
	}
}

func TestARelayThatClosesIdleConnectionsIsNotDown(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"", "421 4.4.2 idle for too long"} {
		release := make(chan struct{})
		s, p, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
			if e.Step == smtpsink.Noop && e.Connection == 1 {
				return smtpsink.Action{Until: release, Reply: words, Cut: true}
			}
			return smtpsink.Action{}
		}}, patient())
		c.out.WriteString("NOOP\r\n") // so that the sink can speak of its own accord
		c.out.Flush()
		p.Put(c)
		close(release)
		until(t, "the relay has closed", func() bool { _, open := s.Connections(); return open == 0 })
		p.mu.Lock()
		c.idleSince = c.idleSince.Add(-time.Minute)
		p.mu.Unlock()
		if again := take(t, p); again == c || sendN(t, again, 1).err != nil {
			t.Errorf("after %q: a dead connection was lent", words)
		}
		if st := p.Status()[0]; st.Cause != nil {
			t.Errorf("counted as a failure: %+v", st)
		}
	}
}

func TestCloseLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{})
	hanging := startSink(t, smtpsink.Options{Fault: smtpsink.At(smtpsink.Hello, smtpsink.Action{Hang: true})})
	p := startPool(t, patient(), relayTo(s.Addr()), relayTo(hanging.Addr()))
	held, idle := take(t, p), take(t, p)
	p.Put(idle)
	until(t, "the hanging relay is dialled", func() bool { _, open := hanging.Connections(); return open == 1 })
	p.Close()
	p.Close()
	p.Put(held)
	until(t, "all are closed", func() bool { _, open := s.Connections(); return open == 0 })
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{})
	p := startPool(t, patient(), relayTo(s.Addr()))
	if v, err := p.Deliver(within(t), Urgent, envelopes(1)[0]); err != nil || v.Outcome != Accepted || received(s) != "m0" {
		t.Errorf("%+v, %v", v, err)
	}
	p.Close()
	if v, err := p.Deliver(within(t), Urgent, envelopes(1)[0]); !errors.Is(err, ErrClosed) || v.Outcome != Unsent {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestPoolNeedsANameToGreetWith(t *testing.T) {
	t.Parallel()
	for _, hello := range []string{"", "a b", "a\r\nMAIL", "-x.example"} {
		if _, err := NewPool([]Relay{{}}, Options{Hello: hello}); err == nil {
			t.Errorf("NewPool with %q = nil error", hello)
		}
	}
	if _, err := NewPool(nil, quick()); err == nil {
		t.Error("NewPool without a relay = nil error")
	}
}

func TestW11_GreetsWithTheGivenName(t *testing.T) {
	t.Parallel()
	hello := make(chan string, 1)
	connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Hello {
			hello <- e.Line
		}
		return smtpsink.Action{}
	}}, patient())
	if line := <-hello; line != "EHLO mail.refnet.example" {
		t.Errorf("said %q", line)
	}
}

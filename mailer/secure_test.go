package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

// watcher notes the steps that a sink sees.
type watcher struct {
	mu    sync.Mutex
	steps []smtpsink.Step
}

func (w *watcher) fault(then func(smtpsink.Event) smtpsink.Action) func(smtpsink.Event) smtpsink.Action {
	return func(e smtpsink.Event) smtpsink.Action {
		w.mu.Lock()
		w.steps = append(w.steps, e.Step)
		w.mu.Unlock()
		if then == nil {
			return smtpsink.Action{}
		}
		return then(e)
	}
}

func (w *watcher) saw(step smtpsink.Step) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.steps, step)
}

// secured starts a sink with TLS and AUTH, and a pool with one relay to it that trusts its certificate.
func secured(t testing.TB, security Security, sink smtpsink.Options, host string, valid time.Duration, o Options) (*smtpsink.Sink, *Pool) {
	t.Helper()
	certificate, trust, err := smtpsink.Certificate(host, time.Now().Add(valid))
	if err != nil {
		t.Fatal(err)
	}
	if sink.TLS == nil {
		sink.TLS = &tls.Config{}
	}
	sink.TLS.Certificates = []tls.Certificate{certificate}
	sink.User, sink.Password, sink.Implicit = "us er", "p@ss", security == TLS
	s := startSink(t, sink)
	if o.RootCAs == nil {
		o.RootCAs = trust
	}
	r := relayTo(s.Addr())
	r.Security, r.User, r.Password = security, sink.User, "p@ss"
	return s, startPool(t, o, r)
}

func TestSendsOverTLS(t *testing.T) {
	t.Parallel()
	for _, security := range []Security{StartTLS, TLS} {
		clear := make(chan smtpsink.Step, 1000)
		s, p := secured(t, security, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
			if e.Step == smtpsink.Auth || e.Step == smtpsink.Mail {
				if !e.TLS {
					clear <- e.Step
				}
			}
			return smtpsink.Action{}
		}}, "127.0.0.1", time.Hour, patient())
		c := take(t, p)
		all := envelopes(20)
		large := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 1000) // several records
		all[3].Message = plain(large)
		if got := send(t, context.Background(), c, Window{Envelopes: all}); got.err != nil || s.Count() != 20 || string(s.Messages()[3].Data) != large {
			t.Errorf("%s, %v", got.outcomes(), got.err)
		}
		p.Put(c)
		if len(clear) > 0 {
			t.Errorf("%s was said in clear", <-clear)
		}
	}
}

func TestTLSWaitsAreTakenUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	o := patient()
	o.Tick = 10 * time.Millisecond
	_, p := secured(t, StartTLS, smtpsink.Options{Fault: smtpsink.At(smtpsink.Kept, smtpsink.Action{Until: release})}, "127.0.0.1", time.Hour, o)
	ticks := 0
	got := send(t, context.Background(), take(t, p), Window{Envelopes: envelopes(1), Waiting: func(int) {
		if ticks++; ticks == 3 {
			close(release)
		}
	}})
	if got.outcomes() != "accepted/dot/250" {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
}

func TestW14_M18_NothingIsSaidWithoutTrust(t *testing.T) {
	t.Parallel()
	_, other, err := smtpsink.Certificate("127.0.0.1", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	strangers := quick()
	strangers.RootCAs = other
	for _, tt := range []struct {
		name  string
		sink  smtpsink.Options
		fault func(smtpsink.Event) smtpsink.Action
		host  string
		valid time.Duration
		o     Options
	}{
		{name: "expired", host: "127.0.0.1", valid: -time.Hour, o: quick()},
		{name: "wrong name", host: "relay.example", valid: time.Hour, o: quick()},
		{name: "self-signed", host: "127.0.0.1", valid: time.Hour, o: strangers},
		{name: "TLS 1.0 only", host: "127.0.0.1", valid: time.Hour, o: quick(),
			sink: smtpsink.Options{TLS: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}}},
	} {
		for _, security := range []Security{StartTLS, TLS} {
			var seen watcher
			tt.sink.Fault = seen.fault(tt.fault)
			_, p := secured(t, security, tt.sink, tt.host, tt.valid, tt.o)
			var down *DownError
			if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Step != AtTLS {
				t.Errorf("%s: Take = %v", tt.name, err)
			}
			for _, step := range []smtpsink.Step{smtpsink.Auth, smtpsink.Mail, smtpsink.Rcpt, smtpsink.Data} {
				if seen.saw(step) {
					t.Errorf("%s: %s was said", tt.name, step)
				}
			}
		}
	}
}

func TestW14_M18_StartTLSFails(t *testing.T) {
	t.Parallel()
	strip := func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Hello {
			return smtpsink.Action{Reply: "250-sink.example\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"}
		}
		return smtpsink.Action{}
	}
	for _, tt := range []struct {
		name  string
		fault func(smtpsink.Event) smtpsink.Action
		step  Step
	}{
		{"stripped", strip, AtHello},
		{"454", smtpsink.At(smtpsink.StartTLS, smtpsink.Action{Reply: "454 4.7.0 not now"}), AtTLS},
		{"cut", smtpsink.At(smtpsink.StartTLS, smtpsink.Action{Cut: true}), AtTLS},
		{"hangs before the reply", smtpsink.At(smtpsink.StartTLS, smtpsink.Action{Hang: true}), AtTLS},
		{"hangs in the handshake", smtpsink.At(smtpsink.Handshake, smtpsink.Action{Hang: true}), AtTLS},
		{"cut in the handshake", smtpsink.At(smtpsink.Handshake, smtpsink.Action{Cut: true}), AtTLS},
		// W15: words slipped in before the handshake are not taken for answers given after it.
		{"injected reply", smtpsink.At(smtpsink.StartTLS, smtpsink.Action{Reply: "220 go\r\n250-sink.example\r\n250 AUTH PLAIN"}), AtTLS},
		{"injected reply to EHLO", smtpsink.At(smtpsink.Hello, smtpsink.Action{Reply: "250-sink.example\r\n250 STARTTLS\r\n220 go"}), AtHello},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen watcher
			s, p := secured(t, StartTLS, smtpsink.Options{Fault: seen.fault(tt.fault)}, "127.0.0.1", time.Hour, quick())
			var down *DownError
			if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Step != tt.step {
				t.Errorf("Take = %v, want a failure at %s", err, tt.step)
			}
			if seen.saw(smtpsink.Auth) || seen.saw(smtpsink.Mail) {
				t.Errorf("said %v", seen.steps)
			}
			if ever, _ := s.Connections(); ever != 1 {
				t.Errorf("%d connections, want one and then a pause", ever)
			}
			if !strings.HasPrefix(tt.name, "hangs") { // a sink that hangs does not see it
				until(t, "the connection is closed", func() bool { _, open := s.Connections(); return open == 0 })
			}
		})
	}
}

func TestM19_WrongPasswordStopsTheRelay(t *testing.T) {
	t.Parallel()
	var changed atomic.Bool
	var tries atomic.Int32
	_, p := secured(t, StartTLS, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Auth {
			tries.Add(1)
			if changed.Load() {
				return smtpsink.Action{Reply: "535 5.7.8 wrong"}
			}
		}
		return smtpsink.Action{}
	}}, "127.0.0.1", time.Hour, quick())
	held, idle := take(t, p), take(t, p)
	p.Put(idle)
	// The password changes in mid-run: the next sign-in fails, and with it nothing is sent any more.
	changed.Store(true)
	idle, another := take(t, p), (*Conn)(nil)
	_, err := p.Take(within(t), Bulk)
	var down *DownError
	if !errors.As(err, &down) || down.Causes[0].Step != AtAuth || down.Causes[0].Code != 535 ||
		down.After > quick().AuthBackoff || down.After < quick().AuthBackoff/2 {
		t.Fatalf("Take = %v", err)
	}
	p.Put(idle)
	p.Put(held)
	before := tries.Load()
	for range 50 {
		if another, err = p.Take(within(t), Urgent); !errors.Is(err, ErrRelayDown) {
			t.Fatalf("Take = %v, %v", another, err)
		}
	}
	if n := tries.Load(); n != before {
		t.Errorf("%d tries during the pause", n-before)
	}
	if s := p.Status()[0]; s.Idle != 0 || !s.Down || s.Cause.Code != 535 {
		t.Errorf("status %+v", s)
	}
	changed.Store(false)
	until(t, "the relay is used again", func() bool { _, err := p.Take(within(t), Bulk); return err == nil })
}

func TestM19_TemporaryAuthFailure(t *testing.T) {
	t.Parallel()
	_, p := secured(t, StartTLS, smtpsink.Options{Fault: smtpsink.At(smtpsink.Auth, smtpsink.Action{Reply: "454 4.7.0 later"})},
		"127.0.0.1", time.Hour, quick())
	var down *DownError
	if _, err := p.Take(within(t), Bulk); !errors.As(err, &down) || down.Causes[0].Code != 454 || down.After > quick().MaxBackoff {
		t.Errorf("Take = %v", err)
	}
}

func TestLoginWhereThereIsNoPlain(t *testing.T) {
	t.Parallel()
	s, p := secured(t, TLS, smtpsink.Options{Fault: smtpsink.At(smtpsink.Hello, smtpsink.Action{
		Reply: "250-sink.example\r\n250-PIPELINING\r\n250 AUTH CRAM-MD5 LOGIN"})}, "127.0.0.1", time.Hour, quick())
	if got := sendN(t, take(t, p), 1); got.err != nil || received(s) != "m0" {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
}

func TestPasswordInClearOnlyOnLoopback(t *testing.T) {
	t.Parallel()
	s := startSink(t, smtpsink.Options{User: "u", Password: "p"})
	r := relayTo(s.Addr())
	r.User, r.Password = "u", "p"
	if got := sendN(t, take(t, startPool(t, quick(), r)), 1); got.err != nil || s.Count() != 1 {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
}

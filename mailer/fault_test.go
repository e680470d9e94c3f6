package mailer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

// faultCase is a window of four messages with a fault at the second one.
type faultCase struct {
	name     string
	step     smtpsink.Step
	action   smtpsink.Action
	outcomes string
	received string
	alive    bool
}

func (tt faultCase) run(t *testing.T, extensions []string) {
	t.Helper()
	s, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: to(1, tt.step, tt.action)}, quick())
	got := sendN(t, c, 4)
	if got.outcomes() != tt.outcomes {
		t.Errorf("outcomes\n%s, want\n%s (%v)", got.outcomes(), tt.outcomes, got.err)
	}
	if r := received(s); r != tt.received {
		t.Errorf("received %q, want %q", r, tt.received)
	}
	if c.Alive() != tt.alive {
		t.Errorf("alive %v, want %v (%v)", c.Alive(), tt.alive, got.err)
	}
	for i, v := range got.verdicts {
		if len(v.Text) > 500 || strings.ContainsAny(v.Text, "\r\n\x00") {
			t.Errorf("message %d has the text %q", i, v.Text)
		}
		if (v.Outcome != Accepted && v.Code == 0) != (v.Err != nil) && v.Err == nil {
			t.Errorf("message %d: %+v has neither code nor error", i, v)
		}
	}
	p.Put(c)
}

func runCases(t *testing.T, cases []faultCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bothWays(t, tt.run)
		})
	}
}

const (
	firstOnly = "accepted/dot/250 %s unsent unsent"
	allButOne = "accepted/dot/250 %s accepted/dot/250 accepted/dot/250"
)

func TestM3_HangsAtEachStep(t *testing.T) {
	t.Parallel()
	hang := smtpsink.Action{Hang: true}
	runCases(t, []faultCase{
		{"mail", smtpsink.Mail, hang, fmt.Sprintf(firstOnly, "unsent"), "m0", false},
		{"rcpt", smtpsink.Rcpt, hang, fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"data", smtpsink.Data, hang, fmt.Sprintf(firstOnly, "later/data"), "m0", false},
		{"body", smtpsink.Body, hang, fmt.Sprintf(firstOnly, "unknown/dot"), "m0", false},
		{"dot", smtpsink.Dot, hang, fmt.Sprintf(firstOnly, "unknown/dot"), "m0", false},
		{"kept", smtpsink.Kept, hang, fmt.Sprintf(firstOnly, "unknown/dot"), "m0 m1", false},
	})
}

func TestM4_M12_OneRecipientIsRefusedOrPutOff(t *testing.T) {
	t.Parallel()
	runCases(t, []faultCase{
		{"greylisted", smtpsink.Rcpt, smtpsink.Action{Reply: "451 4.7.1 come back in 5 minutes"}, fmt.Sprintf(allButOne, "later/rcpt/451"), "m0 m2 m3", true},
		{"full", smtpsink.Rcpt, smtpsink.Action{Reply: "452 4.2.2 full"}, fmt.Sprintf(allButOne, "later/rcpt/452"), "m0 m2 m3", true},
		{"nobody", smtpsink.Rcpt, smtpsink.Action{Reply: "550 5.1.1 nobody here"}, fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"mail refused", smtpsink.Mail, smtpsink.Action{Reply: "550 5.7.1 not you"}, fmt.Sprintf(allButOne, "refused/mail/550"), "m0 m2 m3", true},
		{"mail later", smtpsink.Mail, smtpsink.Action{Reply: "451 4.3.0 not now"}, fmt.Sprintf(allButOne, "later/mail/451"), "m0 m2 m3", true},
		{"data later", smtpsink.Data, smtpsink.Action{Reply: "451 4.3.0 not now"}, fmt.Sprintf(allButOne, "later/data/451"), "m0 m2 m3", true},
		{"data refused", smtpsink.Data, smtpsink.Action{Reply: "554 5.6.0 no"}, fmt.Sprintf(allButOne, "refused/data/554"), "m0 m2 m3", true},
	})
}

func TestM12_EveryRecipientRefusedAndThenOneNot(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		var refuse atomic.Bool
		refuse.Store(true)
		s, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: func(e smtpsink.Event) smtpsink.Action {
			if refuse.Load() && e.Step == smtpsink.Rcpt {
				return smtpsink.Action{Reply: "550 5.1.1 nobody"}
			}
			return smtpsink.Action{}
		}}, patient())
		want := strings.TrimSpace(strings.Repeat("refused/rcpt/550 ", 5))
		if got := sendN(t, c, 5); got.outcomes() != want || got.err != nil || got.verdicts[0].Enhanced != "5.1.1" {
			t.Fatalf("%s, %v", got.outcomes(), got.err)
		}
		refuse.Store(false)
		if p.Put(c); sendN(t, take(t, p), 1).outcomes() != "accepted/dot/250" || received(s) != "m0" {
			t.Error("the transaction left open is not reset")
		}
	})
}

func TestM5_421(t *testing.T) {
	t.Parallel()
	closing := smtpsink.Action{Reply: "421 4.3.2 closing", Cut: true}
	runCases(t, []faultCase{
		{"between messages", smtpsink.Mail, closing, fmt.Sprintf(firstOnly, "later/mail/421"), "m0", false},
		{"rcpt", smtpsink.Rcpt, closing, fmt.Sprintf(firstOnly, "later/rcpt/421"), "m0", false},
		{"data", smtpsink.Data, closing, fmt.Sprintf(firstOnly, "later/data/421"), "m0", false},
		{"dot", smtpsink.Dot, closing, fmt.Sprintf(firstOnly, "later/dot/421"), "m0", false},
	})
}

func TestM6_M7_HangsUp(t *testing.T) {
	t.Parallel()
	cut := smtpsink.Action{Cut: true}
	runCases(t, []faultCase{
		{"mail", smtpsink.Mail, cut, fmt.Sprintf(firstOnly, "unsent"), "m0", false},
		{"rcpt", smtpsink.Rcpt, cut, fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"data", smtpsink.Data, cut, fmt.Sprintf(firstOnly, "later/data"), "m0", false},
		{"dot", smtpsink.Dot, cut, fmt.Sprintf(firstOnly, "unknown/dot"), "m0", false},
		{"kept", smtpsink.Kept, cut, fmt.Sprintf(firstOnly, "unknown/dot"), "m0 m1", false},
	})
}

func TestM8_LateReply(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		release := make(chan struct{})
		o := quick()
		o.Timeouts.Dot, o.Tick = 20*time.Second, time.Minute
		s, _, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: to(1, smtpsink.Kept, smtpsink.Action{Until: release})}, o)
		time.AfterFunc(2*o.Timeouts.Data, func() { close(release) }) // longer than any other step may take
		if got := sendN(t, c, 4); got.err != nil || received(s) != "m0 m1 m2 m3" {
			t.Errorf("%s, %v; received %s", got.outcomes(), got.err, received(s))
		}
	})
}

func TestM9_WhatFailsAfterThe250ChangesNothing(t *testing.T) {
	t.Parallel()
	for _, extensions := range [][]string{nil, {"8BITMIME"}} {
		for name, action := range map[string]smtpsink.Action{
			"cut": {Cut: true}, "refused": {Reply: "554 no"}, "421": {Reply: "421 bye", Cut: true}, "hang": {Hang: true},
		} {
			s, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: func(e smtpsink.Event) smtpsink.Action {
				switch {
				case e.Step == smtpsink.Quit, e.Step == smtpsink.Reset, e.Step == smtpsink.Noop, e.Step == smtpsink.Mail && e.Message == 3:
					return action
				case e.Step == smtpsink.Rcpt && e.Message == 2: // so that RSET comes after it
					return smtpsink.Action{Reply: "550 5.1.1 nobody"}
				}
				return smtpsink.Action{}
			}}, quick())
			got := sendN(t, c, 4)
			if v := got.verdicts; v[0].Outcome != Accepted || v[1].Outcome != Refused || v[2].Outcome == Accepted || v[3].Outcome == Accepted {
				t.Errorf("%s: %s", name, got.outcomes())
			}
			p.Put(c)
			if received(s) != "m0" {
				t.Errorf("%s: received %s", name, received(s))
			}
			p.Close()
		}
	}
}

func TestM10_AnswersAfterTheDot(t *testing.T) {
	t.Parallel()
	reply := func(text string) smtpsink.Action { return smtpsink.Action{Reply: text} }
	runCases(t, []faultCase{
		{"552", smtpsink.Dot, reply("552 5.3.4 too large"), fmt.Sprintf(allButOne, "refused/dot/552"), "m0 m2 m3", true},
		{"554", smtpsink.Dot, reply("554 5.6.0 no"), fmt.Sprintf(allButOne, "refused/dot/554"), "m0 m2 m3", true},
		{"451", smtpsink.Dot, reply("451 4.3.0 later"), fmt.Sprintf(allButOne, "later/dot/451"), "m0 m2 m3", true},
		{"250 of several lines", smtpsink.Dot, reply("250-2.0.0 one\r\n250 2.0.0 two"), fmt.Sprintf(allButOne, "accepted/dot/250"), "m0 m1 m2 m3", true},
	})
}

func TestM15_SlowReader(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		s, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: to(1, smtpsink.Body, smtpsink.Action{Hang: true})}, quick())
		all := envelopes(3)
		large := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 200_000) // more than the kernels hold
		all[1].Message = plain(large)
		got := send(t, context.Background(), c, Window{Envelopes: all})
		if got.outcomes() != "accepted/dot/250 later/body unsent" || !errors.Is(got.err, ErrTimeout) || received(s) != "m0" {
			t.Errorf("%s, %v; received %s", got.outcomes(), got.err, received(s))
		}
		p.Put(c)
	})
}

func TestCutInALargeBody(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, extensions []string) {
		for reply, want := range map[string]Outcome{"": Later, "552 5.3.4 too large": Refused} {
			_, p, c := connect(t, smtpsink.Options{Extensions: extensions, Fault: to(0, smtpsink.Body, smtpsink.Action{Reply: reply, Cut: true})}, patient())
			all := envelopes(2)
			large := strings.Repeat(strings.Repeat("x", 76)+"\r\n", 200_000)
			all[0].Message = plain(large)
			got := send(t, context.Background(), c, Window{Envelopes: all})
			// The reset that a hang-up causes may take the relay's last words with it.
			if o := got.verdicts[0].Outcome; o != want && o != Later || got.verdicts[1].Outcome != Unsent {
				t.Errorf("after %q: %s, %v", reply, got.outcomes(), got.err)
			}
			p.Put(c)
		}
	})
}

func TestM16_OddReplies(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("y", 100<<10)
	var many strings.Builder
	for i := range 499 {
		fmt.Fprintf(&many, "550-5.1.1 line %d\r\n", i)
	}
	reply := func(text string) smtpsink.Action { return smtpsink.Action{Reply: text} }
	runCases(t, []faultCase{
		{"500 lines", smtpsink.Rcpt, reply(many.String() + "550 5.1.1 end"), fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"100 KB", smtpsink.Rcpt, reply("450 4.2.0 " + long), fmt.Sprintf(allButOne, "later/rcpt/450"), "m0 m2 m3", true},
		{"binary", smtpsink.Rcpt, reply("550 5.1.1 n\x00o \xff\xfe \x1b[31m é \u202e"), fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"wrong code first", smtpsink.Rcpt, reply("250-ok\r\n550 5.1.1 no"), fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"missing space", smtpsink.Rcpt, reply("550no"), fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"code alone", smtpsink.Rcpt, reply("550"), fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"bare LF", smtpsink.Rcpt, reply("550 5.1.1 no\n"), fmt.Sprintf(allButOne, "refused/rcpt/550"), "m0 m2 m3", true},
		{"000", smtpsink.Rcpt, reply("000 what"), fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"999", smtpsink.Rcpt, reply("999 what"), fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"four digits", smtpsink.Rcpt, reply("2500 ok"), fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"no digits", smtpsink.Rcpt, reply("hello"), fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"empty", smtpsink.Rcpt, reply("\r\n"), fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
		{"354 at rcpt", smtpsink.Rcpt, reply("354 go"), fmt.Sprintf(firstOnly, "later/rcpt/354"), "m0", false},
		{"garbage after the dot", smtpsink.Kept, reply("OK then"), fmt.Sprintf(firstOnly, "unknown/dot"), "m0 m1", false},
		{"999 after the dot", smtpsink.Kept, reply("999 ok"), fmt.Sprintf(firstOnly, "unknown/dot"), "m0 m1", false},
		{"354 after the dot", smtpsink.Kept, reply("354 more"), fmt.Sprintf(firstOnly, "unknown/dot/354"), "m0 m1", false},
		{"endless line after the dot", smtpsink.Kept, reply("250 " + strings.Repeat(long, 8)), fmt.Sprintf(firstOnly, "unknown/dot"), "m0 m1", false},
		{"endless lines", smtpsink.Rcpt, reply(strings.Repeat("250-x\r\n", 5000) + "250 x"), fmt.Sprintf(firstOnly, "later/rcpt"), "m0", false},
	})
}

func TestM17_RepliesOutOfStep(t *testing.T) {
	t.Parallel()
	reply := func(text string) smtpsink.Action { return smtpsink.Action{Reply: text} }
	runCases(t, []faultCase{
		{"250 in answer to DATA", smtpsink.Data, reply("250 2.0.0 queued"), fmt.Sprintf(firstOnly, "later/data/250"), "m0", false},
		{"250 twice at RCPT", smtpsink.Rcpt, reply("250 ok\r\n250 2.0.0 queued"), fmt.Sprintf(firstOnly, "later/data/250"), "m0", false},
		{"250 right behind 354", smtpsink.Data, reply("354 go\r\n250 2.0.0 queued"), fmt.Sprintf(firstOnly, "later/data/354"), "m0", false},
		{"503 at DATA", smtpsink.Data, reply("503 5.5.1 RCPT first"), fmt.Sprintf(firstOnly, "later/data/503"), "m0", false},
	})
	// Answers to the whole group at once, before the group was said.
	bothWays(t, func(t *testing.T, extensions []string) {
		s, p, c := connect(t, smtpsink.Options{Extensions: extensions,
			Fault: to(1, smtpsink.Mail, reply("250 ok\r\n250 ok\r\n250 ok\r\n250 2.0.0 queued"))}, quick())
		got := sendN(t, c, 3)
		if received(s) != "m0" || got.verdicts[1].Outcome != Later || got.verdicts[2].Outcome != Unsent {
			t.Errorf("%s, received %s", got.outcomes(), received(s))
		}
		p.Put(c)
	})
}

func TestM17_BodyAskedForWithoutARecipient(t *testing.T) {
	t.Parallel()
	s, p, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		switch {
		case e.Step == smtpsink.Rcpt:
			return smtpsink.Action{Reply: "550 5.1.1 nobody"}
		case e.Step == smtpsink.Data:
			return smtpsink.Action{Reply: "354 go on all the same"}
		}
		return smtpsink.Action{}
	}}, patient())
	got := sendN(t, c, 2)
	if got.outcomes() != "refused/rcpt/550 unsent" || !errors.Is(got.err, ErrProtocol) {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
	p.Put(c)
	if s.Count() != 0 {
		t.Errorf("%d empty messages were delivered", s.Count())
	}
}

func TestCredentialsAskedForInTheMiddle(t *testing.T) {
	t.Parallel()
	runCases(t, []faultCase{
		{"530", smtpsink.Mail, smtpsink.Action{Reply: "530 5.7.0 authentication required"}, fmt.Sprintf(firstOnly, "later/mail/530"), "m0", false},
	})
}

func TestSilenceInTheMiddleOfAReply(t *testing.T) {
	t.Parallel()
	// Half a reply, ticks, then the rest: the wait is taken up where it was.
	release := make(chan struct{})
	o := patient()
	o.Tick = 10 * time.Millisecond
	s, _, c := connect(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		switch e.Step {
		case smtpsink.Body:
			return smtpsink.Action{Reply: "250-2.0.0 half"}
		case smtpsink.Kept:
			return smtpsink.Action{Until: release, Reply: "250 2.0.0 whole"}
		}
		return smtpsink.Action{}
	}}, o)
	ticks := 0
	got := send(t, context.Background(), c, Window{Envelopes: envelopes(1), Waiting: func(int) {
		if ticks++; ticks == 3 {
			close(release)
		}
	}})
	if got.outcomes() != "accepted/dot/250" || got.err != nil || received(s) != "m0" {
		t.Errorf("%s, %v", got.outcomes(), got.err)
	}
}

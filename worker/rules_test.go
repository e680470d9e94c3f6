package worker

import (
	"testing"

	"holdfast/mailer"
)

func TestG5_WhatAsksForLessAndWhatDoesNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step     mailer.Step
		code     int
		enhanced string
		want     bool
	}{
		{mailer.AtRcpt, 421, "4.7.28", true}, {mailer.AtDot, 421, "4.7.0", true}, {mailer.AtRcpt, 421, "", true},
		{mailer.AtRcpt, 452, "4.5.3", true}, {mailer.AtRcpt, 452, "", true}, {mailer.AtDot, 451, "4.7.500", true}, {mailer.AtRcpt, 450, "4.7.28", true},
		{mailer.AtMail, 421, "4.7.0", false},                                       // the relay itself
		{mailer.AtRcpt, 421, "4.3.2", false},                                       // the relay is shutting down
		{mailer.AtRcpt, 451, "4.7.1", false},                                       // greylisting
		{mailer.AtRcpt, 452, "4.2.2", false}, {mailer.AtRcpt, 450, "4.2.1", false}, // one mailbox
		{mailer.AtRcpt, 451, "", false}, {mailer.AtRcpt, 550, "5.7.1", false}, // anything; for good
	} {
		outcome := mailer.Later
		if c.code >= 500 {
			outcome = mailer.Refused
		}
		if got := asksForLess(mailer.Verdict{Outcome: outcome, Step: c.step, Code: c.code, Enhanced: c.enhanced}); got != c.want {
			t.Errorf("%d %s at %s: %v, want %v", c.code, c.enhanced, c.step, got, c.want)
		}
	}
}

func TestM13_TenAndAFifthOfTheLastHundredHold(t *testing.T) {
	t.Parallel()
	var w watch
	after := func(good, bad int) (held bool) {
		for range good {
			held = w.sent(1, false) || held
		}
		for range bad {
			held = w.sent(1, true) || held
		}
		return held
	}
	if after(0, 9) {
		t.Error("held after nine of nine: too few to know")
	}
	if !after(0, 1) {
		t.Error("not held after ten of ten")
	}
	if after(5000, 19) {
		t.Error("held after 19 of the last hundred")
	}
	if !after(0, 1) {
		t.Error("not held after twenty of the last hundred")
	}
	if after(0, 9) {
		t.Error("held again before ten were seen anew")
	}
	if w.sent(2, true) {
		t.Error("another appeal is held for the first one's answers")
	}
}

func TestC7_WhatHoldsBeforeItLeaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, good, theirs, ours int
		want                       bool
	}{
		"all fine":                          {0, 20, 0, 0, false},
		"one member's own":                  {0, 0, 1, 0, false},
		"ours, and none was ever written":   {0, 0, 0, 1, true},
		"ours, one of many":                 {0, 19, 0, 1, false},
		"ours, alone behind many":           {500, 0, 0, 1, false},
		"one in a hundred":                  {500, 99, 1, 0, false},
		"half of them":                      {500, 20, 20, 0, true},
		"all of them, by the members' data": {0, 0, 20, 0, true},
	} {
		var w watch
		w.wrote(1, c.before, 0, 0)
		if got := w.wrote(1, c.good, c.theirs, c.ours); got != c.want {
			t.Errorf("%s: held %v, want %v", name, got, c.want)
		}
	}
}

package letters

import (
	"testing"
	"time"
)

// R13, R2, R4: what bars a letter by mail from leaving, and what only holds it.
func TestR13_WhatBarsALetterByMail(t *testing.T) {
	t.Parallel()
	good := terms{CampaignState: "active", Ahead: true, AfterDeadline: "ask_coordinator", OfCampaign: true, TakesMassLetters: true, Address: "minister@gov.example"}
	for _, c := range []struct {
		what   string
		change func(*terms)
		bars   string
		held   bool
	}{
		{"nothing", func(*terms) {}, "", false},
		{"a closed campaign", func(x *terms) { x.CampaignState = "closed" }, "closed", true},
		{"a stopped campaign", func(x *terms) { x.CampaignState = "stopped" }, "", true},
		{"a line that is stopped", func(x *terms) { x.LineStopped = true }, "", true},
		{"the deadline", func(x *terms) { x.Ahead = false }, "too_late", false},
		{"the deadline where letters are forbidden after it", func(x *terms) { x.Ahead, x.AfterDeadline = false, "forbidden" }, "too_late", false},
		{"the deadline where letters still help", func(x *terms) { x.Ahead, x.AfterDeadline = false, "open" }, "", false},
		{"a target that was taken off", func(x *terms) { x.OfCampaign = false }, "target_stopped", false},
		{"a target that asks for no mass letters", func(x *terms) { x.TakesMassLetters = false }, "target_stopped", false},
		{"no address", func(x *terms) { x.Address = "" }, "no_address", false},
		{"a writer who left", func(x *terms) { x.WriterGone = true }, "writer_left", false},
	} {
		got := good
		c.change(&got)
		if got.bars() != c.bars || got.held() != c.held {
			t.Errorf("%s: bars %q, held %v; want %q, %v", c.what, got.bars(), got.held(), c.bars, c.held)
		}
	}
	if good.until() == nil || (terms{AfterDeadline: "open", DeadlineAt: time.Unix(1, 0)}).until() != nil {
		t.Error("a line ends at the deadline, and nowhere where letters help after it")
	}
}

func TestWhichLetterAnotherAskStandsFor(t *testing.T) {
	t.Parallel()
	one, two := int64(1), int64(2)
	for _, c := range []struct {
		what   string
		others []sibling
		writer Writer
		use    int64
		sent   bool
	}{
		{"none", nil, Writer{MemberID: 1}, 0, false},
		{"its own, unconfirmed", []sibling{{7, &one, MailUnconfirmed}}, Writer{MemberID: 1}, 7, false},
		{"a member's, for a visitor with the same address", []sibling{{7, &one, MailUnconfirmed}}, Writer{VisitorID: 3}, 0, false},
		{"a visitor's, for a visitor with the same address", []sibling{{7, nil, MailUnconfirmed}}, Writer{VisitorID: 3}, 7, false},
		{"another member's", []sibling{{7, &two, MailUnconfirmed}}, Writer{MemberID: 1}, 0, false},
		{"ended ones", []sibling{{6, &one, MailWithdrawn}, {7, &one, MailLapsed}, {8, &one, MailRefused}}, Writer{MemberID: 1}, 0, false},
		{"one that is queued", []sibling{{6, &one, MailUnconfirmed}, {7, nil, MailQueued}}, Writer{MemberID: 1}, 0, true},
		{"one that is leaving", []sibling{{7, &one, MailSending}}, Writer{MemberID: 1}, 0, true},
		{"one that has left", []sibling{{7, &one, MailSent}}, Writer{MemberID: 1}, 0, true},
		{"one that may have", []sibling{{7, &one, MailUnknown}}, Writer{MemberID: 1}, 0, true},
	} {
		if use, sent := among(c.others, c.writer); use != c.use || sent != c.sent {
			t.Errorf("%s: %d, %v; want %d, %v", c.what, use, sent, c.use, c.sent)
		}
	}
}

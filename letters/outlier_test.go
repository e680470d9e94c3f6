package letters

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

func TestR14_WhatIsOutOfTheOrdinaryIsSetAside(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claim claim
		want  string
	}{
		"a member's usual":       {claim{Copies: 3}, ""},
		"a member's most":        {claim{Copies: 40}, ""},
		"a member beyond":        {claim{Copies: 41}, many},
		"a visitor's most":       {claim{Visitor: true, Copies: 10}, ""},
		"a visitor beyond":       {claim{Visitor: true, Copies: 11}, many},
		"a class of twenty":      {claim{Visitor: true, Copies: 1, Beside: 19}, ""},
		"the next from there":    {claim{Visitor: true, Copies: 1, Beside: 20}, burst},
		"a member among many":    {claim{Copies: 1, Beside: 500}, ""},
		"an evening":             {claim{Evening: true, Copies: 200}, ""},
		"an evening of a legion": {claim{Evening: true, Copies: 201}, many},
	} {
		if got := c.claim.outlier(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A report again: what it makes of a letter in each state.
func TestAReportNeverUndoesBetterEvidenceOrAPersonsLook(t *testing.T) {
	t.Parallel()
	now, reason, place := time.Now(), many, burst
	r := Report{Copies: 7, WrittenOn: campaigns.DayOf(now)}
	account := int64(3)
	for name, c := range map[string]struct {
		before Letter
		why    string
		state  string
		copies int
		aside  bool
	}{
		"begun":                    {Letter{Grade: Reported, State: Made, Copies: 1}, "", Counted, 7, false},
		"begun, too many":          {Letter{Grade: Reported, State: Made, Copies: 1}, many, SetAside, 7, true},
		"counted":                  {Letter{Grade: Reported, State: Counted, Copies: 1}, "", Counted, 7, false},
		"withdrawn":                {Letter{Grade: Reported, State: Withdrawn, WithdrawnAt: &now, Copies: 1}, "", Counted, 7, false},
		"mailed by the house":      {Letter{Grade: Sent, State: Counted, Copies: 1}, many, Counted, 1, false},
		"confirmed":                {Letter{Grade: Confirmed, State: Counted, Copies: 1}, "", Counted, 1, false},
		"returned":                 {Letter{Grade: Sent, State: Returned, ReturnedAt: &now, Copies: 1}, "", Returned, 1, false},
		"returned, then withdrawn": {Letter{Grade: Reported, State: Withdrawn, ReturnedAt: &now, WithdrawnAt: &now, Copies: 1}, "", Returned, 7, false},
		"too many, then few":       {Letter{Grade: Reported, State: SetAside, SetAside: &reason, Copies: 50}, "", Counted, 7, false},
		"of a burst, later":        {Letter{Grade: Reported, State: SetAside, SetAside: &place, Copies: 1}, "", SetAside, 7, true},
		"refused, then few":        {Letter{Grade: Reported, State: SetAside, SetAside: &reason, ReviewedAt: &now, ReviewedBy: &account, Copies: 50}, "", SetAside, 7, true},
		"refused, withdrawn":       {Letter{Grade: Reported, State: Withdrawn, WithdrawnAt: &now, SetAside: &reason, ReviewedAt: &now, Copies: 50}, "", SetAside, 7, true},
		"accepted, then fewer":     {Letter{Grade: Reported, State: Counted, ReviewedAt: &now, Copies: 50}, many, Counted, 7, false},
		"accepted, then more":      {Letter{Grade: Reported, State: Counted, ReviewedAt: &now, Copies: 5}, many, SetAside, 7, true},
		"an evening":               {Letter{Grade: Batch, State: Made, Copies: 1}, many, SetAside, 7, true},
	} {
		got := c.before.reported(r, c.why)
		if got.State != c.state || got.Copies != c.copies || (got.State == SetAside) != c.aside || c.aside && got.SetAside == nil || got.WithdrawnAt != nil {
			t.Errorf("%s: %+v; want %s with %d", name, got, c.state, c.copies)
		}
		if c.before.refused() && (got.ReviewedAt == nil || got.SetAside == nil) {
			t.Errorf("%s: the refusal is forgotten", name)
		}
	}
}

func TestR13_ReportsOfWhatWasSentInTimeAreTakenForSixtyDays(t *testing.T) {
	t.Parallel()
	deadline := time.Date(2026, 6, 10, 4, 0, 0, 0, time.UTC) // the end of the 9th in Toronto, already the 10th further east
	stopped, closed := deadline.AddDate(0, 0, -5), deadline.AddDate(0, 0, 3)
	day := func(d int) campaigns.Day { return campaigns.DayOf(time.Date(2026, 6, d, 0, 0, 0, 0, time.UTC)) }
	late := deadline.AddDate(0, 0, 30)
	for name, c := range map[string]struct {
		term  Term
		on    campaigns.Day
		field bool // the day is wrong
		taken bool
	}{
		"before the deadline":              {Term{Now: deadline.AddDate(0, 0, -2), DeadlineAt: deadline, AfterDeadline: "forbidden"}, day(7), false, true},
		"in time, reported later":          {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "forbidden"}, day(9), false, true},
		"in time by another zone":          {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "ask_coordinator"}, day(10), false, true},
		"sent too late":                    {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "forbidden"}, day(11), true, true},
		"sent late where that is open":     {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "open"}, day(30), false, true},
		"reported after 60 days":           {Term{Now: deadline.AddDate(0, 0, 60), DeadlineAt: deadline, AfterDeadline: "forbidden"}, day(9), false, false},
		"reported in the last hour":        {Term{Now: deadline.AddDate(0, 0, 60).Add(-time.Hour), DeadlineAt: deadline, AfterDeadline: "forbidden"}, day(9), false, true},
		"sent before the stop":             {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "open", StoppedAt: &stopped}, day(5), false, true},
		"sent after the stop":              {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "open", StoppedAt: &stopped}, day(7), true, true},
		"closed, and sent after":           {Term{Now: late, DeadlineAt: deadline, AfterDeadline: "open", ClosedAt: &closed}, day(14), true, true},
		"closed long ago, open for ever":   {Term{Now: closed.AddDate(0, 0, 61), DeadlineAt: deadline, AfterDeadline: "open", ClosedAt: &closed}, day(9), false, false},
		"tomorrow, where it is not yet so": {Term{Now: deadline.AddDate(0, 0, -3), DeadlineAt: deadline, AfterDeadline: "open"}, day(9), true, true},
	} {
		b := bounds{CampaignID: 1, State: campaigns.CampaignActive, Earliest: day(1), Term: c.term}
		err := Report{TargetIDs: []int64{1}, Channel: "post", Copies: 1, WrittenOn: c.on}.check(b, MostCopies)
		switch {
		case !c.taken && !failure.Is(err, failure.Conflict), c.taken && c.field && !failure.Is(err, failure.Invalid), c.taken && !c.field && err != nil:
			t.Errorf("%s: %v", name, err)
		}
	}
}

package letters

import (
	"time"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// reportDays is for how many days after letters are no longer asked for those that were sent before can be reported.
const reportDays = 60

// dayLine is the zone in which each day begins first, and ends first: a day that is over there is over nowhere else sooner.
var dayLine = time.FixedZone("first", 14*60*60)

// Term is for how long a campaign asks for letters, and for how long it takes reports of them.
type Term struct {
	Now           time.Time
	DeadlineAt    time.Time
	AfterDeadline string // what holds once the deadline has passed (R13); only "open" asks on
	StoppedAt     *time.Time
	ClosedAt      *time.Time
}

// TermOf is the term of the campaign that a sheet is about.
func TermOf(s campaigns.Sheet) Term {
	return Term{Now: s.Now, DeadlineAt: s.DeadlineAt, AfterDeadline: s.AfterDeadline, StoppedAt: s.StoppedAt, ClosedAt: s.ClosedAt}
}

// Ended returns when letters were no longer asked for; ok is false while they are.
func (t Term) Ended() (at time.Time, ok bool) {
	ends := []*time.Time{t.StoppedAt, t.ClosedAt}
	if !t.Now.Before(t.DeadlineAt) && t.AfterDeadline != "open" {
		ends = append(ends, &t.DeadlineAt)
	}
	for _, end := range ends {
		if end != nil && (!ok || end.Before(at)) {
			at, ok = *end, true
		}
	}
	return at, ok
}

// LastDay returns the last day on which a letter may have been sent that is reported now: today, wherever the writer is, or the day on which
// letters were no longer asked for.
func (t Term) LastDay() campaigns.Day {
	if end, over := t.Ended(); over {
		return campaigns.DayOf(end.Add(-time.Nanosecond).In(dayLine)) // the end itself is too late
	}
	return campaigns.DayOf(t.Now.In(dayLine))
}

// Takes reports whether reports are taken: while letters are asked for, and 60 days on.
func (t Term) Takes() bool {
	end, over := t.Ended()
	return !over || t.Now.Before(end.AddDate(0, 0, reportDays))
}

// check notes what is wrong with the day on which a letter was sent. earliest is the day before the campaign went out.
func (t Term) check(check *failure.Check, written, earliest campaigns.Day) {
	today := campaigns.DayOf(t.Now.In(dayLine))
	switch {
	case written.IsZero():
		check.Add("written_on", "is missing: want the day you sent it, such as 2026-12-05")
	case written.After(today.Time):
		check.Add("written_on", "lies in the future")
	case written.After(t.LastDay().Time):
		check.Add("written_on", "lies after %s, when letters were no longer asked for", t.LastDay())
	case written.Before(earliest.Time):
		check.Add("written_on", "lies before the campaign went out, on %s", earliest)
	}
}

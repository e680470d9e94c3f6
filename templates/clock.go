package templates

import (
	"fmt"
	"time"
)

// When a removal is known to happen, as Removal.Timing says it.
const (
	RemovalExact   = "exact"    // at At
	RemovalWindow  = "window"   // between At and Until
	RemovalAnyTime = "any_time" // at any moment, without notice
	RemovalNone    = "none"     // no date is set
	RemovalDone    = "done"     // it has taken place, at At where that is known
)

// Removal is when somebody is to be sent back. Zone is an IANA time zone, that of the removing country.
type Removal struct {
	Timing    string
	At, Until time.Time
	Zone      string
}

// Deadline is until when letters are wanted: another date than that of the removal.
type Deadline struct {
	At        time.Time // the instant from which on it is too late
	Day       time.Time // the day as the coordinator wrote it; only its date is read
	HasTime   bool      // At was given with an hour, not only as a day
	Inclusive bool      // the day itself still counts
	Zone      string
}

// Clock is what a page or a mail says of time. The zero value says nothing.
type Clock struct {
	Now         time.Time // as the one clock of the house tells it
	Removal     Removal
	Deadline    Deadline
	LastPosting time.Time // the last day on which posting a letter makes sense; zero where that is not known
	ReaderZone  string    // the reader's own IANA time zone; empty where it is not known
}

// urgentWithin is how near a removal or a deadline must be for the page to say so in its signal colour.
const urgentWithin = 72 * time.Hour

// postTakes is how long a letter is reckoned to travel where the last posting day is not known.
const postTakes = 7 * 24 * time.Hour

// Passed reports whether the deadline for letters is over.
func (c Clock) Passed() bool { return !c.Deadline.At.IsZero() && !c.Now.Before(c.Deadline.At) }

// near reports whether t lies ahead, by less than urgentWithin.
func (c Clock) near(t time.Time) bool { return t.After(c.Now) && t.Sub(c.Now) < urgentWithin }

// endsWithRemoval reports whether letters are wanted until the very moment of the removal, which need not be said twice.
func (c Clock) endsWithRemoval() bool {
	return c.Removal.Timing == RemovalExact && c.Removal.At.Equal(c.Deadline.At)
}

// timeLine is one thing that a page or a mail says of time: the fact, and what makes it exact.
type timeLine struct {
	Fact, Exact string
	Urgent      bool
	Minor       bool      // advice rather than a fact
	At          time.Time // what Exact is the date of; zero where it is none

	// AddOwn lets the page's script add the reader's own hour, where nothing else knows it. Offset is how many minutes the
	// place that Exact speaks of is ahead of UTC.
	AddOwn bool
	Offset int
}

// withOwn marks line for the script, as said of zone, unless the reader's zone is known already.
func (s *speaker) withOwn(line timeLine, zone string, c Clock) timeLine {
	if c.ReaderZone == "" {
		_, seconds := s.in(line.At, zone).Zone()
		line.AddOwn, line.Offset = true, seconds/60
	}
	return line
}

// speaker says times in one language; the first error stays, and the rest is silence.
type speaker struct {
	*words
	err error
}

func (s *speaker) text(id string, pairs ...any) string {
	if s.err != nil {
		return ""
	}
	text, err := s.words.text(id, pairs...)
	s.err = err
	return text
}

func (s *speaker) count(id string, n any, pairs ...any) string {
	if s.err != nil {
		return ""
	}
	text, err := s.words.count(id, n, pairs...)
	s.err = err
	return text
}

func (s *speaker) in(t time.Time, zone string) time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("time zone %q is not known: %w", zone, err)
	}
	if err != nil {
		return t.UTC()
	}
	return t.In(place)
}

// moment says an instant with its day, hour and place, and in the reader's zone where that is another hour.
func (s *speaker) moment(t time.Time, zone, readerZone string) string {
	there := s.in(t, zone)
	said := ""
	if zone == "UTC" {
		said = s.text("time.moment_utc", "Day", s.longDay(there), "Hour", s.clock(there))
	} else {
		said = s.text("time.moment", "Day", s.longDay(there), "Hour", s.clock(there), "City", s.city(zone))
	}
	if readerZone == "" {
		return said
	}
	here := s.in(t, readerZone)
	_, thereOffset := there.Zone()
	_, hereOffset := here.Zone()
	switch {
	case thereOffset == hereOffset:
		return said
	case there.YearDay() != here.YearDay():
		return said + s.text("time.yours_day", "Day", s.longDay(here), "Hour", s.clock(here))
	}
	return said + s.text("time.yours", "Hour", s.clock(here))
}

// span says how long d is, in its two largest units.
func (s *speaker) span(d time.Duration) string {
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0 && hours > 0 && days < 7:
		return s.text("time.both", "First", s.count("time.days", days), "Second", s.count("time.hours", hours))
	case days > 0:
		return s.count("time.days", days)
	case hours > 0 && minutes > 0:
		return s.text("time.both", "First", s.count("time.hours", hours), "Second", s.count("time.minutes", minutes))
	case hours > 0:
		return s.count("time.hours", hours)
	}
	return s.count("time.minutes", max(minutes, 1))
}

// removalMoment says when the removal is, for the words {removal_at}; empty where there is no date.
func (s *speaker) removalMoment(c Clock) string {
	switch r := c.Removal; {
	case r.At.IsZero():
		return ""
	case r.Timing == RemovalWindow:
		return s.text("time.between", "From", s.longDay(s.in(r.At, r.Zone)), "To", s.longDay(s.in(r.Until, r.Zone)))
	default:
		return s.moment(r.At, r.Zone, "")
	}
}

// deadlineMoment says until when letters are wanted, as the coordinator meant it: "before Friday", "until the end
// of Friday", "until Friday, 07:40 Toronto time".
func (s *speaker) deadlineMoment(c Clock) string {
	d := c.Deadline
	switch {
	case d.HasTime:
		return s.text("time.until_moment", "Moment", s.moment(d.At, d.Zone, c.ReaderZone))
	case d.Inclusive:
		return s.text("time.until_day", "Day", s.longDay(d.Day), "City", s.city(d.Zone))
	}
	return s.text("time.before_day", "Day", s.longDay(d.Day), "City", s.city(d.Zone))
}

// pageLines says the times of c as they stand at c.Now: how long is left, and when exactly.
func (s *speaker) pageLines(c Clock) []timeLine {
	var lines []timeLine
	if line, ok := s.removalLine(c, true); ok {
		lines = append(lines, line)
	}
	if c.Deadline.At.IsZero() {
		return lines
	}
	if c.Passed() && c.endsWithRemoval() {
		return append(lines, timeLine{Fact: s.text("time.letters_over_then")})
	}
	if c.Passed() {
		return append(lines, timeLine{Fact: s.text("time.letters_over"), Exact: s.deadlineMoment(c), At: c.Deadline.At})
	}
	line := timeLine{Fact: s.text("time.letters_left", "Span", s.span(c.Deadline.At.Sub(c.Now))), Exact: s.deadlineMoment(c),
		Urgent: c.near(c.Deadline.At), At: c.Deadline.At}
	if c.Deadline.HasTime {
		line = s.withOwn(line, c.Deadline.Zone, c)
	}
	if c.endsWithRemoval() {
		line = timeLine{Fact: s.text("time.letters_before_then"), Urgent: line.Urgent}
	}
	lines = append(lines, line)
	if line, ok := s.postLine(c); ok {
		lines = append(lines, line)
	}
	return lines
}

// mailLines says the same for a mail, which is read nobody knows when: dates only, nothing counted from now.
func (s *speaker) mailLines(c Clock) []timeLine {
	var lines []timeLine
	if line, ok := s.removalLine(c, false); ok {
		lines = append(lines, line)
	}
	if !c.Deadline.At.IsZero() {
		line := timeLine{Fact: s.text("time.letters"), Exact: s.deadlineMoment(c), Urgent: c.near(c.Deadline.At)}
		if c.endsWithRemoval() {
			line = timeLine{Fact: s.text("time.letters_before_then"), Urgent: line.Urgent}
		}
		lines = append(lines, line)
	}
	return lines
}

// removalLine says when the removal is; counted from now where fromNow, else by its date alone.
func (s *speaker) removalLine(c Clock, fromNow bool) (timeLine, bool) {
	r := c.Removal
	switch r.Timing {
	case RemovalExact:
		line := timeLine{Fact: s.text("time.removal"), Exact: s.moment(r.At, r.Zone, c.ReaderZone), Urgent: c.near(r.At), At: r.At}
		switch {
		case !fromNow:
		case r.At.After(c.Now):
			line.Fact = s.text("time.removal_in", "Span", s.span(r.At.Sub(c.Now)))
		default:
			line.Fact = s.text("time.removal_was_due")
		}
		return s.withOwn(line, r.Zone, c), true
	case RemovalWindow:
		open := fromNow && !c.Now.Before(r.At) && c.Now.Before(r.Until)
		line := timeLine{Fact: s.text("time.removal_window"), Exact: s.removalMoment(c), Urgent: open || c.near(r.At)}
		if open {
			line.Fact = s.text("time.removal_any_time")
		}
		return line, true
	case RemovalAnyTime:
		return timeLine{Fact: s.text("time.removal_any_time"), Exact: s.text("time.no_notice"), Urgent: true}, true
	case RemovalNone:
		return timeLine{Fact: s.text("time.removal_none")}, true
	case RemovalDone:
		return timeLine{Fact: s.text("time.removal_done"), Exact: s.removalMoment(c), At: r.At}, true
	}
	return timeLine{}, false
}

// postLine says until when posting a letter makes sense (R12).
func (s *speaker) postLine(c Clock) (timeLine, bool) {
	if c.LastPosting.IsZero() {
		if c.Deadline.At.Sub(c.Now) >= postTakes {
			return timeLine{}, false
		}
		return timeLine{Fact: s.text("time.post_is_slow"), Minor: true}, true
	}
	today := s.in(c.Now, c.Deadline.Zone)
	days := int(dateOnly(c.LastPosting).Sub(dateOnly(today)).Hours() / 24)
	switch {
	case days == -1:
		return timeLine{Fact: s.text("desk.post_yesterday"), Minor: true}, true
	case days < 0:
		return timeLine{Fact: s.text("time.post_over"), Exact: s.text("time.post_last", "Day", s.longDay(c.LastPosting)), Minor: true}, true
	case days == 0:
		return timeLine{Fact: s.text("time.post_today"), Urgent: true}, true
	}
	return timeLine{Fact: s.text("time.post_last", "Day", s.longDay(c.LastPosting)), Minor: true}, true
}

func dateOnly(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// elapsed says a measured time: tenths of a second below a minute, whole seconds below an hour.
func (s *speaker) elapsed(d time.Duration) string {
	switch {
	case d < time.Minute:
		return s.text("time.seconds_short", "Seconds", s.tenths(d.Seconds()))
	case d < time.Hour:
		return s.text("time.minutes_short", "Minutes", int(d.Minutes()), "Seconds", int(d.Seconds())%60)
	}
	return s.text("time.hours_short", "Hours", int(d.Hours()), "Minutes", int(d.Minutes())%60)
}

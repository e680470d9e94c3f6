package letters_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/letters"
)

// The last day of a letter is one that somebody, somewhere, was living before the end: the day after a whole one is none, however far from UTC.
func TestR13_TheLastDayIsOneOnWhichALetterCouldBeInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone      string
		clock     string
		day, last int // of December
		inclusive bool
	}{
		{"Pacific/Kiritimati", "", 5, 5, true},
		{"Pacific/Kiritimati", "", 5, 4, false},
		{"Pacific/Honolulu", "", 5, 6, true}, // its evening of the 5th is the 6th on the other side of the line
		{"Pacific/Honolulu", "", 5, 5, false},
		{"UTC", "", 5, 6, true},
		{"Pacific/Kiritimati", "00:01", 5, 5, false},
		{"Pacific/Honolulu", "17:00", 5, 6, false},
	} {
		end, err := campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Date(2026, 12, c.day, 0, 0, 0, 0, time.UTC)), DeadlineTime: c.clock, DeadlineZone: c.zone,
			DeadlineInclusive: c.inclusive}.Instant()
		if err != nil {
			t.Fatal(err)
		}
		term := letters.Term{Now: end, DeadlineAt: end, AfterDeadline: "forbidden"}
		if got := term.LastDay(); got.Day() != c.last {
			t.Errorf("%s, the %dth (%s, inclusive %v): the last day is %s, want the %dth", c.zone, c.day, c.clock, c.inclusive, got, c.last)
		}
		if before := (letters.Term{Now: end.Add(-time.Nanosecond), DeadlineAt: end, AfterDeadline: "forbidden"}).LastDay(); !before.Equal(term.LastDay().Time) {
			t.Errorf("%s: a moment before the end the last day is %s, and then %s", c.zone, before, term.LastDay())
		}
		term.Now = end.AddDate(0, 0, 60).Add(-time.Nanosecond)
		last := term.Takes()
		term.Now = end.AddDate(0, 0, 60)
		if !last || term.Takes() {
			t.Errorf("%s: reports are not taken for just 60 days", c.zone)
		}
	}
}

// A code may come long after: whoever posted in time and finds the sheet in spring has posted in time. The letter counts, on a day that was not too late.
func TestR13_ACodeEnteredAfterTheEndCountsOnADayBeforeIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	late, soon := d.print(d.writers[0], d.targets[0]), d.print(d.writers[1], d.targets[0])
	dbtest.MoveClock(t, d.db, 3*24*time.Hour)
	entered, err := d.store.EnterCode(d.ctx, *soon.Code)
	d.must(err)
	if want := soon.WrittenOn.AddDate(0, 0, 3); entered.State != letters.Counted || !entered.WrittenOn.Equal(want) {
		t.Errorf("entered while letters are asked for: %+v", entered)
	}
	dbtest.MoveClock(t, d.db, 80*24*time.Hour)
	entered, err = d.store.EnterCode(d.ctx, *late.Code)
	d.must(err)
	if entered.State != letters.Counted || entered.Grade != letters.Paper || !entered.WrittenOn.Equal(late.WrittenOn.Time) {
		t.Errorf("entered 83 days after it was printed, of a campaign with 9 to go: %+v", entered)
	}
}

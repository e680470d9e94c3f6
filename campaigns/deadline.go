package campaigns

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"holdfast/internal/failure"
)

// Day is a date of the calendar, with no time and no zone. In JSON it is "2026-12-05".
type Day struct{ time.Time }

// DayOf returns the day that t falls on in its own zone.
func DayOf(t time.Time) Day {
	return Day{time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// ParseDay reads a day written as 2026-12-05.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Day{}, fmt.Errorf("want a day such as 2026-12-05")
	}
	return Day{t}, nil
}

func (d Day) String() string { return d.Format(time.DateOnly) }

// MarshalJSON writes the day as a string.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Day) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("want a day such as \"2026-12-05\"")
	}
	day, err := ParseDay(s)
	*d = day
	return err
}

// ScanDate reads a date of the database.
func (d *Day) ScanDate(v pgtype.Date) error {
	if !v.Valid {
		return fmt.Errorf("a day is missing")
	}
	d.Time = v.Time
	return nil
}

// DateValue writes a date to the database.
func (d Day) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: d.Time, Valid: !d.IsZero()}, nil
}

// Deadline is the last moment at which letters are asked for. It is not the time of the removal: appeals often run on
// after a flight, or end well before one.
type Deadline struct {
	DeadlineDay       Day    `json:"deadline_day"`
	DeadlineTime      string `json:"deadline_time"` // "17:00"; empty: the day as a whole
	DeadlineZone      string `json:"deadline_zone"`
	DeadlineInclusive bool   `json:"deadline_inclusive"` // letters written on the day itself still count
}

// Instant returns the first moment that is too late: the end of an inclusive day, the beginning of one that is not, or
// the time that is named. Errors: Invalid, by field.
func (d Deadline) Instant() (time.Time, error) {
	var check failure.Check
	check.Need(!d.DeadlineDay.IsZero(), "deadline_day", "is missing: want a day such as 2026-12-05")
	loc, err := zone(d.DeadlineZone)
	if err != nil {
		check.Add("deadline_zone", "%v", err)
	}
	var clock time.Time
	if d.DeadlineTime != "" {
		if clock, err = time.Parse("15:04", d.DeadlineTime); err != nil {
			check.Add("deadline_time", "want a time such as 17:00, or nothing for the whole day")
		}
	}
	if err := check.Err(); err != nil {
		return time.Time{}, err
	}
	day := d.DeadlineDay
	switch {
	case d.DeadlineTime != "":
		return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, loc), nil
	case d.DeadlineInclusive:
		return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, loc), nil
	default:
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, loc), nil
	}
}

package letters

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// How long the post is assumed to take, in days, where nobody has written it down. What is assumed is said to be.
const (
	DomesticDays = 5
	AbroadDays   = 12
)

// Route is what is known of the post from one country to another, by their ISO codes.
type Route struct {
	FromCountry    string         `json:"from_country"`
	ToCountry      string         `json:"to_country"`
	TransitDays    int            `json:"transit_days"`
	Postage        string         `json:"postage"`         // what a letter costs, in words; empty where nobody has looked it up
	SuspendedFrom  *campaigns.Day `json:"suspended_from"`  // from which day on nothing is carried; null where it is, or has been for long
	SuspendedUntil *campaigns.Day `json:"suspended_until"` // the last day of that; null while it is not known
	VerifiedOn     *campaigns.Day `json:"verified_on"`
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

func (r Route) check() error {
	var check failure.Check
	check.Need(countryCode.MatchString(r.FromCountry), "from_country", "is missing: want the ISO code of a country, such as CA")
	check.Need(countryCode.MatchString(r.ToCountry), "to_country", "is missing: want the ISO code of a country, such as SE")
	check.Need(r.TransitDays >= 1 && r.TransitDays <= 120, "transit_days", "must be from 1 to 120")
	check.Need(len(r.Postage) <= 200, "postage", "is longer than 200 bytes")
	check.Need(!strings.ContainsFunc(r.Postage, unicode.IsControl), "postage", "holds a control character")
	check.Need(r.SuspendedFrom == nil || r.SuspendedUntil == nil || !r.SuspendedUntil.Before(r.SuspendedFrom.Time), "suspended_until", "lies before the first day")
	return check.Err()
}

// suspended reports whether nothing is carried on a day.
func (r Route) suspended(on campaigns.Day) bool {
	if r.SuspendedFrom == nil && r.SuspendedUntil == nil {
		return false
	}
	begun := r.SuspendedFrom == nil || !on.Before(r.SuspendedFrom.Time)
	over := r.SuspendedUntil != nil && on.After(r.SuspendedUntil.Time)
	return begun && !over
}

// Routes lists what is written down of the post, by countries.
func (s *Store) Routes(ctx context.Context) ([]Route, error) {
	rows, err := s.DB.Query(ctx, routesSQL)
	return all[Route](rows, err)
}

// PutRoute writes down what the post takes from one country to another, in place of what was known before. Errors: Invalid.
func (s *Store) PutRoute(ctx context.Context, by audit.Actor, r Route) error {
	if err := r.check(); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		before, err := routeBetween(ctx, tx, r.FromCountry, r.ToCountry)
		if err != nil {
			return err
		}
		if err := putRoute(ctx, tx, r); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "postal_route.put", Subject: "postal_route", Before: before, After: r})
	})
}

// Post is what the post takes for one letter.
type Post struct {
	From      string // ISO code; empty where it is not known from where somebody posts
	To        string // and empty for an intergovernmental body without a country of its post
	Days      int
	Assumed   bool
	Suspended bool // today nothing is carried
	Postage   string
}

// PostTo returns what the post takes from where a member lives (0: somebody of whom that is not known) to an office. Errors: NotFound.
func (s *Store) PostTo(ctx context.Context, memberID, targetID int64) (Post, error) {
	var p Post
	var today campaigns.Day
	err := s.DB.QueryRow(ctx, endsOfPostSQL, memberID, targetID).Scan(&p.From, &p.To, &today)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, failure.Missing("office", targetID)
	}
	if err != nil {
		return p, err
	}
	p.Days, p.Assumed = AbroadDays, true
	if p.From == p.To && p.From != "" {
		p.Days = DomesticDays
	}
	known, err := routeBetween(ctx, s.DB, p.From, p.To)
	if err != nil || known == nil {
		return p, err
	}
	p.Days, p.Assumed, p.Postage, p.Suspended = known.TransitDays, false, known.Postage, known.suspended(today)
	return p, nil
}

// LastPostingDay returns the last day on which a letter that travels for so many days is in time (R12): it must be there in the morning of the
// day on which it still helps, which is that of the deadline or of the removal, whichever comes first. removal is zero where none is set.
func LastPostingDay(deadline, removal time.Time, zone *time.Location, transit int) campaigns.Day {
	end := deadline
	if !removal.IsZero() && removal.Before(end) {
		end = removal
	}
	// What ends in the morning was over, for the post, on the evening before.
	arrives := campaigns.DayOf(end.In(zone).Add(-12 * time.Hour))
	return campaigns.Day{Time: arrives.AddDate(0, 0, -transit)}
}

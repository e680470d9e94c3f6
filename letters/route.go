package letters

import (
	"context"
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
	UnknownDays  = 7 // from or to a country that is not known: the guides of the field hold paper to be worth it with a week or more left
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

// Post is what the post does with a letter on its way from one country to another.
type Post struct {
	From      string // ISO code; empty where it is not known from where somebody posts
	To        string // and empty for an intergovernmental body without a country of its post
	Days      int
	Assumed   bool // no route says so
	Suspended bool // today nothing is carried
	Postage   string
}

// postOn is what the post does today on the way from one country to another, assumed where no route says.
func postOn(routes []Route, from, to string, today campaigns.Day) Post {
	for _, r := range routes {
		if r.FromCountry == from && r.ToCountry == to {
			return Post{From: from, To: to, Days: r.TransitDays, Postage: r.Postage, Suspended: r.suspended(today)}
		}
	}
	p := Post{From: from, To: to, Days: AbroadDays, Assumed: true}
	switch {
	case from == "" || to == "":
		p.Days = UnknownDays
	case from == to:
		p.Days = DomesticDays
	}
	return p
}

// LastPosting is the last day on which a letter that takes so many days still arrives before end, in the zone of the office's clock (R12); zero where
// end is. What is to arrive before noon must arrive the day before: offices open their mail by day.
func LastPosting(end time.Time, days int, zone *time.Location) campaigns.Day {
	if end.IsZero() {
		return campaigns.Day{}
	}
	return campaigns.Day{Time: campaigns.DayOf(end.In(zone).Add(-12*time.Hour)).AddDate(0, 0, -days)}
}

package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// How exactly the time of a removal is known.
const (
	RemovalExact   = "exact"    // at RemovalAt
	RemovalWindow  = "window"   // from RemovalAt until RemovalUntil
	RemovalAnyTime = "any_time" // without notice
	RemovalNone    = "none"     // none is planned
	RemovalDone    = "done"     // it has happened
)

// Case is the situation of one person, family or group at risk of being sent back. It outlives its campaigns.
// Three countries: the one that removes, the one it removes to, and, only where it may be known, the nationality.
type Case struct {
	ID                 int64      `json:"id"`
	Ref                string     `json:"ref"`
	Headline           string     `json:"headline"`
	Concerns           []string   `json:"concerns"`
	RemovingCountry    string     `json:"removing_country"`
	ReceivingCountry   string     `json:"receiving_country"`
	NationalityCountry *string    `json:"nationality_country"`
	RemovalTiming      string     `json:"removal_timing"`
	RemovalAt          *time.Time `json:"removal_at"`
	RemovalUntil       *time.Time `json:"removal_until"`
	RemovalZone        *string    `json:"removal_zone"`
	State              string     `json:"state"`
	OriginStateKnows   bool       `json:"origin_state_knows"`
	OriginStateReason  *string    `json:"origin_state_reason"`
	OriginStateBy      *int64     `json:"origin_state_by"`
	CreatedAt          time.Time  `json:"created_at"`
}

// Person is somebody in a case, in the form that may be published; nothing else is kept of them.
type Person struct {
	PublishedAs string `json:"published_as"`
	Pronoun     string `json:"pronoun"`
	IsMinor     bool   `json:"is_minor"`
}

// Removal says when somebody is to be sent back, as far as it is known, in the zone of the place of departure.
type Removal struct {
	Timing string     `json:"removal_timing"`
	At     *time.Time `json:"removal_at"`
	Until  *time.Time `json:"removal_until"`
	Zone   string     `json:"removal_zone"`
}

// NewCase is what is asked for to open a case.
type NewCase struct {
	Ref                string   `json:"ref"`
	Headline           string   `json:"headline"`
	Concerns           []string `json:"concerns"`
	RemovingCountry    string   `json:"removing_country"`
	ReceivingCountry   string   `json:"receiving_country"`
	NationalityCountry string   `json:"nationality_country"`
	Removal
	Persons []Person `json:"persons"`
}

func (r Removal) check(check *failure.Check) {
	switch r.Timing {
	case RemovalExact:
		check.Need(r.At != nil, "removal_at", "is missing: an exact removal has an instant")
		check.Need(r.Until == nil, "removal_until", "belongs to a window only")
	case RemovalWindow:
		check.Need(r.At != nil, "removal_at", "is missing: a window has a beginning")
		check.Need(r.Until != nil && (r.At == nil || r.Until.After(*r.At)), "removal_until", "must be an instant after removal_at")
	case RemovalAnyTime, RemovalNone:
		check.Need(r.At == nil, "removal_at", "must be empty when the timing is %s", r.Timing)
		check.Need(r.Until == nil, "removal_until", "must be empty when the timing is %s", r.Timing)
	case RemovalDone:
		check.Need(r.Until == nil, "removal_until", "belongs to a window only")
	default:
		check.Add("removal_timing", "must be exact, window, any_time, none or done")
	}
	if r.At == nil {
		check.Need(r.Zone == "", "removal_zone", "must be empty where there is no removal_at")
		return
	}
	if _, err := zone(r.Zone); err != nil {
		check.Add("removal_zone", "%v", err)
	}
}

func (n NewCase) check() error {
	var check failure.Check
	checkLine(&check, "ref", n.Ref, 60)
	checkLine(&check, "headline", n.Headline, 300)
	check.Need(isCountry(n.RemovingCountry), "removing_country", "must be a country code of two capitals, such as CA")
	check.Need(isCountry(n.ReceivingCountry), "receiving_country", "must be a country code of two capitals, such as LK")
	check.Need(n.RemovingCountry != n.ReceivingCountry, "receiving_country", "must be another country than the one that removes")
	check.Need(n.NationalityCountry == "" || isCountry(n.NationalityCountry), "nationality_country", "must be a country code, or empty where it may not be known")
	for _, c := range n.Concerns {
		checkLine(&check, "concerns", c, 60)
	}
	for _, p := range n.Persons {
		checkLine(&check, "persons.published_as", p.PublishedAs, 120)
	}
	n.Removal.check(&check)
	return check.Err()
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// AddCase opens a case. Errors: Invalid with every wrong field; Conflict where the ref is taken.
func (s *Store) AddCase(ctx context.Context, by audit.Actor, n NewCase) (Case, error) {
	if err := n.check(); err != nil {
		return Case{}, err
	}
	var added Case
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		if added, err = insertCase(ctx, tx, by, n); err != nil {
			return err
		}
		for i, p := range n.Persons {
			if err := insertPerson(ctx, tx, added.ID, i, p); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "case.add", Subject: "case", SubjectID: added.ID, After: n})
	})
	if postgres.IsUnique(err, "cases_ref_key") {
		return Case{}, failure.Clash("there is a case %s already", n.Ref)
	}
	return added, err
}

// Case returns one case. Errors: NotFound.
func (s *Store) Case(ctx context.Context, id int64) (Case, error) {
	rows, err := s.DB.Query(ctx, caseSQL, id)
	return one[Case](rows, err, "case", id)
}

// Cases lists cases, the newest first.
func (s *Store) Cases(ctx context.Context, p Page) ([]Case, error) {
	rows, err := s.DB.Query(ctx, casesSQL, p.After, p.limit())
	return all[Case](rows, err)
}

// Persons lists the people of a case in their published form.
func (s *Store) Persons(ctx context.Context, caseID int64) ([]Person, error) {
	rows, err := s.DB.Query(ctx, personsSQL, caseID)
	return all[Person](rows, err)
}

// MoveRemoval records that the removal is now to happen at another time. Errors: Invalid, NotFound.
func (s *Store) MoveRemoval(ctx context.Context, by audit.Actor, id int64, r Removal) (Case, error) {
	var check failure.Check
	r.check(&check)
	if err := check.Err(); err != nil {
		return Case{}, err
	}
	return s.changeCase(ctx, by, id, "case.move_removal", func(tx pgx.Tx) error { return updateRemoval(ctx, tx, id, r) })
}

// RecordOriginStateKnows records that the state of origin already knows of the person, with the reason. Only then may an
// office of that state be a target at all (R2). Errors: Invalid, NotFound, Forbidden unless an account does it.
func (s *Store) RecordOriginStateKnows(ctx context.Context, by audit.Actor, id int64, reason string) (Case, error) {
	var check failure.Check
	checkLine(&check, "reason", reason, 1000)
	if err := check.Err(); err != nil {
		return Case{}, err
	}
	if by.AccountID() == nil {
		return Case{}, failure.Rule("R2", "that the state of origin knows is recorded by a person, in their own name")
	}
	return s.changeCase(ctx, by, id, "case.origin_state_knows", func(tx pgx.Tx) error {
		return updateOriginState(ctx, tx, id, reason, *by.AccountID())
	})
}

func (s *Store) changeCase(ctx context.Context, by audit.Actor, id int64, action string, change func(pgx.Tx) error) (Case, error) {
	var after Case
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		before, err := lockCase(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if after, err = lockCase(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "case", SubjectID: id, Before: before, After: after})
	})
	return after, err
}

package campaigns

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// The states of a campaign. It becomes active with its first launch.
const (
	CampaignDraft   = "draft"
	CampaignActive  = "active"
	CampaignStopped = "stopped"
	CampaignClosed  = "closed"
)

// Campaign is one numbered urgent action on a case, or on a policy matter with no person.
type Campaign struct {
	ID               int64  `json:"id"`
	CaseID           *int64 `json:"case_id"`
	Series           string `json:"series"`
	Number           int    `json:"number"`
	Year             int    `json:"year"`
	Slug             string `json:"slug"`
	Title            string `json:"title"`
	State            string `json:"state"`
	Urgent           bool   `json:"urgent"`
	FallbackLanguage string `json:"fallback_language"`
	Deadline
	DeadlineAt    time.Time  `json:"deadline_at"`
	AfterDeadline string     `json:"after_deadline"`
	Outcome       *string    `json:"outcome"`
	OutcomeNote   string     `json:"outcome_note"`
	Durability    *string    `json:"durability"`
	Contribution  *string    `json:"contribution"`
	CreatedAt     time.Time  `json:"created_at"`
	StoppedAt     *time.Time `json:"stopped_at"` // kept when a stopped one is closed
	ClosedAt      *time.Time `json:"closed_at"`
	CounterFrom   *int       `json:"counter_from"` // from how many letters on the public page tells the number; nil: never
}

// Reference is the campaign's number as it is printed, "UA 12/26".
func (c Campaign) Reference() string {
	return fmt.Sprintf("%s %d/%02d", c.Series, c.Number, c.Year%100)
}

// NewCampaign is what is asked for to open a campaign. Without a number it gets the next of its series and year.
type NewCampaign struct {
	CaseID           *int64 `json:"case_id"`
	Series           string `json:"series"`
	Number           int    `json:"number"`
	Year             int    `json:"year"`
	Title            string `json:"title"`
	Urgent           *bool  `json:"urgent"` // true where nothing is said
	FallbackLanguage string `json:"fallback_language"`
	Deadline
	AfterDeadline string   `json:"after_deadline"`
	Asks          []NewAsk `json:"asks"`
	TargetIDs     []int64  `json:"target_ids"`
}

func (n *NewCampaign) check() (time.Time, error) {
	var check failure.Check
	if n.Series == "" {
		n.Series = "UA"
	}
	if n.FallbackLanguage == "" {
		n.FallbackLanguage = "en"
	}
	if n.AfterDeadline == "" {
		n.AfterDeadline = "ask_coordinator"
	}
	check.Need(seriesName.MatchString(n.Series), "series", "must be one to six capitals, such as UA")
	check.Need(n.Number >= 0, "number", "must be above 0, or left out for the next one")
	check.Need(n.Year == 0 || n.Year >= 1961 && n.Year <= 9999, "year", "must be a year of four digits, or left out for this one")
	checkLine(&check, "title", n.Title, 300)
	check.Need(isLanguage(n.FallbackLanguage), "fallback_language", "must be a language tag such as en")
	check.Need(n.AfterDeadline == "ask_coordinator" || n.AfterDeadline == "forbidden" || n.AfterDeadline == "open",
		"after_deadline", "must be ask_coordinator, forbidden or open")
	at, err := n.Instant()
	if err := check.Join("", err); err != nil {
		return at, err
	}
	seen := map[string]bool{}
	for i, ask := range n.Asks {
		at := fmt.Sprintf("asks.%d.", i)
		check.Need(askCode.MatchString(ask.Code) && !seen[ask.Code], at+"code", "must be a short name such as a1, once in each campaign")
		seen[ask.Code] = true
		checkTexts(&check, at+"texts", ask.Texts, 1000)
	}
	return at, check.Err()
}

// AddCampaign opens a campaign as a draft, with its asks and targets, or not at all. Errors: Invalid with every wrong
// field; NotFound for a case or target; Conflict where the number is taken; Forbidden by R2.
func (s *Store) AddCampaign(ctx context.Context, by audit.Actor, n NewCampaign) (Campaign, error) {
	deadline, err := n.check()
	if err != nil {
		return Campaign{}, err
	}
	var added Campaign
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if n.CaseID != nil {
			c, err := lockCase(ctx, tx, *n.CaseID)
			if err != nil {
				return err
			}
			if c.State == "closed" {
				return failure.Clash("case %s is closed; open it again, or open a new one", c.Ref)
			}
		}
		var err error
		if added, err = insertCampaign(ctx, tx, by, n, deadline, newSlug()); err != nil {
			return err
		}
		for i, ask := range n.Asks {
			if err := insertAsk(ctx, tx, added.ID, i, ask); err != nil {
				return err
			}
		}
		for _, id := range n.TargetIDs {
			if err := addCampaignTarget(ctx, tx, by, added, id); err != nil {
				return err
			}
		}
		for i, ask := range n.Asks {
			if err := aimAsk(ctx, tx, added.ID, ask, fmt.Sprintf("asks.%d.target_ids", i)); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "campaign.add", Subject: "campaign", SubjectID: added.ID, After: n})
	})
	if postgres.IsUnique(err, "campaigns_series_year_number_key") {
		return Campaign{}, failure.Clash("there is a campaign %s %d of that year already", n.Series, n.Number)
	}
	return added, err
}

// newSlug returns 100 random bits: a public address that cannot be guessed from the number.
func newSlug() string { return strings.ToLower(rand.Text())[:20] }

// Campaign returns one campaign. Errors: NotFound.
func (s *Store) Campaign(ctx context.Context, id int64) (Campaign, error) {
	rows, err := s.DB.Query(ctx, campaignSQL, id)
	return one[Campaign](rows, err, "campaign", id)
}

// Campaigns lists campaigns, the newest first.
func (s *Store) Campaigns(ctx context.Context, p Page) ([]Campaign, error) {
	rows, err := s.DB.Query(ctx, campaignsSQL, p.After, p.limit())
	return all[Campaign](rows, err)
}

// MoveDeadline sets another deadline; deliveries still waiting obey it at once. Errors: Invalid, NotFound, Conflict.
func (s *Store) MoveDeadline(ctx context.Context, by audit.Actor, campaignID int64, d Deadline) (Campaign, error) {
	at, err := d.Instant()
	if err != nil {
		return Campaign{}, err
	}
	err = s.change(ctx, by, campaignID, "campaign.move_deadline", d, func(tx pgx.Tx, c Campaign) error {
		var leaving bool
		if err := tx.QueryRow(ctx, pastWhileLeavingSQL, campaignID, at).Scan(&leaving); err != nil {
			return err
		}
		if leaving {
			return failure.Wrong("deadline_day", "lies in the past, and an appeal is still leaving: whoever waits for it would be dropped. Stop the appeal first, if that is meant")
		}
		return updateDeadline(ctx, tx, campaignID, d, at)
	})
	if err != nil {
		return Campaign{}, err
	}
	return s.Campaign(ctx, campaignID)
}

// change runs do on a campaign that is not closed, under its lock, and records it.
func (s *Store) change(ctx context.Context, by audit.Actor, id int64, action string, after any, do func(pgx.Tx, Campaign) error) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockCampaign(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.State == CampaignClosed {
			return failure.Clash("campaign %s is closed and stays as it is", c.Reference())
		}
		if err := do(tx, c); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "campaign", SubjectID: id, Before: c, After: after})
	})
}

// Closing is how a campaign ended.
type Closing struct {
	Outcome      string `json:"outcome"`
	Note         string `json:"note"`
	Durability   string `json:"durability"`
	Contribution string `json:"contribution"`
}

// Outcomes lists what may have become of the person, in the order of the list that people choose from.
var Outcomes = []string{"deferred", "stay_granted", "interim_measures", "released", "status_granted", "application_allowed",
	"policy_changed", "removed", "removal_failed", "left_under_pressure", "in_sanctuary", "detained_on_arrival",
	"missing_after_return", "unknown"}

func (c *Closing) check() error {
	var check failure.Check
	known := false
	for _, o := range Outcomes {
		known = known || o == c.Outcome
	}
	check.Need(known, "outcome", "must be one of %s", strings.Join(Outcomes, ", "))
	check.Need(len(c.Note) <= 2000 && !hasControl(c.Note, true), "note", "is longer than 2,000 bytes, or holds a control character")
	if c.Durability == "" {
		c.Durability = "unknown"
	}
	if c.Contribution == "" {
		c.Contribution = "unknown"
	}
	check.Need(c.Durability == "temporary" || c.Durability == "durable" || c.Durability == "unknown",
		"durability", "must be temporary, durable or unknown")
	check.Need(c.Contribution == "unknown" || c.Contribution == "acknowledged_by_counsel" || c.Contribution == "acknowledged_by_authority",
		"contribution", "must be unknown, acknowledged_by_counsel or acknowledged_by_authority")
	return check.Err()
}

// CloseCampaign closes a campaign with its outcome. Appeals that still ask for letters are stopped with it; one that tells
// the outcome goes on. Closing with the same outcome again changes nothing. Errors: Invalid, NotFound, Conflict.
func (s *Store) CloseCampaign(ctx context.Context, by audit.Actor, id int64, c Closing) (Campaign, error) {
	if err := c.check(); err != nil {
		return Campaign{}, err
	}
	var halted []int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		before, err := lockCampaign(ctx, tx, id)
		if err != nil {
			return err
		}
		switch {
		case before.State == CampaignDraft:
			return failure.Clash("campaign %s was never launched; there is nothing to close", before.Reference())
		case before.State == CampaignClosed && *before.Outcome == c.Outcome:
			return nil
		case before.State == CampaignClosed:
			return failure.Clash("campaign %s is closed already, with the outcome %s", before.Reference(), *before.Outcome)
		}
		if err := updateClosed(ctx, tx, id, c); err != nil {
			return err
		}
		if halted, err = haltAsking(ctx, tx, by, id, 0); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "campaign.close", Subject: "campaign", SubjectID: id, Before: before, After: c})
	})
	if err != nil {
		return Campaign{}, err
	}
	if err := s.finishStops(ctx, halted); err != nil {
		return Campaign{}, err
	}
	return s.Campaign(ctx, id)
}

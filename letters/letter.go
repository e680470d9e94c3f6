// Package letters promises that a letter is counted once, with how it is known, and that every total is a sum over rows.
//
// A member reports a letter by the link in the mail. One report is one row, unique on (appeal, member, target, channel):
// reporting again corrects it, and the same link withdraws it. Nothing here is a counter, so nothing is lost or counted
// twice under load.
package letters

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// MostCopies is how many letters one report may claim. A letter evening has more; it is told to the coordinator.
const MostCopies = 50

// Channels lists the ways a letter can go, in the order people are asked.
var Channels = []string{"email", "post", "fax", "phone", "social", "web_form"}

// Store keeps the letters. It is safe for concurrent use.
type Store struct{ DB postgres.DB }

// Writer is who reports: the member that the link was made for, and the appeal it came with.
type Writer struct {
	AppealID int64
	MemberID int64
}

// Letter is one report: what one member sent to one target by one channel.
type Letter struct {
	ID          int64         `json:"id"`
	CampaignID  int64         `json:"campaign_id"`
	AppealID    int64         `json:"appeal_id"`
	MemberID    int64         `json:"member_id"`
	TargetID    int64         `json:"target_id"`
	Channel     string        `json:"channel"`
	Method      string        `json:"method"`
	Copies      int           `json:"copies"`
	WrittenOn   campaigns.Day `json:"written_on"`
	ReportedAt  time.Time     `json:"reported_at"`
	CorrectedAt *time.Time    `json:"corrected_at"`
	WithdrawnAt *time.Time    `json:"withdrawn_at"`
}

// Report is what a member says: the same letter, to each of these targets.
type Report struct {
	TargetIDs []int64
	Channel   string
	Copies    int
	WrittenOn campaigns.Day
}

// bounds is what a report is held against.
type bounds struct {
	CampaignID int64
	State      string
	Earliest   campaigns.Day // the day before the first launch, as some zone is always a day behind
	Latest     campaigns.Day // the day after today, as some zone is always a day ahead
}

func (r Report) check(b bounds) error {
	var check failure.Check
	check.Need(len(r.TargetIDs) > 0, "target", "is missing: say to whom you wrote")
	check.Need(len(r.TargetIDs) <= 50, "target", "are too many at once")
	known := false
	for _, c := range Channels {
		known = known || c == r.Channel
	}
	check.Need(known, "channel", "is missing: say how you sent it")
	check.Need(r.Copies >= 1 && r.Copies <= MostCopies, "copies", "must be from 1 to %d; tell us of a letter evening by mail", MostCopies)
	switch {
	case r.WrittenOn.IsZero():
		check.Add("written_on", "is missing: want the day you sent it, such as 2026-12-05")
	case r.WrittenOn.After(b.Latest.Time):
		check.Add("written_on", "lies in the future")
	case r.WrittenOn.Before(b.Earliest.Time):
		check.Add("written_on", "lies before the campaign went out, on %s", b.Earliest)
	}
	return check.Err()
}

// Report takes a report down, all of it or nothing; a report of the same letter again corrects it. Errors: Invalid with
// every wrong field; NotFound where the link's delivery does not exist.
func (s *Store) Report(ctx context.Context, w Writer, r Report) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		if err := r.check(b); err != nil {
			return err
		}
		// In one order, whatever was sent: two reports at once must not wait for each other.
		targets := slices.Clone(r.TargetIDs)
		slices.Sort(targets)
		for _, target := range slices.Compact(targets) {
			ok, err := isTarget(ctx, tx, b.CampaignID, target)
			if err != nil {
				return err
			}
			if !ok {
				return failure.Wrong("target", "this campaign does not write to target %d", target)
			}
			id, err := putLetter(ctx, tx, w, b.CampaignID, target, r)
			if err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.report", Subject: "letter", SubjectID: id, After: r}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Correct changes the day and the number of one of the writer's own reports; a withdrawn one counts again. Errors: Invalid;
// NotFound, also for somebody else's report.
func (s *Store) Correct(ctx context.Context, w Writer, letterID int64, writtenOn campaigns.Day, copies int) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		before, err := lockOwn(ctx, tx, w, letterID)
		if err != nil {
			return err
		}
		r := Report{TargetIDs: []int64{before.TargetID}, Channel: before.Channel, Copies: copies, WrittenOn: writtenOn}
		if err := r.check(b); err != nil {
			return err
		}
		if _, err := putLetter(ctx, tx, w, before.CampaignID, before.TargetID, r); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.correct", Subject: "letter", SubjectID: letterID, Before: before, After: r})
	})
}

// Withdraw takes one of the writer's own reports back. It no longer counts; the row stays. Errors: NotFound, also for
// somebody else's report.
func (s *Store) Withdraw(ctx context.Context, w Writer, letterID int64) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		before, err := lockOwn(ctx, tx, w, letterID)
		if err != nil || before.WithdrawnAt != nil {
			return err
		}
		if err := withdraw(ctx, tx, letterID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.withdraw", Subject: "letter", SubjectID: letterID, Before: before})
	})
}

// Of lists the writer's own reports, those withdrawn too.
func (s *Store) Of(ctx context.Context, w Writer) ([]Letter, error) {
	rows, err := s.DB.Query(ctx, ofWriterSQL, w.AppealID, w.MemberID)
	return all[Letter](rows, err)
}

// List lists reports, the newest first; campaignID 0 means every campaign.
func (s *Store) List(ctx context.Context, campaignID int64, p campaigns.Page) ([]Letter, error) {
	limit := p.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	rows, err := s.DB.Query(ctx, lettersSQL, campaignID, p.After, limit)
	return all[Letter](rows, err)
}

// Total is a sum over the reports of one campaign to one target by one channel, with how they are known.
type Total struct {
	TargetID int64  `json:"target_id"`
	Channel  string `json:"channel"`
	Method   string `json:"method"`
	Letters  int64  `json:"letters"`
	Members  int64  `json:"members"`
}

// Totals sums a campaign's letters by target, channel and method; campaignID 0 means every campaign. They are never summed
// into one bare number here.
func (s *Store) Totals(ctx context.Context, campaignID int64) ([]Total, error) {
	rows, err := s.DB.Query(ctx, totalsSQL, campaignID)
	return all[Total](rows, err)
}

func all[T any](rows pgx.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if list == nil {
		list = []T{}
	}
	return list, err
}

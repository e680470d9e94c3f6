// Package letters promises that a letter is counted once, with how it is known, and that every total is a sum over rows.
//
// A member reports a letter by the link in the mail. One report is one row, unique on (appeal, member, target, channel):
// reporting again corrects it, and the same link withdraws it. Nothing here is a counter, so nothing is lost or counted
// twice under load.
package letters

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
)

// How many letters one report may claim: of one writer, and of a group on a letter evening.
const (
	MostCopies = 50
	MostBatch  = 5000
)

// Channels lists the ways a letter can go, in the order people are asked. Unsaid is what somebody who answered an alert did not say; nobody is
// offered it.
var Channels = []string{"email", "post", "fax", "phone", "social", "web_form"}

// Unsaid is the channel of a letter of which only its being sent is known.
const Unsaid = "unsaid"

// How a letter is known, its evidence grade. It only rises, in the order Reported, Paper, Confirmed, Sent; a batch stays one.
const (
	Reported  = "reported"  // its writer says so
	Paper     = "paper"     // the code printed on it was entered, or quoted by the answer
	Confirmed = "confirmed" // a blind copy of it came to us
	Sent      = "sent"      // we sent it, and keep the relay's answer
	Batch     = "batch"     // a group says how many were written on an evening
)

// What has become of a letter. Only what is Counted is in a total.
const (
	Made      = "made"      // being written, or waiting to be sent: not a letter yet
	Counted   = "counted"   //
	SetAside  = "set_aside" // waits for a person's look
	Returned  = "returned"  // it came back
	Withdrawn = "withdrawn" // its writer took it back
)

// Store keeps the letters. It is safe for concurrent use.
type Store struct {
	DB    postgres.DB
	Ring  *seal.Ring     // seals what is written and answered
	Links Links          // of the same ring
	Jobs  campaigns.Jobs // to promise that a letter leaves
	Pace  time.Duration  // between two letters by mail to one target, more or less; DefaultPace where it is 0
}

// NewStore makes a store of a ring.
func NewStore(db postgres.DB, ring *seal.Ring, jobs campaigns.Jobs) (*Store, error) {
	links, err := NewLinks(ring)
	return &Store{DB: db, Ring: ring, Links: links, Jobs: jobs}, err
}

// Writer is whose letter it is: a member, by the appeal whose link they came with; or a visitor, who came to the public page.
type Writer struct {
	AppealID int64 // of a member
	MemberID int64 // 0 for a visitor

	VisitorID int64 // 0 for a member
}

// Letter is what one writer sent to one target by one channel.
type Letter struct {
	ID          int64         `json:"id"`
	CampaignID  int64         `json:"campaign_id"`
	AppealID    *int64        `json:"appeal_id"` // of a member's letter, as MemberID
	MemberID    *int64        `json:"member_id"`
	VisitorID   *int64        `json:"visitor_id"`
	GroupID     *int64        `json:"group_id"` // of a batch
	RecordedBy  *int64        `json:"recorded_by"`
	TargetID    int64         `json:"target_id"`
	Channel     string        `json:"channel"`
	Grade       string        `json:"grade"`
	State       string        `json:"state"`
	SetAside    *string       `json:"set_aside"`
	Copies      int           `json:"copies"`
	Language    *string       `json:"language"`
	Code        *string       `json:"code"`
	WrittenOn   campaigns.Day `json:"written_on"`
	ReportedAt  time.Time     `json:"reported_at"`
	ReviewedBy  *int64        `json:"reviewed_by"` // who looked at what was set aside
	ReviewedAt  *time.Time    `json:"reviewed_at"`
	CorrectedAt *time.Time    `json:"corrected_at"`
	WithdrawnAt *time.Time    `json:"withdrawn_at"`
	ReturnedAt  *time.Time    `json:"returned_at"`
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
	Term
}

// check returns Invalid with every wrong field, or Conflict where reports are no longer taken. most is how many letters a report may claim.
func (r Report) check(b bounds, most int) error {
	if !b.Takes() {
		return failure.Clash("reports were taken until %d days after letters were no longer asked for", reportDays)
	}
	var check failure.Check
	check.Need(len(r.TargetIDs) > 0, "target", "is missing: say to whom you wrote")
	check.Need(len(r.TargetIDs) <= 50, "target", "are too many at once")
	check.Need(slices.Contains(Channels, r.Channel), "channel", "is missing: say how you sent it")
	check.Need(r.Copies >= 1 && r.Copies <= most, "copies", "must be from 1 to %d", most)
	b.check(&check, r.WrittenOn, b.Earliest)
	return check.Err()
}

// Report takes a report down, all of it or nothing; a report of the same letter again corrects it. What is out of the ordinary is set aside
// until somebody has looked. Errors: Invalid with every wrong field; Conflict where reports are no longer taken; NotFound where the link's
// delivery does not exist.
func (s *Store) Report(ctx context.Context, w Writer, r Report) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		return report(ctx, tx, w, b, r)
	})
}

func report(ctx context.Context, tx pgx.Tx, w Writer, b bounds, r Report) error {
	if err := r.check(b, MostCopies); err != nil {
		return err
	}
	return eachTarget(ctx, tx, b.CampaignID, r, func(target int64) error {
		before, err := openReport(ctx, tx, w, b.CampaignID, target, r)
		if err != nil {
			return err
		}
		if err := settleReport(ctx, tx, w, before, r); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.report", Subject: "letter", SubjectID: before.ID, After: r})
	})
}

// eachTarget goes through the targets of a report in one order, whatever was sent: two reports at once must not wait for each other. Errors:
// Invalid for what is no target of the campaign.
func eachTarget(ctx context.Context, tx pgx.Tx, campaignID int64, r Report, do func(target int64) error) error {
	targets := slices.Clone(r.TargetIDs)
	slices.Sort(targets)
	for _, target := range slices.Compact(targets) {
		ok, err := isTarget(ctx, tx, campaignID, target)
		if err != nil {
			return err
		}
		if !ok {
			return failure.Wrong("target", "this campaign does not write to target %d", target)
		}
		if err := do(target); err != nil {
			return err
		}
	}
	return nil
}

// settleReport writes down what a report makes of a letter that is locked.
func settleReport(ctx context.Context, tx pgx.Tx, w Writer, before Letter, r Report) error {
	c, err := readClaim(ctx, tx, w, before)
	if err != nil {
		return err
	}
	c.Visitor, c.Copies = w.VisitorID != 0, c.Copies+r.Copies
	return putLetter(ctx, tx, before, before.reported(r, c.outlier()))
}

// Correct changes the day and the number of one of the writer's own reports; a withdrawn one counts again. Errors: Invalid; Conflict where
// better evidence than the writer's word shows it, and where reports are no longer taken; NotFound, also for somebody else's report.
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
		if !before.onWord() {
			return failure.Clash("letter %d is known by better evidence than a report, so no report changes it", letterID)
		}
		r := Report{TargetIDs: []int64{before.TargetID}, Channel: before.Channel, Copies: copies, WrittenOn: writtenOn}
		if err := r.check(b, MostCopies); err != nil {
			return err
		}
		if err := settleReport(ctx, tx, w, before, r); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.correct", Subject: "letter", SubjectID: letterID, Before: before, After: r})
	})
}

// Withdraw takes one of the writer's own reports back. It no longer counts, and does not leave where we were to mail it; the row stays. Errors: Conflict for a letter that we have sent,
// which nobody can take back; NotFound, also for somebody else's report.
func (s *Store) Withdraw(ctx context.Context, w Writer, letterID int64) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		mailed, err := lockMailRow(ctx, tx, letterID) // first, as all do
		if err != nil {
			return err
		}
		before, err := lockOwn(ctx, tx, w, letterID)
		if err != nil || before.WithdrawnAt != nil {
			return err
		}
		if before.Grade == Sent || mailed == MailSent { // also where it is one of several that they have reported
			return failure.Clash("letter %d has left; it cannot be taken back", letterID)
		}
		if err := errors.Join(withdraw(ctx, tx, letterID), takeBack(ctx, tx, letterID)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.withdraw", Subject: "letter", SubjectID: letterID, Before: before})
	})
}

// Of lists the writer's own reports, those withdrawn too.
func (s *Store) Of(ctx context.Context, w Writer) ([]Letter, error) {
	rows, err := s.DB.Query(ctx, ofWriterSQL, w.AppealID, w.MemberID, w.VisitorID)
	return all[Letter](rows, err)
}

// List lists letters, the newest first; campaignID 0 means every campaign.
func (s *Store) List(ctx context.Context, campaignID int64, p campaigns.Page) ([]Letter, error) {
	limit := p.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	rows, err := s.DB.Query(ctx, lettersSQL, campaignID, p.After, limit)
	return all[Letter](rows, err)
}

// Total is a sum over the letters of one campaign to one target by one channel, with how they are known. Letters of visitors are summed apart
// (Anonymous). Writers are counted once in each line; a group's evening is no member's letter.
type Total struct {
	TargetID  int64  `json:"target_id"`
	Channel   string `json:"channel"`
	Grade     string `json:"grade"`
	Anonymous bool   `json:"anonymous"`
	Letters   int64  `json:"letters"`
	Members   int64  `json:"members"`
	Visitors  int64  `json:"visitors"`
	Groups    int64  `json:"groups"`
}

// Totals sums a campaign's counted letters by target, channel and grade; campaignID 0 means every campaign. They are never summed
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

package campaigns

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// The failures that may be tried again. Never a refusal of the member's own address, never who was skipped.
const (
	FailureGaveUp  = "gave_up" // always told "later", until it was given up
	FailureUs      = "us"      // refused because of us: blocked, not trusted
	FailureContent = "content" // refused because of what the mail holds; of use once the relay or the provider has changed
	FailureUnknown = "unknown" // nobody can know whether it arrived: whoever did get it gets the same mail again
)

// Failures lists what may be tried again, in the order in which it is offered.
func Failures() []string {
	return []string{FailureGaveUp, FailureUs, FailureContent, FailureUnknown}
}

// A round is cut into batches of so many rows, none of which is looked for over more than so many members: the rows lie far apart.
const (
	roundBatch   = 200
	roundStretch = 20_000
)

// errNobody takes a round back that there is nobody for.
var errNobody = errors.New("there is nobody to send it to")

// Round is one press by which a launched appeal goes out once more, and to how many.
type Round struct {
	Appeal  Appeal
	Members int64
}

// Retry sends an appeal that is complete once more to those to whom it failed in one of these ways. What each delivery was before is kept;
// an unknown that is accepted now may have come twice, and is counted so. Nobody is sent anything who has left or is suppressed
// by then, nor after the end of the appeal's time. Pressed again while it goes on, it answers the same and does nothing more; where there is
// nobody, nothing is changed.
//
// Errors: Invalid; NotFound; Conflict where the appeal is not complete, its time is over, its campaign is stopped, or another appeal has gone
// out since.
func (s *Store) Retry(ctx context.Context, by audit.Actor, id int64, failures []string) (Round, error) {
	failures, err := checkFailures(failures)
	if err != nil {
		return Round{}, err
	}
	return s.round(ctx, id, func(tx pgx.Tx, a Appeal, c Campaign) (int64, error) {
		before, err := retriedBefore(ctx, tx, a, failures)
		if err != nil || before > 0 {
			return before, err
		}
		if err := mayRetry(a); err != nil {
			return 0, err
		}
		if err := mayGoOn(ctx, tx, a, c); err != nil {
			return 0, err
		}
		roundID, err := insertRound(ctx, tx, by, id, failures)
		if err != nil {
			return 0, err
		}
		batches, rows, err := retryRows(ctx, tx, id, roundID, failures)
		if err != nil {
			return 0, err
		}
		return rows, s.beginRound(ctx, tx, a, c, batches, audit.Event{Actor: by, Action: "appeal.retry", After: failures})
	})
}

// Failed counts, of a complete appeal, who could be tried again, by what failed.
func (s *Store) Failed(ctx context.Context, appealID int64) (map[string]int64, error) {
	rows, err := s.DB.Query(ctx, countFailedSQL, appealID)
	list, err := all[failed](rows, err)
	counts := make(map[string]int64, len(list))
	for _, f := range list {
		counts[f.Failure] = f.Members
	}
	return counts, err
}

// checkFailures returns the failures in order, each once.
func checkFailures(failures []string) ([]string, error) {
	var check failure.Check
	check.Need(len(failures) > 0, "failures", "are missing: name at least one of gave_up, us, content, unknown")
	for _, f := range failures {
		check.Need(slices.Contains(Failures(), f), "failures", "%q is none of gave_up, us, content, unknown", f)
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(failures)))
	return sorted, check.Err()
}

// mayRetry reports why what failed of an appeal cannot be tried again.
func mayRetry(a Appeal) error {
	switch a.State {
	case AppealComplete:
		return nil
	case AppealDraft:
		return failure.Clash("appeal %d was never launched", a.ID)
	case AppealIssuing:
		return failure.Clash("appeal %d is still leaving; try again what failed when it is complete", a.ID)
	}
	return failure.Clash("appeal %d is %s; resume it, and try again what failed when it is complete", a.ID, a.State)
}

// mayGoOn reports why nothing more may be sent of an appeal.
func mayGoOn(ctx context.Context, tx pgx.Tx, a Appeal, c Campaign) error {
	var now time.Time
	if err := tx.QueryRow(ctx, nowSQL).Scan(&now); err != nil {
		return err
	}
	if a.Asking && c.State != CampaignActive {
		return failure.Clash("campaign %s is %s; an appeal that asks for letters cannot go on", c.Reference(), c.State)
	}
	if a.Asking && !now.Before(c.DeadlineAt) {
		return failure.Clash("the deadline of campaign %s has passed; move it first, if letters are still wanted", c.Reference())
	}
	rows, err := tx.Query(ctx, lastOfReadersSQL, c.ID, a.ID)
	last, err := one[Appeal](rows, err, "appeal", a.ID)
	if err != nil {
		return err
	}
	if last.ID != a.ID {
		return failure.Clash("another appeal of campaign %s has gone out since appeal %d: whoever got this one now would never get that", c.Reference(), a.ID)
	}
	return nil
}

// round runs do on an appeal under its lock. do returns to how many it goes out; errNobody takes back what it did.
func (s *Store) round(ctx context.Context, id int64, do func(pgx.Tx, Appeal, Campaign) (int64, error)) (Round, error) {
	var r Round
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		a, c, err := lockAppeal(ctx, tx, id)
		if err != nil {
			return err
		}
		r.Members, err = do(tx, a, c)
		return err
	})
	if err != nil && !errors.Is(err, errNobody) {
		return Round{}, err
	}
	if err != nil {
		r.Members = 0
	}
	r.Appeal, err = s.Appeal(ctx, id)
	return r, err
}

// beginRound lets an appeal go on with the batches of a round, and puts it on record.
func (s *Store) beginRound(ctx context.Context, tx pgx.Tx, a Appeal, c Campaign, batches []Batch, event audit.Event) error {
	if len(batches) == 0 {
		return errNobody
	}
	if err := updateGoesOn(ctx, tx, a.ID); err != nil {
		return err
	}
	if err := updateExpires(ctx, tx, a.ID, TriedFor); err != nil {
		return err
	}
	if err := s.promiseBatches(ctx, tx, batches, c.Urgent); err != nil {
		return err
	}
	event.Subject, event.SubjectID, event.Before = "appeal", a.ID, a
	return audit.Record(ctx, tx, event)
}

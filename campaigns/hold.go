package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// Why the system stops an appeal by itself.
const (
	HeldBlocked    = "blocked"    // too many were refused because of us, not of the member
	HeldUnwritable = "unwritable" // too many of its mails cannot be written
)

// Hold stops an appeal because of what the system has seen, as Stop does for a person, and keeps the reason. A coordinator
// resumes it as any other. What is not issuing stays as it is. Errors: NotFound.
func (s *Store) Hold(ctx context.Context, id int64, reason string) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		a, _, err := lockAppeal(ctx, tx, id)
		if err != nil || a.State != AppealIssuing {
			return err
		}
		if _, err := tx.Exec(ctx, updateHeldSQL, id, reason); err != nil {
			return err
		}
		if err := tellStop(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.System(), Action: "appeal.hold", Subject: "appeal", SubjectID: id, Before: a, After: reason})
	})
	if err != nil {
		return err
	}
	return s.finishStops(ctx, []int64{id})
}

// SkipLate settles what is left of a batch as too late where the appeal's deadline has passed. It is for whoever cannot claim: a claim
// does the same. late reports whether the deadline has passed.
func (s *Store) SkipLate(ctx context.Context, b Batch) (late bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		live, ahead, err := readLive(ctx, tx, b.AppealID)
		if late = live && !ahead; err != nil || !late {
			return err
		}
		return skipTooLate(ctx, tx, b)
	})
	return late, err
}

package campaigns

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// TriedFor is how long an appeal that asks for no letters is tried from its launch, or from the last press that let it go on. One that asks
// ends with its campaign's deadline.
const TriedFor = 14 * 24 * time.Hour

// EndsAt returns the moment from which on nothing of a launched appeal of c is tried any more.
func (a Appeal) EndsAt(c Campaign) time.Time {
	if a.Asking || a.ExpiresAt == nil {
		return c.DeadlineAt
	}
	return *a.ExpiresAt
}

// expire ends what still waits in appeals whose time is over, also where no job comes to it because the relay is down: those rows are
// skipped as too late, and said to be so. What is on a connection is left to it.
func (s *Store) expire(ctx context.Context) error {
	over, err := s.overdue(ctx)
	if err != nil {
		return err
	}
	var errs []error
	ended := map[int64]bool{}
	for _, b := range over {
		closed, err := s.expireBatch(ctx, b)
		if closed {
			ended[b.AppealID] = true
		}
		errs = append(errs, err)
	}
	for id := range ended {
		errs = append(errs, s.completeIfClosed(ctx, id))
	}
	return errors.Join(errs...)
}

func (s *Store) expireBatch(ctx context.Context, b Batch) (closed bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		closed = false
		if mine, err := lockOverdue(ctx, tx, b); err != nil || !mine {
			return err
		}
		if err := skipTooLate(ctx, tx, b); err != nil {
			return err
		}
		state, err := batchState(ctx, tx, b)
		if err != nil || state.Open {
			return err
		}
		closed = true
		return deleteBatch(ctx, tx, b)
	})
	return closed, err
}

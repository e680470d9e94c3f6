package campaigns

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Swept tells what a sweep put right.
type Swept struct {
	Windows int // whose lease had run out
	Batches int // that no job looked after
	Fanouts int // that no job filled
}

// Sweep puts right what dead processes left behind, from the ledger alone; the queue's own rows are not asked.
//
// A window whose lease ran out: nobody can know whether its rows still marked as sending were sent, so they are unknown, and
// sent once more (the same bytes) or held, as the appeal says. A batch or a fan-out that nobody looks after gets a new
// job, and the old one, should it still be there, has nothing to do any more. Any number of processes may sweep at once.
// lease is what windows are claimed for; cover is how long the new jobs have to begin.
func (s *Store) Sweep(ctx context.Context, lease, cover time.Duration) (Swept, error) {
	var swept Swept
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		swept = Swept{}
		dead, err := lockDeadWindows(ctx, tx, lease)
		if err != nil {
			return err
		}
		for _, w := range dead {
			if err := loseWindow(ctx, tx, w); err != nil {
				return err
			}
		}
		swept.Windows = len(dead)
		if swept.Batches, err = s.promiseAgain(ctx, tx, cover); err != nil {
			return err
		}
		fanouts, err := coverLostFanouts(ctx, tx, cover)
		for _, f := range fanouts {
			if err := s.promiseFanOut(ctx, tx, f.ID, f.Urgent); err != nil {
				return err
			}
		}
		swept.Fanouts = len(fanouts)
		return err
	})
	if err != nil {
		return Swept{}, err
	}
	// Appeals that a process left when it had settled the last row, but not said so. One that fails must not hold up the others.
	err = errors.Join(s.expire(ctx), s.finishStop(ctx, 0))
	resting, failed := s.resting(ctx)
	err = errors.Join(err, failed)
	for _, id := range resting {
		err = errors.Join(err, s.CountEligible(ctx, id))
	}
	return swept, err
}

func (s *Store) promiseAgain(ctx context.Context, tx pgx.Tx, cover time.Duration) (int, error) {
	lost, err := coverLostBatches(ctx, tx, cover)
	if err != nil {
		return 0, err
	}
	for _, urgent := range []bool{true, false} {
		var batches []Batch
		for _, l := range lost {
			if l.Urgent == urgent {
				batches = append(batches, l.Batch)
			}
		}
		if err := s.promiseBatches(ctx, tx, batches, urgent); err != nil {
			return 0, err
		}
	}
	return len(lost), nil
}

package campaigns

import (
	"context"
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
// job. Any number of processes may sweep at once.
func (s *Store) Sweep(ctx context.Context, cover time.Duration) (Swept, error) {
	var swept Swept
	var ended []int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		swept, ended = Swept{}, nil
		dead, err := lockDeadWindows(ctx, tx)
		if err != nil {
			return err
		}
		for _, w := range dead {
			if err := loseWindow(ctx, tx, w); err != nil {
				return err
			}
			ended = append(ended, w.AppealID)
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
	// Appeals that a process left when it had settled the last row, but not said so.
	resting, err := s.resting(ctx)
	if err != nil {
		return swept, err
	}
	for _, id := range resting {
		if err := s.CountEligible(ctx, id); err != nil {
			return swept, err
		}
	}
	return swept, s.finishStops(ctx, append(ended, resting...))
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

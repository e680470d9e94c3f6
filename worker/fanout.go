package worker

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"holdfast/campaigns"
)

// fanOut keeps the promise of campaigns.FanOut.
type fanOut struct {
	river.WorkerDefaults[campaigns.FanOut]
	store *campaigns.Store
	pace  Pace
	speed *atomic.Int64 // of a connection; see deliverBatch
}

// filling is how the next slice is cut: what is a job must be worth one, and must not be what all the others wait for in the end.
func (f *fanOut) filling() campaigns.Filling {
	filling := f.pace.Filling
	if speed := int(f.speed.Load()); filling.BatchRows == 0 {
		filling.BatchRows = min(max(10*speed, 100), 500)
	}
	return filling
}

// Timeout leaves a slice time to end.
func (f *fanOut) Timeout(*river.Job[campaigns.FanOut]) time.Duration {
	return f.pace.Turn + 2*time.Minute
}

// NextRetry is soon: the ledger says how far the filling has come.
func (f *fanOut) NextRetry(*river.Job[campaigns.FanOut]) time.Time {
	return time.Now().Add(2 * time.Second)
}

// ahead is how many slices are filled before the eligible are counted: a count over all members takes a moment, and those who send must have
// enough to do in it.
const ahead = 20

// Work fills the ledger slice by slice for a turn; mails of the first slices leave meanwhile.
func (f *fanOut) Work(ctx context.Context, job *river.Job[campaigns.FanOut]) error {
	until := time.Now().Add(f.pace.Turn)
	for slices := 1; time.Now().Before(until); slices++ {
		filled, err := f.store.FillSlice(ctx, job.Args.AppealID, f.filling())
		if err != nil {
			return err
		}
		if slices == ahead || filled.Done {
			if err := f.store.CountEligible(ctx, job.Args.AppealID); err != nil {
				return err
			}
		}
		switch {
		case filled.Done:
			return nil
		case filled.Again:
			return river.JobSnooze(f.pace.Again)
		}
	}
	return river.JobSnooze(0)
}

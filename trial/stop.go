package trial

import (
	"context"
	"fmt"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// interrupt launches once more, to everybody and not urgent. In mid-run an urgent appeal to few overtakes it, where that is asked for;
// then it is stopped.
func (b *bench) interrupt(ctx context.Context) error {
	b.o.Tell("an appeal to be overtaken and stopped")
	a, err := b.house.draft(ctx, b.o.Tongues, 0, false)
	if err != nil {
		return err
	}
	if err := b.house.launch(ctx, a.ID); err != nil {
		return err
	}
	if err := b.underWay(ctx, a.ID, int64(min(b.o.Members/20, 2000))); err != nil {
		return err
	}
	if b.o.Urgent {
		if err := b.overtake(ctx); err != nil {
			return err
		}
	}
	return b.stop(ctx, a.ID)
}

// underWay returns when an appeal has reached so many.
func (b *bench) underWay(ctx context.Context, id, accepted int64) error {
	for {
		_, r, err := b.house.campaigns.Receipt(ctx, id)
		if err != nil || r.Accepted >= accepted {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// overtake measures from the launch of an urgent appeal to a few members to its last acceptance, while the other is being sent.
func (b *bench) overtake(ctx context.Context) error {
	a, err := b.house.draft(ctx, b.o.Tongues, b.house.warmUp, true)
	if err != nil {
		return err
	}
	if err := b.house.launch(ctx, a.ID); err != nil {
		return err
	}
	r, err := b.house.follow(ctx, a.ID)
	if err != nil {
		return err
	}
	if a, err = b.house.campaigns.Appeal(ctx, a.ID); err != nil {
		return err
	}
	if !r.Closes() || r.LastAcceptedAt == nil {
		return fmt.Errorf("the urgent appeal is %s and its receipt does not close", a.State)
	}
	took := r.LastAcceptedAt.Sub(*a.LaunchedAt).Seconds()
	b.report.UrgentSeconds = &took
	return nil
}

// stop measures from the press to stopped.
func (b *bench) stop(ctx context.Context, id int64) error {
	pressed := time.Now()
	s, err := b.house.campaigns.Stop(ctx, audit.System(), id)
	if failure.Is(err, failure.Conflict) {
		b.o.Tell("it had ended before it could be stopped: more members are needed to measure that")
		return nil
	}
	for err == nil && s.Appeal.State == campaigns.AppealStopping {
		time.Sleep(10 * time.Millisecond)
		s, err = b.house.campaigns.Stopping(ctx, id)
	}
	if err != nil {
		return err
	}
	took := time.Since(pressed).Seconds()
	if s.Appeal.State != campaigns.AppealStopped {
		return fmt.Errorf("the appeal to be stopped is %s", s.Appeal.State)
	}
	b.report.StopSeconds = &took
	return nil
}

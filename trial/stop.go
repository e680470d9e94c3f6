package trial

import (
	"context"
	"fmt"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
)

// stop launches once more, stops in mid-run, and measures from the press to stopped.
func (b *bench) stop(ctx context.Context) error {
	b.o.Tell("a stop in mid-run")
	a, err := b.house.draft(ctx, b.o.Tongues, 0, true)
	if err != nil {
		return err
	}
	if err := b.house.launch(ctx, a.ID); err != nil {
		return err
	}
	for part := int64(b.o.Members / 20); ; {
		_, r, err := b.house.campaigns.Receipt(ctx, a.ID)
		if err != nil {
			return err
		}
		if r.Accepted >= part {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	pressed := time.Now()
	s, err := b.house.campaigns.Stop(ctx, audit.System(), a.ID)
	for err == nil && s.Appeal.State == campaigns.AppealStopping {
		time.Sleep(10 * time.Millisecond)
		s, err = b.house.campaigns.Stopping(ctx, a.ID)
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

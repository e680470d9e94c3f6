package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// mostCounter is the highest number that a public counter may wait for.
const mostCounter = 1_000_000

// SetCounter says from how many letters on the public page of a campaign tells their number; 0 means that it never does. Errors: NotFound;
// Invalid.
func (s *Store) SetCounter(ctx context.Context, by audit.Actor, id int64, from int) error {
	if from < 0 || from > mostCounter {
		return failure.Wrong("counter_from", "must be from 1 to %d, or empty for no counter", mostCounter)
	}
	var after *int
	if from != 0 {
		after = &from
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockCampaign(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, updateCounterSQL, id, after); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "campaign.counter", Subject: "campaign", SubjectID: id, Before: c.CounterFrom, After: after})
	})
}

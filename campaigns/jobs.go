package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// The queues. Urgent appeals have their own, so that nothing slower stands before them.
const (
	QueueUrgent  = "urgent"
	QueueDeliver = "deliver"
)

// FanOut is the promise to fill the ledger of one appeal, slice by slice, from the members' history.
type FanOut struct {
	AppealID int64 `json:"appeal_id"`
}

// Kind names the job in the queue.
func (FanOut) Kind() string { return "fan_out" }

// DeliverBatch is the promise to send what is due in one stretch of an appeal's ledger, for one turn.
type DeliverBatch struct {
	AppealID    int64 `json:"appeal_id"`
	FirstMember int64 `json:"first_member"`
	LastMember  int64 `json:"last_member"`
	Turn        int   `json:"turn"`
}

// Kind names the job in the queue.
func (DeliverBatch) Kind() string { return "deliver_batch" }

// unbegunCover is how long a promised batch may wait for its turn before it is promised again.
const unbegunCover = 5 * time.Minute

// Jobs is what this room needs of the queue: to promise in the same transaction.
type Jobs interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	InsertManyFastTx(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams) (int, error)
}

// queueOf returns the queue of an appeal's jobs, and an order inside it: filling comes before sending.
func queueOf(urgent bool) string {
	if urgent {
		return QueueUrgent
	}
	return QueueDeliver
}

func (s *Store) promiseFanOut(ctx context.Context, tx pgx.Tx, appealID int64, urgent bool) error {
	_, err := s.Jobs.InsertTx(ctx, tx, FanOut{AppealID: appealID},
		&river.InsertOpts{Queue: queueOf(urgent), Priority: 1, MaxAttempts: 25})
	return err
}

func (s *Store) promiseBatches(ctx context.Context, tx pgx.Tx, batches []Batch, urgent bool) error {
	if len(batches) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(batches))
	for i, b := range batches {
		params[i] = river.InsertManyParams{
			Args:       DeliverBatch(b),
			InsertOpts: &river.InsertOpts{Queue: queueOf(urgent), Priority: 2, MaxAttempts: 25},
		}
	}
	_, err := s.Jobs.InsertManyFastTx(ctx, tx, params)
	return err
}

package campaigns

import (
	"context"
	"time"

	"holdfast/internal/failure"
)

// Receipt is what became of an appeal, to the last member. It closes when eligible, counted from the members' own history
// without reading the ledger, equals what the ledger says.
type Receipt struct {
	Eligible *int64           `json:"eligible"` // null until it is counted, moments after the launch
	Accepted int64            `json:"accepted"`
	Twice    int64            `json:"accepted_maybe_twice"` // of the accepted: an earlier copy may have arrived as well
	Refused  int64            `json:"refused"`
	Refusals map[string]int64 `json:"refusals"` // by reason
	Skipped  map[string]int64 `json:"skipped"`  // by reason
	Stopped  int64            `json:"stopped"`
	Unknown  int64            `json:"unknown"`
	Queued   int64            `json:"queued"` // not settled: waiting, on a connection, or told "later"
	Sending  int64            `json:"sending"`
	Deferred int64            `json:"deferred"`
	Late     int64            `json:"late_joiners"`         // of the eligible: joined after the launch, and were let in since
	Lately   int64            `json:"accepted_last_minute"` // of the accepted

	FirstAcceptedAt *time.Time `json:"first_accepted_at"`
	LastAcceptedAt  *time.Time `json:"last_accepted_at"`
}

// Settled returns how many members something final is known of.
func (r Receipt) Settled() int64 {
	n := r.Accepted + r.Refused + r.Stopped + r.Unknown
	for _, k := range r.Skipped {
		n += k
	}
	return n
}

// Closes reports whether every eligible member is in exactly one final bucket.
func (r Receipt) Closes() bool {
	return r.Eligible != nil && *r.Eligible == r.Settled() && r.Queued == 0
}

// Receipt counts the ledger of an appeal. The appeal and the counts are read as of one instant, so that a receipt never
// shows a state and figures that do not agree. Errors: NotFound.
func (s *Store) Receipt(ctx context.Context, appealID int64) (Appeal, Receipt, error) {
	rows, err := s.DB.Query(ctx, receiptSQL, appealID)
	buckets, err := all[bucket](rows, err)
	if err == nil && len(buckets) == 0 {
		err = failure.Missing("appeal", appealID)
	}
	if err != nil {
		return Appeal{}, Receipt{}, err
	}
	return buckets[0].Appeal, receiptOf(buckets[0].Appeal, buckets), nil
}

// bucket is the appeal, and the rows of its ledger in one state for one reason.
type bucket struct {
	Appeal
	Bucket string
	Reason string
	Rows   int64
	Twice  int64
	Lately int64
	LetIn  int64
	First  *time.Time
	Last   *time.Time
}

// receiptOf sums the buckets. The rows waiting in an appeal that is stopping or stopped are the stopped ones.
func receiptOf(a Appeal, buckets []bucket) Receipt {
	r := Receipt{Eligible: a.Eligible, Skipped: map[string]int64{}, Refusals: map[string]int64{}}
	halted := a.State == AppealStopping || a.State == AppealStopped
	for _, b := range buckets {
		r.Late = b.LetIn
		switch {
		case b.Bucket == "":
		case b.Bucket == "accepted":
			r.Accepted += b.Rows
			r.Twice += b.Twice
			r.Lately += b.Lately
			r.FirstAcceptedAt, r.LastAcceptedAt = b.First, b.Last
		case b.Bucket == "refused":
			r.Refused += b.Rows
			r.Refusals[b.Reason] += b.Rows
		case b.Bucket == "skipped":
			r.Skipped[b.Reason] += b.Rows
		case b.Bucket == "unknown":
			r.Unknown += b.Rows
		case halted && b.Bucket != "sending":
			r.Stopped += b.Rows - b.Twice
			r.Unknown += b.Twice // one copy may have arrived before the stop; the second will not be sent
		default:
			r.Queued += b.Rows
			switch b.Bucket {
			case "sending":
				r.Sending += b.Rows
			case "deferred":
				r.Deferred += b.Rows
			}
		}
	}
	return r
}

// Delivery is one row of the ledger, as staff may see it.
type Delivery struct {
	MemberID  int64      `json:"member_id"`
	Language  string     `json:"language"`
	State     string     `json:"state"`
	Reason    *string    `json:"reason"`
	Attempts  int16      `json:"attempts"` // also those before it was tried again by a person
	Unknowns  int16      `json:"unknowns"`
	DueAt     *time.Time `json:"due_at"`
	Code      *int16     `json:"code"`
	Reply     *string    `json:"reply"`
	SettledAt *time.Time `json:"settled_at"`
}

// Deliveries lists the ledger of an appeal in the order of members; state, where given, keeps only that one.
func (s *Store) Deliveries(ctx context.Context, appealID int64, state string, p Page) ([]Delivery, error) {
	if _, err := s.Appeal(ctx, appealID); err != nil {
		return nil, err
	}
	rows, err := s.DB.Query(ctx, deliveriesSQL, appealID, p.After, state, p.limit())
	return all[Delivery](rows, err)
}

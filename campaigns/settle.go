package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Outcome is what became of one attempt, as far as this side can know.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // the relay said 250 after the final dot
	Refused  Outcome = "refused"  // the relay said no for good
	Later    Outcome = "later"    // the relay said not now
	Unknown  Outcome = "unknown"  // silence, or a cut, after the final dot
)

// Verdict is what one window learnt of one of its rows.
type Verdict struct {
	Window   Window
	MemberID int64
	Outcome  Outcome
	Code     int    // of the relay's reply; 0 where there was none
	Reply    string // the relay's words, cleaned; kept in the ledger only
	Reason   string // of a refusal: address, content or us
}

// RetryWaits is the shape of retries for people, not for queues: 1, 5, 15, 30, then every 60 minutes, never past the deadline.
var RetryWaits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// LastAttempt is the attempt after which a mail that is always told "later" is given up, where no deadline ends it before.
const LastAttempt = 30

// Settle takes verdicts down, all of them or none. Accepted settles the row whoever owns it by now; anything else only while the row
// still belongs to the verdict's window, so of two words on one row 250 is the one that counts. It may be called again with the same
// verdicts: nothing changes.
func (s *Store) Settle(ctx context.Context, verdicts []Verdict, waits []time.Duration) error {
	var accepted, others []Verdict
	for _, v := range verdicts {
		if v.Outcome == Accepted {
			accepted = append(accepted, v)
		} else {
			others = append(others, v)
		}
	}
	var statements []func(*pgx.Batch)
	if len(accepted) > 0 {
		statements = append(statements, accept(accepted))
	}
	if len(others) > 0 {
		statements = append(statements, settle(others, waits))
	}
	if len(statements) == 0 {
		return nil
	}
	return sendByKey(ctx, s.DB, statements...)
}

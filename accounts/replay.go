package accounts

import (
	"context"
	"time"

	"holdfast/internal/failure"
)

// How long an answer is kept, and how long a request may run before a retry takes it for dead.
const (
	replayLife  = 30 * 24 * time.Hour
	replayLease = time.Minute
)

// Replay is what there is to one Idempotency-Key of one account.
type Replay struct {
	Answered bool // Status and Body are the earlier answer: send it and do nothing
	Status   int
	Body     []byte

	account   int64
	key       string
	startedAt time.Time // names the run: whoever took over has another
}

// BeginReplay claims an Idempotency-Key for one run of a request (draft-ietf-httpapi-idempotency-key-header).
// requestHash is a hash of all that the request says: method, route with its ids, body. What comes back is either a
// fresh claim, and then the caller runs the request and gives the answer to FinishReplay; or the earlier answer.
// Of any number of calls at once exactly one gets the claim.
//
// It returns an Invalid (422) when the key is malformed or was used for another request, and a Conflict (409) while
// the first one still runs.
//
// The effect of the request and its kept answer are two transactions. What a crash leaves:
//
//   - before the effect: nothing happened. The key is held for a minute; then a retry runs the request.
//   - between the effect and FinishReplay: the effect holds, its answer is lost. A retry after that minute runs the
//     request again, so a verb that must not happen twice has to say so itself, by a unique key or by its state:
//     a second launch of an appeal finds it launched. What remains is a second draft of something, which is
//     seen and can be thrown away.
//   - after FinishReplay: a retry gets the answer.
//
// A run that takes longer than a minute can be taken over while it still works, with the same consequence.
func (s *Store) BeginReplay(ctx context.Context, account int64, key string, requestHash [32]byte) (Replay, error) {
	if !isReplayKey(key) {
		return Replay{}, failure.Wrong("Idempotency-Key", "has to be 1 to 200 printable ASCII characters, such as a random UUID")
	}
	// More than one round only where a row goes (its run failed, or it was pruned) between the two statements.
	for range 5 {
		claim, claimed, err := claimReplay(ctx, s.DB, account, key, requestHash[:])
		if err != nil || claimed {
			return claim, err
		}
		kept, found, err := findReplay(ctx, s.DB, account, key)
		switch {
		case err != nil:
			return Replay{}, err
		case !found:
			continue
		case string(kept.RequestHash) != string(requestHash[:]):
			return Replay{}, failure.Wrong("Idempotency-Key", "was used before for another request; use a new key for a new request")
		case kept.Status != nil:
			return Replay{Answered: true, Status: *kept.Status, Body: kept.Body}, nil
		}
		break
	}
	return Replay{}, failure.Clash("a request with this Idempotency-Key is still running; try again in a few seconds")
}

// FinishReplay keeps the answer of a claimed run for 30 days, also when whoever asked has hung up meanwhile. An
// answer of 429 or of 500 and above is not kept: a request that failed through no fault of its own must be able to
// succeed, so the key is free again at once and a retry runs. Where another run took over, that one's answer stands
// and this is no error.
func (s *Store) FinishReplay(ctx context.Context, run Replay, status int, body []byte) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if status == 429 || status >= 500 {
		return dropReplay(ctx, s.DB, run)
	}
	return keepReplay(ctx, s.DB, run, status, body)
}

func isReplayKey(key string) bool {
	for _, c := range []byte(key) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return len(key) >= 1 && len(key) <= 200
}

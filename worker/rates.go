package worker

import (
	"context"
	"sync"

	"golang.org/x/time/rate"

	"holdfast/mailer"
)

// rates holds each relay to the messages a second that its setting allows, in this process. Safe for concurrent use.
type rates struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// wait waits until the relay may be given a window, and lowers limit to what a quarter of a second may bring. A row that is
// then not sent has used up its place all the same: the limit is never exceeded.
func (r *rates) wait(ctx context.Context, conn *mailer.Conn, limit *int) error {
	allowed := conn.Rate()
	if allowed <= 0 {
		return nil
	}
	r.mu.Lock()
	bucket := r.buckets[conn.Relay()]
	if bucket == nil {
		bucket = rate.NewLimiter(rate.Limit(allowed), max(1, int(allowed/4)))
		r.buckets[conn.Relay()] = bucket
	}
	r.mu.Unlock()
	*limit = min(*limit, bucket.Burst())
	return bucket.WaitN(ctx, *limit)
}

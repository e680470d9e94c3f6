package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// grantTime is how much of a relay's rate one window takes: a stop, and an urgent appeal, find no more than that granted.
const grantTime = 250 * time.Millisecond

// budgetBurst is how much of a relay's rate may leave at once. It is more than a grant, so that nothing is lost while somebody wakes.
const budgetBurst = 2 * grantTime

// grantPoll is how long a wait lasts before the budget is asked again: meanwhile somebody may have given back, or the process be ending.
const grantPoll = 50 * time.Millisecond

// grantPatience is how long a connection is kept while its relay's budget has nothing for it.
const grantPatience = time.Second

// budgets holds each relay to the messages a second that its setting allows, together with all other processes. Safe for
// concurrent use.
type budgets struct {
	store  *campaigns.Store
	ending *atomic.Bool // of the process: nobody waits any more

	mu    sync.Mutex
	turns map[turnKey]chan struct{}
}

// turnKey is one line in which connections wait: one of each line asks the database, not all of them.
type turnKey struct {
	relay string
	lane  mailer.Lane
}

func newBudgets(store *campaigns.Store, ending *atomic.Bool) *budgets {
	return &budgets{store: store, ending: ending, turns: map[turnKey]chan struct{}{}}
}

// take returns how many messages, limit at most, may leave over the connection now: 0 where its relay's budget had none for a
// while, until until at most. A relay without a rate costs nothing.
func (b *budgets) take(ctx context.Context, conn *mailer.Conn, lane mailer.Lane, limit int, until time.Time) (int, error) {
	if conn.Rate() <= 0 {
		return limit, nil
	}
	if patience := time.Now().Add(grantPatience); patience.Before(until) {
		until = patience
	}
	turn := b.turn(turnKey{conn.Relay(), lane})
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(time.Until(until)):
		return 0, nil
	}
	n := min(limit, max(1, int(conn.Rate()*grantTime.Seconds())))
	for {
		grant, err := b.store.TakeBudget(ctx, demandOn(conn, lane, n))
		if err != nil || grant.N > 0 {
			return grant.N, err
		}
		pause := min(max(grant.Wait, 2*time.Millisecond), grantPoll)
		if b.ending.Load() || time.Now().Add(pause).After(until) {
			return 0, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// giveBack gives back n messages of what take has returned.
func (b *budgets) giveBack(ctx context.Context, conn *mailer.Conn, lane mailer.Lane, n int) error {
	if conn.Rate() <= 0 || n <= 0 {
		return nil
	}
	return b.store.GiveBackBudget(ctx, demandOn(conn, lane, n), n)
}

// demandOn is what a window of n asks of a relay's budget: all of it or nothing.
func demandOn(conn *mailer.Conn, lane mailer.Lane, n int) campaigns.Demand {
	return campaigns.Demand{Budget: conn.Relay(), Wanted: n, Least: n, Rate: conn.Rate(), Burst: budgetBurst, Urgent: lane == mailer.Urgent}
}

func (b *budgets) turn(key turnKey) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turns[key] == nil {
		b.turns[key] = make(chan struct{}, 1)
	}
	return b.turns[key]
}

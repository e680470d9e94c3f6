package campaigns

import (
	"context"
	"time"
)

// urgentStays is how long after somebody urgent has asked a budget everybody else stands back. They ask several times a second.
const urgentStays = 2 * time.Second

// Demand asks a budget for messages that may leave now. All processes share a budget, by its name and the database's clock.
type Demand struct {
	Budget string        // a relay's host:port, or a provider's domain
	Wanted int           // messages
	Least  int           // fewer than that are of no use, and none are taken
	Rate   float64       // messages a second, above 0
	Burst  time.Duration // how much of the rate may leave at once; one message always may
	Urgent bool          // comes before whoever is not, from now on for a moment
}

// Granted is a budget's answer.
type Granted struct {
	N    int           // messages that may leave now; what is not used is lost, unless it is given back
	Wait time.Duration // where N is 0: when to ask again
	Free time.Duration // from now until the budget has nothing to make good, and nobody urgent to let pass
}

// TakeBudget takes what a budget has now, up to what is asked for. In any stretch of time T no more than Rate × (T + Burst) messages
// are granted, by all processes together.
func (s *Store) TakeBudget(ctx context.Context, d Demand) (Granted, error) {
	answer, err := takeBudget(ctx, s.DB, d)
	return d.granted(answer), err
}

// granted says what a budget's answer means for who asked.
func (d Demand) granted(b budgetAnswer) Granted {
	refilled := b.Ahead + min(0, float64(d.Least)/d.Rate-d.Burst.Seconds()) // then there are Least again
	return Granted{N: b.N, Wait: seconds(max(refilled, b.StandsBack, 0)), Free: seconds(max(b.Ahead, b.StandsBack))}
}

// GiveBackBudget gives back n messages of a grant that will not leave.
func (s *Store) GiveBackBudget(ctx context.Context, d Demand, n int) error {
	return giveBackBudget(ctx, s.DB, d.Budget, seconds(float64(n)/d.Rate))
}

// seconds makes a time of a number of seconds.
func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

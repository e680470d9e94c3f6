package campaigns

import (
	"context"
	"time"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

const (
	ensureBudgetSQL = `
INSERT INTO budgets (name)
VALUES ($1)
ON CONFLICT DO NOTHING`
	// One statement decides and writes, so that it can go through a pooler and nobody waits for a lock longer than that. The clock is
	// read behind the lock. What has been taken runs next_at ahead of the clock, by at most the burst.
	takeBudgetSQL = `
WITH budget AS (
    SELECT name, next_at, urgent_until, now_at() AS now
    FROM budgets
    WHERE name = $1
    FOR UPDATE
), offered AS (
    SELECT name, next_at, urgent_until, now,
           CASE WHEN NOT $6::boolean AND urgent_until > now THEN 0
                WHEN next_at <= now THEN GREATEST(1, floor($4::float8 * $5::float8))
                ELSE floor((EXTRACT(epoch FROM now - next_at)::float8 + $5) * $4 + 1e-6) END AS n
    FROM budget
), granted AS (
    SELECT name, next_at, urgent_until, now, CASE WHEN LEAST(n, $2::float8) >= $3::float8 THEN LEAST(n, $2) ELSE 0 END AS n
    FROM offered
), taken AS (
    UPDATE budgets b
    SET next_at = GREATEST(g.next_at, g.now) + make_interval(secs => g.n / $4),
        urgent_until = CASE WHEN $6 THEN GREATEST(g.urgent_until, g.now + $7::interval) ELSE g.urgent_until END
    FROM granted g
    WHERE b.name = g.name AND (g.n > 0 OR $6)
)
SELECT n::int, GREATEST(EXTRACT(epoch FROM next_at - now)::float8, 0) + n / $4 AS ahead,
       CASE WHEN $6 THEN 0 ELSE GREATEST(EXTRACT(epoch FROM urgent_until - now)::float8, 0) END AS stands_back
FROM granted`
	giveBackBudgetSQL = `
UPDATE budgets
SET next_at = next_at - make_interval(secs => $2::float8)
WHERE name = $1`
)

type budgetAnswer struct {
	N          int
	Ahead      float64 // seconds
	StandsBack float64 // seconds
}

func takeBudget(ctx context.Context, db postgres.DB, d Demand) (budgetAnswer, error) {
	ask := func() (budgetAnswer, error) {
		rows, err := db.Query(ctx, takeBudgetSQL, d.Budget, d.Wanted, d.Least, d.Rate, d.Burst.Seconds(), d.Urgent, urgentStays)
		return one[budgetAnswer](rows, err, "budget", d.Budget)
	}
	answer, err := ask()
	if !failure.Is(err, failure.NotFound) {
		return answer, err
	}
	if _, err := db.Exec(ctx, ensureBudgetSQL, d.Budget); err != nil {
		return budgetAnswer{}, err
	}
	return ask()
}

func giveBackBudget(ctx context.Context, db postgres.DB, name string, worth time.Duration) error {
	_, err := db.Exec(ctx, giveBackBudgetSQL, name, worth.Seconds())
	return err
}

package inbound

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

const countLeavingsSQL = `
SELECT count(*)
FROM audit_events
WHERE action = 'member.leave'
  AND subject_id = $1`

func countLeavings(t testing.TB, pool *pgxpool.Pool, member int64) (n int) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), countLeavingsSQL, member).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const countMarksSQL = `
SELECT count(*)
FROM channel_marks
WHERE target_id = $1 AND why = 'returned'`

func countMarks(t testing.TB, pool *pgxpool.Pool, target int64) (n int) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), countMarksSQL, target).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const countThanksSQL = `
SELECT count(*)
FROM river_job
WHERE kind = 'thank'`

func countThanks(t testing.TB, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), countThanksSQL).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

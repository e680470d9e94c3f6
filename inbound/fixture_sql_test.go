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

package accounts

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const actionsSQL = `
SELECT action
FROM audit_events
WHERE (subject = 'account' AND subject_id = $1)
   OR (subject = 'token' AND account_id = $1)
ORDER BY id`

// actions returns what the audit trail says about an account, in order.
func actions(t testing.TB, db postgres.DB, account int64) []string {
	t.Helper()
	return column[string](t, db, actionsSQL, account)
}

const leakSQL = `
SELECT 'sessions'
FROM sessions r
WHERE r::text LIKE '%' || $1 || '%'
UNION ALL
SELECT 'api_tokens'
FROM api_tokens r
WHERE r::text LIKE '%' || $1 || '%'
UNION ALL
SELECT 'sign_in_links'
FROM sign_in_links r
WHERE r::text LIKE '%' || $1 || '%'
UNION ALL
SELECT 'accounts'
FROM accounts r
WHERE r::text LIKE '%' || $1 || '%'
UNION ALL
SELECT 'sign_in_failures'
FROM sign_in_failures r
WHERE r::text LIKE '%' || $1 || '%'
UNION ALL
SELECT 'audit_events'
FROM audit_events r
WHERE r::text LIKE '%' || $1 || '%'`

// leaks returns the tables in which a text stands.
func leaks(t testing.TB, db postgres.DB, text string) []string {
	t.Helper()
	return column[string](t, db, leakSQL, text)
}

const countSessionsSQL = `
SELECT count(*)
FROM sessions
WHERE account_id = $1`

const countLinksSQL = `
SELECT count(*)
FROM sign_in_links
WHERE account_id = $1`

func count(t testing.TB, db postgres.DB, sql string, account int64) int {
	t.Helper()
	return column[int](t, db, sql, account)[0]
}

const waitingSQL = `
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
  AND wait_event_type = 'Lock'`

// awaitWaiting returns once somebody waits for a lock in the test's own database.
func awaitWaiting(t testing.TB, db postgres.DB) {
	t.Helper()
	limit, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for column[int](t, db, waitingSQL)[0] == 0 {
		if limit.Err() != nil {
			t.Fatal("nobody waits for a lock")
		}
	}
}

const passwordHashSQL = `
SELECT password_hash
FROM accounts
WHERE id = $1`

func column[T any](t testing.TB, db postgres.DB, sql string, args ...any) []T {
	t.Helper()
	rows, err := db.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

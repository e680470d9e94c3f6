package accounts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// failureCount is a count that was just raised by one; LastAt is of the one before, At is now.
type failureCount struct {
	Subject  []byte
	Failures int
	LastAt   time.Time
	At       time.Time
}

// Raising first and looking then makes parallel attempts queue on the row: each sees what the one before it left.
const raiseFailuresSQL = `
INSERT INTO sign_in_failures AS f (subject, failures, last_at)
SELECT s.subject, 1, now_at()
FROM unnest($1::bytea[]) WITH ORDINALITY AS s (subject, position)
ORDER BY s.position
ON CONFLICT (subject) DO UPDATE SET failures = f.failures + 1
RETURNING subject, failures, last_at, now_at() AS at`

func raiseFailures(ctx context.Context, tx pgx.Tx, subjects [][]byte) (map[string]failureCount, error) {
	rows, err := tx.Query(ctx, raiseFailuresSQL, subjects)
	if err != nil {
		return nil, err
	}
	counts := map[string]failureCount{}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[failureCount])
	for _, c := range all {
		counts[string(c.Subject)] = c
	}
	return counts, err
}

const settleFailuresSQL = `
UPDATE sign_in_failures f
SET failures = s.failures, last_at = now_at()
FROM unnest($1::bytea[], $2::int[]) AS s (subject, failures)
WHERE f.subject = s.subject`

func settleFailures(ctx context.Context, tx pgx.Tx, subjects [][]byte, failures []int32) error {
	_, err := tx.Exec(ctx, settleFailuresSQL, subjects, failures)
	return err
}

const clearFailuresSQL = `
DELETE FROM sign_in_failures
WHERE subject = $1`

func clearFailures(ctx context.Context, tx pgx.Tx, subject []byte) error {
	_, err := tx.Exec(ctx, clearFailuresSQL, subject)
	return err
}

const lowerFailuresSQL = `
UPDATE sign_in_failures
SET failures = greatest(failures - 1, 1)
WHERE subject = $1`

func lowerFailures(ctx context.Context, tx pgx.Tx, subject []byte) error {
	_, err := tx.Exec(ctx, lowerFailuresSQL, subject)
	return err
}

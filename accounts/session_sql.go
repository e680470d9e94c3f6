package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const insertSessionSQL = `
INSERT INTO sessions (token_hash, account_id)
VALUES ($1, $2)`

func insertSession(ctx context.Context, tx pgx.Tx, hash []byte, account int64) error {
	_, err := tx.Exec(ctx, insertSessionSQL, hash, account)
	return err
}

// One round trip for each request of a signed-in page, and a write at most once a minute.
const useSessionSQL = `
WITH live AS (
    SELECT s.token_hash, s.last_seen_at, a.id, a.name, a.language, a.roles
    FROM sessions s
    JOIN accounts a ON a.id = s.account_id
    WHERE s.token_hash = $1
      AND s.last_seen_at > now_at() - $2::interval
      AND s.created_at > now_at() - $3::interval
      AND a.disabled_at IS NULL
), seen AS (
    UPDATE sessions s
    SET last_seen_at = now_at()
    FROM live
    WHERE s.token_hash = live.token_hash
      AND live.last_seen_at < now_at() - $4::interval
)
SELECT id, name, language, roles
FROM live`

func useSession(ctx context.Context, db postgres.DB, hash []byte) (Principal, error) {
	rows, err := db.Query(ctx, useSessionSQL, hash, SessionIdle, SessionLimit, seenEvery)
	if err != nil {
		return Principal{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[Account])
	if errors.Is(err, pgx.ErrNoRows) {
		return Principal{}, ErrNotSignedIn
	}
	return a.principal(), err
}

type sessionRow struct {
	TokenHash  []byte
	CreatedAt  time.Time
	LastSeenAt time.Time
}

const listSessionsSQL = `
SELECT token_hash, created_at, last_seen_at
FROM sessions
WHERE account_id = $1
  AND last_seen_at > now_at() - $2::interval
  AND created_at > now_at() - $3::interval
ORDER BY last_seen_at DESC, created_at DESC`

func listSessions(ctx context.Context, db postgres.DB, account int64) ([]sessionRow, error) {
	rows, err := db.Query(ctx, listSessionsSQL, account, SessionIdle, SessionLimit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[sessionRow])
}

const endSessionSQL = `
DELETE FROM sessions
WHERE token_hash = $1
RETURNING account_id`

// endSession returns whose session it was, or 0 where there was none.
func endSession(ctx context.Context, tx pgx.Tx, hash []byte) (int64, error) {
	rows, err := tx.Query(ctx, endSessionSQL, hash)
	if err != nil {
		return 0, err
	}
	account, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return account, err
}

const endSessionOfSQL = `
DELETE FROM sessions
WHERE account_id = $1
  AND token_hash = $2`

func endSessionOf(ctx context.Context, tx pgx.Tx, account int64, hash []byte) (int64, error) {
	tag, err := tx.Exec(ctx, endSessionOfSQL, account, hash)
	return tag.RowsAffected(), err
}

const endSessionsButSQL = `
DELETE FROM sessions
WHERE account_id = $1
  AND token_hash IS DISTINCT FROM $2`

// endSessionsBut ends all sessions of an account but one; nil spares none.
func endSessionsBut(ctx context.Context, tx pgx.Tx, account int64, spared []byte) (int64, error) {
	tag, err := tx.Exec(ctx, endSessionsButSQL, account, spared)
	return tag.RowsAffected(), err
}

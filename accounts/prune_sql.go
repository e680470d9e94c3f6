package accounts

import (
	"context"

	"holdfast/internal/postgres"
)

// Rows that somebody else is ending right now are left to them: two that delete many rows in different orders would
// wait for each other.
const pruneSessionsSQL = `
DELETE FROM sessions
WHERE token_hash IN (
    SELECT token_hash
    FROM sessions
    WHERE last_seen_at <= now_at() - $1::interval
       OR created_at <= now_at() - $2::interval
    FOR UPDATE SKIP LOCKED
)`

func pruneSessions(ctx context.Context, db postgres.DB) (int64, error) {
	tag, err := db.Exec(ctx, pruneSessionsSQL, SessionIdle, SessionLimit)
	return tag.RowsAffected(), err
}

const pruneLinksSQL = `
DELETE FROM sign_in_links
WHERE token_hash IN (
    SELECT token_hash
    FROM sign_in_links
    WHERE expires_at <= now_at()
    FOR UPDATE SKIP LOCKED
)`

func pruneLinks(ctx context.Context, db postgres.DB) (int64, error) {
	tag, err := db.Exec(ctx, pruneLinksSQL)
	return tag.RowsAffected(), err
}

const pruneFailuresSQL = `
DELETE FROM sign_in_failures
WHERE last_at < now_at() - $1::interval`

func pruneFailures(ctx context.Context, db postgres.DB) (int64, error) {
	tag, err := db.Exec(ctx, pruneFailuresSQL, failuresLife)
	return tag.RowsAffected(), err
}

const pruneReplaysSQL = `
DELETE FROM api_replays
WHERE created_at < now_at() - $1::interval`

func pruneReplays(ctx context.Context, db postgres.DB) (int64, error) {
	tag, err := db.Exec(ctx, pruneReplaysSQL, replayLife)
	return tag.RowsAffected(), err
}

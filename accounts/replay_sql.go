package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

// Takes a new key, one whose run died, or one whose answer has outlived its time. Of many at once the row goes to the
// first; the others wait for it and then find nothing that may be taken.
const claimReplaySQL = `
INSERT INTO api_replays AS r (account_id, key, request_hash)
VALUES ($1, $2, $3)
ON CONFLICT (account_id, key) DO UPDATE
SET request_hash = EXCLUDED.request_hash, status = NULL, body = NULL, created_at = now_at()
WHERE r.created_at < now_at() - $5::interval
   OR (r.status IS NULL AND r.request_hash = EXCLUDED.request_hash AND r.created_at < now_at() - $4::interval)
RETURNING created_at`

// claimReplay reports whether the key is the caller's to run.
func claimReplay(ctx context.Context, db postgres.DB, account int64, key string, hash []byte) (Replay, bool, error) {
	rows, err := db.Query(ctx, claimReplaySQL, account, key, hash, replayLease, replayLife)
	if err != nil {
		return Replay{}, false, err
	}
	startedAt, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[time.Time])
	if errors.Is(err, pgx.ErrNoRows) {
		return Replay{}, false, nil
	}
	return Replay{account: account, key: key, startedAt: startedAt}, err == nil, err
}

type replayRow struct {
	RequestHash []byte
	Status      *int
	Body        []byte
}

const findReplaySQL = `
SELECT request_hash, status, body
FROM api_replays
WHERE account_id = $1
  AND key = $2`

func findReplay(ctx context.Context, db postgres.DB, account int64, key string) (replayRow, bool, error) {
	rows, err := db.Query(ctx, findReplaySQL, account, key)
	if err != nil {
		return replayRow{}, false, err
	}
	kept, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[replayRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return replayRow{}, false, nil
	}
	return kept, err == nil, err
}

const keepReplaySQL = `
UPDATE api_replays
SET status = $4, body = $5
WHERE account_id = $1
  AND key = $2
  AND created_at = $3
  AND status IS NULL`

func keepReplay(ctx context.Context, db postgres.DB, run Replay, status int, body []byte) error {
	_, err := db.Exec(ctx, keepReplaySQL, run.account, run.key, run.startedAt, status, body)
	return err
}

const dropReplaySQL = `
DELETE FROM api_replays
WHERE account_id = $1
  AND key = $2
  AND created_at = $3
  AND status IS NULL`

func dropReplay(ctx context.Context, db postgres.DB, run Replay) error {
	_, err := db.Exec(ctx, dropReplaySQL, run.account, run.key, run.startedAt)
	return err
}

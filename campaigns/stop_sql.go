package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	updateStoppingSQL = `
UPDATE appeals
SET state = 'stopping', stopping_at = now_at()
WHERE id = $1 AND state = 'issuing'`
	tellStopSQL   = `SELECT pg_notify('` + StopChannel + `', '')`
	finishStopSQL = `
UPDATE appeals a
SET state = 'stopped', stopped_at = now_at()
WHERE ($1::bigint = 0 OR a.id = $1) AND a.state = 'stopping'
  AND NOT EXISTS (SELECT FROM windows w WHERE w.appeal_id = a.id)
RETURNING a.id`
	outdatedSQL = `
SELECT EXISTS (
    SELECT
    FROM appeals a
    JOIN appeals later ON later.campaign_id = a.campaign_id AND later.launched_at > a.launched_at
    WHERE a.id = $1 AND later.kind IN ('update', 'correction'))`
	// Window by window: as a join it was planned over all of the ledger, and who had pressed stop waited seconds for the figure.
	inFlightSQL = `
SELECT COALESCE(sum(x.rows), 0)::bigint
FROM windows w
CROSS JOIN LATERAL (
    SELECT count(*) AS rows
    FROM deliveries d
    WHERE d.appeal_id = w.appeal_id AND d.member_id BETWEEN w.first_member AND w.last_member AND d.window_id = w.id) x
WHERE w.appeal_id = $1`
	updateResumedSQL = `
UPDATE appeals
SET state = 'issuing', stopping_at = NULL, stopped_at = NULL, stop_reason = NULL
WHERE id = $1 AND state = 'stopped'
RETURNING ` + appealColumns
	promiseBatchesSQL = `
UPDATE batches
SET turn = turn + 1, covered_until = now_at() + $2::interval
WHERE appeal_id = $1
RETURNING appeal_id, first_member, last_member, turn`
	liveSQL = `
SELECT a.id
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.id = ANY ($1) AND a.state = 'issuing' AND (c.state = 'active' OR NOT a.asking)`
)

func updateStopping(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, updateStoppingSQL, id)
	return err
}

func tellStop(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, tellStopSQL)
	return err
}

func updateResumed(ctx context.Context, tx pgx.Tx, id int64) (Appeal, error) {
	rows, err := tx.Query(ctx, updateResumedSQL, id)
	return one[Appeal](rows, err, "appeal", id)
}

func openBatches(ctx context.Context, tx pgx.Tx, id int64) ([]Batch, error) {
	rows, err := tx.Query(ctx, promiseBatchesSQL, id, unbegunCover)
	return all[Batch](rows, err)
}

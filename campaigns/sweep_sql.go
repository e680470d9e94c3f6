package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// While the database was away nobody could renew a lease: for one lease after its start nobody is taken for dead.
	lockDeadWindowsSQL = `
SELECT id, appeal_id, first_member, last_member
FROM windows
WHERE lease_until < now_at() AND pg_postmaster_start_time() + $1::interval < now_at()
ORDER BY id
LIMIT 1000
FOR UPDATE SKIP LOCKED`
	loseWindowSQL = `
UPDATE deliveries d
SET state = CASE WHEN a.on_unknown = 'resend' AND d.unknowns = 0 THEN 'deferred' ELSE 'unknown' END,
    reason = CASE WHEN a.on_unknown = 'resend' AND d.unknowns = 0 THEN NULL ELSE 'process' END,
    due_at = CASE WHEN a.on_unknown = 'resend' AND d.unknowns = 0 THEN now_at() END,
    settled_at = CASE WHEN a.on_unknown = 'resend' AND d.unknowns = 0 THEN NULL ELSE now_at() END,
    unknowns = LEAST(d.unknowns + 1, 2),
    window_id = NULL
FROM appeals a
WHERE a.id = d.appeal_id AND d.appeal_id = $2 AND d.member_id BETWEEN $3 AND $4
  AND d.state = 'sending' AND d.window_id = $1`
	// Only as many at once as the workers can take up before the next sweep.
	coverLostBatchesSQL = `
WITH lost AS (
    SELECT b.appeal_id, b.first_member
    FROM batches b
    JOIN appeals a ON a.id = b.appeal_id
    WHERE b.covered_until < now_at() AND a.state = 'issuing'
    ORDER BY b.appeal_id, b.first_member
    LIMIT 500
    FOR UPDATE OF b SKIP LOCKED
)
UPDATE batches b
SET covered_until = now_at() + $1::interval, turn = b.turn + 1
FROM lost, appeals a, campaigns c
WHERE b.appeal_id = lost.appeal_id AND b.first_member = lost.first_member AND a.id = b.appeal_id AND c.id = a.campaign_id
RETURNING b.appeal_id, b.first_member, b.last_member, b.turn, c.urgent`
	coverLostFanoutsSQL = `
UPDATE appeals a
SET covered_until = now_at() + $1::interval
FROM campaigns c
WHERE c.id = a.campaign_id AND a.state IN ('issuing', 'stopping', 'stopped') AND a.filled_at IS NULL AND a.covered_until < now_at()
RETURNING a.id, c.urgent`
	restingSQL = `
SELECT a.id
FROM appeals a
WHERE a.state IN ('issuing', 'stopping', 'stopped') AND a.filled_at IS NOT NULL AND (a.eligible IS NULL OR a.state = 'issuing')
  AND NOT EXISTS (SELECT FROM batches b WHERE b.appeal_id = a.id AND a.state = 'issuing')`
)

type deadWindow struct {
	Window
	FirstMember int64
	LastMember  int64
}

type lostBatch struct {
	Batch
	Urgent bool
}

type lostFanout struct {
	ID     int64
	Urgent bool
}

func lockDeadWindows(ctx context.Context, tx pgx.Tx, lease time.Duration) ([]deadWindow, error) {
	rows, err := tx.Query(ctx, lockDeadWindowsSQL, lease)
	return all[deadWindow](rows, err)
}

func loseWindow(ctx context.Context, tx pgx.Tx, w deadWindow) error {
	if _, err := tx.Exec(ctx, loseWindowSQL, w.ID, w.AppealID, w.FirstMember, w.LastMember); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, deleteWindowSQL, w.ID)
	return err
}

func coverLostBatches(ctx context.Context, tx pgx.Tx, cover time.Duration) ([]lostBatch, error) {
	rows, err := tx.Query(ctx, coverLostBatchesSQL, cover)
	return all[lostBatch](rows, err)
}

func coverLostFanouts(ctx context.Context, tx pgx.Tx, cover time.Duration) ([]lostFanout, error) {
	rows, err := tx.Query(ctx, coverLostFanoutsSQL, cover)
	return all[lostFanout](rows, err)
}

func (s *Store) resting(ctx context.Context) ([]int64, error) {
	rows, err := s.DB.Query(ctx, restingSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

package campaigns

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const (
	readLiveSQL = `
SELECT a.state = 'issuing' AND (c.state = 'active' OR NOT a.asking) AS live,
       COALESCE(` + endOf + ` > now_at(), false) AS ahead
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.id = $1`
	skipTooLateSQL = `
UPDATE deliveries
SET state = 'skipped', reason = 'too_late', due_at = NULL, settled_at = now_at()
WHERE appeal_id = $1 AND member_id BETWEEN $2 AND $3 AND state IN ('queued', 'deferred')`
	// The rows of a batch lie side by side under the key; SKIP LOCKED lets any number of jobs share one.
	lockDueSQL = `
SELECT d.member_id, d.language, d.unknowns, d.hash, m.address_sealed, m.name_sealed,
       m.erased_at IS NOT NULL AS erased,
       EXISTS (SELECT FROM suppressions s WHERE s.address_index = m.address_index) AS suppressed,
       NOT EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.left_at IS NULL) AS has_left
FROM deliveries d
JOIN members m ON m.id = d.member_id
WHERE d.appeal_id = $1 AND d.member_id BETWEEN $2 AND $3
  AND (d.state = 'queued' OR d.state = 'deferred' AND d.due_at <= now_at())
ORDER BY d.member_id
LIMIT $4
FOR UPDATE OF d SKIP LOCKED`
	insertWindowSQL = `
INSERT INTO windows (appeal_id, first_member, last_member, lease_until)
VALUES ($1, $2, $3, now_at() + $4::interval)
RETURNING id`
	markRowsSQL = `
UPDATE deliveries d
SET state = v.state,
    reason = v.reason,
    window_id = CASE WHEN v.state = 'sending' THEN $2::bigint END,
    attempts = d.attempts + CASE WHEN v.state = 'sending' THEN 1 ELSE 0 END,
    due_at = NULL,
    hash = COALESCE(v.hash, d.hash),
    settled_at = CASE WHEN v.state = 'sending' THEN NULL ELSE now_at() END
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bytea[]) AS v (member_id, state, reason, hash)
WHERE d.appeal_id = $1 AND d.member_id = v.member_id`
	// A window whose lease ran out is held as long as no sweep has taken it: the sweep deletes it, so being there is the fence.
	renewWindowsSQL = `
UPDATE windows
SET lease_until = now_at() + $2::interval
WHERE id = ANY ($1)
RETURNING id`
	deleteWindowSQL = `DELETE FROM windows WHERE id = $1`
	isStoppingSQL   = `SELECT state = 'stopping' FROM appeals WHERE id = $1`
	batchStateSQL   = `
SELECT count(*) > 0 AS open,
       COALESCE(bool_or(state = 'queued'), false) AS queued,
       COALESCE(bool_or(state = 'sending'), false) AS sending,
       COALESCE(EXTRACT(epoch FROM min(due_at) - now_at()), 0)::float8 AS seconds
FROM deliveries
WHERE appeal_id = $1 AND member_id BETWEEN $2 AND $3 AND settled_at IS NULL`
	coverBatchSQL = `
UPDATE batches
SET covered_until = now_at() + $4::interval
WHERE appeal_id = $1 AND first_member = $2 AND turn = $3`
	deleteBatchSQL = `DELETE FROM batches WHERE appeal_id = $1 AND first_member = $2`
)

type dueRow struct {
	Claimed
	Erased     bool
	Suppressed bool
	HasLeft    bool
}

// skip returns why this row is not to be sent, or "".
func (r dueRow) skip() string {
	switch {
	case r.Erased:
		return "erased"
	case r.HasLeft:
		return "left"
	case r.Suppressed:
		return "suppressed"
	}
	return ""
}

func (r dueRow) claimed() Claimed { return r.Claimed }

type mark struct {
	member int64
	state  string
	reason *string
	hash   []byte
}

func readLive(ctx context.Context, tx postgres.DB, appealID int64) (live, ahead bool, err error) {
	err = tx.QueryRow(ctx, readLiveSQL, appealID).Scan(&live, &ahead)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, false, nil
	}
	return live, ahead, err
}

func skipTooLate(ctx context.Context, tx pgx.Tx, b Batch) error {
	_, err := tx.Exec(ctx, skipTooLateSQL, b.AppealID, b.FirstMember, b.LastMember)
	return err
}

func lockDue(ctx context.Context, tx pgx.Tx, b Batch, limit int) ([]dueRow, error) {
	rows, err := tx.Query(ctx, lockDueSQL, b.AppealID, b.FirstMember, b.LastMember, limit)
	return all[dueRow](rows, err)
}

func insertWindow(ctx context.Context, tx pgx.Tx, appealID, first, last int64, lease time.Duration) (id int64, err error) {
	err = tx.QueryRow(ctx, insertWindowSQL, appealID, first, last, lease).Scan(&id)
	return id, err
}

func markRows(ctx context.Context, tx pgx.Tx, appealID, windowID int64, marks []mark) error {
	members := make([]int64, len(marks))
	states := make([]string, len(marks))
	reasons := make([]*string, len(marks))
	hashes := make([][]byte, len(marks))
	for i, m := range marks {
		members[i], states[i], reasons[i], hashes[i] = m.member, m.state, m.reason, m.hash
	}
	_, err := tx.Exec(ctx, markRowsSQL, appealID, windowID, members, states, reasons, hashes)
	return err
}

func batchState(ctx context.Context, tx pgx.Tx, b Batch) (BatchState, error) {
	var open, queued, sending bool
	var seconds float64
	err := tx.QueryRow(ctx, batchStateSQL, b.AppealID, b.FirstMember, b.LastMember).Scan(&open, &queued, &sending, &seconds)
	state := BatchState{Open: open}
	switch {
	case queued:
	case sending: // another connection has them; look again soon
		state.Wait = time.Second
	default:
		state.Wait = max(0, time.Duration(seconds*float64(time.Second)))
	}
	return state, err
}

func coverBatch(ctx context.Context, tx pgx.Tx, b Batch, cover time.Duration) error {
	_, err := tx.Exec(ctx, coverBatchSQL, b.AppealID, b.FirstMember, b.Turn, cover)
	return err
}

func deleteBatch(ctx context.Context, tx pgx.Tx, b Batch) error {
	_, err := tx.Exec(ctx, deleteBatchSQL, b.AppealID, b.FirstMember)
	return err
}

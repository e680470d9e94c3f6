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
	// The rows of a batch lie side by side under the key; SKIP LOCKED lets any number of jobs share one. A sub-select with a limit is never
	// turned into a look at the whole table.
	lockDueSQL = `
SELECT d.member_id, d.language, d.unknowns, d.hash, m.address_sealed, m.name_sealed,
       m.erased_at IS NOT NULL AS erased,
       (SELECT true FROM suppressions s WHERE s.address_index = m.address_index LIMIT 1) IS NOT NULL AS suppressed,
       (SELECT true FROM mailing_consents c WHERE c.member_id = m.id AND c.left_at IS NULL LIMIT 1) IS NULL AS has_left
FROM deliveries d
JOIN members m ON m.id = d.member_id
WHERE d.appeal_id = $1 AND d.member_id BETWEEN $2 AND $3
  AND (d.state = 'queued' OR d.state = 'deferred' AND d.due_at <= now_at())
ORDER BY d.member_id
LIMIT $4
FOR UPDATE OF d SKIP LOCKED`
	// OFFSET 0 keeps the planner from seeing that all rows are of one appeal: else half of the key is enough for it (see byKeySQL).
	openWindowSQL = `
WITH opened AS (
    INSERT INTO windows (appeal_id, first_member, last_member, lease_until)
    VALUES ($1, $2, $3, now_at() + $4::interval)
    RETURNING id
), marked AS (
    UPDATE deliveries d
    SET state = 'sending', reason = NULL, window_id = (SELECT id FROM opened), attempts = d.attempts + 1, due_at = NULL, hash = v.hash
    FROM (SELECT $1::bigint AS appeal_id, u.member_id, u.hash FROM unnest($5::bigint[], $6::bytea[]) AS u (member_id, hash) OFFSET 0) v
    WHERE d.appeal_id = v.appeal_id AND d.member_id = v.member_id
)
SELECT id
FROM opened`
	markSettledSQL = `
UPDATE deliveries d
SET state = v.state, reason = v.reason, window_id = NULL, due_at = NULL, settled_at = now_at()
FROM (SELECT $1::bigint AS appeal_id, u.member_id, u.state, u.reason
      FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u (member_id, state, reason) OFFSET 0) v
WHERE d.appeal_id = v.appeal_id AND d.member_id = v.member_id`
	// A window whose lease ran out is held as long as no sweep has taken it: the sweep deletes it, so being there is the fence.
	renewWindowsSQL = `
UPDATE windows
SET lease_until = now_at() + $2::interval
WHERE id = ANY ($1)
RETURNING id`
	// A window that a sweep has taken is not there any more, and nothing of it is the caller's.
	releaseWindowSQL = `
UPDATE deliveries d
SET state = 'queued', window_id = NULL, attempts = d.attempts - 1
FROM windows w
WHERE w.id = $1 AND d.appeal_id = w.appeal_id AND d.member_id BETWEEN w.first_member AND w.last_member
  AND d.state = 'sending' AND d.window_id = w.id`
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

// mark is what a claimed row that will not be sent is settled as.
type mark struct {
	member int64
	state  string
	reason string
}

// queueLive is readLive as part of a batch; where there is no such appeal live stays as it is.
func queueLive(appealID int64, live, ahead *bool) func(*pgx.Batch) {
	return func(b *pgx.Batch) {
		b.Queue(readLiveSQL, appealID).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(live, ahead); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
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

// openWindow marks rows, in the order of members, as being sent in a new window.
func openWindow(ctx context.Context, tx pgx.Tx, appealID int64, rows []Claimed, lease time.Duration) (id int64, err error) {
	members, hashes := make([]int64, len(rows)), make([][]byte, len(rows))
	for i, row := range rows {
		members[i], hashes[i] = row.MemberID, row.Hash
	}
	err = tx.QueryRow(ctx, openWindowSQL, appealID, members[0], members[len(members)-1], lease, members, hashes).Scan(&id)
	return id, err
}

func markSettled(ctx context.Context, tx pgx.Tx, appealID int64, marks []mark) error {
	members, states, reasons := make([]int64, len(marks)), make([]string, len(marks)), make([]string, len(marks))
	for i, m := range marks {
		members[i], states[i], reasons[i] = m.member, m.state, m.reason
	}
	_, err := tx.Exec(ctx, markSettledSQL, appealID, members, states, reasons)
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

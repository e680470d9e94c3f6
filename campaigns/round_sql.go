package campaigns

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// isFailure is a condition on the delivery d: $2 are the failures that are meant.
const isFailure = `(d.state = 'refused' AND d.reason IN ('gave_up', 'us', 'content') AND d.reason = ANY ($2)
       OR d.state = 'unknown' AND d.reason IN ('silence', 'process') AND 'unknown' = ANY ($2))`

// roundFoot cuts the rows of filled into batches: $3 rows at most in each, from $4 members that stand side by side.
const roundFoot = `, numbered AS (
    SELECT member_id, member_id / $4::bigint AS stretch, (row_number() OVER (PARTITION BY member_id / $4::bigint ORDER BY member_id) - 1) / $3::int AS batch
    FROM filled
), cut AS (
    SELECT min(member_id) AS first_member, max(member_id) AS last_member, count(*) AS rows
    FROM numbered
    GROUP BY stretch, batch
), kept AS (
    INSERT INTO batches (appeal_id, first_member, last_member, covered_until)
    SELECT $1, first_member, last_member, now_at() + $5::interval
    FROM cut
)
SELECT first_member, last_member, rows
FROM cut
ORDER BY first_member`

const (
	insertRoundSQL = `
INSERT INTO rounds (appeal_id, failures, begun_by)
VALUES ($1, $2, $3)
RETURNING id`
	// How many the last round is for, where it is this one and has not ended.
	retriedBeforeSQL = `
SELECT (SELECT count(*) FROM retried WHERE retried.appeal_id = r.appeal_id AND retried.round_id = r.id)
FROM rounds r
JOIN appeals a ON a.id = r.appeal_id
WHERE r.id = (SELECT max(id) FROM rounds WHERE appeal_id = $1) AND r.failures = $2 AND a.state = 'issuing'`
	// The rows are locked first: an accepted answer may come late to any of them, and then there is nothing to try again. The hash stays, so
	// that a second copy of an unknown is of the same bytes or held.
	retryRowsSQL = `
WITH failed AS (
    SELECT d.member_id, d.state, d.reason, d.attempts, d.unknowns, d.code, d.reply, d.settled_at
    FROM deliveries d
    WHERE d.appeal_id = $1 AND ` + isFailure + `
    ORDER BY d.member_id
    FOR UPDATE
), kept_as_was AS (
    INSERT INTO retried (appeal_id, member_id, round_id, state, reason, attempts, unknowns, code, reply, settled_at)
    SELECT $1, member_id, $6, state, reason, attempts, unknowns, code, reply, settled_at
    FROM failed
), filled AS (
    UPDATE deliveries d
    SET state = 'queued', reason = NULL, attempts = 0, due_at = NULL, code = NULL, reply = NULL, settled_at = NULL
    FROM failed f
    WHERE d.appeal_id = $1 AND d.member_id = f.member_id
    RETURNING d.member_id
)` + roundFoot
	countFailedSQL = `
SELECT CASE d.state WHEN 'unknown' THEN 'unknown' ELSE d.reason END AS failure, count(*) AS members
FROM deliveries d
JOIN appeals a ON a.id = d.appeal_id
WHERE d.appeal_id = $1 AND a.state = 'complete'
  AND (d.state = 'refused' AND d.reason IN ('gave_up', 'us', 'content') OR d.state = 'unknown' AND d.reason IN ('silence', 'process'))
GROUP BY 1`
	updateGoesOnSQL = `
UPDATE appeals
SET state = 'issuing', completed_at = NULL
WHERE id = $1 AND state IN ('issuing', 'complete')`
)

type failed struct {
	Failure string
	Members int64
}

func insertRound(ctx context.Context, tx pgx.Tx, by audit.Actor, appealID int64, failures []string) (id int64, err error) {
	err = tx.QueryRow(ctx, insertRoundSQL, appealID, failures, by.AccountID()).Scan(&id)
	return id, err
}

func retriedBefore(ctx context.Context, tx pgx.Tx, a Appeal, failures []string) (n int64, err error) {
	err = tx.QueryRow(ctx, retriedBeforeSQL, a.ID, failures).Scan(&n)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

func retryRows(ctx context.Context, tx pgx.Tx, appealID, roundID int64, failures []string) ([]Batch, int64, error) {
	rows, err := tx.Query(ctx, retryRowsSQL, appealID, failures, roundBatch, roundStretch, unbegunCover, roundID)
	return batchesOf(appealID, rows, err)
}

// batchesOf reads the batches that a round was cut into, and how many rows they hold.
func batchesOf(appealID int64, rows pgx.Rows, err error) (batches []Batch, n int64, _ error) {
	cuts, err := all[cut](rows, err)
	for _, c := range cuts {
		batches = append(batches, Batch{AppealID: appealID, FirstMember: c.FirstMember, LastMember: c.LastMember})
		n += c.Rows
	}
	return batches, n, err
}

func updateGoesOn(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, updateGoesOnSQL, id)
	return err
}

package campaigns

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

const (
	editionLanguagesSQL = `
SELECT e.language
FROM editions e
JOIN appeals a ON a.id = e.appeal_id
JOIN campaigns c ON c.id = a.campaign_id
WHERE e.appeal_id = $1
ORDER BY e.language <> c.fallback_language, e.language`

	sliceTail = `
  AND m.id > $4
  AND NOT EXISTS (SELECT FROM deliveries done WHERE done.appeal_id = $1 AND done.member_id = m.id)
ORDER BY m.id
LIMIT $5`
	// One row of each batch comes back, not one of each member: the ledger is filled inside the database.
	sliceHead = `
WITH slice AS (
SELECT m.id AS member_id, ` + readersEdition + ` AS language`
	sliceFoot = `
), filled AS (
    INSERT INTO deliveries (appeal_id, member_id, language)
    SELECT $1, s.member_id, s.language
    FROM slice s
    RETURNING member_id
), numbered AS (
    SELECT member_id, (row_number() OVER (ORDER BY member_id) - 1) / $6::int AS batch
    FROM filled
), cut AS (
    SELECT min(member_id) AS first_member, max(member_id) AS last_member, count(*) AS rows
    FROM numbered
    GROUP BY batch
), kept AS (
    INSERT INTO batches (appeal_id, first_member, last_member, covered_until)
    SELECT $1, first_member, last_member, now_at() + $7::interval
    FROM cut
)
SELECT first_member, last_member, rows
FROM cut
ORDER BY first_member`
	fillAudienceSQL = sliceHead + audienceThen + sliceTail + sliceFoot
	fillEarlierSQL  = sliceHead + earlierThen + sliceTail + sliceFoot

	earlierSettledSQL = `
SELECT NOT EXISTS (
    SELECT
    FROM appeals a
    JOIN appeals earlier ON earlier.campaign_id = a.campaign_id AND earlier.id <> a.id AND earlier.launched_at <= a.launched_at
    WHERE a.id = $1 AND earlier.state IN ('issuing', 'stopping'))`
	updateFilledToSQL = `
UPDATE appeals
SET filled_to = $2, covered_until = now_at() + $3::interval
WHERE id = $1`
	updateFilledAtSQL = `
UPDATE appeals
SET filled_at = now_at(), covered_until = NULL
WHERE id = $1`
	updateEligibleSQL = `
UPDATE appeals
SET eligible = $2
WHERE id = $1 AND eligible IS NULL`
	// The lock keeps two that settle the last two batches from each missing the other.
	lockLiveSQL = `
SELECT filled_at IS NOT NULL AND eligible IS NOT NULL
FROM appeals
WHERE id = $1 AND state = 'issuing'
FOR UPDATE`
	openBatchesSQL = `SELECT EXISTS (SELECT FROM batches WHERE appeal_id = $1)`
	closesSQL      = `
SELECT a.eligible = (SELECT count(*) FROM deliveries d WHERE d.appeal_id = a.id AND d.settled_at IS NOT NULL)
FROM appeals a
WHERE a.id = $1`
	updateCompleteSQL = `
UPDATE appeals
SET state = 'complete', completed_at = now_at()
WHERE id = $1 AND state = 'issuing'`
)

type cut struct {
	FirstMember int64
	LastMember  int64
	Rows        int64
}

func insertSlice(ctx context.Context, tx pgx.Tx, a Appeal, f Filling) (batches []Batch, rows int, last int64, err error) {
	found, err := tx.Query(ctx, editionLanguagesSQL, a.ID)
	if err != nil {
		return nil, 0, 0, err
	}
	languages, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return nil, 0, 0, err
	}
	statement := fillEarlierSQL
	if a.Kind == KindFirst {
		statement = fillAudienceSQL
	}
	found, err = tx.Query(ctx, statement, a.ID, a.LaunchedAt, languages, a.FilledTo, f.SliceRows, f.BatchRows, f.Cover)
	cuts, err := all[cut](found, err)
	for _, c := range cuts {
		batches = append(batches, Batch{AppealID: a.ID, FirstMember: c.FirstMember, LastMember: c.LastMember})
		rows += int(c.Rows)
		last = c.LastMember
	}
	return batches, rows, last, err
}

func earlierSettled(ctx context.Context, tx pgx.Tx, a Appeal) (settled bool, err error) {
	if a.Kind == KindFirst {
		return true, nil
	}
	err = tx.QueryRow(ctx, earlierSettledSQL, a.ID).Scan(&settled)
	return settled, err
}

func updateFilledTo(ctx context.Context, tx pgx.Tx, id, member int64, cover time.Duration) error {
	_, err := tx.Exec(ctx, updateFilledToSQL, id, member, cover)
	return err
}

func updateFilledAt(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, updateFilledAtSQL, id)
	return err
}

func updateEligible(ctx context.Context, tx pgx.Tx, id, n int64) error {
	_, err := tx.Exec(ctx, updateEligibleSQL, id, n)
	return err
}

func readyToComplete(ctx context.Context, tx pgx.Tx, id int64) (bool, error) {
	var filled, open, closes bool
	err := tx.QueryRow(ctx, lockLiveSQL, id).Scan(&filled)
	if errors.Is(err, pgx.ErrNoRows) || err != nil || !filled {
		if errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
		return false, err
	}
	if err := tx.QueryRow(ctx, openBatchesSQL, id).Scan(&open); err != nil || open {
		return false, err
	}
	err = tx.QueryRow(ctx, closesSQL, id).Scan(&closes)
	return closes, err
}

func updateComplete(ctx context.Context, tx pgx.Tx, id int64) error {
	if _, err := tx.Exec(ctx, updateCompleteSQL, id); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Event{Action: "appeal.complete", Subject: "appeal", SubjectID: id})
}

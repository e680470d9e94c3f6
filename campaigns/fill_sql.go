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

	// A slice is a stretch of members, wherever its end falls; the end is looked up first, in the index alone.
	sliceEndSQL = `
SELECT count(*) AS scanned, COALESCE(max(id), 0) AS last_member
FROM (SELECT id FROM members WHERE id > $1 ORDER BY id LIMIT $2) next`
	// Every table that is read says between which members, or the planner may read one of them whole for each slice.
	sliceConsents = `
    AND c.member_id > $4 AND c.member_id <= $5`
	sliceTail = `
  AND m.id > $4 AND m.id <= $5
  AND NOT EXISTS (
    SELECT
    FROM deliveries done
    WHERE done.appeal_id = $1 AND done.member_id = m.id AND done.member_id > $4 AND done.member_id <= $5)`
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
	fillAudienceSQL = sliceHead + audienceHead + sliceConsents + audienceTail + sliceTail + sliceFoot
	fillEarlierSQL  = sliceHead + earlierHead + sliceConsents + earlierTail + sliceTail + sliceFoot
	fillNamedSQL    = sliceHead + namedHead + sliceConsents + earlierTail + sliceTail + `
  AND n.member_id > $4 AND n.member_id <= $5` + sliceFoot

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
	// Asked at the end of every batch, so it locks nothing: what it reads was committed before, and of two that settle the last two
	// batches the later one sees both gone.
	restsSQL = `
SELECT filled_at IS NOT NULL AND eligible IS NOT NULL AND NOT EXISTS (SELECT FROM batches b WHERE b.appeal_id = a.id)
FROM appeals a
WHERE id = $1 AND state = 'issuing'`
	lockIssuingSQL = `
SELECT id
FROM appeals
WHERE id = $1 AND state = 'issuing'
FOR NO KEY UPDATE`
	closesSQL = `
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

// stretch is the next members behind one, as many as asked for unless they end before.
type stretch struct {
	Scanned    int
	LastMember int64
}

func nextStretch(ctx context.Context, tx pgx.Tx, after int64, members int) (stretch, error) {
	rows, err := tx.Query(ctx, sliceEndSQL, after, members)
	return one[stretch](rows, err, "stretch of members", after)
}

// languagesOf lists the languages in which an appeal left, the campaign's fallback first.
func languagesOf(ctx context.Context, tx pgx.Tx, appealID int64) ([]string, error) {
	found, err := tx.Query(ctx, editionLanguagesSQL, appealID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, pgx.RowTo[string])
}

// insertSlice writes the rows of the members behind after, up to last.
func insertSlice(ctx context.Context, tx pgx.Tx, a Appeal, languages []string, after, last int64, f Filling) (batches []Batch, rows int, err error) {
	found, err := tx.Query(ctx, a.whom(fillAudienceSQL, fillEarlierSQL, fillNamedSQL), a.ID, a.LaunchedAt, languages, after, last, f.BatchRows, f.Cover)
	cuts, err := all[cut](found, err)
	for _, c := range cuts {
		batches = append(batches, Batch{AppealID: a.ID, FirstMember: c.FirstMember, LastMember: c.LastMember})
		rows += int(c.Rows)
	}
	return batches, rows, err
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

// rests reports whether an appeal is filled and counted, and no batch of it is open.
func rests(ctx context.Context, tx pgx.Tx, id int64) (rests bool, err error) {
	err = tx.QueryRow(ctx, restsSQL, id).Scan(&rests)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return rests, err
}

func readyToComplete(ctx context.Context, tx pgx.Tx, id int64) (closes bool, err error) {
	if rests, err := rests(ctx, tx, id); err != nil || !rests {
		return false, err
	}
	if err := tx.QueryRow(ctx, lockIssuingSQL, id).Scan(&id); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			err = nil
		}
		return false, err
	}
	// Once more behind the lock: it may have been stopped and resumed meanwhile, with its batches promised again.
	if rests, err := rests(ctx, tx, id); err != nil || !rests {
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

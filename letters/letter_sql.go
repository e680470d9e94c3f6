package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

const letterColumns = `id, campaign_id, appeal_id, member_id, target_id, channel, method, copies, written_on, reported_at, corrected_at, withdrawn_at`

const (
	boundsSQL = `
SELECT c.id AS campaign_id, c.state,
       ((SELECT min(f.launched_at) FROM appeals f WHERE f.campaign_id = c.id) - interval '1 day')::date AS earliest, (now_at() + interval '1 day')::date AS latest
FROM deliveries d
JOIN appeals a ON a.id = d.appeal_id
JOIN campaigns c ON c.id = a.campaign_id
WHERE d.appeal_id = $1 AND d.member_id = $2`
	isTargetSQL = `
SELECT EXISTS (
    SELECT
    FROM campaign_targets
    WHERE campaign_id = $1 AND target_id = $2 AND (side <> 'receiving' OR agreed_by IS NOT NULL))`
	// One statement: of a hundred reports of the same letter at once, one row comes out.
	putLetterSQL = `
INSERT INTO letters (campaign_id, appeal_id, member_id, target_id, channel, copies, written_on)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (appeal_id, member_id, target_id, channel) DO UPDATE
SET copies = excluded.copies, written_on = excluded.written_on, corrected_at = now_at(), withdrawn_at = NULL
RETURNING id`
	withdrawSQL = `
UPDATE letters
SET withdrawn_at = now_at()
WHERE id = $1`
	lockOwnSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE id = $1 AND appeal_id = $2 AND member_id = $3
FOR UPDATE`
	ofWriterSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE appeal_id = $1 AND member_id = $2
ORDER BY id`
	lettersSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND ($2::bigint = 0 OR id < $2)
ORDER BY id DESC
LIMIT $3`
	totalsSQL = `
SELECT target_id, channel, method, sum(copies) AS letters, count(DISTINCT member_id) AS members
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND withdrawn_at IS NULL
GROUP BY target_id, channel, method
ORDER BY target_id, channel, method`
)

func readBounds(ctx context.Context, tx pgx.Tx, w Writer) (bounds, error) {
	rows, err := tx.Query(ctx, boundsSQL, w.AppealID, w.MemberID)
	if err != nil {
		return bounds{}, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bounds])
	if errors.Is(err, pgx.ErrNoRows) {
		return b, failure.Missing("delivery", "for this link")
	}
	return b, err
}

func isTarget(ctx context.Context, tx pgx.Tx, campaignID, targetID int64) (ok bool, err error) {
	err = tx.QueryRow(ctx, isTargetSQL, campaignID, targetID).Scan(&ok)
	return ok, err
}

func putLetter(ctx context.Context, tx pgx.Tx, w Writer, campaignID, target int64, r Report) (id int64, err error) {
	err = tx.QueryRow(ctx, putLetterSQL, campaignID, w.AppealID, w.MemberID, target, r.Channel, r.Copies, r.WrittenOn).Scan(&id)
	return id, err
}

func withdraw(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, withdrawSQL, id)
	return err
}

// lockOwn returns one of the writer's own reports.
func lockOwn(ctx context.Context, tx pgx.Tx, w Writer, id int64) (Letter, error) {
	rows, err := tx.Query(ctx, lockOwnSQL, id, w.AppealID, w.MemberID)
	if err != nil {
		return Letter{}, err
	}
	letter, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
	if errors.Is(err, pgx.ErrNoRows) {
		return letter, failure.Missing("report", id)
	}
	return letter, err
}

package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

const (
	groupOfSQL = `
SELECT group_id
FROM members
WHERE id = $1 AND group_id IS NOT NULL`
	groupSQL = `
SELECT id
FROM groups
WHERE id = $1`
	groupNameSQL = `
SELECT g.name
FROM members m
JOIN groups g ON g.id = m.group_id
WHERE m.id = $1`
	campaignBoundsSQL = `
SELECT c.id AS campaign_id, c.state, now_at() AS now, c.deadline_at, c.after_deadline, c.stopped_at, c.closed_at,
       ((SELECT min(f.launched_at) FROM appeals f WHERE f.campaign_id = c.id) - interval '1 day')::date AS earliest
FROM campaigns c
WHERE c.id = $1 AND c.state <> 'draft'`
	// One evening is one row, whoever tells us of it first.
	openEveningSQL = `
INSERT INTO letters (campaign_id, appeal_id, member_id, group_id, recorded_by, target_id, channel, grade, state, copies, written_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'batch', 'made', $8, $9)
ON CONFLICT (group_id, campaign_id, target_id, channel, written_on) WHERE grade = 'batch' DO UPDATE
SET recorded_by = COALESCE(excluded.recorded_by, letters.recorded_by)
RETURNING ` + letterColumns
	eveningsSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE campaign_id = $1 AND grade = 'batch' AND ($2::bigint = 0 OR member_id = $2)
ORDER BY id DESC
LIMIT 200`
	lockEveningSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE id = $1 AND campaign_id = $2 AND grade = 'batch' AND ($3::bigint = 0 OR member_id = $3)
FOR UPDATE`
)

func readCampaignBounds(ctx context.Context, tx pgx.Tx, campaignID int64) (bounds, error) {
	rows, err := tx.Query(ctx, campaignBoundsSQL, campaignID)
	if err != nil {
		return bounds{}, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bounds])
	if errors.Is(err, pgx.ErrNoRows) {
		return b, failure.Missing("campaign", campaignID)
	}
	return b, err
}

package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

const (
	asksSQL = `
SELECT a.id, a.code, a.texts, ARRAY(SELECT t.target_id FROM ask_targets t WHERE t.ask_id = a.id ORDER BY t.target_id) AS target_ids
FROM asks a
WHERE a.campaign_id = $1
ORDER BY a.position`
	insertAskSQL = `
INSERT INTO asks (campaign_id, position, code, texts)
VALUES ($1, $2, $3, $4)`
	appendAskSQL = `
INSERT INTO asks (campaign_id, position, code, texts)
SELECT $1, COALESCE(max(position), -1) + 1, $2, $3
FROM asks
WHERE campaign_id = $1`
	updateAskSQL = `
UPDATE asks
SET texts = $3
WHERE campaign_id = $1 AND code = $2`
	dropAskTargetsSQL = `
DELETE FROM ask_targets
WHERE ask_id = (SELECT id FROM asks WHERE campaign_id = $1 AND code = $2)`
	insertAskTargetsSQL = `
INSERT INTO ask_targets (campaign_id, ask_id, target_id)
SELECT DISTINCT a.campaign_id, a.id, target_id
FROM asks a, unnest($3::bigint[]) AS target_id
WHERE a.campaign_id = $1 AND a.code = $2`
)

func insertAsk(ctx context.Context, tx pgx.Tx, campaignID int64, position int, n NewAsk) error {
	_, err := tx.Exec(ctx, insertAskSQL, campaignID, position, n.Code, n.Texts)
	return err
}

func appendAsk(ctx context.Context, tx pgx.Tx, campaignID int64, n NewAsk) error {
	_, err := tx.Exec(ctx, appendAskSQL, campaignID, n.Code, n.Texts)
	return err
}

func updateAsk(ctx context.Context, tx pgx.Tx, campaignID int64, n NewAsk) error {
	tag, err := tx.Exec(ctx, updateAskSQL, campaignID, n.Code, n.Texts)
	if err == nil && tag.RowsAffected() == 0 {
		return failure.Missing("ask", n.Code)
	}
	return err
}

// replaceAskTargets makes targets, each of them one of the campaign's, the offices that a point is for.
func replaceAskTargets(ctx context.Context, tx pgx.Tx, campaignID int64, code string, targets []int64) error {
	if _, err := tx.Exec(ctx, dropAskTargetsSQL, campaignID, code); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, insertAskTargetsSQL, campaignID, code, targets)
	return err
}

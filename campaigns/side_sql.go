package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

const (
	campaignTargetsSQL = `
SELECT t.id, t.code, t.kind, t.country, t.power, t.office, t.institution, t.salutation, t.languages, t.gender, t.postal_address,
       t.postal_country, t.address, t.fax, t.phone,
       t.form_url, t.social_urls, t.postage_free, t.letters_are_public_records, t.takes_mass_letters, t.verified_on, t.verified_source, t.created_at,
       ct.side, ct.added_by, ct.agreed_by
FROM campaign_targets ct
JOIN targets t ON t.id = ct.target_id
WHERE ct.campaign_id = $1
ORDER BY ct.position, t.id`
	insertCampaignTargetSQL = `
INSERT INTO campaign_targets (campaign_id, target_id, position, side, added_by)
SELECT $1::bigint, $2::bigint, COALESCE(max(position), -1) + 1, $3, $4
FROM campaign_targets
WHERE campaign_id = $1
ON CONFLICT (campaign_id, target_id) DO NOTHING`
	deleteCampaignTargetSQL = `
DELETE FROM campaign_targets
WHERE campaign_id = $1 AND target_id = $2`
	dropAgreementsSQL = `
UPDATE campaign_targets
SET agreed_by = NULL
WHERE target_id = $1 AND side = 'receiving'`
	updateAgreedSQL = `
UPDATE campaign_targets
SET agreed_by = $3
WHERE campaign_id = $1 AND target_id = $2 AND side = 'receiving'`
)

func campaignTargets(ctx context.Context, tx pgx.Tx, campaignID int64) ([]CampaignTarget, error) {
	rows, err := tx.Query(ctx, campaignTargetsSQL, campaignID)
	return all[CampaignTarget](rows, err)
}

func insertCampaignTarget(ctx context.Context, tx pgx.Tx, campaignID, targetID int64, side string, by audit.Actor) error {
	_, err := tx.Exec(ctx, insertCampaignTargetSQL, campaignID, targetID, side, by.AccountID())
	return err
}

func deleteCampaignTarget(ctx context.Context, tx pgx.Tx, campaignID, targetID int64) error {
	tag, err := tx.Exec(ctx, deleteCampaignTargetSQL, campaignID, targetID)
	if err == nil && tag.RowsAffected() == 0 {
		return failure.Missing("target of this campaign", targetID)
	}
	return err
}

func dropAgreements(ctx context.Context, tx pgx.Tx, targetID int64) error {
	_, err := tx.Exec(ctx, dropAgreementsSQL, targetID)
	return err
}

func updateAgreed(ctx context.Context, tx pgx.Tx, campaignID, targetID, account int64) error {
	tag, err := tx.Exec(ctx, updateAgreedSQL, campaignID, targetID, account)
	if err == nil && tag.RowsAffected() == 0 {
		return failure.Clash("target %d is not on the receiving side of this campaign; it needs no second yes", targetID)
	}
	return err
}

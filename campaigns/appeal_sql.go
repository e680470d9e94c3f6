package campaigns

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

const appealColumns = `id, campaign_id, kind, state, asking, on_unknown, audience_groups, audience_languages, audience_countries,
       leave_out_campaigns, leave_out_case, audience_named, created_at, launched_at, expires_at,
       filled_to, filled_at, eligible, stopping_at, stopped_at, stop_reason, completed_at`

const (
	appealSQL     = `SELECT ` + appealColumns + ` FROM appeals WHERE id = $1`
	lockAppealSQL = `SELECT ` + appealColumns + ` FROM appeals WHERE id = $1 FOR NO KEY UPDATE`
	appealsSQL    = `
SELECT ` + appealColumns + `
FROM appeals
WHERE campaign_id = $1
ORDER BY id`
	campaignIDOfSQL = `SELECT campaign_id FROM appeals WHERE id = $1`
	insertAppealSQL = `
INSERT INTO appeals (campaign_id, kind, on_unknown, audience_groups, audience_languages, audience_countries, created_by,
                     leave_out_campaigns, leave_out_case, audience_named)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING ` + appealColumns
	updateAudienceSQL = `
UPDATE appeals
SET audience_groups = $2, audience_languages = $3, audience_countries = $4, on_unknown = $5,
    leave_out_campaigns = $6, leave_out_case = $7
WHERE id = $1`
	unknownGroupsSQL = `
SELECT g.id
FROM unnest($1::bigint[]) AS g (id)
WHERE NOT EXISTS (SELECT FROM groups WHERE groups.id = g.id)`
	textsSQL = `
SELECT language, subject, headline, body
FROM appeal_texts
WHERE appeal_id = $1
ORDER BY language`
	putTextSQL = `
INSERT INTO appeal_texts (appeal_id, language, subject, headline, body)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (appeal_id, language) DO UPDATE
SET subject = excluded.subject, headline = excluded.headline, body = excluded.body`
	dropTextSQL = `
DELETE FROM appeal_texts
WHERE appeal_id = $1 AND language = $2`
)

func campaignIDOf(ctx context.Context, tx pgx.Tx, appealID int64) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, campaignIDOfSQL, appealID).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, failure.Missing("appeal", appealID)
	}
	return id, err
}

func insertAppeal(ctx context.Context, tx pgx.Tx, by audit.Actor, campaignID int64, n NewAppeal, named bool) (Appeal, error) {
	rows, err := tx.Query(ctx, insertAppealSQL, campaignID, n.Kind, n.OnUnknown, n.Audience.Groups, n.Audience.Languages,
		n.Audience.Countries, by.AccountID(), n.Audience.WithoutCampaigns, n.Audience.WithoutCase, named)
	return one[Appeal](rows, err, "campaign", campaignID)
}

func updateAudience(ctx context.Context, tx pgx.Tx, id int64, n NewAppeal) error {
	_, err := tx.Exec(ctx, updateAudienceSQL, id, n.Audience.Groups, n.Audience.Languages, n.Audience.Countries, n.OnUnknown,
		n.Audience.WithoutCampaigns, n.Audience.WithoutCase)
	return err
}

func checkGroups(ctx context.Context, tx pgx.Tx, groups []int64) error {
	rows, err := tx.Query(ctx, unknownGroupsSQL, groups)
	if err != nil {
		return err
	}
	unknown, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err == nil && len(unknown) > 0 {
		return failure.Wrong("audience.groups", "there is no group %d", unknown[0])
	}
	return err
}

func putText(ctx context.Context, tx pgx.Tx, appealID int64, t Text) error {
	_, err := tx.Exec(ctx, putTextSQL, appealID, t.Language, t.Subject, t.Headline, t.Body)
	return err
}

func dropText(ctx context.Context, tx pgx.Tx, appealID int64, language string) error {
	tag, err := tx.Exec(ctx, dropTextSQL, appealID, language)
	if err == nil && tag.RowsAffected() == 0 {
		return failure.Missing("text in", language)
	}
	return err
}

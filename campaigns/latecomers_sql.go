package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// lateJoiners are the members in the audience of a campaign's first appeal as it is at the instant $2, who were not subscribed
// when that left ($4), and were not let in before. $1 is the first appeal, $3 the appeals whose readers it leaves out. From the
// members' own history and from the admissions; it reads no delivery of the campaign.
//
// Those who joined since are few, so they are found first, and everything else by key.
const lateJoiners = audienceThen + `
  AND m.id = ANY (ARRAY(SELECT c.member_id FROM mailing_consents c WHERE c.joined_at > $4))
  AND NOT EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.joined_at <= $4 AND (c.left_at IS NULL OR c.left_at > $4))
  AND NOT EXISTS (SELECT FROM admissions x WHERE x.campaign_id = a.campaign_id AND x.member_id = m.id)
  AND NOT ` + hadOneOf + `$3::bigint[]))`

const (
	firstAppealSQL = `
SELECT ` + appealColumns + `
FROM appeals
WHERE campaign_id = $1 AND kind = 'first' AND launched_at IS NOT NULL`
	countLateSQL = `SELECT count(*) ` + lateJoiners
	letInSQL     = `
INSERT INTO admissions (campaign_id, member_id, appeal_id, round_id)
SELECT a.campaign_id, m.id, $5, $6 ` + lateJoiners
	// What the admissions say, not what the ledger got of them.
	updateEligibleByAdmissionsSQL = `
UPDATE appeals
SET eligible = eligible + (SELECT count(*) FROM admissions x WHERE x.appeal_id = $1 AND x.round_id = $2)
WHERE id = $1`
	fillAdmissionsSQL = `
WITH filled AS (
    INSERT INTO deliveries (appeal_id, member_id, language)
    SELECT $1, m.id, CASE WHEN m.language = ANY ($2::text[]) THEN m.language
                          WHEN split_part(m.language, '-', 1) = ANY ($2::text[]) THEN split_part(m.language, '-', 1)
                          ELSE ($2::text[])[1] END
    FROM admissions x
    JOIN members m ON m.id = x.member_id
    WHERE x.appeal_id = $1 AND x.round_id = $6
    RETURNING member_id
)` + roundFoot
)

// lateOf is what the statements on late joiners ask for: the first appeal, now, the appeals whose readers it leaves out, and its launch.
func lateOf(ctx context.Context, tx pgx.Tx, campaignID int64) ([]any, error) {
	rows, err := tx.Query(ctx, firstAppealSQL, campaignID)
	first, err := one[Appeal](rows, err, "first appeal of campaign", campaignID)
	if err != nil {
		return nil, err
	}
	others, err := othersOf(ctx, tx, first)
	if err != nil {
		return nil, err
	}
	var now time.Time
	err = tx.QueryRow(ctx, nowSQL).Scan(&now)
	return []any{first.ID, now, others, first.LaunchedAt}, err
}

func countLate(ctx context.Context, tx pgx.Tx, campaignID int64) (n int64, err error) {
	late, err := lateOf(ctx, tx, campaignID)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, countLateSQL, late...).Scan(&n)
	return n, err
}

// letIn admits the late joiners of a's campaign, makes them eligible, and writes their rows.
func letIn(ctx context.Context, tx pgx.Tx, a Appeal, roundID int64) ([]Batch, int64, error) {
	late, err := lateOf(ctx, tx, a.CampaignID)
	if err != nil {
		return nil, 0, err
	}
	if _, err := tx.Exec(ctx, letInSQL, append(late, a.ID, roundID)...); err != nil {
		return nil, 0, err
	}
	if _, err := tx.Exec(ctx, updateEligibleByAdmissionsSQL, a.ID, roundID); err != nil {
		return nil, 0, err
	}
	languages, err := languagesOf(ctx, tx, a.ID)
	if err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, fillAdmissionsSQL, a.ID, languages, roundBatch, roundStretch, unbegunCover, roundID)
	return batchesOf(a.ID, rows, err)
}

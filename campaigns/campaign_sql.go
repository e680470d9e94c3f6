package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

const campaignColumns = `id, case_id, series, number, year, slug, title, state, urgent, fallback_language, deadline_day,
       COALESCE(to_char(deadline_time, 'HH24:MI'), '') AS deadline_time, deadline_zone, deadline_inclusive, deadline_at,
       after_deadline, outcome, outcome_note, durability, contribution, created_at, stopped_at, closed_at, counter_from`

const (
	campaignSQL       = `SELECT ` + campaignColumns + ` FROM campaigns WHERE id = $1`
	campaignBySlugSQL = `SELECT ` + campaignColumns + ` FROM campaigns WHERE slug = $1`
	lockCampaignSQL   = `SELECT ` + campaignColumns + ` FROM campaigns WHERE id = $1 FOR NO KEY UPDATE`
	campaignsSQL      = `
SELECT ` + campaignColumns + `
FROM campaigns
WHERE $1::bigint = 0 OR id < $1
ORDER BY id DESC
LIMIT $2`
	// The lock lets one numbering through at a time; readers and claims are not held up by it.
	numberingSQL      = `LOCK TABLE campaigns IN SHARE ROW EXCLUSIVE MODE`
	insertCampaignSQL = `
INSERT INTO campaigns (case_id, series, year, number, slug, title, urgent, fallback_language, deadline_day, deadline_time,
                       deadline_zone, deadline_inclusive, deadline_at, after_deadline, created_by)
SELECT $1, $2::text, y.year,
       COALESCE(NULLIF($4::int, 0), (SELECT COALESCE(max(c.number), 0) + 1 FROM campaigns c WHERE c.series = $2 AND c.year = y.year)),
       $5, $6, $7, $8, $9, NULLIF($10::text, '')::time, $11, $12, $13, $14, $15
FROM (SELECT COALESCE(NULLIF($3::int, 0), extract(year FROM now_at() AT TIME ZONE $11)::int) AS year) y
RETURNING ` + campaignColumns
	updateDeadlineSQL = `
UPDATE campaigns
SET deadline_day = $2, deadline_time = NULLIF($3::text, '')::time, deadline_zone = $4, deadline_inclusive = $5, deadline_at = $6
WHERE id = $1`
	pastWhileLeavingSQL = `
SELECT $2::timestamptz <= now_at() AND EXISTS (SELECT FROM appeals WHERE campaign_id = $1 AND state = 'issuing' AND asking)`
	updateCampaignStateSQL = `
UPDATE campaigns
SET state = $2::text, stopped_at = CASE WHEN $2::text = 'stopped' THEN now_at() END
WHERE id = $1`
	updateCounterSQL = `
UPDATE campaigns
SET counter_from = $2
WHERE id = $1`
	updateClosedSQL = `
UPDATE campaigns
SET state = 'closed', closed_at = now_at(), outcome = $2, outcome_note = $3, durability = $4, contribution = $5
WHERE id = $1`
)

func insertCampaign(ctx context.Context, tx pgx.Tx, by audit.Actor, n NewCampaign, deadline time.Time, slug string) (Campaign, error) {
	if _, err := tx.Exec(ctx, numberingSQL); err != nil {
		return Campaign{}, err
	}
	urgent := n.Urgent == nil || *n.Urgent
	rows, err := tx.Query(ctx, insertCampaignSQL, n.CaseID, n.Series, n.Year, n.Number, slug, n.Title, urgent, n.FallbackLanguage,
		n.DeadlineDay, n.DeadlineTime, n.DeadlineZone, n.DeadlineInclusive, deadline, n.AfterDeadline, by.AccountID())
	return one[Campaign](rows, err, "campaign", slug)
}

func lockCampaign(ctx context.Context, tx pgx.Tx, id int64) (Campaign, error) {
	rows, err := tx.Query(ctx, lockCampaignSQL, id)
	return one[Campaign](rows, err, "campaign", id)
}

func updateDeadline(ctx context.Context, tx pgx.Tx, id int64, d Deadline, at time.Time) error {
	_, err := tx.Exec(ctx, updateDeadlineSQL, id, d.DeadlineDay, d.DeadlineTime, d.DeadlineZone, d.DeadlineInclusive, at)
	return err
}

func updateCampaignState(ctx context.Context, tx pgx.Tx, id int64, state string) error {
	_, err := tx.Exec(ctx, updateCampaignStateSQL, id, state)
	return err
}

func updateClosed(ctx context.Context, tx pgx.Tx, id int64, c Closing) error {
	_, err := tx.Exec(ctx, updateClosedSQL, id, c.Outcome, c.Note, c.Durability, c.Contribution)
	return err
}

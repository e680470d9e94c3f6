package letters

const (
	visitSQL = `
INSERT INTO visitors (campaign_id, source, form_key)
SELECT id, $2::bytea, $3::bytea
FROM campaigns
WHERE id = $1 AND state <> 'draft'
ON CONFLICT (campaign_id, form_key) WHERE form_key IS NOT NULL DO UPDATE
SET form_key = excluded.form_key
RETURNING id`
	// Who has begun nothing by then has no link by which they could go on.
	forgetIdleSQL = `
DELETE FROM visitors v
WHERE v.source IS NOT NULL AND v.created_at < now_at() - interval '2 days' AND v.address_index IS NULL
  AND NOT EXISTS (SELECT FROM letters l WHERE l.visitor_id = v.id)`
	forgetSourcesSQL = `
UPDATE visitors
SET source = NULL
WHERE source IS NOT NULL AND created_at < now_at() - interval '2 days'`
	campaignOfSQL = `
SELECT c.id
FROM campaigns c
WHERE c.state <> $4
  AND c.id = COALESCE(
    (SELECT a.campaign_id FROM deliveries d JOIN appeals a ON a.id = d.appeal_id WHERE d.appeal_id = $1 AND d.member_id = $2),
    (SELECT v.campaign_id FROM visitors v WHERE v.id = $3))`
)

package letters

const (
	visitSQL = `
INSERT INTO visitors (campaign_id, source)
SELECT id, $2
FROM campaigns
WHERE id = $1 AND state <> 'draft'
RETURNING id`
	campaignOfSQL = `
SELECT c.id
FROM campaigns c
WHERE c.state <> $4
  AND c.id = COALESCE(
    (SELECT a.campaign_id FROM deliveries d JOIN appeals a ON a.id = d.appeal_id WHERE d.appeal_id = $1 AND d.member_id = $2),
    (SELECT v.campaign_id FROM visitors v WHERE v.id = $3))`
)

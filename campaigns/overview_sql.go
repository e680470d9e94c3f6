package campaigns

const (
	campaignsInSQL = `
SELECT ` + campaignColumns + `
FROM campaigns
WHERE ($1 = '' OR state = $1) AND ($2::bigint = 0 OR id < $2)
ORDER BY id DESC
LIMIT $3`
	countCampaignsSQL = `
SELECT count(*)
FROM campaigns
WHERE $1 = '' OR state = $1`
	campaignsOnSQL = `
SELECT ` + campaignColumns + `
FROM campaigns
WHERE case_id = $1
ORDER BY id DESC`
	countDeliveriesSQL = `
SELECT count(*)
FROM deliveries d
JOIN appeals a ON a.id = d.appeal_id
WHERE d.appeal_id = $1
  AND ($2 = '' OR $2 = CASE WHEN a.state IN ('stopping', 'stopped') AND d.state IN ('queued', 'deferred') THEN 'stopped' ELSE d.state END)`
	// From the appeals, which are few, to the row that each has for the member, by the ledger's key.
	receivedSQL = `
SELECT a.id AS appeal_id, a.kind, c.series, c.number, c.year,
       CASE WHEN a.state IN ('stopping', 'stopped') AND d.state IN ('queued', 'deferred') THEN 'stopped' ELSE d.state END AS state,
       d.reason, d.settled_at
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
JOIN deliveries d ON d.appeal_id = a.id AND d.member_id = $1
WHERE a.launched_at IS NOT NULL
ORDER BY a.launched_at DESC, a.id DESC
LIMIT $2`
)

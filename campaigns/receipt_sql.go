package campaigns

const (
	receiptSQL = `
WITH ledger AS (
    SELECT state, COALESCE(reason, '') AS reason, count(*) AS rows, count(*) FILTER (WHERE unknowns > 0) AS twice,
           count(*) FILTER (WHERE settled_at > (SELECT now_at()) - interval '1 minute') AS lately,
           min(settled_at) AS first, max(settled_at) AS last
    FROM deliveries
    WHERE appeal_id = $1
    GROUP BY state, reason
), appeal AS (
    SELECT ` + appealColumns + `
    FROM appeals
    WHERE id = $1
)
SELECT appeal.*, COALESCE(ledger.state, '') AS bucket, COALESCE(ledger.reason, '') AS reason, COALESCE(ledger.rows, 0) AS rows,
       COALESCE(ledger.twice, 0) AS twice, COALESCE(ledger.lately, 0) AS lately,
       (SELECT count(*) FROM admissions x WHERE x.appeal_id = appeal.id) AS let_in, ledger.first, ledger.last
FROM appeal
LEFT JOIN ledger ON true`
	deliveriesSQL = `
SELECT d.member_id, d.language,
       CASE WHEN a.state IN ('stopping', 'stopped') AND d.state IN ('queued', 'deferred') THEN 'stopped' ELSE d.state END AS state,
       d.reason,
       (d.attempts + COALESCE((SELECT sum(r.attempts) FROM retried r WHERE r.appeal_id = d.appeal_id AND r.member_id = d.member_id), 0))::smallint AS attempts,
       d.unknowns, d.due_at, d.code, d.reply, d.settled_at
FROM deliveries d
JOIN appeals a ON a.id = d.appeal_id
WHERE d.appeal_id = $1 AND d.member_id > $2
  AND ($3 = '' OR $3 = CASE WHEN a.state IN ('stopping', 'stopped') AND d.state IN ('queued', 'deferred') THEN 'stopped' ELSE d.state END)
ORDER BY d.member_id
LIMIT $4`
)

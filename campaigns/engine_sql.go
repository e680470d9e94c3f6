package campaigns

const (
	heldSQL = `
SELECT a.id, a.campaign_id, c.series, c.number, c.year, a.stop_reason AS reason, a.stopping_at AS since
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.stop_reason IS NOT NULL
ORDER BY a.id`
	// A sweep promises an overdue batch again within seconds: half a minute is not its ordinary course.
	workSQL = `
WITH open AS (
    SELECT b.covered_until
    FROM batches b
    JOIN appeals a ON a.id = b.appeal_id
    WHERE a.state = 'issuing'
    UNION ALL
    SELECT covered_until
    FROM appeals
    WHERE state = 'issuing' AND filled_at IS NULL
)
SELECT (SELECT count(*) FROM windows) AS windows, count(*) AS batches,
       count(*) FILTER (WHERE covered_until < now_at() - interval '30 seconds') AS overdue,
       min(covered_until) FILTER (WHERE covered_until < now_at() - interval '30 seconds') AS overdue_since,
       (SELECT sum(numbackends) FROM pg_stat_database) AS connections, current_setting('max_connections')::bigint AS most
FROM open`
	leavingSQL = `
SELECT a.id, a.kind, c.series, c.number, c.year
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.state IN ('issuing', 'stopping')
ORDER BY a.id DESC
LIMIT 50`
	heldUnknownSQL = `
SELECT a.id, c.series, c.number, c.year, u.rows
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
CROSS JOIN LATERAL (SELECT count(*) AS rows FROM deliveries d WHERE d.appeal_id = a.id AND d.state = 'unknown') u
WHERE a.on_unknown = 'hold' AND a.state <> 'draft' AND a.launched_at > now_at() - interval '7 days' AND u.rows > 0
ORDER BY a.id DESC
LIMIT 10`
	countAppealsSQL = `
SELECT state, count(*)
FROM appeals
GROUP BY state`
	relayReportsSQL = `
SELECT process, relay, version, started_at, seen_at, state, connections, per_second, step, code
FROM relay_reports
WHERE seen_at > now_at() - interval '10 minutes'
ORDER BY relay, process`
	reportSQL = `
INSERT INTO relay_reports (process, relay, version, started_at, seen_at, state, connections, per_second, step, code)
VALUES ($1, $2, $3, now_at(), now_at(), $4, $5, $6, $7, $8)
ON CONFLICT (process, relay) DO UPDATE
SET seen_at = excluded.seen_at, state = excluded.state, connections = excluded.connections, per_second = excluded.per_second,
    step = excluded.step, code = excluded.code`
	forgetReportsSQL = `
DELETE FROM relay_reports
WHERE process = $1 OR seen_at < now_at() - interval '1 hour'`
)

package campaigns

const (
	heldSQL = `
SELECT id, campaign_id, stop_reason AS reason, stopping_at AS since
FROM appeals
WHERE stop_reason IS NOT NULL
ORDER BY id`
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

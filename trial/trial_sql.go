package trial

// The statements look at the house from outside: none of them is part of what is measured.
const (
	analyzeSQL = `ANALYZE`
	// What a committed mail has cost: the position in the log, the size of the ledger with its index, and the process that all
	// others of the server belong to.
	spentSQL = `
SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 AS wal,
       (SELECT COALESCE(sum(pg_total_relation_size(r)), 0)::bigint
        FROM unnest(ARRAY['deliveries'::regclass, 'batches', 'windows']) AS r) AS ledger,
       pg_backend_pid() AS backend`
	settingsSQL = `
SELECT name, setting || COALESCE(unit, '') AS setting
FROM pg_settings
WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')
ORDER BY name`
)

// What a drill asks of the house, and does to it by hand.
const (
	sealedMembersSQL = `
SELECT id, address_sealed, name_sealed
FROM members
ORDER BY id`
	entriesSQL = `
SELECT appeal_id, member_id, state, reason, code, reply, unknowns
FROM deliveries
ORDER BY appeal_id, member_id`
	// Which appeals are not complete; whom of one is not settled, or not filled in yet; how many deliveries are not settled.
	restingSQL = `
WITH open AS (
    SELECT id, filled_at
    FROM appeals
    WHERE state IN ('issuing', 'stopping', 'stopped')
), waiting AS (
    SELECT d.appeal_id, count(*) AS rows
    FROM deliveries d
    JOIN open ON open.id = d.appeal_id
    WHERE d.settled_at IS NULL
    GROUP BY d.appeal_id
)
SELECT ARRAY(SELECT id FROM open) AS open,
       COALESCE((SELECT CASE WHEN o.filled_at IS NULL THEN (SELECT count(*) FROM members) ELSE w.rows END
                 FROM open o
                 LEFT JOIN waiting w ON w.appeal_id = o.id
                 WHERE o.id = $1), 0) AS newest,
       (SELECT COALESCE(sum(rows), 0)::bigint FROM waiting) AS waiting`
	windowsSQL = `SELECT id FROM windows`
	// As somebody might who wants to get rid of a queue.
	pruneSQL = `
WITH jobs AS (DELETE FROM river_job),
     queues AS (DELETE FROM river_queue)
DELETE FROM river_leader`
)

// What a bench of letters puts behind the house, and looks at.
const (
	// A draft becomes an appeal of so many days ago that everybody got.
	agedSQL = `
WITH sent AS (
    UPDATE appeals
    SET state = 'complete', asking = true, launched_at = now_at() - make_interval(days => $2::int), filled_at = now_at(), completed_at = now_at(),
        eligible = (SELECT count(*) FROM members)
    WHERE id = $1
    RETURNING id, campaign_id
), opened AS (
    UPDATE campaigns c
    SET state = 'active'
    FROM sent
    WHERE c.id = sent.campaign_id
)
INSERT INTO deliveries (appeal_id, member_id, language, state, attempts, code, reply, settled_at)
SELECT sent.id, m.id, m.language, 'accepted', 1, 250, '250 2.0.0 Ok', now_at()
FROM sent
CROSS JOIN members m`
	ledgerRowsSQL = `SELECT count(*) FROM deliveries`
	writersSQL    = `
SELECT id
FROM members
ORDER BY id DESC
LIMIT $1`
	lettersOfSQL = `
SELECT member_id, copies, state
FROM letters
WHERE campaign_id = $1`
)

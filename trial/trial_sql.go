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

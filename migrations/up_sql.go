package migrations

// tryLockSQL takes the lock of migrations for this connection if nobody holds it. The number means
// nothing but must not change: it is what old and new versions of the program meet on.
const tryLockSQL = `
SELECT pg_try_advisory_lock(7205759403792793601)`

const unlockSQL = `
SELECT pg_advisory_unlock(7205759403792793601)`

// noteExistsSQL tells whether a table of notes is there, in the schema that new tables go to.
const noteExistsSQL = `
SELECT to_regclass($1) IS NOT NULL`

const ourVersionsSQL = `
SELECT DISTINCT version_id
FROM schema_versions
WHERE is_applied AND version_id > 0
ORDER BY version_id`

// River's early steps know no line: who looks while another process is between two of them must still be told what is there.
const riverVersionsSQL = `
SELECT DISTINCT version
FROM river_migration r
WHERE COALESCE(to_jsonb(r) ->> 'line', 'main') = 'main'
ORDER BY version`

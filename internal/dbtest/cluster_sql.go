package dbtest

import "github.com/jackc/pgx/v5"

// lockClass is the first half of the advisory locks by which test processes are known to live.
const lockClass = 0x484f4c44

const claimTagSQL = `
SELECT pg_try_advisory_lock($1, $2)`

// leftoversSQL finds the databases of test processes that hold their lock no longer. Locks are seen here
// whichever database they were taken in.
const leftoversSQL = `
SELECT datname
FROM pg_database
WHERE datname ~ '^holdfast_test_[0-9a-f]{8}_[0-9]+$'
  AND NOT EXISTS (
    SELECT 1
    FROM pg_locks
    WHERE locktype = 'advisory'
      AND classid = $1::int4::oid
      AND objid = ('x' || substr(datname, 15, 8))::bit(32)::int4::oid
      AND granted
  )`

// Names of databases cannot be parameters.
const (
	createDatabaseFormat = `CREATE DATABASE %s TEMPLATE %s`
	dropDatabaseFormat   = `DROP DATABASE IF EXISTS %s WITH (FORCE)`
	setOffsetFormat      = `ALTER DATABASE %s SET holdfast.clock_offset = '%s'`
)

// offsetSQL reads by how many seconds the clock of this session is moved.
const offsetSQL = `
SELECT EXTRACT(epoch FROM COALESCE(NULLIF(current_setting('holdfast.clock_offset', true), ''), '0')::interval)::float8`

// moveClockSQL moves the clock until the transaction ends.
const moveClockSQL = `
SELECT set_config('holdfast.clock_offset', $1, true)`

const databaseNameSQL = `
SELECT current_database()`

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

package web

import "github.com/jackc/pgx/v5"

const (
	// What somebody did; not what followed from it by itself.
	countAuditSQL = `
SELECT count(*)
FROM audit_events
WHERE action NOT IN ('appeal.halt', 'appeal.stopped', 'appeal.complete', 'campaign.active', 'campaign.stopped')`
	countWithoutFrenchSQL = `
SELECT count(*)
FROM audit_events
WHERE action = 'appeal.launch_without_fr' AND account_id IS NOT NULL`
	countTooLateSQL = `
SELECT count(*)
FROM audit_events
WHERE action = 'appeal.launch_too_late' AND account_id IS NOT NULL`
	countRoundsSQL = `
SELECT count(*)
FROM rounds`
	hurrySQL = `
UPDATE campaigns
SET deadline_at = now_at() + interval '1 hour'
WHERE id = $1`
	passDeadlineSQL = `
UPDATE campaigns
SET deadline_at = now_at() - interval '1 second'
WHERE id = $1`
	countMembersSQL = `
SELECT count(*)
FROM members`
	columnNamesSQL = `
SELECT DISTINCT column_name::text
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT LIKE 'river_%'
ORDER BY 1`
	countFanOutsSQL = `
SELECT count(*)
FROM river_job
WHERE kind = 'fan_out'`
	jobArgsSQL = `
SELECT args::text
FROM river_job`
	breakGroupsSQL = `
ALTER TABLE groups RENAME TO no_groups`
	lockCasesSQL = `
LOCK TABLE cases IN ACCESS EXCLUSIVE MODE`
)

func (d *doors) count(sql string) (n int) {
	d.Helper()
	d.must(d.pool.QueryRow(d.ctx, sql).Scan(&n))
	return n
}

func (d *doors) texts(sql string) []string {
	d.Helper()
	rows, err := d.pool.Query(d.ctx, sql)
	d.must(err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	d.must(err)
	return list
}

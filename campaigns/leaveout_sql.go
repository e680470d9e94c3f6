package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// hadOneOf begins a condition on the member m that a list of appeals and two brackets end: whether they had one of those, or may have.
const hadOneOf = `EXISTS (
    SELECT
    FROM deliveries d
    WHERE d.member_id = m.id AND (d.state IN ('accepted', 'unknown') OR d.unknowns > 0) AND d.appeal_id = ANY (`

// notLeftOut is a condition on the member m in the audience of the appeal a. A sub-select with a limit is read by key, whatever the
// planner believes of the table.
const notLeftOut = `
  AND (a.leave_out_campaigns = '{}' AND NOT a.leave_out_case
       OR (SELECT true FROM left_out o WHERE o.appeal_id = a.id AND o.member_id = m.id LIMIT 1) IS NULL)`

const (
	unknownCampaignsSQL = `
SELECT w.id
FROM unnest($1::bigint[]) AS w (id)
WHERE NOT EXISTS (SELECT FROM campaigns c WHERE c.id = w.id)`
	// The appeals of other campaigns whose readers an appeal leaves out. Those of its own are never among them.
	othersSQL = `
SELECT got.id
FROM appeals a
JOIN campaigns own ON own.id = a.campaign_id
JOIN campaigns other ON other.id <> own.id
  AND (other.id = ANY (a.leave_out_campaigns) OR a.leave_out_case AND other.case_id = own.case_id)
JOIN appeals got ON got.campaign_id = other.id AND got.launched_at IS NOT NULL
WHERE a.id = $1`
	insertLeftOutSQL = `
INSERT INTO left_out (appeal_id, member_id)
SELECT DISTINCT $1::bigint, d.member_id
FROM deliveries d
WHERE d.appeal_id = ANY ($2) AND (d.state IN ('accepted', 'unknown') OR d.unknowns > 0)`
	countLeftOutSQL = `SELECT count(*) ` + audienceThen + ` AND ` + hadOneOf + `$3::bigint[]))`
)

func unknownCampaigns(ctx context.Context, tx pgx.Tx, ids []int64) ([]int64, error) {
	rows, err := tx.Query(ctx, unknownCampaignsSQL, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// othersOf lists the appeals whose readers an appeal leaves out; never nil.
func othersOf(ctx context.Context, tx pgx.Tx, a Appeal) ([]int64, error) {
	if !a.leavesOut() {
		return []int64{}, nil
	}
	rows, err := tx.Query(ctx, othersSQL, a.ID)
	if err != nil {
		return nil, err
	}
	others, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if others == nil {
		others = []int64{}
	}
	return others, err
}

// countLeftOut counts who is in a draft's audience but for having had another appeal.
func countLeftOut(ctx context.Context, tx pgx.Tx, a Appeal) (n int64, err error) {
	at, others, err := draftOrLaunch(ctx, tx, a)
	if err != nil || len(others) == 0 {
		return 0, err
	}
	err = tx.QueryRow(ctx, countLeftOutSQL, a.ID, at, others).Scan(&n)
	return n, err
}

func insertLeftOut(ctx context.Context, tx pgx.Tx, appealID int64, others []int64) error {
	_, err := tx.Exec(ctx, insertLeftOutSQL, appealID, others)
	return err
}

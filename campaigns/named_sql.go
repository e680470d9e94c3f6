package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	insertNamedSQL = `
INSERT INTO named_members (appeal_id, member_id)
SELECT DISTINCT $1::bigint, m.id
FROM members m
WHERE m.id = ANY ($2::bigint[])`
	countNamesSQL = `SELECT count(*) FROM named_members WHERE appeal_id = $1`
)

// insertNamed names members in an appeal and returns how many there are.
func insertNamed(ctx context.Context, tx pgx.Tx, appealID int64, members []int64) (int64, error) {
	tag, err := tx.Exec(ctx, insertNamedSQL, appealID, members)
	return tag.RowsAffected(), err
}

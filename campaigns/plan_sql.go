package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

// byKeySQL has the statements behind it, to the end of the transaction, find every row by its key and nothing else.
//
// The planner goes by what it counted some minutes ago: of an appeal launched since it knows nothing and takes it for a small one. Left to itself
// it reads that appeal's whole ledger for every sixty rows written, which grows with the square of the members. With the
// generic plan it also plans once for each connection instead of each time. Nothing is set for the session, so that a pooler may hand the
// connection on.
const byKeySQL = `
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`

// planAnewSQL has the statements behind it, to the end of the transaction, planned for the values that they get. A slice of the ledger is a stretch
// of members: without the ends of it the planner takes it for any share of them, and after five slices would keep that plan.
const planAnewSQL = `SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`

// sendByKey carries out the statements of a batch behind byKeySQL, in one round trip; where db is a pool, in one transaction of
// its own.
func sendByKey(ctx context.Context, db postgres.DB, statements ...func(*pgx.Batch)) error {
	batch := &pgx.Batch{}
	batch.Queue(byKeySQL)
	for _, queue := range statements {
		queue(batch)
	}
	return db.SendBatch(ctx, batch).Close()
}

package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A pooler in transaction mode (PgBouncer) gives each transaction whichever connection to the server is free. Nothing of a
// session lasts there: no prepared statement, no setting, no lock that outlives its transaction, no LISTEN.

const (
	backendSQL  = `SELECT pg_backend_pid()`
	timeoutSQL  = `SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'`
	identitySQL = `SELECT current_database() || ' of the server started at ' || pg_postmaster_start_time()`
)

// IsPooled reports whether pool was opened as one that leads through a pooler in transaction mode: by Options.Pooled, or by
// default_query_exec_mode=exec in its url.
func IsPooled(pool *pgxpool.Pool) bool { return withoutSession(pool.Config().ConnConfig) }

func withoutSession(config *pgx.ConnConfig) bool {
	return config.DefaultQueryExecMode == pgx.QueryExecModeExec || config.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol
}

// Rooms returns what rooms are given of a pool that was opened with o: the pool itself or, where that leads through a pooler,
// one whose transactions set the time limits of o each for themselves. A statement outside a transaction has there the limits
// that the role or the database has on the server, and no others.
func Rooms(pool *pgxpool.Pool, o Options) DB {
	if !IsPooled(pool) {
		return pool
	}
	return limited{pool, fmt.Sprintf("BEGIN; SET LOCAL statement_timeout = %s; SET LOCAL idle_in_transaction_session_timeout = %s",
		milliseconds(cmp.Or(o.StatementTimeout, defaultStatementTimeout)),
		milliseconds(cmp.Or(o.IdleInTransactionTimeout, defaultIdleInTransactionTimeout)))}
}

// limited is a pool whose transactions begin with their time limits.
type limited struct {
	*pgxpool.Pool
	begin string
}

// Begin begins a transaction with its time limits, in one round trip.
func (l limited) Begin(ctx context.Context) (pgx.Tx, error) {
	return l.Pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: l.begin})
}

// Behind reports whether a pooler stands between pool and server: the process that answers is not the one that
// greeted us. It cannot tell in which mode that pooler is.
func Behind(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	var pid uint32
	err = conn.QueryRow(ctx, backendSQL).Scan(&pid)
	return pid != conn.Conn().PgConn().PID(), err
}

// Same returns nil where two pools lead to the same database of the same server, else which two.
func Same(ctx context.Context, one, other *pgxpool.Pool) error {
	var names [2]string
	for i, pool := range []*pgxpool.Pool{one, other} {
		if err := pool.QueryRow(ctx, identitySQL).Scan(&names[i]); err != nil {
			return err
		}
	}
	if names[0] != names[1] {
		return fmt.Errorf("they lead to two databases: %s, and %s", names[0], names[1])
	}
	return nil
}

// IsPoolerRefusal reports whether err is a pooler's word that it does not pass settings of a session on.
func IsPoolerRefusal(err error) bool { return codeOf(err) == codeProtocolViolation }

// StatementTimeout returns the time limit of a statement outside a transaction, 0 for none.
func StatementTimeout(ctx context.Context, pool *pgxpool.Pool) (time.Duration, error) {
	var ms int64
	err := pool.QueryRow(ctx, timeoutSQL).Scan(&ms)
	return time.Duration(ms) * time.Millisecond, err
}

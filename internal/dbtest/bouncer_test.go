package dbtest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/migrations"
)

func open(t *testing.T, address string, o postgres.Options) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// F10: what a pool promises holds behind PgBouncer in transaction mode as far as it can, and what cannot is refused with
// the reason.
func TestF10_APoolThroughPgBouncer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	address := dbtest.URL(t)
	through := dbtest.Bouncer(t, address, 2)

	_, err := postgres.Open(ctx, through, postgres.Options{})
	if !postgres.IsPoolerRefusal(err) {
		t.Errorf("a session with time limits of its own: %v, want PgBouncer's refusal", err)
	}
	direct, pooled := open(t, address, postgres.Options{}), open(t, through, postgres.Options{Pooled: true, MaxConns: 8})
	byURL := open(t, through+"&default_query_exec_mode=exec", postgres.Options{})
	for name, c := range map[string]struct {
		pool           *pgxpool.Pool
		pooled, behind bool
	}{"direct": {direct, false, false}, "by option": {pooled, true, true}, "by its url": {byURL, true, true}} {
		behind, err := postgres.Behind(ctx, c.pool)
		if err != nil || behind != c.behind || postgres.IsPooled(c.pool) != c.pooled {
			t.Errorf("%s: pooled %v, behind a pooler %v (%v), want %v and %v", name, postgres.IsPooled(c.pool), behind, err, c.pooled, c.behind)
		}
	}
	if err := postgres.Same(ctx, direct, pooled); err != nil {
		t.Errorf("the same database on two ways: %v", err)
	}
	if err := postgres.Same(ctx, dbtest.Pool(t), pooled); err == nil {
		t.Error("two databases are taken for one")
	}
	if err := migrations.Up(ctx, through+"&default_query_exec_mode=exec", nil); !errors.Is(err, migrations.ErrPooled) {
		t.Errorf("migrating through a pooler: %v", err)
	}
	testLimits(t, direct, pooled)
}

// testLimits: a transaction has its time limits, and leaves nothing of them to who gets the connection next.
func testLimits(t *testing.T, direct, pooled *pgxpool.Pool) {
	ctx := context.Background()
	o := postgres.Options{StatementTimeout: 50 * time.Millisecond, IdleInTransactionTimeout: time.Hour}
	if rooms := postgres.Rooms(direct, o); rooms != postgres.DB(direct) {
		t.Error("a direct pool is given to the rooms as another one")
	}
	rooms := postgres.Rooms(pooled, o)
	for range 6 { // more than there are connections to the server
		tx, err := rooms.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var statement, idle, zone string
		if err := tx.QueryRow(ctx, "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'), current_setting('timezone')").
			Scan(&statement, &idle, &zone); err != nil || statement != "50ms" || idle != "1h" || zone != "UTC" {
			t.Errorf("in a transaction: statement %s, idle %s, zone %s, %v", statement, idle, zone, err)
		}
		if _, err := tx.Exec(ctx, "SELECT pg_sleep($1)", 20); !postgres.IsStatementTimeout(err) {
			t.Errorf("a statement of 20 s: %v", err)
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Error(err)
		}
		if limit, err := postgres.StatementTimeout(ctx, pooled); err != nil || limit != 0 {
			t.Errorf("after the transaction the limit is %v, %v", limit, err)
		}
	}
	failing := func() error {
		tx, err := rooms.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(ctx)
		_, err = tx.Exec(ctx, "SELECT 1/0")
		return err
	}
	if err := failing(); err == nil || !strings.Contains(err.Error(), "division by zero") {
		t.Errorf("an error in a transaction: %v", err)
	}
}

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/internal/postgres"
)

// Main runs the tests of a package, removes the databases that they used, and exits.
func Main(m *testing.M) {
	code := m.Run()
	if current.cluster != nil {
		if err := current.cluster.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "dbtest:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// need returns the cluster of this process or ends the test.
func need(t testing.TB) *cluster {
	t.Helper()
	c, err := theCluster()
	if err != nil {
		t.Fatalf("no database for this test: %v\n(set %s to the address of a PostgreSQL %d or newer whose role may make databases)",
			err, urlVariable, postgres.Oldest)
	}
	return c
}

// Tx returns a transaction on a database with the whole schema. It is rolled back at the end of the test.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	tx, err := need(t).shared.Begin(context.Background())
	if err != nil {
		t.Fatalf("no transaction for this test: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropLimit)
		defer cancel()
		if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			t.Errorf("the test's transaction cannot be rolled back: %v", err)
		}
	})
	return tx
}

// URL returns the address of a database of the test's own, with the whole schema and no rows. It is
// dropped at the end of the test.
func URL(t testing.TB) string {
	t.Helper()
	c := need(t)
	return c.database(t, c.template)
}

// EmptyURL is like URL, but the database has no schema: for tests of what makes it.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return need(t).database(t, "template0")
}

// database makes a database for one test and returns its address.
func (c *cluster) database(t testing.TB, template string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	name := c.newName()
	if err := c.create(ctx, name, template); err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropLimit)
		defer cancel()
		if err := c.drop(ctx, name); err != nil {
			t.Errorf("the test's database cannot be dropped: %v", err)
		}
	})
	return c.urlOf(name)
}

// Pool returns a pool on a database of the test's own; see URL. A test that does not give a connection
// back fails.
func Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), URL(t), postgres.Options{MaxConns: 20, ApplicationName: t.Name()})
	if err != nil {
		t.Fatalf("no database for this test: %v", err)
	}
	t.Cleanup(func() {
		if !closePool(pool) {
			t.Error("a connection of the test's pool is still in use at its end")
		}
	})
	return pool
}

// MoveClock moves the clock of decisions, now_at(), by d from where it is: for a transaction until its
// end, for a pool's whole database from its next connections on. The pool's own are made anew, those in
// use when they are given back; other processes see it when they connect.
func MoveClock(t testing.TB, db postgres.DB, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), dropLimit)
	defer cancel()
	var seconds float64
	if err := db.QueryRow(ctx, offsetSQL).Scan(&seconds); err != nil {
		t.Fatalf("the clock cannot be read: %v", err)
	}
	offset := strconv.FormatFloat(seconds+d.Seconds(), 'f', 6, 64) + " seconds"
	var err error
	switch db := db.(type) {
	case pgx.Tx:
		_, err = db.Exec(ctx, moveClockSQL, offset)
	case *pgxpool.Pool:
		err = moveDatabaseClock(ctx, db, offset)
	default:
		t.Fatalf("the clock of a %T cannot be moved: give MoveClock a transaction or a pool", db)
	}
	if err != nil {
		t.Fatalf("the clock cannot be moved: %v", err)
	}
}

func moveDatabaseClock(ctx context.Context, pool *pgxpool.Pool, offset string) error {
	var name string
	if err := pool.QueryRow(ctx, databaseNameSQL).Scan(&name); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, fmt.Sprintf(setOffsetFormat, quote(name), offset)); err != nil {
		return err
	}
	pool.Reset()
	return nil
}

// Prepare has PostgreSQL prepare a statement against the whole schema, and fails the test, going on, when
// it will not. name is what the statement is called in the source.
func Prepare(t testing.TB, name, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), dropLimit)
	defer cancel()
	conn, err := need(t).shared.Acquire(ctx)
	if err != nil {
		t.Fatalf("no connection to prepare %s: %v", name, err)
	}
	defer conn.Release()
	_, err = conn.Conn().PgConn().Prepare(ctx, "", sql, nil)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Position > 0 {
		t.Errorf("%s: %s (at character %d: %s)", name, pg.Message, pg.Position, near(sql, int(pg.Position)))
	} else if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// near returns what stands at a place in a statement, which PostgreSQL counts in characters from 1.
func near(sql string, position int) string {
	rest := []rune(sql)
	rest = rest[min(position-1, len(rest)):]
	return string(rest[:min(40, len(rest))])
}

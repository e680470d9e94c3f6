package migrations_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/migrations"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// emptyPool returns a pool on a database without a schema, and the database's address.
func emptyPool(t *testing.T) (*pgxpool.Pool, string) {
	t.Helper()
	url := dbtest.EmptyURL(t)
	pool, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, url
}

func inspect(t *testing.T, pool *pgxpool.Pool) migrations.State {
	t.Helper()
	state, err := migrations.Inspect(context.Background(), pool)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// tables returns the names of all tables, in order.
func tables(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(context.Background(), "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestUpBringsAnEmptyDatabaseUpOnce(t *testing.T) {
	t.Parallel()
	pool, url := emptyPool(t)
	before := inspect(t, pool)
	if err := before.Err(); err == nil || !strings.Contains(err.Error(), "holdfast migrate") {
		t.Errorf("an empty database is taken for %v", err)
	}
	if names := tables(t, pool); len(names) != 0 {
		t.Errorf("to look has made tables: %v", names)
	}
	var steps []string
	if err := migrations.Up(context.Background(), url, func(step string) { steps = append(steps, step) }); err != nil {
		t.Fatal(err)
	}
	if len(steps) != len(before.Pending) {
		t.Errorf("done were %v, missing were %v", steps, before.Pending)
	}
	if err := inspect(t, pool).Err(); err != nil {
		t.Errorf("after Up: %v", err)
	}
	if err := migrations.Up(context.Background(), url, func(step string) { t.Errorf("the second Up did %s", step) }); err != nil {
		t.Error(err)
	}
}

func TestUpInManyProcessesAtOnceDoesEachStepOnce(t *testing.T) {
	t.Parallel()
	pool, url := emptyPool(t)
	missing := inspect(t, pool).Pending
	var lock sync.Mutex
	done := map[string]int{}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			err := migrations.Up(context.Background(), url, func(step string) {
				lock.Lock()
				defer lock.Unlock()
				if !strings.HasPrefix(step, "waiting") {
					done[step]++
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(done) != len(missing) {
		t.Errorf("done were %v, missing were %v", done, missing)
	}
	for step, times := range done {
		if times != 1 {
			t.Errorf("%s was done %d times", step, times)
		}
	}
	if err := inspect(t, pool).Err(); err != nil {
		t.Error(err)
	}
}

func TestUpWaitsForTheLock(t *testing.T) {
	t.Parallel()
	pool, url := emptyPool(t)
	holder, err := pool.Acquire(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Release()
	if _, err := holder.Exec(context.Background(), migrations.TryLockSQL); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := migrations.Up(ctx, url, func(string) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("while another has the lock: got %v", err)
	}
	if names := tables(t, pool); len(names) != 0 {
		t.Errorf("without the lock there are tables: %v", names)
	}
	waiting, done := make(chan struct{}), make(chan error)
	go func() {
		first := sync.OnceFunc(func() { close(waiting) })
		done <- migrations.Up(context.Background(), url, func(string) { first() })
	}()
	<-waiting
	if _, err := holder.Exec(context.Background(), migrations.UnlockSQL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the lock is free and nothing happens")
	}
}

func TestF5_NewerDatabaseIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	for name, note := range map[string]string{
		"ours":  "INSERT INTO schema_versions (version_id, is_applied) VALUES (9000, true)",
		"River": "INSERT INTO river_migration (line, version) VALUES ('main', 9000)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := dbtest.URL(t)
			pool, err := postgres.Open(context.Background(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := pool.Exec(context.Background(), note); err != nil {
				t.Fatal(err)
			}
			before := tables(t, pool)
			if err := inspect(t, pool).Err(); err == nil || !strings.Contains(err.Error(), "newer than this program") {
				t.Errorf("the state is %v", err)
			}
			if err := migrations.Up(context.Background(), url, nil); err == nil || !strings.Contains(err.Error(), "newer than this program") {
				t.Errorf("Up says %v", err)
			}
			if diff := cmp.Diff(before, tables(t, pool)); diff != "" {
				t.Errorf("tables were changed:\n%s", diff)
			}
		})
	}
}

// A step that fails names file and line, leaves nothing, and is done once it is mended; F11: launch and
// step are all or nothing.
func TestFailedStepLeavesNothingAndIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	pool, _ := emptyPool(t)
	steps := fstest.MapFS{
		"0001_one.sql": {Data: []byte("-- One.\n-- +goose Up\nCREATE TABLE one (n int);\n")},
		"0002_two.sql": {Data: []byte("-- Two.\n-- +goose Up\nCREATE TABLE two (n int);\n\n-- Wrong:\nCREATE TABLE three (\n    n int,\n    m nonsense\n);\n")},
	}
	err := migrations.UpOurs(context.Background(), pool, steps, func(string) {})
	if err == nil || !strings.Contains(err.Error(), "0002_two.sql, line 8") || !strings.Contains(err.Error(), `type "nonsense" does not exist`) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"one", "schema_versions"}, tables(t, pool)); diff != "" {
		t.Errorf("tables after the step that failed:\n%s", diff)
	}
	steps["0002_two.sql"].Data = []byte("-- Two.\n-- +goose Up\nCREATE TABLE two (n int);\n")
	if err := migrations.UpOurs(context.Background(), pool, steps, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"one", "schema_versions", "two"}, tables(t, pool)); diff != "" {
		t.Errorf("tables after the step was mended:\n%s", diff)
	}
}

// River's early steps keep no line. A process that looks while another is between two of them is told what is there, and no error.
func TestStateBetweenTwoOfRiversEarlySteps(t *testing.T) {
	t.Parallel()
	pool, _ := emptyPool(t)
	if _, err := pool.Exec(context.Background(), "CREATE TABLE river_migration (id bigserial PRIMARY KEY, version bigint NOT NULL); INSERT INTO river_migration (version) VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
	empty, _ := emptyPool(t)
	all, left := inspect(t, empty), inspect(t, pool)
	if len(left.Pending) != len(all.Pending)-2 || len(left.Unknown) != 0 {
		t.Errorf("of %d steps %d are left and %v unknown, want all but two", len(all.Pending), len(left.Pending), left.Unknown)
	}
}

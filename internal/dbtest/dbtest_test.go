package dbtest_test

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// number runs a statement that gives one number.
func number(t *testing.T, db postgres.DB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestTxLeavesNoTrace(t *testing.T) {
	t.Parallel()
	t.Run("write", func(t *testing.T) {
		tx := dbtest.Tx(t)
		if _, err := tx.Exec(context.Background(), "CREATE TABLE traces (n int)"); err != nil {
			t.Fatal(err)
		}
	})
	if n := number(t, dbtest.Tx(t), "SELECT count(*) FROM pg_class WHERE relname = 'traces'"); n != 0 {
		t.Error("what one test wrote is seen by the next")
	}
}

func TestPoolsAreDatabasesOfTheirOwn(t *testing.T) {
	t.Parallel()
	var names sync.Map
	t.Run("all", func(t *testing.T) {
		for range 4 {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				pool := dbtest.Pool(t)
				var name string
				if err := pool.QueryRow(context.Background(), "SELECT current_database()").Scan(&name); err != nil {
					t.Fatal(err)
				}
				t.Log(name)
				if _, twice := names.LoadOrStore(name, true); twice {
					t.Errorf("two tests have the database %s", name)
				}
				if n := number(t, pool, "SELECT count(*) FROM river_job"); n != 0 {
					t.Errorf("a fresh database has %d jobs", n)
				}
			})
		}
	})
	names.Range(func(name, _ any) bool {
		if n := number(t, dbtest.Tx(t), "SELECT count(*) FROM pg_database WHERE datname = $1", name); n != 0 {
			t.Errorf("the database %s is still there after its test", name)
		}
		return true
	})
}

// moved returns how far the clock of decisions is from the real one, to the minute.
func moved(t *testing.T, db postgres.DB) time.Duration {
	t.Helper()
	return time.Duration(number(t, db, "SELECT round(EXTRACT(epoch FROM now_at() - clock_timestamp()))::int")) * time.Second
}

func TestMoveClock(t *testing.T) {
	t.Parallel()
	tx, pool := dbtest.Tx(t), dbtest.Pool(t)
	for name, db := range map[string]postgres.DB{"transaction": tx, "pool": pool} {
		if got := moved(t, db); got != 0 {
			t.Errorf("%s: the clock is moved by %v from the beginning", name, got)
		}
		dbtest.MoveClock(t, db, 72*time.Hour)
		dbtest.MoveClock(t, db, -25*time.Hour)
		if got, want := moved(t, db), 47*time.Hour; got != want {
			t.Errorf("%s: the clock is moved by %v, want %v", name, got, want)
		}
	}
	if got := moved(t, dbtest.Tx(t)); got != 0 {
		t.Errorf("another test's clock is moved by %v", got)
	}
}

// recorder is a test that only notes that it failed.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Errorf(format string, _ ...any) { r.said += format }
func (r *recorder) Helper()                        {}

func TestPrepareFindsWhatPostgreSQLRefuses(t *testing.T) {
	t.Parallel()
	for sql, good := range map[string]bool{
		"SELECT now_at()":                            true,
		"SELECT $1::bigint":                          true,
		"LISTEN somewhere":                           true,
		"SELECT no_such_column FROM river_job":       false,
		"SELECT id FROM river_job WHERE id = 'four'": false,
		"SELEKT": false,
	} {
		r := &recorder{TB: t}
		dbtest.Prepare(r, "trialSQL", sql)
		if (r.said == "") != good {
			t.Errorf("%s: taken %v, want %v (%s)", sql, r.said == "", good, r.said)
		}
	}
}

// Several processes share the server that the variable names; what a killed one left goes away, and
// what a living one has stays.
func TestSharedServer(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := dbtest.EmptyURL(t)
	mine := dbtest.Pool(t)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	const leftover = "holdfast_test_00000001_7"
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+leftover); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{leftover}
	var lock sync.Mutex
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			cmd := exec.Command(self, "-test.run=^Test(TxLeaves|PoolsAre|MoveClock)", "-test.v")
			cmd.Env = append(os.Environ(), "HOLDFAST_TEST_DATABASE_URL="+url)
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Count(string(out), "--- PASS: Test") < 3 {
				t.Errorf("a process on the shared server: %v\n%s", err, out)
			}
			lock.Lock()
			defer lock.Unlock()
			gone = append(gone, regexp.MustCompile("holdfast_test_[0-9a-f]{8}_").FindString(string(out)))
		})
	}
	both.Wait()
	var name string
	if err := mine.QueryRow(ctx, "SELECT current_database()").Scan(&name); err != nil {
		t.Fatalf("the database of a living process is gone: %v", err)
	}
	for _, tag := range gone {
		if n := number(t, conn, "SELECT count(*) FROM pg_database WHERE starts_with(datname, $1)", tag); n != 0 || tag == "" {
			t.Errorf("%d databases %s… of a process that has ended are still there", n, tag)
		}
	}
}

func TestNoDatabaseFailsAndSaysWhatToSet(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestTxLeaves")
	cmd.Env = append(os.Environ(), "HOLDFAST_TEST_DATABASE_URL=postgres://nobody:hidden@/none?host=/nowhere")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "set HOLDFAST_TEST_DATABASE_URL") {
		t.Errorf("without a database: %v\n%s", err, out)
	}
	if strings.Contains(string(out), "hidden") {
		t.Errorf("the password is shown:\n%s", out)
	}
}

package postgres

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

func openPool(t *testing.T, url string, o Options) *pgxpool.Pool {
	t.Helper()
	pool, err := Open(testContext(t), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func show(t *testing.T, pool *pgxpool.Pool, setting string) string {
	t.Helper()
	var value string
	if err := pool.QueryRow(testContext(t), "SHOW "+setting).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestPool(t *testing.T) {
	t.Parallel()
	server := start(t, ServerConfig{Dir: openFolder(t)})
	t.Run("defaults", func(t *testing.T) {
		pool := openPool(t, server.URL(), Options{})
		for setting, want := range map[string]string{"statement_timeout": "1min", "idle_in_transaction_session_timeout": "1min",
			"TimeZone": "UTC", "application_name": "holdfast"} {
			if got := show(t, pool, setting); got != want {
				t.Errorf("%s is %s, want %s", setting, got, want)
			}
		}
		if got := pool.Config().MaxConns; got != defaultMaxConns {
			t.Errorf("%d connections", got)
		}
	})
	t.Run("set", func(t *testing.T) {
		pool := openPool(t, server.URL()+"&application_name=mine", Options{MaxConns: 3, ApplicationName: "theirs",
			StatementTimeout: 5 * time.Second, IdleInTransactionTimeout: Never})
		for setting, want := range map[string]string{"statement_timeout": "5s", "idle_in_transaction_session_timeout": "0",
			"application_name": "mine"} {
			if got := show(t, pool, setting); got != want {
				t.Errorf("%s is %s, want %s", setting, got, want)
			}
		}
		if got := pool.Config().MaxConns; got != 3 {
			t.Errorf("%d connections", got)
		}
	})
	t.Run("errors", func(t *testing.T) { testOpenErrors(t, server.URL()) })
	t.Run("codes", func(t *testing.T) { testCodes(t, openPool(t, server.URL(), Options{StatementTimeout: time.Second})) })
}

// D10: whatever is wrong with the address, the password is not in the error, and a remedy is.
func testOpenErrors(t *testing.T, good string) {
	socket, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	host := socket.Query().Get("host")
	password, _ := socket.User.Password()
	for name, test := range map[string]struct{ url, hint string }{
		"wrong password": {"postgres://holdfast:s3cr3t@/holdfast?host=" + host, "check user and password"},
		"no database":    {"postgres://holdfast:" + password + "@/s3nat?host=" + host, "createdb --encoding=UTF8 --owner=holdfast s3nat"},
		"nobody there":   {"postgres://holdfast:s3cr3t@127.0.0.1:1/holdfast", "is PostgreSQL running there"},
		"no socket":      {"postgres://holdfast:s3cr3t@/holdfast?host=/nowhere", "is PostgreSQL running there"},
		"not an address": {"postgres://holdfast:s3cr3t@[::1/holdfast", "% codes"},
		"bad password":   {"postgres://holdfast:s3cr3t/%zz@127.0.0.1/holdfast", "% codes"},
		"bad port":       {"postgres://holdfast:s3cr3t:s3cr3t@127.0.0.1:port/holdfast", "% codes"},
		"other thing":    {"https://holdfast:s3cr3t@127.0.0.1/", "% codes"},
		"nothing":        {"s3cr3t", "% codes"},
	} {
		pool, err := Open(testContext(t), test.url, Options{})
		if err == nil {
			pool.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if !strings.Contains(err.Error(), test.hint) {
			t.Errorf("%s: no hint %q in: %v", name, test.hint, err)
		}
		if strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), password) {
			t.Errorf("%s: the password is in: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, good, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func testCodes(t *testing.T, pool *pgxpool.Pool) {
	ctx := testContext(t)
	run := func(sql string) error {
		_, err := pool.Exec(ctx, sql)
		return err
	}
	if err := errors.Join(
		run("CREATE TABLE rooms (n int CONSTRAINT rooms_n UNIQUE, m int CONSTRAINT rooms_m CHECK (m > 0))"),
		run("CREATE TABLE doors (n int CONSTRAINT doors_room REFERENCES rooms (n))"),
		run("INSERT INTO rooms VALUES (1, 1)"),
	); err != nil {
		t.Fatal(err)
	}
	unique, foreign, check := run("INSERT INTO rooms VALUES (1, 1)"), run("INSERT INTO doors VALUES (2)"), run("INSERT INTO rooms VALUES (3, 0)")
	timeout := run("SELECT pg_sleep(30)")
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "SELECT n FROM rooms FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	locked := run("SELECT n FROM rooms FOR UPDATE NOWAIT")
	conflict := run("DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''40001''; END'")
	for name, test := range map[string]struct{ got, want bool }{
		"unique":                {IsUnique(unique, ""), true},
		"unique, named":         {IsUnique(unique, "rooms_n"), true},
		"unique, other name":    {IsUnique(unique, "rooms_m"), false},
		"unique is not foreign": {IsForeignKey(unique, ""), false},
		"foreign key":           {IsForeignKey(foreign, "doors_room"), true},
		"check":                 {IsCheck(check, "rooms_m"), true},
		"lock":                  {IsLockTimeout(locked), true},
		"lock is no timeout":    {IsStatementTimeout(locked), false},
		"timeout":               {IsStatementTimeout(timeout), true},
		"retryable":             {IsRetryable(conflict), true},
		"unique is not":         {IsRetryable(unique), false},
		"nothing":               {IsUnique(nil, "") || IsRetryable(nil), false},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %v", name, test.got)
		}
	}
}

package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"holdfast/internal/postgres"
)

//go:embed [0-9]*.sql
var files embed.FS

// versionTable is where goose notes which of our steps a database has.
const versionTable = "schema_versions"

// lockRetry is how long to wait before asking for the lock again. Waiting inside PostgreSQL instead
// would hold a snapshot, on which an index that is built concurrently would wait in its turn.
const lockRetry = 50 * time.Millisecond

// ErrPooled says that the url leads through a pooler in transaction mode, where the lock of migrations would not be held.
var ErrPooled = errors.New("migrations need a connection of their own to PostgreSQL, and this address leads through a pooler in transaction mode")

// Up brings the database at url up to what this program was written for, and does nothing where it is
// there already. It may run in many processes at once. progress is told each step as it is done, in a
// few words, and may be nil. A database that is newer than the program is an error and stays unchanged.
// The role in url must be the owner of the database or a superuser. It returns ErrPooled where it can have no lock.
func Up(ctx context.Context, url string, progress func(string)) error {
	if progress == nil {
		progress = func(string) {}
	}
	pool, err := postgres.Open(ctx, url, postgres.Options{
		MaxConns: 4, ApplicationName: "holdfast migrate",
		StatementTimeout: postgres.Never, IdleInTransactionTimeout: postgres.Never,
	})
	if err != nil {
		return err
	}
	defer pool.Close()
	if postgres.IsPooled(pool) {
		return ErrPooled
	}
	state, err := Inspect(ctx, pool)
	if err != nil || state.Current() {
		return err
	}
	return underLock(ctx, pool, progress, func() error {
		state, err := Inspect(ctx, pool) // anew: whoever held the lock before us may have done it all
		if err != nil || state.Current() {
			return err
		}
		if len(state.Unknown) > 0 {
			return state.Err()
		}
		if err := upRiver(ctx, pool, progress); err != nil {
			return err
		}
		return upOurs(ctx, pool, files, progress)
	})
}

// underLock calls step while holding the lock of migrations, on a connection of its own: when this
// process dies the connection ends, and with it the lock.
func underLock(ctx context.Context, pool *pgxpool.Pool, progress func(string), step func() error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("the lock of migrations: %w", err)
	}
	defer conn.Release()
	for waited := false; ; waited = true {
		var locked bool
		if err := conn.QueryRow(ctx, tryLockSQL).Scan(&locked); err != nil {
			return fmt.Errorf("the lock of migrations: %w", err)
		}
		if locked {
			break
		}
		if !waited {
			progress("waiting for another process that is migrating this database")
		}
		select {
		case <-time.After(lockRetry):
		case <-ctx.Done():
			return fmt.Errorf("another process is still migrating this database: %w", context.Cause(ctx))
		}
	}
	err = step()
	if _, unlockErr := conn.Exec(context.WithoutCancel(ctx), unlockSQL); unlockErr != nil {
		err = errors.Join(err, conn.Conn().Close(context.WithoutCancel(ctx)))
	}
	return err
}

// upRiver brings River's own tables up.
func upRiver(ctx context.Context, pool *pgxpool.Pool, progress func(string)) error {
	migrator, err := riverMigrator(pool)
	if err != nil {
		return err
	}
	done, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return fmt.Errorf("the tables of the job queue: %w", err)
	}
	for _, step := range done.Versions {
		progress(fmt.Sprintf("job queue %d (%s)", step.Version, step.Name))
	}
	return nil
}

func riverMigrator(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("the steps of the job queue: %w", err)
	}
	return migrator, nil
}

// upOurs runs the steps of ours that the database does not have yet.
func upOurs(ctx context.Context, pool *pgxpool.Pool, steps fs.FS, progress func(string)) error {
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	last := &lastStatement{}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, steps,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithVerbose(true), goose.WithLogger(last))
	if err != nil {
		return fmt.Errorf("the migrations of this program: %w", err)
	}
	for {
		done, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return explain(err, steps, last.text)
		}
		progress(done.Source.Path)
	}
}

// lastStatement keeps the statement that goose ran last, which goose itself does not put into its error.
type lastStatement struct{ text string }

// Printf takes goose's word on what it is doing.
func (l *lastStatement) Printf(format string, args ...any) {
	if _, statement, found := strings.Cut(fmt.Sprintf(format, args...), "Executing statement: "); found {
		l.text = statement
	}
}

// Fatalf is not called by the part of goose that is used here.
func (l *lastStatement) Fatalf(format string, args ...any) { l.Printf(format, args...) }

// explain names the file of a step that failed and the line in it.
func explain(err error, steps fs.FS, statement string) error {
	var partial *goose.PartialError
	if !errors.As(err, &partial) {
		return fmt.Errorf("the schema cannot be brought up: %w", err)
	}
	place := partial.Failed.Source.Path
	var pg *pgconn.PgError
	if content, readErr := fs.ReadFile(steps, place); readErr == nil && errors.As(err, &pg) {
		if line := lineOf(string(content), statement, int(pg.Position)); line > 0 {
			place = fmt.Sprintf("%s, line %d", place, line)
		}
	}
	return fmt.Errorf("migration %s: %w; nothing of this file was done", place, partial.Err)
}

// lineOf returns the line of a file on which the character at position (counted from 1) of statement
// stands, the statement's first line where the position is 0, and 0 where the file does not hold it.
func lineOf(content, statement string, position int) int {
	statement = strings.TrimSpace(statement)
	start := strings.Index(content, statement)
	if start < 0 || statement == "" {
		return 0
	}
	before := []rune(statement)
	before = before[:min(max(position-1, 0), len(before))]
	return 1 + strings.Count(content[:start], "\n") + strings.Count(string(before), "\n")
}

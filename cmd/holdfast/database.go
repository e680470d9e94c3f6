package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/internal/postgres"
)

// openLimit is how long a command waits for the database.
const openLimit = 15 * time.Second

// openPool opens a pool as everybody uses it: through the pooler, where there is one.
func (s settings) openPool(ctx context.Context, o postgres.Options) (*pgxpool.Pool, error) {
	o.Pooled = s.directURL != ""
	return openPool(ctx, s.databaseURL, o)
}

// openDirect opens a pool for what needs sessions: past the pooler, where there is one.
func (s settings) openDirect(ctx context.Context, o postgres.Options) (*pgxpool.Pool, error) {
	pool, err := openPool(ctx, s.sessionURL(), o)
	if err != nil && s.directURL != "" {
		return nil, fmt.Errorf("past the pooler: %w", err)
	}
	return pool, err
}

// sessionURL is where connections are sessions.
func (s settings) sessionURL() string {
	if s.directURL != "" {
		return s.directURL
	}
	return s.databaseURL
}

func openPool(ctx context.Context, url string, o postgres.Options) (*pgxpool.Pool, error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	pool, err := postgres.Open(ctx, url, o)
	if err != nil {
		return nil, poolerHint(fmt.Errorf("the database: %w", err))
	}
	return pool, nil
}

// poolerHint adds what to do where a pooler has refused what a session is set up with.
func poolerHint(err error) error {
	if !postgres.IsPoolerRefusal(err) {
		return err
	}
	return withHint(err, "PgBouncer speaks so: set %sDATABASE_DIRECT_URL to PostgreSQL itself, and DATABASE_URL is used as a pooler wants it", envPrefix)
}

// pooler looks at the way to the database, which answers at pool: whether a pooler stands in it, and whether the way past
// it leads to the same place.
func (k *checkup) pooler(ctx context.Context, pool *pgxpool.Pool) {
	behind, err := postgres.Behind(ctx, pool)
	switch {
	case err != nil:
		k.add(wrong, "database", err.Error(), "")
		return
	case k.s.directURL == "" && postgres.IsPooled(pool):
		k.add(look, "database", "is reached through a pooler alone: mails leave a little later, and holdfast migrate is refused",
			"set %sDATABASE_DIRECT_URL to PostgreSQL itself", envPrefix)
		return
	case k.s.directURL == "" && behind:
		k.add(look, "database", "is reached through a pooler, which loses prepared statements and settings where it is in transaction mode",
			"set %sDATABASE_DIRECT_URL to PostgreSQL itself, unless the pooler is in session mode", envPrefix)
		return
	case k.s.directURL == "":
		return
	case !behind:
		k.add(look, "database", "is reached directly, although DATABASE_DIRECT_URL says that a pooler stands before it",
			"leave %sDATABASE_DIRECT_URL out: without it statements are prepared once, which costs less", envPrefix)
	}
	direct, err := k.s.openDirect(ctx, postgres.Options{MaxConns: 1})
	if err != nil {
		k.add(wrong, "database past the pooler", err.Error(), "")
		return
	}
	defer direct.Close()
	if behind, err = postgres.Behind(ctx, direct); err == nil {
		err = postgres.Same(ctx, pool, direct)
	}
	switch {
	case err != nil:
		k.add(wrong, "database past the pooler", err.Error(), "both URLs must lead to one database of one server")
	case behind:
		k.add(wrong, "database past the pooler", "is reached through a pooler, too", "%sDATABASE_DIRECT_URL must name PostgreSQL itself", envPrefix)
	default:
		k.add(fine, "database past the pooler", "is the same one", "")
	}
	k.poolerLimits(ctx, pool)
}

// poolerLimits looks whether a statement outside a transaction has a time limit behind the pooler.
func (k *checkup) poolerLimits(ctx context.Context, pool *pgxpool.Pool) {
	if limit, err := postgres.StatementTimeout(ctx, pool); err == nil && limit == 0 {
		k.add(look, "database", "gives statements no time limit of its own, and none that this program sets goes through a pooler",
			"give the role one: ALTER ROLE %s SET statement_timeout = '1min'", pool.Config().ConnConfig.User)
	}
}

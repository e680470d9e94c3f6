package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Oldest is the oldest major version of PostgreSQL that Holdfast runs on.
const Oldest = 15

// Defaults of a pool.
const (
	defaultMaxConns                 = 10
	statementCache                  = 128 // prepared statements of a connection; more than any room uses over and over
	defaultStatementTimeout         = time.Minute
	defaultIdleInTransactionTimeout = time.Minute
)

// Never switches off a time limit of Options.
const Never time.Duration = -1

// Options are the settings of one pool. The zero value is a good one.
type Options struct {
	MaxConns        int32  // most connections at once; 0 means 10
	ApplicationName string // shown in pg_stat_activity; "" means "holdfast"

	// Pooled says that the url leads through a pooler in transaction mode. Then nothing is prepared, and the time limits
	// below hold in the transactions of Rooms.
	Pooled bool

	// StatementTimeout is how long one statement may take, COPY included; 0 means a minute.
	StatementTimeout time.Duration
	// IdleInTransactionTimeout is how long a transaction may wait for its program; 0 means a minute.
	IdleInTransactionTimeout time.Duration
}

// Open opens a pool on the database at url and makes sure that it answers and is new enough. Sessions
// run in the time zone UTC, which poolers hand on. A setting that stands in the url itself wins over the one of o. An error
// names the server and what to do, and never holds the password.
func Open(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The parser's own error may quote the url, and with it the password.
		return nil, errors.New("the database URL cannot be read: write it as " +
			"postgres://USER:PASSWORD@HOST:PORT/NAME, with % codes for special characters in the password")
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = cmp.Or(o.MaxConns, defaultMaxConns)
	}
	if o.Pooled && !withoutSession(config.ConnConfig) {
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	session := map[string]string{"application_name": cmp.Or(o.ApplicationName, "holdfast"), "timezone": "UTC"}
	if !withoutSession(config.ConnConfig) {
		session["statement_timeout"] = milliseconds(cmp.Or(o.StatementTimeout, defaultStatementTimeout))
		session["idle_in_transaction_session_timeout"] = milliseconds(cmp.Or(o.IdleInTransactionTimeout, defaultIdleInTransactionTimeout))
	}
	for name, value := range session {
		if _, set := config.ConnConfig.RuntimeParams[name]; !set {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	if !strings.Contains(url, "statement_cache_capacity") {
		config.ConnConfig.StatementCacheCapacity = statementCache
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, connectError(config.ConnConfig, err)
	}
	if err := checkServer(ctx, pool); err != nil {
		pool.Close()
		return nil, connectError(config.ConnConfig, err)
	}
	return pool, nil
}

// milliseconds writes a time limit as PostgreSQL reads it, where 0 means none.
func milliseconds(d time.Duration) string {
	if d < 0 {
		return "0"
	}
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// checkServer makes a connection and refuses a server that is too old for our SQL.
func checkServer(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	version := conn.Conn().PgConn().ParameterStatus("server_version")
	if major, err := majorOf(version); err == nil && major < Oldest {
		return fmt.Errorf("it is PostgreSQL %s; version %d or newer is needed", version, Oldest)
	}
	return nil
}

// connectError says which server did not let us in, why, and what to do. Nothing of it is secret.
func connectError(config *pgx.ConnConfig, err error) error {
	server := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	if strings.HasPrefix(config.Host, "/") {
		server = "the socket in " + config.Host
	}
	return fmt.Errorf("no connection to the database %q on %s as %q: %w%s",
		config.Database, server, config.User, cause(err), connectHint(config, err))
}

// cause returns the part of a connection error that says why, without the repetition around it.
func cause(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return network
	}
	return err
}

func connectHint(config *pgx.ConnConfig, err error) string {
	var dns *net.DNSError
	var network *net.OpError
	switch codeOf(err) {
	case "28P01", "28000":
		return "; check user and password in the database URL, and pg_hba.conf on the server"
	case "3D000":
		return fmt.Sprintf("; make it with: createdb --encoding=UTF8 --owner=%s %s", config.User, config.Database)
	case "53300":
		return "; the server has no connection left: raise max_connections or lower the pools"
	case "57P03":
		return "; the server is still starting or already stopping: try again in a moment"
	}
	switch {
	case errors.As(err, &dns):
		return "; check the host name in the database URL"
	case errors.As(err, &network):
		return "; is PostgreSQL running there, and does it listen on that address?"
	}
	return ""
}

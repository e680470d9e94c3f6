package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/internal/postgres"
	"holdfast/migrations"
)

// urlVariable names the server to use instead of one of our own; modeVariable how statements are run there
// (default_query_exec_mode of pgx), to try every statement as a pooler wants it.
const (
	urlVariable  = "HOLDFAST_TEST_DATABASE_URL"
	modeVariable = "HOLDFAST_TEST_QUERY_MODE"
)

// startLimit bounds the way to the first database, dropLimit that of one away.
const (
	startLimit = 3 * time.Minute
	dropLimit  = 30 * time.Second
)

// cluster is the server of this test process and what was made on it.
type cluster struct {
	server   *postgres.Server // nil where the server is somebody else's
	dir      string           // of server
	admin    *pgxpool.Pool    // on a database that is not ours; makes and drops databases
	owner    *pgxpool.Conn    // of admin; holds the lock that says that this process lives
	url      *url.URL         // of the server, with any database
	tag      uint32           // in the name of every database of this process
	counter  atomic.Int64     // in the names of the tests' databases
	template string
	shared   *pgxpool.Pool // on the database that Tx works in
}

// current is the cluster of this process, started when the first test asks for a database.
var current struct {
	once    sync.Once
	cluster *cluster
	err     error
}

// theCluster returns the cluster of this process.
func theCluster() (*cluster, error) {
	current.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startLimit)
		defer cancel()
		c := &cluster{}
		if current.err = c.start(ctx); current.err != nil {
			c.stop()
			return
		}
		current.cluster = c
	})
	return current.cluster, current.err
}

func (c *cluster) start(ctx context.Context) error {
	address := os.Getenv(urlVariable)
	if address == "" {
		var err error
		if address, err = c.startServer(ctx); err != nil {
			return err
		}
	}
	var err error
	if c.url, err = url.Parse(address); err != nil || c.url.Scheme == "" {
		return errors.New(urlVariable + " is not of the form postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	if c.admin, err = postgres.Open(ctx, address, postgres.Options{ApplicationName: "holdfast dbtest"}); err != nil {
		return err
	}
	if err := c.claimTag(ctx); err != nil {
		return err
	}
	if err := c.dropLeftovers(ctx); err != nil {
		return err
	}
	c.template = c.newName()
	if err := c.create(ctx, c.template, "template0"); err != nil {
		return err
	}
	if err := migrations.Up(ctx, c.urlOf(c.template), nil); err != nil {
		return err
	}
	if mode := os.Getenv(modeVariable); mode != "" {
		query := c.url.Query()
		query.Set("default_query_exec_mode", mode)
		c.url.RawQuery = query.Encode()
	}
	name := c.newName()
	if err := c.create(ctx, name, c.template); err != nil {
		return err
	}
	c.shared, err = postgres.Open(ctx, c.urlOf(name), postgres.Options{MaxConns: 60, ApplicationName: "holdfast dbtest"})
	return err
}

// startServer starts a server of our own in a temporary folder. What the tests write need not outlive
// the machine, so the server does not wait for the disk.
func (c *cluster) startServer(ctx context.Context) (string, error) {
	removeLeftoverServers()
	var err error
	if c.dir, err = os.MkdirTemp("", serverFolders+"*"); err != nil {
		return "", err
	}
	if err := os.Chmod(c.dir, 0o755); err != nil { // the server may run as another user
		return "", err
	}
	c.server, err = postgres.Start(ctx, postgres.ServerConfig{Dir: c.dir, Settings: map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200",
	}})
	if err != nil {
		return "", err
	}
	return c.server.URL(), nil
}

// claimTag takes a number for this process and holds a lock on it as long as the process lives.
func (c *cluster) claimTag(ctx context.Context) error {
	conn, err := c.admin.Acquire(ctx)
	if err != nil {
		return err
	}
	for {
		var random [4]byte
		rand.Read(random[:])
		c.tag = binary.BigEndian.Uint32(random[:]) >> 1 // the locks are known by a positive int4
		var free bool
		if err := conn.QueryRow(ctx, claimTagSQL, int32(lockClass), int32(c.tag)).Scan(&free); err != nil {
			conn.Release()
			return err
		}
		if free {
			c.owner = conn
			return nil
		}
	}
}

// dropLeftovers drops the databases of processes that did not get to it.
func (c *cluster) dropLeftovers(ctx context.Context) error {
	rows, err := c.admin.Query(ctx, leftoversSQL, int32(lockClass))
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := c.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) newName() string {
	return fmt.Sprintf("holdfast_test_%08x_%d", c.tag, c.counter.Add(1))
}

// create makes a database as a copy of template.
func (c *cluster) create(ctx context.Context, name, template string) error {
	_, err := c.admin.Exec(ctx, fmt.Sprintf(createDatabaseFormat, quote(name), quote(template)))
	return err
}

// drop drops a database, whoever is still connected to it.
func (c *cluster) drop(ctx context.Context, name string) error {
	_, err := c.admin.Exec(ctx, fmt.Sprintf(dropDatabaseFormat, quote(name)))
	return err
}

// urlOf returns the address of a database of the server.
func (c *cluster) urlOf(name string) string {
	address := *c.url
	address.Path = "/" + name
	return address.String()
}

// stop drops what this process made and ends its server.
func (c *cluster) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), dropLimit)
	defer cancel()
	var errs []error
	if c.shared != nil {
		closePool(c.shared)
	}
	if c.admin != nil {
		if c.server == nil {
			for n := range c.counter.Load() {
				errs = append(errs, c.drop(ctx, fmt.Sprintf("holdfast_test_%08x_%d", c.tag, n+1)))
			}
		}
		if c.owner != nil {
			errs = append(errs, c.owner.Conn().Close(ctx))
			c.owner.Release()
		}
		closePool(c.admin)
	}
	if c.server != nil {
		errs = append(errs, c.server.Stop(ctx))
	}
	if c.dir != "" {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}

// closePool closes a pool and reports whether every connection had been given back.
func closePool(pool *pgxpool.Pool) bool {
	closed := make(chan struct{})
	go func() {
		pool.Close() // waits for connections that are in use, for ever if need be
		close(closed)
	}()
	select {
	case <-closed:
		return true
	case <-time.After(5 * time.Second):
		return false
	}
}

// serverFolders is how the names of our servers' folders begin.
const serverFolders = "holdfast-dbtest-"

// removeLeftoverServers removes the folders of processes that were killed. Their servers have ended with
// them; one that has not ended yet is left to the next process. A folder without a lock may belong to a
// process that is just starting.
func removeLeftoverServers() {
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), serverFolders+"*"))
	if err != nil {
		return
	}
	for _, dir := range folders {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < startLimit {
			continue
		}
		if used, err := postgres.InUse(dir); err == nil && !used {
			os.RemoveAll(dir) // what cannot be removed is another user's
		}
	}
}

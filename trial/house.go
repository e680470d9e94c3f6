package trial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/campaigns"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/members"
	"holdfast/migrations"
	"holdfast/worker"
)

// house is a house with nobody in it yet, over a PostgreSQL of its own.
type house struct {
	server    *postgres.Server
	pool      *pgxpool.Pool
	members   *members.Store
	campaigns *campaigns.Store
	keyFile   string
	warmUp    int64 // the group of that name
}

// serverSettings are those of a machine that does this for a living. What makes a commit durable stays as it is: on.
func serverSettings() map[string]string {
	return map[string]string{"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "15min", "max_connections": "200"}
}

// openHouse starts a PostgreSQL in dir and opens the rooms over it. Close it when done.
func openHouse(ctx context.Context, dir string, tell func(string)) (*house, error) {
	h := &house{keyFile: filepath.Join(dir, "keys")}
	if err := h.open(ctx, dir, tell); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) open(ctx context.Context, dir string, tell func(string)) error {
	var err error
	if h.server, err = postgres.Start(ctx, postgres.ServerConfig{Dir: dir, Settings: serverSettings(), Progress: tell}); err != nil {
		return err
	}
	if err := migrations.Up(ctx, h.server.URL(), nil); err != nil {
		return err
	}
	ring, err := openRing(h.keyFile)
	if err != nil {
		return err
	}
	// An import or a count of a million rows may take longer than a page may wait.
	if h.pool, err = postgres.Open(ctx, h.server.URL(), postgres.Options{MaxConns: 8, StatementTimeout: 10 * time.Minute}); err != nil {
		return err
	}
	jobs, err := worker.InsertOnly(h.pool)
	if err != nil {
		return err
	}
	h.members = &members.Store{DB: h.pool, Ring: ring}
	h.campaigns = &campaigns.Store{DB: h.pool, Jobs: jobs}
	return nil
}

// openRing reads the keys, and makes them where there are none.
func openRing(file string) (*seal.Ring, error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fmt.Errorf("the key file: %w", err)
		}
		if err := errors.Join(seal.Generate(f), f.Close()); err != nil {
			return nil, fmt.Errorf("the key file: %w", err)
		}
	}
	return seal.Open(file)
}

func (h *house) close() error {
	if h.pool != nil {
		h.pool.Close()
	}
	if h.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return h.server.Stop(ctx)
}

// outlet is how worker processes send.
type outlet struct {
	relay       string // host:port
	conns       int    // of each process
	certificate string // the file with the relay's certificate; "" for plain text
	signer      string // HOLDFAST_DKIM_KEYS; "" for none
}

// environment is what a worker process is told, besides what every process is.
func (h *house) environment(o outlet) []string {
	env := os.Environ()
	scheme := "smtp+insecure"
	if o.certificate != "" {
		scheme = "smtps"
		env = append(env, "SSL_CERT_FILE="+o.certificate) // whom the process trusts, as the machine's own list would say
	}
	if o.signer != "" {
		env = append(env, "HOLDFAST_DKIM_KEYS="+o.signer)
	}
	return append(env,
		"HOLDFAST_DATABASE_URL="+h.server.URL(),
		"HOLDFAST_KEY_FILE="+h.keyFile,
		fmt.Sprintf("HOLDFAST_SMTP_URL=%s://%s?conns=%d", scheme, o.relay, o.conns),
		"HOLDFAST_PUBLIC_URL="+publicURL,
		"HOLDFAST_FROM="+organisation.Name+" <appeals@"+domain+">",
		"HOLDFAST_ORGANISATION="+organisation.Name,
		"HOLDFAST_POSTAL_ADDRESS="+organisation.PostalAddress,
		"HOLDFAST_CONTACT="+organisation.Contact,
		"HOLDFAST_RETURN_DOMAIN="+returnDomain,
		"HOLDFAST_OPS_LISTEN=127.0.0.1:0",
		"HOLDFAST_LOG=text,warn")
}

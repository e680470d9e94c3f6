package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/members"
	"holdfast/migrations"
)

// house is the database with the rooms over it.
type house struct {
	pool     *pgxpool.Pool
	db       postgres.DB // pool, as the rooms are given it
	members  *members.Store
	accounts *accounts.Store
	links    campaigns.Links
}

// openHouse opens the rooms over a database whose schema is this program's. Close the pool when done.
func openHouse(ctx context.Context, s settings) (*house, error) {
	ring, err := openKeys(s.keyFile)
	if err != nil {
		return nil, err
	}
	return openHouseWith(ctx, s, ring, 0)
}

func openKeys(file string) (*seal.Ring, error) {
	ring, err := seal.Open(file)
	return ring, withHint(err, "where it was never made: holdfast key new %s", file)
}

// openHouseWith is openHouse with a ring that has been read, and a number of connections (0 means the usual).
func openHouseWith(ctx context.Context, s settings, ring *seal.Ring, conns int32) (*house, error) {
	links, err := campaigns.NewLinks(ring)
	if err != nil {
		return nil, err
	}
	options := postgres.Options{MaxConns: conns}
	pool, err := s.openPool(ctx, options)
	if err != nil {
		return nil, err
	}
	state, err := migrations.Inspect(ctx, pool)
	if err == nil {
		err = state.Err()
	}
	db := postgres.Rooms(pool, options)
	h := &house{pool: pool, db: db, links: links,
		members:  &members.Store{DB: db, Ring: ring},
		accounts: &accounts.Store{DB: db, Ring: ring, Organisation: s.organisation}}
	if err == nil {
		err = hintKeys(h.members.CheckKeys(ctx), s.keyFile)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return h, nil
}

// hintKeys says what to do about other keys than the members were sealed with.
func hintKeys(err error, file string) error {
	if !errors.Is(err, members.ErrKeys) {
		return err
	}
	return withHint(err, "nothing was changed. Name the right file in %sKEY_FILE (now %s), or put its copy back; a new one cannot read these members, and of several keys in a file all must stay",
		envPrefix, file)
}

// withHouse runs do with the rooms over the database that the settings name.
func withHouse(ctx context.Context, c *console, names []string, do func(*house) error) error {
	s, err := readSettings(c.getenv, names)
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, s)
	if err != nil {
		return err
	}
	defer h.pool.Close()
	return do(h)
}

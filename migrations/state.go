package migrations

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/internal/postgres"
)

// State is how far the schema of a database is from the one that this program was written for.
type State struct {
	Pending []string // steps that the database does not have yet, in order
	Unknown []string // steps that the database has and this program does not know
}

// Inspect tells the state of a database. It changes nothing, and an empty database is no error.
func Inspect(ctx context.Context, pool *pgxpool.Pool) (State, error) {
	known, err := knownSteps(pool)
	if err != nil {
		return State{}, err
	}
	applied := map[string]bool{}
	for _, book := range []struct{ table, versionsSQL, prefix string }{
		{"river_migration", riverVersionsSQL, riverPrefix},
		{versionTable, ourVersionsSQL, ""},
	} {
		versions, err := versionsIn(ctx, pool, book.table, book.versionsSQL)
		if err != nil {
			return State{}, fmt.Errorf("the state of the schema: %w", err)
		}
		for _, version := range versions {
			applied[book.prefix+strconv.FormatInt(version, 10)] = true
		}
	}
	var state State
	for _, step := range known {
		if !applied[step.key] {
			state.Pending = append(state.Pending, step.name)
		}
		delete(applied, step.key)
	}
	state.Unknown = slices.Sorted(maps.Keys(applied))
	return state, nil
}

// Current reports whether the schema is the one that this program was written for.
func (s State) Current() bool { return len(s.Pending) == 0 && len(s.Unknown) == 0 }

// Err returns nil when the schema is the right one, else what is wrong and what to do.
func (s State) Err() error {
	switch {
	case len(s.Unknown) > 0:
		return fmt.Errorf("the database is newer than this program: it has %d steps that are unknown here (%s); "+
			"run the newer program, or restore a backup from before", len(s.Unknown), strings.Join(s.Unknown, ", "))
	case len(s.Pending) > 0:
		return fmt.Errorf("the database lacks %d steps of its schema (%s first); run: holdfast migrate",
			len(s.Pending), s.Pending[0])
	}
	return nil
}

// step is one step of the schema: the key it is noted by and the name it is shown by.
type step struct{ key, name string }

// riverPrefix tells River's steps from ours.
const riverPrefix = "job queue "

// knownSteps returns the steps that this program knows, in the order that Up does them.
func knownSteps(pool *pgxpool.Pool) ([]step, error) {
	migrator, err := riverMigrator(pool)
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, version := range migrator.AllVersions() {
		key := riverPrefix + strconv.Itoa(version.Version)
		steps = append(steps, step{key: key, name: key})
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("the migrations of this program: %w", err)
	}
	for _, name := range names {
		digits, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		steps = append(steps, step{key: strconv.Itoa(version), name: name})
	}
	return steps, nil
}

// versionsIn reads the versions that a table notes; none where the table is not there.
func versionsIn(ctx context.Context, db postgres.DB, table, versionsSQL string) ([]int64, error) {
	var there bool
	if err := db.QueryRow(ctx, noteExistsSQL, table).Scan(&there); err != nil || !there {
		return nil, err
	}
	rows, err := db.Query(ctx, versionsSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

package main

import (
	"context"
	"errors"

	"holdfast/internal/postgres"
	"holdfast/migrations"
)

// migrateCommand brings the schema up.
type migrateCommand struct {
	JSON bool `help:"Print the steps that were done as JSON."`
}

// Help tells what the line in the list does not.
func (migrateCommand) Help() string {
	return "Does nothing where nothing is to do, and may run in several places at once. A database that is newer than this program is refused and stays as it is."
}

// Run migrates.
func (m *migrateCommand) Run(ctx context.Context, c *console) error {
	s, err := readSettings(c.getenv, databaseSettings())
	if err != nil {
		return err
	}
	steps := []string{}
	err = migrations.Up(ctx, s.sessionURL(), func(step string) {
		steps = append(steps, step)
		c.say("%s", step)
	})
	if err != nil {
		if postgres.IsPoolerRefusal(err) || errors.Is(err, migrations.ErrPooled) {
			return withHint(err, "set HOLDFAST_DATABASE_DIRECT_URL to PostgreSQL itself")
		}
		return withHint(err, "what was done before stands; correct the cause and run it again")
	}
	if m.JSON {
		return c.json(struct {
			Steps []string `json:"steps"`
		}{steps})
	}
	if len(steps) == 0 {
		c.say("the database is as this program wants it; nothing was to do")
	}
	return nil
}

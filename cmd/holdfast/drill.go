package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"holdfast/trial"
)

// drillCommand lets faults loose.
type drillCommand struct {
	Members int      `placeholder:"N" help:"How many members to invent; 20,000, or 2,000 with --quick."`
	Kills   int      `placeholder:"N" help:"How often a worker is killed, the other faults in proportion; 20, or 6 with --quick."`
	Faults  []string `placeholder:"NAME,..." help:"Only these faults."`
	Workers int      `default:"3" help:"Worker processes."`
	Seed    uint64   `placeholder:"N" help:"Repeat the draws of an earlier drill, as far as the machine lets it."`
	Quick   bool     `help:"A small one, in less than a minute."`
	JSON    bool     `help:"Print the figures as JSON."`
}

// Help says what is done, and names the faults.
func (drillCommand) Help() string {
	var b strings.Builder
	b.WriteString("Starts a PostgreSQL of its own, has invented members join, starts \"holdfast work\" as processes of their own and a relay that logs every event " +
		"and is never killed, launches one appeal after the other and lets faults loose, at random moments. Then it compares the relay's log with the ledger, " +
		"and asks no counter of the program's own. Exits with 1 if anybody was lost, got a second copy without need, got mail after a stop or after leaving, or somebody " +
		"else's. A minute of the workers' waits is three seconds here. Nothing leaves this machine. Needs Linux.\n\nThe faults:\n")
	for _, f := range trial.Faults() {
		fmt.Fprintf(&b, "\n    %-20s %s (%s)", f.Name, f.What, f.Proves)
	}
	return b.String()
}

// Run drills and prints.
func (d *drillCommand) Run(ctx context.Context, c *console) error {
	members, kills, gap := 20_000, 20, time.Second
	if d.Quick {
		members, kills, gap = 2_000, 6, 600*time.Millisecond
	}
	if d.Members != 0 {
		members = d.Members
	}
	if d.Kills != 0 {
		kills = d.Kills
	}
	if members < 500 || members > 1_000_000 || kills < 1 || kills > 10_000 || d.Workers < 1 || d.Workers > 16 {
		return &hintedError{err: errors.New("that cannot be drilled: from 500 members, 1 to 10,000 kills, 1 to 16 workers"), code: exitUsage}
	}
	faults := trial.FaultNames()
	for _, name := range d.Faults {
		if !slices.Contains(faults, name) {
			return &hintedError{err: fmt.Errorf("there is no fault %q", name), hint: "holdfast drill --help names them", code: exitUsage}
		}
	}
	if len(d.Faults) > 0 {
		faults = d.Faults
	}
	seed := d.Seed
	if seed == 0 {
		seed = rand.Uint64N(1_000_000) + 1
	}
	return inTrial(c, "drill", func(self, dir string) error {
		c.say("  seed          %d", seed)
		report, err := trial.Drill(ctx, trial.DrillOptions{Self: self, Dir: dir, Members: members, Kills: kills, Faults: faults, Gap: gap, Workers: d.Workers,
			Seed: seed, Tell: func(text string) { c.say("  %s", text) }, Show: c.showTrial})
		c.progress.end()
		if err != nil {
			return err
		}
		if d.JSON {
			err = c.json(report)
		} else {
			err = report.Write(c.out)
		}
		if err == nil && !report.Holds() {
			return fmt.Errorf("not everything holds that must; to see it again: holdfast drill --seed %d", seed)
		}
		return err
	})
}

// trialRelayCommand is the relay of a drill, which starts it.
type trialRelayCommand struct {
	Doors int
	Delay time.Duration
	Dir   string
}

// Run serves until its input ends.
func (t *trialRelayCommand) Run(c *console) error {
	return trial.ServeRelay(trial.RelayOptions{Doors: t.Doors, Delay: t.Delay, Dir: t.Dir}, c.in, c.out)
}

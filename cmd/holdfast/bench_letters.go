package main

import (
	"context"
	"errors"
	"time"

	"holdfast/trial"
)

// benchLettersCommand measures reports of letters.
type benchLettersCommand struct {
	Members    int           `default:"50000" help:"How many members to invent; an appeal leaves to all of them meanwhile."`
	Deliveries int           `default:"1000000" help:"How many mails of before stand in the ledger, at least."`
	Writers    int           `default:"5000" help:"How many of the members report."`
	Within     time.Duration `default:"1m" help:"In which time."`
	Conns      int           `default:"16" help:"Connections of the worker process."`
	RTT        time.Duration `name:"rtt" default:"20ms" help:"Round trip to the sink."`
	Pair       time.Duration `default:"5s" help:"How long the public page is asked for, from memory and made anew. 0: not at all."`
	Rounds     int           `default:"3" help:"How often those two take turns."`
	JSON       bool          `help:"Print the figures as JSON."`
}

// Help says what is measured.
func (benchLettersCommand) Help() string {
	return `Starts a PostgreSQL of its own (fsync on) with a ledger that is full already, "holdfast serve" and "holdfast work" as processes of their own, and a sink that keeps nothing. ` +
		`While an appeal leaves to everybody, members open the public page and their own link and report, by real HTTP at an even pace, one in ten with a double click; then the rows are held ` +
		`against what was acknowledged. At the end the public page is asked for as fast as it comes, from memory and made anew. The load is made by vegeta. Nothing leaves this machine.`
}

// Run measures and prints.
func (b *benchLettersCommand) Run(ctx context.Context, c *console) error {
	if b.Members < 1000 || b.Members > 10_000_000 || b.Deliveries < 1 || b.Deliveries > 100_000_000 || b.Writers < 1 || b.Writers > min(b.Members, 100_000) ||
		b.Within < time.Second || b.Conns < 1 || b.Conns > 500 || b.RTT < 0 || b.RTT > 10*time.Second || b.Pair < 0 || b.Rounds < 0 {
		return &hintedError{err: errors.New("that cannot be measured: from 1,000 members, at most as many writers (and 100,000), within a second or more, 1 to 500 connections, a round trip under 10 s"),
			code: exitUsage}
	}
	return inTrial(c, "bench", func(self, dir string) error {
		report, err := trial.Letters(ctx, trial.LettersOptions{Self: self, Dir: dir, Members: b.Members, Deliveries: b.Deliveries, Writers: b.Writers, Within: b.Within,
			Conns: b.Conns, RTT: b.RTT, Pair: b.Pair, Rounds: b.Rounds, Tell: func(text string) { c.say("  %s", text) }, Show: c.showTrial})
		c.progress.end()
		if err != nil {
			return err
		}
		if b.JSON {
			err = c.json(report)
		} else {
			err = report.Write(c.out)
		}
		if err == nil && !report.Holds() {
			return partly("a report was lost or counted twice, or a receipt does not close")
		}
		return err
	})
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"holdfast/internal/postgres"
	"holdfast/trial"
)

// benchCommands measure.
type benchCommands struct {
	Fanout  benchFanoutCommand  `cmd:"" help:"How fast an appeal leaves, against the limit of this machine."`
	Letters benchLettersCommand `cmd:"" help:"How letters are reported, and pages answer, while an appeal leaves."`
}

// benchFanoutCommand measures the fan-out.
type benchFanoutCommand struct {
	Members int           `default:"100000" help:"How many members to invent."`
	Conns   int           `default:"16" help:"Connections of each worker process."`
	Workers int           `default:"1" help:"Worker processes."`
	RTT     time.Duration `name:"rtt" default:"0s" help:"Round trip to the sink; every byte is delayed by half of it, each way."`
	Langs   int           `default:"5" help:"In how many languages, 1 to 5."`
	Rounds  int           `default:"3" help:"How often; fan-out and bare loop take turns. 0 with --urgent or --stop: those alone."`
	Relay   string        `placeholder:"HOST:PORT" help:"Send to this relay, on loopback, instead of a sink of our own."`
	TLS     bool          `name:"tls" help:"With TLS to the sink, for the bare loop as well."`
	DKIM    string        `name:"dkim" enum:",rsa,ed25519" default:"" placeholder:"KIND" help:"Sign here, with a key of this kind: rsa (2048 bits) or ed25519. The bare loop does not sign."`
	Urgent  bool          `help:"At the end, let an urgent appeal to 200 members overtake one more appeal to everybody, and say how long that took."`
	Stop    bool          `help:"At the end, stop one more appeal in mid-run and say how long that took."`
	JSON    bool          `help:"Print the figures as JSON."`
}

// Help says what is measured.
func (benchFanoutCommand) Help() string {
	return `Starts a PostgreSQL of its own (fsync on), has invented members join, starts "holdfast work" as processes of their own and a sink that keeps nothing, ` +
		`launches one appeal of about 12 kB to everybody and follows it to its last acceptance. The limit is a bare loop over as many connections in the same run: ` +
		`one prepared message, only the recipient changed, no database. Nothing leaves this machine. Figures need Linux.`
}

// Run measures and prints.
func (b *benchFanoutCommand) Run(ctx context.Context, c *console) error {
	switch {
	case b.Members < 1000 || b.Members > 10_000_000, b.Conns < 1 || b.Conns > 500, b.Workers < 1 || b.Workers > 16, b.Rounds < 0, b.Rounds == 0 && !b.Stop && !b.Urgent,
		b.Langs < 1 || b.Langs > trial.MaxTongues, b.RTT < 0 || b.RTT > 10*time.Second:
		return &hintedError{err: errors.New("that cannot be measured: from 1,000 members, 1 to 500 connections, 1 to 16 workers, 1 to 5 languages, a round trip under 10 s"),
			code: exitUsage}
	}
	if b.Relay != "" && b.TLS {
		return &hintedError{err: errors.New("--tls is for the sink of the bench; with --relay the text is plain"), code: exitUsage}
	}
	if b.Relay != "" {
		host, _, err := net.SplitHostPort(b.Relay)
		if err != nil || !isLoopback(host) {
			return &hintedError{err: errors.New("--relay must be HOST:PORT on loopback: the members are invented, and no other relay should be asked to take their mail"), code: exitUsage}
		}
	}
	return inTrial(c, "bench", func(self, dir string) error {
		report, err := trial.Fanout(ctx, trial.FanoutOptions{Self: self, Dir: dir, Members: b.Members, Conns: b.Conns, Workers: b.Workers,
			Tongues: b.Langs, Rounds: b.Rounds, RTT: b.RTT, Relay: b.Relay, TLS: b.TLS, DKIM: b.DKIM, Urgent: b.Urgent, Stop: b.Stop,
			Tell: func(text string) { c.say("  %s", text) }, Show: c.showTrial})
		c.progress.end()
		if err != nil {
			return err
		}
		if b.JSON {
			err = c.json(report)
		} else {
			err = report.Write(c.out)
		}
		if err == nil && !report.Close() {
			return partly("a receipt does not close")
		}
		return err
	})
}

// inTrial gives a trial a folder of its own, which goes with it, and this program's file.
func inTrial(c *console, name string, run func(self, dir string) error) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	home, err := postgres.DefaultDir(name, c.getenv("XDG_DATA_HOME"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return fmt.Errorf("a folder for the trial: %w", err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(home), name+"-")
	if err != nil {
		return fmt.Errorf("a folder for the trial: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return fmt.Errorf("a folder for the trial: %w", err)
	}
	return run(self, dir)
}

// showTrial shows how far a trial has come.
func (c *console) showTrial(what string, done, total int64) {
	share := float64(done) / float64(max(total, 1))
	c.progress.show(fmt.Sprintf("  %-13s %s %3.0f %%  %s of %s", what, bar(share, barWidth), 100*share, count(done), count(total)))
}

// trialSinkCommand is the sink of a trial, which starts it.
type trialSinkCommand struct {
	Delay       time.Duration
	Certificate string
}

// Run serves until its input ends.
func (t *trialSinkCommand) Run(c *console) error {
	return trial.ServeSink(trial.SinkOptions{Delay: t.Delay, Certificate: t.Certificate}, c.in, c.out)
}

// trialBareCommand is the bare loop of a trial, which starts it.
type trialBareCommand struct {
	Relay    string
	Conns    int
	Messages int
	Size     int

	Certificate string
}

// Run sends.
func (t *trialBareCommand) Run(c *console) error {
	return trial.RunBare(trial.BareOptions{Relay: t.Relay, Conns: t.Conns, Messages: t.Messages, Size: t.Size, Certificate: t.Certificate}, c.out)
}

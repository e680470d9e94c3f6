package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line: each field is a command, in the order in which they are listed.
type commands struct {
	Demo    demoCommand    `cmd:"" group:"try" help:"Try it: a database of its own, fictional cases and members, one appeal sent to a mailbox that catches everything."`
	Serve   serveCommand   `cmd:"" group:"run" help:"Serve the pages and send the mail."`
	Work    workCommand    `cmd:"" group:"run" help:"Send the mail only."`
	Migrate migrateCommand `cmd:"" group:"run" help:"Bring the database up to this program."`
	Check   checkCommand   `cmd:"" group:"run" help:"Say all that is wrong with settings, database, keys and relays. Sends nothing, changes nothing."`

	Account accountCommands `cmd:"" group:"keep" help:"Staff accounts."`
	Token   tokenCommands   `cmd:"" group:"keep" help:"API tokens."`
	Members memberCommands  `cmd:"" group:"keep" help:"The list of members, in and out."`
	Key     keyCommands     `cmd:"" group:"keep" help:"The key file."`
	Ingest  ingestCommand   `cmd:"" group:"run" help:"Take in mail that a mail server pipes to it: answers, copies, reports, people who leave."`

	Casefile caseFileCommands `cmd:"" group:"prove" help:"Hold a case file against itself and against the house."`

	Bench benchCommands `cmd:"" group:"prove" help:"Measure, against the limit of this machine."`

	Drill drillCommand `cmd:"" group:"prove" help:"Kill, freeze and refuse at random, and count who was lost or doubled."`

	TrialSink  trialSinkCommand  `cmd:"" hidden:""`
	TrialBare  trialBareCommand  `cmd:"" hidden:""`
	TrialRelay trialRelayCommand `cmd:"" hidden:""`

	Help    helpCommands   `cmd:"" group:"know" help:"Explain the settings."`
	Version versionCommand `cmd:"" group:"know" help:"Say which version this is."`
}

const about = `Holdfast issues urgent actions: an appeal to every member, a letter from each of them, and a record of both.

Settings come from the environment; "holdfast help settings" explains each one.`

// run parses and runs one command line and returns the exit code.
func run(args []string) int {
	c := newConsole()
	ctx, stop := untilSignal()
	defer stop()

	exited := -1 // set when kong has answered by itself, which is --help
	var cli commands
	parser, err := kong.New(&cli, kong.Name("holdfast"), kong.Description(about),
		kong.Writers(c.out, c.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ExplicitGroups([]kong.Group{
			{Key: "try", Title: "To try it"}, {Key: "run", Title: "To run it"},
			{Key: "keep", Title: "To keep it"}, {Key: "prove", Title: "To prove it"}, {Key: "know", Title: "To know about it"},
		}),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true, Compact: true}),
		kong.Help(helpWithExitCodes),
		kong.Vars{"roles": roleNames()},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(c))
	if err != nil {
		return c.fail(err)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		return c.fail(usageError(err))
	}
	if err := parsed.Run(); err != nil {
		return c.fail(err)
	}
	return exitDone
}

// untilSignal returns a context that ends with the first SIGINT or SIGTERM. The second one ends the program as if nobody
// listened.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// usageError adds to kong's words where to read on.
func usageError(err error) error {
	at := []string{"holdfast"}
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		for _, p := range parse.Context.Path {
			if p.Command != nil {
				at = append(at, p.Command.Name)
			}
		}
	}
	return &hintedError{err: err, hint: strings.Join(at, " ") + " --help", code: exitUsage}
}

// helpWithExitCodes prints kong's help, and under that of the whole program what its exit codes mean.
func helpWithExitCodes(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if ctx.Selected() != nil {
		return nil
	}
	_, err := ctx.Stdout.Write([]byte("\n" + exitHelp))
	return err
}

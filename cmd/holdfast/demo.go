package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"holdfast/demo"
	"holdfast/internal/postgres"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/migrations"
)

// demoCommand runs everything with invented people.
type demoCommand struct {
	Listen  string `placeholder:"HOST:PORT" help:"Where to serve the pages, on loopback. Not given: 127.0.0.1:8080, or a free port where that is taken."`
	Data    string `placeholder:"DIR" help:"Where to keep the database. Not given: a folder for such things; another where a demo runs on that."`
	Members int    `default:"2500" help:"How many members to invent."`
	Once    bool   `help:"Exit after the receipt: 0 if it closes, 3 if it does not."`
	JSON    bool   `help:"Print the receipt and the addresses as JSON."`
}

// Help says what happens.
func (demoCommand) Help() string {
	return "Starts a PostgreSQL of its own, invents cases and members, launches one appeal to a mailbox that catches every mail, prints the receipt, and keeps serving. Nothing leaves this machine. The next start goes on with what is there."
}

const (
	demoListen = "127.0.0.1:8080"
	demoSeed   = 1 // the same people every time
	demoDomain = "refnet.example"
	// Where answers of members and offices go, to addresses of their own.
	demoReplyDomain = "answers." + demoDomain
	// demoPace lies between two letters to one office, more or less: shorter than anybody would set it, so that who presses sees the letter arrive.
	demoPace    = 5 * time.Second
	mostMembers = 1_000_000
)

// stage is a demo as far as it has come.
type stage struct {
	command  *demoCommand
	console  *console
	out      io.Writer // for people: standard output, or standard error where that is for a machine
	log      *slog.Logger
	listener net.Listener
	server   *postgres.Server
	dir      string
	mailbox  *demo.Mailbox
	site     *site
	seeded   demo.Seeded
}

// Run runs the demo until a signal, or to the receipt.
func (d *demoCommand) Run(ctx context.Context, c *console) (err error) {
	if d.Members < 10 || d.Members > mostMembers {
		return &hintedError{err: fmt.Errorf("--members is a number from 10 to %s", count(mostMembers)), code: exitUsage}
	}
	s := &stage{command: d, console: c, out: c.out}
	if d.JSON {
		s.out = c.err
	}
	s.log = newLog(c.progress, logFormat{level: slog.LevelWarn})
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.set(ctx); err != nil {
		return err
	}
	report, err := s.play(ctx)
	if err != nil {
		return err
	}
	link := ""
	if !d.Once {
		if link, err = s.signInLink(ctx); err != nil {
			return err
		}
	}
	if d.JSON {
		report.SignIn = link
		if err := c.json(report); err != nil {
			return err
		}
	}
	switch {
	case d.Once && !report.Closes:
		return partly("the receipt does not close")
	case d.Once:
		return nil
	}
	s.tellWhere(report, link)
	return s.site.wait(ctx)
}

// set puts everything in its place: door, database, keys, mailbox, rooms, people.
func (s *stage) set(ctx context.Context) error {
	var err error
	if s.listener, err = s.openDoor(); err != nil {
		return err
	}
	if s.server, s.dir, err = s.startDatabase(ctx); err != nil {
		return err
	}
	programs := s.server.Programs()
	s.tell("database", "PostgreSQL %s, %s; its data is in %s", programs.Version, programs.Origin, s.dir)
	if err := migrations.Up(ctx, s.server.URL(), nil); err != nil {
		return err
	}
	ring, err := demoKeys(s.dir)
	if err != nil {
		return err
	}
	s.mailbox, err = demo.OpenMailbox(demo.MailboxOptions{Refuse: demo.RefusedAddress, OnMail: s.passOn, Organisation: demo.Organisation()})
	if err != nil {
		return err
	}
	if s.site, err = openSite(ctx, s.settings(), ring, s.log); err != nil {
		return s.hintOwnKeys(err)
	}
	if err := s.seed(ctx); err != nil {
		return err
	}
	if err := s.site.startWorker(ctx); err != nil {
		return err
	}
	s.open()
	return nil
}

// open serves the pages, and the mailbox beside them.
func (s *stage) open() {
	both := http.NewServeMux()
	both.Handle("/", s.site.pages.Public())
	both.Handle("/mailbox", s.mailbox)
	both.Handle("/mailbox/", s.mailbox)
	s.site.serve(s.listener, both)
	s.listener = nil // the site's now
}

// settings are those that somebody would have set in the environment.
func (s *stage) settings() settings {
	host, port, _ := net.SplitHostPort(s.mailbox.Addr()) // which a listener has written
	number, _ := strconv.Atoi(port)                      // as above
	letterhead := demo.Organisation()
	return settings{
		databaseURL: s.server.URL(), publicURL: s.url(), listen: s.listener.Addr().String(),
		relays: []mailer.Relay{{Name: s.mailbox.Addr(), Host: host, Port: number, Security: mailer.Insecure, Weight: 1, Conns: 8}},
		from:   mailer.Address{Name: letterhead.Name, Addr: "appeals@" + demoDomain}, fromDomain: demoDomain,
		listID: "appeals." + demoDomain, returnDomain: demoDomain, replyDomain: demoReplyDomain, lettersPace: demoPace,
		organisation: letterhead.Name, postalAddress: letterhead.PostalAddress, contact: letterhead.Contact, demo: true,
	}
}

func (s *stage) url() string { return "http://" + s.listener.Addr().String() }

// passOn gives a mail to an address of ours to who takes such mail in. What it refuses has been caught all the same.
func (s *stage) passOn(sender, recipient string, mail []byte) error {
	return s.site.mailDesk().Deliver(s.site.serving, sender, recipient, bytes.NewReader(mail))
}

// tell prints one line about one thing.
func (s *stage) tell(what, format string, args ...any) {
	s.console.progress.end()
	fmt.Fprintf(s.out, "  %-10s %s\n", what, fmt.Sprintf(format, args...))
}

// openDoor opens the listener of the pages: the one that was asked for, or one that is free.
func (s *stage) openDoor() (net.Listener, error) {
	if asked := s.command.Listen; asked != "" {
		address, err := hostPort(asked)
		if err != nil {
			return nil, &hintedError{err: fmt.Errorf("--listen %w", err), code: exitUsage}
		}
		if host, _, _ := net.SplitHostPort(address); !isLoopback(host) {
			return nil, &hintedError{err: errors.New("--listen must be on loopback: the demo has a sign-in link that anybody could use"),
				hint: "to show it to others, set it up with holdfast serve", code: exitUsage}
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, withHint(fmt.Errorf("--listen %s cannot be had: %w", address, errors.Unwrap(err)), "leave it out, and a free port is found")
		}
		return l, nil
	}
	l, err := net.Listen("tcp", demoListen)
	if errors.Is(err, syscall.EADDRINUSE) {
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
			s.tell("pages", "%s is taken, so they are at %s", demoListen, l.Addr())
		}
	}
	return l, err
}

// demoFolders is how many folders are tried where nobody named one.
const demoFolders = 9

// startDatabase starts the server on the folder that was asked for, or on one that nobody uses.
func (s *stage) startDatabase(ctx context.Context) (*postgres.Server, string, error) {
	start := func(dir string) (*postgres.Server, string, error) {
		server, err := postgres.Start(ctx, postgres.ServerConfig{Dir: dir, Progress: func(text string) { s.tell("database", "%s", text) }})
		return server, dir, err
	}
	if s.command.Data != "" {
		dir, err := filepath.Abs(s.command.Data)
		if err != nil {
			return nil, "", err
		}
		return start(dir)
	}
	var inUse *postgres.InUseError
	for n := 1; ; n++ {
		dir, err := postgres.DefaultDir("demo"+strings.TrimPrefix("-"+strconv.Itoa(n), "-1"), s.console.getenv("XDG_DATA_HOME"))
		if err != nil {
			return nil, "", err
		}
		server, _, err := start(dir)
		if !errors.As(err, &inUse) || n == demoFolders {
			return server, dir, err
		}
		s.tell("database", "another demo runs on %s, so this one takes the next folder", dir)
	}
}

// seed fills the house with people and cases that are not there yet.
func (s *stage) seed(ctx context.Context) error {
	now, err := s.site.campaigns.Now(ctx)
	if err != nil {
		return err
	}
	s.seeded, err = demo.Seed(ctx, demo.Stores{Accounts: s.site.accounts, Members: s.site.members, Campaigns: s.site.campaigns},
		demo.Options{Members: s.command.Members, Seed: demoSeed, Now: now, Progress: func(p members.Progress) {
			share := float64(p.Done) / float64(max(p.Total, 1))
			s.console.progress.show(fmt.Sprintf("  %-10s %s %3.0f %%", "people", bar(share, barWidth), 100*share))
		}})
	if err != nil {
		return err
	}
	subscribed := int64(0)
	groups, err := s.site.members.Groups(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		subscribed += g.Members
	}
	s.tell("people", "%s invented members, of whom %s belong to %d local groups; %d cases", count(s.command.Members), count(subscribed),
		len(groups), len(s.seeded.Cases))
	return nil
}

// close ends what was begun, the last first.
func (s *stage) close() error {
	s.console.progress.end()
	var errs []error
	if s.site != nil {
		errs = append(errs, s.site.close())
	}
	if s.listener != nil {
		errs = append(errs, s.listener.Close())
	}
	if s.mailbox != nil {
		errs = append(errs, s.mailbox.Close())
	}
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), endLimit)
		defer cancel()
		errs = append(errs, s.server.Stop(ctx))
	}
	return errors.Join(errs...)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/migrations"
)

// checkCommand looks at everything that serve needs.
type checkCommand struct {
	JSON bool `help:"Print the findings as JSON."`
}

// Help says what it does not do.
func (checkCommand) Help() string {
	return "Connects to the database and to each relay, up to signing in there; sends no mail and asks no name server about your domains. Exit code 2 when a setting is wrong, 1 when something else is, else 0."
}

// checkup gathers findings.
type checkup struct {
	s        settings
	findings []finding
}

func (k *checkup) add(l level, about, text, hint string, args ...any) {
	k.findings = append(k.findings, finding{l, about, oneLine(text), fmt.Sprintf(hint, args...)})
}

// Run checks, and fails when something is wrong.
func (k *checkCommand) Run(ctx context.Context, c *console) error {
	s, wrongs := readAll(c.getenv, serveSettings())
	up := &checkup{s: s, findings: append(wrongs, unknownSettings(c.environ())...)}
	badSettings := len(wrongs)
	up.zones()
	ring := up.keys()
	up.database(ctx, ring)
	up.relays(ctx)
	up.sender()
	up.records()

	bad := 0
	for _, f := range up.findings {
		if f.Level == wrong {
			bad++
		}
	}
	if err := k.print(c, up.findings, bad); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case badSettings > 0:
		return &hintedError{err: fmt.Errorf("%d of %d findings are wrong", bad, len(up.findings)), hint: "holdfast help settings", code: exitUsage}
	case bad > 0:
		return fmt.Errorf("%d of %d findings are wrong", bad, len(up.findings))
	}
	return nil
}

func (k *checkCommand) print(c *console, findings []finding, bad int) error {
	if k.JSON {
		return c.json(struct {
			OK       bool      `json:"ok"`
			Findings []finding `json:"findings"`
		}{bad == 0, findings})
	}
	for _, l := range []level{fine, look, wrong} {
		for _, f := range findings {
			if f.Level == l {
				writeFinding(c.out, string(l)+strings.Repeat(" ", 7-len(l)), f)
			}
		}
	}
	if bad == 0 {
		fmt.Fprintln(c.out, "nothing is wrong")
	}
	return nil
}

// writeFinding writes a finding behind a margin, its hint in a line below.
func writeFinding(w io.Writer, margin string, f finding) {
	fmt.Fprintf(w, "%s%s %s\n", margin, f.About, f.Text)
	for i, line := range strings.Split(f.Hint, "\n") {
		if f.Hint != "" {
			label := "      "
			if i == 0 {
				label = "hint: "
			}
			fmt.Fprintf(w, "%s   %s%s\n", strings.Repeat(" ", len(margin)), label, line)
		}
	}
}

func (k *checkup) zones() {
	if _, err := time.LoadLocation("America/Vancouver"); err != nil {
		k.add(wrong, "time zones", "this program lacks the data of the time zones: "+err.Error(), "build it with the package time/tzdata")
		return
	}
	k.add(fine, "time zones", "are known", "")
}

func (k *checkup) keys() *seal.Ring {
	if k.s.keyFile == "" {
		return nil
	}
	ring, err := seal.Open(k.s.keyFile)
	if err == nil {
		_, err = campaigns.NewLinks(ring)
	}
	if err != nil {
		k.add(wrong, "key file", err.Error(), "where it was never made: holdfast key new %s", k.s.keyFile)
		return nil
	}
	k.add(fine, "key file", "holds keys that work", "")
	return ring
}

func (k *checkup) database(ctx context.Context, ring *seal.Ring) {
	if k.s.databaseURL == "" {
		return
	}
	pool, err := k.s.openPool(ctx, postgres.Options{MaxConns: 2})
	if err != nil {
		var hinted *hintedError
		hint := ""
		if errors.As(err, &hinted) {
			hint = hinted.hint
		}
		k.add(wrong, "database", err.Error(), "%s", hint)
		return
	}
	defer pool.Close()
	if conn, err := pool.Acquire(ctx); err == nil {
		k.add(fine, "database", "answers: PostgreSQL "+conn.Conn().PgConn().ParameterStatus("server_version"), "")
		conn.Release()
	}
	k.pooler(ctx, pool)
	state, err := migrations.Inspect(ctx, pool)
	if err == nil {
		err = state.Err()
	}
	if err != nil {
		k.add(wrong, "schema", err.Error(), "")
		return
	}
	k.add(fine, "schema", "is the one that this program wants", "")
	if ring == nil {
		return
	}
	k.canary(ctx, &members.Store{DB: pool, Ring: ring})
	list, err := (&accounts.Store{DB: pool, Ring: ring}).List(ctx)
	if err != nil {
		k.add(wrong, "accounts", err.Error(), "")
		return
	}
	list = slices.DeleteFunc(list, func(a accounts.Account) bool { return a.DisabledAt != nil })
	if len(list) == 0 {
		k.add(look, "accounts", "there is none, so nobody can sign in", "holdfast account add ada@refnet.example --name 'Ada Example' --role coordinator")
		return
	}
	k.add(fine, "accounts", fmt.Sprintf("of staff: %d", len(list)), "")
}

// canary looks whether the keys are those that the members were sealed with.
func (k *checkup) canary(ctx context.Context, store *members.Store) {
	err := store.CheckKeys(ctx)
	var hinted *hintedError
	switch {
	case errors.As(hintKeys(err, k.s.keyFile), &hinted):
		k.add(wrong, "key file", err.Error(), "%s", hinted.hint)
	case err != nil:
		k.add(wrong, "members", err.Error(), "")
	default:
		k.add(fine, "key file", "fits the members in the database", "")
	}
}

// relayLimit is how long one relay may take to let us in.
const relayLimit = 30 * time.Second

// relays signs in at each relay, all at once, and sends nothing.
func (k *checkup) relays(ctx context.Context) {
	found := make([]finding, len(k.s.relays))
	var all sync.WaitGroup
	for i, relay := range k.s.relays {
		all.Go(func() { found[i] = tryRelay(ctx, relay, k.s.fromDomain) })
	}
	all.Wait()
	k.findings = append(k.findings, found...)
}

func tryRelay(ctx context.Context, relay mailer.Relay, hello string) finding {
	about := "relay " + relay.Name
	if hello == "" {
		hello = "holdfast.invalid" // FROM is wrong, and said to be
	}
	pool, err := mailer.NewPool([]mailer.Relay{relay}, mailer.Options{Hello: hello})
	if err != nil {
		return finding{wrong, about, err.Error(), ""}
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(ctx, relayLimit)
	defer cancel()
	conn, err := pool.Take(ctx, mailer.Urgent)
	if err == nil {
		pool.Put(conn)
		how := map[mailer.Security]string{mailer.StartTLS: "STARTTLS", mailer.TLS: "TLS", mailer.Insecure: "no TLS, on loopback"}[relay.Security]
		if relay.User != "" {
			how += ", signed in"
		}
		return finding{fine, about, "takes us (" + how + ")", ""}
	}
	var down *mailer.DownError
	if !errors.As(err, &down) || len(down.Causes) == 0 {
		return finding{wrong, about, oneLine(err.Error()), "it does not answer; a firewall that drops connections does just that"}
	}
	cause := down.Causes[0]
	return finding{wrong, about, oneLine(cause.Error()), relayHint(cause.Step)}
}

func relayHint(step mailer.Step) string {
	switch step {
	case mailer.AtConnect:
		return "is the host right, and the port (587 for smtp://, 465 for smtps://)? may this machine reach it?"
	case mailer.AtGreeting:
		return "it takes the connection and says nothing: a port for smtps:// does so to smtp://"
	case mailer.AtTLS:
		return "it must offer STARTTLS and have a certificate for the name in the URL; a port that begins with TLS wants smtps://"
	case mailer.AtAuth:
		return "the user or the password is wrong; special characters in it are percent-encoded"
	}
	return ""
}

// sender looks at who writes, and from where.
func (k *checkup) sender() {
	if strings.HasPrefix(k.s.publicURL, "http://") {
		k.add(look, envPrefix+"PUBLIC_URL", "is http on loopback: links in mails lead to this machine alone, without TLS", "for trying it out that is right; for members it must be https")
	}
	if slices.Contains(mailboxProviders(), k.s.fromDomain) {
		k.add(look, envPrefix+"FROM", "is an address at a provider of mailboxes, whose domain is not yours: most of your mail will be refused (DMARC)",
			"write from a domain of your own")
	}
	if k.s.returnDomain != "" && k.s.inbound.address == "" {
		k.add(look, envPrefix+"INBOUND_LISTEN", "is not set: mail to the unsubscribe addresses (u+…@"+k.s.returnDomain+") has to reach this program, and does not",
			"set it, and have the mail server of %s pass on what begins with u+", k.s.returnDomain)
	}
	if k.s.replyDomain != "" && k.s.inbound.address == "" {
		k.add(look, envPrefix+"REPLY_DOMAIN", "is set, and nothing listens for mail: answers (r+…, l+… and c+…@"+k.s.replyDomain+") have to reach this program",
			"set "+envPrefix+"INBOUND_LISTEN, or have the mail server of %s give them to holdfast ingest", k.s.replyDomain)
	}
	if k.s.fromDomain != "" && k.s.returnDomain != "" && organisational(k.s.fromDomain) != organisational(k.s.returnDomain) {
		k.add(look, envPrefix+"RETURN_DOMAIN", "is not under the domain of FROM, so that SPF does not speak for FROM (DMARC)",
			"a subdomain serves best: returns.%s", organisational(k.s.fromDomain))
	}
}

package inbound

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/seal"
	"holdfast/letters"
	"holdfast/members"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	returnDomain = "returns.refnet.example"
	replyDomain  = "answers.refnet.example"
	anyAppeal    = 7 // an unsubscribe link outlives its appeal, so none is needed
)

// house is a listener with a database of its own behind it.
type house struct {
	server  *Server
	pool    *pgxpool.Pool
	ring    *seal.Ring
	members *members.Store
	letters *letters.Store
	links   campaigns.Links
	addr    string
	served  chan error // what Serve returned
	stop    context.CancelFunc
	log     *lockedText
}

func newHouse(t testing.TB, lmtp bool) *house {
	t.Helper()
	var file strings.Builder
	if err := seal.Generate(&file); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	links, err := campaigns.NewLinks(ring)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{pool: dbtest.Pool(t), ring: ring, links: links, served: make(chan error, 1), log: &lockedText{}}
	h.members = &members.Store{DB: h.pool, Ring: ring}
	jobs, err := river.NewClient(riverpgxv5.New(h.pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if h.letters, err = letters.NewStore(h.pool, ring, jobs); err != nil {
		t.Fatal(err)
	}
	h.server = New(Config{ReturnDomain: returnDomain, ReplyDomain: replyDomain, Links: links, Members: h.members, Letters: h.letters,
		LMTP: lmtp, Log: slog.New(slog.NewTextHandler(h.log, nil))})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.addr = l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go func() { h.served <- h.server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-h.served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return h
}

// member adds a subscribed member with an invented address.
func (h *house) member(t testing.TB, local string) int64 {
	t.Helper()
	m, err := h.members.Add(context.Background(), audit.System(), members.New{Address: local + "@members.example",
		Language: "en", Consent: members.Consent{Source: "sign-up sheet", GivenOn: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
			Words: "Send me urgent appeals."}})
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func (h *house) state(t testing.TB, id int64) members.State {
	t.Helper()
	m, err := h.members.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m.State
}

// address is what stands in the member's List-Unsubscribe header.
func (h *house) address(id int64) string {
	return "u+" + h.links.Unsubscribe.Make(anyAppeal, id) + "@" + returnDomain
}

const mail = "From: somebody@elsewhere.example\r\nSubject: unsubscribe\r\n\r\nPlease.\r\n"

func (h *house) dial(t testing.TB) *smtp.Client {
	t.Helper()
	client, err := smtp.Dial(h.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// send writes one mail to one recipient on a connection of its own.
func (h *house) send(t testing.TB, from, to string) error {
	t.Helper()
	client := h.dial(t)
	if err := client.Hello("mail.elsewhere.example"); err != nil {
		t.Fatal(err)
	}
	if err := client.Mail(from, &smtp.MailOptions{UTF8: strings.ContainsFunc(from, func(r rune) bool { return r > 126 })}); err != nil {
		t.Fatalf("MAIL from %q: %v", from, err)
	}
	if err := client.Rcpt(to, nil); err != nil {
		return err
	}
	return finish(client, mail)
}

func finish(client *smtp.Client, text string) error {
	data, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := data.Write([]byte(text)); err != nil {
		return err
	}
	return data.Close()
}

// code returns the reply of a refusal as "550 5.1.1", "" for none.
func code(err error) string {
	var reply *smtp.SMTPError
	if err == nil || !errors.As(err, &reply) {
		return ""
	}
	r := Refusal{Code: reply.Code, Enhanced: [3]int(reply.EnhancedCode)}
	return strings.TrimSpace(r.Error())
}

// gone is a database that does not answer any more.
func gone(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), "postgres://nobody@127.0.0.1:1/gone?connect_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	return pool
}

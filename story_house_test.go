package holdfast_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/mail"
	"net/smtp"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/inbound"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/seal"
	"holdfast/internal/smtpsink"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/templates"
	"holdfast/web"
	"holdfast/worker"
)

// house is everything, wired as the command wires it, with a sink as the relay, a listener for mail that comes in, and a coordinator's token.
type house struct {
	t       testing.TB
	ctx     context.Context
	sink    *smtpsink.Sink
	http    *httptest.Server
	letters *letters.Store
	mailIn  string       // where mail to our addresses is taken
	staff   *http.Client // the coordinator's browser; signed in by signIn
	token   string
}

// Who the coordinator is, and where answers go.
const (
	coordinator = "coordinator@refnet.example"
	replyDomain = "reply.refnet.example"
)

func openHouse(t testing.TB) *house {
	t.Helper()
	return openHousePacing(t, letters.DefaultPace)
}

// openHousePacing is openHouse where letters to one office leave at this pace.
func openHousePacing(t testing.TB, pace time.Duration) *house {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	h := &house{t: t, ctx: ctx}
	pool := dbtest.Pool(t)
	var keys strings.Builder
	h.must(seal.Generate(&keys))
	ring, err := seal.Parse(strings.NewReader(keys.String()))
	h.must(err)
	links, err := campaigns.NewLinks(ring)
	h.must(err)
	h.sink, err = smtpsink.Start(smtpsink.Options{})
	h.must(err)
	t.Cleanup(func() { h.sink.Close() })
	jobs, err := worker.InsertOnly(pool)
	h.must(err)
	h.letters, err = letters.NewStore(pool, ring, jobs)
	h.must(err)
	h.letters.Pace = pace

	var door http.Handler
	h.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))
	t.Cleanup(h.http.Close)
	store, people := &campaigns.Store{DB: pool, Jobs: jobs}, &members.Store{DB: pool, Ring: ring}
	h.work(pool, people, links)
	staff := &accounts.Store{DB: pool, Ring: ring}
	door = h.doors(store, people, staff, links)
	h.takesMailIn(people, links)

	a, err := staff.Add(ctx, audit.System(), accounts.NewAccount{Address: coordinator, Name: "Coordinator", Language: "en",
		Roles: []accounts.Role{accounts.Coordinator}})
	h.must(err)
	_, h.token, err = staff.AddToken(ctx, audit.System(), a.ID, "the story", []accounts.Role{accounts.Coordinator})
	h.must(err)
	return h
}

var organisation = templates.Organisation{Name: "Refugee Network", PostalAddress: "1 Example Street, Ottawa ON", Contact: "office@refnet.example"}

func (h *house) sender() worker.Sender {
	return worker.Sender{From: mailer.Address{Name: "Refugee Network", Addr: "alerts@refnet.example"}, ListID: "alerts.refnet.example", ListName: "Urgent actions",
		PublicURL: h.http.URL, ReturnDomain: "return.refnet.example", ReplyDomain: replyDomain}
}

// relay is a pool of connections to the sink.
func (h *house) relay(conns int) *mailer.Pool {
	relays, err := mailer.ParseRelays(fmt.Sprintf("smtp+insecure://%s?conns=%d", h.sink.Addr(), conns))
	h.must(err)
	connections, err := mailer.NewPool(relays, mailer.Options{Hello: "holdfast.refnet.example"})
	h.must(err)
	return connections
}

// work starts a worker that sends to the sink.
func (h *house) work(pool *pgxpool.Pool, people *members.Store, links campaigns.Links) {
	w, err := worker.Start(h.ctx, worker.Config{Pool: pool, RiverPool: pool, Members: people, Links: links, Letters: h.letters, Letterhead: organisation,
		Relays: h.relay(4), Conns: 4, Log: slog.New(slog.DiscardHandler), Sender: h.sender(),
		Pace: worker.Pace{Again: 50 * time.Millisecond, Sweep: 500 * time.Millisecond}})
	h.must(err)
	h.t.Cleanup(func() {
		if err := w.Stop(context.Background()); err != nil {
			h.t.Errorf("stopping the worker: %v", err)
		}
	})
}

func (h *house) doors(store *campaigns.Store, people *members.Store, staff *accounts.Store, links campaigns.Links) http.Handler {
	staffMail := h.relay(1)
	post := worker.NewPost(store, staffMail, h.sender())
	server, err := web.New(web.Config{Campaigns: store, Letters: h.letters, Members: people, Accounts: staff, Links: links,
		Write: func(s campaigns.Sheet) ([]campaigns.Edition, error) {
			return templates.Editions(s, organisation, h.http.URL)
		},
		Post: post.Send, Ready: store.DB.(*pgxpool.Pool).Ping, ReplyDomain: replyDomain,
		Organisation: organisation, PublicURL: h.http.URL, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)})
	h.must(err)
	h.t.Cleanup(func() {
		server.Finish()
		staffMail.Close()
	})
	return server.Public()
}

// takesMailIn listens for mail to our addresses.
func (h *house) takesMailIn(people *members.Store, links campaigns.Links) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	h.must(err)
	h.mailIn = l.Addr().String()
	desk := inbound.New(inbound.Config{ReturnDomain: h.sender().ReturnDomain, ReplyDomain: replyDomain, Links: links, Members: people, Letters: h.letters,
		Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(h.ctx)
	served := make(chan error, 1)
	go func() { served <- desk.Serve(ctx, l) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			h.t.Errorf("taking mail in: %v", err)
		}
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// call asks the API; anything but a success ends the test.
func (h *house) call(method, path, contentType string, body io.Reader) map[string]any {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.ctx, method, h.http.URL+"/api/v1"+path, body)
	h.must(err)
	r.Header.Set("Authorization", "Bearer "+h.token)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(r)
	h.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	h.must(err)
	if answer.StatusCode >= 300 {
		h.t.Fatalf("%s %s: %s\n%s", method, path, answer.Status, text)
	}
	var out map[string]any
	if len(text) > 0 {
		h.must(json.Unmarshal(text, &out))
	}
	return out
}

func (h *house) get(path string) map[string]any { h.t.Helper(); return h.call("GET", path, "", nil) }

func (h *house) post(path string, body any) map[string]any {
	h.t.Helper()
	if body == nil {
		return h.call("POST", path, "", nil)
	}
	text, err := json.Marshal(body)
	h.must(err)
	return h.call("POST", path, "application/json", bytes.NewReader(text))
}

// imports takes in a CSV and returns how many members it added.
func (h *house) imports(csv string) float64 {
	h.t.Helper()
	report := h.call("POST", "/members/import?"+url.Values{"consent.source": {"sign-up form"}, "consent.given_on": {"2024-05-01"},
		"consent.words": {"Send me urgent actions."}, "language": {"en"}, "country": {"CA"}}.Encode(), "text/csv", strings.NewReader(csv))
	return report["added"].(float64)
}

// settled waits until an appeal is complete and returns its receipt, which must close.
func (h *house) settled(appeal any) map[string]any {
	h.t.Helper()
	for {
		a := h.get(fmt.Sprintf("/appeals/%v", appeal))
		receipt := a["receipt"].(map[string]any)
		if a["state"] == "complete" {
			return receipt
		}
		select {
		case <-h.ctx.Done():
			h.t.Fatalf("appeal %v is never complete: %v", appeal, a)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// received is a mail as it arrived.
type received struct {
	header mail.Header
	text   string // of its text part
	raw    []byte
}

func (h *house) mailTo(address string) received {
	h.t.Helper()
	for _, m := range h.sink.Messages() {
		if m.Recipients[0] == address {
			return h.mailOf(m.Data)
		}
	}
	h.t.Fatalf("nothing arrived for %s", address)
	return received{}
}

func (h *house) mailOf(data []byte) received {
	h.t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(data))
	h.must(err)
	return received{header: parsed.Header, text: readParts(h.t, parsed)["text/plain"], raw: data}
}

// await waits until a condition holds, which something outside of this program brings about.
func (h *house) await(what string, holds func() bool) {
	h.t.Helper()
	for !holds() {
		select {
		case <-h.ctx.Done():
			h.t.Fatalf("never: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// awaitMail waits for the nth mail to an address.
func (h *house) awaitMail(address string, nth int) received {
	h.t.Helper()
	for seen := 0; ; {
		n := 0
		for _, m := range h.sink.Messages() {
			if m.Recipients[0] != address {
				continue
			}
			if n++; n == nth {
				return h.mailOf(m.Data)
			}
		}
		seen = h.sink.Count()
		if err := h.sink.Wait(h.ctx, seen+1); err != nil {
			h.t.Fatalf("%s got %d mails, never a mail %d: %v", address, n, nth, err)
		}
	}
}

// mails sends a mail over SMTP to an address of ours.
func (h *house) mails(from, to string, header map[string]string, text string) {
	h.t.Helper()
	var m strings.Builder
	fmt.Fprintf(&m, "From: <%s>\r\nDate: %s\r\nMessage-ID: <%s@elsewhere.example>\r\n", from, time.Now().Format(time.RFC1123Z), strings.ToLower(rand.Text()))
	fmt.Fprint(&m, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
	for name, value := range header {
		fmt.Fprintf(&m, "%s: %s\r\n", name, value)
	}
	fmt.Fprint(&m, "\r\n", strings.ReplaceAll(text, "\n", "\r\n"), "\r\n")
	h.must(smtp.SendMail(h.mailIn, nil, from, []string{to}, []byte(m.String())))
}

// signIn signs the coordinator in by the link in a mail.
func (h *house) signIn() {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	h.must(err)
	h.staff = &http.Client{Jar: jar}
	before := h.count(coordinator)
	h.press("/sign-in/link", url.Values{"address": {coordinator}})
	link := h.link(h.awaitMail(coordinator, before+1), `/sign-in/link/\S+`)
	h.press(strings.TrimPrefix(link, h.http.URL), url.Values{})
}

// look opens a page of staff; press sends one of its forms. Both return what the page says.
func (h *house) look(path string) string {
	h.t.Helper()
	answer, err := h.staff.Get(h.http.URL + path)
	h.must(err)
	return h.page(answer)
}

func (h *house) press(path string, form url.Values) string {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.ctx, "POST", h.http.URL+path, strings.NewReader(form.Encode()))
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", h.http.URL)
	answer, err := h.staff.Do(r)
	h.must(err)
	return h.page(answer)
}

func (h *house) count(address string) (n int) {
	for _, m := range h.sink.Messages() {
		if m.Recipients[0] == address {
			n++
		}
	}
	return n
}

// link finds a link of this house in a mail.
func (h *house) link(m received, path string) string {
	h.t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(h.http.URL) + path).FindString(m.text)
	if found == "" {
		h.t.Fatalf("no link to %s in the mail:\n%s", path, m.text)
	}
	return found
}

func (h *house) tokenIn(m received) string {
	link := h.link(m, `/r/[a-z2-7]+`)
	return link[strings.LastIndexByte(link, '/')+1:]
}

// onPage finds what stands on a page by a pattern: the first group, or all of it where there is none.
func (h *house) onPage(page, pattern string) string {
	h.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if found == nil {
		h.t.Fatalf("the page has no %s:\n%s", pattern, page)
	}
	return html.UnescapeString(found[len(found)-1])
}

// open opens a page as anybody would, without cookie or script.
func (h *house) open(address string) string {
	h.t.Helper()
	answer, err := http.Get(address)
	h.must(err)
	return h.page(answer)
}

func (h *house) submit(address string, form url.Values) string {
	h.t.Helper()
	answer, err := http.PostForm(address, form)
	h.must(err)
	return h.page(answer)
}

func (h *house) page(answer *http.Response) string {
	h.t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	h.must(err)
	if answer.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %s\n%s", answer.Request.URL.Path, answer.Status, text)
	}
	return string(text)
}

package holdfast_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"holdfast/accounts"
	"holdfast/campaigns"
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

// TestStory is the tour: one campaign from launch to recorded letter, through the real doors. A coordinator works by the API,
// mails leave over SMTP, a member opens the links of the mail that arrived, and nothing is reached into from behind.
func TestStory(t *testing.T) {
	h := openHouse(t)

	// A coordinator takes up the case of M.R., who is to be sent from Canada to Iran.
	caseID := h.post("/cases", map[string]any{"ref": "C-5", "headline": "Canada to Iran, security grounds", "removing_country": "CA",
		"receiving_country": "IR", "removal_timing": "exact", "removal_at": time.Now().AddDate(0, 0, 13).Format(time.RFC3339),
		"removal_zone": "America/Toronto", "persons": []any{map[string]any{"published_as": "M.R."}}})["id"]
	minister := h.post("/targets", map[string]any{"code": "CA-PS", "kind": "minister", "country": "CA", "power": "decides",
		"office":     map[string]any{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique"},
		"salutation": map[string]any{"en": "Dear Minister,", "fr": "Monsieur le Ministre,"}, "postal_address": "House of Commons\nOttawa ON K1A 0A6",
		"address": "minister.ps@gov-ca.example"})["id"]
	campaign := h.post("/campaigns", map[string]any{"case_id": caseID, "title": "Stop the removal of M.R.", "target_ids": []any{minister},
		"deadline_day": time.Now().AddDate(0, 0, 13).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
		"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask the Minister to stop the removal.",
			"fr": "Demandez au ministre de suspendre le renvoi."}}}})["id"]
	first := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{
		map[string]any{"language": "en", "subject": "Urgent action: removal to Iran", "headline": "UN committee asks Canada to wait",
			"body": "M.R., 47, is to be removed from Canada to Iran.\n\nHe is at risk of **torture**."},
		map[string]any{"language": "fr", "subject": "Action urgente : renvoi vers l'Iran", "headline": "Le Comité demande au Canada de surseoir",
			"body": "M.R., 47 ans, doit être renvoyé du Canada vers l'Iran."}}})["id"]

	// Its members come from another tool. Two of them had unsubscribed there.
	h.imports("email,name,status,lang\nada@mail.example,Ada,enabled,en\nbéa@mail.example,Béa,enabled,fr\ncem@mail.example,Cem,enabled,tr\n" +
		"dan@mail.example,Dan,unsubscribed,en\neve@mail.example,Eve,blocklisted,en\n")

	// Launched twice, by an impatient finger: one fan-out. The receipt closes.
	h.post(fmt.Sprintf("/appeals/%v/launch", first), nil)
	h.post(fmt.Sprintf("/appeals/%v/launch", first), nil)
	if r := h.settled(first); r["accepted"] != 3.0 || r["eligible"] != 3.0 {
		t.Fatalf("receipt %v, want three eligible, three accepted", r)
	}

	// Each got the mail in their language; Cem, whose language nobody wrote, in English.
	ada, bea, cem := h.mailTo("ada@mail.example"), h.mailTo("béa@mail.example"), h.mailTo("cem@mail.example")
	for who, m := range map[string]received{"Ada": ada, "Cem": cem} {
		if !strings.Contains(m.text, "is to be removed from Canada to Iran") || !strings.Contains(m.text, who) {
			t.Errorf("the mail to %s says:\n%s", who, m.text)
		}
	}
	if !strings.Contains(bea.text, "doit être renvoyé du Canada") {
		t.Errorf("the mail to Béa says:\n%s", bea.text)
	}
	if ada.header.Get("Subject") != "Urgent action: removal to Iran" || ada.header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("headers of the mail to Ada: %v", ada.header)
	}

	// Ada opens the link, writes to the Minister, and says so.
	reading := h.link(ada, `/a/[a-z2-7]+`)
	if page := h.open(reading); !strings.Contains(page, "Minister of Public Safety") || strings.Contains(page, h.tokenIn(ada)) {
		t.Error("the public page must name the office, and hold nothing of Ada's")
	}
	reporting := h.link(ada, `/r/[a-z2-7]+`)
	if page := h.open(reporting); !strings.Contains(page, "Minister of Public Safety") {
		t.Errorf("the page to report a letter does not offer the office:\n%s", page)
	}
	h.submit(reporting, url.Values{"target": {fmt.Sprint(minister)}, "channel": {"post"}, "day": {time.Now().UTC().Format(time.DateOnly)}, "copies": {"2"}})
	totals := h.get(fmt.Sprintf("/campaigns/%v/letter-totals", campaign))["items"].([]any)
	if len(totals) != 1 || totals[0].(map[string]any)["letters"] != 2.0 || totals[0].(map[string]any)["grade"] != "reported" {
		t.Errorf("totals %v, want two letters, reported", totals)
	}

	// Béa leaves by the button of her mail program: no cookie, no page, no script. A program that only looks changes nothing.
	leaving := h.link(bea, `/u/[a-z2-7]+`)
	h.open(leaving)
	h.open(leaving)
	h.submit(leaving, url.Values{"List-Unsubscribe": {"One-Click"}})
	h.submit(leaving, url.Values{"List-Unsubscribe": {"One-Click"}})

	// The update reaches those who got the first and are still there.
	update := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "update", "texts": []any{
		map[string]any{"language": "en", "subject": "Further information", "headline": "The officer refused to defer", "body": "Please write again, even briefly."},
		map[string]any{"language": "fr", "subject": "Complément d'information", "headline": "L'agent a refusé de reporter", "body": "Merci d'écrire de nouveau."},
	}})["id"]
	h.post(fmt.Sprintf("/appeals/%v/launch", update), nil)
	if r := h.settled(update); r["accepted"] != 2.0 || r["eligible"] != 2.0 {
		t.Errorf("update: receipt %v, want the two who are still there", r)
	}

	// The Federal Court grants a stay: stop, to the rest. The French is not there yet; that it leaves without takes a second yes.
	stop := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "stop_action", "texts": []any{map[string]any{"language": "en",
		"subject": "Stop action", "headline": "The removal is stayed", "body": "M.R. stays in Canada. Thank you to all who wrote."}}})["id"]
	h.post(fmt.Sprintf("/appeals/%v/launch", stop), map[string]any{"yes": []string{"parity"}})
	if r := h.settled(stop); r["accepted"] != 2.0 {
		t.Errorf("stop action: receipt %v, want two", r)
	}
	h.post(fmt.Sprintf("/campaigns/%v/close", campaign), map[string]any{"outcome": "stay_granted", "durability": "temporary"})
	if page := h.open(reading); strings.Contains(page, "minister.ps@gov-ca.example") {
		t.Error("the page of a closed campaign still asks for letters")
	}
	if n := h.count("béa@mail.example"); n != 1 {
		t.Errorf("Béa got %d mails, want the one from before she left", n)
	}
	for _, to := range []string{"dan@mail.example", "eve@mail.example"} {
		if n := h.count(to); n != 0 {
			t.Errorf("%s got %d mails, who had unsubscribed elsewhere", to, n)
		}
	}
}

// TestImportFromAnotherToolIsMailed: ten thousand members in another tool's export, each mailed once over SMTP.
func TestImportFromAnotherToolIsMailed(t *testing.T) {
	const people = 10_000
	h := openHouse(t)
	target := h.post("/targets", map[string]any{"code": "CA-IMM", "kind": "minister", "country": "CA", "power": "decides",
		"office": map[string]any{"en": "Minister of Immigration"}, "postal_address": "Ottawa"})["id"]
	campaign := h.post("/campaigns", map[string]any{"title": "An appeal process for all", "target_ids": []any{target},
		"deadline_day": time.Now().AddDate(0, 0, 40).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
		"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask for an appeal on the merits."}}}})["id"]
	appeal := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{map[string]any{"language": "en",
		"subject": "An appeal on the merits", "headline": "Refused without a hearing", "body": "People are refused without a hearing."}}})["id"]
	var csv strings.Builder
	csv.WriteString("\ufeffuuid,email,name,attributes,status,created_at,updated_at\r\n")
	gone := 0
	for i := range people {
		status := "enabled"
		if i%1000 == 7 {
			status, gone = "blocklisted", gone+1
		}
		fmt.Fprintf(&csv, "u-%d,member%d@mail%d.example,\"Member, %d\",\"{\"\"city\"\":\"\"Ottawa\"\"}\",%s,2024-03-01,2024-03-01\r\n", i, i, i%7, i, status)
	}
	h.imports(csv.String())
	h.post(fmt.Sprintf("/appeals/%v/launch", appeal), map[string]any{"yes": []string{"parity"}})
	r := h.settled(appeal)
	if r["accepted"] != float64(people-gone) || h.sink.Count() != people-gone {
		t.Errorf("receipt %v with %d mails at the sink, want %d", r, h.sink.Count(), people-gone)
	}
	seen := map[string]bool{}
	for _, m := range h.sink.Messages() {
		seen[m.Recipients[0]] = true
	}
	if len(seen) != people-gone {
		t.Errorf("%d members were reached, want %d", len(seen), people-gone)
	}
}

// house is everything, wired as the command wires it, with a sink as the relay and a coordinator's token.
type house struct {
	t     *testing.T
	ctx   context.Context
	sink  *smtpsink.Sink
	http  *httptest.Server
	token string
}

func openHouse(t *testing.T) *house {
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

	var door http.Handler
	h.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { door.ServeHTTP(w, r) }))
	t.Cleanup(h.http.Close)
	h.work(pool, ring, links)
	door = h.doors(pool, ring, links)

	staff := &accounts.Store{DB: pool, Ring: ring}
	a, err := staff.Add(ctx, audit.System(), accounts.NewAccount{Address: "coordinator@refnet.example", Name: "Coordinator", Language: "en",
		Roles: []accounts.Role{accounts.Coordinator}})
	h.must(err)
	_, h.token, err = staff.AddToken(ctx, audit.System(), a.ID, "the story", []accounts.Role{accounts.Coordinator})
	h.must(err)
	return h
}

// work starts a worker that sends to the sink.
func (h *house) work(pool *pgxpool.Pool, ring *seal.Ring, links campaigns.Links) {
	relays, err := mailer.ParseRelays("smtp+insecure://" + h.sink.Addr() + "?conns=4")
	h.must(err)
	connections, err := mailer.NewPool(relays, mailer.Options{Hello: "holdfast.refnet.example"})
	h.must(err)
	w, err := worker.Start(h.ctx, worker.Config{Pool: pool, RiverPool: pool, Members: &members.Store{DB: pool, Ring: ring}, Links: links,
		Relays: connections, Conns: 4, Log: slog.New(slog.DiscardHandler), Sender: worker.Sender{
			From: mailer.Address{Name: "Refugee Network", Addr: "alerts@refnet.example"}, ListID: "alerts.refnet.example", ListName: "Urgent actions",
			PublicURL: h.http.URL, ReturnDomain: "return.refnet.example"},
		Pace: worker.Pace{Again: 50 * time.Millisecond}})
	h.must(err)
	h.t.Cleanup(func() {
		if err := w.Stop(context.Background()); err != nil {
			h.t.Errorf("stopping the worker: %v", err)
		}
	})
}

func (h *house) doors(pool *pgxpool.Pool, ring *seal.Ring, links campaigns.Links) http.Handler {
	jobs, err := worker.InsertOnly(pool)
	h.must(err)
	tracker, err := letters.NewStore(pool, ring, jobs)
	h.must(err)
	organisation := templates.Organisation{Name: "Refugee Network", PostalAddress: "1 Example Street, Ottawa ON", Contact: "office@refnet.example"}
	server, err := web.New(web.Config{Campaigns: &campaigns.Store{DB: pool, Jobs: jobs}, Letters: tracker,
		Members: &members.Store{DB: pool, Ring: ring}, Accounts: &accounts.Store{DB: pool, Ring: ring}, Links: links,
		Write: func(s campaigns.Sheet) ([]campaigns.Edition, error) {
			return templates.Editions(s, organisation, h.http.URL)
		},
		Post: func(context.Context, string, campaigns.Edition) error { return nil }, Ready: pool.Ping,
		Organisation: organisation, PublicURL: h.http.URL, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)})
	h.must(err)
	return server.Public()
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

package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/seal"
	"holdfast/letters"
	"holdfast/members"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// doors is a server of a test's own, on a database of its own, with a token for each role.
type doors struct {
	testing.TB
	ctx      context.Context
	pool     *pgxpool.Pool
	server   *Server
	url      string
	tokens   map[accounts.Role]string
	sessions map[accounts.Role]string
	book     *book // the description, against which every answer is held
	log      *lockedBuffer

	mu     sync.Mutex
	posted []campaigns.Edition
	lost   bool // the relay takes nothing
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

const everything = accounts.Role("everything") // a token with all roles

func open(t testing.TB) *doors {
	t.Helper()
	d := &doors{TB: t, ctx: context.Background(), pool: dbtest.Pool(t), tokens: map[accounts.Role]string{},
		sessions: map[accounts.Role]string{}, book: readBook(t), log: &lockedBuffer{}}
	d.server = d.newServer(func(*Config) {})
	for _, role := range accounts.Roles() {
		d.tokens[role], d.sessions[role] = d.account(role)
	}
	d.tokens[everything], d.sessions[everything] = d.account(accounts.Roles()...)
	d.url = d.listen(d.server.Public())
	return d
}

// newServer makes a server with limits that no test meets by accident.
func (d *doors) newServer(change func(*Config)) *Server {
	d.Helper()
	jobs, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{})
	d.must(err)
	var keys strings.Builder
	d.must(seal.Generate(&keys))
	ring, err := seal.Parse(strings.NewReader(keys.String()))
	d.must(err)
	links, err := campaigns.NewLinks(ring)
	d.must(err)
	tracker, err := letters.NewStore(d.pool, ring, jobs)
	d.must(err)
	c := Config{
		Campaigns: &campaigns.Store{DB: d.pool, Jobs: jobs}, Letters: tracker,
		Members: &members.Store{DB: d.pool, Ring: ring}, Accounts: &accounts.Store{DB: d.pool, Ring: ring},
		Links: links, Write: write, Post: d.post, Ready: d.pool.Ping, PublicURL: "https://act.refnet.example", Version: "test",
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.NewJSONHandler(d.log, nil)),
	}
	change(&c)
	s, err := New(c)
	d.must(err)
	s.limits.tokens, s.limits.strangers = newBuckets(1e6, 1e6), newBuckets(1e6, 1e6)
	s.limits.links, s.limits.sources = newBuckets(1e6, 1e6), newBuckets(1e6, 1e6)
	return s
}

func (d *doors) listen(h http.Handler) string {
	server := httptest.NewServer(h)
	d.Cleanup(server.Close)
	return server.URL
}

// write renders a sheet the plain way.
func write(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
	const mark = "h0123456789abcdef"
	var list []campaigns.Edition
	for _, t := range sheet.Texts {
		body := "Dear" + mark + campaigns.HoleName + ",\n" + t.Body + "\n" + mark + campaigns.HoleReport + "\n" + mark + campaigns.HoleLeave
		list = append(list, campaigns.Edition{Language: t.Language, TextLanguage: t.Language, Subject: t.Subject, Text: body,
			HTML: "<p>" + body + "</p>", Mark: mark})
	}
	return list, nil
}

func (d *doors) post(_ context.Context, to string, e campaigns.Edition) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost {
		return errors.New("the relay answered 550 at RCPT TO:<" + to + ">")
	}
	d.posted = append(d.posted, e)
	return nil
}

// account makes an account with a token and a session, both with all its roles.
func (d *doors) account(roles ...accounts.Role) (token, session string) {
	d.Helper()
	store := d.server.Accounts
	a, err := store.Add(d.ctx, audit.System(), accounts.NewAccount{Address: newID() + "@staff.example", Name: "Ada Example",
		Language: "en", Roles: roles})
	d.must(err)
	_, token, err = store.AddToken(d.ctx, audit.System(), a.ID, "script", roles)
	d.must(err)
	link, ok, err := store.RequestLink(d.ctx, a.Address)
	d.must(err)
	if !ok {
		d.Fatal("no sign-in link for a new account")
	}
	in, err := store.SignInByLink(d.ctx, link.Secret, "")
	d.must(err)
	return token, in.Session
}

func (d *doors) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// reply is an answer that has been read to its end.
type reply struct {
	*http.Response
	text []byte
}

// json reads the body.
func (r reply) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.text, &v); err != nil {
		t.Fatalf("%s %s: the answer is no JSON object: %v\n%s", r.Request.Method, r.Request.URL.Path, err, r.text)
	}
	return v
}

// fields are the fields that a problem names.
func (r reply) fields(t testing.TB) map[string]string {
	t.Helper()
	var p problem
	if err := json.Unmarshal(r.text, &p); err != nil {
		t.Fatalf("no problem: %s", r.text)
	}
	named := map[string]string{}
	for _, f := range p.Errors {
		named[f.Name] = f.Reason
	}
	return named
}

// request makes a request to the API as its token's owner. body is marshalled unless it is a string or nil.
func (d *doors) request(method, path, token string, body any) *http.Request {
	d.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		d.must(err)
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(d.ctx, method, d.url+path, content)
	d.must(err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// do sends a request and holds the answer against what is promised of every answer, and against the description.
func (d *doors) do(r *http.Request) reply {
	d.Helper()
	got := d.send(r)
	checkPromised(d, got)
	if got.StatusCode == http.StatusInternalServerError {
		d.Errorf("%s %s: 500\n%s", r.Method, r.URL, d.log)
	}
	d.book.check(d, r, got)
	return got
}

// send sends a request and reads the answer.
func (d *doors) send(r *http.Request) reply {
	d.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	d.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	d.must(err)
	answer.Request = r
	return reply{Response: answer, text: text}
}

// ask is request and do, as somebody with every role.
func (d *doors) ask(method, path string, body any) reply {
	d.Helper()
	return d.do(d.request(method, apiRoot+path, d.tokens[everything], body))
}

// want is ask, and ends the test unless the answer has the status.
func (d *doors) want(status int, method, path string, body any) map[string]any {
	d.Helper()
	got := d.ask(method, path, body)
	if got.StatusCode != status {
		d.Fatalf("%s %s: %d, want %d\n%s", method, path, got.StatusCode, status, got.text)
	}
	if len(got.text) == 0 {
		return nil
	}
	return got.json(d)
}

// made is want for something new: its id.
func (d *doors) made(path string, body any) string {
	d.Helper()
	return idOf(d.want(http.StatusCreated, "POST", path, body))
}

func idOf(body map[string]any) string { return strconv.FormatInt(int64(body["id"].(float64)), 10) }

// The bodies that are right: a test changes one thing in them.
type fields = map[string]any

func newCase() fields {
	return fields{"ref": newID(), "headline": "Canada to Iran", "concerns": []string{"torture"}, "removing_country": "CA", "receiving_country": "IR",
		"removal_timing": "exact", "removal_at": time.Now().AddDate(0, 0, 9).Format(time.RFC3339), "removal_zone": "America/Toronto",
		"persons": []fields{{"published_as": "M.R.", "pronoun": "he", "is_minor": false}}}
}

func newTarget() fields {
	return fields{"code": newID(), "kind": "minister", "country": "CA", "power": "decides", "office": fields{"en": "Minister of Public Safety"},
		"postal_address": "1 Example Street", "verified_on": "2026-01-31"}
}

func newCampaign(caseID, target string) fields {
	return fields{"case_id": number(caseID), "title": "Stop the removal", "deadline_day": time.Now().AddDate(0, 0, 10).Format(time.DateOnly),
		"deadline_zone": "America/Toronto", "deadline_inclusive": true, "target_ids": []int64{number(target)},
		"asks": []fields{{"code": "a1", "texts": fields{"en": "Ask the Minister to stop the removal."}}}}
}

func newAppeal(kind string) fields {
	return fields{"kind": kind, "texts": []fields{{"language": "en", "subject": "Urgent action", "headline": "A man is to be sent back", "body": "He is at risk."},
		{"language": "fr", "subject": "Action urgente", "headline": "Un homme doit être renvoyé", "body": "Il est en danger."}}}
}

func memberFields() fields {
	return fields{"address": newID() + "@mail.example", "name": "Noor Example", "language": "en", "country": "CA",
		"consent": fields{"source": "sign-up sheet", "given_on": "2026-01-31", "words": "Send me appeals."}}
}

func number(id string) int64 {
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

// world is something of everything, with the first appeal a draft.
// letter is one that waits for a look, where a test has made one.
type world struct{ caseID, target, campaign, appeal, group, member, letter string }

func (d *doors) world() world {
	d.Helper()
	var w world
	w.caseID = d.made("/cases", newCase())
	w.target = d.made("/targets", newTarget())
	w.campaign = d.made("/campaigns", newCampaign(w.caseID, w.target))
	w.appeal = d.made("/campaigns/"+w.campaign+"/appeals", newAppeal("first"))
	w.group = d.made("/groups", fields{"name": newID(), "city": "Ottawa"})
	w.member = d.made("/members", memberFields())
	return w
}

// path fills a route's pattern with the ids of a world.
func (w world) path(pattern string) string {
	thing := w.appeal
	for prefix, id := range map[string]string{"/cases": w.caseID, "/targets": w.target, "/campaigns": w.campaign, "/groups": w.group, "/members": w.member, "/letters": cmp.Or(w.letter, "1")} {
		if strings.HasPrefix(pattern, apiRoot+prefix) {
			thing = id
		}
	}
	return strings.NewReplacer("{id}", thing, "{target}", w.target, "{code}", "a1", "{language}", "en",
		"{letter}", "1", "{channel}", "post", "{from}", "CA", "{to}", "SE").Replace(pattern)
}

// body is one that a route takes.
func (w world) body(r route) any {
	switch r.call.input.(type) {
	case nil:
		return nil
	case campaigns.NewCase:
		return newCase()
	case campaigns.Removal:
		return fields{"removal_timing": "any_time"}
	case originState:
		return fields{"reason": "The embassy issued the travel document."}
	case campaigns.NewTarget:
		return newTarget()
	case campaigns.NewCampaign:
		return newCampaign(w.caseID, w.target)
	case campaigns.Deadline:
		return fields{"deadline_day": time.Now().AddDate(0, 0, 20).Format(time.DateOnly), "deadline_time": "17:00", "deadline_zone": "America/Toronto"}
	case launching:
		return fields{"yes": []string{yesParity}}
	case retrying:
		return fields{"failures": []string{campaigns.FailureUs, campaigns.FailureUnknown}}
	case campaigns.Closing:
		return fields{"outcome": "stay_granted", "note": "The court stayed the removal."}
	case campaigns.NewAsk:
		return fields{"code": "b" + newID()[:8], "texts": fields{"en": "Ask for a stay."}}
	case askTexts:
		return fields{"texts": fields{"en": "Ask the Minister to act.", "fr": "Demandez au ministre d’agir."}}
	case campaigns.NewAppeal:
		return newAppeal("first")
	case newAudience:
		return fields{"groups": []int64{}, "languages": []string{"en", "fr"}, "countries": []string{"CA"}, "on_unknown": "hold"}
	case newText:
		return fields{"subject": "Urgent action", "headline": "A man is to be sent back", "body": "He is at risk of torture."}
	case testBody:
		return fields{"language": "en"}
	case newMember:
		return memberFields()
	case memberChange:
		return fields{"name": "Noor B. Example", "language": "fr", "country": nil, "group_id": number(w.group)}
	case consentBody:
		return memberFields()["consent"]
	case newGroup:
		return fields{"name": newID(), "city": "Montréal"}
	case counterBody:
		return fields{"counter_from": 100}
	case eveningBody:
		return fields{"group_id": number(w.group), "target_ids": []int64{number(w.target)}, "channel": "post", "copies": 212, "written_on": time.Now().UTC().Format(time.DateOnly)}
	case reviewBody:
		return fields{"accept": true}
	case routeBody:
		return fields{"transit_days": 9, "postage": "2,65 $", "suspended_from": nil, "suspended_until": nil, "verified_on": "2026-01-31"}
	}
	panic(fmt.Sprintf("no body for %s %s", r.method, r.pattern))
}

// routesOf lists the routes of a door.
func (d *doors) routesOf(door door) []route {
	var list []route
	for _, r := range d.server.routes() {
		if r.door == door && r.permission != Anybody {
			list = append(list, r)
		}
	}
	return list
}

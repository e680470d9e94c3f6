package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/failure"
)

const secretName = "Shirin Example <shirin@mail.example>"

func TestP11_AFaultShowsItsIdAndNothingElse(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	for name, fault := range map[string]func(campaigns.Sheet) ([]campaigns.Edition, error){
		"an error": func(campaigns.Sheet) ([]campaigns.Edition, error) {
			return nil, errors.New("rendering for " + secretName)
		},
		"a panic": func(campaigns.Sheet) ([]campaigns.Edition, error) { panic(secretName) },
		"a panic of the run time": func(s campaigns.Sheet) ([]campaigns.Edition, error) {
			return []campaigns.Edition{{Text: s.Texts[99].Body}}, nil
		},
	} {
		d.server.Write = fault
		got := d.send(d.request("POST", apiRoot+"/appeals/"+w.appeal+"/launch", d.tokens[everything], nil))
		checkPromised(t, got)
		d.book.check(t, got.Request, got)
		id := got.Header.Get("X-Request-Id")
		if p := got.json(t); got.StatusCode != 500 || p["instance"] != "urn:uuid:"+id || strings.Contains(string(got.text), "Shirin") {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.text)
		}
		if log := d.log.String(); strings.Count(log, id) < 2 || strings.Contains(log, "shirin@") {
			t.Errorf("%s: the log does not have the id, or has the name:\n%s", name, log)
		}
	}
	d.server.Write = write
	if got := d.want(200, "GET", "/appeals/"+w.appeal, nil); got["state"] != "draft" {
		t.Errorf("after three faults the appeal is %v", got["state"])
	}
	_, err := d.pool.Exec(d.ctx, breakGroupsSQL)
	d.must(err)
	got := d.send(d.request("GET", apiRoot+"/groups", d.tokens[everything], nil))
	checkPromised(t, got)
	if got.StatusCode != 500 || !strings.Contains(d.log.String(), "postgres 42P01") {
		t.Errorf("a table that is not there: %d %s", got.StatusCode, got.text)
	}
}

func TestARequestThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.must(pgx.BeginFunc(d.ctx, d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(d.ctx, lockCasesSQL); err != nil {
			return err
		}
		// Whoever asks hangs up meanwhile, and so does what was asked for.
		ctx, cancel := context.WithTimeout(d.ctx, 300*time.Millisecond)
		defer cancel()
		r := httptest.NewRequest("GET", apiRoot+"/cases", nil).WithContext(ctx)
		r.Header.Set("Authorization", "Bearer "+d.tokens[everything])
		answer := httptest.NewRecorder()
		d.server.Public().ServeHTTP(answer, r)
		if answer.Code != 503 || answer.Header().Get("Retry-After") == "" {
			t.Errorf("while the table is locked: %d %s", answer.Code, answer.Body)
		}
		return nil
	}))
	d.want(200, "GET", "/cases", nil)
}

func TestEveryKindOfErrorHasItsAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		name   string
	}{
		{failure.Missing("case", 5), 404, "NotFound"},
		{failure.Clash("case 5 is closed"), 409, "Conflict"},
		{failure.Refuse("only a coordinator may launch an appeal"), 403, "Forbidden"},
		{failure.Rule("R3", "courts are never written to"), 403, "Forbidden"},
		{failure.Wrong("ref", "is missing"), 422, "Invalid"},
		{&accounts.TryLater{Wait: 90 * time.Second, Text: "too many wrong passwords"}, 429, "TryLater"},
		{accounts.ErrNotSignedIn, 401, "Unauthorized"},
		{accounts.ErrCredentials, 401, "Unauthorized"},
		{accounts.ErrLink, 403, "Forbidden"},
		{context.DeadlineExceeded, 503, "Unavailable"},
		{&pgconn.PgError{Code: "57014"}, 503, "Unavailable"},
		{&pgconn.PgError{Code: "40P01"}, 503, "Unavailable"},
		{&pgconn.PgError{Code: "23514"}, 422, "Invalid"},
		{&pgconn.PgError{Code: "22021"}, 422, "Invalid"},
		{&pgconn.PgError{Code: "23505"}, 500, "Fault"},
		{errors.New("anything"), 500, "Fault"},
	} {
		for _, err := range []error{c.err, errors.Join(errors.New("launching"), c.err)} {
			p := problemOf(err)
			if p.Status != c.status || !strings.HasSuffix(p.Type, "/"+c.name) {
				t.Errorf("%v: %d %s, want %d %s", err, p.Status, p.Type, c.status, c.name)
			}
		}
	}
	p := problemOf(failure.Rule("R3", "courts are never written to"))
	if p.Rule != "R3" || p.Detail != "courts are never written to" {
		t.Errorf("a rule: %+v", p)
	}
	if p := problemOf(&accounts.TryLater{Wait: 90 * time.Second}); p.retryAfter != 90 {
		t.Errorf("Retry-After %d, want 90", p.retryAfter)
	}
}

func TestTheLogHasNoPersonalData(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	member := memberFields()
	d.made("/members", member)
	d.ask("GET", "/members?language=en", nil)
	d.ask("GET", "/appeals/"+w.appeal+"/preview/en", nil)
	d.lost = true
	d.ask("POST", "/appeals/"+w.appeal+"/test", fields{"language": "en"})
	d.send(d.request("GET", "/r/a-member-s-own-token", "", nil))
	d.send(d.request("GET", apiRoot+"/nothing-here?name=Shirin", "", nil))
	d.send(d.form("POST", "/sign-out", d.sessions[accounts.Auditor]))
	log := d.log.String()
	for _, secret := range []string{member["address"].(string), "Noor", "Shirin", "Ada", "staff.example", "a-member-s-own-token", "nothing-here",
		"127.0.0.1", "/members/" + w.member, "language=en", d.tokens[everything], d.sessions[accounts.Auditor], "M.R."} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("a line of the log is no JSON: %s", line)
		}
		if entry["msg"] == "request" && (entry["route"] == nil || entry["id"] == nil) {
			t.Errorf("a request without route or id: %s", line)
		}
	}
	for _, want := range []string{`"route":"/api/v1/members"`, `"route":"/api/v1/appeals/{id}/preview/{language}"`, `"route":"none"`, `"a test was not sent"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

func TestD3_WhatALaunchPromisesHoldsIdsAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	_, err := d.server.Campaigns.FillSlice(d.ctx, number(w.appeal), campaigns.Filling{SliceRows: 10, BatchRows: 10, Cover: time.Minute})
	d.must(err)
	args := d.texts(jobArgsSQL)
	if len(args) < 2 {
		t.Fatalf("%d jobs, want a fan-out and a batch", len(args))
	}
	for _, text := range args {
		var ids map[string]int64
		if err := json.Unmarshal([]byte(text), &ids); err != nil {
			t.Errorf("the arguments %s are more than ids", text)
		}
	}
}

func TestWithoutData(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`parsing "Noor": invalid`:           "parsing …: invalid",
		"550 <noor@mail.example>: unknown":  "550 … unknown",
		"two\nlines\x1b[31m":                "two lines\x1b[31m",
		"Key (address)=(noor) is there":     "Key (address)=(noor) is there",
		strings.Repeat("long ", 100):        strings.Repeat("long ", 60),
		`unable to encode "noor" into int4`: "unable to encode … into int4",
	} {
		if got := withoutData(errors.New(given)); got != want {
			t.Errorf("%q is logged as %q, want %q", given, got, want)
		}
	}
	pg := &pgconn.PgError{Code: "23505", TableName: "members", ConstraintName: "members_pkey", Detail: "Key (address)=(noor)", Message: "duplicate noor"}
	if got := withoutData(pg); got != "postgres 23505 members members_pkey" {
		t.Errorf("of the database: %q", got)
	}
}

func TestS5_HealthAndMetricsAreOnNoOtherListener(t *testing.T) {
	t.Parallel()
	d := open(t)
	apart := d.newServer(func(c *Config) { c.AdminApart = true })
	statuses := func(h http.Handler, path string) int {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		return answer.Code
	}
	ops := d.server.Ops()
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		for name, h := range map[string]http.Handler{"public": d.server.Public(), "admin": d.server.Admin(), "public, admin apart": apart.Public(), "admin apart": apart.Admin()} {
			if got := statuses(h, path); got != 404 {
				t.Errorf("%s on %s: %d, want 404", path, name, got)
			}
		}
		if got := statuses(ops, path); got != 200 {
			t.Errorf("%s where it belongs: %d", path, got)
		}
	}
	for _, r := range d.server.routes() {
		if r.door == public || r.method != "GET" {
			continue
		}
		path := nobody().path(r.pattern)
		if got := statuses(apart.Public(), path); got != 404 {
			t.Errorf("%s on the public listener, with one for staff: %d, want 404", r.pattern, got)
		}
		if got := statuses(apart.Admin(), path); got == 404 && r.door == api {
			t.Errorf("%s on the listener of staff: %d", r.pattern, got)
		}
	}
	d.server.Ready = func(context.Context) error { return errors.New("the database is gone") }
	if got := statuses(d.server.Ops(), "/readyz"); got != 503 {
		t.Errorf("ready without a database: %d", got)
	}
}

func TestMetricsNameRoutesAndNeverPaths(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.ask("GET", "/cases/12345", nil)
	d.send(d.request("BREW", "/no-such-path", "", nil))
	answer := httptest.NewRecorder()
	d.server.Ops().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text := answer.Body.String()
	for _, want := range []string{`holdfast_http_requests_total{method="GET",route="/api/v1/cases/{id}",status="404"} 1`,
		`holdfast_http_requests_total{method="other",route="none",status="404"} 1`, `holdfast_build_info{version="test"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s\n%s", want, text)
		}
	}
	if strings.Contains(text, "12345") || strings.Contains(text, "no-such-path") {
		t.Errorf("the metrics name a path:\n%s", text)
	}
}

// TestAnExportThatBreaksOffIsSeenToBe: a list that ends in the middle must not look like a list.
func TestAnExportThatBreaksOffIsSeenToBe(t *testing.T) {
	t.Parallel()
	d := open(t)
	e := gin.New()
	e.GET("/", d.server.begin, func(c *gin.Context) { c.Set(routeKey, d.routeOf("GET", "/members/export")) }, d.server.recover, func(c *gin.Context) {
		ctx, cancel := context.WithCancel(c.Request.Context())
		c.Request = c.Request.WithContext(ctx)
		c.Writer.WriteString("id,address\n") // the beginning has left
		c.Writer.Flush()
		cancel()
		d.server.exportMembers(&call{gin: c, values: map[string][]string{}}) //nolint:errcheck // it ends by a panic
	})
	d.url = d.listen(e)
	got, err := http.Get(d.url)
	if err == nil {
		defer got.Body.Close()
		_, err = got.Body.Read(make([]byte, 1000))
		for err == nil {
			_, err = got.Body.Read(make([]byte, 1000))
		}
	}
	if err == nil || err.Error() == "EOF" {
		t.Errorf("the export ended with %v; want a connection that was cut", err)
	}
}

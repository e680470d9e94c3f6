package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/internal/dbtest"
	"holdfast/internal/smtpsink"
)

// with returns an environment with other values for some settings.
func with(env []string, settings ...string) []string {
	return append(slices.Clone(env), settings...)
}

// desk speaks with the admin API of a running server.
type desk struct {
	t          *testing.T
	api, token string
}

func (d desk) call(method, path, contentType string, body []byte) map[string]any {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, d.api+path, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		d.t.Fatalf("%s %s: %s %v\n%s", method, path, answer.Status, err, text)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		d.t.Fatal(err)
	}
	return out
}

func (d desk) post(path string, body any) map[string]any {
	d.t.Helper()
	if body == nil {
		return d.call(http.MethodPost, path, "", nil)
	}
	text, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.call(http.MethodPost, path, "application/json", text)
}

// draft imports n members and drafts an appeal to all of them. It returns the appeal's path.
func (d desk) draft(n int) string {
	d.t.Helper()
	var csv strings.Builder
	csv.WriteString("email,name\n")
	for i := range n {
		fmt.Fprintf(&csv, "member%d@mail%d.example,Member %d\n", i, i%7, i)
	}
	d.call(http.MethodPost, "/members/import?"+url.Values{"consent.source": {"sign-up form"}, "consent.given_on": {"2026-03-01"},
		"consent.words": {"Send me urgent appeals."}, "language": {"en"}, "country": {"CA"}}.Encode(), "text/csv", []byte(csv.String()))
	target := d.post("/targets", map[string]any{"code": "CA-PS", "kind": "minister", "country": "CA", "power": "decides",
		"office": map[string]any{"en": "Minister of Public Safety"}, "postal_address": "House of Commons\nOttawa ON K1A 0A6"})["id"]
	campaign := d.post("/campaigns", map[string]any{"title": "No one is sent into danger", "target_ids": []any{target},
		"deadline_day": time.Now().AddDate(0, 0, 13).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
		"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask the Minister to stop the removals."}}}})["id"]
	appeal := d.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{map[string]any{
		"language": "en", "subject": "Urgent action", "headline": "Removals go on", "body": "People are removed into danger."}}})["id"]
	return fmt.Sprintf("/appeals/%v", appeal)
}

// until asks for an appeal until it is in a state with a receipt that closes, and returns the receipt.
func (d desk) until(appeal, state string) map[string]any {
	d.t.Helper()
	for limit := time.After(patience); ; {
		a := d.call(http.MethodGet, appeal, "", nil)
		receipt := a["receipt"].(map[string]any)
		if a["state"] == state && closes(receipt) {
			return receipt
		}
		select {
		case <-limit:
			d.t.Fatalf("%s is never %s: %v", appeal, state, a)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// closes adds a receipt up.
func closes(receipt map[string]any) bool {
	sum := 0.0
	for _, bucket := range []string{"accepted", "refused", "stopped", "unknown"} {
		sum += receipt[bucket].(float64)
	}
	for _, n := range receipt["skipped"].(map[string]any) {
		sum += n.(float64)
	}
	return receipt["eligible"] == sum
}

// serve starts a server and returns it with a coordinator's desk at it.
func (s *served) serve(t *testing.T, env []string, flags ...string) (*process, desk) {
	t.Helper()
	p := start(t, s.program, env, nil, append([]string{"serve"}, flags...)...)
	at := p.addresses()
	s.run(t, "account", "add", "ada@staff.example", "--name", "Ada Example", "--role", "coordinator", "--no-password")
	return p, desk{t, "http://" + at["HOLDFAST_LISTEN"] + "/api/v1", s.run(t, "token", "add", "--account", "ada@staff.example", "--name", "test")}
}

// F10: pages and ledger through PgBouncer in transaction mode with five connections to the server, or with one; migrations and
// queue past it, or, where there is no way past it, the queue asked instead of heard. An appeal is launched, stopped, resumed and
// settled.
func TestF10_AnAppealThroughPgBouncer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		conns int
		past  bool
	}{"five connections": {5, true}, "one connection": {1, true}, "no way past it": {5, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testThroughPgBouncer(t, c.conns, c.past)
		})
	}
}

func testThroughPgBouncer(t *testing.T, conns int, past bool) {
	const people = 2000
	gate := make(chan struct{})
	sink, err := smtpsink.Start(smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Mail && e.Message > 40 {
			return smtpsink.Action{Until: gate}
		}
		return smtpsink.Action{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sink.Close() })
	s := newServed(t)
	direct := dbtest.EmptyURL(t)
	through := dbtest.Bouncer(t, direct, conns)
	s.env = with(s.env, "HOLDFAST_SMTP_URL=smtp+insecure://"+sink.Addr()+"?conns=5", "HOLDFAST_DATABASE_URL="+through, "HOLDFAST_DATABASE_DIRECT_URL="+direct)
	s.run(t, "migrate")
	if !past {
		s.env = with(s.env, "HOLDFAST_DATABASE_URL="+through+"&default_query_exec_mode=exec", "HOLDFAST_DATABASE_DIRECT_URL=")
	}
	p, d := s.serve(t, s.env)
	appeal := d.draft(people)

	launched := time.Now()
	d.post(appeal+"/launch", nil)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := sink.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}
	t.Logf("launched and the first mail accepted in %v", time.Since(launched))
	if err := sink.Wait(ctx, 100); err != nil {
		t.Fatal(err)
	}
	d.post(appeal+"/stop", nil)
	close(gate) // what is on a connection goes on, if it may
	stopped := d.until(appeal, "stopped")
	if at := sink.Count(); stopped["accepted"] != float64(at) || stopped["stopped"] == 0.0 {
		t.Errorf("stopped: receipt %v with %d mails at the sink", stopped, at)
	}
	d.post(appeal+"/resume", nil)
	receipt := d.until(appeal, "complete")
	p.terminate()
	if receipt["accepted"] != float64(people) || sink.Count() != people {
		t.Errorf("receipt %v with %d mails at the sink, want %d", receipt, sink.Count(), people)
	}
}

// F10: check and migrate say what is wrong with the way to the database, and what to do.
func TestF10_CheckTellsOfAPooler(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	direct, other := dbtest.URL(t), dbtest.URL(t)
	through := dbtest.Bouncer(t, direct, 2)
	exec := through + "&default_query_exec_mode=exec"
	for name, c := range map[string]struct {
		database, direct string
		code             int
		want             string
	}{
		"no pooler":         {direct, "", exitDone, "fine   database answers"},
		"undeclared":        {through, "", exitFailed, "hint: PgBouncer speaks so: set HOLDFAST_DATABASE_DIRECT_URL"},
		"pooler alone":      {exec, "", exitDone, "look   database is reached through a pooler alone"},
		"both":              {through, direct, exitDone, "fine   database past the pooler is the same one"},
		"limits":            {through, direct, exitDone, "hint: give the role one: ALTER ROLE holdfast SET statement_timeout"},
		"two databases":     {through, other, exitFailed, "wrong  database past the pooler they lead to two databases"},
		"not past it":       {exec, through + "&application_name=a", exitFailed, "wrong  database past the pooler"},
		"nothing to pass":   {direct + "&application_name=a", direct, exitDone, "look   database is reached directly, although"},
		"the same twice":    {direct, direct, exitUsage, "wrong  HOLDFAST_DATABASE_DIRECT_URL is the same as DATABASE_URL"},
		"nobody past it":    {through, "postgres://holdfast:hush-hush@127.0.0.1:1/holdfast", exitFailed, "is PostgreSQL running there"},
		"unreadable direct": {through, "mysql://hush-hush", exitUsage, "wrong  HOLDFAST_DATABASE_DIRECT_URL cannot be read"},
	} {
		env := with(s.env, "HOLDFAST_DATABASE_URL="+c.database, "HOLDFAST_DATABASE_DIRECT_URL="+c.direct)
		code, out := start(t, s.program, env, nil, "check").exit()
		if code != c.code || !strings.Contains(out, c.want) || strings.Contains(out, "hush-hush") {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s", name, code, c.code, c.want, out)
		}
	}
	for name, c := range map[string]struct{ database, want string }{
		"undeclared":   {through, "set HOLDFAST_DATABASE_DIRECT_URL"},
		"pooler alone": {exec, "set HOLDFAST_DATABASE_DIRECT_URL"},
	} {
		p := start(t, s.program, with(s.env, "HOLDFAST_DATABASE_URL="+c.database), nil, "migrate")
		if code, _ := p.exit(); code != exitFailed {
			t.Errorf("migrate, %s: exit code %d", name, code)
		}
		p.await(c.want)
	}
	split := start(t, s.program, with(s.env, "HOLDFAST_DATABASE_URL="+through, "HOLDFAST_DATABASE_DIRECT_URL="+other), nil, "serve")
	if code, _ := split.exit(); code != exitFailed {
		t.Errorf("serve over two databases: exit code %d", code)
	}
	split.await("they lead to two databases")
}

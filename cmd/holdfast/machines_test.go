package main

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
	"holdfast/internal/smtpsink"
	"holdfast/migrations"
)

// withSink gives s another relay, with options of its URL.
func (s *served) withSink(t *testing.T, o smtpsink.Options, query string) *smtpsink.Sink {
	t.Helper()
	sink, err := smtpsink.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sink.Close() })
	s.env = with(s.env, "HOLDFAST_SMTP_URL=smtp+insecure://"+sink.Addr()+query)
	return sink
}

// awaitMails waits until n mails have arrived.
func awaitMails(t *testing.T, sink *smtpsink.Sink, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := sink.Wait(ctx, n); err != nil {
		t.Fatal(err)
	}
}

// once holds the sink to one mail for each of people.
func once(t *testing.T, sink *smtpsink.Sink, people int) {
	t.Helper()
	seen := map[string]int{}
	for _, m := range sink.Messages() {
		seen[m.Recipients[0]]++
	}
	if len(seen) != people || sink.Count() != people {
		t.Errorf("%d mails to %d members, want %d to each once", sink.Count(), len(seen), people)
	}
}

// F4: three workers are restarted one after the other in a full fan-out, again and again. Each ends in good order and in time, and nobody
// is lost or doubled.
func TestF4_RollingRestartsOfThreeWorkers(t *testing.T) {
	t.Parallel()
	const people, rounds = 3000, 9
	s := newServed(t)
	sink := s.withSink(t, smtpsink.Options{}, "?conns=4&rate=60/s") // so that it lasts
	pages, d := s.serve(t, s.env, "--no-worker")
	appeal := d.draft(people)
	var workers [3]*process
	for i := range workers {
		workers[i] = start(t, s.program, s.env, nil, "work")
		workers[i].addresses()
	}
	d.post(appeal+"/launch", nil)
	for round := range rounds {
		awaitMails(t, sink, (round+1)*people/(2*rounds))
		i := round % len(workers)
		workers[i].terminate()
		workers[i] = start(t, s.program, s.env, nil, "work")
		workers[i].addresses()
	}
	// The rest as fast as it goes.
	fast := start(t, s.program, with(s.env, "HOLDFAST_SMTP_URL=smtp+insecure://"+sink.Addr()+"?conns=8"), nil, "work")
	receipt := d.until(appeal, "complete")
	for _, p := range append(workers[:], fast, pages) {
		p.terminate()
	}
	if receipt["accepted"] != float64(people+1) || receipt["accepted_maybe_twice"] != 0.0 { // and the member who was there before
		t.Errorf("receipt %v", receipt)
	}
	once(t, sink, people+1)
}

// F4: the relay never answers what it has taken. A worker that is told to end waits for the answers as long as it may, and no
// longer.
func TestF4_ARelayThatHangsAfterTheDotDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	const people = 200
	var heals atomic.Bool
	hung := make(chan struct{}, 2*people)
	s := newServed(t)
	sink := s.withSink(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Kept && !heals.Load() {
			hung <- struct{}{}
			return smtpsink.Action{Hang: true}
		}
		return smtpsink.Action{}
	}}, "?conns=4")
	pages, d := s.serve(t, s.env, "--no-worker")
	appeal := d.draft(people)
	worker := start(t, s.program, s.env, nil, "work")
	worker.addresses()
	d.post(appeal+"/launch", nil)
	select {
	case <-hung:
	case <-time.After(patience):
		t.Fatal("no mail hangs")
	}
	worker.terminate() // holds it to endLimit
	before := sink.Count()
	heals.Store(true)
	worker = start(t, s.program, s.env, nil, "work")
	receipt := d.until(appeal, "complete")
	worker.terminate()
	pages.terminate()
	if again := float64(sink.Count() - people - 1); receipt["accepted"] != float64(people+1) || again > float64(before) || again > receipt["accepted_maybe_twice"].(float64) {
		t.Errorf("receipt %v; %d mails for %d members, %d of them hung", receipt, sink.Count(), people+1, before)
	}
}

// F5: a newer version brings the schema up in mid fan-out. The old process that runs goes on, and loses and doubles nobody; another one of the old
// version is not begun, and says why.
func TestF5_AnOldVersionGoesOnAndIsNotBegunAnew(t *testing.T) {
	t.Parallel()
	const people = 600
	s := newServed(t)
	sink := s.withSink(t, smtpsink.Options{}, "?conns=4&rate=200/s")
	p, d := s.serve(t, s.env)
	appeal := d.draft(people)
	d.post(appeal+"/launch", nil)
	awaitMails(t, sink, 50)
	for _, sql := range []string{
		"ALTER TABLE deliveries ADD COLUMN of_tomorrow text",
		"ALTER TABLE appeals ADD COLUMN of_tomorrow int NOT NULL DEFAULT 0",
		"INSERT INTO schema_versions (version_id, is_applied) VALUES (9000, true)",
	} {
		if _, err := s.members.DB.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"work", "migrate"} {
		old := start(t, s.program, s.env, nil, command)
		if code, _ := old.exit(); code != exitFailed {
			t.Errorf("%s over a newer schema exits with %d", command, code)
		}
		old.await("the database is newer than this program")
	}
	receipt := d.until(appeal, "complete")
	p.terminate()
	if receipt["accepted"] != float64(people+1) || receipt["accepted_maybe_twice"] != 0.0 {
		t.Errorf("receipt %v", receipt)
	}
	once(t, sink, people+1)
}

// ownServer starts a PostgreSQL of the test's own, and gives s its database.
func (s *served) ownServer(t *testing.T, settings map[string]string) (server *postgres.Server, dir string) {
	t.Helper()
	dir = openDir(t, nil)
	server, err := postgres.Start(context.Background(), postgres.ServerConfig{Dir: dir, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop(context.Background()) }) //nolint:errcheck // it may have been stopped
	if err := migrations.Up(context.Background(), server.URL(), nil); err != nil {
		t.Fatal(err)
	}
	s.env = with(s.env, "HOLDFAST_DATABASE_URL="+server.URL())
	return server, dir
}

// F7: while PostgreSQL is away, health is red and says why, and the process lives; when it is back, health is green again, alone (I10).
func TestF7_I10_HealthIsRedWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	server, dir := s.ownServer(t, nil)
	p := start(t, s.program, s.env, nil, "serve")
	ready := "http://" + p.addresses()["HOLDFAST_OPS_LISTEN"] + "/readyz"
	awaitStatus := func(want int) string {
		t.Helper()
		for limit := time.After(patience); ; {
			status, body := get(t, ready)
			if status == want {
				return body
			}
			select {
			case <-limit:
				t.Fatalf("%s goes on answering %d, want %d: %s", ready, status, want, body)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	awaitStatus(http.StatusOK)
	if err := server.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if body := awaitStatus(http.StatusServiceUnavailable); strings.Contains(body, "password") || strings.Contains(body, dir) {
		t.Errorf("health tells too much: %s", body)
	}
	if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("the process has ended: %v", err)
	}
	server, err := postgres.Start(context.Background(), postgres.ServerConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop(context.Background()) }) //nolint:errcheck // the test is over
	awaitStatus(http.StatusOK)
	p.terminate()
}

// F10: idle hogs have taken every connection that PostgreSQL has. Pages still answer, an appeal is still launched and sent, by the connections
// that are open; a process that has none says what is wrong.
func TestF10_WithTheConnectionsUsedUpPagesAndMailsGoOn(t *testing.T) {
	t.Parallel()
	const people = 60
	s := newServed(t)
	server, _ := s.ownServer(t, map[string]string{"max_connections": "40"})
	sink := s.withSink(t, smtpsink.Options{}, "?conns=4")
	p, d := s.serve(t, s.env)
	appeal := d.draft(people)
	ctx := context.Background()
	for {
		hog, err := pgx.Connect(ctx, server.URL())
		if err != nil {
			break
		}
		t.Cleanup(func() { hog.Close(ctx) })
	}
	for range 5 {
		d.call(http.MethodGet, appeal, "", nil)
	}
	late := start(t, s.program, s.env, nil, "work")
	if code, _ := late.exit(); code != exitFailed {
		t.Errorf("a worker without any connection exits with %d", code)
	}
	late.await("the server has no connection left")
	d.post(appeal+"/launch", nil)
	receipt := d.until(appeal, "complete")
	p.terminate()
	if receipt["accepted"] != float64(people) {
		t.Errorf("receipt %v", receipt)
	}
	once(t, sink, people)
}

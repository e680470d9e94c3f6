package main

import (
	"context"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/internal/smtpsink"
	"holdfast/members"
)

// served is a database with one member, and the environment of programs over it.
type served struct {
	program string
	env     []string
	members *members.Store
	links   campaigns.Links
	member  int64
}

func newServed(t *testing.T) *served {
	t.Helper()
	s := &served{program: filepath.Join(installed(t), "holdfast")}
	keyFile := filepath.Join(t.TempDir(), "keys")
	if out, err := exec.Command(s.program, "key", "new", keyFile).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	relay, err := smtpsink.Start(smtpsink.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { relay.Close() })
	url := dbtest.URL(t)
	s.env = []string{"HOLDFAST_DATABASE_URL=" + url, "HOLDFAST_KEY_FILE=" + keyFile, "HOLDFAST_SMTP_URL=smtp+insecure://" + relay.Addr(),
		"HOLDFAST_PUBLIC_URL=http://127.0.0.1:8080", "HOLDFAST_FROM=Winterhaven Appeals <appeals@refnet.example>",
		"HOLDFAST_ORGANISATION=Winterhaven Appeals", "HOLDFAST_POSTAL_ADDRESS=12 Ferry Street, Winterhaven", "HOLDFAST_CONTACT=office@refnet.example",
		"HOLDFAST_RETURN_DOMAIN=returns.refnet.example", "HOLDFAST_LISTEN=127.0.0.1:0", "HOLDFAST_OPS_LISTEN=127.0.0.1:0"}
	pool, err := postgres.Open(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ring, err := seal.Open(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if s.links, err = campaigns.NewLinks(ring); err != nil {
		t.Fatal(err)
	}
	s.members = &members.Store{DB: pool, Ring: ring}
	m, err := s.members.Add(context.Background(), audit.System(), members.New{Address: "mira@members.example", Language: "en",
		Consent: members.Consent{Source: "sign-up sheet", GivenOn: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Words: "Send me urgent appeals."}})
	if err != nil {
		t.Fatal(err)
	}
	s.member = m.ID
	return s
}

// run runs one command to its end and returns what it printed.
func (s *served) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(s.program, args...)
	cmd.Env = s.env
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("holdfast %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// Each door has a listener of its own, and nothing of another behind it (S5).
func TestS5_ServeHasItsDoorsApart(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	p := start(t, s.program, append(s.env, "HOLDFAST_ADMIN_LISTEN=127.0.0.1:0", "HOLDFAST_ADMIN_URL=http://127.0.0.1:8082", "HOLDFAST_INBOUND_LISTEN=lmtp://127.0.0.1:0",
		"HOLDFAST_LISTNE=typo"), nil, "serve")
	at := p.addresses()
	p.await("HOLDFAST_LISTNE") // a misspelt setting is warned of
	public, admin, ops := "http://"+at["HOLDFAST_LISTEN"], "http://"+at["HOLDFAST_ADMIN_LISTEN"], "http://"+at["HOLDFAST_OPS_LISTEN"]
	s.run(t, "account", "add", "ada@staff.example", "--name", "Ada Example", "--role", "coordinator", "--no-password")
	token := s.run(t, "token", "add", "--account", "ada@staff.example", "--name", "test")
	for _, c := range []struct {
		url    string
		status int
	}{
		{ops + "/healthz", 200}, {ops + "/readyz", 200}, {ops + "/metrics", 200}, {ops + "/api/v1/campaigns", 404},
		{public + "/healthz", 404}, {public + "/metrics", 404}, {public + "/api/v1/campaigns", 404},
		{admin + "/healthz", 404}, {admin + "/metrics", 404}, {admin + "/api/v1/campaigns", 200},
		{public + "/u/" + s.links.Unsubscribe.Make(1, s.member), 200},
	} {
		if status, body := get(t, c.url, "Authorization", "Bearer "+token); status != c.status {
			t.Errorf("%s answers %d, want %d:\n%.200s", c.url, status, c.status, body)
		}
	}

	s.leaveByLMTP(t, at["HOLDFAST_INBOUND_LISTEN"])
	m, err := s.members.Get(context.Background(), s.member)
	if err != nil || m.State != members.Left {
		t.Errorf("the member who wrote is %s, %v, want left", m.State, err)
	}

	taken := start(t, s.program, append(s.env, "HOLDFAST_LISTEN="+at["HOLDFAST_LISTEN"]), nil, "serve")
	if code, _ := taken.exit(); code != exitFailed {
		t.Errorf("with a port that is taken it exits with %d, want %d", code, exitFailed)
	}
	taken.await("HOLDFAST_LISTEN: somebody listens on " + at["HOLDFAST_LISTEN"])
	p.terminate()
	if _, err := net.Dial("tcp", at["HOLDFAST_LISTEN"]); err == nil {
		t.Error("somebody answers after the end")
	}
}

func (s *served) leaveByLMTP(t *testing.T, addr string) {
	t.Helper()
	conn, err := textproto.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, step := range []struct {
		line string
		code int
	}{
		{"", 220}, {"LHLO mail.refnet.example", 250}, {"MAIL FROM:<mira@members.example>", 250},
		{fmt.Sprintf("RCPT TO:<u+%s@returns.refnet.example>", s.links.Unsubscribe.Make(1, s.member)), 250},
		{"DATA", 354}, {"Subject: unsubscribe\r\n\r\n.", 250}, {"QUIT", 221},
	} {
		if step.line != "" {
			if err := conn.PrintfLine("%s", step.line); err != nil {
				t.Fatal(err)
			}
		}
		if _, text, err := conn.ReadResponse(step.code); err != nil {
			t.Fatalf("%s is answered %v %s", step.line, err, text)
		}
	}
}

// Pages and worker may be processes of their own, over one database; each ends in good order.
func TestServeWithoutWorkerAndWork(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	pages := start(t, s.program, s.env, nil, "serve", "--no-worker")
	work := start(t, s.program, s.env, nil, "work")
	at, workAt := pages.addresses(), work.addresses()
	if len(workAt) != 1 {
		t.Errorf("work listens at %v, want health and metrics alone", workAt)
	}
	for _, url := range []string{"http://" + at["HOLDFAST_OPS_LISTEN"] + "/readyz", "http://" + workAt["HOLDFAST_OPS_LISTEN"] + "/readyz"} {
		if status, _ := get(t, url); status != 200 {
			t.Errorf("%s answers %d, want 200", url, status)
		}
	}
	// Without a listener of its own, staff come in where everybody does.
	if status, _ := get(t, "http://"+at["HOLDFAST_LISTEN"]+"/api/v1/openapi.json"); status != 200 {
		t.Errorf("the API is not at the public listener: %d", status)
	}
	pages.terminate()
	work.terminate()
}

// With another key file nothing starts that could mail, add or export, and each command says what to do.
func TestD2_NothingStartsWithOtherKeysThanTheMembersWereSealedWith(t *testing.T) {
	t.Parallel()
	s := newServed(t)
	other := filepath.Join(t.TempDir(), "keys")
	if out, err := exec.Command(s.program, "key", "new", other).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	list := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(list, []byte("address,language\nmira@members.example,en\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"serve"}, {"work"}, {"members", "export", "-"},
		{"members", "import", list, "--source", "list", "--date", "2026-03-01", "--words", "Yes."}} {
		p := start(t, s.program, append(s.env, "HOLDFAST_KEY_FILE="+other), nil, args...)
		if code, out := p.exit(); code != exitFailed || strings.Contains(out, "address") {
			t.Errorf("%v exits with %d, want %d, and prints %q", args, code, exitFailed, out)
		}
		p.await("holdfast: the key file is not the one that this database was filled with: the address of member")
		p.await("hint: nothing was changed. Name the right file in HOLDFAST_KEY_FILE (now " + other + ")")
	}
	checked := start(t, s.program, append(s.env, "HOLDFAST_KEY_FILE="+other), nil, "check")
	if code, out := checked.exit(); code != exitFailed || !strings.Contains(out, "wrong  key file the key file is not the one") {
		t.Errorf("check exits with %d, want %d:\n%s", code, exitFailed, out)
	}
	if found := s.run(t, "check"); !strings.Contains(found, "fine   key file fits the members in the database") {
		t.Errorf("with the right keys check says:\n%s", found)
	}
}

package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/internal/smtpsink"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/worker"
)

// TestMain lets this binary be a worker process as well: one that can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("WORKER_DATABASE_URL") != "" {
		if err := workerProcess(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	dbtest.Main(m)
}

const killedConns = 4

// workerProcess works until it is killed.
func workerProcess() error {
	ctx := context.Background()
	pool, err := postgres.Open(ctx, os.Getenv("WORKER_DATABASE_URL"), postgres.Options{MaxConns: 12})
	if err != nil {
		return err
	}
	ring, err := seal.Parse(strings.NewReader(os.Getenv("WORKER_KEYS")))
	if err != nil {
		return err
	}
	links, err := campaigns.NewLinks(ring)
	if err != nil {
		return err
	}
	relays, err := mailer.ParseRelays(fmt.Sprintf("smtp+insecure://%s?conns=%d", os.Getenv("WORKER_RELAY"), killedConns))
	if err != nil {
		return err
	}
	connections, err := mailer.NewPool(relays, mailer.Options{Hello: "holdfast.example"})
	if err != nil {
		return err
	}
	mailed, err := letters.NewStore(pool, ring, nil)
	if err != nil {
		return err
	}
	mailed.Pace = time.Millisecond
	lease, err := time.ParseDuration(os.Getenv("WORKER_LEASE"))
	if err != nil {
		return err
	}
	_, err = worker.Start(ctx, worker.Config{Pool: pool, RiverPool: pool, Members: &members.Store{DB: pool, Ring: ring}, Links: links, Letters: mailed,
		Relays: connections, Conns: killedConns, Log: slog.New(slog.DiscardHandler), Sender: testSender,
		Pace: worker.Pace{Lease: lease, Cover: time.Second, Sweep: 200 * time.Millisecond, Turn: time.Second,
			Filling: campaigns.Filling{SliceRows: 500, BatchRows: 100, Cover: time.Second}}})
	if err != nil {
		return err
	}
	select {}
}

// killable is a worker process.
type killable struct {
	t   testing.TB
	cmd *exec.Cmd
}

// process starts a worker process. A lease must be longer than the machine may keep the process from running, where it is to send at all; a dead one's
// rows are looked at when it has run out.
func (s *shop) process(lease time.Duration) killable {
	s.t.Helper()
	self, err := os.Executable()
	s.must(err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "WORKER_DATABASE_URL="+s.pool.Config().ConnString(), "WORKER_KEYS="+s.keys, "WORKER_RELAY="+s.sink.Addr(), "WORKER_LEASE="+lease.String())
	cmd.Stderr = os.Stderr
	s.must(cmd.Start())
	s.t.Cleanup(func() { cmd.Process.Kill() })
	return killable{s.t, cmd}
}

// kill sends SIGKILL and waits until the process is gone.
func (k killable) kill() {
	k.t.Helper()
	if err := k.cmd.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	k.cmd.Wait()
}

func TestF1_KilledInMidFanOutLosesNobodyAndDoublesFew(t *testing.T) {
	const people = 3000
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	a := s.launch()
	for _, at := range []int{300, 1100, 2000} {
		p := s.process(time.Second)
		s.must(s.sink.Wait(s.ctx, at))
		p.kill()
	}
	p := s.process(time.Second)
	r := s.until(a.ID, "completion", complete)
	s.survived(a, r, people, 3)
	p.kill()
}

// importMembers adds many at once, by the door that staff use.
func (s *shop) importMembers(n int) { s.importAt("mail.example", "en", n) }

// importAt adds n members with addresses at a domain.
func (s *shop) importAt(domain, language string, n int) {
	s.t.Helper()
	var csv strings.Builder
	csv.WriteString("email,name,language\n")
	for i := range n {
		fmt.Fprintf(&csv, "member%d@%s,Member %d,%s\n", i, domain, i, language)
	}
	report, err := s.members.Import(s.ctx, audit.System(), strings.NewReader(csv.String()), members.ImportOptions{
		Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}}, nil)
	s.must(err)
	if report.Added != n {
		s.t.Fatalf("import: %+v", report)
	}
}

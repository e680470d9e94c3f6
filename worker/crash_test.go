package worker_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/postgres"
	"holdfast/internal/smtpsink"
	"holdfast/migrations"
)

// breakable is a PostgreSQL of one test's own, which writes through to the disk, and which the test may break.
type breakable struct {
	t      testing.TB
	dir    string
	server *postgres.Server
	pool   *pgxpool.Pool
}

func startBreakable(t testing.TB) *breakable {
	t.Helper()
	dir, err := os.MkdirTemp("", "holdfast-breakable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // the server may run as another user
		t.Fatal(err)
	}
	b := &breakable{t: t, dir: dir}
	b.restart()
	if err := migrations.Up(context.Background(), b.server.URL(), nil); err != nil {
		t.Fatal(err)
	}
	if b.pool, err = postgres.Open(context.Background(), b.server.URL(), postgres.Options{MaxConns: 20}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.pool.Close()
		b.stop()
	})
	return b
}

// restart starts the server, on the data that are there.
func (b *breakable) restart() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var err error
	if b.server, err = postgres.Start(ctx, postgres.ServerConfig{Dir: b.dir}); err != nil {
		b.t.Fatal(err)
	}
	if b.pool != nil {
		b.pool.Reset()
	}
}

func (b *breakable) stop() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := b.server.Stop(ctx); err != nil {
		b.t.Fatal(err)
	}
}

// signal tells the server something that it does not survive, and waits for its end: SIGQUIT is an immediate stop, SIGKILL what
// a power cut leaves.
func (b *breakable) signal(s syscall.Signal) {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		b.t.Fatal(err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	pid, err := strconv.Atoi(string(line))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := syscall.Kill(pid, s); err != nil {
		b.t.Fatal(err)
	}
	b.stop() // returns once it has ended
}

// judged is what the sink's messages say of a fan-out to people.
type judged struct{ members, copies int }

// judge holds what arrived to what must always hold: nobody but members, one at a time, the same bytes each time.
func (s *shop) judge() judged {
	s.t.Helper()
	hashes := map[string][32]byte{}
	var j judged
	for _, m := range s.sink.Messages() {
		if len(m.Recipients) != 1 {
			s.t.Errorf("one mail to %d members", len(m.Recipients))
		}
		to := m.Recipients[0]
		if hash, again := hashes[to]; again {
			j.copies++
			if hash != m.Hash {
				s.t.Errorf("the second copy to one member has other bytes")
			}
		}
		hashes[to] = m.Hash
	}
	j.members = len(hashes)
	return j
}

// F2: the worker and PostgreSQL die together. What was committed is there, and nobody is lost.
func TestF2_WorkerAndDatabaseKilledTogetherLoseNobody(t *testing.T) {
	t.Parallel()
	const people = 1500
	b := startBreakable(t)
	s := newShopOver(t, b.pool, 0, smtpsink.Options{})
	s.importMembers(people)
	a := s.launch()
	for _, at := range []int{200, 700} {
		p := s.process(time.Second)
		s.must(s.sink.Wait(s.ctx, at))
		p.kill()
		b.signal(syscall.SIGKILL)
		b.restart()
	}
	p := s.process(time.Second)
	r := s.until(a.ID, "completion", complete)
	s.survived(a, r, people, 2)
	p.kill()
}

// survived holds a fan-out to what it must come through so many deaths of its process with. Few are doubled, and the receipt admits them. Nobody is
// lost: the receipt has everybody, by name or with a mail. A row that two processes died on is unknown for good, since a third copy
// must never leave by itself; the receipt names it, and one press sends to those alone. Then everybody has it.
func (s *shop) survived(a campaigns.Appeal, r campaigns.Receipt, people, deaths int) {
	s.t.Helper()
	j := s.judge()
	s.t.Logf("members %d, accepted %d, unknown %d, doubled %d by %d deaths, maybe twice %d", people, r.Accepted, r.Unknown, j.copies, deaths, r.Twice)
	if most := deaths * (killedConns + 2*64); j.copies > most || int64(j.copies) > r.Twice+r.Unknown {
		s.t.Errorf("doubled %d, at most %d for %d deaths, and the receipt admits %d and %d", j.copies, most, deaths, r.Twice, r.Unknown)
	}
	missing := people - j.members
	if int64(missing) > r.Unknown || r.Accepted+r.Unknown != int64(people) {
		s.t.Errorf("lost: %d without a mail, accepted %d and unknown %d of %d", missing, r.Accepted, r.Unknown, people)
	}
	if r.Unknown > 0 {
		_, err := s.store.Retry(s.ctx, audit.System(), a.ID, []string{campaigns.FailureUnknown})
		s.must(err)
		r = s.until(a.ID, "completion", complete)
	}
	if j := s.judge(); j.members != people || r.Accepted != int64(people) {
		s.t.Errorf("in the end %d of %d have it, accepted %d", j.members, people, r.Accepted)
	}
}

// F6: PostgreSQL stops at once in mid fan-out, and comes back. The worker lives: it notes what was accepted meanwhile, and takes
// no commit for done or undone that it does not know of. It recovers alone (I10).
func TestF6_I10_AcceptedMailIsNotedAfterTheDatabaseReturns(t *testing.T) {
	t.Parallel()
	const people = 1500
	b := startBreakable(t)
	s := newShopOver(t, b.pool, 0, smtpsink.Options{})
	s.importMembers(people)
	w := s.start()
	a := s.launch()
	for _, at := range []int{100, 500, 900} {
		s.must(s.sink.Wait(s.ctx, at))
		b.signal(syscall.SIGQUIT)
		b.restart()
	}
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if j := s.judge(); j.members != people || j.copies != 0 || r.Accepted != people {
		t.Errorf("of %d: %d reached, %d doubled, %d accepted by the ledger (%d maybe twice)", people, j.members, j.copies, r.Accepted, r.Twice)
	}
}

// F7, shortened: PostgreSQL is away while mails wait for their answer. Nothing is claimed meanwhile, and the answers that come are
// kept and written on its return.
func TestF7_AnswersThatComeWhileTheDatabaseIsAwayAreKept(t *testing.T) {
	t.Parallel()
	const people = 300
	b := startBreakable(t)
	var away atomic.Bool
	var begun atomic.Int64 // while it is away
	answers := make(chan struct{})
	waiting := make(chan string, people)
	var once sync.Map
	s := newShopOver(t, b.pool, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		switch {
		case e.Step == smtpsink.Data && away.Load():
			begun.Add(1)
		case e.Step == smtpsink.Kept:
			if _, again := once.LoadOrStore(e.Connection, true); !again {
				waiting <- e.Recipient
				return smtpsink.Action{Until: answers}
			}
		}
		return smtpsink.Action{}
	}})
	s.importMembers(people)
	w := s.start()
	a := s.launch()
	for range 4 { // on each connection one mail is kept and not answered
		select {
		case <-waiting:
		case <-s.ctx.Done():
			t.Fatal("no mail waits for its answer")
		}
	}
	b.stop()
	away.Store(true)
	close(answers)
	for !s.idle(&begun) { // what was claimed goes on, and ends when the flag cannot be read any more
	}
	away.Store(false)
	t.Logf("begun while the database was away: %d, of windows claimed before", begun.Load())
	b.restart()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if j := s.judge(); j.members != people || j.copies != 0 || r.Accepted != people || r.Twice != 0 {
		t.Errorf("of %d: %d reached, %d doubled, %d accepted by the ledger (%d maybe twice)", people, j.members, j.copies, r.Accepted, r.Twice)
	}
	if most := int64(4 * 10); begun.Load() > most { // a batch on each connection
		t.Errorf("%d mails were begun while the database was away, at most %d were claimed before", begun.Load(), most)
	}
}

// idle reports whether no further mail was begun for as long as a worker may go on without reading the flag, and a bit.
func (s *shop) idle(begun *atomic.Int64) bool {
	s.t.Helper()
	for until, last := time.Now().Add(3*time.Second), begun.Load(); time.Now().Before(until); {
		select {
		case <-s.ctx.Done():
			s.t.Fatal(s.ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
		if now := begun.Load(); now != last {
			return false
		}
	}
	return true
}

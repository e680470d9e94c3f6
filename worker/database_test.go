package worker_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/postgres"
	"holdfast/internal/smtpsink"
	"holdfast/worker"
)

func (s *shop) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.pool.Exec(s.ctx, sql, args...)
	s.must(err)
}

// count runs a statement that gives one number.
func (s *shop) count(sql string, args ...any) (n int) {
	s.t.Helper()
	s.must(s.pool.QueryRow(s.ctx, sql, args...).Scan(&n))
	return n
}

// eventually asks until ok.
func (s *shop) eventually(what string, ok func() bool) {
	s.t.Helper()
	for !ok() {
		select {
		case <-s.ctx.Done():
			s.t.Fatalf("it never happens: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// whole holds an appeal to everybody once.
func (s *shop) whole(people int, r campaigns.Receipt) {
	s.t.Helper()
	if j := s.judge(); j.members != people || j.copies != 0 || int(r.Accepted) != people {
		s.t.Errorf("of %d: %d reached, %d doubled, %d accepted (%d maybe twice)", people, j.members, j.copies, r.Accepted, r.Twice)
	}
}

// hearing is a log in which some words are waited for.
type hearing struct {
	mu    sync.Mutex
	words map[string]chan struct{} // closed when said
}

func newHearing(words ...string) *hearing {
	h := &hearing{words: map[string]chan struct{}{}}
	for _, word := range words {
		h.words[word] = make(chan struct{})
	}
	return h
}

func (h *hearing) Write(line []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for word, said := range h.words {
		if !bytes.Contains(line, []byte(word)) {
			continue
		}
		select {
		case <-said:
		default:
			close(said)
		}
	}
	return len(line), nil
}

func (h *hearing) await(s *shop, word string) {
	s.t.Helper()
	select {
	case <-h.words[word]:
	case <-s.ctx.Done():
		s.t.Fatalf("the log never says %s", word)
	}
}

// F9, as far as the server lives through it: the disk is full, and every write of the ledger is refused. Nothing leaves without a
// claim that is written; when there is space, it goes on.
func TestF9_WithTheDiskFullNothingLeavesUnclaimed(t *testing.T) {
	t.Parallel()
	const people = 600
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	s.exec(`CREATE TABLE space (full_up boolean NOT NULL);
		INSERT INTO space VALUES (false);
		CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF (SELECT full_up FROM space) THEN
				RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
			END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON deliveries FOR EACH ROW EXECUTE FUNCTION no_space();
		CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON windows FOR EACH ROW EXECUTE FUNCTION no_space()`)
	w := s.start()
	a := s.launch()
	s.must(s.sink.Wait(s.ctx, 100))
	s.exec(`UPDATE space SET full_up = true`)
	var none atomic.Int64
	for !s.idle(&none) { // longer than a window lives
	}
	at := s.sink.Count()
	if claimed := s.count(`SELECT count(*) FROM deliveries WHERE attempts > 0`); claimed < at {
		t.Errorf("%d mails left, of %d rows that the ledger says were claimed", at, claimed)
	}
	for !s.idle(&none) {
	}
	if now := s.sink.Count(); now != at {
		t.Errorf("with the disk full, %d more mails left", now-at)
	}
	s.exec(`UPDATE space SET full_up = false`)
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	s.whole(people, r)
}

// F11: statements and locks run out of time while somebody holds the members' table, and a verdict is chosen to end a deadlock. All
// of it is tried again.
func TestF11_TimeoutsAndDeadlocksAreTriedAgain(t *testing.T) {
	t.Parallel()
	const people = 300
	answers := make(chan struct{})
	s := newShop(t, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Kept && e.Message == 2 {
			return smtpsink.Action{Until: answers}
		}
		return smtpsink.Action{}
	}})
	s.importMembers(people)
	s.exec(`CREATE FUNCTION needs_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$;
		CREATE TRIGGER needs_more BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (NEW.state = 'accepted') EXECUTE FUNCTION needs_more()`)
	pool, err := postgres.Open(s.ctx, s.pool.Config().ConnString(), postgres.Options{MaxConns: 12, StatementTimeout: 3 * time.Second})
	s.must(err)
	t.Cleanup(pool.Close)
	said := newHearing("40P01", "57014")
	w := s.startWith(func(c *worker.Config) { c.Pool, c.Log = pool, slog.New(slog.NewTextHandler(said, nil)) })
	a := s.launch()
	s.until(a.ID, "mails that wait for their answer", func(_ campaigns.Appeal, r campaigns.Receipt) bool { return r.Sending > 1 && r.Accepted >= 4 })

	// Somebody holds what a write of verdicts needs next, and then wants the row that it has. Who notices first is chosen by its
	// deadlock_timeout: not we.
	tx, err := s.pool.Begin(s.ctx)
	s.must(err)
	defer tx.Rollback(s.ctx)
	_, err = tx.Exec(s.ctx, `SELECT pg_advisory_xact_lock(7), set_config('deadlock_timeout', '1min', true)`)
	s.must(err)
	close(answers)
	s.eventually("a write of verdicts waits", func() bool {
		return s.count(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`) > 0
	})
	_, err = tx.Exec(s.ctx, `SELECT FROM deliveries WHERE appeal_id = $1 FOR UPDATE`, a.ID)
	s.must(err)
	said.await(s, "40P01")
	s.must(tx.Rollback(s.ctx))

	// And somebody holds the members' table for longer than a statement may take.
	tx, err = s.pool.Begin(s.ctx)
	s.must(err)
	_, err = tx.Exec(s.ctx, `LOCK TABLE members IN ACCESS EXCLUSIVE MODE`)
	s.must(err)
	said.await(s, "57014")
	s.must(tx.Rollback(s.ctx))
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	s.whole(people, r)
}

// F13: a clock that is wrong by ten minutes or an hour, either way, reaches the queue alone: what River writes of a snooze, a
// retry or a rescue is its process's time. Here it is wrong again and again, with two workers on one appeal; leases and turns are the
// database's, so nobody is mailed twice and nobody waits for long. TestF13_DecisionsAreMadeByTheOneClock holds that no other clock decides.
func TestF13_AWrongClockReachesNothingButTheQueue(t *testing.T) {
	t.Parallel()
	const people = 1500
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	one, two := s.start(), s.start()
	a := s.launch()
	ctx, cancel := context.WithCancel(s.ctx)
	wrong := make(chan struct{})
	go func() {
		defer close(wrong)
		for ctx.Err() == nil {
			for _, sql := range []string{
				// an hour ahead: snoozes that never end; ten minutes behind: that have ended
				`UPDATE river_job SET scheduled_at = scheduled_at + interval '1 hour' WHERE state IN ('scheduled', 'retryable', 'available') AND id % 3 = 0`,
				`UPDATE river_job SET scheduled_at = scheduled_at - interval '10 minutes', state = 'available' WHERE state = 'scheduled' AND id % 3 = 1`,
				// a rescuer whose clock is ahead takes jobs for stuck that are being worked
				`UPDATE river_job SET state = 'available', attempted_at = attempted_at - interval '1 hour' WHERE state = 'running' AND id % 3 = 2`,
			} {
				s.pool.Exec(ctx, sql) //nolint:errcheck // it may lose a race with the queue
			}
		}
	}()
	r := s.until(a.ID, "completion", complete)
	cancel()
	<-wrong
	s.stop(one)
	s.stop(two)
	s.whole(people, r)
}

// C11: poison in the queue (a kind that no version knows, arguments that are no JSON object of ours, an appeal that is not there, a
// member whose row cannot be opened by anybody) stops nothing else.
func TestC11_PoisonIsPutAsideAndTheRestFlows(t *testing.T) {
	t.Parallel()
	const people = 200
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	for _, job := range []struct{ kind, args string }{
		{"a_kind_of_tomorrow", `{}`}, {"deliver_batch", `{"appeal_id": "many"}`}, {"deliver_batch", `[]`}, {"fan_out", `{"appeal_id": 999999}`},
		{"deliver_batch", `{"appeal_id": 999999, "first_member": 1, "last_member": 9, "turn": 1}`},
	} {
		for _, queue := range []string{campaigns.QueueUrgent, campaigns.QueueDeliver} {
			s.exec(`INSERT INTO river_job (kind, args, queue, max_attempts, priority, state) VALUES ($1, $2::jsonb, $3, 3, 1, 'available')`, job.kind, job.args, queue)
		}
	}
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	s.whole(people, r)
	if n := s.count(`SELECT count(*) FROM river_job WHERE args = '{"appeal_id": "many"}' AND state = 'completed'`); n != 0 {
		t.Error("a job of nonsense is taken for done")
	}
}

package worker_test

import (
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
)

func (k killable) signal(s syscall.Signal) {
	k.t.Helper()
	if err := k.cmd.Process.Signal(s); err != nil {
		k.t.Fatal(err)
	}
}

// F3: a worker is frozen in the middle of its windows, past its lease; another takes over and sends everything. Woken, the first
// one sends nothing of what is another's by now: it closes without the dot.
func TestF3_AWokenWorkerSendsNothingThatAnotherOwns(t *testing.T) {
	t.Parallel()
	const people = 400
	frozen := make(chan struct{})
	held := make(chan struct{}, people)
	var first atomic.Bool
	first.Store(true)
	var mine [killedConns + 1]atomic.Bool // connections of the first worker
	s := newShop(t, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Connect && first.Load() && e.Connection <= killedConns {
			mine[e.Connection].Store(true)
		}
		if e.Step == smtpsink.Data && e.Message > 5 && e.Connection <= killedConns && mine[e.Connection].Load() {
			held <- struct{}{}
			return smtpsink.Action{Until: frozen} // the body is asked for only when the worker is awake again
		}
		return smtpsink.Action{}
	}})
	s.importMembers(people)
	a := s.launch()
	one := s.process(time.Second)
	for range killedConns {
		select {
		case <-held:
		case <-s.ctx.Done():
			t.Fatal("the first worker never is in the middle of its windows")
		}
	}
	// What has been answered is written down; a verdict frozen on its way could double, once, and is not what is looked at here.
	s.until(a.ID, "the verdicts", func(_ campaigns.Appeal, r campaigns.Receipt) bool { return int(r.Accepted) == s.sink.Count() })
	one.signal(syscall.SIGSTOP)
	first.Store(false)
	two := s.process(time.Second)
	r := s.until(a.ID, "completion by the second worker", complete)
	two.kill()
	if j := s.judge(); j.members != people || j.copies != 0 || r.Accepted != people {
		t.Fatalf("of %d: %d reached, %d doubled, %d accepted", people, j.members, j.copies, r.Accepted)
	}
	one.signal(syscall.SIGCONT)
	close(frozen)
	// It finds out by itself: its connections end.
	for limit := time.After(time.Minute); ; {
		if _, open := s.sink.Connections(); open == 0 {
			break
		}
		select {
		case <-limit:
			t.Fatal("the woken worker keeps its connections open in the middle of a mail")
		case <-time.After(20 * time.Millisecond):
		}
	}
	one.kill()
	if n := s.sink.Count(); n != people {
		t.Errorf("%d mails arrived, want %d: the woken worker sent what another had sent", n, people)
	}
}

// F4: a worker that is told to end while a relay never answers: it ends in its time, what waits for its answer is unknown, and
// nothing is doubled without the receipt saying so.
func TestF4_AHangingRelayDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	var hung atomic.Int64
	var healed atomic.Bool
	reached := make(chan struct{}, 100)
	s := newShop(t, 60, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Kept && e.Message == 3 && !healed.Load() {
			hung.Add(1)
			reached <- struct{}{}
			return smtpsink.Action{Hang: true}
		}
		return smtpsink.Action{}
	}})
	w := s.start()
	a := s.launch()
	select {
	case <-reached:
	case <-s.ctx.Done():
		t.Fatal("no connection hangs")
	}
	s.stop(w)
	_, r, err := s.store.Receipt(s.ctx, a.ID)
	s.must(err)
	if r.Sending != 0 {
		t.Errorf("after the end %d are still being sent: %+v", r.Sending, r)
	}
	at := s.sink.Count()
	healed.Store(true)
	w = s.start()
	r = s.until(a.ID, "completion", complete)
	s.stop(w)
	j := s.judge()
	t.Logf("%d arrived before the end, %d hung; %d second copies", at, hung.Load(), j.copies)
	if r.Accepted != 60 || j.members != 60 || int64(j.copies) > hung.Load() || r.Twice < int64(j.copies) {
		t.Errorf("receipt %+v, %d reached, %d doubled by %d that hung", r, j.members, j.copies, hung.Load())
	}
}

// C2: stopped and resumed again and again, an appeal reaches everybody once.
func TestC2_StoppedAndResumedThirtyTimes(t *testing.T) {
	t.Parallel()
	const people = 1200
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	w := s.start()
	a := s.launch()
	stops := 0
	for i := range 30 {
		s.must(s.sink.Wait(s.ctx, min(people, (i+1)*20)))
		if _, err := s.store.Stop(s.ctx, audit.System(), a.ID); err != nil {
			break // complete by now
		}
		stops++
		s.until(a.ID, "the stop", func(a campaigns.Appeal, _ campaigns.Receipt) bool { return a.State == campaigns.AppealStopped })
		at := s.sink.Count()
		_, r, err := s.store.Receipt(s.ctx, a.ID)
		s.must(err)
		if now := s.sink.Count(); int(r.Accepted) != at || now != at {
			t.Fatalf("stop %d: %d accepted, %d at the sink when it was stopped, %d later", i, r.Accepted, at, now)
		}
		_, err = s.store.Resume(s.ctx, audit.System(), a.ID)
		s.must(err)
	}
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if j := s.judge(); j.members != people || j.copies != 0 || r.Accepted != people {
		t.Errorf("after %d stops: %d reached, %d doubled, %d accepted of %d", stops, j.members, j.copies, r.Accepted, people)
	}
	if stops < 5 {
		t.Errorf("only %d stops found anything to stop", stops)
	}
}

package accounts

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestS2_TwentyAtOnceWithOneKeyAreOneRun(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Pool(t))
	a := made(t, s, "", Coordinator)
	var runs, waits, answers atomic.Int32
	request := func() {
		replay, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1})
		switch {
		case failure.Is(err, failure.Conflict):
			waits.Add(1)
		case err != nil:
			t.Errorf("BeginReplay = %v", err)
		case replay.Answered:
			answers.Add(1)
			if replay.Status != 201 || string(replay.Body) != `{"id":7}` {
				t.Errorf("answer = %d %s", replay.Status, replay.Body)
			}
		default:
			runs.Add(1)
			if err := s.FinishReplay(ctx, replay, 201, []byte(`{"id":7}`)); err != nil {
				t.Errorf("FinishReplay = %v", err)
			}
		}
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(request)
	}
	all.Wait()
	if runs.Load() != 1 || waits.Load()+answers.Load() != 19 {
		t.Errorf("runs %d, waits %d, answers %d, want one run", runs.Load(), waits.Load(), answers.Load())
	}
	request()
	if runs.Load() != 1 || answers.Load() == 0 {
		t.Errorf("a retry afterwards ran again: runs %d", runs.Load())
	}
}

func TestReplayAnswersByKeyAccountAndRequest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Tx(t))
	a, other := made(t, s, "", Coordinator), made(t, s, "", Coordinator)
	run, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1})
	if err != nil || run.Answered {
		t.Fatalf("first: %+v, %v, want a claim", run, err)
	}
	if _, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1}); !failure.Is(err, failure.Conflict) {
		t.Errorf("while it runs: %v, want a conflict", err)
	}
	if _, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{2}); !failure.Is(err, failure.Invalid) {
		t.Errorf("another request while it runs: %v, want invalid", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.FinishReplay(gone, run, 422, []byte("no")); err != nil {
		t.Fatalf("FinishReplay after the reader hung up: %v", err)
	}
	if got, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1}); err != nil || !got.Answered || got.Status != 422 || string(got.Body) != "no" {
		t.Errorf("retry: %+v, %v, want the answer", got, err)
	}
	if _, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{2}); !failure.Is(err, failure.Invalid) {
		t.Errorf("another request afterwards: %v, want invalid", err)
	}
	if got, err := s.BeginReplay(ctx, other.ID, "key", [32]byte{2}); err != nil || got.Answered {
		t.Errorf("the same key of another account: %+v, %v, want a claim", got, err)
	}
}

func TestReplayOfARunThatFailedOrDiedRunsAgain(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, "", Coordinator)
	begin := func() Replay {
		t.Helper()
		run, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1})
		if err != nil || run.Answered {
			t.Fatalf("BeginReplay = %+v, %v, want a claim", run, err)
		}
		return run
	}
	for _, status := range []int{500, 503, 429} {
		if err := s.FinishReplay(ctx, begin(), status, []byte("fault")); err != nil {
			t.Fatal(err)
		}
	}
	dead := begin()
	dbtest.MoveClock(t, tx, replayLease-time.Second)
	if _, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1}); !failure.Is(err, failure.Conflict) {
		t.Errorf("within its minute: %v, want a conflict", err)
	}
	dbtest.MoveClock(t, tx, 2*time.Second)
	if _, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{2}); !failure.Is(err, failure.Invalid) {
		t.Errorf("another request in the place of a dead one: %v, want invalid", err)
	}
	heir := begin()
	for _, status := range []int{200, 500} { // the one that was thought dead comes back
		if err := s.FinishReplay(ctx, dead, status, []byte("late")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.FinishReplay(ctx, heir, 201, []byte("heir")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1}); err != nil || !got.Answered || string(got.Body) != "heir" {
		t.Errorf("afterwards: %+v, %v, want the heir's answer", got, err)
	}
	dbtest.MoveClock(t, tx, replayLife-time.Minute)
	if got, err := s.BeginReplay(ctx, a.ID, "key", [32]byte{1}); err != nil || !got.Answered {
		t.Errorf("before 30 days are over: %+v, %v, want the answer", got, err)
	}
	dbtest.MoveClock(t, tx, 2*time.Minute)
	begin()
}

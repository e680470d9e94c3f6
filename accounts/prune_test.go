package accounts

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/dbtest"
)

// Not on the shared database: Prune looks at every row.
func TestD8_PruneTakesWhatHasExpiredAndNothingYounger(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), dbtest.Pool(t)
	s := newStore(t, pool)
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	s.DB = tx
	a := made(t, s, goodPassword, Tracker)
	leave := func() { // one of each: a session, a link, two counts (of the link and of the source), an answer
		signedIn(t, s, a)
		link(t, s, a)
		if _, err := s.BeginReplay(ctx, a.ID, newSecret(), [32]byte{}); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	for _, step := range []struct {
		by   time.Duration
		want Pruned
	}{
		{0, Pruned{}},
		{LinkLife - time.Minute, Pruned{}},
		{2 * time.Minute, Pruned{Links: 1}},
		{SessionIdle - LinkLife, Pruned{Sessions: 1}},
		{failuresLife - SessionIdle - 2*time.Minute, Pruned{}},
		{2 * time.Minute, Pruned{Failures: 2}},
		{replayLife - failuresLife - 2*time.Minute, Pruned{}},
		{2 * time.Minute, Pruned{Replays: 1}},
	} {
		dbtest.MoveClock(t, tx, step.by)
		got, err := s.Prune(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%v later (-want +got):\n%s", step.by, diff)
		}
	}
	if count(t, tx, countLinksSQL, a.ID) != 0 || count(t, tx, countSessionsSQL, a.ID) != 0 {
		t.Error("something is left")
	}
}

package campaigns_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/members"
)

// now reads the clock of decisions.
func (w *world) now() time.Time {
	w.t.Helper()
	now, err := w.store.Now(w.ctx)
	w.must(err)
	return now
}

func TestABudgetIsNeverExceededHoweverManyAskAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	demand := campaigns.Demand{Budget: "relay.example:25", Wanted: 40, Least: 1, Rate: 400, Burst: time.Second / 4}
	var granted atomic.Int64
	began := w.now()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				g, err := w.store.TakeBudget(w.ctx, demand)
				if err != nil {
					t.Error(err)
				}
				granted.Add(int64(g.N))
			}
		})
	}
	wg.Wait()
	// The figures are the clock's own: what 400 a second bring in the time that has passed by it, and a quarter of a second more.
	if most := 400 * (w.now().Sub(began).Seconds() + 0.25); float64(granted.Load()) > most || granted.Load() < 100 {
		t.Errorf("%d granted, want the burst of 100 at least and %.0f at most", granted.Load(), most)
	}
}

func TestWhoIsUrgentComesFirstAndOthersStandBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	bulk := campaigns.Demand{Budget: "relay.example:25", Wanted: 12, Least: 12, Rate: 50, Burst: time.Second / 4}
	urgent := bulk
	urgent.Urgent = true
	take := func(d campaigns.Demand) campaigns.Granted {
		g, err := w.store.TakeBudget(w.ctx, d)
		w.must(err)
		return g
	}
	if g := take(bulk); g.N != 12 {
		t.Fatalf("alone: %+v, want all twelve", g)
	}
	if g := take(urgent); g.N != 0 || g.Wait <= 0 || g.Wait > time.Second/4 {
		t.Fatalf("urgent, with the budget used up: %+v, want to come again within a quarter of a second", g)
	}
	if g := take(bulk); g.N != 0 || g.Wait < time.Second {
		t.Errorf("behind somebody urgent: %+v, want to stand back", g)
	}
	dbtest.MoveClock(t, w.db, time.Second)
	if g := take(bulk); g.N != 0 {
		t.Errorf("the budget is full again, and somebody urgent has asked: %+v, want to stand back", g)
	}
	if g := take(urgent); g.N != 12 {
		t.Errorf("urgent: %+v, want all twelve", g)
	}
	dbtest.MoveClock(t, w.db, 3*time.Second)
	if g := take(bulk); g.N != 12 {
		t.Errorf("nobody urgent any more: %+v, want all twelve", g)
	}
	if g := take(bulk); g.N != 0 {
		t.Fatalf("used up: %+v", g)
	}
	w.must(w.store.GiveBackBudget(w.ctx, bulk, 12))
	if g := take(bulk); g.N != 12 {
		t.Errorf("given back: %+v, want all twelve", g)
	}
}

// addAt adds n members at a domain.
func (w *world) addAt(domain string, n int) {
	w.t.Helper()
	for i := range n {
		_, err := w.members.Add(w.ctx, w.one, members.New{Address: fmt.Sprintf("p%d@%s", i, domain), Name: "Member", Language: "en", Consent: w.consented})
		w.must(err)
	}
}

// whole launches an appeal to all members there are and returns its ledger as one batch.
func (w *world) whole() (campaigns.Appeal, campaigns.Batch) {
	w.t.Helper()
	a := w.launch(w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst).ID)
	batches := w.fill(a.ID)
	return a, campaigns.Batch{AppealID: a.ID, FirstMember: batches[0].FirstMember, LastMember: batches[len(batches)-1].LastMember}
}

func domain(d string) string { return d }

func TestRowsOfALimitedProviderGetMomentsOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addAt("slow.example", 9)
	w.addAt("fast.example", 4)
	a, b := w.whole()
	pacing := campaigns.Pacing{Limits: map[string]campaigns.Limit{"slow.example": {Provider: "slow.example", Rate: 3}}, Provider: domain}
	may, err := w.store.Pace(w.ctx, b, 100, pacing)
	w.must(err)
	if may != 3+4 {
		t.Errorf("%d may go now, want three at the limited provider and the four others", may)
	}
	window, rows := w.claim(b, may)
	w.settle(window, rows, campaigns.Accepted)
	w.must(w.store.CloseWindow(w.ctx, window))
	waiting, err := w.store.Deliveries(w.ctx, a.ID, "deferred", campaigns.Page{})
	w.must(err)
	if len(waiting) != 6 {
		t.Fatalf("%d rows wait, want six", len(waiting))
	}
	for i, d := range waiting {
		if d.Attempts != 0 || *d.Reason != "limit" {
			t.Errorf("row %+v, want no attempt and the limit as the reason", d)
		}
		if i > 0 {
			if gap := d.DueAt.Sub(*waiting[i-1].DueAt).Round(time.Millisecond); gap != 333*time.Millisecond {
				t.Errorf("%v between two moments, want a third of a second", gap)
			}
		}
	}
	// All of them are due long since: still no more than the rate.
	dbtest.MoveClock(t, w.db, time.Hour)
	if may, err := w.store.Pace(w.ctx, b, 100, pacing); err != nil || may != 3 {
		t.Errorf("an hour later %d may go, %v; want three", may, err)
	}
	// The deadline is nobody's moment to be put off beyond.
	dbtest.MoveClock(t, w.db, 20*24*time.Hour)
	if may, err := w.store.Pace(w.ctx, b, 100, pacing); err != nil || may != 1 {
		t.Errorf("after the deadline %d may go, %v; want one, so that the claim says too late", may, err)
	}
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Accepted != 7 || r.Skipped["too_late"] != 6 {
		t.Errorf("%s, %+v; want seven accepted, six too late", got.State, r)
	}
}

func TestG5_RowsOfAPausedProviderAreLeftAloneUntilItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addAt("slow.example", 3)
	w.addAt("fast.example", 2)
	a, b := w.whole()
	w.must(w.store.Slow(w.ctx, "slow.example", 421, "4.7.28", campaigns.PauseSteps))
	states, err := w.store.Paused(w.ctx)
	w.must(err)
	if len(states) != 1 || states[0].Provider != "slow.example" || states[0].Left <= 0 || states[0].Left > time.Minute {
		t.Fatalf("paused: %+v, want the one for a minute", states)
	}
	may, err := w.store.Pace(w.ctx, b, 100, campaigns.Pacing{Provider: domain, Paused: true})
	w.must(err)
	if _, rows := w.claim(b, may); len(rows) != 2 {
		t.Errorf("%d claimed, want the two at the other provider", len(rows))
	}
	waiting, err := w.store.Deliveries(w.ctx, a.ID, "deferred", campaigns.Page{})
	w.must(err)
	for _, d := range waiting {
		if d.Attempts != 0 || *d.Reason != "slowed" {
			t.Errorf("row %+v, want no attempt and slowed as the reason", d)
		}
	}
	if len(waiting) != 3 {
		t.Errorf("%d rows wait, want three", len(waiting))
	}
	dbtest.MoveClock(t, w.db, 2*time.Minute)
	if _, rows := w.claim(b, 100); len(rows) != 3 {
		t.Errorf("%d claimed after the pause, want three", len(rows))
	}
}

func TestG5_PausesGrowWhileNothingIsAcceptedAndShrinkAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	steps := campaigns.PauseSteps
	slow := func() time.Duration {
		w.must(w.store.Slow(w.ctx, "slow.example", 452, "4.5.3", steps))
		engine, err := w.store.Engine(w.ctx)
		w.must(err)
		if len(engine.Pauses) != 1 {
			t.Fatalf("pauses %+v, want one", engine.Pauses)
		}
		return engine.Pauses[0].Until.Sub(engine.Pauses[0].Since).Round(time.Second)
	}
	over := func() { dbtest.MoveClock(t, w.db, 16*time.Minute) }
	var got []time.Duration
	for range 6 {
		got = append(got, slow())
		if again := slow(); again != got[len(got)-1] {
			t.Errorf("heard once more while the pause is open: %v, want it as it was, %v", again, got[len(got)-1])
		}
		over()
	}
	if diff := cmp.Diff(append(steps[:5:5], steps[4]), got); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	w.must(w.store.Ease(w.ctx, "slow.example"))
	w.must(w.store.Ease(w.ctx, "slow.example")) // a second mail after the same pause
	if d := slow(); d != steps[4] {
		t.Errorf("accepted once, then slowed again: %v, want the same step, %v", d, steps[4])
	}
	for range 2 {
		over()
		w.must(w.store.Ease(w.ctx, "slow.example"))
		over() // and nothing is heard for a while
	}
	dbtest.MoveClock(t, w.db, 2*time.Hour)
	if d := slow(); d != steps[0] {
		t.Errorf("after hours of quiet: %v, want to begin anew with %v", d, steps[0])
	}
}

func TestM4_ARetryEndsWithTheDeadlineAndNotAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	a, b := w.whole()
	c, err := w.store.Campaign(w.ctx, a.CampaignID)
	w.must(err)
	later := func() *time.Time {
		window, rows := w.claim(b, 1)
		if len(rows) != 1 {
			t.Fatal("nothing is due")
		}
		w.settle(window, rows, campaigns.Later)
		w.must(w.store.CloseWindow(w.ctx, window))
		list, err := w.store.Deliveries(w.ctx, a.ID, "deferred", campaigns.Page{})
		w.must(err)
		return list[0].DueAt
	}
	for _, want := range campaigns.RetryWaits {
		now := w.now()
		if got := later().Sub(now).Round(time.Second); got != want {
			t.Errorf("tried again after %v, want %v", got, want)
		}
		dbtest.MoveClock(t, w.db, want+time.Second)
	}
	dbtest.MoveClock(t, w.db, c.DeadlineAt.Add(-20*time.Minute).Sub(w.now()))
	if got := later(); !got.Equal(c.DeadlineAt.Add(-time.Minute)) {
		t.Errorf("the last try is at %v, want a minute before the deadline %v", got, c.DeadlineAt)
	}
	dbtest.MoveClock(t, w.db, c.DeadlineAt.Add(-30*time.Second).Sub(w.now()))
	if got := later(); !got.Equal(c.DeadlineAt) {
		t.Errorf("after the last try the row is due at %v, want the deadline %v, to be too late", got, c.DeadlineAt)
	}
	dbtest.MoveClock(t, w.db, time.Minute)
	if late, err := w.store.SkipLate(w.ctx, b); err != nil || !late {
		t.Errorf("SkipLate = %v, %v; want it late", late, err)
	}
	if _, r := w.receipt(a.ID); r.Skipped["too_late"] != 1 {
		t.Errorf("receipt %+v, want one too late", r)
	}
}

func TestM13_AHeldAppealIsStoppedWithItsReasonUntilSomebodyResumesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	a, b := w.whole()
	window, _ := w.claim(b, 1)
	w.must(w.store.Hold(w.ctx, a.ID, campaigns.HeldBlocked))
	if got, _ := w.receipt(a.ID); got.State != campaigns.AppealStopping || got.StopReason == nil || *got.StopReason != campaigns.HeldBlocked {
		t.Fatalf("held: %s, %v; want stopping, blocked", got.State, got.StopReason)
	}
	w.must(w.store.GiveBack(w.ctx, window))
	w.must(w.store.Hold(w.ctx, a.ID, campaigns.HeldUnwritable)) // too late to matter
	engine, err := w.store.Engine(w.ctx)
	w.must(err)
	if len(engine.Held) != 1 || engine.Held[0].ID != a.ID || engine.Held[0].Reason != campaigns.HeldBlocked {
		t.Errorf("held: %+v, want this one, blocked", engine.Held)
	}
	var events int
	w.must(w.db.QueryRow(w.ctx, "SELECT count(*) FROM audit_events WHERE action = 'appeal.hold' AND actor = 'system' AND subject_id = $1", a.ID).Scan(&events))
	if events != 1 {
		t.Errorf("%d events of it, want one, by the system", events)
	}
	if _, r := w.receipt(a.ID); r.Stopped != 2 || !r.Closes() {
		t.Errorf("receipt %+v, want both stopped", r)
	}
	got, err := w.store.Resume(w.ctx, w.one, a.ID)
	if err != nil || got.State != campaigns.AppealIssuing || got.StopReason != nil {
		t.Errorf("resumed: %s, %v, %v", got.State, got.StopReason, err)
	}
	if err := w.store.Hold(w.ctx, 0, campaigns.HeldBlocked); !failure.Is(err, failure.NotFound) {
		t.Errorf("holding what is not there = %v", err)
	}
}

func TestEngineShowsWhatProcessesSaidOfTheirRelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	step, code := "auth", int16(535)
	first := campaigns.RelayReport{Process: "a", Relay: "one.example:587", Version: "1.0", State: campaigns.RelayOpen, Connections: 2, PerSecond: 40}
	second := campaigns.RelayReport{Process: "b", Relay: "one.example:587", Version: "1.1", State: campaigns.RelayRefusesUs, Step: &step, Code: &code}
	w.must(w.store.Report(w.ctx, []campaigns.RelayReport{first}))
	dbtest.MoveClock(t, w.db, time.Minute)
	first.Connections = 3
	w.must(w.store.Report(w.ctx, []campaigns.RelayReport{first}))
	w.must(w.store.Report(w.ctx, []campaigns.RelayReport{second}))
	relays := func() []campaigns.RelayReport {
		engine, err := w.store.Engine(w.ctx)
		w.must(err)
		return engine.Relays
	}
	got := relays()
	if len(got) != 2 || got[0].SeenAt.Sub(got[0].StartedAt).Round(time.Second) != time.Minute {
		t.Fatalf("relays %+v, want both, the first started a minute ago", got)
	}
	for i, want := range []*campaigns.RelayReport{&first, &second} {
		want.StartedAt, want.SeenAt = got[i].StartedAt, got[i].SeenAt
		if diff := cmp.Diff(*want, got[i]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	w.must(w.store.Unreport(w.ctx, "b"))
	if got := relays(); len(got) != 1 || got[0].Process != "a" {
		t.Errorf("after b has ended: %+v", got)
	}
	dbtest.MoveClock(t, w.db, time.Hour)
	if got := relays(); len(got) != 0 {
		t.Errorf("an hour after the last word: %+v, want none", got)
	}
}

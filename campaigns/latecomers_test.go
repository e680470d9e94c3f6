package campaigns_test

import (
	"sync"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/members"
)

func (w *world) late(campaignID int64) campaigns.LateJoiners {
	w.t.Helper()
	late, err := w.store.LateJoiners(w.ctx, campaignID)
	w.must(err)
	return late
}

func TestR6_LateJoinersGetTheCurrentAppealAndTheReceiptStaysExact(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	early := w.addMembers(4, "en")
	c := w.campaign(w.addCase().ID)
	first, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Audience: campaigns.Audience{Languages: []string{"en", "fr"}},
		Texts: []campaigns.Text{text("en"), text("fr")}})
	w.must(err)
	if late := w.late(c.ID); late != (campaigns.LateJoiners{}) {
		t.Errorf("before the launch: %+v", late)
	}
	if _, err := w.store.LetIn(w.ctx, w.one, c.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("let in before the launch: %v, want Conflict", err)
	}
	w.launch(first.ID)
	if _, err := w.store.LetIn(w.ctx, w.one, c.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("let in while it is filled: %v, want Conflict", err)
	}
	w.must(w.members.Leave(w.ctx, w.one, early[3], members.ByPage)) // skipped, and not late when they come back
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	w.must(w.members.Rejoin(w.ctx, w.one, early[3], w.consented))

	joined := w.addMembers(3, "fr")
	w.addMembers(1, "es") // is not in the audience
	w.must(w.members.Leave(w.ctx, w.one, joined[2], members.ByPage))
	if late := w.late(c.ID); late.AppealID != first.ID || late.Members != 2 {
		t.Errorf("late joiners: %+v, want two for appeal %d", late, first.ID)
	}
	round, err := w.store.LetIn(w.ctx, w.one, c.ID)
	w.must(err)
	if round.Members != 2 || round.Appeal.ID != first.ID || round.Appeal.State != campaigns.AppealIssuing {
		t.Fatalf("LetIn = %+v", round)
	}
	if again, err := w.store.LetIn(w.ctx, w.one, c.ID); err != nil || again.Members != 0 {
		t.Errorf("pressed again: %+v, %v; want nobody", again, err)
	}
	w.must(w.members.Leave(w.ctx, w.one, joined[1], members.ByPage)) // between the press and the claim
	w.send(first.ID, campaigns.Accepted)
	got, r := w.receipt(first.ID)
	if got.State != campaigns.AppealComplete || *r.Eligible != 6 || r.Late != 2 || r.Accepted != 4 || r.Skipped["left"] != 2 || !r.Closes() {
		t.Errorf("%s, %+v (eligible %d); want four and two who joined late", got.State, r, *r.Eligible)
	}
	if d := w.delivery(first.ID, joined[0]); d.Language != "fr" || d.State != "accepted" {
		t.Errorf("who joined late: %+v, want it in French", d)
	}

	update := w.appeal(c.ID, campaigns.KindUpdate)
	w.launch(update.ID)
	w.fill(update.ID)
	w.send(update.ID, campaigns.Accepted)
	if got, r := w.receipt(update.ID); got.State != campaigns.AppealComplete || *r.Eligible != 4 {
		t.Errorf("the update: %s for %d; want the three there before, and the one let in", got.State, *r.Eligible)
	}
	w.addMembers(1, "en")
	round, err = w.store.LetIn(w.ctx, w.one, c.ID)
	w.must(err)
	w.send(update.ID, campaigns.Accepted)
	if got, r := w.receipt(update.ID); round.Appeal.ID != update.ID || round.Members != 1 || got.State != campaigns.AppealComplete || *r.Eligible != 5 || r.Late != 1 || !r.Closes() {
		t.Errorf("let in after the update: %+v, %s, %+v; want one who gets the update and not the first", round, got.State, r)
	}
	if n := w.events("appeal.let_in"); n != 2 {
		t.Errorf("on record %d times, want twice", n)
	}
}

func TestS2_LateJoinersLetInTwentyTimesAtOnceAreLetInOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	w.addMembers(5, "en")
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all int64
	for i := range 20 {
		wg.Go(func() {
			if i == 10 {
				w.addMembers(5, "en") // more join in this moment: now or at the next press
			}
			round, err := w.store.LetIn(w.ctx, w.one, c.ID)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all += round.Members
		})
	}
	wg.Wait()
	w.send(first.ID, campaigns.Accepted)
	if got, r := w.receipt(first.ID); all != 10 || got.State != campaigns.AppealComplete || *r.Eligible != 12 || r.Accepted != 12 || r.Late != 10 || !r.Closes() {
		t.Errorf("let in %d, %s, %+v; want ten, each once", all, got.State, r)
	}
}

func TestLateJoinersAreLetInNowhereThatTheyShouldNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(3, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	w.addMembers(1, "en")
	refused := func(what string) {
		t.Helper()
		if round, err := w.store.LetIn(w.ctx, w.one, c.ID); !failure.Is(err, failure.Conflict) {
			t.Errorf("%s: %+v, %v; want Conflict", what, round, err)
		}
		if late := w.late(c.ID); late != (campaigns.LateJoiners{}) {
			t.Errorf("%s: offered to %+v", what, late)
		}
	}
	_, err := w.store.Stop(w.ctx, w.one, first.ID)
	w.must(err)
	refused("the appeal is stopped")
	_, err = w.store.Resume(w.ctx, w.one, first.ID)
	w.must(err)
	if round, err := w.store.LetIn(w.ctx, w.one, c.ID); err != nil || round.Members != 1 {
		t.Errorf("while it is leaving: %+v, %v; want the one let in", round, err)
	}
	w.send(first.ID, campaigns.Accepted)
	if _, r := w.receipt(first.ID); *r.Eligible != 4 || !r.Closes() {
		t.Errorf("%+v", r)
	}
	w.addMembers(1, "en")
	dbtest.MoveClock(t, w.db, 20*24*time.Hour)
	refused("the deadline has passed")
	dbtest.MoveClock(t, w.db, time.Minute)
	stop := w.appeal(c.ID, campaigns.KindStopAction)
	w.launch(stop.ID)
	w.fill(stop.ID)
	w.send(stop.ID, campaigns.Accepted)
	refused("stop action was told")
	if _, err := w.store.LetIn(w.ctx, w.one, 4711); !failure.Is(err, failure.NotFound) {
		t.Errorf("of no campaign: %v", err)
	}
}

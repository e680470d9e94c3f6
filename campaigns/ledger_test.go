package campaigns_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/members"
)

func TestI1_EveryEligibleMemberEndsInOneBucketAndTheReceiptCloses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(7, "en")
	w.addMembers(1, "fr")
	gone := w.addMembers(1, "en")[0]
	w.must(w.members.Leave(w.ctx, w.one, gone, members.ByStaff))
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)

	reach, err := w.store.Reach(w.ctx, a.ID)
	w.must(err)
	if diff := cmp.Diff(campaigns.Reach{Members: 8, Languages: map[string]int64{"en": 7, "fr": 1}}, reach); diff != "" {
		t.Errorf("Reach (-want +got):\n%s", diff)
	}
	w.launch(a.ID)
	late := w.addMembers(1, "en")[0] // joined after the launch
	batches := w.fill(a.ID)
	w.must(w.members.Leave(w.ctx, w.one, ids[0], members.ByPage)) // left between slice and claim

	window, rows := w.claim(batches[0], 10)
	if len(rows) != 1 || rows[0].MemberID != ids[1] {
		t.Fatalf("claimed %v, want member %d alone: %d has left", rows, ids[1], ids[0])
	}
	w.settle(window, rows, campaigns.Refused)
	w.must(w.store.CloseWindow(w.ctx, window))
	w.send(a.ID, campaigns.Accepted)

	got, r := w.receipt(a.ID)
	eight := int64(8)
	want := campaigns.Receipt{Eligible: &eight, Accepted: 6, Refused: 1, Refusals: map[string]int64{"address": 1}, Skipped: map[string]int64{"left": 1}, Lately: 6,
		FirstAcceptedAt: r.FirstAcceptedAt, LastAcceptedAt: r.LastAcceptedAt}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("receipt (-want +got):\n%s", diff)
	}
	if got.State != campaigns.AppealComplete || !r.Closes() {
		t.Errorf("state %s, closes %v; want complete and closed", got.State, r.Closes())
	}
	list, err := w.store.Deliveries(w.ctx, a.ID, "", campaigns.Page{Limit: 100})
	w.must(err)
	for _, d := range list {
		if d.MemberID == late || d.MemberID == gone {
			t.Errorf("member %d has a row; they were not subscribed at the launch", d.MemberID)
		}
	}
}

func TestC1_FiftyLaunchesAreOneFanOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(3, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if got, err := w.store.Launch(w.ctx, w.one, a.ID, write); err != nil || got.State != campaigns.AppealIssuing {
				t.Errorf("Launch = %s, %v", got.State, err)
			}
		})
	}
	wg.Wait()
	var jobs int
	w.must(w.db.QueryRow(w.ctx, "SELECT count(*) FROM river_job WHERE kind = 'fan_out'").Scan(&jobs))
	if jobs != 1 {
		t.Errorf("%d fan-outs were promised, want 1", jobs)
	}
	w.fill(a.ID)
	w.send(a.ID, campaigns.Accepted)
	if got, err := w.store.Launch(w.ctx, w.two, a.ID, write); err != nil || got.State != campaigns.AppealComplete {
		t.Errorf("a late retry = %s, %v; want the appeal as it is, complete", got.State, err)
	}
	if _, r := w.receipt(a.ID); r.Accepted != 3 || !r.Closes() {
		t.Errorf("receipt %+v", r)
	}
}

func TestI2_ConcurrentClaimsNeverShareARow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(40, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	w.fill(a.ID)
	whole := campaigns.Batch{AppealID: a.ID, FirstMember: ids[0], LastMember: ids[39]}
	var mu sync.Mutex
	seen := map[int64]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				window, rows, _, err := w.store.Claim(w.ctx, whole, 3, time.Minute, same)
				if err != nil || len(rows) == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				for _, row := range rows {
					seen[row.MemberID]++
				}
				mu.Unlock()
				_ = window
			}
		})
	}
	wg.Wait()
	if len(seen) != 40 {
		t.Errorf("%d members claimed, want 40", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("member %d was claimed %d times", id, n)
		}
	}
}

func TestI4_AfterAStopNothingIsClaimedAndItIsStoppedWhenWindowsAreBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(6, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	batches := w.fill(a.ID)
	window, rows := w.claim(batches[0], 10)

	s, err := w.store.Stop(w.ctx, w.one, a.ID)
	w.must(err)
	if s.Appeal.State != campaigns.AppealStopping || s.InFlight != 2 {
		t.Fatalf("Stop = %s with %d in flight, want stopping with 2", s.Appeal.State, s.InFlight)
	}
	if _, more, live, err := w.store.Claim(w.ctx, batches[1], 10, time.Minute, same); err != nil || live || len(more) > 0 {
		t.Fatalf("Claim after the stop = %d rows, live %v, %v", len(more), live, err)
	}
	w.settle(window, rows[:1], campaigns.Accepted)
	w.must(w.store.GiveBack(w.ctx, window))
	got, r := w.receipt(a.ID)
	if got.State != campaigns.AppealStopped || r.Accepted != 1 || r.Stopped != 5 || r.Queued != 0 || !r.Closes() {
		t.Errorf("after the last window: %s, %+v; want stopped, 1 accepted, 5 stopped", got.State, r)
	}

	if _, err := w.store.Resume(w.ctx, w.one, a.ID); err != nil {
		t.Fatal(err)
	}
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Accepted != 6 || r.Stopped != 0 {
		t.Errorf("after resuming: %s, %+v; want complete with 6 accepted", got.State, r)
	}
}

func TestC2_StopWhileWindowsCloseNeverHangs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(8, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	w.fill(a.ID)
	whole := campaigns.Batch{AppealID: a.ID, FirstMember: ids[0], LastMember: ids[7]}
	for range 25 {
		window, _ := w.claim(whole, 4)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := w.store.Stop(w.ctx, w.one, a.ID); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := w.store.GiveBack(w.ctx, window); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		if got, _ := w.receipt(a.ID); got.State != campaigns.AppealStopped {
			t.Fatalf("stop and the last window met: the appeal is %s, want stopped", got.State)
		}
		if _, err := w.store.Resume(w.ctx, w.one, a.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.send(a.ID, campaigns.Accepted)
	if _, r := w.receipt(a.ID); r.Accepted != 8 || !r.Closes() {
		t.Errorf("receipt %+v", r)
	}
}

func TestF1_ADeadProcessLeavesUnknownsThatAreSentOnceMoreWithTheSameBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	b := w.fill(a.ID)[0]
	dead, rows, _, err := w.store.Claim(w.ctx, b, 10, time.Microsecond, same)
	w.must(err)
	swept, err := w.store.Sweep(w.ctx, 0, time.Minute)
	w.must(err)
	if swept.Windows != 1 {
		t.Fatalf("swept %+v, want one window", swept)
	}
	held, err := w.store.Renew(w.ctx, []int64{dead.ID}, time.Minute)
	w.must(err)
	if len(held) != 0 {
		t.Error("a swept window must not be renewed")
	}
	again, second := w.claim(b, 10)
	other, third := w.claim(b, 10)
	if len(second) != 1 || second[0].Unknowns != 1 || len(third) != 1 || third[0].Unknowns != 1 {
		t.Fatalf("claimed again: %+v and %+v, want both rows with one unknown each, and each alone", second, third)
	}
	// The dead one was only frozen: its refusal is nobody's, its 250 counts.
	w.settle(dead, rows[:1], campaigns.Refused)
	w.settle(dead, rows[1:], campaigns.Accepted)
	w.settle(again, second, campaigns.Accepted)
	w.must(w.store.CloseWindow(w.ctx, again))
	w.must(w.store.GiveBack(w.ctx, other)) // its row is accepted by now, and stays so
	if _, left := w.claim(b, 10); len(left) != 0 {
		t.Errorf("an accepted row was claimed again: %+v", left)
	}
	_, err = w.store.EndTurn(w.ctx, b, time.Minute)
	w.must(err)
	got, r := w.receipt(a.ID)
	if got.State != campaigns.AppealComplete || r.Accepted != 2 || r.Twice != 2 {
		t.Errorf("%s, %+v; want complete, 2 accepted, both maybe twice", got.State, r)
	}
}

func TestI2_ASecondCopyOfOtherBytesIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	b := w.fill(a.ID)[0]
	window, rows := w.claim(b, 1)
	w.settle(window, rows, campaigns.Unknown)
	w.must(w.store.CloseWindow(w.ctx, window))
	_, rows, _, err := w.store.Claim(w.ctx, b, 1, time.Minute, func([]campaigns.Claimed) ([]campaigns.Prepared, error) {
		return []campaigns.Prepared{{Hash: []byte("other bytes")}}, nil
	})
	w.must(err)
	if len(rows) != 0 {
		t.Fatal("a second copy of other bytes was let go")
	}
	_, err = w.store.EndTurn(w.ctx, b, time.Minute)
	w.must(err)
	if got, r := w.receipt(a.ID); r.Unknown != 1 || got.State != campaigns.AppealComplete {
		t.Errorf("%s, %+v; want complete with one unknown", got.State, r)
	}
}

func TestM7_ASecondSilenceStaysUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	w.fill(a.ID)
	w.send(a.ID, campaigns.Unknown)
	list, err := w.store.Deliveries(w.ctx, a.ID, "unknown", campaigns.Page{})
	w.must(err)
	if len(list) != 1 || list[0].Attempts != 2 || list[0].Unknowns != 2 {
		t.Errorf("deliveries %+v, want one unknown after two attempts", list)
	}
}

func TestC6_WhenTheDeadlinePassesTheRestIsTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(4, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	batches := w.fill(a.ID)
	window, rows := w.claim(batches[0], 1)
	w.settle(window, rows, campaigns.Later) // tried, told to come again
	w.must(w.store.CloseWindow(w.ctx, window))
	dbtest.MoveClock(t, w.db, 20*24*time.Hour)
	w.send(a.ID, campaigns.Accepted)
	got, r := w.receipt(a.ID)
	if r.Skipped["too_late"] != 4 || got.State != campaigns.AppealComplete {
		t.Errorf("%s, %+v; want complete, all four too late", got.State, r)
	}
}

func TestR6_AnUpdateGoesToThoseWhoGotTheFirstAndAreStillThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(5, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	batches := w.fill(first.ID) // of two members, one, and two
	for i, outcome := range []campaigns.Outcome{campaigns.Accepted, campaigns.Refused} {
		window, rows := w.claim(batches[i], 10)
		w.settle(window, rows, outcome)
		w.must(w.store.CloseWindow(w.ctx, window))
		_, err := w.store.EndTurn(w.ctx, batches[i], time.Minute)
		w.must(err)
	}
	w.must(w.members.Leave(w.ctx, w.one, ids[0], members.OneClick))
	w.addMembers(1, "en") // late: gets the current appeal another day, not the history

	update := w.appeal(c.ID, campaigns.KindUpdate)
	w.launch(update.ID)
	filled, err := w.store.FillSlice(w.ctx, update.ID, filling)
	w.must(err)
	if !filled.Again || filled.Rows != 1 {
		t.Fatalf("while the first is on its way: %+v; want one row and to go round again", filled)
	}
	w.send(first.ID, campaigns.Accepted) // the last two get the first one only now
	w.fill(update.ID)
	w.send(update.ID, campaigns.Accepted)
	got, r := w.receipt(update.ID)
	if got.State != campaigns.AppealComplete || *r.Eligible != 3 || r.Accepted != 3 {
		t.Errorf("update: %s, %+v; want complete with members %d, %d and %d", got.State, r, ids[1], ids[3], ids[4])
	}
}

func TestStopActionStopsTheCampaignAndReachesThoseWhoMayHaveIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(4, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	b := w.fill(first.ID)[0]
	window, rows := w.claim(b, 10)
	w.settle(window, rows[:1], campaigns.Accepted)
	w.settle(window, rows[1:], campaigns.Unknown) // would be sent again, but for the stop
	w.must(w.store.CloseWindow(w.ctx, window))

	stop := w.appeal(c.ID, campaigns.KindStopAction)
	w.launch(stop.ID)
	if a, r := w.receipt(first.ID); a.State != campaigns.AppealStopped || r.Unknown != 1 || r.Stopped != 2 {
		t.Errorf("first: %s, %+v; want stopped with one unknown and two stopped", a.State, r)
	}
	if got, _ := w.store.Campaign(w.ctx, c.ID); got.State != campaigns.CampaignStopped {
		t.Errorf("campaign is %s, want stopped", got.State)
	}
	if _, err := w.store.Resume(w.ctx, w.one, first.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("resuming an appeal of a stopped campaign = %v, want Conflict", err)
	}
	w.fill(stop.ID)
	w.send(stop.ID, campaigns.Accepted)
	if _, r := w.receipt(stop.ID); r.Accepted != 2 || !r.Closes() {
		t.Errorf("stop action: %+v; want the two who got the first or may have", r)
	}
}

func TestStoppedCampaignStopsItsAppealsUntilBothAreResumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	c := w.campaign(w.addCase().ID)
	if _, err := w.store.StopCampaign(w.ctx, w.one, c.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("stopping a draft = %v, want Conflict", err)
	}
	a := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(a.ID)
	w.fill(a.ID)
	for range 2 {
		got, err := w.store.StopCampaign(w.ctx, w.one, c.ID)
		if err != nil || got.State != campaigns.CampaignStopped {
			t.Fatalf("StopCampaign = %s, %v", got.State, err)
		}
	}
	if got, _ := w.receipt(a.ID); got.State != campaigns.AppealStopped {
		t.Errorf("its appeal is %s, want stopped", got.State)
	}
	if _, err := w.store.Resume(w.ctx, w.one, a.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("resuming its appeal first = %v, want Conflict", err)
	}
	_, err := w.store.ResumeCampaign(w.ctx, w.one, c.ID)
	w.must(err)
	_, err = w.store.Resume(w.ctx, w.one, a.ID)
	w.must(err)
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Accepted != 2 {
		t.Errorf("%s, %+v; want complete with two", got.State, r)
	}
}

func TestEligibleIsCountedAsOfTheLaunch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	group, err := w.members.AddGroup(w.ctx, w.one, "Montréal", "Montréal")
	w.must(err)
	ids := w.addMembers(3, "fr")
	in := group.ID
	for _, id := range ids[:2] {
		_, err := w.members.Update(w.ctx, w.one, id, members.Change{GroupID: &in})
		w.must(err)
	}
	c := w.campaign(w.addCase().ID)
	a, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Audience: campaigns.Audience{
		Groups: []int64{group.ID}, Languages: []string{"fr"}}, Texts: []campaigns.Text{text("en")}})
	w.must(err)
	w.launch(a.ID)
	none := int64(0)
	for _, id := range ids {
		to := &none
		if id == ids[2] {
			to = &in
		}
		_, err := w.members.Update(w.ctx, w.one, id, members.Change{GroupID: to}) // all change places after the launch
		w.must(err)
	}
	w.must(w.members.Leave(w.ctx, w.one, ids[0], members.ByPage))
	w.fill(a.ID)
	w.send(a.ID, campaigns.Accepted)
	got, r := w.receipt(a.ID)
	if got.State != campaigns.AppealComplete || *r.Eligible != 2 || r.Accepted != 1 || r.Skipped["left"] != 1 {
		t.Errorf("%s, %+v; want the two who were in the group at the launch", got.State, r)
	}
}

func TestEligibleIsExactWhileMembersComeAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(60, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	var wg sync.WaitGroup
	for _, part := range [][]int64{ids[:15], ids[15:30]} {
		wg.Go(func() {
			for _, id := range part {
				if err := w.members.Leave(w.ctx, w.one, id, members.ByPage); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() { w.addMembers(15, "en") })
	wg.Go(func() { w.launch(a.ID) })
	wg.Go(func() {
		for {
			filled, err := w.store.FillSlice(w.ctx, a.ID, filling)
			if err != nil {
				t.Error(err)
				return
			}
			if got, _ := w.store.Appeal(w.ctx, a.ID); filled.Done && got.State != campaigns.AppealDraft {
				return
			}
		}
	})
	wg.Wait()
	w.fill(a.ID)
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || !r.Closes() {
		t.Errorf("%s: eligible %d, settled %d; the receipt must close whatever happened beside the launch", got.State, *r.Eligible, r.Settled())
	}
}

func TestC15_WithTheQueueEmptiedTheLedgerAloneGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(4, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	_, err := w.db.Exec(w.ctx, "UPDATE appeals SET covered_until = now_at() - interval '1 second'")
	w.must(err)
	_, err = w.db.Exec(w.ctx, "DELETE FROM river_job")
	w.must(err)
	if swept, err := w.store.Sweep(w.ctx, 0, time.Minute); err != nil || swept.Fanouts != 1 {
		t.Errorf("Sweep = %+v, %v; want the fan-out promised again", swept, err)
	}
	w.fill(a.ID)
	_, err = w.db.Exec(w.ctx, "DELETE FROM river_job")
	w.must(err)
	_, err = w.db.Exec(w.ctx, "UPDATE batches SET covered_until = now_at() - interval '1 second'")
	w.must(err)
	if swept, err := w.store.Sweep(w.ctx, 0, time.Minute); err != nil || swept.Batches != 3 {
		t.Errorf("Sweep = %+v, %v; want all three batches promised again", swept, err)
	}
	if swept, err := w.store.Sweep(w.ctx, 0, time.Minute); err != nil || swept.Batches != 0 {
		t.Errorf("Sweep = %+v, %v; want nothing, as jobs look after all", swept, err)
	}
}

// What a dead process had claimed is unknown, sent or not; what is unknown twice is not sent again. So a row that is unknown once is claimed alone,
// and the next death makes unknown what was on the wire and nothing beside it.
func TestF1_WhatMayHaveArrivedIsClaimedAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(4, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	w.fill(a.ID)
	b := campaigns.Batch{AppealID: a.ID, FirstMember: ids[0], LastMember: ids[3]}
	first, rows := w.claim(b, 3)
	w.settle(first, rows[:1], campaigns.Accepted)
	w.settle(first, rows[1:2], campaigns.Unknown)
	w.settle(first, rows[2:], campaigns.Accepted)
	w.must(w.store.CloseWindow(w.ctx, first))
	for _, want := range []int64{ids[1], ids[3]} {
		window, got := w.claim(b, 10)
		if len(got) != 1 || got[0].MemberID != want {
			t.Fatalf("claimed %+v, want member %d alone", got, want)
		}
		w.settle(window, got, campaigns.Accepted)
		w.must(w.store.CloseWindow(w.ctx, window))
	}
}

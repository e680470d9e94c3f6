package campaigns_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
)

func TestC6_TheDeadlineEndsEveryRowThoughTheRelayIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(6, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	batches := w.fill(a.ID)
	window, rows := w.claim(batches[0], 10)
	w.settle(window, rows[:1], campaigns.Later)
	w.settle(window, rows[1:], campaigns.Unknown) // to be sent once more
	w.must(w.store.CloseWindow(w.ctx, window))
	flying, sending := w.claim(batches[1], 10)

	_, err := w.store.Sweep(w.ctx, time.Minute, time.Minute)
	w.must(err)
	if _, r := w.receipt(a.ID); r.Skipped["too_late"] != 0 {
		t.Fatalf("before the deadline: %+v", r)
	}
	dbtest.MoveClock(t, w.db, 20*24*time.Hour)
	// No job comes to a batch while the relay is down: the sweep alone ends them. A window of the future is not taken for dead here.
	_, err = w.db.Exec(w.ctx, "UPDATE windows SET lease_until = now_at() + interval '1 minute'")
	w.must(err)
	_, err = w.store.Sweep(w.ctx, time.Minute, time.Minute)
	w.must(err)
	got, r := w.receipt(a.ID)
	if got.State != campaigns.AppealIssuing || r.Skipped["too_late"] != 5 || r.Sending != 1 || len(w.batches(a.ID)) != 1 {
		t.Fatalf("after the deadline: %s, %+v, %d batches; want five too late, one still on its connection", got.State, r, len(w.batches(a.ID)))
	}
	w.settle(flying, sending, campaigns.Later) // and is not tried again
	w.must(w.store.CloseWindow(w.ctx, flying))
	_, err = w.store.Sweep(w.ctx, time.Minute, time.Minute)
	w.must(err)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Skipped["too_late"] != 6 || !r.Closes() {
		t.Errorf("in the end: %s, %+v; want complete with six too late", got.State, r)
	}
}

func TestC6_WhatAsksForNoLettersHasAnExpiryToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	if a := w.launch(first.ID); a.ExpiresAt != nil || !a.EndsAt(c).Equal(c.DeadlineAt) {
		t.Errorf("what asks expires %v, ends %v; want the deadline %v", a.ExpiresAt, a.EndsAt(c), c.DeadlineAt)
	}
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	stop := w.appeal(c.ID, campaigns.KindStopAction)
	launched := w.launch(stop.ID)
	if launched.ExpiresAt == nil || launched.ExpiresAt.Sub(*launched.LaunchedAt).Round(time.Hour) != campaigns.TriedFor {
		t.Fatalf("launched %v, expires %v", launched.LaunchedAt, launched.ExpiresAt)
	}
	w.fill(stop.ID)
	w.send(stop.ID, campaigns.Later)
	if got, r := w.receipt(stop.ID); got.State != campaigns.AppealIssuing || r.Deferred != 2 {
		t.Fatalf("told later: %s, %+v", got.State, r)
	}
	dbtest.MoveClock(t, w.db, campaigns.TriedFor-time.Hour)
	b := w.batches(stop.ID)[0]
	window, rows := w.claim(b, 1)
	w.settle(window, rows, campaigns.Later)
	w.must(w.store.CloseWindow(w.ctx, window))
	if len(rows) != 1 {
		t.Fatal("an hour before it expires, nothing is tried")
	}
	dbtest.MoveClock(t, w.db, campaigns.TriedFor+time.Hour)
	w.send(stop.ID, campaigns.Accepted)
	if got, r := w.receipt(stop.ID); got.State != campaigns.AppealComplete || r.Skipped["too_late"] != 2 {
		t.Errorf("after two weeks: %s, %+v; want both too late", got.State, r)
	}
}

func TestWhatAsksForNoLettersIsTriedAnewWhereItIsResumed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	stop := w.appeal(c.ID, campaigns.KindStopAction)
	w.launch(stop.ID)
	w.fill(stop.ID)
	_, err := w.store.Stop(w.ctx, w.one, stop.ID)
	w.must(err)
	dbtest.MoveClock(t, w.db, 2*campaigns.TriedFor)
	_, err = w.store.Resume(w.ctx, w.one, stop.ID)
	w.must(err)
	w.send(stop.ID, campaigns.Accepted)
	if got, r := w.receipt(stop.ID); got.State != campaigns.AppealComplete || r.Accepted != 1 {
		t.Errorf("resumed after a month: %s, %+v; want it accepted", got.State, r)
	}
}

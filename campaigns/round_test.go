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

// settleAs settles one row by an outcome, a refusal with its reason.
func (w *world) settleAs(window campaigns.Window, row campaigns.Claimed, outcome campaigns.Outcome, reason string) {
	w.t.Helper()
	w.must(w.store.Settle(w.ctx, []campaigns.Verdict{{Window: window, MemberID: row.MemberID, Outcome: outcome, Code: 550, Reply: "said the relay",
		Reason: reason}}, campaigns.RetryWaits))
}

// failing sends a first appeal that holds unknowns to seven members in seven ways: accepted, refused for the address, for us, for the
// content, given up, unknown, and left.
func (w *world) failing() (a campaigns.Appeal, ids []int64) {
	w.t.Helper()
	ids = w.addMembers(7, "en")
	c := w.campaign(w.addCase().ID)
	a, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, OnUnknown: campaigns.UnknownHold, Texts: []campaigns.Text{text("en"), text("fr")}})
	w.must(err)
	w.launch(a.ID)
	w.must(w.members.Leave(w.ctx, w.one, ids[6], members.ByPage))
	w.fill(a.ID)
	for _, b := range w.batches(a.ID) {
		window, rows := w.claim(b, 10)
		for _, row := range rows {
			switch row.MemberID {
			case ids[0]:
				w.settle(window, []campaigns.Claimed{row}, campaigns.Accepted)
			case ids[1]:
				w.settleAs(window, row, campaigns.Refused, "address")
			case ids[2]:
				w.settleAs(window, row, campaigns.Refused, "us")
			case ids[3]:
				w.settleAs(window, row, campaigns.Refused, "content")
			case ids[4]:
				_, err := w.db.Exec(w.ctx, "UPDATE deliveries SET attempts = $1 WHERE appeal_id = $2 AND member_id = $3", campaigns.LastAttempt, a.ID, row.MemberID)
				w.must(err)
				w.settleAs(window, row, campaigns.Later, "")
			case ids[5]:
				w.settleAs(window, row, campaigns.Unknown, "")
			}
		}
		if len(rows) > 0 {
			w.must(w.store.CloseWindow(w.ctx, window))
		}
		_, err := w.store.EndTurn(w.ctx, b, time.Minute)
		w.must(err)
	}
	if got, _ := w.receipt(a.ID); got.State != campaigns.AppealComplete {
		w.t.Fatalf("the appeal is %s, want complete", got.State)
	}
	return a, ids
}

// deliverJobs counts the batches that were promised.
func (w *world) deliverJobs() (n int) {
	w.t.Helper()
	w.must(w.db.QueryRow(w.ctx, "SELECT count(*) FROM river_job WHERE kind = 'deliver_batch'").Scan(&n))
	return n
}

func (w *world) delivery(appealID, memberID int64) campaigns.Delivery {
	w.t.Helper()
	list, err := w.store.Deliveries(w.ctx, appealID, "", campaigns.Page{After: memberID - 1, Limit: 1})
	w.must(err)
	return list[0]
}

func TestRetrySendsOnceMoreWhatFailedInTheWaysNamedAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, ids := w.failing()
	failed, err := w.store.Failed(w.ctx, a.ID)
	w.must(err)
	for _, f := range campaigns.Failures() {
		if failed[f] != 1 {
			t.Errorf("failed by %s: %d, want 1", f, failed[f])
		}
	}
	round, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUs, campaigns.FailureGaveUp, campaigns.FailureUs})
	w.must(err)
	if round.Members != 2 || round.Appeal.State != campaigns.AppealIssuing || round.Appeal.CompletedAt != nil {
		t.Fatalf("Retry = %+v, want two, issuing", round)
	}
	if _, r := w.receipt(a.ID); r.Queued != 2 || r.Refused != 2 || r.Closes() {
		t.Errorf("while it goes on: %+v, want two waiting, two refused for address and content", r)
	}
	w.send(a.ID, campaigns.Accepted)
	got, r := w.receipt(a.ID)
	if got.State != campaigns.AppealComplete || r.Accepted != 3 || r.Refusals["address"] != 1 || r.Refusals["content"] != 1 || r.Unknown != 1 ||
		r.Skipped["left"] != 1 || r.Twice != 0 || !r.Closes() {
		t.Errorf("in the end: %s, %+v", got.State, r)
	}
	if d := w.delivery(a.ID, ids[4]); d.State != "accepted" || d.Attempts != campaigns.LastAttempt+1 {
		t.Errorf("who was given up: %+v, want accepted at the attempt after the last", d)
	}
	if n := w.events("appeal.retry"); n != 1 {
		t.Errorf("on record %d times, want once", n)
	}
}

func TestRetryGivesARowThatWasGivenUpAllItsAttemptsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, ids := w.failing()
	_, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureGaveUp})
	w.must(err)
	w.send(a.ID, campaigns.Later)
	if d := w.delivery(a.ID, ids[4]); d.State != "deferred" || d.Attempts != campaigns.LastAttempt+1 {
		t.Errorf("told later once more: %+v, want deferred, not given up again at once", d)
	}
}

func TestI2_AnUnknownThatAPersonSendsAgainMayHaveComeTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, ids := w.failing()
	_, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUnknown})
	w.must(err)
	b := w.batches(a.ID)[0]
	_, rows, _, err := w.store.Claim(w.ctx, b, 1, time.Minute, func([]campaigns.Claimed) ([]campaigns.Prepared, error) {
		return []campaigns.Prepared{{Hash: []byte("32 bytes that were not sent then")}}, nil
	})
	w.must(err)
	if len(rows) != 0 {
		t.Fatal("a second copy of other bytes was let go")
	}
	_, err = w.store.EndTurn(w.ctx, b, time.Minute)
	w.must(err)
	if d := w.delivery(a.ID, ids[5]); d.State != "unknown" || *d.Reason != "bytes_changed" {
		t.Fatalf("%+v, want held", d)
	}
	if again, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUnknown}); err != nil || again.Members != 0 {
		t.Errorf("what is held for its bytes is tried again: %+v, %v", again, err)
	}
	_, err = w.db.Exec(w.ctx, "UPDATE deliveries SET reason = 'silence' WHERE appeal_id = $1 AND state = 'unknown'", a.ID)
	w.must(err)
	_, err = w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUnknown})
	w.must(err)
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Accepted != 2 || r.Twice != 1 || r.Unknown != 0 || !r.Closes() {
		t.Errorf("%s, %+v; want it accepted, maybe twice", got.State, r)
	}
}

func TestS2_RetryPressedTwentyTimesAtOnceGoesOutOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, _ := w.failing()
	before := w.deliverJobs()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			round, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUs, campaigns.FailureContent})
			if err != nil || round.Members != 2 || round.Appeal.State != campaigns.AppealIssuing {
				t.Errorf("Retry = %+v, %v; want the same two for all", round, err)
			}
		})
	}
	wg.Wait()
	if n := w.events("appeal.retry"); n != 1 {
		t.Errorf("on record %d times, want once", n)
	}
	if _, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUnknown}); !failure.Is(err, failure.Conflict) {
		t.Errorf("another retry while that goes on = %v, want Conflict", err)
	}
	w.send(a.ID, campaigns.Accepted)
	if again, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUs}); err != nil || again.Members != 0 || again.Appeal.State != campaigns.AppealComplete {
		t.Errorf("pressed when nothing has failed any more = %+v, %v; want it to stay complete", again, err)
	}
	if _, r := w.receipt(a.ID); r.Accepted != 3 || !r.Closes() || w.deliverJobs() != before+1 {
		t.Errorf("receipt %+v, %d jobs, %d before", r, w.deliverJobs(), before)
	}
}

func TestI5_RetryAsksAgainWhoHasLeftOrIsSuppressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, ids := w.failing()
	w.must(w.members.Leave(w.ctx, w.one, ids[2], members.ByPage))
	known, err := w.members.Some(w.ctx, ids[3:4])
	w.must(err)
	w.must(w.members.Suppress(w.ctx, w.one, known[0].Address, members.AskedStaff))
	_, err = w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUs, campaigns.FailureContent})
	w.must(err)
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Accepted != 1 || r.Skipped["left"]+r.Skipped["suppressed"] != 3 || !r.Closes() {
		t.Errorf("%s, %+v; want nobody new accepted", got.State, r)
	}
}

func TestRetryIsRefusedWhereItCouldDoHarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, _ := w.failing()
	us := []string{campaigns.FailureUs}
	refused := func(what string, kind failure.Kind, failures []string) {
		t.Helper()
		if _, err := w.store.Retry(w.ctx, w.one, a.ID, failures); !failure.Is(err, kind) {
			t.Errorf("%s: %v, want %s", what, err, kind)
		}
	}
	refused("without a failure", failure.Invalid, nil)
	refused("for a refused address", failure.Invalid, []string{"address"})
	if _, err := w.store.Retry(w.ctx, w.one, 4711, us); !failure.Is(err, failure.NotFound) {
		t.Errorf("of no appeal: %v", err)
	}
	_, err := w.store.StopCampaign(w.ctx, w.one, a.CampaignID)
	w.must(err)
	refused("of a stopped campaign", failure.Conflict, us)
	_, err = w.store.ResumeCampaign(w.ctx, w.one, a.CampaignID)
	w.must(err)
	update := w.appeal(a.CampaignID, campaigns.KindUpdate)
	if _, err := w.store.Retry(w.ctx, w.one, update.ID, us); !failure.Is(err, failure.Conflict) {
		t.Errorf("of a draft: %v", err)
	}
	w.launch(update.ID)
	refused("after an update has gone out", failure.Conflict, us)
	dbtest.MoveClock(t, w.db, 20*24*time.Hour)
	refused("after the deadline", failure.Conflict, us)
	if _, r := w.receipt(a.ID); r.Queued != 0 || w.events("appeal.retry") != 0 {
		t.Errorf("receipt %+v: something goes out all the same", r)
	}
}

func TestC6_ARetryEndsWithTheDeadlineToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	a, _ := w.failing()
	_, err := w.store.Retry(w.ctx, w.one, a.ID, campaigns.Failures())
	w.must(err)
	dbtest.MoveClock(t, w.db, 20*24*time.Hour)
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || r.Skipped["too_late"] != 4 || r.Accepted != 1 || !r.Closes() {
		t.Errorf("%s, %+v; want all four too late", got.State, r)
	}
}

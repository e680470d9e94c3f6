package campaigns_test

import (
	"sync"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestC2_ClaimsCannotHoldOffAStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(4, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	b := w.fill(a.ID)[0]
	claiming, stopped := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, rows, live, err := w.store.Claim(w.ctx, b, 10, time.Minute, func(rows []campaigns.Claimed) ([]campaigns.Prepared, error) {
			close(claiming)
			<-stopped // the stop is answered while this claim is still under way
			return same(rows)
		})
		if err != nil || live || len(rows) > 0 {
			t.Errorf("a claim that met a stop = %d rows, live %v, %v; want nothing", len(rows), live, err)
		}
	})
	<-claiming
	if s, err := w.store.Stop(w.ctx, w.one, a.ID); err != nil || s.Appeal.State != campaigns.AppealStopped {
		t.Errorf("Stop beside a claim = %s, %v; want stopped at once", s.Appeal.State, err)
	}
	close(stopped)
	wg.Wait()
	if _, r := w.receipt(a.ID); r.Stopped != 4 || r.Sending != 0 {
		t.Errorf("receipt %+v, want all four stopped", r)
	}
}

func TestR2_AnOfficeChangedAfterTheYesNeedsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	theCase := w.addCase()
	c := w.campaign(theCase.ID)
	_, err := w.store.RecordOriginStateKnows(w.ctx, w.one, theCase.ID, "The consulate interviewed him.")
	w.must(err)
	w.must(w.store.AddCampaignTarget(w.ctx, w.one, c.ID, w.ir.ID))
	w.must(w.store.Agree(w.ctx, w.two, c.ID, w.ir.ID))
	_, err = w.store.ChangeTarget(w.ctx, w.one, w.ir.ID, campaigns.NewTarget{Code: "IR-INT", Kind: "minister", Country: "IR", Power: campaigns.PowerDecides,
		Office: campaigns.Texts{"en": "Minister of Intelligence"}, PostalAddress: "Elsewhere"})
	w.must(err)
	targets, err := w.store.CampaignTargets(w.ctx, c.ID)
	w.must(err)
	for _, target := range targets {
		if target.ID == w.ir.ID && target.Agreed() {
			t.Error("the yes to one office still stands for another")
		}
	}
}

func TestCorrectionAsksOnlyWhileLettersAreWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	correction := w.launch(w.appeal(c.ID, campaigns.KindCorrection).ID)
	if !correction.Asking {
		t.Error("a correction of an active campaign asks for letters")
	}
	b := w.fill(correction.ID)[0]
	w.launch(w.appeal(c.ID, campaigns.KindStopAction).ID)
	if _, rows, live, err := w.store.Claim(w.ctx, b, 10, time.Minute, same); err != nil || live || len(rows) > 0 {
		t.Errorf("after the stop action the correction is still claimed: %d rows, live %v, %v", len(rows), live, err)
	}
	_, err := w.store.CloseCampaign(w.ctx, w.one, c.ID, campaigns.Closing{Outcome: "stay_granted"})
	w.must(err)
	late := w.launch(w.appeal(c.ID, campaigns.KindCorrection).ID)
	if late.Asking {
		t.Error("a correction of a closed campaign asks for letters")
	}
}

func TestResumeDoesNotSendOldWordsAfterNewOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(4, "en")
	c := w.campaign(w.addCase().ID)
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	b := w.fill(first.ID)[0]
	window, rows := w.claim(b, 2)
	w.settle(window, rows, campaigns.Accepted)
	w.must(w.store.CloseWindow(w.ctx, window))
	_, err := w.store.Stop(w.ctx, w.one, first.ID)
	w.must(err)
	w.launch(w.appeal(c.ID, campaigns.KindCorrection).ID)
	if _, err := w.store.Resume(w.ctx, w.one, first.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("Resume = %v, want Conflict", err)
	}
}

func TestI3_AcceptedNeedsTheRelaysWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	window, rows := w.claim(w.fill(a.ID)[0], 1)
	err := w.store.Settle(w.ctx, []campaigns.Verdict{{Window: window, MemberID: rows[0].MemberID, Outcome: campaigns.Accepted}}, campaigns.RetryWaits)
	if err == nil {
		t.Error("a row was marked accepted without a code")
	}
}

func TestTwoVerdictsOnOneRowInOneWriteAreTheAcceptedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	window, rows := w.claim(w.fill(a.ID)[0], 1)
	refused := campaigns.Verdict{Window: window, MemberID: rows[0].MemberID, Outcome: campaigns.Refused, Code: 550, Reply: "no", Reason: "address"}
	accepted := refused
	accepted.Window.ID--
	accepted.Outcome, accepted.Code, accepted.Reply = campaigns.Accepted, 250, "ok"
	w.must(w.store.Settle(w.ctx, []campaigns.Verdict{refused, accepted}, campaigns.RetryWaits))
	if _, r := w.receipt(a.ID); r.Accepted != 1 {
		t.Errorf("receipt %+v, want the 250 to count", r)
	}
}

func TestMoveDeadlineIntoThePastIsRefusedWhileAnAppealLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	c := w.campaign(w.addCase().ID)
	w.launch(w.appeal(c.ID, campaigns.KindFirst).ID)
	past := soon()
	past.DeadlineDay = campaigns.DayOf(time.Now().AddDate(-1, 0, 0))
	_, err := w.store.MoveDeadline(w.ctx, w.one, c.ID, past)
	wrongField(t, err, "deadline_day")
}

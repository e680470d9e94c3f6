package campaigns_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

// sentIn sends a first appeal of a campaign of its own on a case to members in turn: accepted, refused, unknown, waiting, accepted, …
func (w *world) sentIn(caseID int64) campaigns.Appeal {
	w.t.Helper()
	a := w.appeal(w.campaign(caseID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	w.fill(a.ID)
	i := 0
	for _, b := range w.batches(a.ID) {
		window, rows := w.claim(b, 10)
		for _, row := range rows {
			w.settle(window, []campaigns.Claimed{row}, []campaigns.Outcome{campaigns.Accepted, campaigns.Refused, campaigns.Unknown, campaigns.Later}[i%4])
			i++
		}
		w.must(w.store.CloseWindow(w.ctx, window))
	}
	return a
}

func (w *world) without(campaignID int64, a campaigns.Audience) (campaigns.Appeal, error) {
	return w.store.AddAppeal(w.ctx, w.one, campaignID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Audience: a, Texts: []campaigns.Text{text("en"), text("fr")}})
}

func TestWhoHadAnEarlierOneIsLeftOutAsOfTheLaunch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(4, "en")
	theCase := w.addCase().ID
	other := w.sentIn(theCase) // one accepted, one refused, one unknown that is to be sent again, one told later
	for name, audience := range map[string]campaigns.Audience{
		"named": {WithoutCampaigns: []int64{other.CampaignID}}, "same case": {WithoutCase: true},
		"both": {WithoutCampaigns: []int64{other.CampaignID}, WithoutCase: true}} {
		a, err := w.without(w.campaign(theCase).ID, audience)
		w.must(err)
		reach, err := w.store.Reach(w.ctx, a.ID)
		w.must(err)
		readers, err := w.store.Readers(w.ctx, a.ID)
		w.must(err)
		if reach.Members != 2 || reach.LeftOut != 2 || readers["en"] != 2 {
			t.Errorf("%s: %+v, readers %v; want two, and two left out", name, reach, readers)
		}
		if f, err := w.store.Forecast(w.ctx, a.ID); err != nil || f.Members != 2 {
			t.Errorf("%s: the forecast is for %d, %v", name, f.Members, err)
		}
	}
	a, err := w.without(w.campaign(theCase).ID, campaigns.Audience{WithoutCampaigns: []int64{other.CampaignID}})
	w.must(err)
	w.launch(a.ID)
	w.send(other.ID, campaigns.Accepted) // what becomes of the other one now changes nothing any more
	dbtest.MoveClock(t, w.db, time.Hour)
	w.send(other.ID, campaigns.Accepted)
	w.fill(a.ID)
	w.send(a.ID, campaigns.Accepted)
	got, r := w.receipt(a.ID)
	if got.State != campaigns.AppealComplete || *r.Eligible != 2 || r.Accepted != 2 || !r.Closes() {
		t.Errorf("%s, %+v; want the two who had nothing at the launch", got.State, r)
	}
	if _, o := w.receipt(other.ID); o.Accepted != 3 {
		t.Errorf("the other: %+v", o)
	}
}

func TestLateJoinersWhoHadAnEarlierOneAreLeftOutToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	theCase := w.addCase().ID
	a, err := w.without(w.campaign(theCase).ID, campaigns.Audience{WithoutCase: true})
	w.must(err)
	w.launch(a.ID)
	w.fill(a.ID)
	w.send(a.ID, campaigns.Accepted)
	w.addMembers(1, "en")
	other := w.appeal(w.campaign(theCase).ID, campaigns.KindFirst)
	w.launch(other.ID)
	w.fill(other.ID)
	w.send(other.ID, campaigns.Accepted)
	w.addMembers(1, "en")
	round, err := w.store.LetIn(w.ctx, w.one, a.CampaignID)
	w.must(err)
	w.send(a.ID, campaigns.Accepted)
	if got, r := w.receipt(a.ID); round.Members != 1 || got.State != campaigns.AppealComplete || *r.Eligible != 2 || !r.Closes() {
		t.Errorf("%+v, %s, %+v; want the one who had nothing", round, got.State, r)
	}
}

func TestLeavingOutIsCheckedAsItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	c := w.campaign(w.addCase().ID)
	policy, err := w.store.AddCampaign(w.ctx, w.one, campaigns.NewCampaign{Title: "A law", Deadline: soon()})
	w.must(err)
	for name, test := range map[string]struct {
		campaign int64
		audience campaigns.Audience
	}{
		"no such campaign": {c.ID, campaigns.Audience{WithoutCampaigns: []int64{4711}}},
		"itself":           {c.ID, campaigns.Audience{WithoutCampaigns: []int64{c.ID}}},
		"no case":          {policy.ID, campaigns.Audience{WithoutCase: true}},
		"too many":         {c.ID, campaigns.Audience{WithoutCampaigns: make([]int64, 51)}},
	} {
		if _, err := w.without(test.campaign, test.audience); !failure.Is(err, failure.Invalid) {
			t.Errorf("%s: %v, want Invalid", name, err)
		}
	}
	a, err := w.without(c.ID, campaigns.Audience{WithoutCampaigns: []int64{policy.ID}, WithoutCase: true})
	w.must(err)
	w.must(w.store.SetAudience(w.ctx, w.one, a.ID, campaigns.Audience{}, ""))
	if got, err := w.store.Appeal(w.ctx, a.ID); err != nil || len(got.LeaveOutCampaigns) != 0 || got.LeaveOutCase {
		t.Errorf("after it was taken back: %+v, %v", got, err)
	}
	w.launch(a.ID)
	_, err = w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindUpdate, Audience: campaigns.Audience{WithoutCase: true}})
	if !failure.Is(err, failure.Invalid) {
		t.Errorf("an update that leaves out: %v, want Invalid", err)
	}
}

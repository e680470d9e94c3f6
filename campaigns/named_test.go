package campaigns_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

// named drafts an update for some members, with texts.
func (w *world) named(campaignID int64, members ...int64) campaigns.Appeal {
	w.t.Helper()
	a, err := w.store.AddNamed(w.ctx, w.one, campaignID, members)
	w.must(err)
	for _, language := range []string{"en", "fr"} {
		w.must(w.store.PutText(w.ctx, w.one, a.ID, text(language)))
	}
	return a
}

// got are the members in an appeal's ledger who got it.
func (w *world) got(appealID int64) map[int64]bool {
	w.t.Helper()
	rows, err := w.store.Deliveries(w.ctx, appealID, "accepted", campaigns.Page{Limit: 200})
	w.must(err)
	list := map[int64]bool{}
	for _, r := range rows {
		list[r.MemberID] = true
	}
	return list
}

func TestR6_AnUpdateForSomeGoesToThoseOfThemWhoGotTheFirstAndAreStillThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(12, "en")
	first := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(first.ID)
	refused := map[int64]bool{}
	for i, b := range w.fill(first.ID) { // the first of each batch is refused, and so never had it
		window, rows := w.claim(b, 10)
		if i == 0 {
			w.settle(window, rows[:1], campaigns.Refused)
			refused[rows[0].MemberID] = true
			rows = rows[1:]
		}
		w.settle(window, rows, campaigns.Accepted)
		w.must(w.store.CloseWindow(w.ctx, window))
		_, err := w.store.EndTurn(w.ctx, b, time.Minute)
		w.must(err)
	}
	joined := w.addMembers(1, "en")[0] // never had the first: named or not, nothing is said to them
	before, after := ids[4], ids[5]
	names := []int64{ids[0], ids[2], ids[3], before, after, joined, ids[11], ids[2]}
	a := w.named(first.CampaignID, names...)
	w.must(w.members.Leave(w.ctx, w.one, before, "staff"))
	want := []int64{ids[2], ids[3], after, ids[11]}
	if !refused[ids[0]] {
		t.Fatalf("the refused one is %v, want %d", refused, ids[0])
	}
	reach, err := w.store.Reach(w.ctx, a.ID)
	w.must(err)
	readers, err := w.store.Readers(w.ctx, a.ID)
	w.must(err)
	forecast, err := w.store.Forecast(w.ctx, a.ID)
	w.must(err)
	if reach.Members != 4 || readers["en"] != 4 || forecast.Members != 4 {
		t.Errorf("reach %+v, readers %v, forecast for %d; want four of each", reach, readers, forecast.Members)
	}
	if n, err := w.store.Named(w.ctx, a.ID); err != nil || n != 7 {
		t.Errorf("%d named, %v; want each once", n, err)
	}
	w.launch(a.ID)
	w.fill(a.ID)
	w.must(w.members.Leave(w.ctx, w.one, after, "staff")) // eligible, and gone before its mail was
	w.send(a.ID, campaigns.Accepted)
	sent, r := w.receipt(a.ID)
	if sent.State != campaigns.AppealComplete || *r.Eligible != 4 || r.Accepted != 3 || !r.Closes() {
		t.Errorf("%s, %+v; want four eligible, three accepted, and that it closes", sent.State, r)
	}
	got := w.got(a.ID)
	for _, id := range want {
		if got[id] == (id == after) {
			t.Errorf("member %d got it: %v", id, got[id])
		}
	}
	if len(got) != 3 {
		t.Errorf("%v got it, want three of %v", got, want)
	}
}

func TestAnUpdateForSomeIsNoPartOfWhatIsForAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(5, "en")
	first := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	a := w.named(first.CampaignID, ids[1])
	secret := campaigns.Text{Language: "en", Subject: "To those who wrote", Headline: "For you alone", Body: "What the Minister said."}
	w.must(w.store.PutText(w.ctx, w.one, a.ID, secret))
	w.launch(a.ID)
	w.fill(a.ID)
	w.send(a.ID, campaigns.Accepted)

	c, err := w.store.Campaign(w.ctx, first.CampaignID)
	w.must(err)
	sheet, err := w.store.PublicSheet(w.ctx, c.Slug)
	w.must(err)
	if shown, _ := sheet.Text("en"); sheet.AppealID != first.ID || shown.Headline == secret.Headline {
		t.Errorf("the public page shows appeal %d, %q; want the first", sheet.AppealID, shown.Headline)
	}
	late := w.addMembers(1, "en")[0]
	if l := w.late(c.ID); l.AppealID != first.ID || l.Members != 1 {
		t.Errorf("late joiners %+v, want one for the first appeal", l)
	}
	_, err = w.store.LetIn(w.ctx, w.one, c.ID)
	w.must(err)
	w.send(first.ID, campaigns.Accepted)
	if got, r := w.receipt(first.ID); got.State != campaigns.AppealComplete || r.Accepted != 6 || !r.Closes() || w.got(a.ID)[late] {
		t.Errorf("the first: %s, %+v", got.State, r)
	}
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealComplete || *r.Eligible != 1 || r.Accepted != 1 || !r.Closes() {
		t.Errorf("the update for one: %s, %+v", got.State, r)
	}
	all := w.appeal(c.ID, campaigns.KindUpdate)
	w.launch(all.ID)
	w.fill(all.ID)
	w.send(all.ID, campaigns.Accepted)
	if _, r := w.receipt(all.ID); *r.Eligible != 6 || r.Accepted != 6 || !r.Closes() {
		t.Errorf("the update for all: %+v, want all six once", r)
	}
}

func TestWhatFailedOfAnUpdateForSomeIsTriedAgainUntilThereIsOneForAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(3, "en")
	first := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	for _, b := range w.batches(first.ID) {
		window, rows := w.claim(b, 10)
		for i, row := range rows {
			if i == 0 {
				w.settleAs(window, row, campaigns.Refused, "us")
			} else {
				w.settle(window, []campaigns.Claimed{row}, campaigns.Accepted)
			}
		}
		w.must(w.store.CloseWindow(w.ctx, window))
		_, err := w.store.EndTurn(w.ctx, b, time.Minute)
		w.must(err)
	}
	had := []int64{}
	for id := range w.got(first.ID) {
		had = append(had, id)
	}
	if len(had) == 0 || len(had) == len(ids) {
		t.Fatalf("%d of %d had the first", len(had), len(ids))
	}
	a := w.named(first.CampaignID, had...)
	w.launch(a.ID)
	w.fill(a.ID)
	for _, b := range w.batches(a.ID) {
		window, rows := w.claim(b, 10)
		for _, row := range rows {
			w.settleAs(window, row, campaigns.Refused, "us")
		}
		w.must(w.store.CloseWindow(w.ctx, window))
		_, err := w.store.EndTurn(w.ctx, b, time.Minute)
		w.must(err)
	}
	for _, id := range []int64{first.ID, a.ID} { // who gets either now still gets the words that stand
		if round, err := w.store.Retry(w.ctx, w.one, id, []string{campaigns.FailureUs}); err != nil || round.Members == 0 {
			t.Errorf("appeal %d tried again: %+v, %v", id, round, err)
		}
		w.send(id, campaigns.Accepted)
		if got, r := w.receipt(id); got.State != campaigns.AppealComplete || !r.Closes() {
			t.Errorf("appeal %d: %s, %+v", id, got.State, r)
		}
	}
	all := w.appeal(first.CampaignID, campaigns.KindUpdate)
	w.launch(all.ID)
	if _, err := w.store.Retry(w.ctx, w.one, a.ID, []string{campaigns.FailureUs}); !failure.Is(err, failure.Conflict) {
		t.Errorf("tried again behind one for all: %v, want Conflict", err)
	}
}

func TestAnUpdateForSomeBeginsNoCampaignAnewAndNamesSomebody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	ids := w.addMembers(2, "en")
	c := w.campaign(w.addCase().ID)
	if _, err := w.store.AddNamed(w.ctx, w.one, c.ID, ids); !failure.Is(err, failure.Conflict) {
		t.Errorf("before the first appeal: %v, want Conflict", err)
	}
	first := w.appeal(c.ID, campaigns.KindFirst)
	w.launch(first.ID)
	w.fill(first.ID)
	w.send(first.ID, campaigns.Accepted)
	for _, nobody := range [][]int64{nil, {}, {1 << 40}} {
		if _, err := w.store.AddNamed(w.ctx, w.one, c.ID, nobody); !failure.Is(err, failure.Invalid) {
			t.Errorf("naming %v: %v, want Invalid", nobody, err)
		}
	}
	a := w.named(c.ID, ids...)
	_, err := w.store.StopCampaign(w.ctx, w.one, c.ID)
	w.must(err)
	if _, err := w.store.Launch(w.ctx, w.one, a.ID, write); !failure.Is(err, failure.Invalid) {
		t.Errorf("launched in a stopped campaign: %v, want Invalid", err)
	}
	if after, err := w.store.Campaign(w.ctx, c.ID); err != nil || after.State != campaigns.CampaignStopped {
		t.Errorf("the campaign is %s, %v; want it stopped as it was", after.State, err)
	}
}

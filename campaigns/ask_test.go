package campaigns_test

import (
	"testing"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func askCodes(list []campaigns.Ask) (codes string) {
	for _, a := range list {
		codes += a.Code + " "
	}
	return codes
}

// withForeign is a campaign that writes to the Minister of Foreign Affairs, too, and its first appeal.
func (w *world) withForeign() (c campaigns.Campaign, foreign campaigns.Target, a campaigns.Appeal) {
	w.t.Helper()
	foreign = w.target("CA-FA", "CA", "Minister of Foreign Affairs")
	c = w.campaign(w.addCase().ID)
	w.must(w.store.AddCampaignTarget(w.ctx, w.one, c.ID, foreign.ID))
	return c, foreign, w.appeal(c.ID, campaigns.KindFirst)
}

// TestAPointForOneOfficeIsNotPutToAnother: letters to an office make its own points and those for everybody.
func TestAPointForOneOfficeIsNotPutToAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	c, foreign, a := w.withForeign()
	abroad := campaigns.NewAsk{Code: "a2", Texts: campaigns.Texts{"en": "Ask that the Committee's request be respected."}, TargetIDs: []int64{foreign.ID}}
	w.must(w.store.AddAsk(w.ctx, w.one, c.ID, abroad))

	sheet, err := w.store.Sheet(w.ctx, a.ID)
	w.must(err)
	if askCodes(sheet.AsksFor(w.ca.ID)) != "a1 " || askCodes(sheet.AsksFor(foreign.ID)) != "a1 a2 " {
		t.Errorf("one office is asked %s, the other %s", askCodes(sheet.AsksFor(w.ca.ID)), askCodes(sheet.AsksFor(foreign.ID)))
	}

	// Its office can't be taken off behind it: the point would then be put to everybody.
	if err := w.store.RemoveCampaignTarget(w.ctx, w.one, c.ID, foreign.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("taking the office off: %v, want a conflict", err)
	}
	// A text that is mended keeps the office; an empty list lets the point go to all.
	w.must(w.store.ChangeAsk(w.ctx, w.one, c.ID, campaigns.NewAsk{Code: "a2", Texts: campaigns.Texts{"en": "Ask for respect."}}))
	list, err := w.store.Asks(w.ctx, c.ID)
	w.must(err)
	if list[1].IsFor(w.ca.ID) || list[1].Texts["en"] != "Ask for respect." {
		t.Errorf("changed to %+v", list[1])
	}
	w.must(w.store.ChangeAsk(w.ctx, w.one, c.ID, campaigns.NewAsk{Code: "a2", Texts: list[1].Texts, TargetIDs: []int64{}}))
	w.must(w.store.RemoveCampaignTarget(w.ctx, w.one, c.ID, foreign.ID))

	// One that the campaign does not write to is refused, and nothing is half done.
	wrongField(t, w.store.AddAsk(w.ctx, w.one, c.ID, campaigns.NewAsk{Code: "a3", Texts: abroad.Texts, TargetIDs: []int64{foreign.ID}}), "target_ids")
	_, err = w.store.AddCampaign(w.ctx, w.one, campaigns.NewCampaign{Title: "Another", Deadline: soon(), TargetIDs: []int64{w.ca.ID},
		Asks: []campaigns.NewAsk{{Code: "a1", Texts: abroad.Texts}, abroad}})
	wrongField(t, err, "asks.1.target_ids")
	if list, err = w.store.Asks(w.ctx, c.ID); err != nil || len(list) != 2 {
		t.Errorf("asks %v, %v, want the two from before", list, err)
	}
}

func TestAnOfficeWithoutAnyPointKeepsAnAppealBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	c, _, a := w.withForeign()
	w.must(w.store.ChangeAsk(w.ctx, w.one, c.ID, campaigns.NewAsk{Code: "a1", Texts: campaigns.Texts{"en": "Ask."}, TargetIDs: []int64{w.ca.ID}}))
	_, err := w.store.Launch(w.ctx, w.one, a.ID, write)
	wrongField(t, err, "targets.CA-FA")
}

// TestR2_APointForAnOfficeNotAgreedToIsNotTold: the point alone would tell that the receiving state is to be written to.
func TestR2_APointForAnOfficeNotAgreedToIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	theCase := w.addCase()
	c := w.campaign(theCase.ID)
	a := w.appeal(c.ID, campaigns.KindFirst)
	_, err := w.store.RecordOriginStateKnows(w.ctx, w.one, theCase.ID, "The consulate interviewed him for a travel document.")
	w.must(err)
	w.must(w.store.AddCampaignTarget(w.ctx, w.one, c.ID, w.ir.ID))
	w.must(w.store.AddAsk(w.ctx, w.one, c.ID, campaigns.NewAsk{Code: "a2", Texts: campaigns.Texts{"en": "Ask for a promise."}, TargetIDs: []int64{w.ir.ID}}))
	sheet, err := w.store.Sheet(w.ctx, a.ID)
	w.must(err)
	if askCodes(sheet.Asks) != "a1 " {
		t.Errorf("told before the second yes: %s", askCodes(sheet.Asks))
	}
	w.must(w.store.Agree(w.ctx, w.two, c.ID, w.ir.ID))
	sheet, err = w.store.Sheet(w.ctx, a.ID)
	w.must(err)
	if askCodes(sheet.Asks) != "a1 a2 " {
		t.Errorf("told after it: %s", askCodes(sheet.Asks))
	}
}

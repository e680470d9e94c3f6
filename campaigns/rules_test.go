package campaigns_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func refusedBy(t *testing.T, err error, rule string) {
	t.Helper()
	var e *failure.Error
	if err == nil || !errorAs(err, &e) || e.Rule != rule {
		t.Errorf("got %v, want a refusal by %s", err, rule)
	}
}

func wrongField(t *testing.T, err error, field string) {
	t.Helper()
	var e *failure.Error
	if errorAs(err, &e) {
		for _, f := range e.Fields {
			if f.Name == field {
				return
			}
		}
	}
	t.Errorf("got %v, want %s to be wrong", err, field)
}

func TestR3_CourtsAreNoTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	for _, n := range []campaigns.NewTarget{
		{Kind: "court", Office: campaigns.Texts{"en": "Federal Court"}},
		{Kind: "agency", Office: campaigns.Texts{"en": "Registrar, Federal Court of Canada"}},
		{Kind: "agency", Office: campaigns.Texts{"fr": "Greffe de la Cour fédérale"}},
		{Kind: "agency", Office: campaigns.Texts{"en": "President"}, Institution: campaigns.Texts{"en": "Immigration and Refugee Board"}},
		{Kind: "agency", Office: campaigns.Texts{"de": "Präsident"}, Institution: campaigns.Texts{"de": "Verwaltungsgericht"}},
		{Kind: "minister", Power: "must_not_be_lobbied", Office: campaigns.Texts{"en": "Somebody"}},
	} {
		n.Code, n.Country, n.PostalAddress = "X", "CA", "Ottawa"
		if n.Power == "" {
			n.Power = campaigns.PowerDecides
		}
		_, err := w.store.AddTarget(w.ctx, w.one, n)
		refusedBy(t, err, "R3")
	}
	if _, err := w.store.AddTarget(w.ctx, w.one, campaigns.NewTarget{Code: "OK", Kind: "agency", Country: "CA", Power: campaigns.PowerDecides,
		Office: campaigns.Texts{"en": "Courtesy desk"}, PostalAddress: "Ottawa"}); err != nil {
		t.Errorf("an office whose name only contains the letters is refused: %v", err)
	}
}

func TestR2_TheReceivingSideNeedsKnowledgeAReasonAndTwoPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	theCase := w.addCase()
	c := w.campaign(theCase.ID)
	a := w.appeal(c.ID, campaigns.KindFirst)
	embassy, err := w.store.AddTarget(w.ctx, w.one, campaigns.NewTarget{Code: "IR-EMB", Kind: "embassy", Country: "IR", Power: campaigns.PowerCanInfluence,
		Office: campaigns.Texts{"en": "Ambassador"}, PostalAddress: "Somewhere"})
	w.must(err)
	for _, id := range []int64{w.ir.ID, embassy.ID} {
		refusedBy(t, w.store.AddCampaignTarget(w.ctx, w.one, c.ID, id), "R2")
	}
	_, err = w.store.RecordOriginStateKnows(w.ctx, w.one, theCase.ID, "")
	wrongField(t, err, "reason")
	_, err = w.store.RecordOriginStateKnows(w.ctx, w.one, theCase.ID, "The consulate interviewed him for a travel document.")
	w.must(err)
	w.must(w.store.AddCampaignTarget(w.ctx, w.one, c.ID, w.ir.ID))

	sheet, err := w.store.Sheet(w.ctx, a.ID)
	w.must(err)
	if len(sheet.Targets) != 1 {
		t.Error("a target that waits for the second yes must not be on the sheet")
	}
	_, err = w.store.Launch(w.ctx, w.one, a.ID, write)
	wrongField(t, err, "targets.IR-JUS")
	refusedBy(t, w.store.Agree(w.ctx, w.one, c.ID, w.ir.ID), "R2")
	w.must(w.store.Agree(w.ctx, w.two, c.ID, w.ir.ID))
	w.launch(a.ID)
}

func TestR2_TheNationalityIsTheOriginStateToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	c, err := w.store.AddCase(w.ctx, w.one, campaigns.NewCase{Ref: "C-9", Headline: "x", RemovingCountry: "CA", ReceivingCountry: "TR",
		NationalityCountry: "IR", Removal: campaigns.Removal{Timing: campaigns.RemovalNone}})
	w.must(err)
	refusedBy(t, w.store.AddCampaignTarget(w.ctx, w.one, w.campaign(c.ID).ID, w.ir.ID), "R2")
}

func TestR10_ASubjectNamesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	c := w.campaign(w.addCase().ID)
	bad := text("en")
	bad.Subject = "Save m.r. now"
	_, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Texts: []campaigns.Text{bad}})
	wrongField(t, err, "texts.en.subject")
	bad.Subject = "Hum.r.um" // the letters are there, the name is not
	if _, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Texts: []campaigns.Text{bad}}); err != nil {
		t.Error(err)
	}
}

func TestW3_NoControlCharacterGetsIntoASubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	c := w.campaign(w.addCase().ID)
	for _, hostile := range []string{"a\r\nBcc: x@y.example", "a\nb", "a\x00b", "a\u2028b", "a\u0085b", "a\x7fb", "bad \xff utf8"} {
		bad := text("en")
		bad.Subject = hostile
		_, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Texts: []campaigns.Text{bad}})
		wrongField(t, err, "texts.en.subject")
	}
}

func TestLaunchSaysAllThatIsMissingAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	id := w.addCase().ID
	past := soon()
	past.DeadlineDay = campaigns.DayOf(time.Now().AddDate(0, 0, -3))
	c, err := w.store.AddCampaign(w.ctx, w.one, campaigns.NewCampaign{CaseID: &id, Title: "x", Deadline: past})
	w.must(err)
	a, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Texts: []campaigns.Text{text("fr")}})
	w.must(err)
	_, err = w.store.Launch(w.ctx, w.one, a.ID, write)
	for _, field := range []string{"texts.en", "asks", "targets", "deadline_day"} {
		wrongField(t, err, field)
	}
	if got, _ := w.store.Appeal(w.ctx, a.ID); got.State != campaigns.AppealDraft {
		t.Errorf("a refused launch left the appeal %s", got.State)
	}
}

func TestCampaignIsClosedOnceWithAnOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(2, "en")
	c := w.campaign(w.addCase().ID)
	a := w.appeal(c.ID, campaigns.KindFirst)
	if _, err := w.store.CloseCampaign(w.ctx, w.one, c.ID, campaigns.Closing{Outcome: "stay_granted"}); !failure.Is(err, failure.Conflict) {
		t.Errorf("closing a draft = %v, want Conflict", err)
	}
	w.launch(a.ID)
	w.fill(a.ID)
	_, err := w.store.CloseCampaign(w.ctx, w.one, c.ID, campaigns.Closing{Outcome: "won"})
	wrongField(t, err, "outcome")
	closed, err := w.store.CloseCampaign(w.ctx, w.one, c.ID, campaigns.Closing{Outcome: "stay_granted", Note: "Until the court decides."})
	w.must(err)
	if closed.State != campaigns.CampaignClosed || closed.ClosedAt == nil || *closed.Durability != "unknown" {
		t.Errorf("closed campaign: %+v", closed)
	}
	if got, r := w.receipt(a.ID); got.State != campaigns.AppealStopped || r.Stopped != 2 {
		t.Errorf("its first appeal is %s with %+v, want stopped", got.State, r)
	}
	if _, err := w.store.CloseCampaign(w.ctx, w.two, c.ID, campaigns.Closing{Outcome: "removed"}); !failure.Is(err, failure.Conflict) {
		t.Errorf("closing with another outcome = %v, want Conflict", err)
	}
	if _, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindUpdate}); !failure.Is(err, failure.Conflict) {
		t.Errorf("an update of a closed campaign = %v, want Conflict", err)
	}
	outcome := w.appeal(c.ID, campaigns.KindOutcome)
	w.launch(outcome.ID)
}

func TestNumbersFollowWithinSeriesAndYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	id := w.addCase().ID
	first, second := w.campaign(id), w.campaign(id)
	if second.Number != first.Number+1 || second.Year != first.Year || first.Slug == second.Slug {
		t.Errorf("%s and %s, slugs %s and %s", first.Reference(), second.Reference(), first.Slug, second.Slug)
	}
	c := campaigns.Campaign{Series: "UA", Number: 12, Year: 2026}
	if c.Reference() != "UA 12/26" {
		t.Errorf("Reference = %s", c.Reference())
	}
}

func TestDeadlineInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		deadline campaigns.Deadline
		want     string
	}{
		{"the whole day counts", campaigns.Deadline{DeadlineZone: "America/Toronto", DeadlineInclusive: true}, "2026-12-06T00:00:00-05:00"},
		{"the day does not count", campaigns.Deadline{DeadlineZone: "America/Toronto"}, "2026-12-05T00:00:00-05:00"},
		{"until a time", campaigns.Deadline{DeadlineZone: "America/Vancouver", DeadlineTime: "07:40", DeadlineInclusive: true}, "2026-12-05T07:40:00-08:00"},
		{"east of here", campaigns.Deadline{DeadlineZone: "Asia/Tehran", DeadlineInclusive: true}, "2026-12-06T00:00:00+03:30"},
	} {
		c.deadline.DeadlineDay, _ = campaigns.ParseDay("2026-12-05")
		got, err := c.deadline.Instant()
		if err != nil || got.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got.Format(time.RFC3339), err, c.want)
		}
	}
	// The day on which clocks go back has 25 hours.
	d := campaigns.Deadline{DeadlineZone: "America/Toronto", DeadlineInclusive: true}
	d.DeadlineDay, _ = campaigns.ParseDay("2026-11-01")
	if got, _ := d.Instant(); got.UTC().Format(time.RFC3339) != "2026-11-02T05:00:00Z" {
		t.Errorf("on the day of a clock change: %s", got.UTC())
	}
	_, err := campaigns.Deadline{DeadlineZone: "EST", DeadlineTime: "25:00"}.Instant()
	for _, field := range []string{"deadline_day", "deadline_time", "deadline_zone"} {
		wrongField(t, err, field)
	}
}

func TestCaseHoldsItsRemovalToTheTiming(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Tx(t))
	at, until := time.Now().Add(48*time.Hour), time.Now().Add(24*time.Hour)
	for _, c := range []struct {
		removal campaigns.Removal
		field   string
	}{
		{campaigns.Removal{Timing: "exact"}, "removal_at"},
		{campaigns.Removal{Timing: "exact", At: &at, Zone: "Toronto"}, "removal_zone"},
		{campaigns.Removal{Timing: "window", At: &at, Until: &until, Zone: "UTC"}, "removal_until"},
		{campaigns.Removal{Timing: "any_time", At: &at, Zone: "UTC"}, "removal_at"},
		{campaigns.Removal{Timing: "soon"}, "removal_timing"},
	} {
		_, err := w.store.AddCase(w.ctx, w.one, campaigns.NewCase{Ref: "r", Headline: "h", RemovingCountry: "CA", ReceivingCountry: "IR", Removal: c.removal})
		wrongField(t, err, c.field)
	}
	_, err := w.store.AddCase(w.ctx, w.one, campaigns.NewCase{RemovingCountry: "Canada", ReceivingCountry: "ZZ"})
	for _, field := range []string{"ref", "headline", "removing_country", "receiving_country", "removal_timing"} {
		wrongField(t, err, field)
	}
}

func TestADraftIsNotFoundAtItsPublicAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	c := w.campaign(w.addCase().ID)
	a := w.appeal(c.ID, campaigns.KindFirst)
	if _, err := w.store.PublicSheet(w.ctx, c.Slug); !failure.Is(err, failure.NotFound) {
		t.Errorf("PublicSheet of a draft = %v, want NotFound", err)
	}
	w.launch(a.ID)
	sheet, err := w.store.PublicSheet(w.ctx, c.Slug)
	if err != nil || sheet.Reference != c.Reference() || strings.Join(sheet.Languages(), " ") != "en fr" {
		t.Errorf("PublicSheet = %+v, %v", sheet, err)
	}
}

package campaigns_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

// sentBefore makes an appeal that was accepted at a steady rate some days ago, with a break of a night in the middle and a late retry, and
// leaves as many subscribed members as it had.
func (w *world) sentBefore(caseID int64, members int, perSecond float64) campaigns.Appeal {
	w.t.Helper()
	for _, statement := range []string{
		`INSERT INTO members (address_sealed, address_index, address_domain, name_sealed, language)
		 SELECT ''::bytea, sha256(n::text::bytea), 'mail.example', NULL, 'en' FROM generate_series(1, $1::int) n`,
		`INSERT INTO mailing_consents (member_id, source, given_on, words)
		 SELECT id, 'test', '2026-01-01', 'Yes.' FROM members m WHERE $1::int > 0 AND NOT EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id)`,
	} {
		_, err := w.db.Exec(w.ctx, statement, members)
		w.must(err)
	}
	a := w.appeal(w.campaign(caseID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	for done := false; !done; {
		filled, err := w.store.FillSlice(w.ctx, a.ID, campaigns.Filling{SliceRows: 10000, BatchRows: 10000, Cover: time.Minute})
		w.must(err)
		done = filled.Done
	}
	_, err := w.db.Exec(w.ctx, `
WITH numbered AS (SELECT member_id, row_number() OVER (ORDER BY member_id) AS n, count(*) OVER () AS all_of FROM deliveries WHERE appeal_id = $1)
UPDATE deliveries d
SET state = 'accepted', code = 250, reply = 'ok',
    settled_at = now_at() - interval '2 days' + make_interval(secs => n / $2::float8)
                 + CASE WHEN n > all_of / 2 THEN interval '8 hours' ELSE interval '0' END + CASE WHEN n > all_of - 5 THEN interval '1 hour' * (n % 5) ELSE interval '0' END
FROM numbered
WHERE d.appeal_id = $1 AND d.member_id = numbered.member_id`, a.ID, perSecond)
	w.must(err)
	_, err = w.db.Exec(w.ctx, "DELETE FROM batches WHERE appeal_id = $1", a.ID)
	w.must(err)
	w.must(w.store.CountEligible(w.ctx, a.ID))
	return a
}

func TestForecastBeforeAnythingWasMeasuredSaysSoAndAssumesLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(3, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	for _, c := range []struct {
		capacity  campaigns.Capacity
		perMinute int64
	}{{campaigns.Capacity{}, 300}, {campaigns.Capacity{Connections: 2}, 120}, {campaigns.Capacity{Connections: 16}, 300},
		{campaigns.Capacity{Connections: 16, PerSecond: 0.5}, 30}, {campaigns.Capacity{PerSecond: 900}, 300}} {
		w.store.Capacity = c.capacity
		f, err := w.store.Forecast(w.ctx, a.ID)
		w.must(err)
		if f.Basis != campaigns.BasisAssumed || f.PerMinute != c.perMinute || f.Members != 3 || f.Measured != 0 || f.TooLate {
			t.Errorf("with %+v: %+v, want %d a minute, assumed", c.capacity, f, c.perMinute)
		}
	}
	w.launch(a.ID)
	if _, err := w.store.Forecast(w.ctx, a.ID); !failure.Is(err, failure.Conflict) {
		t.Errorf("the forecast of what has left = %v, want Conflict", err)
	}
}

func TestForecastComesFromTheLedgerWithoutItsPauses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	theCase := w.addCase().ID
	w.sentBefore(theCase, 1000, 4)
	a := w.appeal(w.campaign(theCase).ID, campaigns.KindFirst)
	f, err := w.store.Forecast(w.ctx, a.ID)
	w.must(err)
	if f.Basis != campaigns.BasisMeasured || f.Measured != 1 || f.PerMinute < 200 || f.PerMinute > 280 || f.Members != 1000 {
		t.Errorf("%+v, want about 240 a minute, measured: neither the night nor the late retries are slowness", f)
	}
	if now, err := w.store.Now(w.ctx); err != nil || f.LastAt.Sub(now) < 3*time.Minute || f.LastAt.Sub(now) > 6*time.Minute {
		t.Errorf("the last of 1,000 members in %s, want about 4 minutes", f.LastAt.Sub(now))
	}
	w.store.Capacity = campaigns.Capacity{PerSecond: 1}
	if f, err = w.store.Forecast(w.ctx, a.ID); err != nil || f.Basis != campaigns.BasisLimit || f.PerMinute != 60 {
		t.Errorf("with relays of one a second: %+v, %v; want that", f, err)
	}
}

func TestForecastCountsWhatLeavesBeforeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(6, "en")
	theCase := w.addCase().ID
	other := w.appeal(w.campaign(theCase).ID, campaigns.KindFirst)
	w.launch(other.ID)
	w.must(w.store.CountEligible(w.ctx, other.ID)) // counted, and not filled yet
	c := w.campaign(theCase)
	a := w.appeal(c.ID, campaigns.KindFirst)
	if f, err := w.store.Forecast(w.ctx, a.ID); err != nil || f.Ahead != 6 {
		t.Errorf("behind six urgent mails: %+v, %v", f, err)
	}
	_, err := w.db.Exec(w.ctx, "UPDATE campaigns SET urgent = false WHERE id <> $1", c.ID)
	w.must(err)
	if f, err := w.store.Forecast(w.ctx, a.ID); err != nil || f.Ahead != 0 {
		t.Errorf("an urgent one behind six that stand back: %+v, %v", f, err)
	}
}

// hurried makes a first appeal whose deadline comes before its last member does.
func (w *world) hurried() campaigns.Appeal {
	w.t.Helper()
	w.store.Capacity = campaigns.Capacity{PerSecond: 0.001}
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	_, err := w.db.Exec(w.ctx, "UPDATE campaigns SET deadline_at = now_at() + interval '30 minutes' WHERE id = $1", a.CampaignID)
	w.must(err)
	return a
}

func TestALaunchThatComesTooLateTakesASecondYesThatIsPutOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(3, "en")
	a := w.hurried()
	_, err := w.store.Launch(w.ctx, w.one, a.ID, write)
	var refused *failure.Error
	if !errors.As(err, &refused) || refused.Kind != failure.Conflict || len(refused.Fields) != 1 || refused.Fields[0].Name != "yes" ||
		!strings.Contains(refused.Fields[0].Reason, `"too_late"`) {
		t.Fatalf("launched too late: %v, want Conflict that names the yes", err)
	}
	if _, err := w.store.Launch(w.ctx, w.one, a.ID, write, "parity"); !failure.Is(err, failure.Conflict) {
		t.Errorf("with another yes: %v, want Conflict", err)
	}
	if got, _ := w.store.Appeal(w.ctx, a.ID); got.State != campaigns.AppealDraft || w.events("appeal.launch_too_late") != 0 {
		t.Errorf("the refused one is %s, on record %d times", got.State, w.events("appeal.launch_too_late"))
	}
	for range 2 {
		if got, err := w.store.Launch(w.ctx, w.one, a.ID, write, campaigns.YesTooLate); err != nil || got.State != campaigns.AppealIssuing {
			t.Errorf("with the yes: %s, %v", got.State, err)
		}
	}
	if n := w.events("appeal.launch_too_late"); n != 1 {
		t.Errorf("the override is on record %d times, want once", n)
	}
}

func TestALaunchInTimeTakesNoSecondYesHoweverManyMembersThereCouldBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Pool(t))
	w.addMembers(1, "en")
	w.addMembers(3, "fr")
	w.store.Capacity = campaigns.Capacity{PerSecond: 0.001}
	c := w.campaign(w.addCase().ID)
	a, err := w.store.AddAppeal(w.ctx, w.one, c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Audience: campaigns.Audience{Languages: []string{"en"}},
		Texts: []campaigns.Text{text("en"), text("fr")}})
	w.must(err)
	_, err = w.db.Exec(w.ctx, "UPDATE campaigns SET deadline_at = now_at() + interval '30 minutes'")
	w.must(err)
	// Four members would take more than an hour; the one who is to get it does not.
	if _, err := w.store.Launch(w.ctx, w.one, a.ID, write, "unheard of"); err != nil || w.events("appeal.launch_too_late") != 0 {
		t.Errorf("Launch = %v, on record as late %d times", err, w.events("appeal.launch_too_late"))
	}
}

func TestProgressSaysTheRateAndWhetherTheDeadlineComesFirst(t *testing.T) {
	t.Parallel()
	launched, deadline := time.Unix(1000, 0), time.Unix(2000, 0)
	eligible := int64(1000)
	a := campaigns.Appeal{State: campaigns.AppealIssuing, Asking: true, LaunchedAt: &launched}
	c := campaigns.Campaign{DeadlineAt: deadline}
	r := campaigns.Receipt{Eligible: &eligible, Accepted: 100, Queued: 400, Lately: 60} // 500 are not in the ledger yet
	p, ok := r.Progress(a, c, launched.Add(2*time.Minute))
	if !ok || p.PerMinute != 60 || !p.LastAt.Equal(launched.Add(17*time.Minute)) || !p.TooLate || !p.EndsAt.Equal(deadline) {
		t.Errorf("%+v, want 60 a minute, the last 15 minutes on, after the deadline", p)
	}
	expires := launched.Add(time.Hour)
	a.Asking, a.ExpiresAt = false, &expires
	if p, _ = r.Progress(a, c, launched.Add(30*time.Second)); p.PerMinute != 120 || p.TooLate || !p.EndsAt.Equal(expires) {
		t.Errorf("in the first minute: %+v, want 120 a minute, in time", p)
	}
	r.Lately = 0
	if p, _ = r.Progress(a, c, launched.Add(2*time.Minute)); p.LastAt != nil || p.TooLate {
		t.Errorf("where nothing was accepted lately: %+v, want nothing said", p)
	}
	a.State = campaigns.AppealComplete
	if _, ok := r.Progress(a, c, launched); ok {
		t.Error("what is complete has no progress")
	}
}

// events counts the events of an action.
func (w *world) events(action string) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRow(w.ctx, "SELECT count(*) FROM audit_events WHERE action = $1", action).Scan(&n))
	return n
}

package letters_test

import (
	"sync"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

// accountOf is a member of staff.
func (d *desk) accountOf() audit.Actor {
	d.t.Helper()
	a, err := (&accounts.Store{DB: d.db, Ring: d.store.Ring}).Add(d.ctx, audit.System(), accounts.NewAccount{Address: "ada@staff.example", Name: "Ada", Language: "en",
		Roles: []accounts.Role{accounts.Tracker}})
	d.must(err)
	return audit.Account(a.ID)
}

// group makes a group of some writers.
func (d *desk) group(name string, writers ...letters.Writer) (id int64) {
	d.t.Helper()
	d.must(d.db.QueryRow(d.ctx, "INSERT INTO groups (name) VALUES ($1) RETURNING id", name).Scan(&id))
	for _, w := range writers {
		_, err := d.db.Exec(d.ctx, "UPDATE members SET group_id = $1 WHERE id = $2", id, w.MemberID)
		d.must(err)
	}
	return id
}

func (d *desk) counter() letters.Counter {
	d.t.Helper()
	c, err := d.store.Counter(d.ctx, d.campaign.ID)
	d.must(err)
	return c
}

func TestR14_AnEveningIsOneRowAndCountedApart(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 3)
	staff := d.accountOf()
	ottawa := d.group("Ottawa", d.writers[0], d.writers[1])
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := d.store.ReportEvening(d.ctx, d.writers[0], d.report(46, d.targets[1], d.targets[0])); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := d.counter(); got != (letters.Counter{Batch: 92}) {
		t.Errorf("after one evening told twenty times: %+v, want 46 to each of two", got)
	}
	if err := d.store.ReportEvening(d.ctx, d.writers[1], d.report(50, d.targets[0])); !failure.Is(err, failure.Conflict) {
		t.Errorf("the same evening by another member = %v, want Conflict", err)
	}
	if err := d.store.ReportEvening(d.ctx, d.writers[2], d.report(50, d.targets[0])); !failure.Is(err, failure.Conflict) {
		t.Errorf("an evening of a member without a group = %v, want Conflict", err)
	}
	if err := d.store.ReportEvening(d.ctx, d.writers[0], d.report(5001, d.targets[0])); !failure.Is(err, failure.Invalid) {
		t.Errorf("5,001 letters = %v, want Invalid", err)
	}
	d.must(d.store.RecordEvening(d.ctx, staff, d.campaign.ID, ottawa, d.report(40, d.targets[0])))
	if got := d.counter(); got.Batch != 86 {
		t.Errorf("corrected by staff: %+v, want 40 and 46", got)
	}
	list, err := d.store.Evenings(d.ctx, d.campaign.ID, d.writers[0].MemberID)
	d.must(err)
	if len(list) != 2 || *list[0].MemberID != d.writers[0].MemberID || list[0].Grade != letters.Batch {
		t.Fatalf("the member's evenings %+v, want two, for which they still answer", list)
	}
	if err := d.store.WithdrawEvening(d.ctx, audit.Member(), d.campaign.ID, d.writers[1].MemberID, list[0].ID); !failure.Is(err, failure.NotFound) {
		t.Errorf("another member's evening withdrawn = %v, want NotFound", err)
	}
	d.must(d.store.WithdrawEvening(d.ctx, audit.Member(), d.campaign.ID, d.writers[0].MemberID, list[0].ID))
	if got := d.counter(); got.Batch != int64(list[1].Copies) {
		t.Errorf("one withdrawn: %+v", got)
	}
	who, err := d.store.Writers(d.ctx, d.campaign.ID)
	d.must(err)
	if who != (letters.Writers{Groups: 1}) {
		t.Errorf("writers %+v, want one group and nobody else", who)
	}
}

func TestR14_ALargeEveningWaitsForALookAndIsInNoTotalUntilThen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	staff := d.accountOf()
	toronto := d.group("Toronto")
	d.must(d.store.RecordEvening(d.ctx, staff, d.campaign.ID, toronto, d.report(201, d.targets[0], d.targets[1])))
	aside, err := d.store.Aside(d.ctx, d.campaign.ID)
	d.must(err)
	if got := d.counter(); got.Sum() != 0 || aside != (letters.Aside{Waiting: 2, WaitingLetters: 402}) {
		t.Errorf("counted %+v, aside %+v; want all of it aside", got, aside)
	}
	list, err := d.store.ListAside(d.ctx, campaigns.Page{})
	d.must(err)
	d.must(d.store.Review(d.ctx, staff, list[0].ID, true))
	d.must(d.store.Review(d.ctx, staff, list[1].ID, false))
	for _, l := range list {
		if err := d.store.Review(d.ctx, staff, l.ID, true); !failure.Is(err, failure.Conflict) {
			t.Errorf("a second look = %v, want Conflict", err)
		}
	}
	aside, err = d.store.Aside(d.ctx, d.campaign.ID)
	d.must(err)
	if got := d.counter(); got.Batch != 201 || aside != (letters.Aside{Refused: 1, RefusedLetters: 201}) {
		t.Errorf("after the look: %+v, aside %+v", got, aside)
	}
}

func TestR14_VisitorsAreCountedApartAndABurstWaits(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0])))
	for i := range 25 {
		_, err := d.store.ReportOfVisitor(d.ctx, d.campaign.ID, "192.0.2.1", "", d.report(1, d.targets[0]))
		d.must(err)
		if i < 3 {
			_, err := d.store.ReportOfVisitor(d.ctx, d.campaign.ID, "192.0.2.2", "", d.report(1, d.targets[0]))
			d.must(err)
		}
	}
	aside, err := d.store.Aside(d.ctx, d.campaign.ID)
	d.must(err)
	if got := d.counter(); got != (letters.Counter{Reported: 2, Visitors: 23}) || aside.Waiting != 5 {
		t.Errorf("counted %+v, aside %+v; want 20 of one place, 3 of another, and 5 aside", got, aside)
	}
	total := d.totals()
	if len(total) != 2 || total[0].Anonymous || !total[1].Anonymous || total[1].Visitors != 23 || total[1].Members != 0 || total[0].Members != 1 {
		t.Errorf("totals %+v, want members and visitors apart", total)
	}
	idle, err := d.store.Visit(d.ctx, d.campaign.ID, "192.0.2.3") // who begins nothing
	d.must(err)
	d.must(d.store.ForgetSources(d.ctx))
	if _, err := d.store.CampaignOf(d.ctx, idle); err != nil {
		t.Errorf("forgotten at once: %v", err)
	}
	dbtest.MoveClock(t, d.pool(), 49*time.Hour)
	d.must(d.store.ForgetSources(d.ctx))
	if n := d.count("SELECT count(*) FROM visitors"); n != 28 {
		t.Errorf("%d visitors are kept, of 28 with letters and one without", n)
	}
	var known int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM visitors WHERE source IS NOT NULL").Scan(&known))
	if known != 0 {
		t.Errorf("where %d visitors came from is still known after two days", known)
	}
}

func TestP9_AVisitorsFormSentAHundredTimesAtOnceIsOneVisitorAndOneLetter(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	var all sync.WaitGroup
	who := make([]letters.Writer, 100)
	for i := range who {
		all.Go(func() {
			var err error
			if who[i], err = d.store.ReportOfVisitor(d.ctx, d.campaign.ID, "192.0.2.1", "the form's key", d.report(2, d.targets[0])); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, w := range who {
		if w != who[0] || w.VisitorID == 0 {
			t.Fatalf("one form made visitors %v and %v", who[0], w)
		}
	}
	if got := d.counter(); got != (letters.Counter{Visitors: 2}) {
		t.Errorf("counted %+v, want two letters", got)
	}
	if _, err := d.store.ReportOfVisitor(d.ctx, d.campaign.ID, "192.0.2.1", "another", letters.Report{}); !failure.Is(err, failure.Invalid) {
		t.Errorf("an empty form = %v, want Invalid", err)
	}
	var visitors int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM visitors").Scan(&visitors))
	if visitors != 1 {
		t.Errorf("%d visitors, want that a refused form leaves none", visitors)
	}
	own, err := d.store.Of(d.ctx, who[0])
	d.must(err)
	d.must(d.store.Correct(d.ctx, who[0], own[0].ID, campaigns.DayOf(time.Now().UTC()), 1))
	d.must(d.store.Withdraw(d.ctx, who[0], own[0].ID))
	if got := d.counter(); got.Sum() != 0 {
		t.Errorf("withdrawn: %+v", got)
	}
}

func TestR13_AStoppedCampaignTakesReportsOfWhatWasSentBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	house := &campaigns.Store{DB: d.db, Jobs: d.store.Jobs}
	_, err := house.StopCampaign(d.ctx, audit.System(), d.campaign.ID)
	d.must(err)
	dbtest.MoveClock(t, d.pool(), 5*24*time.Hour)
	late := d.report(1, d.targets[0])
	d.must(d.store.Report(d.ctx, d.writers[0], late))
	late.WrittenOn = campaigns.DayOf(time.Now().UTC().AddDate(0, 0, 3))
	if err := d.store.Report(d.ctx, d.writers[1], late); !failure.Is(err, failure.Invalid) {
		t.Errorf("a letter sent after the stop = %v, want Invalid", err)
	}
	_, err = house.ResumeCampaign(d.ctx, audit.System(), d.campaign.ID)
	d.must(err)
	d.must(d.store.Report(d.ctx, d.writers[1], late))
	_, err = house.CloseCampaign(d.ctx, audit.System(), d.campaign.ID, campaigns.Closing{Outcome: "released"})
	d.must(err)
	dbtest.MoveClock(t, d.pool(), 61*24*time.Hour)
	if err := d.store.Report(d.ctx, d.writers[1], late); !failure.Is(err, failure.Conflict) {
		t.Errorf("61 days after the end = %v, want Conflict", err)
	}
	own, err := d.store.Of(d.ctx, d.writers[1])
	d.must(err)
	d.must(d.store.Withdraw(d.ctx, d.writers[1], own[0].ID)) // always
}

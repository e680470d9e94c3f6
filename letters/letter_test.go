package letters_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/letters"
	"holdfast/members"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// desk is a launched campaign with two targets, and members who got its first appeal.
type desk struct {
	t        testing.TB
	ctx      context.Context
	db       postgres.DB
	store    *letters.Store
	campaign campaigns.Campaign
	targets  []int64
	writers  []letters.Writer
}

func newDesk(t testing.TB, db postgres.DB, people int) *desk {
	t.Helper()
	d := &desk{t: t, ctx: context.Background(), db: db}
	pool, _ := db.(*pgxpool.Pool)
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	d.must(err)
	var keys strings.Builder
	d.must(seal.Generate(&keys))
	ring, err := seal.Parse(strings.NewReader(keys.String()))
	d.must(err)
	d.store, err = letters.NewStore(db, ring, jobs)
	d.must(err)
	list := &members.Store{DB: db, Ring: ring}
	for i := range people {
		_, err := list.Add(d.ctx, audit.System(), members.New{Address: fmt.Sprintf("m%d@mail.example", i), Language: "en",
			Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}})
		d.must(err)
	}
	house := &campaigns.Store{DB: db, Jobs: jobs}
	for _, code := range []string{"CA-PS", "CA-FA", "CA-PM"} {
		target, err := house.AddTarget(d.ctx, audit.System(), campaigns.NewTarget{Code: code, Kind: "minister", Country: "CA", Power: campaigns.PowerDecides,
			Office: campaigns.Texts{"en": code}, PostalAddress: "Ottawa"})
		d.must(err)
		d.targets = append(d.targets, target.ID)
	}
	d.campaign, err = house.AddCampaign(d.ctx, audit.System(), campaigns.NewCampaign{Title: "x", TargetIDs: d.targets[:2],
		Deadline: campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Now().AddDate(0, 0, 9)), DeadlineZone: "UTC", DeadlineInclusive: true},
		Asks:     []campaigns.NewAsk{{Code: "a1", Texts: campaigns.Texts{"en": "Ask."}}}})
	d.must(err)
	a, err := house.AddAppeal(d.ctx, audit.System(), d.campaign.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst,
		Texts: []campaigns.Text{{Language: "en", Subject: "s", Headline: "h", Body: "b"}}})
	d.must(err)
	_, err = house.Launch(d.ctx, audit.System(), a.ID, func(campaigns.Sheet) ([]campaigns.Edition, error) {
		return []campaigns.Edition{{Language: "en", TextLanguage: "en", Subject: "s", Text: "t", HTML: "h", Mark: "h0123456789abcdef"}}, nil
	})
	d.must(err)
	_, err = house.FillSlice(d.ctx, a.ID, campaigns.Filling{SliceRows: 1000, BatchRows: 100, Cover: time.Minute})
	d.must(err)
	rows, err := house.Deliveries(d.ctx, a.ID, "", campaigns.Page{Limit: 200})
	d.must(err)
	for _, r := range rows {
		d.writers = append(d.writers, letters.Writer{AppealID: a.ID, MemberID: r.MemberID})
	}
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) report(copies int, targets ...int64) letters.Report {
	return letters.Report{TargetIDs: targets, Channel: "post", Copies: copies, WrittenOn: campaigns.DayOf(time.Now().UTC())}
}

func (d *desk) totals() []letters.Total {
	d.t.Helper()
	list, err := d.store.Totals(d.ctx, d.campaign.ID)
	d.must(err)
	return list
}

func TestReportIsCountedByTargetAndChannelWithItsMethod(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 3)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0], d.targets[1])))
	d.must(d.store.Report(d.ctx, d.writers[1], d.report(1, d.targets[0])))
	byMail := d.report(3, d.targets[0])
	byMail.Channel = "email"
	d.must(d.store.Report(d.ctx, d.writers[1], byMail))
	want := []letters.Total{
		{TargetID: d.targets[0], Channel: "email", Grade: "reported", Letters: 3, Members: 1},
		{TargetID: d.targets[0], Channel: "post", Grade: "reported", Letters: 3, Members: 2},
		{TargetID: d.targets[1], Channel: "post", Grade: "reported", Letters: 2, Members: 1},
	}
	if diff := cmp.Diff(want, d.totals()); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
}

func TestP9_TheSameReportAHundredTimesAtOnceIsOneRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if err := d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0])); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := d.totals(); len(got) != 1 || got[0].Letters != 2 || got[0].Members != 1 {
		t.Errorf("totals %+v, want two letters of one member", got)
	}
}

func TestReportsAtOnceLoseNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 40)
	var wg sync.WaitGroup
	for _, w := range d.writers {
		wg.Go(func() {
			if err := d.store.Report(d.ctx, w, d.report(1, d.targets[1], d.targets[0])); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, total := range d.totals() {
		if total.Letters != 40 || total.Members != 40 {
			t.Errorf("total %+v, want 40 of 40", total)
		}
	}
}

func TestReportIsCorrectedAndWithdrawnByItsOwnLinkAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(2, d.targets[0])))
	own, err := d.store.Of(d.ctx, d.writers[0])
	d.must(err)
	id := own[0].ID
	day := campaigns.DayOf(time.Now().UTC())
	if err := d.store.Correct(d.ctx, d.writers[1], id, day, 9); !failure.Is(err, failure.NotFound) {
		t.Errorf("correcting somebody else's report = %v, want NotFound", err)
	}
	if err := d.store.Withdraw(d.ctx, d.writers[1], id); !failure.Is(err, failure.NotFound) {
		t.Errorf("withdrawing somebody else's report = %v, want NotFound", err)
	}
	d.must(d.store.Correct(d.ctx, d.writers[0], id, day, 5))
	if got := d.totals(); got[0].Letters != 5 {
		t.Errorf("corrected: %+v, want 5", got)
	}
	d.must(d.store.Withdraw(d.ctx, d.writers[0], id))
	d.must(d.store.Withdraw(d.ctx, d.writers[0], id))
	if got := d.totals(); len(got) != 0 {
		t.Errorf("withdrawn: %+v, want none", got)
	}
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(1, d.targets[0])))
	if got := d.totals(); got[0].Letters != 1 {
		t.Errorf("reported again: %+v, want 1", got)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM audit_events WHERE subject = 'letter' AND subject_id = $1", id).Scan(&events))
	if events != 4 { // report, correct, withdraw once, report
		t.Errorf("%d audit events, want 4", events)
	}
}

func TestReportOfTooMuchOrOfNonsenseIsRefusedWhole(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	good := d.report(1, d.targets[0])
	for field, change := range map[string]func(*letters.Report){
		"copies":     func(r *letters.Report) { r.Copies = 999_999 },
		"channel":    func(r *letters.Report) { r.Channel = "pigeon" },
		"target":     func(r *letters.Report) { r.TargetIDs = []int64{d.targets[0], d.targets[2]} }, // not of this campaign
		"written_on": func(r *letters.Report) { r.WrittenOn = campaigns.DayOf(time.Now().AddDate(0, 0, 5)) },
	} {
		bad := good
		change(&bad)
		err := d.store.Report(d.ctx, d.writers[0], bad)
		var e *failure.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	bad := letters.Report{}
	var e *failure.Error
	if err := d.store.Report(d.ctx, d.writers[0], bad); !errors.As(err, &e) || len(e.Fields) != 4 {
		t.Errorf("an empty report = %v, want all four fields named", err)
	}
	if got := d.totals(); len(got) != 0 {
		t.Errorf("after refusals: %+v, want none", got)
	}
	if err := d.store.Report(d.ctx, letters.Writer{AppealID: d.writers[0].AppealID, MemberID: 1 << 40}, good); !failure.Is(err, failure.NotFound) {
		t.Errorf("a link without a delivery = %v, want NotFound", err)
	}
}

func (d *desk) pool() *pgxpool.Pool {
	pool, _ := d.db.(*pgxpool.Pool)
	return pool
}

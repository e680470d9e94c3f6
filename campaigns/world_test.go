package campaigns_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/members"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is one test's own house: a database, two coordinators, an office of Canada and one of Iran. A test that launches has
// a database of its own: a launch waits for whoever is writing members, also in another test's transaction.
type world struct {
	t         testing.TB
	ctx       context.Context
	db        postgres.DB
	store     *campaigns.Store
	members   *members.Store
	one, two  audit.Actor
	ca, ir    campaigns.Target
	consented members.Consent
}

func newWorld(t testing.TB, db postgres.DB) *world {
	t.Helper()
	ctx := context.Background()
	pool, _ := db.(*pgxpool.Pool)
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var keys strings.Builder
	if err := seal.Generate(&keys); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(strings.NewReader(keys.String()))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: ctx, db: db, store: &campaigns.Store{DB: db, Jobs: jobs}, members: &members.Store{DB: db, Ring: ring},
		consented: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Send me appeals."}}
	staff := &accounts.Store{DB: db, Ring: ring}
	for i, actor := range []*audit.Actor{&w.one, &w.two} {
		a, err := staff.Add(ctx, audit.System(), accounts.NewAccount{Address: fmt.Sprintf("c%d@refnet.example", i), Name: "Coordinator",
			Language: "en", Roles: []accounts.Role{accounts.Coordinator}})
		if err != nil {
			t.Fatal(err)
		}
		*actor = audit.Account(a.ID)
	}
	w.ca = w.target("CA-PS", "CA", "Minister of Public Safety")
	w.ir = w.target("IR-JUS", "IR", "Minister of Justice")
	return w
}

func (w *world) target(code, country, office string) campaigns.Target {
	w.t.Helper()
	target, err := w.store.AddTarget(w.ctx, w.one, campaigns.NewTarget{Code: code, Kind: "minister", Country: country, Power: campaigns.PowerDecides,
		Office: campaigns.Texts{"en": office}, PostalAddress: "1 Example Street"})
	w.must(err)
	return target
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addCase() campaigns.Case {
	w.t.Helper()
	c, err := w.store.AddCase(w.ctx, w.one, campaigns.NewCase{Ref: "C-5", Headline: "Canada to Iran", RemovingCountry: "CA", ReceivingCountry: "IR",
		Removal: campaigns.Removal{Timing: campaigns.RemovalAnyTime}, Persons: []campaigns.Person{{PublishedAs: "M.R."}}})
	w.must(err)
	return c
}

func soon() campaigns.Deadline {
	return campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Now().AddDate(0, 0, 10)), DeadlineZone: "America/Toronto", DeadlineInclusive: true}
}

func (w *world) campaign(caseID int64) campaigns.Campaign {
	w.t.Helper()
	c, err := w.store.AddCampaign(w.ctx, w.one, campaigns.NewCampaign{CaseID: &caseID, Title: "Stop the removal", Deadline: soon(),
		Asks: []campaigns.NewAsk{{Code: "a1", Texts: campaigns.Texts{"en": "Ask the Minister to stop the removal."}}}, TargetIDs: []int64{w.ca.ID}})
	w.must(err)
	return c
}

func text(lang string) campaigns.Text {
	return campaigns.Text{Language: lang, Subject: "Urgent action", Headline: "A man is to be sent back", Body: "He is at risk of torture."}
}

func (w *world) appeal(campaignID int64, kind string) campaigns.Appeal {
	w.t.Helper()
	a, err := w.store.AddAppeal(w.ctx, w.one, campaignID, campaigns.NewAppeal{Kind: kind, Texts: []campaigns.Text{text("en"), text("fr")}})
	w.must(err)
	return a
}

// write freezes an edition for each language written.
func write(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
	var list []campaigns.Edition
	for _, t := range sheet.Texts {
		list = append(list, campaigns.Edition{Language: t.Language, TextLanguage: t.Language, Subject: t.Subject, Text: t.Body, HTML: t.Body,
			Mark: "h0123456789abcdef"})
	}
	return list, nil
}

func (w *world) launch(id int64) campaigns.Appeal {
	w.t.Helper()
	a, err := w.store.Launch(w.ctx, w.one, id, write)
	w.must(err)
	return a
}

// addMembers adds n members and returns their ids, in order.
func (w *world) addMembers(n int, language string) []int64 {
	w.t.Helper()
	ids := make([]int64, n)
	for i := range ids {
		m, err := w.members.Add(w.ctx, w.one, members.New{Address: fmt.Sprintf("m%d-%s-%d@mail.example", i, language, time.Now().UnixNano()),
			Name: "Member", Language: language, Consent: w.consented})
		w.must(err)
		ids[i] = m.ID
	}
	return ids
}

var filling = campaigns.Filling{SliceRows: 3, BatchRows: 2, Cover: time.Minute}

// fill fills an appeal's ledger to its end and returns its batches.
func (w *world) fill(id int64) []campaigns.Batch {
	w.t.Helper()
	for range 100 {
		filled, err := w.store.FillSlice(w.ctx, id, filling)
		w.must(err)
		if filled.Done || filled.Again {
			w.must(w.store.CountEligible(w.ctx, id))
			return w.batches(id)
		}
	}
	w.t.Fatal("the ledger is never filled")
	return nil
}

func (w *world) batches(id int64) []campaigns.Batch {
	w.t.Helper()
	rows, err := w.db.Query(w.ctx, "SELECT first_member, last_member, turn FROM batches WHERE appeal_id = $1 ORDER BY 1", id)
	w.must(err)
	defer rows.Close()
	var list []campaigns.Batch
	for rows.Next() {
		b := campaigns.Batch{AppealID: id}
		w.must(rows.Scan(&b.FirstMember, &b.LastMember, &b.Turn))
		list = append(list, b)
	}
	return list
}

// same prepares every row with the same bytes.
func same(rows []campaigns.Claimed) ([]campaigns.Prepared, error) {
	list := make([]campaigns.Prepared, len(rows))
	for i := range list {
		list[i].Hash = []byte("these are thirty-two equal bytes")
	}
	return list, nil
}

func (w *world) claim(b campaigns.Batch, limit int) (campaigns.Window, []campaigns.Claimed) {
	w.t.Helper()
	window, rows, _, err := w.store.Claim(w.ctx, b, limit, time.Minute, same)
	w.must(err)
	return window, rows
}

func (w *world) settle(window campaigns.Window, rows []campaigns.Claimed, outcome campaigns.Outcome) {
	w.t.Helper()
	list := make([]campaigns.Verdict, len(rows))
	for i, row := range rows {
		list[i] = campaigns.Verdict{Window: window, MemberID: row.MemberID, Outcome: outcome, Code: map[campaigns.Outcome]int{
			campaigns.Accepted: 250, campaigns.Refused: 550, campaigns.Later: 451}[outcome], Reply: "said the relay", Reason: "address"}
	}
	w.must(w.store.Settle(w.ctx, list, campaigns.RetryWaits))
}

// send sends a whole appeal with one outcome.
func (w *world) send(id int64, outcome campaigns.Outcome) {
	w.t.Helper()
	for _, b := range w.batches(id) {
		for {
			window, rows := w.claim(b, 10)
			if len(rows) == 0 {
				break
			}
			w.settle(window, rows, outcome)
			w.must(w.store.CloseWindow(w.ctx, window))
		}
		_, err := w.store.EndTurn(w.ctx, b, time.Minute)
		w.must(err)
	}
}

func (w *world) receipt(id int64) (campaigns.Appeal, campaigns.Receipt) {
	w.t.Helper()
	a, r, err := w.store.Receipt(w.ctx, id)
	w.must(err)
	return a, r
}

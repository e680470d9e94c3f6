package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/seal"
	"holdfast/internal/smtpsink"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/worker"
)

var testSender = worker.Sender{From: mailer.Address{Name: "RefNet", Addr: "alerts@refnet.example"}, ListID: "alerts.refnet.example",
	ListName: "RefNet alerts", PublicURL: "https://refnet.example", ReturnDomain: "return.refnet.example"}

// shop is a house with a sink behind it and a worker in front.
type shop struct {
	t       testing.TB
	ctx     context.Context
	pool    *pgxpool.Pool
	keys    string
	ring    *seal.Ring
	links   campaigns.Links
	store   *campaigns.Store
	members *members.Store
	sink    *smtpsink.Sink
	waits   []time.Duration
	offices int    // that were written to so far
	relays  string // of the worker; "" for the sink with four connections
	limits  map[string]campaigns.Limit
	pauses  []time.Duration
}

func newShop(t testing.TB, n int, o smtpsink.Options) *shop {
	t.Helper()
	return newShopOver(t, dbtest.Pool(t), n, o)
}

// newShopOver is newShop over a database of the test's choice.
func newShopOver(t testing.TB, db *pgxpool.Pool, n int, o smtpsink.Options) *shop {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	var keys strings.Builder
	s := &shop{t: t, ctx: ctx, pool: db}
	s.must(seal.Generate(&keys))
	var err error
	s.keys = keys.String()
	s.ring, err = seal.Parse(strings.NewReader(keys.String()))
	s.must(err)
	s.links, err = campaigns.NewLinks(s.ring)
	s.must(err)
	jobs, err := worker.InsertOnly(s.pool)
	s.must(err)
	s.store = &campaigns.Store{DB: s.pool, Jobs: jobs}
	s.members = &members.Store{DB: s.pool, Ring: s.ring}
	s.sink, err = smtpsink.Start(o)
	s.must(err)
	t.Cleanup(func() { s.sink.Close() })
	for i := range n {
		_, err := s.members.Add(ctx, audit.System(), members.New{Address: fmt.Sprintf("member%d@mail.example", i), Name: fmt.Sprintf("Member %d", i),
			Language: "en", Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}})
		s.must(err)
	}
	return s
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) start() *worker.Worker {
	s.t.Helper()
	return s.startWith(func(*worker.Config) {})
}

// startWith is start with something set otherwise.
func (s *shop) startWith(set func(*worker.Config)) *worker.Worker {
	s.t.Helper()
	if s.relays == "" {
		s.relays = fmt.Sprintf("smtp+insecure://%s?conns=4", s.sink.Addr())
	}
	relays, err := mailer.ParseRelays(s.relays)
	s.must(err)
	pool, err := mailer.NewPool(relays, mailer.Options{Hello: "holdfast.example"})
	s.must(err)
	c := worker.Config{Pool: s.pool, RiverPool: s.pool, Members: s.members, Links: s.links, Relays: pool, Conns: 4,
		Log: slog.New(slog.DiscardHandler), Sender: testSender, Limits: s.limits, Version: "test",
		Pace: worker.Pace{Lease: 2 * time.Second, Cover: time.Second, Sweep: 200 * time.Millisecond, Again: 50 * time.Millisecond, Drain: time.Second,
			Report: 100 * time.Millisecond, Waits: s.waits, Pauses: s.pauses, Filling: campaigns.Filling{SliceRows: 40, BatchRows: 10, Cover: time.Second}}}
	set(&c)
	w, err := worker.Start(s.ctx, c)
	s.must(err)
	return w
}

func (s *shop) stop(w *worker.Worker) {
	s.t.Helper()
	s.must(w.Stop(s.ctx))
}

// launch launches a campaign's first appeal, to everybody.
func (s *shop) launch() campaigns.Appeal { return s.launchTo(true, campaigns.Audience{}) }

// launchTo launches a campaign's first appeal.
func (s *shop) launchTo(urgent bool, audience campaigns.Audience) campaigns.Appeal {
	s.t.Helper()
	s.offices++
	target, err := s.store.AddTarget(s.ctx, audit.System(), campaigns.NewTarget{Code: fmt.Sprintf("CA-%d", s.offices), Kind: "minister", Country: "CA",
		Power: campaigns.PowerDecides, Office: campaigns.Texts{"en": "Minister"}, PostalAddress: "Ottawa"})
	s.must(err)
	c, err := s.store.AddCampaign(s.ctx, audit.System(), campaigns.NewCampaign{Title: "A campaign", Urgent: &urgent, TargetIDs: []int64{target.ID},
		Deadline: campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Now().AddDate(0, 0, 9)), DeadlineZone: "UTC", DeadlineInclusive: true},
		Asks:     []campaigns.NewAsk{{Code: "a1", Texts: campaigns.Texts{"en": "Ask."}}}})
	s.must(err)
	a, err := s.store.AddAppeal(s.ctx, audit.System(), c.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst, Audience: audience,
		Texts: []campaigns.Text{{Language: "en", Subject: "Urgent", Headline: "Headline", Body: "Body"}}})
	s.must(err)
	const mark = "h0123456789abcdefx"
	a, err = s.store.Launch(s.ctx, audit.System(), a.ID, func(campaigns.Sheet) ([]campaigns.Edition, error) {
		links := mark + campaigns.HoleReport + " " + mark + campaigns.HoleLeave
		return []campaigns.Edition{{Language: "en", TextLanguage: "en", Subject: "Urgent", Mark: mark,
			Text: "Dear " + mark + campaigns.HoleName + ",\n.\n" + links + "\n",
			HTML: `<!doctype html><html lang="en"><body><p>Dear ` + mark + campaigns.HoleName + `</p><p><a href="` + mark + campaigns.HoleReport +
				`">report</a> <a href="` + mark + campaigns.HoleLeave + `">leave</a></p></body></html>`}}, nil
	})
	s.must(err)
	return a
}

// until waits for the appeal to be as wanted; the worker moves it, so asking again is all there is to await.
func (s *shop) until(id int64, what string, ok func(campaigns.Appeal, campaigns.Receipt) bool) campaigns.Receipt {
	s.t.Helper()
	for {
		a, r, err := s.store.Receipt(s.ctx, id)
		if err != nil {
			s.t.Fatalf("waiting for %s: %v", what, err)
		}
		if ok(a, r) {
			return r
		}
		select {
		case <-s.ctx.Done():
			s.t.Fatalf("waiting for %s: appeal %s, receipt %+v", what, a.State, r)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func complete(a campaigns.Appeal, r campaigns.Receipt) bool {
	return a.State == campaigns.AppealComplete && r.Closes()
}

func TestLaunchReachesEveryMemberOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, 100, smtpsink.Options{})
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 100 || *r.Eligible != 100 {
		t.Errorf("receipt %+v, want 100 accepted", r)
	}
	seen := map[string]int{}
	for _, m := range s.sink.Messages() {
		seen[m.Recipients[0]]++
		if !strings.HasPrefix(m.Sender, "b+") || !strings.HasSuffix(m.Sender, "@return.refnet.example") {
			t.Fatalf("envelope sender %q is not the delivery's own", m.Sender)
		}
	}
	if len(seen) != 100 || s.sink.Count() != 100 {
		t.Errorf("%d mails to %d members, want 100 to 100", s.sink.Count(), len(seen))
	}
}

func TestM7_ACutAfterTheDotIsSentOnceMoreWithTheSameBytes(t *testing.T) {
	t.Parallel()
	cut := map[string]bool{}
	var mu sync.Mutex
	s := newShop(t, 20, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		mu.Lock()
		defer mu.Unlock()
		if e.Step == smtpsink.Kept && !cut[e.Recipient] && len(cut) < 3 {
			cut[e.Recipient] = true
			return smtpsink.Action{Cut: true}
		}
		return smtpsink.Action{}
	}})
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 20 || r.Twice != 3 {
		t.Errorf("receipt %+v, want 20 accepted, 3 maybe twice", r)
	}
	first := map[string]smtpsink.Message{}
	copies := 0
	for _, m := range s.sink.Messages() {
		if before, ok := first[m.Recipients[0]]; ok {
			copies++
			if before.Hash != m.Hash {
				t.Errorf("the second copy to %s has other bytes", m.Recipients[0])
			}
		}
		first[m.Recipients[0]] = m
	}
	if copies != 3 {
		t.Errorf("%d second copies, want 3", copies)
	}
}

func TestM4_GreylistedComesLaterAndOnce(t *testing.T) {
	t.Parallel()
	tried := map[string]int{}
	var mu sync.Mutex
	o := smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		mu.Lock()
		defer mu.Unlock()
		if e.Step == smtpsink.Rcpt && strings.Contains(e.Recipient, "member7@") {
			tried[e.Recipient]++
			if tried[e.Recipient] == 1 {
				return smtpsink.Action{Reply: "451 4.7.1 come back later"}
			}
		}
		return smtpsink.Action{}
	}}
	s := newShop(t, 20, o)
	s.waits = []time.Duration{100 * time.Millisecond}
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 20 || s.sink.Count() != 20 {
		t.Errorf("receipt %+v, %d mails; want 20 of each", r, s.sink.Count())
	}
}

func TestM12_ARefusedAddressIsRefusedAloneAndNotKeptInTheReply(t *testing.T) {
	t.Parallel()
	s := newShop(t, 20, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt && strings.Contains(e.Recipient, "member3@") {
			return smtpsink.Action{Reply: "550 5.1.1 <" + e.Recipient + "> no such user member3"}
		}
		return smtpsink.Action{}
	}})
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 19 || r.Refusals["address"] != 1 {
		t.Errorf("receipt %+v, want 19 accepted and one refused for its address", r)
	}
	list, err := s.store.Deliveries(s.ctx, a.ID, "refused", campaigns.Page{})
	s.must(err)
	if len(list) != 1 || *list[0].Code != 550 || strings.Contains(*list[0].Reply, "member3") || !strings.Contains(*list[0].Reply, "no such user") {
		t.Errorf("refused deliveries %+v, reply %q", list, *list[0].Reply)
	}
}

func TestM1_WhileTheRelayIsDownNobodyLosesAnAttempt(t *testing.T) {
	t.Parallel()
	down := make(chan struct{})
	s := newShop(t, 10, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		select {
		case <-down:
			return smtpsink.Action{}
		default:
			if e.Step == smtpsink.Connect {
				return smtpsink.Action{Cut: true}
			}
			return smtpsink.Action{}
		}
	}})
	w := s.start()
	a := s.launch()
	s.until(a.ID, "the ledger", func(a campaigns.Appeal, r campaigns.Receipt) bool { return a.FilledAt != nil && r.Queued == 10 })
	close(down)
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	list, err := s.store.Deliveries(s.ctx, a.ID, "", campaigns.Page{})
	s.must(err)
	for _, d := range list {
		if d.Attempts != 1 {
			t.Errorf("member %d took %d attempts, want 1", d.MemberID, d.Attempts)
		}
	}
	if r.Accepted != 10 {
		t.Errorf("receipt %+v", r)
	}
}

func TestF4_StoppedWorkerGivesBackWhatItDidNotSend(t *testing.T) {
	t.Parallel()
	s := newShop(t, 200, smtpsink.Options{})
	w := s.start()
	a := s.launch()
	s.must(s.sink.Wait(s.ctx, 20))
	s.stop(w)
	if _, r, err := s.store.Receipt(s.ctx, a.ID); err != nil || r.Sending != 0 || r.Unknown != 0 || int(r.Accepted) != s.sink.Count() {
		t.Errorf("after stopping in the middle: %+v, %d at the sink; want nothing sending or unknown, and the ledger equal to the sink", r, s.sink.Count())
	}
	w = s.start()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 200 || r.Twice != 0 || s.sink.Count() != 200 {
		t.Errorf("receipt %+v with %d at the sink, want 200 each once", r, s.sink.Count())
	}
}

func TestC2_StopAndResumeSendTheRestOnly(t *testing.T) {
	t.Parallel()
	s := newShop(t, 200, smtpsink.Options{})
	w := s.start()
	a := s.launch()
	s.must(s.sink.Wait(s.ctx, 10))
	_, err := s.store.Stop(s.ctx, audit.System(), a.ID)
	s.must(err)
	s.until(a.ID, "the stop", func(a campaigns.Appeal, r campaigns.Receipt) bool { return a.State == campaigns.AppealStopped })
	at := s.sink.Count()
	r := s.until(a.ID, "the whole ledger", func(a campaigns.Appeal, r campaigns.Receipt) bool { return r.Closes() })
	if int(r.Accepted) != s.sink.Count() || s.sink.Count() != at || r.Stopped == 0 {
		t.Errorf("stopped: %+v with %d at the sink, %d at the moment of the stop", r, s.sink.Count(), at)
	}
	_, err = s.store.Resume(s.ctx, audit.System(), a.ID)
	s.must(err)
	r = s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 200 || s.sink.Count() != 200 {
		t.Errorf("after resuming: %+v with %d at the sink, want 200", r, s.sink.Count())
	}
}

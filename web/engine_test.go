package web

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/smtpsink"
	"holdfast/mailer"
	"holdfast/templates"
	"holdfast/worker"
)

// engineHouse is a house with 42 members and a draft, whose engine is looked at anew each time, and whose mail goes to sink.
type engineHouse struct {
	*doors
	w     world
	sink  *smtpsink.Sink
	staff *browser
}

func openEngine(t *testing.T, o smtpsink.Options) *engineHouse {
	t.Helper()
	h := &engineHouse{doors: open(t)}
	known := h.server.Config
	h.server = h.newServer(func(c *Config) {
		c.Members, c.Accounts, c.Links, c.Letters = known.Members, known.Accounts, known.Links, known.Letters // which the same keys sealed
		c.Write = func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
			return templates.Editions(sheet, templates.Organisation{Name: "Refuge Network", PostalAddress: "Ottawa", Contact: "actions@refnet.example"}, c.PublicURL)
		}
	})
	h.url = h.listen(h.server.Public())
	h.server.room.engine.every, h.server.room.unknown.every = 0, 0
	h.furnish()
	h.w = h.world()
	var err error
	h.sink, err = smtpsink.Start(o)
	h.must(err)
	t.Cleanup(func() { h.sink.Close() })
	h.staff = h.at(accounts.Coordinator)
	return h
}

// work starts a worker of this house and launches the appeal. login is what stands before the relay's host.
func (h *engineHouse) work(login string) {
	h.Helper()
	relays, err := mailer.ParseRelays(fmt.Sprintf("smtp+insecure://%s%s?conns=4", login, h.sink.Addr()))
	h.must(err)
	pool, err := mailer.NewPool(relays, mailer.Options{Hello: "holdfast.example"})
	h.must(err)
	w, err := worker.Start(h.ctx, worker.Config{Pool: h.pool, RiverPool: h.pool, Members: h.server.Members, Links: h.server.Links, Relays: pool, Conns: 4,
		Log: slog.New(slog.DiscardHandler), Version: "v1.2.0", Metrics: h.server.Metrics,
		Sender: worker.Sender{From: mailer.Address{Name: "RefNet", Addr: "alerts@refnet.example"}, ListID: "alerts.refnet.example",
			ListName: "RefNet alerts", PublicURL: h.server.PublicURL, ReturnDomain: "return.refnet.example"},
		Pace: worker.Pace{Report: 50 * time.Millisecond, Drain: time.Second, Waits: []time.Duration{100 * time.Millisecond}}})
	h.must(err)
	h.Cleanup(func() { h.must(w.Stop(h.ctx)) })
	h.want(202, "POST", "/appeals/"+h.w.appeal+"/launch", nil)
}

// tells waits until the engine's page says all of want; what is moved by others is asked for again.
func (h *engineHouse) tells(t *testing.T, want ...string) screen {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; { // I9: within a minute
		page := h.staff.open("/admin/engine")
		words, missing := page.words(), ""
		for _, w := range want {
			if !strings.Contains(words, w) {
				missing = w
			}
		}
		if missing == "" {
			return page
		}
		if time.Now().After(until) {
			t.Fatalf("the engine's page does not say %q:\n%s", missing, words)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// measures fails the test unless the metrics have each line.
func (h *engineHouse) measures(t *testing.T, want ...string) {
	t.Helper()
	answer := httptest.NewRecorder()
	h.server.Ops().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range want {
		if !strings.Contains("\n"+answer.Body.String(), "\n"+line+"\n") {
			t.Errorf("the metrics lack %s\n%s", line, answer.Body)
		}
	}
	if strings.Contains(answer.Body.String(), "mail.example") {
		t.Errorf("the metrics name a member's provider:\n%s", answer.Body)
	}
}

func TestI9_ARelayThatTakesNoConnectionIsTold(t *testing.T) {
	t.Parallel()
	h := openEngine(t, smtpsink.Options{Fault: smtpsink.At(smtpsink.Connect, smtpsink.Action{Cut: true})})
	h.work("")
	relay := h.sink.Addr()
	h.tells(t, "The relay "+relay+" cannot be used.", "Where it fails: it does not greet us.", "No mail is lost meanwhile", "UA ")
	h.staff.open("/admin/campaigns").says(t, "The relay "+relay+" cannot be used. What to do")
	h.measures(t, `holdfast_relay_up{relay="`+relay+`"} 0`, `holdfast_faults{grave="yes",kind="relay_down"} 1`, `holdfast_workers 1`,
		`holdfast_appeals{state="issuing"} 1`, `holdfast_mails_total{outcome="accepted",relay="`+relay+`"} 0`, `holdfast_database_up 1`)
}

func TestI9_ARelayThatIsGoneIsTold(t *testing.T) {
	t.Parallel()
	h := openEngine(t, smtpsink.Options{})
	h.must(h.sink.Close())
	h.work("")
	h.tells(t, "The relay "+h.sink.Addr()+" cannot be used.", "Where it fails: it takes no connection.")
}

func TestI9_ARelayThatRefusesOurPasswordIsTold(t *testing.T) {
	t.Parallel()
	h := openEngine(t, smtpsink.Options{User: "holdfast", Password: "right"})
	h.work("holdfast:sesame@")
	page := h.tells(t, "The relay "+h.sink.Addr()+" refuses our password.", "It answered 535.", "Ask whoever manages the mail account", "HOLDFAST_SMTP_URL")
	if strings.Contains(string(page.text), "sesame") {
		t.Error("the page shows the password")
	}
	h.measures(t, `holdfast_relay_up{relay="`+h.sink.Addr()+`"} 0`, `holdfast_faults{grave="yes",kind="refuses_us"} 1`)
}

func TestI9_AnAppealThatIsHeldIsToldAndResumed(t *testing.T) {
	t.Parallel()
	h := openEngine(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt {
			return smtpsink.Action{Reply: "550 5.7.1 <" + e.Recipient + "> you are on a list"}
		}
		return smtpsink.Action{}
	}})
	h.work("")
	page := h.tells(t, "is held: its mails are refused because of us, not of the members.", "Ask the mail provider why it refuses", "resume it there")
	if !strings.Contains(strings.Join(page.links(), " "), "/admin/appeals/"+h.w.appeal) {
		t.Errorf("the page has no link to the appeal: %v", page.links())
	}
	if strings.Contains(page.words(), "@") {
		t.Errorf("the page names somebody:\n%s", page.words())
	}
	h.measures(t, `holdfast_appeals_held{reason="blocked"} 1`, `holdfast_appeals_held{reason="unwritable"} 0`, `holdfast_faults{grave="yes",kind="blocked"} 1`)
	reader := h.at(accounts.Translator)
	if words := reader.open("/admin/engine").words(); strings.Contains(words, "resume it there") {
		t.Errorf("who may not resume is told to:\n%s", words)
	}
}

func TestI9_ThatNobodySendsIsTold(t *testing.T) {
	t.Parallel()
	h := openEngine(t, smtpsink.Options{})
	h.tells(t, "Nothing is being sent: no process that sends is running.", "holdfast work")
	h.measures(t, `holdfast_workers 0`, `holdfast_faults{grave="yes",kind="no_worker"} 1`)
	report := func() {
		h.must(h.server.Campaigns.Report(h.ctx, []campaigns.RelayReport{{Process: "one", Relay: "relay.example:25", Version: "v1.2.0", State: campaigns.RelayIdle}}))
	}
	report()
	h.tells(t, "All is well.", "No appeal is leaving.")
	if words := h.staff.open("/admin/campaigns").words(); strings.Contains(words, "What to do") {
		t.Errorf("all is well, and another page says:\n%s", words)
	}
	h.want(202, "POST", "/appeals/"+h.w.appeal+"/launch", nil)
	_, err := h.server.Campaigns.FillSlice(h.ctx, number(h.w.appeal), campaigns.Filling{SliceRows: 100, BatchRows: 10, Cover: time.Minute})
	h.must(err)
	h.measures(t, `holdfast_batches_open 5`, `holdfast_batches_overdue 0`, `holdfast_windows_open 0`)

	dbtest.MoveClock(t, h.pool, 40*time.Second)
	h.tells(t, "Nothing is being sent: no process that sends has been heard of for 4") // 40 seconds, and what has passed since
	h.staff.open("/admin/campaigns").says(t, "Nothing is being sent", "What to do")
	french := h.at(accounts.Coordinator)
	french.open("/admin/engine?lang=fr").says(t, "Rien ne part", "Demandez à la personne qui gère le serveur")

	dbtest.MoveClock(t, h.pool, 2*time.Minute)
	report() // it lives, but has not come back to a batch
	h.tells(t, "The queue stands still: 5 batches wait that nothing looks after", "restart the processes")
	h.measures(t, `holdfast_batches_overdue 5`, `holdfast_faults{grave="yes",kind="overdue"} 1`)
}

func TestI9_AProviderThatAsksForLessIsToldAndIsNoAlarm(t *testing.T) {
	t.Parallel()
	h := openEngine(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt {
			return smtpsink.Action{Reply: "421 4.7.28 unusual rate"}
		}
		return smtpsink.Action{}
	}})
	h.work("")
	h.tells(t, "mail.example asks for less mail, and is left alone until", "It answered 421.", "nobody else is slowed", "Providers left alone")
	if words := h.staff.open("/admin/campaigns").words(); strings.Contains(words, "What to do") {
		t.Errorf("a paused provider is an alarm:\n%s", words)
	}
	h.measures(t, `holdfast_provider_paused 1`, `holdfast_faults{grave="no",kind="paused"} 1`)
}

func TestI9_WhatWaitsForAPersonIsTold(t *testing.T) {
	t.Parallel()
	var cut atomic.Int64
	h := openEngine(t, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		return smtpsink.Action{Cut: e.Step == smtpsink.Kept && cut.Add(1) <= 3}
	}})
	_, err := h.pool.Exec(h.ctx, "UPDATE appeals SET on_unknown = 'hold'")
	h.must(err)
	h.work("")
	h.tells(t, "3 mails may or may not have arrived, and wait for a person.", "See the appeal.")
}

func TestTheEnginesPageFitsAPhoneAndADeskAndKeepsUpByItself(t *testing.T) {
	for _, width := range []int{390, 1280} {
		for _, lang := range []string{"en", "fr"} {
			t.Run(fmt.Sprint(width, lang), func(t *testing.T) {
				t.Parallel()
				d := open(t)
				site := d.site()
				address, _ := d.staffWith(goodPassword)
				d.server.room.engine.every = 0
				refused := int16(535)
				d.must(d.server.Campaigns.Report(d.ctx, []campaigns.RelayReport{
					{Process: "q7k2mzv4xw3b", Relay: "relay-one.refnet.example:587", Version: "v1.2.0", State: campaigns.RelayOpen, Connections: 8, PerSecond: 412},
					{Process: "q7k2mzv4xw3b", Relay: "relay-two.refnet.example:587", Version: "v1.2.0", State: campaigns.RelayRefusesUs, Code: &refused}}))
				d.must(d.server.Campaigns.Slow(d.ctx, "mail.example", 421, "4.7.28", campaigns.PauseSteps))

				tab := visit(t, width)
				tab.Go(site + "/sign-in?lang=" + lang)
				tab.Fill("#f-address", address)
				tab.Fill("#f-password", goodPassword)
				tab.Press(`form button[type="submit"]`)
				tab.keeps("alarm-" + lang)
				tab.Press(".alarm a")
				tab.keeps("engine-" + lang)
				d.must(d.server.Campaigns.Unreport(d.ctx, "q7k2mzv4xw3b"))
				nobody := map[string]string{"en": "Nothing is being sent", "fr": "Rien ne part"}[lang]
				tab.Do(chromedp.Poll[chromedp.Void](`document.querySelector(".fault.is-grave h2").textContent.startsWith("` + nobody + `")`)) // by the events alone
				tab.keeps("engine-nobody-" + lang)
			})
		}
	}
}

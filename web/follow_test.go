package web

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
)

// walkRounds sends an appeal once more, to one to whom it failed and to one who joined late.
func (d *doors) walkRounds() {
	d.Helper()
	w := d.world()
	appeal, late := "/appeals/"+w.appeal, "/campaigns/"+w.campaign+"/late-joiners"
	forecast := d.want(200, "GET", appeal+"/forecast", nil)
	if forecast["basis"] != "assumed" || forecast["too_late"] != false || forecast["members"].(float64) < 1 {
		d.Errorf("forecast = %v", forecast)
	}
	if got := d.want(200, "GET", late, nil); got["appeal_id"] != 0.0 {
		d.Errorf("late joiners of what has not left: %v", got)
	}
	launched := d.want(202, "POST", appeal+"/launch", fields{})
	if progress := launched["progress"].(fields); progress["per_minute"] != 0.0 || progress["last_at"] != nil || progress["ends_at"] == nil {
		d.Errorf("progress = %v", progress)
	}
	d.deliverRefusing(number(w.appeal), "us")
	if got := d.want(200, "GET", appeal+"/receipt", nil); got["progress"] != nil || got["refusals"].(fields)["us"] != 1.0 {
		d.Errorf("receipt = %v", got)
	}
	got := d.want(202, "POST", appeal+"/retry", fields{"failures": []string{"us"}})
	if got["state"] != "issuing" || got["round_members"] != 1.0 {
		d.Errorf("retry = %v", got)
	}
	d.made("/members", memberFields())
	if got := d.want(200, "GET", late, nil); got["appeal_id"] != float64(number(w.appeal)) || got["members"] != 1.0 {
		d.Errorf("late joiners = %v", got)
	}
	got = d.want(202, "POST", late, nil)
	if got["round_members"] != 1.0 || got["receipt"].(fields)["late_joiners"] != 1.0 || got["receipt"].(fields)["queued"] != 2.0 {
		d.Errorf("let in = %v", got)
	}
}

// hurry moves the deadline of a campaign near, and has the relays take little.
func (d *doors) hurry(w world) {
	d.Helper()
	d.server.Campaigns.Capacity = campaigns.Capacity{PerSecond: 0.0001}
	_, err := d.pool.Exec(d.ctx, hurrySQL, number(w.campaign))
	d.must(err)
}

func TestALaunchThatComesTooLateIsSaidOnPageAndInAPIAndTakesASecondYes(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal + "/launch"
	inTime := b.open(at)
	inTime.says(t, "At about 300 mails a minute", "Nothing has been measured yet", "Nothing is sent after the deadline:")
	if strings.Contains(inTime.words(), "too late") {
		t.Error("in time, a second yes is asked for")
	}
	d.hurry(w)
	b.open(at).says(t, "The last member will be reached too late.", "Launch although not everybody will be reached in time.", "Send to 1 member")
	if got := d.want(200, "GET", "/appeals/"+w.appeal+"/forecast", nil); got["too_late"] != true || got["per_minute"] != 1.0 {
		t.Errorf("forecast = %v", got)
	}
	refused := b.post(at, values("members", "1"))
	if refused.StatusCode != http.StatusConflict {
		t.Errorf("launched too late by one yes: %d", refused.StatusCode)
	}
	refused.says(t, "Launch although not everybody will be reached in time.", "Send to 1 member")
	for _, body := range []any{nil, fields{}, fields{"yes": []string{"parity"}}} {
		got := d.ask("POST", "/appeals/"+w.appeal+"/launch", body)
		if got.StatusCode != http.StatusConflict || !strings.Contains(got.fields(t)["yes"], `"too_late"`) {
			t.Errorf("launched with %v: %d %s", body, got.StatusCode, got.text)
		}
	}
	if d.count(countFanOutsSQL) != 0 {
		t.Fatal("something has left")
	}
	b.done(at, values("members", "1", "yes", "too_late")).says(t, "The appeal is leaving now.", "Nothing is sent after")
	if got := d.count(countTooLateSQL); got != 1 {
		t.Errorf("the override is on record %d times", got)
	}
	other := d.world()
	d.hurry(other)
	d.want(202, "POST", "/appeals/"+other.appeal+"/launch", fields{"yes": []string{"parity", "too_late"}})
}

func TestRetryAndLateJoinersAreOnePressEach(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal
	d.made("/members", memberFields())
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	if strings.Contains(b.open(at).words(), "Once more") {
		t.Error("while it leaves, it can be sent once more")
	}
	d.deliverRefusing(number(w.appeal), "us")
	d.made("/members", memberFields())
	b.open(at).says(t, "Once more", "refused because of us: 1", "1 member joined after the launch", "Send it to 1 who joined late")
	reader := d.at(accounts.Translator)
	if strings.Contains(reader.open(at).words(), "Once more") {
		t.Error("a translator is offered what they may not do")
	}
	if got := b.post(at+"/retry", values()); got.StatusCode != 303 || d.count(countRoundsSQL) != 0 {
		t.Errorf("nothing ticked: %d, %d rounds", got.StatusCode, d.count(countRoundsSQL))
	}
	press := func(path string, form ...string) {
		t.Helper()
		var clicks sync.WaitGroup
		for range 20 {
			clicks.Go(func() {
				other := &browser{doors: d, cookies: map[string]string{d.server.cookieName(): b.cookies[d.server.cookieName()]}}
				if got := other.post(path, values(form...)); got.StatusCode != 303 || got.Header.Get("Location") != at {
					t.Errorf("%s: %d to %q\n%s", path, got.StatusCode, got.Header.Get("Location"), got.words())
				}
			})
		}
		clicks.Wait()
	}
	press(at+"/retry", "failures", "us")
	press("/admin/campaigns/" + w.campaign + "/late-joiners")
	if n := d.count(countRoundsSQL); n != 2 {
		t.Errorf("two presses, twenty times each, are %d rounds", n)
	}
	b.open(at).says(t, "of which joined later and were let in")
	if got := b.post(at+"/retry", values("failures", "content")); got.StatusCode != http.StatusConflict {
		t.Errorf("another retry while it goes on: %d", got.StatusCode)
	}
}

func TestLeavingOutIsWrittenAndItsNumberSaidBeforeTheLaunch(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.made("/members", memberFields())
	earlier := d.world()
	d.want(202, "POST", "/appeals/"+earlier.appeal+"/launch", nil)
	d.deliver(number(earlier.appeal))
	d.made("/members", memberFields())
	w := earlier // a campaign of its own on the same case
	w.campaign = d.made("/campaigns", newCampaign(w.caseID, w.target))
	w.appeal = d.made("/campaigns/"+w.campaign+"/appeals", newAppeal("first"))
	second := d.world()
	b := d.at(accounts.Coordinator)
	for appeal, form := range map[string][]string{w.appeal: {"audience.without_case", "yes"}, second.appeal: {"audience.without_campaigns", earlier.campaign}} {
		at := "/admin/appeals/" + appeal
		b.open(at+"/compose").says(t, "Leave out whoever had an appeal of", "Stop the removal")
		b.done(at+"/compose", values(append([]string{"texts.en.subject", "Urgent", "texts.en.headline", "A man", "texts.en.body", "He is at risk.",
			"texts.fr.subject", "Urgent", "texts.fr.headline", "Un homme", "texts.fr.body", "Il est en danger.", "on_unknown", "resend"}, form...)...))
		stored := d.want(200, "GET", "/appeals/"+appeal, nil)
		if (stored["leave_out_case"] == true) == (len(stored["leave_out_campaigns"].([]any)) == 1) {
			t.Errorf("stored = %v", stored)
		}
		reach := d.want(200, "GET", "/appeals/"+appeal+"/reach", nil)
		b.open(at+"/launch").says(t, "left out for having had another appeal")
		if reach["members"].(float64) < 1 {
			t.Errorf("reach = %v", reach)
		}
	}
	wrong := b.post("/admin/appeals/"+second.appeal+"/compose", values("texts.en.subject", "Urgent", "texts.en.headline", "A man", "texts.en.body", "x",
		"on_unknown", "resend", "audience.without_campaigns", "4711"))
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(wrong.problems()["f-audience-without_campaigns"], "there is no campaign 4711") {
		t.Errorf("a campaign that there is not: %d, %v", wrong.StatusCode, wrong.problems())
	}
	got := d.ask("PUT", "/appeals/"+second.appeal+"/audience", fields{"without_campaigns": []int64{number(second.campaign)}})
	if got.StatusCode != http.StatusUnprocessableEntity || got.fields(t)["audience.without_campaigns"] == "" {
		t.Errorf("its own campaign: %d %s", got.StatusCode, got.text)
	}
}

func TestC6_ThePageTellsWhoWasReachedTooLate(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	_, err := d.server.Campaigns.FillSlice(d.ctx, number(w.appeal), campaigns.Filling{SliceRows: 100, BatchRows: 100, Cover: time.Minute})
	d.must(err)
	d.must(d.server.Campaigns.CountEligible(d.ctx, number(w.appeal)))
	_, err = d.pool.Exec(d.ctx, passDeadlineSQL, number(w.campaign))
	d.must(err)
	_, err = d.server.Campaigns.Sweep(d.ctx, time.Minute, time.Minute)
	d.must(err)
	b.open("/admin/appeals/"+w.appeal).says(t, "The time was over before 1 member could be reached: too late.", "complete")
}

package web

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/templates"
)

func TestLaunchNamesWhatWillHappenAndHappensOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal
	if got := b.get(at); got.StatusCode != 303 || got.Header.Get("Location") != at+"/compose" {
		t.Errorf("a draft: %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	b.open(at+"/launch").says(t, "Send to 1 member in 1 language", "Minister of Public Safety", "Letters are needed")

	d.made("/members", memberFields())
	changed := b.post(at+"/launch", values("members", "1"))
	changed.says(t, "The number of members has changed", "It was 1", "Send to 2 members in 1 language")
	for _, shown := range []string{"", "x", "-1", "99999999999999999999"} {
		if got := b.post(at+"/launch", values("members", shown)); got.StatusCode != http.StatusConflict {
			t.Errorf("a launch that names %q members: %d", shown, got.StatusCode)
		}
	}
	if d.count(countFanOutsSQL) != 0 {
		t.Fatal("something left already")
	}

	var clicks sync.WaitGroup
	for range 20 {
		clicks.Go(func() {
			other := &browser{doors: d, cookies: map[string]string{d.server.cookieName(): b.cookies[d.server.cookieName()]}}
			if got := other.post(at+"/launch", values("members", "2")); got.StatusCode != 303 || got.Header.Get("Location") != at {
				t.Errorf("a launch: %d to %q\n%s", got.StatusCode, got.Header.Get("Location"), got.words())
			}
		})
	}
	clicks.Wait()
	if n := d.count(countFanOutsSQL); n != 1 {
		t.Errorf("20 clicks are %d fan-outs", n)
	}
	b.open(at).says(t, "leaving", "Stop")
	if got := b.get(at + "/compose"); got.StatusCode != 303 {
		t.Errorf("the texts of what has left: %d", got.StatusCode)
	}
	if got := b.post(at+"/compose", values("texts.en.subject", "x")); got.StatusCode != 303 || got.Header.Get("Location") != at {
		t.Errorf("writing over what has left: %d", got.StatusCode)
	}

	d.deliver(number(w.appeal))
	done := b.open(at)
	done.says(t, "complete", "Closes: everybody is accounted for.", "no such address")
	if strings.Contains(string(done.text), "data-events") {
		t.Error("the page listens for what cannot come any more")
	}
	b.open(at+"?state=refused").says(t, "1 delivery", "550")
	b.open(at+"?state=nonsense").says(t, "2 deliveries")
}

func TestALaunchThatMayNotBeSaysWhy(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Roles()...)
	d.want(204, "DELETE", "/appeals/"+w.appeal+"/texts/en", nil)
	page := b.open("/admin/appeals/" + w.appeal + "/launch")
	page.says(t, "This stands in the way", "texts.en is missing")
	if strings.Contains(page.words(), "Send to") {
		t.Error("it can be launched all the same")
	}
	if got := b.post("/admin/appeals/"+w.appeal+"/launch", values("members", "1")); got.StatusCode != 422 {
		t.Errorf("launched without a text: %d", got.StatusCode)
	}
}

func TestR16_ALaunchWithoutFrenchTakesASecondYesThatIsPutOnRecord(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal + "/launch"
	if strings.Contains(b.open(at).words(), "Launch without") {
		t.Error("with both languages a second yes is asked for")
	}
	d.want(204, "DELETE", "/appeals/"+w.appeal+"/texts/fr", nil)
	b.open(at).says(t, "There is no text in French.", "Launch without French.", "Send to 1 member")

	refused := b.post(at, values("members", "1"))
	if refused.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(refused.problems()["f-yes"], "there is no text in French") {
		t.Errorf("launched by one yes: %d, %v", refused.StatusCode, refused.problems())
	}
	refused.says(t, "Launch without French.", "Send to 1 member")
	for _, body := range []any{nil, fields{}, fields{"yes": []string{}}, fields{"yes": []string{"too_late", "Parity"}}} {
		got := d.ask("POST", "/appeals/"+w.appeal+"/launch", body)
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.fields(t)["yes"], `"parity"`) {
			t.Errorf("launched with %v: %d %s", body, got.StatusCode, got.text)
		}
	}
	if d.count(countFanOutsSQL) != 0 || d.count(countWithoutFrenchSQL) != 0 {
		t.Fatal("something left, or is on record as having left")
	}

	b.done(at, values("members", "1", "yes", "parity")).says(t, "The appeal is leaving now.")
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil) // what has left asks for nothing any more
	if n := d.count(countWithoutFrenchSQL); n != 1 {
		t.Errorf("the launch without French is on record %d times", n)
	}

	d.want(202, "POST", "/appeals/"+d.world().appeal+"/launch", nil)
	byScript := d.world()
	d.want(204, "DELETE", "/appeals/"+byScript.appeal+"/texts/fr", nil)
	d.want(202, "POST", "/appeals/"+byScript.appeal+"/launch", fields{"yes": []string{"parity"}})
	if n := d.count(countWithoutFrenchSQL); n != 2 {
		t.Errorf("two launches without French are on record %d times", n)
	}
}

func TestR2_AnOfficeOfTheStateOfOriginWaitsForASecondYes(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	n := newTarget()
	n["country"], n["office"] = "IR", fields{"en": "Minister of Justice"}
	office := d.made("/targets", n)
	one, two := d.at(accounts.Coordinator), d.at(accounts.Reviewer)
	at := "/admin/campaigns/" + w.campaign
	refused := one.post(at+"/targets", values("targets", office))
	if refused.StatusCode != 403 || refused.values().Get("targets") != office {
		t.Errorf("before it is known: %d, chosen %q", refused.StatusCode, refused.values().Get("targets"))
	}
	refused.says(t, "(R2)", "belongs to the state that the person would be sent to or fled from")
	one.done(at+"/origin-state-knows", values("origin_state_reason", "Its embassy wrote to the court.")).says(t, "Knows already.", "Its embassy wrote to the court.")
	one.done(at+"/targets", values("targets", office))
	one.open(at).says(t, "Needs a second yes.", "Added by Ada Example.")
	if strings.Contains(one.open(at).words(), "I agree") {
		t.Error("the account that added the office is asked to agree")
	}
	if got := one.post(at+"/targets/"+office+"/agree", nil); got.StatusCode != 403 {
		t.Errorf("the same account agrees: %d", got.StatusCode)
	}
	two.open(at).says(t, "I agree")
	two.done(at+"/targets/"+office+"/agree", nil).says(t, "Your yes is recorded.", "Ada Example, then Ada Example")
	one.done(at+"/targets/"+office+"/remove", nil)
}

func TestStopAndResumeByOnePress(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal
	if got := b.post(at+"/stop", nil); got.StatusCode != 409 {
		t.Errorf("stopping a draft: %d", got.StatusCode)
	}
	b.done(at+"/launch", values("members", "1")).says(t, "The appeal is leaving now.")
	b.done(at+"/stop", nil).says(t, "Stopped. No more mail will leave.", "Resume for the rest")
	b.done(at+"/resume", nil).says(t, "The appeal goes on with those who have not had it.")
	reviewer := d.at(accounts.Reviewer)
	page := reviewer.open(at)
	page.says(t, "Stop")
	if strings.Contains(page.words(), "@mail.example") {
		t.Error("a reviewer, who may not read members, sees an address")
	}
	reviewer.done(at+"/stop", nil)
}

func TestEventsTellProgressUntilItIsOver(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.made("/members", memberFields())
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal
	b.done(at+"/launch", values("members", "2"))

	ctx, cancel := context.WithTimeout(d.ctx, 30*time.Second)
	defer cancel()
	r := d.request("GET", at+"/events", "", nil).WithContext(ctx)
	r.AddCookie(&http.Cookie{Name: d.server.cookieName(), Value: b.cookies[d.server.cookieName()]})
	answer, err := http.DefaultClient.Do(r)
	d.must(err)
	defer answer.Body.Close()
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %q", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(answer.Body)
	var events []string
	var data strings.Builder
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			events = append(events, strings.TrimPrefix(line, "event: "))
		case strings.HasPrefix(line, "data: "):
			data.WriteString(strings.TrimPrefix(line, "data: ") + "\n")
		case line == "" && len(events) == 1 && data.Len() > 0:
			if !strings.Contains(data.String(), `data-state="issuing"`) {
				t.Errorf("the first event:\n%s", data.String())
			}
			d.deliver(number(w.appeal))
			data.Reset()
		}
	}
	d.must(lines.Err())
	if events[len(events)-1] != "end" || !strings.Contains(data.String(), `data-state="complete"`) || len(events) > 6 {
		t.Errorf("events %q, the last with\n%s", events, data.String())
	}
	if strings.Contains(data.String(), "<html") {
		t.Error("an event has a whole page")
	}
}

func TestEventsEndWithTheProgram(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	l, err := listenLoopback()
	d.must(err)
	ctx, end := context.WithCancel(d.ctx)
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, l, d.server.Public(), d.server.Log) }()
	r, err := http.NewRequestWithContext(d.ctx, "GET", "http://"+l.Addr().String()+"/admin/appeals/"+w.appeal+"/events", nil)
	d.must(err)
	_, session := d.account(accounts.Auditor)
	r.AddCookie(&http.Cookie{Name: d.server.cookieName(), Value: session})
	answer, err := http.DefaultClient.Do(r)
	d.must(err)
	defer answer.Body.Close()
	if _, err := bufio.NewReader(answer.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	end()
	d.must(<-served)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the end waited %s for somebody who watches", took)
	}
}

func TestPreviewIsUnderAPolicyOfItsOwn(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.want(200, "PUT", "/appeals/"+w.appeal+"/texts/fa", fields{"subject": "فوری", "headline": "یک مرد", "body": "در خطر است."})
	b := d.at(accounts.Translator)
	at := "/admin/appeals/" + w.appeal + "/preview/"
	page := b.open(at + "fa")
	if !strings.Contains(string(page.text), `<iframe class="mail" src="`+at+`fa/html" sandbox`) {
		t.Errorf("no sandboxed frame:\n%s", page.text)
	}
	frame := b.open(at + "fa/html")
	if frame.Header.Get("Content-Security-Policy") != templates.MailSecurityPolicy || frame.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("the frame's headers: %v", frame.Header)
	}
	if !strings.Contains(string(frame.text), "در خطر است") || strings.Contains(string(frame.text), "h0123456789abcdef") {
		t.Errorf("the frame:\n%s", frame.text)
	}
	b.open(at+"fa?view=text").says(t, "در خطر است")
	for path, status := range map[string]int{at + "es": 200, at + "x": 200, "/admin/appeals/999999/preview/en": 404, "/admin/appeals/999999/preview/en/html": 404} {
		if got := b.get(path); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", path, got.StatusCode, status)
		}
	}
}

func TestATestGoesToWhoeverAsksAndSaysWhenItCannot(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Translator)
	at := "/admin/appeals/" + w.appeal
	b.done(at+"/test", values("test.language", "en", "test.address", "somebody@else.example")).says(t, "The test mail has left.")
	if len(d.posted) != 1 || d.posted[0].Language != "en" {
		t.Errorf("posted %v", d.posted)
	}
	d.lost = true
	lost := b.post(at+"/test", values("test.language", "en"))
	lost.says(t, "the relay did not take the mail")
	if strings.Contains(string(lost.text), "5.1.1") || strings.Contains(d.log.String(), "@staff.example") {
		t.Error("the relay's words are told")
	}
}

func TestTextsAreAddedAndDroppedWithoutLosingWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	at := "/admin/appeals/" + w.appeal + "/compose"
	form := b.open(at).values()
	form.Set("texts.en.body", "Typed, not saved.")
	form.Set("add", "yes")
	form.Set("add_language", "fa")
	added := b.post(at, form)
	if got := added.values(); added.StatusCode != 200 || got.Get("texts.en.body") != "Typed, not saved." || !got.Has("texts.fa.subject") {
		t.Fatalf("after adding a language: %d %v", added.StatusCode, got)
	}
	form = added.values()
	form.Set("texts.fa.subject", "فوری")
	form.Set("texts.fa.headline", "یک مرد")
	form.Set("texts.fa.body", "در خطر است.")
	form.Set("audience.groups", w.group)
	saved := b.done(at, form)
	if got := saved.values(); got.Get("texts.fa.subject") != "فوری" || got.Get("texts.en.body") != "Typed, not saved." || got.Get("audience.groups") != w.group {
		t.Errorf("saved: %v", got)
	}
	translator := d.at(accounts.Translator)
	form = translator.open(at).values()
	form.Del("audience.groups")
	form.Set("audience.languages", "fa")
	form.Set("drop", "fa")
	translator.done(at, form)
	after := b.open(at).values()
	if after.Has("texts.fa.subject") && after.Get("texts.fa.subject") != "" {
		t.Error("the language is still there")
	}
	if after.Get("audience.groups") != w.group || after.Get("audience.languages") != "" {
		t.Errorf("a translator changed whom the appeal goes to: %v", after)
	}
}

func TestS2_FormsThatMakeSomethingNewMakeItOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Coordinator)
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	for name, c := range map[string]struct{ from, to string }{
		"a campaign": {"/admin/campaigns/new", "/admin/campaigns"},
		"an appeal":  {"/admin/campaigns/" + w.campaign, "/admin/campaigns/" + w.campaign + "/appeals"},
		"an ask":     {"/admin/campaigns/" + w.campaign + "/change", "/admin/campaigns/" + w.campaign + "/asks"},
	} {
		form := values("key", b.open(c.from).values().Get("key"), "title", "Stop", "series", "UA", "fallback_language", "en", "deadline_day", in(10),
			"deadline_zone", "UTC", "kind", "update", "texts.en", "Ask.")
		if form.Get("key") == "" {
			t.Fatalf("%s: no key", name)
		}
		before := d.count(countAuditSQL)
		var mu sync.Mutex
		led := map[string]int{}
		var clicks sync.WaitGroup
		for range 20 {
			clicks.Go(func() {
				other := &browser{doors: d, cookies: map[string]string{d.server.cookieName(): b.cookies[d.server.cookieName()]}}
				got := other.post(c.to, form)
				mu.Lock()
				defer mu.Unlock()
				led[got.Header.Get("Location")]++
			})
		}
		clicks.Wait()
		if made := d.count(countAuditSQL) - before; made != 1 || len(led) != 1 {
			t.Errorf("%s: 20 clicks made %d, and lead to %v", name, made, led)
		}
	}
}

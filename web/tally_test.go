package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/letters"
	"holdfast/members"
)

// join puts the member into the world's group.
func (o *opened) join() {
	o.Helper()
	group := number(o.group)
	_, err := o.server.Members.Update(o.ctx, audit.System(), o.member, members.Change{GroupID: &group})
	o.must(err)
}

func (o *opened) counter() letters.Counter {
	o.Helper()
	c, err := o.server.Letters.Counter(o.ctx, number(o.campaign))
	o.must(err)
	return c
}

var keyOf = regexp.MustCompile(`name="key" value="([^"]+)"`)

func TestP9_AVisitorReportsCorrectsAndWithdrawsAndADoubleClickIsOneLetter(t *testing.T) {
	t.Parallel()
	o := launched(t)
	at := "/a/" + o.slug() + "/report"
	key := keyOf.FindStringSubmatch(string(o.visit("GET", at, nil).text))
	if key == nil {
		t.Fatal("the form has no key")
	}
	today := time.Now().UTC().Format(time.DateOnly)
	form := url.Values{"key": {key[1]}, "target": {o.target}, "channel": {"post"}, "day": {today}, "copies": {"999"}}
	wrong := o.visit("POST", at, form)
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(wrong.text), key[1]) || !strings.Contains(string(wrong.text), `value="999"`) {
		t.Errorf("a wrong form: %d; want 422 with what was typed and the same key", wrong.StatusCode)
	}
	form.Set("copies", "2")
	var all sync.WaitGroup
	own := make([]string, 30)
	for i := range own {
		all.Go(func() { own[i] = o.visit("POST", at, form).Header.Get("Location") })
	}
	all.Wait()
	for _, to := range own {
		if to != own[0] || !strings.HasPrefix(to, "/w/") {
			t.Fatalf("the same form leads to %q and %q, want one page under /w/", own[0], to)
		}
	}
	if got := o.counter(); got != (letters.Counter{Visitors: 2}) {
		t.Errorf("counted %+v, want two letters of one visitor", got)
	}
	page := string(o.visit("GET", own[0], nil).text)
	link, _, _ := strings.Cut(own[0], "?")
	if !strings.Contains(page, "Thank you for writing") || !strings.Contains(page, "https://act.refnet.example"+link) || !strings.Contains(page, "Known from your report.") {
		t.Errorf("after a report:\n%.3000s", page)
	}
	list, err := o.server.Letters.List(o.ctx, 0, campaigns.Page{})
	o.must(err)
	id := fmt.Sprint(list[0].ID)
	other := o.visit("POST", o.reportLink()+"/report/letters/"+id+"/withdraw", nil)
	if other.StatusCode != http.StatusNotFound {
		t.Errorf("a member withdraws a visitor's letter: %d", other.StatusCode)
	}
	if got := o.visit("POST", link+"/letters/"+id, url.Values{"day": {today}, "copies": {"1"}}); got.StatusCode != http.StatusSeeOther || o.counter().Visitors != 1 {
		t.Errorf("corrected: %d, %+v", got.StatusCode, o.counter())
	}
	if got := o.visit("POST", link+"/letters/"+id+"/withdraw", nil); got.StatusCode != http.StatusSeeOther || o.counter().Sum() != 0 {
		t.Errorf("withdrawn: %d, %+v", got.StatusCode, o.counter())
	}
	if got := o.visit("GET", "/w/"+strings.TrimPrefix(o.reportLink(), "/r/"), nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a member's token opens a visitor's page: %d", got.StatusCode)
	}
	if strings.Contains(o.log.String(), strings.TrimPrefix(link, "/w/")) {
		t.Error("a visitor's token is in the log")
	}
}

func TestTheOldLinkStillTakesAReport(t *testing.T) {
	t.Parallel()
	o := launched(t)
	form := url.Values{"target": {o.target}, "channel": {"post"}, "day": {time.Now().UTC().Format(time.DateOnly)}, "copies": {"2"}}
	for _, path := range []string{o.reportLink(), o.reportLink() + "/report"} {
		if got := o.visit("POST", path, form); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != o.reportLink()+"/report?done=reported" {
			t.Errorf("%d to %q", got.StatusCode, got.Header.Get("Location"))
		}
	}
	if got := o.counter(); got != (letters.Counter{Reported: 2}) {
		t.Errorf("counted %+v", got)
	}
}

func TestR14_AMemberTellsOfALetterEvening(t *testing.T) {
	t.Parallel()
	o := launched(t)
	at := o.reportLink() + "/evening"
	today := time.Now().UTC().Format(time.DateOnly)
	form := url.Values{"target": {o.target}, "channel": {"post"}, "day": {today}, "copies": {"46"}}
	if page := string(o.visit("GET", at, nil).text); !strings.Contains(page, "in no group here") || strings.Contains(page, "<form") {
		t.Errorf("a member of no group sees a form:\n%.2000s", page)
	}
	if got := o.visit("POST", at, form); got.StatusCode != http.StatusConflict || o.counter().Sum() != 0 {
		t.Errorf("a member of no group: %d", got.StatusCode)
	}
	o.join()
	if page := string(o.visit("GET", o.reportLink()+"/report", nil).text); !strings.Contains(page, at) {
		t.Error("the page of reports does not lead to the evening")
	}
	form.Set("copies", "5001")
	if got := o.visit("POST", at, form); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(got.text), "more than an evening can report") {
		t.Errorf("5,001 letters: %d", got.StatusCode)
	}
	form.Set("copies", "46")
	for range 2 {
		if got := o.visit("POST", at, form); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("an evening: %d\n%.2000s", got.StatusCode, got.text)
		}
	}
	if got := o.counter(); got != (letters.Counter{Batch: 46}) {
		t.Errorf("counted %+v, want one evening", got)
	}
	list, err := o.server.Letters.List(o.ctx, 0, campaigns.Page{})
	o.must(err)
	if got := o.visit("POST", at+"/"+fmt.Sprint(list[0].ID)+"/withdraw", nil); got.StatusCode != http.StatusSeeOther || o.counter().Sum() != 0 {
		t.Errorf("withdrawn: %d, %+v", got.StatusCode, o.counter())
	}
}

func TestR14_StaffRecordEveningsLookAtWhatIsSetAsideAndSetTheCounter(t *testing.T) {
	t.Parallel()
	o := launched(t)
	at := "/admin/campaigns/" + o.campaign
	today := time.Now().UTC().Format(time.DateOnly)
	b := o.at(accounts.Tracker)
	form := url.Values{"group": {o.group}, "target": {o.target}, "channel": {"post"}, "day": {today}, "copies": {"many"}}
	if p := b.post(at+"/evenings", form); p.StatusCode != http.StatusUnprocessableEntity || p.problems()["f-copies"] == "" {
		t.Errorf("a wrong form: %d, %v", p.StatusCode, p.problems())
	}
	form.Set("copies", "212")
	b.done(at+"/evenings", form).says(t, "Ada Example", "set aside", "212")
	b.open("/admin/letters").says(t, "1 report waits for a look; it is in no total.", "No letter has been reported yet.")
	b.open("/admin/letters/aside").says(t, "212", "many letters for one writer or evening", "Group")
	list, err := o.server.Letters.List(o.ctx, 0, campaigns.Page{})
	o.must(err)
	review := "/admin/letters/aside/" + fmt.Sprint(list[0].ID)
	if p := b.post(review, url.Values{"verdict": {"perhaps"}}); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no verdict: %d", p.StatusCode)
	}
	b.done(review, url.Values{"verdict": {"accept"}}).says(t, "Nothing waits.")
	b.open(at).says(t, "Batch Sum", "Post 212 212", "0 members, 0 visitors, 1 group.")

	public := func() string { return string(o.visit("GET", "/a/"+o.slug(), nil).text) }
	if strings.Contains(public(), "At least") {
		t.Error("the public page counts before anybody has set its counter")
	}
	c := o.at(accounts.Coordinator)
	if p := c.post(at+"/counter", url.Values{"counter_from": {"-3"}}); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a counter from -3: %d", p.StatusCode)
	}
	for from, shown := range map[string]bool{"213": false, "212": true, "": false} {
		c.done(at+"/counter", url.Values{"counter_from": {from}})
		if got := strings.Contains(public(), "At least 212 letters"); got != shown {
			t.Errorf("counter from %q: shown %v", from, got)
		}
		if got := strings.Contains(public(), "212 as groups told us of their evenings"); got != shown {
			t.Errorf("counter from %q: the method is shown %v", from, got)
		}
	}
	b.done(at+"/evenings/"+fmt.Sprint(list[0].ID)+"/withdraw", nil).says(t, "withdrawn")
	if got := o.counter(); got.Sum() != 0 {
		t.Errorf("withdrawn: %+v", got)
	}
}

func TestP9_FormsAreLimitedByLinkAndBySource(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.server.limits.links, o.server.limits.sources = newBuckets(1e-6, 3), newBuckets(1e-6, 8)
	statuses := func(n int, path string) (list []int) {
		for range n {
			list = append(list, o.visit("POST", path, url.Values{}).StatusCode)
		}
		return list
	}
	if got := fmt.Sprint(statuses(5, o.reportLink()+"/report")); got != "[422 422 422 429 429]" {
		t.Errorf("by one link: %s", got)
	}
	if got := fmt.Sprint(statuses(5, "/a/"+o.slug()+"/report")); got != "[422 422 422 429 429]" {
		t.Errorf("by one source, after five: %s", got)
	}
	if got := fmt.Sprint(statuses(2, o.leaveLink())); got != "[200 200]" {
		t.Errorf("leaving is limited: %s", got)
	}
	if got := o.visit("GET", o.reportLink()+"/report", nil); got.StatusCode != http.StatusOK {
		t.Errorf("looking is limited: %d", got.StatusCode)
	}
}

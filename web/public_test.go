package web

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/members"
)

// opened is a launched campaign with one member who got its first appeal.
type opened struct {
	*doors
	world
	member, appealID int64
}

func launched(t *testing.T) *opened {
	t.Helper()
	d := open(t)
	o := &opened{doors: d, world: d.world()}
	o.member, o.appealID = number(o.world.member), number(o.world.appeal)
	d.want(http.StatusAccepted, "POST", "/appeals/"+o.world.appeal+"/launch", nil)
	_, err := d.server.Campaigns.FillSlice(d.ctx, o.appealID, campaigns.Filling{SliceRows: 100, BatchRows: 10, Cover: time.Minute})
	d.must(err)
	return o
}

func (o *opened) leaveLink() string {
	return "/u/" + o.server.Links.Unsubscribe.Make(o.appealID, o.member)
}
func (o *opened) reportLink() string { return "/r/" + o.server.Links.Report.Make(o.appealID, o.member) }

func (o *opened) visit(method, path string, form url.Values) reply {
	o.Helper()
	var body *strings.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	} else {
		body = strings.NewReader("")
	}
	r, err := http.NewRequestWithContext(o.ctx, method, o.url+path, body)
	o.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	got := o.send(r)
	checkPromised(o, got)
	return got
}

func (o *opened) state() members.State {
	o.Helper()
	m, err := o.server.Members.Get(o.ctx, o.member)
	o.must(err)
	return m.State
}

func TestU2_LookingAtALinkChangesNothing(t *testing.T) {
	t.Parallel()
	o := launched(t)
	before := o.count(countAuditSQL)
	var wg sync.WaitGroup
	for _, path := range []string{o.leaveLink(), o.reportLink(), o.leaveLink() + "?List-Unsubscribe=One-Click", "/a/nosuchaddress"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			for range 20 {
				wg.Go(func() {
					r, _ := http.NewRequestWithContext(o.ctx, method, o.url+path, nil)
					r.Header.Set("Sec-Purpose", "prefetch")
					if got := o.send(r); got.StatusCode >= 500 {
						t.Errorf("%s: %d", method, got.StatusCode)
					}
				})
			}
		}
	}
	wg.Wait()
	if o.state() != members.Subscribed || o.count(countAuditSQL) != before {
		t.Errorf("after scanners: member %s, %d new audit rows", o.state(), o.count(countAuditSQL)-before)
	}
}

func TestU3_OneClickTakesEitherEncodingAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func() (string, []byte){
		"urlencoded": func() (string, []byte) {
			return "application/x-www-form-urlencoded", []byte("List-Unsubscribe=One-Click")
		},
		"multipart": func() (string, []byte) {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			_ = w.WriteField("List-Unsubscribe", "One-Click")
			w.Close()
			return w.FormDataContentType(), b.Bytes()
		},
		"no body": func() (string, []byte) { return "", nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := launched(t)
			kind, body := make()
			r, _ := http.NewRequestWithContext(o.ctx, "POST", o.url+o.leaveLink(), bytes.NewReader(body))
			if kind != "" {
				r.Header.Set("Content-Type", kind)
			}
			r.Header.Set("Origin", "https://mail.example") // mail programs on the web send one
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			got := o.send(r)
			if got.StatusCode != http.StatusOK || got.Header.Get("Location") != "" || len(got.Cookies()) != 0 {
				t.Errorf("status %d, location %q, cookies %v; want 200 and neither", got.StatusCode, got.Header.Get("Location"), got.Cookies())
			}
			if o.state() != members.Left {
				t.Errorf("the member is %s, want left", o.state())
			}
		})
	}
}

func TestU5_LeavingAHundredTimesIsOneAnswerAndOneAuditRow(t *testing.T) {
	t.Parallel()
	o := launched(t)
	before := o.count(countAuditSQL)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if got := o.visit("POST", o.leaveLink(), url.Values{"how": {"page"}}); got.StatusCode != http.StatusOK {
				t.Errorf("status %d", got.StatusCode)
			}
		})
	}
	wg.Wait()
	if n := o.count(countAuditSQL) - before; n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
}

func TestU6_LinksOutliveYearsClosingAndAnotherAddress(t *testing.T) {
	t.Parallel()
	o := launched(t)
	other := "other-" + newID() + "@mail.example"
	_, err := o.server.Members.Update(o.ctx, audit.System(), o.member, members.Change{Address: &other})
	if err != nil {
		t.Fatal(err)
	}
	o.want(http.StatusOK, "POST", "/campaigns/"+o.campaign+"/close", fields{"outcome": "released"})
	dbtest.MoveClock(t, o.pool, 5*365*24*time.Hour)
	got := o.visit("POST", o.leaveLink(), url.Values{"List-Unsubscribe": {"One-Click"}})
	if got.StatusCode != http.StatusOK || o.state() != members.Left {
		t.Errorf("status %d, member %s; want 200 and left", got.StatusCode, o.state())
	}
	if strings.Contains(string(got.text), "other-") || len(got.Cookies()) != 0 {
		t.Error("the page shows the address, or signs somebody in")
	}
}

func TestU7_AlteredTokensAndThoseOfAnotherPurposeAreRefused(t *testing.T) {
	t.Parallel()
	o := launched(t)
	wrong := []string{"/u/" + strings.TrimPrefix(o.reportLink(), "/r/"), "/u/" + strings.Repeat("a", 53), "/u/x", "/u/" + strings.Repeat("a", 4000)}
	good := []byte(o.leaveLink())
	for range 50 {
		altered := bytes.Clone(good)
		i := 3 + rand.IntN(len(altered)-3)
		altered[i] = "abcdefghijklmnopqrstuvwxyz234567"[rand.IntN(32)]
		if !bytes.Equal(altered, good) {
			wrong = append(wrong, string(altered))
		}
	}
	var first []byte
	for _, path := range wrong {
		for _, method := range []string{"GET", "POST"} {
			got := o.visit(method, path, nil)
			if got.StatusCode != http.StatusNotFound {
				t.Errorf("%s of a wrong link: %d, want 404", method, got.StatusCode)
			}
			if first == nil {
				first = got.text
			}
			if !bytes.Equal(first, got.text) {
				t.Error("two wrong links get two answers")
			}
		}
	}
	if got := o.visit("GET", "/r/"+strings.TrimPrefix(o.leaveLink(), "/u/"), nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a leave token opens the report page: %d", got.StatusCode)
	}
	if o.state() != members.Subscribed {
		t.Errorf("the member is %s", o.state())
	}
}

func TestU8_UnknownGoneAndLeftAlikeGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	o := launched(t)
	unknown := "/u/" + o.server.Links.Unsubscribe.Make(o.appealID, 1<<40)
	token := func(path string) string { return strings.TrimPrefix(path, "/u/") }
	same := func(got reply, path string) string { return strings.ReplaceAll(string(got.text), token(path), "TOKEN") }
	for _, method := range []string{"GET", "POST"} {
		good := o.visit(method, o.leaveLink(), nil)
		again := o.visit(method, o.leaveLink(), nil)
		none := o.visit(method, unknown, nil)
		if good.StatusCode != none.StatusCode || same(good, o.leaveLink()) != same(none, unknown) || same(good, o.leaveLink()) != same(again, o.leaveLink()) {
			t.Errorf("%s: a good, a used and an unknown token get different answers", method)
		}
	}
}

func TestU11_TokenPagesTellNobody(t *testing.T) {
	t.Parallel()
	o := launched(t)
	for _, path := range []string{o.leaveLink(), o.reportLink()} {
		got := o.visit("GET", path, nil)
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex", "Cache-Control": "no-store"} {
			if got.Header.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, got.Header.Get(name), want)
			}
		}
		if strings.Contains(string(got.text), "https://") && strings.Contains(string(got.text), "src=\"https://") {
			t.Error("the page asks somebody else for something")
		}
		token := path[3:]
		if strings.Contains(o.log.String(), token) {
			t.Error("a token is in the log")
		}
	}
}

func TestReportPageTakesCorrectsAndWithdraws(t *testing.T) {
	t.Parallel()
	o := launched(t)
	link := o.reportLink()
	today := time.Now().UTC().Format(time.DateOnly)
	totals := func() string {
		return fmt.Sprint(o.want(http.StatusOK, "GET", "/campaigns/"+o.campaign+"/letter-totals", nil)["items"])
	}

	wrong := o.visit("POST", link, url.Values{"channel": {"post"}, "day": {"yesterday"}, "copies": {"999999"}})
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(wrong.text), `value="999999"`) || !strings.Contains(string(wrong.text), `value="yesterday"`) {
		t.Errorf("a wrong form: %d; want 422 with what was typed", wrong.StatusCode)
	}
	_, list, _ := strings.Cut(string(o.visit("POST", link, url.Values{"copies": {"0"}}).text), `aria-labelledby="problems"`)
	at := func(field string) int { return strings.Index(list, `href="#f-`+field+`"`) }
	if !(at("target") > 0 && at("target") < at("channel") && at("channel") < at("copies") && at("copies") < at("day")) {
		t.Errorf("what is wrong is not told in the order of the form:\n%.1500s", list)
	}
	got := o.visit("POST", link, url.Values{"target": {o.target}, "channel": {"post"}, "day": {today}, "copies": {"2"}})
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), link) {
		t.Fatalf("a report: %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if s := totals(); !strings.Contains(s, "letters:2") {
		t.Errorf("totals %s, want 2", s)
	}
	if page := string(o.visit("GET", got.Header.Get("Location"), nil).text); !strings.Contains(page, "Thank you for writing") || strings.Contains(page, "<details open>") {
		t.Errorf("after a report the page does not thank, or has a correction open that nobody asked for:\n%.3000s", page)
	}
	letters, err := o.server.Letters.List(o.ctx, 0, campaigns.Page{})
	o.must(err)
	id := fmt.Sprint(letters[0].ID)
	again := o.visit("POST", link+"/report/letters/"+id, url.Values{"day": {today}, "copies": {"700"}})
	if again.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(again.text), "<details open>") {
		t.Errorf("a wrong correction: %d, want it open with what is wrong", again.StatusCode)
	}
	for _, c := range []struct{ path, copies, totals, says string }{
		{link + "/report/letters/" + id, "7", "letters:7", "Corrected."}, {link + "/report/letters/" + id + "/withdraw", "", "[]", "Withdrawn. It no longer counts."},
	} {
		got := o.visit("POST", c.path, url.Values{"day": {today}, "copies": {c.copies}})
		if got.StatusCode != http.StatusSeeOther || !strings.Contains(totals(), c.totals) {
			t.Errorf("%s: %d, totals %s, want %s", c.path, got.StatusCode, totals(), c.totals)
		}
		if page := string(o.visit("GET", got.Header.Get("Location"), nil).text); !strings.Contains(page, c.says) || strings.Contains(page, "Thank you for writing") {
			t.Errorf("%s: the page does not say %q alone:\n%.3000s", c.path, c.says, page)
		}
	}
}

func TestA10_ADraftIsNotFoundAndAClosedCampaignTellsItsOutcome(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	o := &opened{doors: d, world: w}
	c, err := d.server.Campaigns.Campaign(d.ctx, number(w.campaign))
	d.must(err)
	if got := o.visit("GET", "/a/"+c.Slug, nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a draft's public address: %d, want 404", got.StatusCode)
	}
	d.want(http.StatusAccepted, "POST", "/appeals/"+w.appeal+"/launch", nil)
	for _, lang := range []string{"en", "fr", "ar"} {
		got := o.visit("GET", "/a/"+c.Slug+"?lang="+lang, nil)
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Language") != lang {
			t.Errorf("in %s: %d, %q", lang, got.StatusCode, got.Header.Get("Content-Language"))
		}
	}
}

package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/letters"
	"time"
)

func TestMembersAreListedMaskedFilteredAndInPages(t *testing.T) {
	t.Parallel()
	d := open(t)
	b := d.at(accounts.Coordinator)
	group := d.made("/groups", fields{"name": "Ottawa", "city": "Ottawa"})
	var first string
	for i := range pageLimit + 3 {
		n := memberFields()
		if i%2 == 0 {
			n["language"], n["group_id"] = "fr", number(group)
		}
		if id := d.made("/members", n); i == 0 {
			first = n["address"].(string)
			d.want(200, "POST", "/members/"+id+"/leave", nil)
		}
	}
	page := b.open("/admin/members")
	page.says(t, fmt.Sprintf("%d members", pageLimit+3))
	if strings.Contains(string(page.text), first) {
		t.Error("the list shows a whole address")
	}
	next := ""
	for _, link := range page.links() {
		if strings.Contains(link, "after=") {
			next = link
		}
	}
	if rows := strings.Count(string(b.open(next).text), `<th scope="row">`); rows != 3 {
		t.Errorf("the second page, %s, has %d rows, want 3", next, rows)
	}
	b.open("/admin/members?language=fr&state=subscribed&group="+group).says(t, fmt.Sprintf("%d members", (pageLimit+3+1)/2-1), "French")
	found := b.open("/admin/members?q=" + strings.ToUpper(first))
	found.says(t, "1 member", "left")
	b.open("/admin/members?q=nobody@mail.example").says(t, "0 members", "No member fits.")
	if wrong := b.open("/admin/members?q=nobody&country=XX"); wrong.problems()["f-q"] == "" {
		t.Error("an address that is none is not told as such")
	}
}

func TestAMemberLeavesIsSuppressedAndComesBack(t *testing.T) {
	t.Parallel()
	d := open(t)
	b := d.at(accounts.Coordinator)
	at := "/admin/members/" + d.made("/members", memberFields())
	b.done(at+"/unsubscribe", nil).says(t, "The member is unsubscribed.", "left", "by our staff")
	b.done(at+"/rejoin", values("consent.source", "letter", "consent.given_on", "2026-02-01", "consent.words", "Again, please.")).says(t, "subscribed", "Again, please.", "Send me appeals.")
	b.done(at+"/suppress", nil).says(t, "suppressed", "Lift the suppression")
	if got := b.post(at+"/rejoin", values("consent.source", "letter", "consent.given_on", "2026-02-01", "consent.words", "Again.")); got.StatusCode != 409 {
		t.Errorf("a suppressed address rejoins: %d", got.StatusCode)
	}
	b.done(at+"/lift", nil)
	b.done(at+"/lift", nil).says(t, "subscribed")
	if got := b.post("/admin/members/999999/unsubscribe", nil); got.StatusCode != 404 {
		t.Errorf("nobody leaves: %d", got.StatusCode)
	}
}

func TestImportReadsTheFileAsItComesAndReportsEachRow(t *testing.T) {
	t.Parallel()
	d := open(t)
	b := d.at(accounts.Coordinator)
	const path = "/admin/members/import"
	consent := values("consent.source", "sign-up sheet", "consent.given_on", "2026-01-31", "consent.words", "Send me appeals.", "language", "fr", "country", "CA")
	var file strings.Builder
	file.WriteString("\ufeffemail;name;status\n")
	for i := range 2500 {
		fmt.Fprintf(&file, "m%d@mail.example;Member %d;subscribed\n", i, i)
	}
	file.WriteString("gone@mail.example;Gone;unsubscribed\nnobody;;\nm1@mail.example;Again;\n")
	report := b.upload(path, consent, "../list.csv", file.String())
	if report.StatusCode != 200 {
		t.Fatalf("%d\n%s", report.StatusCode, report.words())
	}
	report.says(t, "What became of list.csv", "added 2,500", "known already 1", "not taken in 1", "rows 2,503", "the address has no @")
	checkPromised(t, report.reply)

	for name, c := range map[string]struct {
		file    string
		change  func(v map[string][]string)
		told    string
		message string
	}{
		"another encoding":  {"email\n\xe9@mail.example\n", nil, "f-file", "UTF-8"},
		"a workbook":        {"PK\x03\x04xl/", nil, "f-file", "Excel"},
		"an empty file":     {"", nil, "f-file", "an empty file"},
		"no consent":        {"email\na@mail.example\n", func(v map[string][]string) { delete(v, "consent.words") }, "f-consent-words", ""},
		"a day that is not": {"email\na@mail.example\n", func(v map[string][]string) { v["consent.given_on"] = []string{"soon"} }, "f-consent-given_on", "date"},
		"a language":        {"email\na@mail.example\n", func(v map[string][]string) { v["language"] = []string{"klingon!"} }, "f-language", ""},
		"a group":           {"email\na@mail.example\n", func(v map[string][]string) { v["group"] = []string{"999999"} }, "f-group", ""},
	} {
		sent := values()
		for field := range consent {
			sent.Set(field, consent.Get(field))
		}
		if c.change != nil {
			c.change(sent)
		}
		got := b.upload(path, sent, "list.csv", c.file)
		if got.StatusCode != 422 || !strings.Contains(got.problems()[c.told], c.message) || got.problems()[c.told] == "" || got.values().Get("consent.source") != "sign-up sheet" {
			t.Errorf("%s: %d, %v, %v", name, got.StatusCode, got.problems(), got.values())
		}
	}
	nothing := b.request("POST", path, "", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--b--\r\n")
	nothing.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	nothing.Header.Set("Sec-Fetch-Site", "same-origin")
	if got := b.send(nothing); got.StatusCode != 422 || got.problems()["f-file"] == "" {
		t.Errorf("no file: %d %v", got.StatusCode, got.problems())
	}
	broken := b.request("POST", path, "", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nemail\n")
	broken.Header = nothing.Header.Clone()
	if got := b.send(broken); got.StatusCode != 400 {
		t.Errorf("a form that breaks off: %d", got.StatusCode)
	}
	if n := d.count(countMembersSQL); n != 2500 {
		t.Errorf("%d members, want 2,500", n)
	}
}

func TestExportIsAFormAndIsPutOnRecord(t *testing.T) {
	t.Parallel()
	d := open(t)
	n := memberFields()
	d.made("/members", n)
	b := d.at(accounts.Coordinator)
	before := d.count(countAuditSQL)
	got := b.post("/admin/members/export", nil)
	if got.StatusCode != 200 || got.Header.Get("Content-Disposition") != `attachment; filename="members.csv"` {
		t.Fatalf("%d %v", got.StatusCode, got.Header)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(got.text, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) != 2 || !strings.Contains(strings.Join(rows[1], " "), n["address"].(string)) {
		t.Errorf("the file: %v %v", rows, err)
	}
	if d.count(countAuditSQL) != before+1 {
		t.Error("the export is not on record")
	}
	if got := b.get("/admin/members/export"); got.StatusCode == http.StatusOK {
		t.Error("an export can be linked to")
	}
}

func TestLettersAreSummedByOfficeAndChannelWithTheirMethod(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	d.deliver(number(w.appeal))
	writer := letters.Writer{AppealID: number(w.appeal), MemberID: number(w.member)}
	for channel, copies := range map[string]int{"post": 3, "email": 2} {
		d.must(d.server.Letters.Report(d.ctx, writer, letters.Report{TargetIDs: []int64{number(w.target)}, Channel: channel, Copies: copies, WrittenOn: campaigns.DayOf(time.Now())}))
	}
	b := d.at(accounts.Tracker)
	for _, path := range []string{"/admin/letters", "/admin/letters?campaign=" + w.campaign, "/admin/campaigns/" + w.campaign} {
		b.open(path).says(t, "Minister of Public Safety", "E-mail 2 2", "Post 3 3", "all ways 5 5", "Reported who wrote it says so",
			"Written by: 1 member, 0 visitors, 0 groups.")
	}
	b.open("/admin/letters").says(t, "2 reports", "UA 1/")
	b.open("/admin/letters?campaign=999999").says(t, "No letter has been reported yet.", "0 reports")
	d.at(accounts.Coordinator).open("/admin/campaigns").says(t, "At least 5 letters 5 as their writers, members, told us", "0 of 1 accepted")
}

func TestAccountsAreShutOutByAnotherAdministratorAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	b := d.at(accounts.Administrator)
	added := b.done("/admin/accounts", values("address", newID()+"@staff.example", "name", "Ben Example", "language", "fr", "roles", "tracker"))
	at := added.Request.URL.Path
	b.done(at+"/roles", values("roles", "tracker", "roles", "translator")).says(t, "Saved.")
	b.done(at+"/disable", nil).says(t, "disabled", "Let in again")
	b.done(at+"/enable", nil).says(t, "Shut out Ben Example")
	b.open("/admin/accounts").says(t, "Ben Example", "tracker", "translator")
	if got := b.get("/admin/campaigns"); got.StatusCode != 403 {
		t.Errorf("an administrator reads campaigns: %d", got.StatusCode)
	}
	p, err := d.server.Accounts.FindSession(d.ctx, b.cookies[d.server.cookieName()])
	d.must(err)
	own := "/admin/accounts/" + idText(p.AccountID)
	b.open(own).says(t, "This is your own account.")
	for _, what := range []string{"/disable", "/roles"} {
		if got := b.post(own+what, values("roles", "coordinator")); got.StatusCode != 403 {
			t.Errorf("%s of one's own account: %d", what, got.StatusCode)
		}
	}
	if got := b.get("/admin"); got.Header.Get("Location") != "/admin/accounts" {
		t.Errorf("an administrator is led to %q", got.Header.Get("Location"))
	}
}

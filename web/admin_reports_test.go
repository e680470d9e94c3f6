package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/letters"
)

// written is a world whose appeal has left, and whose member has reported letters: three by post and two by mail.
func (d *doors) written() world {
	d.Helper()
	w := d.world()
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	d.deliver(number(w.appeal))
	d.exec(`UPDATE deliveries SET state = 'accepted', code = 250, reply = 'ok', settled_at = now_at(), attempts = 1`)
	d.exec(`UPDATE members SET group_id = (SELECT min(id) FROM groups)`)
	writer := letters.Writer{AppealID: number(w.appeal), MemberID: number(w.member)}
	for channel, copies := range map[string]int{"post": 3, "email": 2} {
		d.must(d.server.Letters.Report(d.ctx, writer, letters.Report{TargetIDs: []int64{number(w.target)}, Channel: channel, Copies: copies, WrittenOn: campaigns.DayOf(time.Now().UTC())}))
	}
	return w
}

func (d *doors) exec(sql string, args ...any) {
	d.Helper()
	_, err := d.server.Letters.DB.Exec(d.ctx, sql, args...)
	d.must(err)
}

func TestAReportIsATableWithItsMethod(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.written()
	b := d.at(accounts.Tracker)
	b.open("/admin/reports").says(t, "UA 1/", "0 0 0 5 0 5 1 0 0", "In all", "never added up without being told", "1 line.")
	b.open("/admin/reports?by=channel&campaign="+w.campaign).says(t, "Post 0 0 0 3 0 3", "E-mail 0 0 0 2 0 2", "Letters a day, and what happened", "Letters by office and channel",
		"Letters for each member who got the appeal, by group")
	b.open("/admin/reports?by=year&from=1999-01-01&to=1999-12-31").says(t, "No letter that counts is in this.")
	for _, by := range letters.CutBy() {
		page := b.open("/admin/reports?from=2020-01-01&by=" + by)
		page.says(t, "In all")
		for _, file := range []string{"/admin/reports.csv?by=" + by + "&from=2020-01-01", "/admin/reports.xlsx?by=" + by + "&from=2020-01-01"} {
			if !slices.Contains(page.links(), file) {
				t.Errorf("the page leads to %q, want %q", page.links(), file)
			}
			if got := b.get(file); got.StatusCode != 200 {
				t.Errorf("%s: %d", file, got.StatusCode)
			}
		}
	}
	for query, field := range map[string]string{"by=copies": "f-by", "from=yesterday": "f-from", "from=2026-02-02&to=2026-02-01": "f-to", "campaign=x": "f-campaign", "grade=certain": "f-grade"} {
		if got := b.get("/admin/reports?" + query); got.StatusCode != 422 || got.problems()[field] == "" {
			t.Errorf("%s: %d, problems %v", query, got.StatusCode, got.problems())
		}
	}
	for _, hostile := range []string{"topic=%00", "topic=%ff", "by=%27%3B--", "country=%27+OR+true"} {
		if got := b.get("/admin/reports?" + hostile); got.StatusCode >= 500 {
			t.Errorf("%s: %d", hostile, got.StatusCode)
		}
	}
}

func TestP8_AReportAsAFileIsTheTableAndHoldsNoFormula(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.written()
	evil := `=HYPERLINK("http://x.example","click")`
	d.exec(`UPDATE campaigns SET title = $1`, evil)
	d.exec(`UPDATE groups SET name = $1`, evil)
	b := d.at(accounts.Caseworker)
	got := b.get("/admin/reports.csv?by=group&campaign=" + w.campaign)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(got.text, []byte("\ufeff")))).ReadAll()
	if err != nil || got.StatusCode != 200 || len(rows) != 3 || !bytes.HasPrefix(got.text, []byte("\ufeff")) {
		t.Fatalf("%d, %v: %v", got.StatusCode, err, rows)
	}
	if want := []string{"Group", "Sent", "Confirmed", "Paper", "Reported", "Batch", "Letters", "Members", "Visitors", "Batches"}; !slices.Equal(rows[0], want) {
		t.Errorf("the head is %q", rows[0])
	}
	if rows[1][0] != "'"+evil || rows[1][4] != "5" || rows[2][4] != "5" {
		t.Errorf("the lines are %q; want the group guarded, and five letters", rows[1:])
	}
	got = b.get("/admin/reports.xlsx?by=day&campaign=" + w.campaign)
	book, err := excelize.OpenReader(bytes.NewReader(got.text))
	if err != nil || got.Header.Get("Content-Disposition") != `attachment; filename="letters-by-day.xlsx"` {
		t.Fatalf("%d, %v: %v", got.StatusCode, got.Header, err)
	}
	about, err := book.GetRows("About")
	d.must(err)
	said := fmt.Sprint(about)
	for _, want := range []string{"Method", "Written from open", "5: who wrote it says so", "Made", evil} {
		if !strings.Contains(said, want) {
			t.Errorf("the first sheet does not say %q: %v", want, said)
		}
	}
	for _, sheet := range book.GetSheetList() {
		cells, err := book.GetRows(sheet)
		d.must(err)
		for i, row := range cells {
			for j := range row {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if formula, err := book.GetCellFormula(sheet, at); err != nil || formula != "" {
					t.Errorf("%s!%s is the formula %q (%v)", sheet, at, formula, err)
				}
			}
		}
	}
	// A day is a day and a number a number, so that they can be sorted and summed.
	day, err := book.GetCellValue("Letters", "A2", excelize.Options{RawCellValue: true})
	d.must(err)
	kind, err := book.GetCellType("Letters", "E2")
	d.must(err)
	if n, _ := book.GetCellValue("Letters", "E2"); n != "5" || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString || strings.Contains(day, "-") {
		t.Errorf("E2 is %q of type %v, A2 is %q; want five, a number, and a day's number", n, kind, day)
	}
}

func TestR19_AReportNamesMembersToWhoMayExportThemAloneAndOnRecord(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.written()
	known, err := d.server.Members.Some(d.ctx, []int64{number(w.member)})
	d.must(err)
	address := known[0].Address.Mailbox()
	b := d.at(accounts.Coordinator)
	before := d.count(countAuditSQL)
	plain := b.get("/admin/reports.csv?by=member")
	if bytes.Contains(plain.text, []byte("@")) || !bytes.Contains(plain.text, []byte("\n"+w.member+",")) {
		t.Errorf("the plain file is %q, want the member by number alone", plain.text)
	}
	if d.count(countAuditSQL) != before {
		t.Error("a file that names nobody was put on record")
	}
	got := b.post("/admin/reports/members", values("by", "member", "format", "csv"))
	if got.StatusCode != 200 || !bytes.Contains(got.text, []byte(address)) || d.count(countAuditSQL) != before+1 {
		t.Errorf("with names: %d %q, %d things on record", got.StatusCode, got.text, d.count(countAuditSQL)-before)
	}
	if got := b.post("/admin/reports/members", values("by", "year")); got.StatusCode != 422 {
		t.Errorf("names of years: %d", got.StatusCode)
	}
	if got := d.at(accounts.Tracker).post("/admin/reports/members", values("by", "member")); got.StatusCode != 403 {
		t.Errorf("a tracker: %d", got.StatusCode)
	}
	page := d.at(accounts.Tracker).open("/admin/reports?by=member")
	if strings.Contains(string(page.text), "@") || strings.Contains(string(page.text), "/admin/reports/members") {
		t.Error("a tracker is shown an address, or the form for them")
	}
}

func TestAPlotStandsAloneAsAFile(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.written()
	b := d.at(accounts.Reviewer)
	got := b.get("/admin/campaigns/" + w.campaign + "/plots/days.svg")
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != "image/svg+xml; charset=utf-8" || !bytes.HasPrefix(bytes.TrimSpace(got.text), []byte("<svg xmlns=")) {
		t.Fatalf("%d %v %.60q", got.StatusCode, got.Header, got.text)
	}
	for _, never := range []string{"style=", "<script", "<style", "<foreignObject", "href"} {
		if bytes.Contains(got.text, []byte(never)) {
			t.Errorf("the plot holds %q", never)
		}
	}
	if !bytes.Contains(got.text, []byte("First appeal")) || !bytes.Contains(got.text, []byte(">5</text>")) {
		t.Errorf("the plot tells neither the launch nor the five letters: %s", got.text)
	}
	if got := b.get("/admin/campaigns/999999/plots/days.svg"); got.StatusCode != 404 {
		t.Errorf("no campaign: %d", got.StatusCode)
	}
}

func TestARecordIsReadAndFollowedUpInOnePress(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.written()
	d.exec(`UPDATE letters SET written_on = written_on - 60`)
	b := d.at(accounts.Coordinator)
	at := "/admin/targets/" + w.target + "/record"
	b.open(at).says(t, "Reported 5", "It has never answered.", "silent", "Write to who can direct it", "Follow up with who wrote", "Remind who waits")
	b.open("/admin/targets").says(t, "0 of 1 answered; silent", "Write to who can direct it")
	b.open("/admin/campaigns/"+w.campaign).says(t, "0 of 1 answered; silent", "All plots and figures")
	page := b.done("/admin/campaigns/"+w.campaign+"/targets/"+w.target+"/chase", values("patience", "20", "key", newID()))
	page.says(t, "For 1 member alone, by name")
	if !strings.HasSuffix(page.Request.URL.Path, "/compose") {
		t.Errorf("the chaser leads to %s", page.Request.URL.Path)
	}
	// An empty draft for some is never taken for the update for all that somebody begins.
	all := b.done("/admin/campaigns/"+w.campaign+"/appeals", values("kind", "update", "key", newID()))
	if all.Request.URL.Path == page.Request.URL.Path || strings.Contains(all.words(), "by name") {
		t.Errorf("an update for all is written at %s, which is for some", all.Request.URL.Path)
	}
	form := values("key", newID())
	first, again := b.done("/admin/campaigns/"+w.campaign+"/targets/"+w.target+"/follow-up", form), b.done("/admin/campaigns/"+w.campaign+"/targets/"+w.target+"/follow-up", form)
	if first.Request.URL.Path != again.Request.URL.Path {
		t.Errorf("pressed twice: %s and %s", first.Request.URL.Path, again.Request.URL.Path)
	}

	var reply int64
	d.must(d.server.Letters.DB.QueryRow(d.ctx, `INSERT INTO replies (came, campaign_id, target_id, state, kind, settled_at) VALUES ('mail', $1, $2, 'settled', 'substantive', now_at()) RETURNING id`,
		number(w.campaign), number(w.target)).Scan(&reply))
	tracker := d.at(accounts.Tracker)
	tracker.done("/admin/targets/"+w.target+"/positions", values("reply", idText(reply), "topic", "", "position", "agreed")).says(t, "agreed", "Thank it", "All that is asked")
	if got := tracker.post("/admin/targets/"+w.target+"/positions", values("reply", "999999", "position", "agreed")); got.StatusCode != 422 {
		t.Errorf("an answer that there is not: %d", got.StatusCode)
	}
	if got := tracker.post("/admin/targets/"+w.target+"/positions", values("reply", idText(reply), "position", "silent")); got.StatusCode != 422 {
		t.Errorf("a position that nobody can read: %d", got.StatusCode)
	}
}

func TestReportsInABrowser(t *testing.T) {
	for _, width := range []int{390, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			d := open(t)
			w := d.written()
			d.harvest(w)
			site := d.site()
			address, _ := d.staffWith(goodPassword)
			tab := visit(t, width)
			tab.Go(site + "/")
			tab.Fill("#f-address", address)
			tab.Fill("#f-password", goodPassword)
			tab.Press(`form button[type="submit"]`)
			for _, lang := range []string{"en", "fr"} {
				for name, path := range map[string]string{"reports": "/admin/reports?by=target&campaign=" + w.campaign, "reports-month": "/admin/reports?by=month", "record": "/admin/targets/" + w.target + "/record",
					"targets-record": "/admin/targets?x=1", "campaign-days": "/admin/campaigns/" + w.campaign + "?x=1", "reports-member": "/admin/reports?by=member"} {
					tab.Go(site + path + "&lang=" + lang)
					if name == "record" {
						tab.Go(site + path + "?lang=" + lang)
					}
					tab.keeps(name + "-" + lang)
				}
			}
			tab.Go(site + "/admin/reports?lang=en")
			tab.Do(chromedp.SetValue(chromedp.CSS("#f-by"), "channel"))
			tab.Press(`main form button[type="submit"]`)
			if text := tab.Text("table.tally"); !strings.Contains(text, "Post") || strings.Contains(text, "UA 1/") {
				t.Errorf("summed by channel, the table says %.300q", text)
			}
		})
	}
}

// harvest adds a month of letters and answers to a campaign, so that there is something to look at.
func (d *doors) harvest(w world) {
	d.Helper()
	d.exec(`INSERT INTO visitors (campaign_id) SELECT $1 FROM generate_series(1, 60)`, number(w.campaign))
	d.exec(`INSERT INTO letters (campaign_id, visitor_id, target_id, channel, grade, copies, written_on)
		SELECT $1, v.id, $2, CASE v.id % 3 WHEN 0 THEN 'email' WHEN 1 THEN 'post' ELSE 'fax' END, CASE v.id % 3 WHEN 0 THEN 'sent' WHEN 1 THEN 'paper' ELSE 'reported' END,
		       1 + v.id % 7, (now_at())::date - (v.id * v.id % 23)::int FROM visitors v`, number(w.campaign), number(w.target))
	d.exec(`INSERT INTO replies (came, campaign_id, target_id, state, kind, answered_on, settled_at)
		SELECT 'mail', $1, $2, 'settled', k, now_at()::date - i, now_at() FROM (VALUES ('acknowledgement', 14), ('substantive', 9), ('form_answer', 9), ('referral', 1)) AS x (k, i)`,
		number(w.campaign), number(w.target))
	d.exec(`INSERT INTO channel_marks (target_id, channel, why) VALUES ($1, 'fax', 'told')`, number(w.target))
}

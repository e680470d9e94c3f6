package holdfast_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"holdfast/templates"
)

// TestStory is the tour: one campaign from launch to letters, an answer and its case file, through the real doors. A coordinator works by the API
// and the pages of staff, mails leave and come in over SMTP, members open the links of the mails that arrived, and nothing is reached into from behind.
func TestStory(t *testing.T) {
	h := openHouse(t)

	// A coordinator takes up the case of M.R., who is to be sent from Canada to Iran.
	caseID := h.post("/cases", map[string]any{"ref": "C-5", "headline": "Canada to Iran, security grounds", "removing_country": "CA",
		"receiving_country": "IR", "removal_timing": "exact", "removal_at": time.Now().AddDate(0, 0, 13).Format(time.RFC3339),
		"removal_zone": "America/Toronto", "persons": []any{map[string]any{"published_as": "M.R."}}})["id"]
	minister := h.post("/targets", map[string]any{"code": "CA-PS", "kind": "minister", "country": "CA", "power": "decides",
		"office":     map[string]any{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique"},
		"salutation": map[string]any{"en": "Dear Minister,", "fr": "Monsieur le Ministre,"}, "postal_address": "House of Commons\nOttawa ON K1A 0A6",
		"address": "minister.ps@gov-ca.example"})["id"]
	campaign := h.post("/campaigns", map[string]any{"case_id": caseID, "title": "Stop the removal of M.R.", "target_ids": []any{minister},
		"deadline_day": time.Now().AddDate(0, 0, 13).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
		"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask the Minister to stop the removal.",
			"fr": "Demandez au ministre de suspendre le renvoi."}}}})["id"]
	first := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{
		map[string]any{"language": "en", "subject": "Urgent action: removal to Iran", "headline": "UN committee asks Canada to wait",
			"body": "M.R., 47, is to be removed from Canada to Iran.\n\nHe is at risk of **torture**."},
		map[string]any{"language": "fr", "subject": "Action urgente : renvoi vers l'Iran", "headline": "Le Comité demande au Canada de surseoir",
			"body": "M.R., 47 ans, doit être renvoyé du Canada vers l'Iran."}}})["id"]

	// Its members come from another tool. Two of them had unsubscribed there.
	h.imports("email,name,status,lang\nada@mail.example,Ada,enabled,en\nbéa@mail.example,Béa,enabled,fr\ncem@mail.example,Cem,enabled,tr\n" +
		"dan@mail.example,Dan,unsubscribed,en\neve@mail.example,Eve,blocklisted,en\n")

	// Launched twice, by an impatient finger: one fan-out. The receipt closes.
	h.post(fmt.Sprintf("/appeals/%v/launch", first), nil)
	h.post(fmt.Sprintf("/appeals/%v/launch", first), nil)
	if r := h.settled(first); r["accepted"] != 3.0 || r["eligible"] != 3.0 {
		t.Fatalf("receipt %v, want three eligible, three accepted", r)
	}

	// Each got the mail in their language; Cem, whose language nobody wrote, in English.
	ada, bea, cem := h.mailTo("ada@mail.example"), h.mailTo("béa@mail.example"), h.mailTo("cem@mail.example")
	for who, m := range map[string]received{"Ada": ada, "Cem": cem} {
		if !strings.Contains(m.text, "is to be removed from Canada to Iran") || !strings.Contains(m.text, who) {
			t.Errorf("the mail to %s says:\n%s", who, m.text)
		}
	}
	if !strings.Contains(bea.text, "doit être renvoyé du Canada") {
		t.Errorf("the mail to Béa says:\n%s", bea.text)
	}
	if ada.header.Get("Subject") != "Urgent action: removal to Iran" || ada.header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("headers of the mail to Ada: %v", ada.header)
	}

	// Ada opens the link, writes to the Minister, and says so.
	reading := h.link(ada, `/a/[a-z2-7]+`)
	if page := h.open(reading); !strings.Contains(page, "Minister of Public Safety") || strings.Contains(page, h.tokenIn(ada)) {
		t.Error("the public page must name the office, and hold nothing of Ada's")
	}
	reporting := h.link(ada, `/r/[a-z2-7]+`)
	if page := h.open(reporting); !strings.Contains(page, "Minister of Public Safety") {
		t.Errorf("the page to report a letter does not offer the office:\n%s", page)
	}
	h.submit(reporting, url.Values{"target": {fmt.Sprint(minister)}, "channel": {"post"}, "day": {time.Now().UTC().Format(time.DateOnly)}, "copies": {"2"}})
	totals := h.get(fmt.Sprintf("/campaigns/%v/letter-totals", campaign))["items"].([]any)
	if len(totals) != 1 || totals[0].(map[string]any)["letters"] != 2.0 || totals[0].(map[string]any)["grade"] != "reported" {
		t.Errorf("totals %v, want two letters, reported", totals)
	}

	// Ada writes to the Minister in her own words, at the desk that the page leads to. The house asks her by mail before it mails anything.
	yes := h.writes(ada, "ada@mail.example", "I am a nurse in Moncton. I ask you to stop the removal of M.R. while the Committee looks at his case.")
	if n := h.count(ministry); n != 0 {
		t.Fatalf("%d letters left before Ada said yes", n)
	}
	h.open(yes)
	h.says(yes)
	h.says(yes)
	letter := h.awaitMail(ministry, 1)
	if from := letter.header.Get("From"); !strings.HasSuffix(from, "@refnet.example>") || !strings.Contains(from, "Ada") || strings.Contains(string(letter.raw), "ada@mail.example") {
		t.Errorf("the letter is from %s:\n%s", from, letter.raw)
	}
	answerTo := letter.header.Get("Reply-To")
	if !strings.Contains(letter.text, "I am a nurse in Moncton") || !strings.HasPrefix(strings.Trim(answerTo, "<>"), "l+") || !strings.HasSuffix(strings.Trim(answerTo, "<>"), "@"+replyDomain) {
		t.Errorf("answers go to %s; the letter says:\n%s", answerTo, letter.text)
	}
	h.await("the letter is counted", func() bool { return h.totals(campaign)["sent"] == 1 })

	// The ministry answers. The coordinator sees to which letter, and nothing that tells who wrote it; once she has named it, Ada is told.
	h.mails(ministry, strings.Trim(answerTo, "<>"), map[string]string{"Subject": "Re: Ada Example, your letter"},
		"Dear Ada Example,\n\nThe Minister has received your letter of ada@mail.example. The removal is deferred.")
	answers := h.get(fmt.Sprintf("/replies?campaign_id=%v", campaign))["items"].([]any)
	if len(answers) != 1 {
		t.Fatalf("answers %v, want one", answers)
	}
	answer := answers[0].(map[string]any)
	h.signIn()
	page := h.look(fmt.Sprintf("/admin/replies/%v", answer["id"]))
	for _, text := range []string{fmt.Sprint(answer), page} {
		if strings.Contains(text, "Ada") || strings.Contains(text, "ada@mail.example") || !strings.Contains(text, "The removal is deferred.") {
			t.Errorf("what staff see of the answer is %s", text)
		}
	}
	if !strings.Contains(page, "/letters/") || strings.Contains(page, "/link\"") {
		t.Errorf("the answer is not linked to the letter:\n%s", page)
	}
	h.press(fmt.Sprintf("/admin/replies/%v/settle", answer["id"]), url.Values{"kind": {"substantive"}, "target": {fmt.Sprint(minister)},
		"campaign": {fmt.Sprint(campaign)}, "answered_on": {time.Now().UTC().Format(time.DateOnly)}})
	if told := h.awaitMail("ada@mail.example", 3); !strings.Contains(told.text, h.http.URL+"/c/") || strings.Contains(told.text, "deferred") {
		t.Errorf("Ada is told:\n%s", told.text)
	}

	// Béa leaves by the button of her mail program: no cookie, no page, no script. A program that only looks changes nothing.
	leaving := h.link(bea, `/u/[a-z2-7]+`)
	h.open(leaving)
	h.open(leaving)
	h.submit(leaving, url.Values{"List-Unsubscribe": {"One-Click"}})
	h.submit(leaving, url.Values{"List-Unsubscribe": {"One-Click"}})

	// The update reaches those who got the first and are still there.
	update := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "update", "texts": []any{
		map[string]any{"language": "en", "subject": "Further information", "headline": "The officer refused to defer", "body": "Please write again, even briefly."},
		map[string]any{"language": "fr", "subject": "Complément d'information", "headline": "L'agent a refusé de reporter", "body": "Merci d'écrire de nouveau."},
	}})["id"]
	h.post(fmt.Sprintf("/appeals/%v/launch", update), nil)
	if r := h.settled(update); r["accepted"] != 2.0 || r["eligible"] != 2.0 {
		t.Errorf("update: receipt %v, want the two who are still there", r)
	}

	// Cem writes too. His letter waits for its turn when the stop comes, so it never leaves.
	h.says(h.writes(cem, "cem@mail.example", "I ask you to stop the removal of M.R. for good."))
	line := fmt.Sprintf("/targets/%v/letters", minister)
	if waits := h.get(line); waits["waiting"] != 1.0 {
		t.Fatalf("the line to the Minister is %v, want Cem's letter in it", waits)
	}

	// The Federal Court grants a stay: stop, to the rest. The French is not there yet; that it leaves without takes a second yes.
	stop := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "stop_action", "texts": []any{map[string]any{"language": "en",
		"subject": "Stop action", "headline": "The removal is stayed", "body": "M.R. stays in Canada. Thank you to all who wrote."}}})["id"]
	h.post(fmt.Sprintf("/appeals/%v/launch", stop), map[string]any{"yes": []string{"parity"}})
	if r := h.settled(stop); r["accepted"] != 2.0 {
		t.Errorf("stop action: receipt %v, want two", r)
	}
	h.post(fmt.Sprintf("/campaigns/%v/close", campaign), map[string]any{"outcome": "stay_granted", "durability": "temporary"})
	if page := h.open(reading); strings.Contains(page, "minister.ps@gov-ca.example") {
		t.Error("the page of a closed campaign still asks for letters")
	}
	h.await("the line is empty", func() bool { l := h.get(line); return l["waiting"] == 0.0 && l["leaving"] == 0.0 })
	if told := h.awaitMail("cem@mail.example", 5); !strings.Contains(told.text, "closed before the letter could leave") {
		t.Errorf("Cem is told:\n%s", told.text)
	}
	if n := h.count(ministry); n != 1 {
		t.Errorf("the Minister got %d letters, want Ada's alone", n)
	}
	if n := h.count("béa@mail.example"); n != 1 {
		t.Errorf("Béa got %d mails, want the one from before she left", n)
	}
	for _, to := range []string{"dan@mail.example", "eve@mail.example"} {
		if n := h.count(to); n != 0 {
			t.Errorf("%s got %d mails, who had unsubscribed elsewhere", to, n)
		}
	}

	// What can be shown of it all is printed, and the print proves itself.
	pdf := h.press(fmt.Sprintf("/admin/campaigns/%v/casefile", campaign), url.Values{})
	checked, err := templates.CheckCaseFile([]byte(pdf))
	h.must(err)
	held, err := h.letters.HoldCaseFile(h.ctx, checked.File)
	h.must(err)
	if !checked.Whole() || !held.Made || len(held.Changes) != 0 {
		t.Errorf("the case file: whole %v, altered %v, odd pages %v; the house made it: %v, changes since %v", checked.Whole(), checked.Altered, checked.Odd, held.Made, held.Changes)
	}
	if strings.Contains(string(checked.File.List()), "Ada") || strings.Contains(string(checked.File.List()), "mail.example") {
		t.Error("the case file tells who wrote")
	}
}

const ministry = "minister.ps@gov-ca.example"

// writes goes from a mail to the desk of its first office, hands a letter to the house, and returns the link of the mail in which the house asks.
func (h *house) writes(alert received, writer, words string) string {
	h.t.Helper()
	asked := h.count(writer)
	action := h.open(h.link(alert, `/r/[a-z2-7]+`))
	desk := h.http.URL + h.onPage(action, `href="(/r/[a-z2-7]+/write/\d+)"`)
	page := h.open(desk)
	letter := url.Values{"name": {h.onPage(page, `name="name"[^>]* value="([^"]*)"`) + " Example"}, "town": {"Moncton"}, "language": {"en"},
		"subject": {"The removal of M.R."}, "text": {"Dear Minister,\n\n" + words}}
	h.submit(h.http.URL+h.onPage(page, `formaction="([^"]*/send)"`), letter)
	return h.link(h.awaitMail(writer, asked+1), `/c/[a-z2-7]+`)
}

// says says yes to a letter as the page shows it.
func (h *house) says(yes string) {
	h.t.Helper()
	page := h.open(yes)
	if !strings.Contains(page, `name="version"`) {
		return // it was said before
	}
	h.submit(yes, url.Values{"version": {h.onPage(page, `name="version" value="([^"]*)"`)}})
}

// totals are the letters of a campaign that count, by grade.
func (h *house) totals(campaign any) map[string]int {
	h.t.Helper()
	sums := map[string]int{}
	for _, line := range h.get(fmt.Sprintf("/campaigns/%v/letter-totals", campaign))["items"].([]any) {
		l := line.(map[string]any)
		sums[l["grade"].(string)] += int(l["letters"].(float64))
	}
	return sums
}

// TestImportFromAnotherToolIsMailed: ten thousand members in another tool's export, each mailed once over SMTP.
func TestImportFromAnotherToolIsMailed(t *testing.T) {
	const people = 10_000
	h := openHouse(t)
	target := h.post("/targets", map[string]any{"code": "CA-IMM", "kind": "minister", "country": "CA", "power": "decides",
		"office": map[string]any{"en": "Minister of Immigration"}, "postal_address": "Ottawa"})["id"]
	campaign := h.post("/campaigns", map[string]any{"title": "An appeal process for all", "target_ids": []any{target},
		"deadline_day": time.Now().AddDate(0, 0, 40).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
		"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask for an appeal on the merits."}}}})["id"]
	appeal := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{map[string]any{"language": "en",
		"subject": "An appeal on the merits", "headline": "Refused without a hearing", "body": "People are refused without a hearing."}}})["id"]
	var csv strings.Builder
	csv.WriteString("\ufeffuuid,email,name,attributes,status,created_at,updated_at\r\n")
	gone := 0
	for i := range people {
		status := "enabled"
		if i%1000 == 7 {
			status, gone = "blocklisted", gone+1
		}
		fmt.Fprintf(&csv, "u-%d,member%d@mail%d.example,\"Member, %d\",\"{\"\"city\"\":\"\"Ottawa\"\"}\",%s,2024-03-01,2024-03-01\r\n", i, i, i%7, i, status)
	}
	h.imports(csv.String())
	h.post(fmt.Sprintf("/appeals/%v/launch", appeal), map[string]any{"yes": []string{"parity"}})
	r := h.settled(appeal)
	if r["accepted"] != float64(people-gone) || h.sink.Count() != people-gone {
		t.Errorf("receipt %v with %d mails at the sink, want %d", r, h.sink.Count(), people-gone)
	}
	seen := map[string]bool{}
	for _, m := range h.sink.Messages() {
		seen[m.Recipients[0]] = true
	}
	if len(seen) != people-gone {
		t.Errorf("%d members were reached, want %d", len(seen), people-gone)
	}
}

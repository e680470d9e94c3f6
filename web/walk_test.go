package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"maps"
	"net/http"
	"strings"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/letters"
)

func (d *doors) walkCases() {
	d.Helper()
	d.want(200, "GET", "/openapi.json", nil)
	id := d.made("/cases", newCase())
	d.made("/cases", newCase())
	page := d.want(200, "GET", "/cases?limit=1", nil)
	if page["next"] == nil {
		d.Fatal("two cases, pages of one, and no next page")
	}
	second := d.want(200, "GET", "/cases?limit=1&cursor="+page["next"].(string), nil)
	if got := idOf(second["items"].([]any)[0].(fields)); got != id || second["next"] != nil {
		d.Errorf("the second page has case %s and next %v, want case %s and none", got, second["next"], id)
	}
	got := d.want(200, "GET", "/cases/"+id, nil)
	if persons := got["persons"].([]any); len(persons) != 1 || persons[0].(fields)["published_as"] != "M.R." {
		d.Errorf("persons = %v", persons)
	}
	d.want(200, "PUT", "/cases/"+id+"/removal", fields{"removal_timing": "any_time"})
	got = d.want(200, "PUT", "/cases/"+id+"/origin-state-knows", fields{"reason": "Its embassy issued the travel document."})
	if got["origin_state_knows"] != true || got["removal_timing"] != "any_time" {
		d.Errorf("after both changes: %v", got)
	}

	target := newTarget()
	t := d.made("/targets", target)
	target["fax"] = "+1 555 0100"
	if got := d.want(200, "PUT", "/targets/"+t, target); got["fax"] != target["fax"] {
		d.Errorf("fax = %v", got["fax"])
	}
	d.want(200, "GET", "/targets/"+t, nil)
	d.want(200, "GET", "/targets", nil)
}

func (d *doors) walkMembers() {
	d.Helper()
	group := d.made("/groups", fields{"name": "Ottawa", "city": "Ottawa"})
	d.want(200, "PUT", "/groups/"+group, fields{"name": "Ottawa Centre", "city": "Ottawa"})
	n := memberFields()
	n["group_id"] = number(group)
	id := d.made("/members", n)
	list := d.want(200, "GET", "/members?group_id="+group+"&language=en&country=CA&state=subscribed", nil)["items"].([]any)
	if len(list) != 1 || list[0].(fields)["address_masked"] == n["address"] {
		d.Errorf("list = %v, want one member with a masked address", list)
	}
	got := d.want(200, "PATCH", "/members/"+id, fields{"language": "fr", "country": nil, "group_id": nil})
	if got["language"] != "fr" || got["country"] != nil || got["group_id"] != nil || got["address"] != n["address"] || got["name"] != n["name"] {
		d.Errorf("after the change: %v", got)
	}
	if got := d.want(200, "POST", "/members/"+id+"/leave", nil); got["state"] != "left" || got["left_how"] != "staff" {
		d.Errorf("after leaving: %v", got)
	}
	if got := d.want(200, "POST", "/members/"+id+"/rejoin", n["consent"]); got["state"] != "subscribed" {
		d.Errorf("after rejoining: %v", got)
	}
	d.want(200, "GET", "/members/"+id, nil)
	if got := d.want(200, "GET", "/groups", nil)["items"].([]any)[0].(fields)["members"]; got != 0.0 {
		d.Errorf("members of the group = %v", got)
	}

	got = d.importFile("address,name\nlina@mail.example,Lina\nnot an address,Omar\n", "").json(d)
	if got["rows"] != 2.0 || got["added"] != 1.0 || got["wrong"] != 1.0 || len(got["errors"].([]any)) != 1 {
		d.Errorf("import = %v", got)
	}
	answer := d.ask("GET", "/members/export?bom=true", nil)
	if !bytes.HasPrefix(answer.text, []byte("\ufeff")) || answer.Header.Get("Content-Disposition") != `attachment; filename="members.csv"` {
		d.Errorf("export: %q, %.20q", answer.Header, answer.text)
	}
	rows, err := csv.NewReader(bytes.NewReader(answer.text[3:])).ReadAll()
	if err != nil || len(rows) != 3 {
		d.Errorf("the export has %d rows (%v), want 3", len(rows), err)
	}
}

const importPath = "/members/import?language=en&consent.source=list&consent.given_on=2026-01-31&consent.words=Yes"

// importFile sends a file; with a key also its digest.
func (d *doors) importFile(file, key string) reply {
	d.Helper()
	r := d.request("POST", apiRoot+importPath, d.tokens[everything], file)
	r.Header.Set("Content-Type", "text/csv; charset=utf-8")
	if key != "" {
		sum := sha256.Sum256([]byte(file))
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	}
	return d.do(r)
}

func (d *doors) walkAppeal() {
	d.Helper()
	w := d.world()
	at := "/campaigns/" + w.campaign
	d.want(200, "GET", "/campaigns?limit=2", nil)
	d.want(200, "GET", at, nil)
	d.want(200, "PUT", at+"/deadline", w.body(d.routeOf("PUT", "/campaigns/{id}/deadline")))
	d.want(200, "POST", at+"/asks", fields{"code": "a2", "texts": fields{"en": "Ask for a stay."}})
	d.want(200, "PUT", at+"/asks/a2", fields{"texts": fields{"en": "Ask for a stay of removal."}})
	d.walkTargets(w)

	appeal := "/appeals/" + w.appeal
	got := d.want(200, "GET", appeal, nil)
	if receipt, there := got["receipt"]; receipt != nil || !there || got["state"] != "draft" {
		d.Errorf("a draft: %v", got)
	}
	d.want(200, "GET", at+"/appeals", nil)
	d.want(200, "PUT", appeal+"/audience", fields{"languages": []string{"en", "fr"}})
	if got := d.want(200, "GET", appeal+"/reach", nil); got["members"] != 3.0 {
		d.Errorf("reach = %v", got)
	}
	d.want(200, "PUT", appeal+"/texts/fr", fields{"subject": "Action urgente", "headline": "Un homme", "body": "Il est en danger."})
	d.want(200, "PUT", appeal+"/texts/es", fields{"subject": "Acción urgente", "headline": "Un hombre", "body": "Está en peligro."})
	d.want(204, "DELETE", appeal+"/texts/es", nil)
	d.want(200, "GET", appeal+"/texts", nil)
	preview := d.want(200, "GET", appeal+"/preview/fr-CA", nil)
	if text := preview["text"].(string); preview["language"] != "fr" || strings.Contains(text, "h0123456789abcdef") || !strings.Contains(text, "https://act.refnet.example/") {
		d.Errorf("preview = %v", preview)
	}
	d.want(200, "POST", appeal+"/test", fields{"language": "en"})
	if len(d.posted) != 1 || d.posted[0].Language != "en" {
		d.Errorf("posted = %v", d.posted)
	}

	got = d.want(202, "POST", appeal+"/launch", nil)
	if got["state"] != "issuing" || got["receipt"].(fields)["eligible"] != nil {
		d.Errorf("launch = %v", got)
	}
	d.deliver(number(w.appeal))
	got = d.want(200, "GET", appeal, nil)
	receipt := got["receipt"].(fields)
	if got["state"] != "complete" || receipt["eligible"] != 3.0 || receipt["accepted"] != 2.0 || receipt["refused"] != 1.0 || receipt["queued"] != 0.0 {
		d.Errorf("complete = %v", got)
	}
	if got := d.want(200, "GET", appeal+"/receipt", nil); got["closes"] != true {
		d.Errorf("receipt = %v", got)
	}
	rows := d.want(200, "GET", appeal+"/deliveries?state=refused", nil)["items"].([]any)
	if len(rows) != 1 || rows[0].(fields)["reason"] != "address" {
		d.Errorf("deliveries = %v", rows)
	}
	d.walkLetters(w)
	d.walkReplies(w)
}

func (d *doors) routeOf(method, path string) route {
	for _, r := range d.server.routes() {
		if r.method == method && r.pattern == apiRoot+path {
			return r
		}
	}
	d.Fatalf("no route %s %s", method, path)
	return route{}
}

// walkTargets adds an office of the state of origin, with the yes of a second account, and takes it off.
func (d *doors) walkTargets(w world) {
	d.Helper()
	n := newTarget()
	n["country"], n["office"] = "IR", fields{"en": "Minister of Justice"}
	at := "/campaigns/" + w.campaign + "/targets/" + d.made("/targets", n)
	got := d.ask("PUT", at, nil)
	if got.StatusCode != 403 || got.json(d)["rule"] != "R2" {
		d.Errorf("an office of the state of origin: %d %s, want 403 by R2", got.StatusCode, got.text)
	}
	d.want(200, "PUT", "/cases/"+w.caseID+"/origin-state-knows", fields{"reason": "Its embassy issued the travel document."})
	d.want(200, "PUT", at, nil)
	if got := d.ask("POST", at+"/agree", nil); got.StatusCode != 403 {
		d.Errorf("the same account agrees: %d", got.StatusCode)
	}
	second := d.do(d.request("POST", apiRoot+at+"/agree", d.tokens[accounts.Reviewer], nil))
	if targets := second.json(d)["targets"].([]any); second.StatusCode != 200 || targets[1].(fields)["agreed_by"] == nil {
		d.Errorf("a second account agrees: %d %s", second.StatusCode, second.text)
	}
	d.want(200, "DELETE", at, nil)
}

// deliver does what the worker does: the first member is refused, all others accepted.
func (d *doors) deliver(appeal int64) {
	d.Helper()
	d.deliverRefusing(appeal, "address")
}

// deliverRefusing is deliver with the reason why the first is refused.
func (d *doors) deliverRefusing(appeal int64, reason string) {
	d.Helper()
	store := d.server.Campaigns
	filled, err := store.FillSlice(d.ctx, appeal, campaigns.Filling{SliceRows: 100, BatchRows: 100, Cover: time.Minute})
	d.must(err)
	if !filled.Done {
		d.Fatalf("filled = %+v", filled)
	}
	d.must(store.CountEligible(d.ctx, appeal))
	window, rows := d.claim(appeal, 100)
	var verdicts []campaigns.Verdict
	for i, row := range rows {
		v := campaigns.Verdict{Window: window, MemberID: row.MemberID, Outcome: campaigns.Accepted, Code: 250, Reply: "2.0.0 queued"}
		if i == 0 {
			v.Outcome, v.Code, v.Reply, v.Reason = campaigns.Refused, 550, "5.1.1 no such user", reason
		}
		verdicts = append(verdicts, v)
	}
	d.must(store.Settle(d.ctx, verdicts, campaigns.RetryWaits))
	d.must(store.CloseWindow(d.ctx, window))
	_, err = store.EndTurn(d.ctx, wholeOf(appeal, rows), time.Minute)
	d.must(err)
}

func wholeOf(appeal int64, rows []campaigns.Claimed) campaigns.Batch {
	return campaigns.Batch{AppealID: appeal, FirstMember: rows[0].MemberID, LastMember: rows[len(rows)-1].MemberID}
}

func (d *doors) claim(appeal int64, limit int) (campaigns.Window, []campaigns.Claimed) {
	d.Helper()
	batch := campaigns.Batch{AppealID: appeal, FirstMember: 1, LastMember: 1 << 40}
	window, rows, live, err := d.server.Campaigns.Claim(d.ctx, batch, limit, time.Minute, func(rows []campaigns.Claimed) ([]campaigns.Prepared, error) {
		return make([]campaigns.Prepared, len(rows)), nil
	})
	d.must(err)
	if !live || len(rows) == 0 {
		d.Fatalf("claimed %d rows, live %v", len(rows), live)
	}
	return window, rows
}

func (d *doors) walkLetters(w world) {
	d.Helper()
	d.must(d.server.Letters.Report(d.ctx, letters.Writer{AppealID: number(w.appeal), MemberID: number(w.member)},
		letters.Report{TargetIDs: []int64{number(w.target)}, Channel: "post", Copies: 2, WrittenOn: campaigns.DayOf(time.Now())}))
	if list := d.want(200, "GET", "/letters?campaign_id="+w.campaign+"&limit=1", nil)["items"].([]any); len(list) != 1 {
		d.Errorf("letters = %v", list)
	}
	report := d.want(200, "GET", "/reports/letters?by=channel&campaign="+w.campaign, nil)
	if lines := report["lines"].([]any); len(lines) == 0 {
		d.Errorf("the report of the campaign's letters is %v", report)
	}
	d.want(422, "GET", "/reports/letters?by=copies", nil)
	totals := d.want(200, "GET", "/campaigns/"+w.campaign+"/letter-totals", nil)["items"].([]any)
	if len(totals) != 1 || totals[0].(fields)["letters"] != 2.0 || totals[0].(fields)["grade"] != "reported" {
		d.Errorf("totals = %v", totals)
	}
	d.walkTally(w)
	line := "/targets/" + w.target + "/letters"
	for _, step := range []struct {
		method, path string
		stopped      bool
	}{{"GET", line, false}, {"POST", line + "/stop", true}, {"POST", line + "/stop", true}, {"POST", line + "/resume", false}, {"POST", line + "/resume", false}} {
		if got := d.want(200, step.method, step.path, nil); (got["stopped_at"] != nil) != step.stopped {
			d.Errorf("%s %s: %v", step.method, step.path, got)
		}
	}
}

// walkTally sets the public counter, records an evening, looks at it because its number is large, and takes it back; and what is known of the ways to an office.
func (d *doors) walkTally(w world) {
	d.Helper()
	at := "/campaigns/" + w.campaign
	if got := d.want(200, "PUT", at+"/counter", fields{"counter_from": 100}); got["counter_from"] != 100.0 {
		d.Errorf("counter = %v", got["counter_from"])
	}
	d.want(422, "PUT", at+"/counter", fields{"counter_from": 0})
	if got := d.want(200, "PUT", at+"/counter", fields{"counter_from": nil}); got["counter_from"] != nil {
		d.Errorf("no counter = %v", got["counter_from"])
	}
	evening := w.body(d.routeOf("POST", "/campaigns/{id}/evenings")).(fields)
	wrong := maps.Clone(evening)
	wrong["group_id"], wrong["channel"] = 999_999, "post"
	if got := d.ask("POST", at+"/evenings", wrong); got.StatusCode != 422 || got.fields(d)["group_id"] == "" {
		d.Errorf("an evening of a group that there is not: %d %s", got.StatusCode, got.text)
	}
	one := d.want(200, "POST", at+"/evenings", evening)["items"].([]any)[0].(fields)
	aside := d.want(200, "GET", "/letters/aside?limit=1", nil)["items"].([]any)
	if one["state"] != "set_aside" || len(aside) != 1 || idOf(aside[0].(fields)) != idOf(one) {
		d.Errorf("an evening of 212 is %v, and set aside are %v", one, aside)
	}
	d.want(422, "POST", "/letters/"+idOf(one)+"/review", fields{})
	d.want(204, "POST", "/letters/"+idOf(one)+"/review", fields{"accept": true})
	d.want(409, "POST", "/letters/"+idOf(one)+"/review", fields{"accept": false})
	if got := d.want(200, "GET", at+"/evenings", nil)["items"].([]any)[0].(fields); got["state"] != "counted" || got["grade"] != "batch" || got["copies"] != 212.0 {
		d.Errorf("accepted: %v", got)
	}
	d.want(204, "DELETE", at+"/evenings/"+idOf(one), nil)
	d.want(204, "DELETE", at+"/evenings/"+idOf(one), nil)
	d.want(404, "DELETE", at+"/evenings/999999", nil)

	route := w.body(d.routeOf("PUT", "/postal-routes/{from}/{to}"))
	if got := d.want(200, "PUT", "/postal-routes/CA/SE", route); got["to_country"] != "SE" || got["transit_days"] != 9.0 {
		d.Errorf("the post to Sweden: %v", got)
	}
	d.want(422, "PUT", "/postal-routes/CA/Sweden", route)
	if list := d.want(200, "GET", "/postal-routes", nil)["items"].([]any); len(list) != 1 {
		d.Errorf("postal routes = %v", list)
	}

	marks := "/targets/" + w.target + "/channel-marks"
	mark := d.want(200, "PUT", marks+"/post", nil)
	if again := d.want(200, "PUT", marks+"/post", nil); idOf(again) != idOf(mark) || mark["why"] != "told" {
		d.Errorf("marked %v, and again %v", mark, again)
	}
	d.want(422, "PUT", marks+"/fax", nil)
	if list := d.want(200, "GET", marks, nil)["items"].([]any); len(list) != 1 {
		d.Errorf("marks = %v", list)
	}
	d.want(204, "DELETE", "/channel-marks/"+idOf(mark), nil)
	if list := d.want(200, "GET", marks, nil)["items"].([]any); len(list) != 0 {
		d.Errorf("cleared, marks = %v", list)
	}
}

// walkReplies takes an answer in by hand and reads it.
func (d *doors) walkReplies(w world) {
	d.Helper()
	id, err := d.server.Letters.AddScan(d.ctx, audit.System(), letters.Scan{CampaignID: number(w.campaign), TargetID: number(w.target), Text: "Dear Ms. Example,\nwe acknowledge receipt."})
	d.must(err)
	list := d.want(200, "GET", "/replies?state=unread&kind=acknowledgement&limit=1&target_id="+w.target+"&campaign_id="+w.campaign, nil)["items"].([]any)
	if len(list) != 1 || strings.Contains(list[0].(fields)["shown"].(fields)["text"].(string), "Ms. Example") {
		d.Errorf("replies = %v", list)
	}
	if got := d.want(200, "GET", "/replies/"+idText(id), nil); got["came"] != "scan" || got["kind_guessed"] != "acknowledgement" || got["kind"] != nil {
		d.Errorf("reply = %v", got)
	}
	if got := d.ask("GET", "/replies?state=lost&kind=poem", nil); got.StatusCode != 422 || len(got.fields(d)) != 2 {
		d.Errorf("a state and a kind that there are not: %d %s", got.StatusCode, got.text)
	}
}

// walkStop stops an appeal with a mail on its way, lets that end, and lets the rest go on.
func (d *doors) walkStop() {
	d.Helper()
	w := d.world()
	appeal := "/appeals/" + w.appeal
	if got := d.ask("POST", appeal+"/stop", nil); got.StatusCode != http.StatusConflict {
		d.Errorf("stopping a draft: %d", got.StatusCode)
	}
	if got := d.ask("GET", appeal+"/receipt", nil); got.StatusCode != http.StatusConflict {
		d.Errorf("the receipt of a draft: %d", got.StatusCode)
	}
	d.want(202, "POST", appeal+"/launch", nil)
	_, err := d.server.Campaigns.FillSlice(d.ctx, number(w.appeal), campaigns.Filling{SliceRows: 100, BatchRows: 100, Cover: time.Minute})
	d.must(err)
	d.must(d.server.Campaigns.CountEligible(d.ctx, number(w.appeal)))
	window, rows := d.claim(number(w.appeal), 1)
	if got := d.want(202, "POST", appeal+"/stop", nil); got["state"] != "stopping" || got["in_flight"] != 1.0 {
		d.Errorf("stop = %v", got)
	}
	d.must(d.server.Campaigns.Settle(d.ctx, []campaigns.Verdict{{Window: window, MemberID: rows[0].MemberID, Outcome: campaigns.Accepted, Code: 250, Reply: "ok"}}, campaigns.RetryWaits))
	d.must(d.server.Campaigns.CloseWindow(d.ctx, window))
	got := d.want(200, "POST", appeal+"/stop", nil)
	receipt := got["receipt"].(fields)
	if got["state"] != "stopped" || got["in_flight"] != 0.0 || receipt["accepted"] != 1.0 || receipt["stopped"].(float64)+1 != receipt["eligible"] {
		d.Errorf("stopped = %v", got)
	}
	if got := d.want(202, "POST", appeal+"/resume", nil); got["state"] != "issuing" {
		d.Errorf("resume = %v", got)
	}
	if got := d.want(200, "POST", "/campaigns/"+w.campaign+"/stop", nil); got["state"] != "stopped" {
		d.Errorf("stopping the campaign = %v", got)
	}
	if got := d.want(200, "GET", appeal, nil)["state"]; got != "stopped" {
		d.Errorf("the appeal of a stopped campaign is %v", got)
	}
	if got := d.want(200, "POST", "/campaigns/"+w.campaign+"/resume", nil); got["state"] != "active" {
		d.Errorf("resuming the campaign = %v", got)
	}
	d.want(200, "POST", "/campaigns/"+w.campaign+"/close", fields{"outcome": "deferred"})
	if got := d.ask("POST", "/campaigns/"+w.campaign+"/stop", nil); got.StatusCode != http.StatusConflict {
		d.Errorf("stopping a closed campaign: %d", got.StatusCode)
	}
}

// walkEnd follows a campaign to its end: a first appeal to nobody, and its outcome.
func (d *doors) walkEnd() {
	d.Helper()
	w := d.world()
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	d.want(200, "POST", "/campaigns/"+w.campaign+"/close", fields{"outcome": "stay_granted", "note": "A court stayed the removal."})
	d.made("/campaigns/"+w.campaign+"/appeals", newAppeal("outcome"))
}

package web

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/templates"
)

// hostileMark is what somebody writes who wants a page to run it. It is wherever somebody else can write.
const hostileMark = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.}}`

// hostileHouse fills a house with hostile text, and returns pages that show it.
func (d *doors) hostileHouse(b *browser) []string {
	d.Helper()
	short := hostileMark
	w := d.world()
	theCase, target, campaign, member := newCase(), newTarget(), newCampaign(w.caseID, w.target), memberFields()
	theCase["headline"], theCase["concerns"], theCase["ref"] = short, []string{short[:60]}, newID()[:4]+short[:50]
	theCase["persons"] = []fields{{"published_as": short}}
	target["office"], target["institution"], target["salutation"] = fields{"en": short}, fields{"en": short}, fields{"en": short}
	target["postal_address"], target["verified_source"], target["fax"], target["code"] = short, short, short, newID()[:4]+short[:36]
	member["name"], member["consent"] = short, fields{"source": short, "given_on": "2026-01-31", "words": short}
	member["address"] = `"><script>alert(1)</script>"@mail.example`
	if got := d.ask("POST", "/members", member); got.StatusCode == 201 {
		d.Error("an address with a script in it is taken")
	}
	member["address"] = newID() + "@mail.example"
	group := d.made("/groups", fields{"name": newID() + short, "city": short})
	member["group_id"] = number(group)
	member["language"] = "en"
	id := d.made("/members", member)
	caseID, targetID := d.made("/cases", theCase), d.made("/targets", target)
	campaign["case_id"], campaign["target_ids"], campaign["title"] = number(caseID), []int64{number(targetID)}, short
	campaign["asks"] = []fields{{"code": "a1", "texts": fields{"en": short[:len(short)-5]}}}
	campaignID := d.made("/campaigns", campaign)
	appeal := newAppeal("first")
	appeal["texts"] = []fields{{"language": "en", "subject": short[:len(short)-5], "headline": short[:len(short)-5], "body": "> " + strings.ReplaceAll(short[:len(short)-5], "<", "\\<")}}
	appealID := d.made("/campaigns/"+campaignID+"/appeals", appeal)
	d.want(202, "POST", "/appeals/"+appealID+"/launch", fields{"yes": []string{yesParity}})
	d.deliver(number(appealID))
	d.want(200, "POST", "/campaigns/"+campaignID+"/close", fields{"outcome": "deferred", "note": short})
	_, err := d.server.Accounts.Add(d.ctx, audit.System(), accounts.NewAccount{Address: newID() + "@staff.example", Name: short, Roles: []accounts.Role{accounts.Tracker}})
	d.must(err)
	return []string{"/admin/campaigns", "/admin/campaigns/" + campaignID, "/admin/campaigns/" + campaignID + "/change", "/admin/campaigns/" + w.campaign + "/change", "/admin/campaigns/new?case=" + caseID,
		"/admin/cases", "/admin/cases/" + caseID, "/admin/appeals/" + appealID, "/admin/appeals/" + appealID + "/preview/en", "/admin/appeals/" + appealID + "/preview/en/html",
		"/admin/appeals/" + appealID + "/preview/en?view=text", "/admin/appeals/" + w.appeal + "/launch", "/admin/appeals/" + w.appeal + "/compose", "/admin/members?q=" + url.QueryEscape(short),
		"/admin/members?group=" + url.QueryEscape(short), "/admin/members/" + id, "/admin/members/" + id + "/change", "/admin/members/new", "/admin/members/import", "/admin/groups", "/admin/groups/" + group,
		"/admin/letters", "/admin/targets", "/admin/targets/" + targetID, "/admin/accounts", "/sign-in?next=" + url.QueryEscape(short)}
}

// checkTame holds a page against what it must never have: a script but our own, or anything that runs.
func checkTame(t testing.TB, p screen) {
	t.Helper()
	for n := range p.tree().Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" && !strings.HasPrefix(attribute(n, "src"), "/static/") || n.Data == "img" || n.Data == "object" || n.Data == "embed" {
			t.Errorf("%s %s has a <%s> %v", p.Request.Method, p.Request.URL.Path, n.Data, n.Attr)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(strings.ToLower(a.Key), "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") ||
				a.Key == "style" && !strings.HasSuffix(p.Request.URL.Path, "/html") {
				t.Errorf("%s %s: <%s %s=%q>", p.Request.Method, p.Request.URL.Path, n.Data, a.Key, a.Val)
			}
		}
	}
}

func TestP1_HostileTextIsShownAsText(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.server.Write = func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
		return templates.Editions(sheet, templates.Organisation{Name: hostileMark, PostalAddress: hostileMark, Contact: "us@refnet.example"}, d.server.PublicURL)
	}
	d.server.Organisation.Name = hostileMark
	b := d.at(accounts.Roles()...)
	shown := 0
	for _, path := range d.hostileHouse(b) {
		p := b.get(path)
		checkTame(t, p)
		if strings.Contains(p.words(), "<script>alert(1)</script>") || strings.Contains(strings.Join(slices.Concat(slices.Collect(maps.Values(p.values()))...), " "), "<script>") {
			shown++
		}
	}
	if shown < 18 {
		t.Errorf("only %d pages show the hostile text; the test looks at the wrong ones", shown)
	}
	report := b.upload("/admin/members/import", values("consent.source", "list", "consent.given_on", "2026-01-31", "consent.words", "Yes", "language", "en"),
		hostileMark+".csv", "email,name\nnobody,"+`"""><script>alert(1)</script>"`+"\n")
	checkTame(t, report)
	report.says(t, "What became of", "not taken in")
}

func TestS1_HostileFormsAndFiltersBreakNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	b := d.at(accounts.Roles()...)
	texts := []string{"", "'; DROP TABLE members; --", "a\r\nX-Evil: 1", "9223372036854775808", "\x00", "\xff\xfe", "x-private", strings.Repeat("a", 3000)}
	for _, form := range d.forms() {
		for _, name := range slices.Sorted(maps.Keys(form.good)) {
			for _, text := range texts {
				sent := maps.Clone(form.good)
				sent[name] = []string{text}
				if name == "roles" || form.name == "group" { // so that nothing is made
					sent["name"] = []string{""}
				}
				b.post(form.path, sent)
			}
		}
		b.post(form.path, nil)
		b.post(form.path, values("texts.<>.subject", "x", "texts..subject", "y", "asks.0.texts.'", "z", "", ""))
	}
	w := d.world()
	for _, path := range []string{"/admin/members", "/admin/campaigns", "/admin/letters", "/admin/cases", "/admin/appeals/" + w.appeal, "/admin/campaigns/new"} {
		for _, name := range []string{"q", "group", "language", "country", "state", "after", "campaign", "case", "lang"} {
			for _, text := range texts[:len(texts)-1] {
				b.get(path + "?" + url.Values{name: {text}}.Encode())
			}
		}
	}
	for _, r := range d.routesOf(staff) {
		for _, part := range regexp.MustCompile(`\{\w+\}`).FindAllString(r.pattern, -1) {
			for _, text := range append(texts, "0", "-1") {
				path := w.path(strings.Replace(r.pattern, part, url.PathEscape(text), 1))
				if r.method == "GET" {
					b.get(path)
				} else {
					b.post(path, nil)
				}
			}
		}
	}
}

func TestEveryPageIsThereInBothLanguages(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	b := d.at(accounts.Roles()...)
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	d.deliver(number(w.appeal))
	d.made("/campaigns/"+w.campaign+"/appeals", newAppeal("update"))
	if got := b.get("/admin"); got.StatusCode != 303 || got.Header.Get("Location") != "/admin/campaigns" {
		t.Errorf("the front desk leads to %q", got.Header.Get("Location"))
	}
	for lang, word := range map[string]string{"en": "Offices", "fr": "Se déconnecter"} {
		b.open("/admin/campaigns?lang="+lang).says(t, word)
		seen, queue := map[string]bool{}, []string{"/admin/campaigns"}
		for len(queue) > 0 {
			path := queue[0]
			queue = queue[1:]
			if seen[path] || !strings.HasPrefix(path, "/admin") {
				continue
			}
			seen[path] = true
			p := b.get(path)
			if p.StatusCode == 303 {
				queue = append(queue, p.Header.Get("Location"))
				continue
			}
			if p.StatusCode != 200 {
				t.Errorf("%s: %d\n%s", path, p.StatusCode, p.words())
			}
			if got := p.Header.Get("Content-Language"); got != lang && !strings.HasSuffix(path, "/html") {
				t.Errorf("%s is in %q, want %q", path, got, lang)
			}
			if !strings.Contains(path, "/preview/") {
				checkPromised(t, p.reply)
			}
			queue = append(queue, p.links()...)
		}
		if len(seen) < 20 {
			t.Errorf("only %d pages can be reached: %v", len(seen), slices.Sorted(maps.Keys(seen)))
		}
	}
}

func TestNobodyIsShownADoorThatIsShutToThem(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	d.made("/campaigns/"+w.campaign+"/appeals", newAppeal("update"))
	for _, role := range accounts.Roles() {
		b := d.at(role)
		seen, queue := map[string]bool{}, []string{"/admin"}
		for len(queue) > 0 {
			path := queue[0]
			queue = queue[1:]
			if seen[path] || !strings.HasPrefix(path, "/admin") {
				continue
			}
			seen[path] = true
			p := b.get(path)
			if p.StatusCode == 303 {
				queue = append(queue, p.Header.Get("Location"))
				continue
			}
			if p.StatusCode != 200 {
				t.Errorf("%s is led to %s: %d", role, path, p.StatusCode)
			}
			queue = append(queue, p.links()...)
			if strings.HasPrefix(path, "/admin/campaigns/"+w.campaign) && role != accounts.Coordinator {
				for n := range p.tree().Descendants() {
					if action := attribute(n, "action"); n.Data == "form" && attribute(n, "method") == "post" && action != "/sign-out" && !d.formIsFor(action, role) {
						t.Errorf("%s is shown a form to %s", role, action)
					}
				}
			}
		}
	}
}

// formIsFor reports whether a role may send a form.
func (d *doors) formIsFor(action string, role accounts.Role) bool {
	d.Helper()
	for _, r := range d.routesOf(staff) {
		pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(r.pattern, `[^/]+`)
		if r.method == "POST" && regexp.MustCompile("^"+pattern+"$").MatchString(action) {
			return slices.Contains(r.permission.Roles(), role)
		}
	}
	d.Errorf("a form leads to %s, which is nowhere", action)
	return false
}

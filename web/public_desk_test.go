package web

import (
	"bytes"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/letters"
)

// desks are the two ways to the desk of the launched campaign's office.
func (o *opened) desks() map[string]string {
	o.Helper()
	c, err := o.server.Campaigns.Campaign(o.ctx, number(o.campaign))
	o.must(err)
	return map[string]string{"visitor": "/a/" + c.Slug + "/write/" + o.target, "member": o.reportLink() + "/write/" + o.target}
}

// office changes the office of the campaign.
func (o *opened) office(change fields) {
	o.Helper()
	office := newTarget()
	for k, v := range change {
		office[k] = v
	}
	o.want(http.StatusOK, "PUT", "/targets/"+o.target, office)
}

func letter(text string) url.Values {
	return url.Values{"name": {"Noor Example"}, "town": {"Halifax"}, "language": {"en"}, "subject": {"UA 1/26"}, "text": {text}}
}

const ownWords = `Dear Minister,

I am a nurse in Halifax and I write because I have read that a man is to be deported on Friday. Please halt his removal. He has lived
among us for eight years, and nobody should be sent where torture waits. I would be grateful for your reply.`

func lacking(page reply, texts ...string) (missing []string) {
	for _, text := range texts {
		if !bytes.Contains(page.text, []byte(text)) {
			missing = append(missing, text)
		}
	}
	return missing
}

func TestTheDeskKnowsAMemberAndTheOfficeAndKeepsWhatIsTyped(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.want(http.StatusOK, "PATCH", "/members/"+o.world.member, fields{"group_id": number(o.group)})
	o.office(fields{"address": "minister@gov-ca.example", "languages": []string{"fr"}, "gender": "female", "takes_mass_letters": true})
	o.want(http.StatusOK, "PUT", "/campaigns/"+o.campaign+"/asks/a1", fields{"texts": fields{"en": "Ask the Minister to stop the removal.", "fr": "Demandez d’arrêter le renvoi."}})
	before := o.count(countAuditSQL)
	for who, base := range o.desks() {
		fresh := o.visit("GET", base+"?lang=en", nil)
		if fresh.StatusCode != http.StatusOK {
			t.Fatalf("the desk of a %s: %d", who, fresh.StatusCode)
		}
		if missing := lacking(fresh, "Madame la Ministre,", "Je vous prie d’agréer, Madame la Ministre", "It reads: French.", "Ask the Minister to stop the removal.",
			`formaction="`+base+`/send?lang=en"`, `formaction="`+base+`/own?lang=en"`, `formaction="`+base+`/paper?lang=en"`); len(missing) > 0 {
			t.Errorf("the desk of a %s lacks %q", who, missing)
		}
		if lacking(fresh, "<p>He is at risk.</p>") != nil {
			t.Errorf("the desk of a %s does not say what it is about", who)
		}
		if known := len(lacking(fresh, `value="Noor Example"`, `value="Ottawa"`)) == 0; known != (who == "member") {
			t.Errorf("the desk of a %s has a name and a town: %t", who, known)
		}
		form := letter(ownWords)
		form.Set("postal", "1 Example Street")
		read := o.visit("POST", base+"/check?lang=en", form)
		if missing := lacking(read, "nobody should be sent where torture waits", `value="Noor Example"`, `value="Halifax"`, "1 Example Street</textarea>", "1 of 1 point made", "Made:"); read.StatusCode != http.StatusOK || len(missing) > 0 {
			t.Errorf("a letter read over for a %s: %d, lacks %q", who, read.StatusCode, missing)
		}
		if got := o.visit("GET", base+"/check?lang=en", nil); got.Header.Get("Location") != base+"?lang=en" {
			t.Errorf("the address of the answer leads to %q", got.Header.Get("Location"))
		}
	}
	if o.count(countAuditSQL) != before || o.count("SELECT count(*) FROM letters") != 0 || o.count("SELECT count(*) FROM visitors") != 0 {
		t.Error("reading a letter over wrote something down")
	}
	if strings.Contains(o.log.String(), "Halifax") || strings.Contains(o.log.String(), "torture") {
		t.Error("the log holds what was written")
	}
}

// TestTwoWhoShareABrowserDoNotFindEachOthersLetter: what a browser keeps has another name for each member's desk, and the name tells no link.
func TestTwoWhoShareABrowserDoNotFindEachOthersLetter(t *testing.T) {
	t.Parallel()
	o := launched(t)
	names := map[string]string{}
	for who, base := range o.desks() {
		_, after, found := strings.Cut(string(o.visit("GET", base, nil).text), ` data-draft="`)
		name, _, _ := strings.Cut(after, `"`)
		if !found || name == "" || strings.Contains(base, name) {
			t.Errorf("the draft of a %s is kept as %q", who, name)
		}
		names[name] = who
	}
	if len(names) != 2 {
		t.Errorf("a member and a visitor keep their drafts as %v", names)
	}
}

// TestADeskAsksOnlyWhatItsOfficeIsAsked: a coordinator ticks whom a point is for; the public page says it, and no other desk waits for it.
func TestADeskAsksOnlyWhatItsOfficeIsAsked(t *testing.T) {
	t.Parallel()
	o := launched(t)
	office := newTarget()
	office["office"] = fields{"en": "Minister of Foreign Affairs", "fr": "Ministre des Affaires étrangères"}
	foreign := o.made("/targets", office)
	o.want(http.StatusOK, "PUT", "/campaigns/"+o.campaign+"/targets/"+foreign, nil)
	o.want(http.StatusOK, "POST", "/campaigns/"+o.campaign+"/asks", fields{"code": "a2", "texts": fields{"en": "Ask that the Committee is heard."}})
	form := url.Values{"asks.1.texts.en": {"Ask that the Committee is heard."}, "asks.1.target_ids": {foreign}}
	if done := o.at(accounts.Coordinator).post("/admin/campaigns/"+o.campaign+"/asks/a2", form); done.StatusCode != http.StatusSeeOther {
		t.Fatalf("the form: %d\n%s", done.StatusCode, done.text)
	}
	desk := o.desks()["visitor"]
	action := strings.TrimSuffix(desk, "/write/"+o.target)
	for page, told := range map[string]bool{desk: false, action + "/write/" + foreign: true, action: true} {
		if shown := len(lacking(o.visit("GET", page+"?lang=en", nil), "Ask that the Committee is heard.")) == 0; shown != told {
			t.Errorf("%s tells the point: %t", page, shown)
		}
	}
	if missing := lacking(o.visit("GET", action+"?lang=en", nil), "To: Minister of Foreign Affairs"); len(missing) > 0 {
		t.Error("the public page does not say whom the point is for")
	}
	if missing := lacking(o.visit("POST", desk+"/check?lang=en", letter(ownWords)), "1 of 1 point made"); len(missing) > 0 {
		t.Error("a letter to the other office is told that a point is missing")
	}
}

func TestALetterThatNamesWhatMustStayOutDoesNotLeave(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"address": "minister@gov-ca.example"})
	o.must(o.server.Letters.AddUnspoken(o.ctx, audit.System(), number(o.caseID), "Parvin Karimi"))
	o.must(o.server.Letters.AddUnspoken(o.ctx, audit.System(), number(o.caseID), "Maple Street Shelter"))
	for who, base := range o.desks() {
		for path, status := range map[string]int{"/check": http.StatusOK, "/own": http.StatusUnprocessableEntity} {
			got := o.visit("POST", base+path+"?lang=en", letter(ownWords+" I know Parvin KARIMI."))
			if said := bytes.Contains(got.text, []byte("This letter has not left.")); said != (path == "/own") {
				t.Errorf("%s of a %s: at its head the page says that nothing has left: %t", path, who, said)
			}
			if missing := lacking(got, "should stay out", "torture waits"); got.StatusCode != status || len(missing) > 0 {
				t.Errorf("%s of a %s: %d, want %d; lacks %q", path, who, got.StatusCode, status, missing)
			}
			if told := bytes.Contains(got.text, []byte("Parvin KARIMI</bdi>")); told != (who == "member") {
				t.Errorf("%s of a %s is told which words: %t", path, who, told)
			}
			if bytes.Contains(got.text, []byte("Maple Street")) || bytes.Contains(got.text, []byte("mailto:minister")) {
				t.Errorf("%s of a %s shows the list, or a way out", path, who)
			}
		}
	}
}

func TestOnesOwnMailProgramGetsTheLetterAndTheBlindCopy(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"address": "minister@gov-ca.example"})
	o.server.ReplyDomain = "reply.refnet.example"
	for who, base := range o.desks() {
		got := o.visit("POST", base+"/own?lang=en", letter(ownWords))
		_, rest, _ := strings.Cut(string(got.text), `href="mailto:minister@gov-ca.example?`)
		link, _, found := strings.Cut(rest, `"`)
		query, err := url.ParseQuery(strings.ReplaceAll(link, "&amp;", "&"))
		if got.StatusCode != http.StatusOK || !found || err != nil {
			t.Fatalf("for a %s: %d, link %q, %v", who, got.StatusCode, link, err)
		}
		token, ours := strings.CutSuffix(strings.TrimPrefix(query.Get("bcc"), "c+"), "@reply.refnet.example")
		pair, member, err := o.server.Letters.Links.Copy.Read(token)
		appeal, target := letters.Unpair(pair)
		if want := map[string]int64{"member": o.member, "visitor": 0}[who]; err != nil || !ours || appeal != o.appealID || target != number(o.target) || member != want {
			t.Errorf("the copy of a %s goes to %q: appeal %d, target %d, member %d, %v", who, query.Get("bcc"), appeal, target, member, err)
		}
		if body := query.Get("body"); !strings.HasSuffix(body, "reply.\r\n\r\nNoor Example\r\nHalifax") || query.Get("subject") != "UA 1/26" {
			t.Errorf("the letter of a %s is %q", who, body)
		}
		bare := letter(" ")
		bare.Set("name", "")
		if got := o.visit("POST", base+"/own", bare); got.StatusCode != http.StatusUnprocessableEntity || !bytes.Contains(got.text, []byte(`href="#f-name"`)) || !bytes.Contains(got.text, []byte(`href="#f-text"`)) {
			t.Errorf("an empty letter of a %s: %d, want 422 with both fields", who, got.StatusCode)
		}
	}
	o.office(nil)
	if got := o.visit("POST", o.desks()["visitor"]+"/own", letter(ownWords)); got.StatusCode != http.StatusConflict {
		t.Errorf("to an office without e-mail: %d", got.StatusCode)
	}
}

func TestTheDeskOffersOnlyWhatTheOfficeTakes(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"postal_address": "", "address": "minister@gov-ca.example", "takes_mass_letters": false, "phone": "+1 613 555 0143"})
	page := o.visit("GET", o.desks()["visitor"]+"?lang=en", nil)
	if missing := lacking(page, "asks for no mass letters", "/own", "16135550143"); len(missing) > 0 {
		t.Errorf("the desk lacks %q", missing)
	}
	for _, not := range []string{"/send", "/paper", "Fax"} {
		if bytes.Contains(page.text, []byte(not)) {
			t.Errorf("the desk offers %s", not)
		}
	}
	if got := o.visit("GET", strings.Replace(o.desks()["visitor"], "/write/"+o.target, "/write/999999", 1), nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("the desk of another office: %d", got.StatusCode)
	}
}

func TestAReloadOfWhatAFormLedToLeadsBackToTheDesk(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"address": "minister@gov-ca.example"})
	for who, base := range o.desks() {
		for _, path := range []string{"/check", "/own", "/send", "/paper"} {
			got := o.visit("GET", base+path+"?lang=fr", nil)
			if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != base+"?lang=fr" {
				t.Errorf("%s of a %s: %d, to %q", path, who, got.StatusCode, got.Header.Get("Location"))
			}
		}
	}
}

func TestR13_AfterTheDeadlineTheDeskTakesNoLetter(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"address": "minister@gov-ca.example"})
	desks := o.desks()
	dbtest.MoveClock(t, o.pool, 20*24*time.Hour)
	for who, base := range desks {
		page := o.visit("GET", base+"?lang=en", nil)
		if page.StatusCode != http.StatusOK || bytes.Contains(page.text, []byte("<textarea")) || len(lacking(page, "Please ask us before you write")) > 0 {
			t.Errorf("the desk of a %s after the deadline: %d, with a letter on it or without a word why", who, page.StatusCode)
		}
		for _, path := range []string{"/check", "/own"} {
			if got := o.visit("POST", base+path, letter(ownWords)); got.StatusCode != http.StatusConflict || bytes.Contains(got.text, []byte("mailto:minister")) {
				t.Errorf("%s of a %s after the deadline: %d", path, who, got.StatusCode)
			}
		}
	}
}

func TestAMembersActionPageShowsWhatTheyWroteAndNoShareLinkHoldsTheToken(t *testing.T) {
	t.Parallel()
	o := launched(t)
	link := o.reportLink()
	page := o.visit("GET", link, nil)
	if missing := lacking(page, link+"/write/"+o.target, link+"/report", "/card.png?lang=en"); page.StatusCode != http.StatusOK || len(missing) > 0 {
		t.Fatalf("a member's page: %d, lacks %q", page.StatusCode, missing)
	}
	if bytes.Contains(page.text, []byte("What you wrote already")) {
		t.Error("nothing was written yet")
	}
	for _, line := range strings.Split(string(page.text), "\n") {
		if strings.Contains(line, "og:") && strings.Contains(line, link) || strings.Contains(line, "written-out") && strings.Contains(line, link) {
			t.Errorf("what is passed on holds the token: %s", line)
		}
	}
	o.visit("POST", link, url.Values{"target": {o.target}, "channel": {"post"}, "day": {time.Now().UTC().Format(time.DateOnly)}, "copies": {"1"}})
	if missing := lacking(o.visit("GET", link, nil), "What you wrote already", "Post, sent, "); len(missing) > 0 {
		t.Errorf("after a report the page lacks %q", missing)
	}
	o.want(http.StatusOK, "POST", "/campaigns/"+o.campaign+"/close", fields{"outcome": "stay_granted"})
	closed := o.visit("GET", link, nil)
	if missing := lacking(closed, "A court has stayed the removal."); len(missing) > 0 || bytes.Contains(closed.text, []byte("/write/")) {
		t.Error("a closed campaign does not tell its outcome, or still asks for letters")
	}
}

func TestTheCardOfACampaignIsAPictureWithoutTheCase(t *testing.T) {
	t.Parallel()
	o := launched(t)
	c, err := o.server.Campaigns.Campaign(o.ctx, number(o.campaign))
	o.must(err)
	sizes := map[string]int{}
	for _, lang := range []string{"en", "fr", "ar"} {
		got := o.visit("GET", "/a/"+c.Slug+"/card.png?lang="+lang, nil)
		picture, err := png.DecodeConfig(bytes.NewReader(got.text))
		if got.StatusCode != http.StatusOK || err != nil || picture.Width != 1200 || picture.Height != 630 || got.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("in %s: %d, %v, %dx%d", lang, got.StatusCode, err, picture.Width, picture.Height)
		}
		sizes[lang] = len(got.text)
	}
	if sizes["ar"] >= sizes["en"] {
		t.Errorf("in Arabic, which the face has no letters of, there is as much on it as in English: %v bytes", sizes)
	}
	if got := o.visit("GET", "/a/nosuchaddress/card.png", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("of no campaign: %d", got.StatusCode)
	}
}

// What must stay out cannot be found by trying: letters are read over so often and no oftener for one place.
func TestLettersAreReadOverWithinALimitForEachPlace(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.server.limits.checks = newBuckets(1e-6, 2)
	base := o.desks()["visitor"]
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		if got := o.visit("POST", base+"/check", letter(ownWords)); got.StatusCode != want {
			t.Errorf("letter %d: %d, want %d", i+1, got.StatusCode, want)
		}
	}
}

// Who tries a list of names on the desk learns neither which of them is the one, nor gets to halve the list again and again.
func TestWhatMustStayOutIsNotToBeFoundByTrying(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"address": "minister@gov-ca.example"})
	for _, words := range []string{"Parvin Karimi", "Maple Street Shelter", "Zohreh Amini", "Navid Rostami"} {
		o.must(o.server.Letters.AddUnspoken(o.ctx, audit.System(), number(o.caseID), words))
	}
	const list = " Ali Ahmadi, Parvin Karimi, Maple Street Shelter, Zohreh Amini, Navid Rostami, Sara Moradi."
	told := func(page reply) (n int) {
		for _, words := range []string{"Parvin Karimi", "Maple Street Shelter", "Zohreh Amini", "Navid Rostami"} {
			n += bytes.Count(page.text, []byte(words+"</bdi>"))
		}
		return n
	}
	desks := o.desks()
	for who, want := range map[string]int{"visitor": 0, "member": 3} {
		got := o.visit("POST", desks[who]+"/check?lang=en", letter(ownWords+list))
		if n := told(got); n != want || len(lacking(got, "should stay out", "name nobody and no place")) > 0 && who == "visitor" {
			t.Errorf("a %s who tries a list is told %d of its words, want %d", who, n, want)
		}
	}
	signed := letter(ownWords)
	signed.Set("name", "Parvin Karimi")
	if got := o.visit("POST", desks["visitor"]+"/own", signed); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a letter signed with a name that must stay out: %d", got.StatusCode)
	}
	o.server.limits.hits = newBuckets(1e-6, 2)
	for i, path := range []string{"/check", "/own", "/paper", "/check"} {
		want := []int{http.StatusOK, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusTooManyRequests}[i]
		if got := o.visit("POST", desks["visitor"]+path, letter(ownWords+list)); got.StatusCode != want {
			t.Errorf("try %d, %s: %d, want %d", i+1, path, got.StatusCode, want)
		}
	}
	if got := o.visit("POST", desks["visitor"]+"/check", letter(ownWords)); got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a letter that names nothing, from the same place: %d; that it passes would tell as much", got.StatusCode)
	}
	if log := o.log.String(); strings.Contains(log, "Parvin") || !strings.Contains(log, "names what must stay out") {
		t.Error("the log holds the words, or does not say that somebody tries")
	}
}

func TestAnOfficeIsWrittenToPubliclyByWhoKnowsWhatThatShows(t *testing.T) {
	t.Parallel()
	o := launched(t)
	profiles := []string{"https://social.example/@minister", "https://www.videos.example/minister"}
	o.office(fields{"social_urls": profiles})
	o.must(o.server.Letters.AddUnspoken(o.ctx, audit.System(), number(o.caseID), "Parvin Karimi"))
	base := o.desks()["visitor"]
	fresh := o.visit("GET", base+"?lang=en", nil)
	if missing := lacking(fresh, `href="`+profiles[0]+`" rel="noreferrer"`, `href="`+profiles[1]+`"`, "Everybody can read a public post", `name="short"`); len(missing) > 0 {
		t.Errorf("the desk lacks %q", missing)
	}
	if at, other := strings.Index(string(fresh.text), "Social media</h3>"), strings.Index(string(fresh.text), "E-mail</h3>"); at < other {
		t.Error("a public post comes before what the office alone reads")
	}
	form := letter("")
	form.Set("short", "Minister, Parvin Karimi must not be deported.")
	for who, desk := range o.desks() {
		read := o.visit("POST", desk+"/check?lang=en", form)
		if missing := lacking(read, "should stay out", "Parvin Karimi must not be deported.</textarea>", "45 characters"); read.StatusCode != http.StatusOK || len(missing) > 0 {
			t.Errorf("a post of a %s read over: %d, lacks %q", who, read.StatusCode, missing)
		}
		if told := bytes.Contains(read.text, []byte("Parvin Karimi</bdi>")); told != (who == "member") {
			t.Errorf("a %s is told which words must stay out: %t", who, told)
		}
	}
	form.Set("short", "Minister, please halt the removal.")
	if read := o.visit("POST", base+"/check?lang=en", form); len(lacking(read, "We see nothing in it that should stay out")) > 0 {
		t.Error("a harmless post is not told to be one")
	}

	posted := o.visit("POST", o.reportLink()+"/report", url.Values{"target": {o.target}, "channel": {"social"}, "day": {time.Now().UTC().Format(time.DateOnly)}, "copies": {"1"}})
	if n := o.count("SELECT count(*) FROM letters WHERE channel = 'social' AND grade = 'reported' AND state = 'counted'"); posted.StatusCode != http.StatusSeeOther || n != 1 {
		t.Errorf("a post reported: %d, %d letters; want one, known by its writer's word", posted.StatusCode, n)
	}

	// R2, and more: agreed or not, nobody is led to a public page of the state that is fled from.
	o.exec("UPDATE campaign_targets SET side = 'receiving', added_by = (SELECT min(id) FROM accounts), agreed_by = (SELECT max(id) FROM accounts) WHERE target_id = $1", number(o.target))
	there := o.visit("GET", base+"?lang=en", nil)
	if there.StatusCode != http.StatusOK || len(lacking(there, "Post</h3>")) > 0 {
		t.Fatalf("the desk of an office on the receiving side that a second person agreed to: %d", there.StatusCode)
	}
	if bytes.Contains(there.text, []byte("social.example")) || bytes.Contains(there.text, []byte(`name="short"`)) {
		t.Error("the desk leads to the public page of an office on the receiving side")
	}
}

func TestAnOfficesPublicProfilesAreFewAndSafeToLinkTo(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, profiles := range map[string][]string{"plain http": {"http://social.example/@a"}, "a script": {"javascript:alert(1)"}, "no host": {"https:///x"},
		"a password": {"https://a:b@social.example/@a"}, "a space": {"https://social.example/@a b"}, "three": {"https://a.example", "https://b.example", "https://c.example"},
		"twice": {"https://a.example", "https://a.example"}, "empty": {""}} {
		office := newTarget()
		office["social_urls"] = profiles
		if got := d.ask("POST", "/targets", office); got.StatusCode != http.StatusUnprocessableEntity || !bytes.Contains(got.text, []byte("social_urls")) {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.text)
		}
	}
	office := newTarget()
	office["social_urls"] = []string{"https://social.example/@a"}
	if got := d.want(http.StatusCreated, "POST", "/targets", office); len(got["social_urls"].([]any)) != 1 {
		t.Errorf("an office with a profile: %v", got["social_urls"])
	}
}

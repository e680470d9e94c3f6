package web

import (
	"fmt"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/worker"
)

// letterHouse is a house with a launched campaign, an office with an address and two members, whose letters go to sink.
type letterHouse struct {
	*doors
	w       world
	slug    string
	token   string // of the member's link
	address string // of the member
	sink    *smtpsink.Sink
}

func openLetters(t *testing.T, lang string) *letterHouse {
	t.Helper()
	h := &letterHouse{doors: open(t)}
	h.w.target = h.made("/targets", withAddress(newTarget()))
	h.w.caseID = h.made("/cases", newCase())
	h.w.campaign = h.made("/campaigns", newCampaign(h.w.caseID, h.w.target))
	h.w.appeal = h.made("/campaigns/"+h.w.campaign+"/appeals", newAppeal("first"))
	member := memberFields()
	member["language"] = lang
	h.address = member["address"].(string)
	h.w.member = h.made("/members", member)
	h.want(202, "POST", "/appeals/"+h.w.appeal+"/launch", fields{"yes": []string{yesParity}})
	h.site()
	_, err := h.server.Campaigns.FillSlice(h.ctx, number(h.w.appeal), campaigns.Filling{SliceRows: 1000, BatchRows: 100, Cover: time.Hour})
	h.must(err)
	c, err := h.server.Campaigns.Campaign(h.ctx, number(h.w.campaign))
	h.must(err)
	h.slug = c.Slug
	h.token = h.server.Links.Report.Make(number(h.w.appeal), number(h.w.member))
	h.server.Letters.Pace = time.Millisecond
	h.sink, err = smtpsink.Start(smtpsink.Options{})
	h.must(err)
	t.Cleanup(func() { h.sink.Close() })
	return h
}

func withAddress(target fields) fields {
	target["address"], target["fax"], target["office"] = "minister@gov-ca.example", "+1 613 555 0142", fields{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique"}
	return target
}

// work starts a worker of this house; the appeal itself is stopped, as it is none of these tests' business.
func (h *letterHouse) work() {
	h.Helper()
	_, err := h.server.Campaigns.Stop(h.ctx, audit.System(), number(h.w.appeal))
	h.must(err)
	relays, err := mailer.ParseRelays(fmt.Sprintf("smtp+insecure://%s?conns=4", h.sink.Addr()))
	h.must(err)
	pool, err := mailer.NewPool(relays, mailer.Options{Hello: "holdfast.example"})
	h.must(err)
	w, err := worker.Start(h.ctx, worker.Config{Pool: h.pool, RiverPool: h.pool, Members: h.server.Members, Links: h.server.Links, Letters: h.server.Letters,
		Letterhead: h.server.Organisation, Relays: pool, Conns: 4, Log: slog.New(slog.NewJSONHandler(h.log, nil)), Version: "v1.2.0",
		Sender: worker.Sender{From: mailer.Address{Name: "RefNet", Addr: "alerts@refnet.example"}, ListID: "alerts.refnet.example", ListName: "RefNet alerts",
			PublicURL: h.server.PublicURL, ReturnDomain: "return.refnet.example", ReplyDomain: "answers.refnet.example"},
		Pace: worker.Pace{Sweep: 100 * time.Millisecond, Drain: time.Second}})
	h.must(err)
	h.Cleanup(func() { h.must(w.Stop(h.ctx)) })
}

func letterForm() url.Values {
	return values("name", "Ada B.", "town", "Kingston", "email", "ada@mail.example", "language", "en", "subject", "Please stop this removal",
		"text", "Dear Minister,\r\n\r\nPlease stop the removal of M.R. to Iran.\r\n\r\nYours sincerely,")
}

// mailTo waits for the nth mail to an address and returns its text, decoded.
func (h *letterHouse) mailTo(address string, n int) (smtpsink.Message, string) {
	h.Helper()
	for until := time.Now().Add(time.Minute); ; {
		var found []smtpsink.Message
		for _, m := range h.sink.Messages() {
			if m.Recipients[0] == address {
				found = append(found, m)
			}
		}
		if len(found) >= n {
			text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(found[n-1].Data))))
			h.must(err)
			return found[n-1], string(text)
		}
		if time.Now().After(until) {
			h.Fatalf("no mail %d to %s", n, address)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (h *letterHouse) linkIn(text string) string {
	h.Helper()
	link := regexp.MustCompile(`http://[^ "]+/c/[a-z2-7]{53}`).FindString(text)
	if link == "" {
		h.Fatalf("no link in\n%s", text)
	}
	return link
}

func (h *letterHouse) letterState() (state string) {
	h.Helper()
	h.must(h.pool.QueryRow(h.ctx, `SELECT state FROM letter_mails`).Scan(&state))
	return state
}

// From the form to the office, by the writer's yes in a browser: phone and desk, English, French and Arabic.
func TestAWriterSendsALetterThroughTheHouse(t *testing.T) {
	for _, c := range []struct {
		lang  string
		width int
	}{{"en", 390}, {"fr", 1280}, {"ar", 390}} {
		t.Run(fmt.Sprint(c.lang, c.width), func(t *testing.T) {
			t.Parallel()
			h := openLetters(t, c.lang)
			h.work()
			asked := h.stranger().post("/r/"+h.token+"/write/"+h.w.target+"/send", letterForm())
			if asked.StatusCode != 200 || strings.Contains(string(asked.text), h.address) {
				t.Fatalf("asked: %d\n%s", asked.StatusCode, asked.words())
			}
			_, question := h.mailTo(h.address, 1)
			link := h.linkIn(question)
			tab := visit(t, c.width)
			tab.Go(link)
			tab.keeps("letter-confirm-" + c.lang)
			if page := h.stranger().open(strings.TrimPrefix(link, h.server.PublicURL)); !strings.Contains(string(page.text), `href="/r/`+h.token+`?lang=`+c.lang+`"`) {
				t.Errorf("a member is not led on to their own page:\n%s", page.text)
			}
			if text := tab.Text("main"); !strings.Contains(text, "Please stop the removal of M.R. to Iran.") || !strings.Contains(text, "Ada B.") {
				t.Errorf("the page shows\n%s", text)
			}
			if h.letterState() != letters.MailUnconfirmed {
				t.Fatal("looking at the page confirms the letter")
			}
			tab.Press(`form.letter-yes button`)
			letter, text := h.mailTo("minister@gov-ca.example", 1)
			for _, want := range []string{"From: ", "Subject: Please stop this removal\r\n", "Reply-To: <l+", "Please stop the removal of M.R. to Iran.", "Ada B.\r\nKingston"} {
				if !strings.Contains(text, want) {
					t.Errorf("the letter lacks %q:\n%s", want, text)
				}
			}
			if !strings.HasPrefix(letter.Sender, "l+") || strings.Contains(text, h.address) || strings.Contains(text, "/c/") {
				t.Errorf("the letter from %s:\n%s", letter.Sender, text)
			}
			for until := time.Now().Add(time.Minute); h.letterState() != letters.MailSent && time.Now().Before(until); {
				time.Sleep(20 * time.Millisecond)
			}
			tab.Go(link)
			tab.keeps("letter-sent-" + c.lang)
			if n := h.count(`SELECT count(*) FROM letters WHERE grade = 'sent' AND state = 'counted'`); n != 1 {
				t.Errorf("%d letters are counted as sent:\n%s", n, tab.Text("main"))
			}
		})
	}
}

func TestU2_TheLetterPageChangesNothingAndTheFormDoes(t *testing.T) {
	t.Parallel()
	h := openLetters(t, "en")
	b := h.stranger()
	send := "/a/" + h.slug + "/write/" + h.w.target + "/send"
	if got := b.post(send, letterForm()); got.StatusCode != 200 {
		t.Fatalf("asked: %d\n%s", got.StatusCode, got.words())
	}
	var id int64
	h.must(h.pool.QueryRow(h.ctx, `SELECT letter_id FROM letter_mails`).Scan(&id))
	at := "/c/" + h.server.Letters.Links.Confirm.Make(id, number(h.w.target))
	page := b.open(at)
	if !strings.Contains(string(page.text), `href="/a/`+h.slug+`?lang=en"`) {
		t.Errorf("a visitor is not led on to the public page:\n%s", page.text)
	}
	for range 3 {
		b.open(at + "?lang=fr")
	}
	if h.letterState() != letters.MailUnconfirmed {
		t.Error("a GET has confirmed it")
	}
	if got := b.post(at, values("version", "0000000000000000")); got.StatusCode != 409 || h.letterState() != letters.MailUnconfirmed {
		t.Errorf("a yes to other words: %d", got.StatusCode)
	}
	version := regexp.MustCompile(`name="version" value="([0-9a-f]{16})"`).FindStringSubmatch(string(page.text))[1]
	if got := b.done(at, values("version", version)); h.letterState() != letters.MailQueued || !strings.Contains(got.words(), "waits for its turn") {
		t.Errorf("confirmed: %s\n%s", h.letterState(), got.words())
	}
	if got := b.done(at+"/withdraw", nil); h.letterState() != letters.MailWithdrawn || !strings.Contains(got.words(), "was not sent") {
		t.Errorf("taken back: %s\n%s", h.letterState(), got.words())
	}
	if got := b.post(at, values("version", version)); got.StatusCode != 409 {
		t.Errorf("confirmed after it was taken back: %d", got.StatusCode)
	}
	if got := b.get("/c/" + strings.Repeat("a", 53)); got.StatusCode != 404 {
		t.Errorf("a token that is none: %d", got.StatusCode)
	}
	if got := b.get("/c/" + h.token); got.StatusCode != 404 {
		t.Errorf("a token for something else: %d", got.StatusCode)
	}
}

func TestALetterThatCannotBeSentIsSaidInTheReadersWords(t *testing.T) {
	t.Parallel()
	h := openLetters(t, "en")
	b := h.stranger()
	send := "/a/" + h.slug + "/write/" + h.w.target + "/send"
	for field, bad := range map[string]string{"email": "nobody", "name": "minister@gov-ca.example", "name ": "", "text": "  ", "subject": strings.Repeat("x", 151)} {
		form := letterForm()
		form.Set(strings.TrimSpace(field), bad)
		got := b.post(send+"?lang=fr", form)
		if got.StatusCode != 422 {
			t.Errorf("%s = %.20q: %d", field, bad, got.StatusCode)
		}
		if words := got.words(); strings.Contains(words, "is not an address") || strings.Contains(words, "want a name") {
			t.Errorf("%s = %.20q: a reader of French is told in English", field, bad)
		}
	}
	if n := h.count(`SELECT count(*) FROM visitors`); n != 0 {
		t.Errorf("%d visitors are written down for letters that are none", n)
	}
	for path, want := range map[string]int{"/a/" + h.slug + "/write/999999/send": 404, "/a/aaaaaaaaaaaaaaaa/write/" + h.w.target + "/send": 404,
		"/r/" + strings.Repeat("a", 53) + "/write/" + h.w.target + "/send": 404} {
		if got := b.post(path, letterForm()); got.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, got.StatusCode, want)
		}
	}
	_, err := h.server.Campaigns.CloseCampaign(h.ctx, audit.System(), number(h.w.campaign), campaigns.Closing{Outcome: "stay_granted"})
	h.must(err)
	if got := b.post(send+"?lang=fr", letterForm()); got.StatusCode != 409 || !strings.Contains(got.words(), "Aucune lettre n’est demandée") {
		t.Errorf("closed: %d\n%s", got.StatusCode, got.words())
	}
	if n := h.count(`SELECT count(*) FROM letter_mails`); n != 0 {
		t.Errorf("%d letters were taken down", n)
	}
}

func TestStaffStopALineAndClearAMark(t *testing.T) {
	t.Parallel()
	h := openLetters(t, "en")
	h.stranger().post("/r/"+h.token+"/write/"+h.w.target+"/send", letterForm())
	var id int64
	h.must(h.pool.QueryRow(h.ctx, `SELECT letter_id FROM letter_mails`).Scan(&id))
	m, err := h.server.Letters.Mail(h.ctx, id)
	h.must(err)
	h.must(h.server.Letters.Confirm(h.ctx, id, m.Version()))
	staff := h.at(accounts.Tracker)
	const at = "/admin/letters/queue"
	if words := staff.open(at).words(); !strings.Contains(words, "Minister of Public Safety") || strings.Contains(words, "Please stop") || strings.Contains(words, "Ada B.") {
		t.Errorf("the page says\n%s", words)
	}
	if words := staff.done(at+"/"+h.w.target+"/stop", nil).words(); !strings.Contains(words, "Stopped since") {
		t.Errorf("stopped:\n%s", words)
	}
	at2 := "/c/" + h.server.Letters.Links.Confirm.Make(id, number(h.w.target))
	if words := h.stranger().open(at2).words(); !strings.Contains(words, "held for now") {
		t.Errorf("the writer is told\n%s", words)
	}
	if _, _, ok, err := h.server.Letters.Claim(h.ctx, id, time.Minute); ok || err != nil {
		t.Errorf("claimed while its line is stopped: %v, %v", ok, err)
	}
	if words := staff.done(at+"/"+h.w.target+"/resume", nil).words(); strings.Contains(words, "Stopped since") {
		t.Errorf("resumed:\n%s", words)
	}
	c, _, ok, err := h.server.Letters.Claim(h.ctx, id, time.Minute)
	if !ok || err != nil {
		t.Fatalf("not claimed once its line is resumed: %v", err)
	}
	h.must(h.server.Letters.Settle(h.ctx, letters.MailVerdict{Claimed: c, Outcome: campaigns.Accepted, Code: 250, Reply: "taken"}, letters.LetterWaits))
	h.must(h.server.Letters.LetterReturned(h.ctx, id, "5.1.1"))
	marks, err := h.server.Letters.Marks(h.ctx, 0)
	h.must(err)
	if len(marks) != 1 {
		t.Fatalf("marks %+v", marks)
	}
	if words := staff.open(at).words(); !strings.Contains(words, "a letter came back") {
		t.Errorf("marked:\n%s", words)
	}
	if words := staff.done(fmt.Sprintf("/admin/letters/marks/%d/clear", marks[0].ID), nil).words(); strings.Contains(words, "a letter came back") {
		t.Errorf("cleared:\n%s", words)
	}
	told := url.Values{"target": {h.w.target}, "channel": {"fax"}}
	for range 2 {
		staff.done("/admin/letters/marks", told).says(t, "Fax somebody told us")
	}
	if marks, err = h.server.Letters.Marks(h.ctx, 0); err != nil || len(marks) != 1 || h.count("SELECT count(*) FROM audit_events WHERE action = 'channel_mark.add'") != 1 {
		t.Fatalf("told twice: marks %+v, %v; want one, written down once", marks, err)
	}
	if page := h.stranger().open("/a/" + h.slug + "/write/" + h.w.target); len(page.words()) == 0 || !strings.Contains(page.words(), "We were told that this does not work.") {
		t.Errorf("who writes is not told of the mark:\n%s", page.words())
	}
	if got := staff.post("/admin/letters/marks", url.Values{"target": {h.w.target}, "channel": {"web_form"}}); got.StatusCode != 422 || got.problems()["f-channel"] == "" {
		t.Errorf("a channel that the office has not: %d, %v", got.StatusCode, got.problems())
	}
	if words := staff.done(fmt.Sprintf("/admin/letters/marks/%d/clear", marks[0].ID), nil).words(); strings.Contains(words, "somebody told us") {
		t.Errorf("cleared:\n%s", words)
	}
	for _, path := range []string{at + "/999999/stop", "/admin/letters/marks/999999/clear", at + "/x/stop"} {
		if got := staff.post(path, nil); got.StatusCode != 404 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

// Who types somebody's address at the public page does not learn whether a letter of theirs has left, or how many they asked for today.
func TestNobodyLearnsFromThePublicPageWhoHasWritten(t *testing.T) {
	t.Parallel()
	h := openLetters(t, "en")
	send := "/a/" + h.slug + "/write/" + h.w.target + "/send"
	theirs := letterForm()
	theirs.Set("email", h.address)
	nobodys := letterForm()
	fresh := h.stranger().post(send, nobodys)
	h.stranger().post("/r/"+h.token+"/write/"+h.w.target+"/send", letterForm())
	var id int64
	h.must(h.pool.QueryRow(h.ctx, `SELECT letter_id FROM letter_mails m JOIN letters l ON l.id = m.letter_id WHERE l.member_id IS NOT NULL`).Scan(&id))
	m, err := h.server.Letters.Mail(h.ctx, id)
	h.must(err)
	h.must(h.server.Letters.Confirm(h.ctx, id, m.Version()))
	masked := regexp.MustCompile(`\S+•••@\S+`)
	alike := func(what string, got screen) {
		t.Helper()
		if got.StatusCode != fresh.StatusCode || masked.ReplaceAllString(got.words(), "") != masked.ReplaceAllString(fresh.words(), "") {
			t.Errorf("%s: %d\n%s\nwant as for anybody: %d\n%s", what, got.StatusCode, got.words(), fresh.StatusCode, fresh.words())
		}
	}
	alike("an address whose letter has left", h.stranger().post(send, theirs))
	for range 7 {
		_, err := h.pool.Exec(h.ctx, `UPDATE letter_mails SET state = 'withdrawn', settled_at = now_at() WHERE state = 'unconfirmed'`)
		h.must(err)
		alike("one for which many were asked today", h.stranger().post(send, nobodys))
	}
	if got := h.stranger().post("/r/"+h.token+"/write/"+h.w.target+"/send", letterForm()); got.StatusCode != 409 {
		t.Errorf("a member by their own link is not told: %d", got.StatusCode)
	}
	if n := h.count(`SELECT count(*) FROM letter_mails m JOIN letters l ON l.id = m.letter_id WHERE l.visitor_id IS NOT NULL`); n != 5 {
		t.Errorf("%d letters were taken down, want the five of a day", n)
	}
}

// What turns the order of signs round comes along where text is copied from a page. It is in no letter: not in the sender's name, nor the subject, nor the text.
func TestSignsOfDirectionAreInNoLetter(t *testing.T) {
	t.Parallel()
	h := openLetters(t, "en")
	form := letterForm()
	form.Set("name", "\u2068Ada\u2069 \u202eB.")
	form.Set("subject", "\u202dPlease\u2067 stop\u2028this")
	form.Set("text", "Dear \u202eMinister,\n\nسلام\u200cها \u2068x\u2069")
	if got := h.stranger().post("/r/"+h.token+"/write/"+h.w.target+"/send", form); got.StatusCode != 200 {
		t.Fatalf("%d\n%s", got.StatusCode, got.words())
	}
	var id int64
	h.must(h.pool.QueryRow(h.ctx, `SELECT letter_id FROM letter_mails`).Scan(&id))
	m, err := h.server.Letters.Mail(h.ctx, id)
	h.must(err)
	if m.Writer.Name != "Ada B." || m.Subject != "Please stop this" || m.Text != "Dear Minister,\n\nسلام\u200cها \u2068x\u2069" {
		t.Errorf("%q, %q, %q", m.Writer.Name, m.Subject, m.Text)
	}
}

package holdfast_test

import (
	"flag"
	"fmt"
	"maps"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"holdfast/internal/browsertest"
	"holdfast/templates"
)

var walkPictures = flag.String("walk-pictures", "", "write pictures of the pages of the letters' walk into this directory")

// TestFromTheMailToALetterByEachChannel walks from the mail that arrived to a letter by each channel, on a phone and at a desk, in English, French and
// Arabic, once without scripts: by the links of mails and by the pages' own links and buttons alone. At the end the totals are what was done.
func TestFromTheMailToALetterByEachChannel(t *testing.T) {
	h := openHousePacing(t, 100*time.Millisecond)
	w := h.furnish()
	for _, width := range []int{390, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			house := *h
			house.t = t
			tab := browsertest.Open(t, width, 800)
			for _, lang := range walkLanguages {
				k := &walker{house: &house, Tab: tab, world: w, lang: lang, width: width, address: walkerAddress(lang, width)}
				k.walk()
			}
			if asked, errors := tab.Outside(strings.TrimPrefix(h.http.URL, "http://")); len(asked)+len(errors) > 0 {
				t.Errorf("pages asked others: %v; scripts failed: %v", asked, errors)
			}
		})
	}
	t.Cleanup(func() { // after both, which are parallel
		walks := 2 * len(walkLanguages)
		if got, want := h.totals(w.campaign), map[string]int{"sent": walks, "confirmed": walks, "paper": walks, "reported": 3 * walks, "batch": 12 * walks}; !maps.Equal(got, want) {
			t.Errorf("letters by grade %v, want %v", got, want)
		}
		if got, want := h.totals(w.second), map[string]int{"reported": 2 * walks}; !maps.Equal(got, want) {
			t.Errorf("letters that were told of by mail, by grade: %v, want %v", got, want)
		}
		if n := h.count(ministry); n != walks {
			t.Errorf("the Minister got %d letters, want %d", n, walks)
		}
	})
}

var walkLanguages = []string{"en", "fr", "ar"}

func walkerAddress(lang string, width int) string {
	return fmt.Sprintf("%s%d@mail.example", lang, width)
}

// walkWorld is what the walkers have in common.
type walkWorld struct {
	campaign, second any
	minister, agency string // ids of targets of the first campaign
}

const agencyAddress = "removals@agency-ca.example"

// furnish makes two campaigns, the second with one office, and mails both to a member of a group for each walk.
func (h *house) furnish() walkWorld {
	h.t.Helper()
	office := func(code, kind, en, fr, ar, address string) any {
		return h.post("/targets", map[string]any{"code": code, "kind": kind, "country": "CA", "power": "decides", "languages": []string{"en", "fr"},
			"office":     map[string]any{"en": en, "fr": fr, "ar": ar},
			"salutation": map[string]any{"en": "Dear Minister,", "fr": "Monsieur le Ministre,"}, "postal_address": "House of Commons\nOttawa ON K1A 0A6",
			"address": address, "fax": "+1 613 555 0100", "phone": "+1 613 555 0101", "form_url": "https://form.gov-ca.example/write"})["id"]
	}
	minister := office("CA-PS", "minister", "Minister of Public Safety", "Ministre de la Sécurité publique", "وزير الأمن العام", ministry)
	agency := office("CA-BSA", "agency", "Border Services Agency", "Agence des services frontaliers", "وكالة خدمات الحدود", agencyAddress)
	for _, lang := range walkLanguages {
		for _, width := range []int{390, 1280} {
			group := h.post("/groups", map[string]any{"name": fmt.Sprintf("Group %s %d", lang, width), "city": "Ottawa"})["id"]
			h.post("/members", map[string]any{"address": walkerAddress(lang, width), "name": "Noor Example", "language": lang, "country": "CA", "group_id": group,
				"consent": map[string]any{"source": "sign-up sheet", "given_on": "2026-01-31", "words": "Send me appeals."}})
		}
	}
	launched := func(title string, targets ...any) any {
		campaign := h.post("/campaigns", map[string]any{"title": title, "target_ids": targets,
			"deadline_day": time.Now().AddDate(0, 0, 20).Format(time.DateOnly), "deadline_zone": "America/Toronto", "deadline_inclusive": true,
			"asks": []any{map[string]any{"code": "a1", "texts": map[string]any{"en": "Ask the Minister to stop the removal.",
				"fr": "Demandez au ministre d’arrêter le renvoi.", "ar": "اطلبوا من الوزير وقف الترحيل."}}}})["id"]
		appeal := h.post(fmt.Sprintf("/campaigns/%v/appeals", campaign), map[string]any{"kind": "first", "texts": []any{
			map[string]any{"language": "en", "subject": "Urgent action", "headline": "A man is to be sent back", "body": "M.R., 47, is at risk of torture."},
			map[string]any{"language": "fr", "subject": "Action urgente", "headline": "Un homme doit être renvoyé", "body": "M.R., 47 ans, risque la torture."},
			map[string]any{"language": "ar", "subject": "نداء عاجل", "headline": "رجل مهدد بالترحيل", "body": "م.ر. معرّض لخطر التعذيب."}}})["id"]
		h.post(fmt.Sprintf("/appeals/%v/launch", appeal), nil)
		if r := h.settled(appeal); r["accepted"] != 6.0 {
			h.t.Fatalf("receipt %v, want six", r)
		}
		return campaign
	}
	w := walkWorld{minister: fmt.Sprint(minister), agency: fmt.Sprint(agency)}
	w.campaign, w.second = launched("Stop the removal", minister, agency), launched("Stop all removals", agency)
	return w
}

// walker is one member on their way.
type walker struct {
	*house
	*browsertest.Tab
	world   walkWorld
	lang    string
	width   int
	address string
	seen    int // mails to the walker that have been looked at
}

// walkWords are what the walkers write and read, and the channel that they report.
var walkWords = map[string]struct{ subject, letter, asked, said, thanks, channel string }{
	"en": {"The removal of M.R.", "Dear Minister,\n\nI am a nurse in Moncton. Please stop the removal of this man.\n\nYours sincerely,",
		"Is this your letter?", "Sent, 2 letters.", "Thank you for writing", "phone"},
	"fr": {"Le renvoi de M.R.", "Monsieur le Ministre,\n\nJe suis infirmière à Moncton. Je vous prie d’arrêter le renvoi de cet homme.",
		"Est-ce votre lettre", "Envoyé, 2 lettres.", "Merci d’avoir écrit", "fax"},
	"ar": {"ترحيل م.ر.", "معالي الوزير،\n\nأنا ممرضة في مونكتون. أرجو منكم وقف ترحيل هذا الرجل.",
		"هل هذه رسالتكم", "أرسلت رسالتين", "شكراً على كتابتكم", "web_form"},
}

// walk goes all ways, beginning at the mail.
func (k *walker) walk() {
	k.t.Helper()
	if k.bare() {
		k.WithoutScript()
		defer k.WithScript()
	}
	alert, second := k.awaitMail(k.address, 1), k.awaitMail(k.address, 2)
	k.seen = 2
	k.Go(k.link(alert, `/r/[a-z2-7]+`))
	k.lands("action")
	k.byHouse()
	k.byOwnMail()
	k.onPaper()
	k.onTheirWord()
	k.ofAnEvening()
	k.byAnswer(second)
}

// bare says that this walk is one without scripts.
func (k *walker) bare() bool { return k.lang == "ar" && k.width == 390 }

// lands holds the page that the walker has come to against what every page keeps.
func (k *walker) lands(name string) {
	k.t.Helper()
	name = fmt.Sprintf("%s-%s-%d", name, k.lang, k.width)
	page := browsertest.Ask(k.Tab, chromedp.Evaluate[[]string](`[document.documentElement.lang, document.documentElement.dir, document.title, document.querySelector("h1")?.innerText ?? ""]`))
	dir := "ltr"
	if k.lang == "ar" {
		dir = "rtl"
	}
	if page[0] != k.lang || page[1] != dir || page[2] == "" || page[3] == "" {
		k.t.Errorf("%s: language %q, direction %q, title %q, heading %q", name, page[0], page[1], page[2], page[3])
	}
	if wide := k.Sideways(); wide > 0 {
		k.t.Errorf("%s is %d pixels wider than its window", name, wide)
	}
	if *walkPictures != "" {
		k.must(os.MkdirAll(*walkPictures, 0o755))
		k.Picture(filepath.Join(*walkPictures, name+".png"))
	}
}

// follows presses a link or a button and looks at the page that it leads to.
func (k *walker) follows(selector, name string) {
	k.t.Helper()
	k.Press(selector)
	k.lands(name)
}

// nextMail is the next mail to the walker, which must be about subject.
func (k *walker) nextMail(subject string) received {
	k.t.Helper()
	k.seen++
	m := k.awaitMail(k.address, k.seen)
	if said, err := (&mime.WordDecoder{}).DecodeHeader(m.header.Get("Subject")); err != nil || !strings.Contains(said, subject) {
		k.t.Errorf("the mail is about %q (%v), want %q", said, err, subject)
	}
	return m
}

// drafts goes from the page of the action to the desk of an office and writes a letter there.
func (k *walker) drafts(target string) {
	k.t.Helper()
	k.follows(`.office a[href*="/write/`+target+`"]`, "desk")
	if hidden := browsertest.Ask(k.Tab, chromedp.Evaluate[bool](`document.querySelector("[data-copy]").hidden`)); hidden != k.bare() {
		k.t.Errorf("the button that only a script can serve is hidden: %v", hidden)
	}
	k.Fill("#f-town", k.town())
	k.Fill("#f-subject", walkWords[k.lang].subject)
	k.Fill("#f-text", walkWords[k.lang].letter)
}

// town is where the walker lives, by which their letter is known.
func (k *walker) town() string { return fmt.Sprintf("Moncton %s %d", k.lang, k.width) }

// byHouse has the house mail a letter: read over at the desk, confirmed by the link of a mail, arrived.
func (k *walker) byHouse() {
	k.t.Helper()
	k.drafts(k.world.minister)
	k.follows(`form.letter button[type=submit]:not([formaction])`, "desk-read")
	if said := k.Text("#reading"); !strings.ContainsAny(said, "1١") {
		k.t.Errorf("of the letter the desk says %q", said)
	}
	k.follows(`button[formaction*="/send"]`, "asked")
	k.follows(`main a[href^="/r/"]`, "action-asked")
	back := browsertest.Ask(k.Tab, chromedp.Evaluate[string]("location.href"))
	k.Go(k.link(k.nextMail(walkWords[k.lang].asked), `/c/[a-z2-7]+`))
	k.lands("yes")
	k.follows(".letter-yes button", "said-yes")
	k.follows(`main a[href^="/r/"]`, "action-after-yes")
	k.await("the letter is with the Minister", func() bool {
		for _, m := range k.sink.Messages() {
			if m.Recipients[0] == ministry && strings.Contains(k.mailOf(m.Data).text, k.town()) {
				return true
			}
		}
		return false
	})
	k.Go(back) // where the tab before it still is
}

// byOwnMail sends a letter as the walker's own mail program would, with the blind copy that the page puts into its link.
func (k *walker) byOwnMail() {
	k.t.Helper()
	k.drafts(k.world.agency)
	k.follows(`button[formaction*="/own"]`, "own")
	link := browsertest.Ask(k.Tab, chromedp.Evaluate[string](`document.querySelector("a.button[href^='mailto:']").getAttribute("href")`))
	to, query, _ := strings.Cut(strings.TrimPrefix(link, "mailto:"), "?")
	fields := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(value)
		k.must(err)
		fields[name] = value
	}
	if to != agencyAddress || !strings.HasSuffix(fields["bcc"], "@"+replyDomain) || !strings.Contains(fields["body"], k.town()) {
		k.t.Fatalf("the link to the mail program is %q", link)
	}
	k.mails(k.address, fields["bcc"], map[string]string{"To": to, "Subject": mime.QEncoding.Encode("utf-8", fields["subject"])}, fields["body"])
	k.follows(`.closing a[href*="/report"]`, "report-own")
	k.follows(`.first-write a`, "action-own")
}

var printedCode = regexp.MustCompile(`\b[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

// onPaper prints a letter and what goes onto its envelope, and enters the code that is printed on it.
func (k *walker) onPaper() {
	k.t.Helper()
	k.drafts(k.world.minister)
	k.Fill("#f-postal", "1 Example Street\nMoncton NB")
	text, err := templates.TextOfPDF(k.Download(`button[formaction*="/paper"]`))
	k.must(err)
	code := printedCode.FindString(text)
	if code == "" || !strings.Contains(text, "K1A 0A6") {
		k.t.Fatalf("on the letter stands no code, or no address:\n%s", text)
	}
	label, err := templates.TextOfPDF(k.Download(`.sizes a[href*="envelope-dl"]`))
	k.must(err)
	if !strings.Contains(label, "K1A 0A6") {
		k.t.Errorf("on the envelope stands %q", label)
	}
	k.follows(`a[href^="/code"]`, "code")
	k.Fill("input[name=code]", code)
	k.follows("main button", "code-thanks")
	k.follows(`main a[href^="/a/"]`, "action-anybody")
}

// onTheirWord reports a letter by another channel, and corrects the number by the same link.
func (k *walker) onTheirWord() {
	k.t.Helper()
	k.Go(k.link(k.awaitMail(k.address, 1), `/r/[a-z2-7]+`))
	k.follows(`.office a[href*="/write/`+k.world.minister+`"]`, "desk-again")
	k.follows(`.closing a[href*="/report"]`, "report")
	k.tells(walkWords[k.lang].channel, "1")
	k.follows("form.stack button[type=submit]", "report-thanks")
	// The newest stands last; its form is folded.
	last := ".reported > li:has(form:not([action*='withdraw'])) "
	k.Do(chromedp.Click(chromedp.CSS(last + "summary")))
	k.Fill(last+"input[name=copies]", "3")
	k.follows(last+"form:not([action*='withdraw']) button", "report-corrected")
	if said := k.Text(last); !strings.ContainsAny(said, "3٣") {
		k.t.Errorf("after the correction the page says %q", said)
	}
}

// tells fills in the form of a report about the Minister.
func (k *walker) tells(channel, copies string) {
	k.t.Helper()
	k.Do(chromedp.Click(chromedp.CSS(`form.stack input[name=target][value="`+k.world.minister+`"]`)),
		chromedp.Click(chromedp.CSS(`form.stack input[name=channel][value="`+channel+`"]`)))
	k.Fill("form.stack input[name=copies]", copies)
}

// ofAnEvening prints the sheet of a letter evening and reports what the group wrote.
func (k *walker) ofAnEvening() {
	k.t.Helper()
	k.follows(".evening-link a", "evening")
	sheet, err := templates.TextOfPDF(k.Download(`main a[href*="/evening.pdf"]`))
	k.must(err)
	if !strings.Contains(sheet, "K1A 0A6") {
		k.t.Errorf("the sheet of an evening says:\n%s", sheet)
	}
	k.tells("post", "12")
	k.follows("form.stack button[type=submit]", "evening-thanks")
}

// byAnswer answers the alert with what was sent.
func (k *walker) byAnswer(alert received) {
	k.t.Helper()
	k.mails(k.address, strings.Trim(alert.header.Get("Reply-To"), "<>"), map[string]string{"Subject": "Re: M.R."}, walkWords[k.lang].said)
	thanks := k.nextMail(walkWords[k.lang].thanks)
	k.Go(k.link(thanks, `/r/[a-z2-7]+`))
	k.lands("action-thanked")
}

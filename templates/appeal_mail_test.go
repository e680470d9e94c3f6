package templates

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/NAME.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is another than wanted (-want +got); if it is right, write it with -update:\n%s", name, diff)
	}
}

func TestMails(t *testing.T) {
	t.Parallel()
	for name, m := range mailSamples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			subject, text, html, err := RenderAppeal(m)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "mail."+name, "Subject: "+subject+"\n\n"+text+"\n"+html)
			checkMail(t, m, text, html)
		})
	}
}

// checkMail holds what is true of every appeal.
func checkMail(t *testing.T, m AppealMail, text, page string) {
	t.Helper()
	doc := parsed(t, []byte(page))
	checkNothingRemote(t, doc)
	if diff := cmp.Diff(linksOfText(text), linksOfHTML(doc)); diff != "" {
		t.Errorf("W8: the parts have other links (-text +html):\n%s", diff)
	}
	if diff := cmp.Diff(wordsOfText(text), wordsOfHTML(doc)); diff != "" {
		t.Errorf("W8: the parts have other words (-text +html):\n%s", diff)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if columnsOf(line) > textColumns && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("a line of the text has %d columns: %q", columnsOf(line), line)
		}
		if line != strings.TrimRight(line, " ") {
			t.Errorf("a line of the text ends with a space: %q", line)
		}
	}
	if strings.Contains(text, "\n\n\n") || strings.HasPrefix(text, "\n") || !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
		t.Errorf("the text has idle lines: %q", text)
	}
	for _, mark := range []string{"ZgotmplZ", "<no value>", "%!", "{{"} {
		if strings.Contains(text, mark) || strings.Contains(page, mark) {
			t.Errorf("the mail holds %q", mark)
		}
	}
	for _, must := range []string{m.Organisation.Name, m.Organisation.Contact, textLines(m.Organisation.PostalAddress)[0], m.LeaveURL, m.PublicURL, m.ReportURL} {
		if !strings.Contains(text, must) || !strings.Contains(page, must) {
			t.Errorf("the mail does not hold %q in both parts", must)
		}
	}
	root := doc.FirstChild.NextSibling
	if lang := attr(root, "lang"); !slices.Contains(PublicLanguages(), lang) || attr(root, "dir") != Direction(lang) {
		t.Errorf("the root says lang=%q dir=%q", lang, attr(root, "dir"))
	}
}

// checkNothingRemote: a mail fetches nothing, runs nothing, and sets nothing apart by a picture (G4: no pixel).
func checkNothingRemote(t *testing.T, doc *html.Node) {
	t.Helper()
	for _, e := range elements(doc) {
		switch e.DataAtom {
		case atom.Img, atom.Script, atom.Link, atom.Iframe, atom.Style, atom.Form, atom.Input, atom.Object, atom.Base:
			t.Errorf("the mail has a <%s>", e.Data)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "background" || a.Key == "style" && strings.Contains(a.Val, "url(") {
				t.Errorf("the mail has <%s %s=%q>", e.Data, a.Key, a.Val)
			}
		}
	}
}

var (
	webLink  = regexp.MustCompile(`https?://[^\s<>\x{2068}\x{2069}]*[^\s<>.,;:!?\x{2068}\x{2069}]`)
	itemMark = regexp.MustCompile(`(?m)^ *(?:[-*>]|\d+\.) `)
	ruleLine = regexp.MustCompile(`(?m)^-{3,}$`)
	aside    = regexp.MustCompile(`\s?<https?://[^>]*>`)
)

func linksOfText(text string) []string {
	return slices.Compact(slices.Sorted(slices.Values(webLink.FindAllString(text, -1))))
}

func linksOfHTML(doc *html.Node) []string {
	var list []string
	for _, e := range elements(doc) {
		if e.DataAtom == atom.A {
			list = append(list, attr(e, "href"))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func plainWords(s string) []string {
	return strings.Fields(strings.NewReplacer(firstStrongIsolate, "", popIsolate, "").Replace(s))
}

func wordsOfText(text string) []string {
	text = aside.ReplaceAllString(strings.ReplaceAll(text, "\n<http", " <http"), "")
	return plainWords(itemMark.ReplaceAllString(ruleLine.ReplaceAllString(text, ""), ""))
}

func wordsOfHTML(doc *html.Node) []string {
	var out strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && within(n, atom.Head) == nil {
			out.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && !slices.Contains([]atom.Atom{atom.A, atom.Bdi, atom.Strong, atom.Em, atom.Code}, n.DataAtom) {
			out.WriteString("\n")
		}
	}
	return plainWords(out.String())
}

// TestHolesSurvive: a mark comes out as it went in, once in each part where it belongs, whether it is a whole link or the
// end of one, and is never broken by a line's end.
func TestHolesSurvive(t *testing.T) {
	t.Parallel()
	long := "h" + strings.Repeat("0a", 60)
	for name, m := range mailSamples() {
		if m.Name == "" {
			continue
		}
		for form, prefix := range map[string]string{"whole links": "", "ends of links": "https://act.refuge.example/r/"} {
			m.Name, m.ReportURL, m.LeaveURL = long+"name", prefix+long+"report", prefix+long+"leave"
			_, text, page, err := RenderAppeal(m)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for hole, times := range map[string][2]int{"name": {1, 1}, "report": {1, 2}, "leave": {1, 2}} {
				if got := [2]int{strings.Count(text, long+hole), strings.Count(page, long+hole)}; got != times {
					t.Errorf("%s with %s: the hole %q stands %v times in text and HTML, want %v", name, form, hole, got, times)
				}
			}
			if got := strings.Count(text+page, long); got != 8 {
				t.Errorf("%s with %s: the mark stands %d times, want 8", name, form, got)
			}
			for _, href := range linksOfHTML(parsed(t, []byte(page))) {
				if strings.Contains(href, long) && href != m.ReportURL && href != m.LeaveURL {
					t.Errorf("%s with %s: a link with a hole became %q", name, form, href)
				}
			}
		}
	}
}

// TestAnEndedActionAsksForNothing: a mail that ends an action names no office and no ask, and says thank you (S4).
func TestAnEndedActionAsksForNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"stop_action", "outcome"} {
		m := sampleMail("en", "en")
		m.Kind = kind
		_, text, page, err := RenderAppeal(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{text, page} {
			for _, never := range []string{m.Targets[0].Office, m.Targets[0].Email, m.Asks[0].Text, "Removal:"} {
				if strings.Contains(part, never) {
					t.Errorf("%s holds %q", kind, never)
				}
			}
			if !strings.Contains(part, "No further action is requested") {
				t.Errorf("%s does not say that no further action is requested", kind)
			}
		}
	}
}

func TestAReaderOfAnotherLanguageIsToldSo(t *testing.T) {
	t.Parallel()
	_, text, page, err := RenderAppeal(sampleMail("en", "fa"))
	if err != nil {
		t.Fatal(err)
	}
	note := "هنوز متنی به فارسی نیست"
	if !strings.Contains(text, note) || !strings.Contains(page, `<p lang="fa" dir="rtl" style=`) || !strings.Contains(page, note) {
		t.Error("the fallback does not say in Persian that the text is in another language")
	}
	if !strings.Contains(page, `<html lang="en" dir="ltr">`) || !strings.Contains(text, "What to ask") {
		t.Error("what surrounds an English text is not in English")
	}
	for _, reader := range []string{"", "en", "sv"} {
		if view, _, err := newAppealView(sampleMail("en", reader)); err != nil || view.Note != "" {
			t.Errorf("a reader of %q is told %q (error %v)", reader, view.Note, err)
		}
	}
}

// TestW3_SubjectIsOneLine: whatever a subject holds, it leaves as one line without controls.
func TestW3_SubjectIsOneLine(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{"a\r\nBcc: b@c.example", "a\nBcc: x", "a\rb", "a\u2028b\u2029c", "a\x00b", "a\u0085b", "\r\n\r\nbody", "=?utf-8?q?=0D=0A?=", "a\vb\fc"} {
		m := sampleMail("en", "en")
		m.Subject, m.Headline = hostile, hostile
		subject, text, page, err := RenderAppeal(m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 }) {
			t.Errorf("the subject %q became %q", hostile, subject)
		}
		if strings.ContainsAny(text+page, "\x00\v\f\r") {
			t.Errorf("the mail holds a control of %q", hostile)
		}
	}
}

// TestP1_HostileTextStaysTextInMail puts a hostile text into every string of a mail, one at a time.
func TestP1_HostileTextStaysTextInMail(t *testing.T) {
	t.Parallel()
	const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1)`
	tried := 0
	for _, m := range []AppealMail{sampleMail("en", "fa"), mailSamples()["stop_action.en"]} {
		mutations(m, hostile, func(where string, changed any) {
			_, _, page, err := RenderAppeal(changed.(AppealMail))
			if err != nil {
				return
			}
			tried++
			doc := parsed(t, []byte(page))
			checkNothingRemote(t, doc)
			for _, href := range linksOfHTML(doc) {
				if strings.HasPrefix(strings.ToLower(strings.TrimSpace(href)), "javascript:") {
					t.Errorf("%s: a link became %q", where, href)
				}
			}
		})
	}
	if tried < 40 {
		t.Errorf("only %d texts were tried", tried)
	}
}

// TestP4_AWrongPlaceholderStopsTheMail: nobody gets a mail with an empty place or a brace in it.
func TestP4_AWrongPlaceholderStopsTheMail(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*AppealMail){
		"subject":  func(m *AppealMail) { m.Subject = "{name}" },
		"headline": func(m *AppealMail) { m.Headline = "On {removal_at}" },
		"body":     func(m *AppealMail) { m.Body = "{{.Organisation.Contact}}" },
		"asks.1":   func(m *AppealMail) { m.Asks = slices.Clone(m.Asks); m.Asks[1].Text = "{removal_at}" },
	} {
		m := sampleMail("es", "es")
		m.Clock = slowClock()
		change(&m)
		_, text, page, err := RenderAppeal(m)
		if text != "" || page != "" {
			t.Errorf("%s: half a mail was made", field)
		}
		if got := reasons(t, field, err); len(got) != 1 {
			t.Errorf("%s: the reasons are %q", field, got)
		}
	}
}

func TestSignInMail(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "fr", "fa"} {
		m := SignInMail{Organisation: sampleOrganisation(), Language: lang, URL: "https://act.refuge.example/sign-in/link/abcdefgh", Minutes: 20}
		m.Organisation.Name += "\r\nBcc: x@y.example"
		subject, text, page, err := RenderSignIn(m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(subject, "\r\n") {
			t.Errorf("the subject is %q", subject)
		}
		doc := parsed(t, []byte(page))
		checkNothingRemote(t, doc)
		if diff := cmp.Diff(linksOfText(text), linksOfHTML(doc)); diff != "" {
			t.Errorf("the parts have other links (-text +html):\n%s", diff)
		}
		m.Organisation = sampleOrganisation()
		if subject, text, page, err = RenderSignIn(m); err != nil {
			t.Fatal(err)
		}
		if lang != "fa" {
			golden(t, "mail.sign_in."+lang, "Subject: "+subject+"\n\n"+text+"\n"+page)
		}
	}
}

func BenchmarkRenderAppeal(b *testing.B) {
	m := sampleMail("fr", "fr")
	for b.Loop() {
		if _, _, _, err := RenderAppeal(m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderPage(b *testing.B) {
	head, body := publicHead("en"), sampleAction("en")
	for b.Loop() {
		if _, err := Render(head, body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		if _, err := newPrinter(); err != nil {
			b.Fatal(err)
		}
	}
}

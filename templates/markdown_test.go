package templates

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/failure"
)

func TestMarkdownIsWrittenTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ source, html, text string }{
		"paragraphs": {"One\ntwo.\n\nThree  \nfour.", "<p>One\ntwo.</p>\n<p>Three<br>\nfour.</p>\n", "One two.\n\nThree\nfour."},
		"stress":     {"**now** and *soon* and `code`", "<p><strong>now</strong> and <em>soon</em> and <code>code</code></p>\n", "now and soon and code"},
		"lists": {"- a\n- b\n\n3. c\n4. d", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>\n",
			"- a\n- b\n\n3. c\n4. d"},
		"a list in a list": {"- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n", "- a\n  - b"},
		"headings":         {"# A\n\n#### B", "<h2>A</h2>\n<h4>B</h4>\n", "A\n\nB"},
		"quotation":        {"> a\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>\n", "> a b"},
		"rule and code":    {"---\n\n    x < y", "<hr>\n<pre><code>x &lt; y\n</code></pre>\n", "* * *\n\n    x < y"},
		"links": {"[page](https://a.example/x?y=1&z=2) and https://b.example/ and <mailto:c@d.example>",
			`<p><a href="https://a.example/x?y=1&amp;z=2" rel="nofollow noreferrer">page</a> and <a href="https://b.example/" rel="nofollow noreferrer">https://b.example/</a> and <a href="mailto:c@d.example" rel="nofollow noreferrer">mailto:c@d.example</a></p>` + "\n",
			"page <https://a.example/x?y=1&z=2> and https://b.example/ and\nmailto:c@d.example"},
		"a title of a link":  {`[a](https://a.example "title")`, "<p><a href=\"https://a.example\" rel=\"nofollow noreferrer\">a</a></p>\n", "a <https://a.example>"},
		"escapes":            {`\*not stress\* &amp; &eacute; 1 < 2`, "<p>*not stress* &amp; é 1 &lt; 2</p>\n", "*not stress* & é 1 < 2"},
		"raw html":           {"a <b onclick=x>bold</b> word\n\n<script>alert(1)</script>\n\nb", "<p>a bold word</p>\n<p>b</p>\n", "a bold word\n\nb"},
		"pictures":           {"see ![the harbour](https://x.example/p.png)!", "<p>see the harbour!</p>\n", "see the harbour!"},
		"refused links":      {"[a](javascript:alert(1)) [b](data:text/html,x) [c](/relative) <ftp://d.example>", "<p>a b c ftp://d.example</p>\n", "a b c ftp://d.example"},
		"never a template":   {"{{.Name}} {{template \"x\"}} {{", "<p>{{.Name}} {{template &#34;x&#34;}} {{</p>\n", "{{.Name}} {{template \"x\"}} {{"},
		"controls":           {"a\x00b\x1bc\u202ed\ufeff", "<p>abcd</p>\n", "abcd"},
		"line ends":          {"a\r\n\r\nb\rc\u2028d", "<p>a</p>\n<p>b\nc\nd</p>\n", "a\n\nb c d"},
		"right to left":      {"م.ر.، ۴۷ ساله", "<p>م.ر.، ۴۷ ساله</p>\n", "م.ر.، ۴۷ ساله"},
		"nothing":            {"", "", ""},
		"broken UTF-8":       {"a\xffb", "<p>a\uFFFDb</p>\n", "a\uFFFDb"},
		"a dot alone":        {".\n\n..", "<p>.</p>\n<p>..</p>\n", ".\n\n.."},
		"a link in a link":   {"[[a](https://a.example)](https://b.example)", "<p>[<a href=\"https://a.example\" rel=\"nofollow noreferrer\">a</a>](<a href=\"https://b.example\" rel=\"nofollow noreferrer\">https://b.example</a>)</p>\n", "[a <https://a.example>](https://b.example)"},
		"a reference":        {"[a][1]\n\n[1]: https://a.example", "<p><a href=\"https://a.example\" rel=\"nofollow noreferrer\">a</a></p>\n", "a <https://a.example>"},
		"an address by name": {"write to <office@gov.example>", "<p>write to <a href=\"mailto:office@gov.example\" rel=\"nofollow noreferrer\">office@gov.example</a></p>\n", "write to office@gov.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			html, err := press().markdown.html(c.source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.html, string(html)); diff != "" {
				t.Errorf("other HTML than wanted (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.text, press().markdown.plain(c.source)); diff != "" {
				t.Errorf("another text than wanted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestP4_MarkdownIsRefusedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"fine":               {"On {removal_at} and {deadline}, {number}: **all** [is](https://a.example) well.\n\n- é\n", nil},
		"a picture":          {"one\n\nsee ![x](y.png)", []string{"line 3, column 5: pictures are not sent; say it in words, or link to a page that shows it"}},
		"html":               {"é <b>x</b>", []string{"line 1, column 3: HTML is not sent; write Markdown", "line 1, column 7: HTML is not sent; write Markdown"}},
		"a block of html":    {"a\n\n<div>\nx\n</div>", []string{"line 3, column 1: HTML is not sent; write Markdown"}},
		"a link":             {"a [b](javascript:x)", []string{"line 1, column 3: a link begins with https://, http:// or mailto:"}},
		"a merge field":      {"Dear {{.Name}},\nDear {name},", []string{"line 1, column 6: {{.Name}} is not known; braces hold {removal_at}, {deadline} and {number}, or nothing else", "line 2, column 6: {name} is not known; braces hold {removal_at}, {deadline} and {number}, or nothing else"}},
		"a control":          {"a\nb\x07", []string{"line 2, column 2: the character U+0007 cannot be sent"}},
		"a reversal":         {"\u202eevil", []string{"line 1, column 1: the character U+202E cannot be sent"}},
		"not UTF-8":          {"ab\xff", []string{"line 1, column 3: is not UTF-8"}},
		"longer than a book": {strings.Repeat("x", maxMarkdown+1), []string{"is longer than 65536 characters; put the rest on a page and link to it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, reasons(t, "texts.en.body", CheckMarkdown("texts.en.body", c.source))); diff != "" {
				t.Errorf("other reasons than wanted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestP4_ALineIsRefusedLikewise(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"Stop action on {number}": nil,
		"a\r\nBcc: b@c.example":   {"must be one line"},
		"a\u2028b":                {"must be one line"},
		"a {x} b\x00": {"line 1, column 8: the character U+0000 cannot be sent",
			"line 1, column 3: {x} is not known; braces hold {removal_at}, {deadline} and {number}, or nothing else"},
	} {
		if diff := cmp.Diff(want, reasons(t, "headline", CheckLine("headline", source))); diff != "" {
			t.Errorf("CheckLine(%q): other reasons than wanted (-want +got):\n%s", source, diff)
		}
	}
}

// reasons returns the reasons of a failure.Invalid, each of which must name field.
func reasons(t *testing.T, field string, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	failed, ok := err.(*failure.Error)
	if !ok || failed.Kind != failure.Invalid {
		t.Fatalf("the error is %v, want failure.Invalid", err)
	}
	var list []string
	for _, f := range failed.Fields {
		if f.Name != field {
			t.Errorf("the field is %q, want %q", f.Name, field)
		}
		list = append(list, f.Reason)
	}
	return list
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	text := "{removal_at}. {deadline}. {number}."
	for lang, want := range map[string]string{
		"en": "Friday 27 November 2026, 07:40 Toronto time. Friday 27 November 2026. UA 12/26.",
		"fr": "vendredi 27 novembre 2026 à 7\u00a0h\u00a040 (heure locale, Toronto). vendredi 27 novembre 2026. AU 12/26.",
		"es": "viernes 27 de noviembre de 2026, 07:40 (hora de Toronto). viernes 27 de noviembre de 2026. AU 12/26.",
	} {
		got, err := FillText("body", text, lang, sampleNumber(), urgentClock())
		if err != nil || got != want {
			t.Errorf("in %s it is filled as %q, want %q (error %v)", lang, got, want, err)
		}
	}
	_, err := FillText("body", "one\n"+text, "en", sampleNumber(), slowClock())
	if diff := cmp.Diff([]string{"line 2, column 1: {removal_at} has no value in this campaign"}, reasons(t, "body", err)); diff != "" {
		t.Errorf("other reasons than wanted (-want +got):\n%s", diff)
	}
	window := urgentClock()
	window.Removal = Removal{Timing: RemovalWindow, At: sampleRemoval, Until: sampleRemoval.AddDate(0, 0, 3), Zone: "Europe/London"}
	if got, err := FillText("body", "{removal_at}", "en", sampleNumber(), window); err != nil || got != "between Friday 27 November 2026 and Monday 30 November 2026" {
		t.Errorf("a window is filled as %q, error %v", got, err)
	}
	for n, want := range map[Number]string{{"UA", 12, 2026}: "UA 12/26", {"UA", 3, 2105}: "UA 3/05", {}: ""} {
		if got := n.In("en"); got != want {
			t.Errorf("%v is %q, want %q", n, got, want)
		}
	}
	if got := (Number{"QA", 1, 2026}).In("fr"); got != "QA 1/26" {
		t.Errorf("a series of another name is %q in French", got)
	}
}

func TestWrapBreaksAtSpacesOnly(t *testing.T) {
	t.Parallel()
	link := "https://act.example/" + strings.Repeat("x", 90)
	for in, want := range map[string]string{
		strings.Repeat("word ", 20): strings.TrimSpace(strings.Repeat("word ", 14)) + "\n" + strings.TrimSpace(strings.Repeat("word ", 6)),
		"see " + link + " now":      "see\n" + link + "\nnow",
		"a\nb":                      "a\nb",
		strings.Repeat("é", 70) + " «\u00a0non\u00a0»": strings.Repeat("é", 70) + "\n«\u00a0non\u00a0»",
		strings.Repeat("x", 69) + "\u00a0: y z":        strings.Repeat("x", 69) + "\u00a0:\ny z",
	} {
		if got := wrap(in, textColumns); got != want {
			t.Errorf("wrap(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzMarkdown holds two laws over any source: what is shown of it loads nothing and runs nothing, and its text has no line
// longer than one word must be, no control and no half character.
func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{"# a\n\n- b\n  1. c\n\n> d ![e](f) <g> [h](javascript:i)", "<scr<script>ipt>", "[a](//x)", "`\x00`", "&#x6A;avascript:", "a\xff", "| a |\n|---|"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4096 {
			return
		}
		html, err := press().markdown.html(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range elements(parsed(t, []byte(html))) {
			for _, a := range e.Attr {
				if a.Key != "href" && a.Key != "rel" && a.Key != "start" || a.Key == "href" && !allowedURL(a.Val) {
					t.Fatalf("<%s %s=%q>", e.Data, a.Key, a.Val)
				}
			}
			if strings.Contains(" script img iframe style object form input ", " "+e.Data+" ") {
				t.Fatalf("<%s>", e.Data)
			}
		}
		text := press().markdown.plain(source)
		for line := range strings.Lines(text) {
			for _, r := range line {
				if unwanted(r) {
					t.Fatalf("the text holds %U: %q", r, line)
				}
			}
		}
	})
}

package templates

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func parsed(t *testing.T, page []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// elements returns the elements of doc, in their order.
func elements(doc *html.Node) []*html.Node {
	var all []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func within(n *html.Node, a atom.Atom) *html.Node {
	for p := range n.Ancestors() {
		if p.DataAtom == a {
			return p
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// TestPages holds what can be told of a page without a browser: that it is whole, that it keeps to its policy, and what a
// reader with a screen reader needs of its markup (WCAG 2.2: 1.3.1, 2.4.2, 2.4.6, 3.1.1, 3.1.2, 3.3.2, 4.1.2).
func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range PublicLanguages() {
		for _, s := range samples(lang) {
			t.Run(s.name+"."+lang, func(t *testing.T) {
				t.Parallel()
				page, err := s.render()
				if err != nil {
					t.Fatal(err)
				}
				doc := parsed(t, page)
				checkLinks(t, doc)
				checkPolicy(t, doc)
				checkControls(t, doc)
				if s.spec.layout != fragmentLayout {
					checkOutline(t, doc, lang)
				}
				for _, sign := range []string{"ZgotmplZ", "<no value>", "%!", "&amp;lt;", "&lt;nil&gt;"} {
					if strings.Contains(string(page), sign) {
						t.Errorf("the page holds %q, a trace of a value that did not fit", sign)
					}
				}
			})
		}
	}
}

func checkOutline(t *testing.T, doc *html.Node, lang string) {
	t.Helper()
	var title, last int
	for _, e := range elements(doc) {
		switch e.DataAtom {
		case atom.Html:
			if attr(e, "lang") != lang || attr(e, "dir") != Direction(lang) {
				t.Errorf("the root says lang=%q dir=%q", attr(e, "lang"), attr(e, "dir"))
			}
		case atom.Title:
			if len(textOf(e)) < 8 {
				t.Errorf("the title is %q", textOf(e))
			}
		case atom.H1, atom.H2, atom.H3, atom.H4:
			level := int(e.Data[1] - '0')
			if level == 1 {
				title++
			}
			if level > last+1 && last > 0 {
				t.Errorf("a heading of level %d follows one of level %d: %q", level, last, textOf(e))
			}
			if textOf(e) == "" {
				t.Errorf("a heading of level %d is empty", level)
			}
			last = level
		}
	}
	if title != 1 {
		t.Errorf("the page has %d headings of the first level", title)
	}
}

// checkPolicy holds P2: the pages work under ContentSecurityPolicy, which allows nothing inline.
func checkPolicy(t *testing.T, doc *html.Node) {
	t.Helper()
	for _, e := range elements(doc) {
		for _, a := range e.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has an attribute %s", e.Data, a.Key)
			}
		}
		switch e.DataAtom {
		case atom.Style, atom.Base, atom.Object, atom.Embed, atom.Img:
			t.Errorf("the page has a <%s>", e.Data)
		case atom.Script:
			if !strings.HasPrefix(attr(e, "src"), "/static/") || e.FirstChild != nil {
				t.Errorf("a script is not one of our files: %q", attr(e, "src"))
			}
		case atom.Link:
			if !strings.HasPrefix(attr(e, "href"), "/static/") {
				t.Errorf("the page loads %q", attr(e, "href"))
			}
		case atom.Iframe:
			if !strings.HasPrefix(attr(e, "src"), "/") || !has(e, "sandbox") {
				t.Errorf("a frame is not ours, or not in a sandbox: %q", attr(e, "src"))
			}
		case atom.Form:
			if action := attr(e, "action"); action != "" && !strings.HasPrefix(action, "/") {
				t.Errorf("a form leads to %q", action)
			}
			if method := attr(e, "method"); method != "post" && method != "get" {
				t.Errorf("a form has the method %q", method)
			}
		}
	}
}

func checkLinks(t *testing.T, doc *html.Node) {
	t.Helper()
	ids := map[string]int{}
	for _, e := range elements(doc) {
		if id := attr(e, "id"); id != "" {
			ids[id]++
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("the id %q is given %d times", id, n)
		}
	}
	for _, e := range elements(doc) {
		for _, name := range []string{"aria-labelledby", "aria-describedby", "for"} {
			for _, id := range strings.Fields(attr(e, name)) {
				if ids[id] == 0 {
					t.Errorf("%s of <%s> names %q, which is nowhere", name, e.Data, id)
				}
			}
		}
		if e.DataAtom == atom.A {
			href := attr(e, "href")
			if href == "" {
				t.Errorf("a link leads nowhere: %q", textOf(e))
			}
			if textOf(e) == "" {
				t.Errorf("a link to %q says nothing", href)
			}
			if id, inside := strings.CutPrefix(href, "#"); inside && ids[id] == 0 && within(e, atom.Section) != nil && attr(within(e, atom.Section), "class") != "problems" {
				t.Errorf("a link leads to %q, which is nowhere", href)
			}
		}
		if e.DataAtom == atom.Th && attr(e, "scope") == "" {
			t.Errorf("a table head has no scope: %q", textOf(e))
		}
	}
}

func checkControls(t *testing.T, doc *html.Node) {
	t.Helper()
	labelled := map[string]bool{}
	for _, e := range elements(doc) {
		if e.DataAtom == atom.Label && textOf(e) != "" {
			labelled[attr(e, "for")] = true
		}
	}
	for _, e := range elements(doc) {
		switch e.DataAtom {
		case atom.Input, atom.Select, atom.Textarea:
			if attr(e, "type") == "hidden" {
				continue
			}
			if label := within(e, atom.Label); label == nil && !labelled[attr(e, "id")] {
				t.Errorf("<%s name=%q> has no label", e.Data, attr(e, "name"))
			}
			if attr(e, "name") == "" {
				t.Errorf("<%s id=%q> has no name", e.Data, attr(e, "id"))
			}
		case atom.Button:
			if textOf(e) == "" || attr(e, "type") == "" {
				t.Errorf("a button says %q and has the type %q", textOf(e), attr(e, "type"))
			}
		case atom.Fieldset:
			if e.FirstChild == nil || !slices.ContainsFunc(elements(e), func(c *html.Node) bool { return c.DataAtom == atom.Legend }) {
				t.Error("a group of fields has no legend")
			}
		}
	}
}

// TestP1_HostileTextStaysText puts a hostile text into every string of every sample, one at a time, and looks at what
// a browser would make of it.
func TestP1_HostileTextStaysText(t *testing.T) {
	t.Parallel()
	const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}javascript:alert(1)`
	for _, s := range onePerPage(english) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			tried := 0
			mutations(s.page, hostile, func(where string, page any) {
				out, err := renderAny(page, s.spec)
				if err != nil {
					return // the value is one of a family of words, a language or a zone, and was refused
				}
				tried++
				doc := parsed(t, out)
				for _, e := range elements(doc) {
					if e.DataAtom == atom.Img || e.DataAtom == atom.Script && !strings.HasPrefix(attr(e, "src"), "/static/") {
						t.Errorf("%s: the text became <%s>", where, e.Data)
					}
					for _, a := range e.Attr {
						if strings.HasPrefix(a.Key, "on") || a.Key == "href" && strings.HasPrefix(strings.TrimSpace(strings.ToLower(a.Val)), "javascript:") {
							t.Errorf("%s: the text became %s=%q of <%s>", where, a.Key, a.Val, e.Data)
						}
					}
				}
			})
			if tried == 0 && s.spec.layout != fragmentLayout {
				t.Error("no text could be tried")
			}
		})
	}
}

// renderAny executes the templates of a page that was made by reflection.
func renderAny(page any, about spec) ([]byte, error) {
	var out strings.Builder
	err := press().sheets[about.file].inLanguage[english].Execute(&out, page)
	return []byte(out.String()), err
}

// TestP1_ForeignLanguageTags holds that a language tag from outside never breaks out of its attribute.
func TestP1_ForeignLanguageTags(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{`fa" onclick="alert(1)`, "fa onclick=alert(1)", "<b>", "f", "toolonglanguage"} {
		if got := foreign("en", tag); got != "" {
			t.Errorf("foreign(%q) = %q, want nothing", tag, got)
		}
	}
	if got := fmt.Sprint(foreign("en", "fa")); got != `lang="fa" dir="rtl"` {
		t.Errorf("foreign(fa) = %q", got)
	}
}

// TestThePageFillsItsAsks: what an ask holds in braces is filled in on the page as it is in the mail.
func TestThePageFillsItsAsks(t *testing.T) {
	t.Parallel()
	action := sampleAction("fr")
	action.Asks = []Ask{{Code: "a1", Text: "demandez ceci : {number}, avant le {deadline}", Lang: "fr"}}
	page, err := Render(publicHead("fr"), action)
	if err != nil {
		t.Fatal(err)
	}
	if want := "demandez ceci\u00a0: AU 12/26, avant le vendredi 27 novembre 2026"; !strings.Contains(string(page), want) {
		t.Errorf("the page does not hold %q", want)
	}
}

// Whoever opens a campaign that is over is not told that letters are still needed, and the form of an ask numbers the ask alone.
func TestStaffPagesSayWhatHolds(t *testing.T) {
	t.Parallel()
	for _, s := range samples("en") {
		var not string
		switch s.name {
		case "campaign-closed", "campaign-closed-plain":
			not = `class="clock"`
		case "campaign-change":
			not = "For these offices only 1"
		default:
			continue
		}
		page, err := s.render()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(page), not) {
			t.Errorf("%s holds %q", s.name, not)
		}
	}
}

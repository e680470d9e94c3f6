package templates

import (
	"bytes"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"holdfast/internal/failure"
)

// maxMarkdown is the most that one text may be, in bytes: about twenty pages.
const maxMarkdown = 64 << 10

// markdown reads a coordinator's text (CommonMark, bare links made links) and writes it as HTML or as plain text.
// Both are written from the same tree, out of which raw HTML, pictures and links to anything but http, https and
// mailto have been taken first; the HTML then goes through a sanitiser that allows what is left, and nothing else.
type markdown struct {
	parser goldmark.Markdown
	policy *bluemonday.Policy
}

func newMarkdown() *markdown {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("p", "br", "strong", "em", "ul", "li", "blockquote", "h2", "h3", "h4", "hr", "code", "pre")
	policy.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	policy.AllowElements("ol")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowURLSchemes("http", "https", "mailto")
	policy.RequireParseableURLs(true)
	policy.RequireNoReferrerOnLinks(true)
	policy.RequireNoFollowOnLinks(true)
	return &markdown{parser: goldmark.New(goldmark.WithExtensions(extension.Linkify)), policy: policy}
}

// html writes source as HTML whose headings begin at h2.
func (m *markdown) html(source string) (template.HTML, error) {
	src := []byte(cleanText(source))
	var out bytes.Buffer
	if err := m.parser.Renderer().Render(&out, src, m.tree(src)); err != nil {
		return "", err
	}
	return template.HTML(m.policy.SanitizeBytes(out.Bytes())), nil
}

// tree parses src and takes out of it what is never shown.
func (m *markdown) tree(src []byte) ast.Node {
	doc := m.parser.Parser().Parse(text.NewReader(src))
	for _, node := range nodes(doc) {
		switch node := node.(type) {
		case *ast.Heading:
			node.Level = min(node.Level+1, 4)
		case *ast.HTMLBlock, *ast.RawHTML:
			node.Parent().RemoveChild(node.Parent(), node)
		case *ast.Image:
			unwrap(node)
		case *ast.Link:
			if !allowedURL(string(node.Destination)) {
				unwrap(node)
			}
			node.Title = nil
		case *ast.AutoLink:
			if address := string(node.URL(src)); !allowedURL(autoURL(node, address)) {
				node.Parent().ReplaceChild(node.Parent(), node, ast.NewString(node.Label(src)))
			}
		}
	}
	return doc
}

// nodes returns doc's descendants, parents first, so that a loop over them may change the tree.
func nodes(doc ast.Node) []ast.Node {
	var all []ast.Node
	for child := doc.FirstChild(); child != nil; child = child.NextSibling() {
		all = append(append(all, child), nodes(child)...)
	}
	return all
}

// unwrap puts node's children in its place.
func unwrap(node ast.Node) {
	parent := node.Parent()
	for child := node.FirstChild(); child != nil; {
		next := child.NextSibling()
		parent.InsertBefore(parent, node, child)
		child = next
	}
	parent.RemoveChild(parent, node)
}

func allowedURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(u.Scheme))
}

func autoURL(node *ast.AutoLink, address string) string {
	if node.AutoLinkType == ast.AutoLinkEmail {
		return "mailto:" + address
	}
	return address
}

// cleanText takes out the characters that no text needs: controls, and the two that reverse what follows them.
func cleanText(s string) string {
	s = strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s), "\uFFFD")
	return strings.Map(func(r rune) rune {
		if unwanted(r) {
			return -1
		}
		return r
	}, s)
}

func unwanted(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r <= 0x9F || r == '\u202D' || r == '\u202E' || r == '\uFEFF'
}

// oneLine is cleanText for a heading, a subject or an ask: white space becomes one space.
//
// Spaces that must not break stay: French sets them before its high punctuation.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(cleanText(s), func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r'
	}), " ")
}

// CheckMarkdown says what is wrong with a coordinator's text, each place with line and column (P4): raw HTML, pictures,
// links to anything but http, https and mailto, characters that no text needs, and braces around anything but the
// words that RenderAppeal knows. The error is failure.Invalid with field as the name of each wrong field.
func CheckMarkdown(field, source string) error {
	var check failure.Check
	if len(source) > maxMarkdown {
		check.Add(field, "is longer than %d characters; put the rest on a page and link to it", maxMarkdown)
		return check.Err()
	}
	checkCharacters(&check, field, source)
	src := []byte(source)
	doc := press().markdown.parser.Parser().Parse(text.NewReader(src))
	for _, node := range nodes(doc) {
		if reason := refusedNode(node, src); reason != "" {
			check.Add(field, "%s: %s", place(source, position(node, src)), reason)
		}
	}
	return check.Err()
}

// CheckLine is CheckMarkdown for a text of one line that is not Markdown: a subject, a headline, an ask.
func CheckLine(field, source string) error {
	var check failure.Check
	check.Need(!strings.ContainsAny(source, "\r\n\u2028\u2029"), field, "must be one line")
	checkCharacters(&check, field, strings.ReplaceAll(source, "\n", " "))
	return check.Err()
}

func checkCharacters(check *failure.Check, field, source string) {
	for i, r := range source {
		if r == utf8.RuneError && !utf8.ValidString(source[i:i+1]) {
			check.Add(field, "%s: is not UTF-8", place(source, i))
			return
		}
		if unwanted(r) && r != '\r' {
			check.Add(field, "%s: the character U+%04X cannot be sent", place(source, i), r)
		}
	}
	for _, brace := range braces.FindAllStringIndex(source, -1) {
		if name := source[brace[0]:brace[1]]; !isPlaceholder(name) {
			check.Add(field, "%s: %s is not known; braces hold %s, or nothing else", place(source, brace[0]), name, placeholderList)
		}
	}
}

func refusedNode(node ast.Node, src []byte) string {
	switch node := node.(type) {
	case *ast.HTMLBlock, *ast.RawHTML:
		return "HTML is not sent; write Markdown"
	case *ast.Image:
		return "pictures are not sent; say it in words, or link to a page that shows it"
	case *ast.Link:
		if !allowedURL(string(node.Destination)) {
			return "a link begins with https://, http:// or mailto:"
		}
	case *ast.AutoLink:
		if !allowedURL(autoURL(node, string(node.URL(src)))) {
			return "a link begins with https://, http:// or mailto:"
		}
	}
	return ""
}

// position finds where node begins: itself, else what stands in it, else the block it stands in.
func position(node ast.Node, src []byte) int {
	if at := node.Pos(); at >= 0 && at < len(src) {
		return at
	}
	if raw, ok := node.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
		return raw.Segments.At(0).Start
	}
	for parent := node; parent != nil; parent = parent.Parent() {
		if parent.Type() == ast.TypeBlock && parent.Lines() != nil && parent.Lines().Len() > 0 {
			return parent.Lines().At(0).Start
		}
	}
	return 0
}

// place says line and column of the byte at, both counted from 1, the column in characters.
func place(source string, at int) string {
	before := source[:min(at, len(source))]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return "line " + itoa(line) + ", column " + itoa(column)
}

package mailer

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textOfHTML is the text that a reader of an HTML document sees, with what it quotes marked as in plain text. No markup is left, and nothing of
// scripts, styles and comments.
func textOfHTML(document string) string {
	w := htmlText{}
	tokens := html.NewTokenizer(strings.NewReader(document))
	for {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return w.text()
		case html.TextToken:
			if w.hidden == 0 {
				w.say(strings.ReplaceAll(html.UnescapeString(string(tokens.Raw())), "\u00a0", " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := tokens.TagName()
			w.tag(atom.Lookup(name), kind)
		}
	}
}

// htmlText is text under way.
type htmlText struct {
	lines  []string
	line   strings.Builder
	hidden int // how many elements deep within what is not shown
	quoted int // how many quotations deep
}

func (w *htmlText) say(text string) {
	for i, word := range strings.Fields(text) {
		blank := i > 0 || strings.ContainsAny(text[:1], " \t\r\n\f")
		if blank && w.line.Len() > 0 && !strings.HasSuffix(w.line.String(), " ") {
			w.line.WriteByte(' ')
		}
		w.line.WriteString(word)
	}
	if strings.TrimRight(text, " \t\r\n\f") != text && w.line.Len() > 0 && !strings.HasSuffix(w.line.String(), " ") {
		w.line.WriteByte(' ')
	}
}

func (w *htmlText) end() {
	text := strings.TrimSpace(w.line.String())
	w.line.Reset()
	w.lines = append(w.lines, strings.TrimSpace(strings.Repeat("> ", min(w.quoted, 5))+text))
}

func (w *htmlText) tag(name atom.Atom, kind html.TokenType) {
	opens, closes := kind == html.StartTagToken, kind == html.EndTagToken
	if name == atom.Body && opens {
		w.hidden = 0 // a head may end without a word
	}
	switch name {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template:
		if opens {
			w.hidden++
		} else if closes {
			w.hidden = max(w.hidden-1, 0)
		}
	case atom.Br:
		w.end()
	case atom.Td, atom.Th:
		w.say(" ")
	case atom.Blockquote:
		w.end()
		if opens {
			w.quoted++
		} else if closes {
			w.quoted = max(w.quoted-1, 0)
		}
	case atom.Li:
		w.end()
		if opens {
			w.line.WriteString("- ")
		}
	case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Tr, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Pre, atom.Address, atom.Section,
		atom.Body:
		if w.line.Len() > 0 {
			w.end()
		}
		if name != atom.Div && name != atom.Tr {
			w.lines = append(w.lines, "")
		}
	}
}

// text joins the lines, never more than one empty one between two.
func (w *htmlText) text() string {
	w.end()
	var b strings.Builder
	empty := 2
	for _, line := range w.lines {
		if line == "" || strings.Trim(line, "> ") == "" {
			if empty++; empty > 1 {
				continue
			}
		} else {
			empty = 0
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSpace(b.String())
}

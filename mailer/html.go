package mailer

import (
	"errors"
	"strings"

	"golang.org/x/net/html"
)

// The places where a hole would be read as something else than text or a link.
var (
	errHoleInTag    = errors.New("a hole stands in a tag, outside a quoted attribute value")
	errHoleInScript = errors.New("a hole stands in a script, a style or a comment")
	errHoleInURL    = errors.New("a text hole stands in an attribute that holds a URL, a style or a script")
	errLinkNotWhole = errors.New("a link hole does not fill its attribute")
)

// checkHTMLHoles makes sure that every hole stands where an escaped value is only ever text, or a whole link.
func checkHTMLHoles(document string, holes []Hole) error {
	tokens := html.NewTokenizer(strings.NewReader(document))
	verbatim := "" // the element whose content is not text
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return nil // only the end: a reader of a string has no other error
		}
		raw := string(tokens.Raw())
		switch kind {
		case html.TextToken:
			if verbatim != "" && holds(raw, holes) {
				return errHoleInScript
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			if err := checkTag(raw, tokens.Token(), holes); err != nil {
				return err
			}
			verbatim = verbatimElement(raw)
		case html.EndTagToken:
			verbatim = ""
			if holds(raw, holes) {
				return errHoleInTag
			}
		default:
			if holds(raw, holes) {
				return errHoleInScript
			}
		}
	}
}

func holds(s string, holes []Hole) bool {
	for _, h := range holes {
		if strings.Contains(s, h.Mark) {
			return true
		}
	}
	return false
}

func verbatimElement(raw string) string {
	name := strings.ToLower(strings.TrimLeft(raw, "<"))
	for _, v := range []string{"script", "style", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"} {
		if strings.HasPrefix(name, v) && (len(name) == len(v) || !isAlphanumeric(name[len(v)])) {
			return v
		}
	}
	return ""
}

func checkTag(raw string, token html.Token, holes []Hole) error {
	for _, h := range holes {
		if !strings.Contains(raw, h.Mark) {
			continue
		}
		if !alwaysQuoted(raw, h.Mark) {
			return errHoleInTag
		}
		for _, a := range token.Attr {
			switch {
			case !strings.Contains(a.Val, h.Mark):
			case h.Kind == Link && a.Val != h.Mark:
				return errLinkNotWhole
			case h.Kind == Link && a.Key != "href":
				return errHoleInURL // a mail fetches nothing: a link is for following
			case h.Kind == Text && !isTextAttribute(a.Key):
				return errHoleInURL
			}
		}
	}
	return nil
}

// isTextAttribute reports whether a browser shows or speaks the value of an attribute and does nothing else with it.
func isTextAttribute(key string) bool {
	return key == "title" || key == "alt" || key == "lang" || key == "dir" || strings.HasPrefix(key, "aria-label")
}

// alwaysQuoted reports whether mark stands only within quotation marks in a tag.
func alwaysQuoted(raw, mark string) bool {
	var quotation byte
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quotation == 0 && strings.HasPrefix(raw[i:], mark):
			return false
		case quotation == 0 && (c == '"' || c == '\''):
			quotation = c
		case c == quotation:
			quotation = 0
		}
	}
	return true
}

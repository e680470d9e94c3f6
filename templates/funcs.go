package templates

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// languageTag is what may stand in a lang attribute (the common subset of BCP 47).
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// funcs returns what the templates of one language can call. Whatever depends on the language is bound here, so that
// a template cannot mix two of them.
func (w *words) funcs(p *printer) template.FuncMap {
	all := template.FuncMap{
		"t": w.text, "n": w.count, "word": w.word, "hole": func(s string) hole { return hole(s) },
		"number": func(n any) (string, error) {
			i, err := integer(n)
			return w.number(i), err
		},
		"day": w.longDay, "shortDay": w.day,
		"moment": func(t time.Time, zone string) (string, error) {
			s := speaker{words: w}
			return s.moment(t, zone, ""), s.err
		},
		"stamp": func(t time.Time, zone string) (string, error) {
			s := speaker{words: w}
			there := s.in(t, zone)
			return s.text("time.stamp", "Day", s.words.day(there), "Hour", s.clock(there)), s.err
		},
		"elapsed": func(d time.Duration) (string, error) {
			s := speaker{words: w}
			return s.elapsed(d), s.err
		},
		"span": func(d time.Duration) (string, error) {
			s := speaker{words: w}
			return s.span(d), s.err
		},
		"times": func(c Clock) ([]timeLine, error) {
			s := speaker{words: w}
			return s.pageLines(c), s.err
		},
		"placed": func(text, lang string, number Number, c Clock) (string, error) {
			s := speaker{words: p.words[PublicLanguage(lang)]}
			filled, err := s.fillPlaces("asks", text, number, c)
			return typeset(lang, filled), err
		},
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"isoDay":  func(t time.Time) string { return t.Format(time.DateOnly) },
		"called":  func(n Number) string { return n.In(w.lang) },
		"country": w.country, "language": w.language, "Language": func(tag string) string { return capital(w.language(tag)) }, "city": w.city,
		"tell": w.tell, "receiptLines": w.receiptLines, "segments": w.segments,
		"verdict": func(r Receipt) (string, error) {
			s := speaker{words: w}
			return s.verdict(r), s.err
		},
		"receiptNotes": func(r Receipt) ([]string, error) {
			s := speaker{words: w}
			return s.receiptNotes(r), s.err
		},

		"lang":    func() string { return w.lang },
		"dir":     Direction,
		"foreign": func(lang string) template.HTMLAttr { return foreign(w.lang, lang) },
		"align": func(lang string) string {
			if Direction(cmp.Or(lang, w.lang)) == "rtl" {
				return "right"
			}
			return "left"
		},
		"ownName": func(lang string) string { return p.words[lang].OwnName },
		"unread":  func() bool { return strings.Contains(" "+unreadLanguages+" ", " "+w.lang+" ") },
		"asset": func(name string) (string, error) {
			a, found := p.assets[name]
			if !found {
				return "", fmt.Errorf("there is no static file %q", name)
			}
			return a.Path, nil
		},
		"lines": textLines, "tel": telephone,
		"mailto":    func(link string) template.URL { return template.URL(link) }, // made by MailtoLink, with every sign encoded
		"languages": w.languageList,
		"listed":    w.listed,
		"next":      func(i int) int { return i + 1 },
		"values":    func(family string) []string { return strings.Fields(families()[family]) },
		"sections":  func() []string { return strings.Fields(sections) },
		"add":       func(a, b int) int { return a + b },
		"pair":      func(first, second any) []any { return []any{first, second} },
		"list":      func(items ...any) []any { return items },
	}
	maps.Copy(all, w.formFuncs())
	maps.Copy(all, w.tallyFuncs())
	return all
}

// formFuncs are the functions by which a template makes a control.
func (w *words) formFuncs() template.FuncMap {
	return template.FuncMap{
		"field": w.field, "fieldID": fieldID, "problemLabel": w.problemLabel, "problemText": w.problemText,
		"fieldName": fieldName,
		"help":      controlHelp, "type": controlType, "label": controlLabel, "required": controlRequired, "short": controlShort,
		"name": controlName, "unset": controlUnset,
		"rows": controlRows, "latest": controlLatest, "numeric": controlNumeric, "complete": controlComplete, "choices": controlChoices, "written": controlWritten,
		"options": w.options, "named": w.named, "languageOptions": w.languageOptions, "countryOptions": w.countryOptions,
	}
}

// capital begins s with a capital letter, for a heading or a list: French and Spanish write languages small.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// named fills in the labels that a caller left empty: names of languages and countries, which only this package knows.
func (w *words) named(family string, choices []Choice) []Choice {
	all := slices.Clone(choices)
	for i, c := range all {
		switch {
		case c.Label != "":
		case family == "language":
			all[i].Label = capital(w.language(c.Value))
		default:
			all[i].Label = w.country(c.Value)
		}
	}
	return all
}

// fieldName joins the parts of a path, as in texts.fr.subject.
func fieldName(parts ...any) string {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = fmt.Sprint(part)
	}
	return strings.Join(names, ".")
}

// foreign returns the attributes of a passage in another language than the page's, or nothing (WCAG 3.1.2).
func foreign(page, lang string) template.HTMLAttr {
	if lang == "" || lang == page || !languageTag.MatchString(lang) {
		return ""
	}
	return template.HTMLAttr(`lang="` + lang + `" dir="` + Direction(lang) + `"`)
}

// textLines splits an address into its lines, without empty ones.
func textLines(s string) []string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// telephone returns a link that dials number (RFC 3966): its digits, and a plus in front where it has one.
func telephone(number string) template.URL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	if strings.HasPrefix(strings.TrimSpace(number), "+") {
		digits = "+" + digits
	}
	return template.URL("tel:" + digits)
}

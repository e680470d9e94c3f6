package templates

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	message "github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// words speaks one language: messages by id, numbers, dates, and the names of things. It is immutable.
type words struct {
	*locale
	say *i18n.Localizer
}

// readMessages reads every file under words/. Each is called ROOM.LANGUAGE.json; an id is the path of keys to it.
func readMessages() (*i18n.Bundle, error) {
	bundle := i18n.NewBundle(language.English)
	names, err := fs.Glob(files, "words/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := i18n.ParseMessageFileBytes(text, name, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		for _, m := range file.Messages {
			for _, form := range []*string{&m.Zero, &m.One, &m.Two, &m.Few, &m.Many, &m.Other} {
				*form = typeset(file.Tag.String(), *form)
			}
		}
		if err := bundle.AddMessages(file.Tag, file.Messages...); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return bundle, nil
}

func newWords(bundle *i18n.Bundle, lang string) (*words, error) {
	l, err := readLocale(lang)
	if err != nil {
		return nil, err
	}
	return &words{locale: l, say: i18n.NewLocalizer(bundle, lang)}, nil
}

// text returns the message id with its values filled in: name, value, name, value. Numbers are written as the
// language writes them, other values are set apart from the direction of the sentence. An unknown id, or a value
// that the message wants and does not get, is an error.
func (w *words) text(id string, pairs ...any) (string, error) { return w.message(id, nil, pairs) }

// count is text for a message with plural forms (CLDR); the message has the number as Count.
func (w *words) count(id string, count any, pairs ...any) (string, error) {
	n, err := integer(count)
	if err != nil {
		return "", fmt.Errorf("message %s: %w", id, err)
	}
	return w.message(id, n, append(pairs, "Count", n))
}

func (w *words) message(id string, count any, pairs []any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("message %s: values come in pairs of name and value", id)
	}
	values := make(map[string]string, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return "", fmt.Errorf("message %s: %v is not the name of a value", id, pairs[i])
		}
		switch value := pairs[i+1].(type) {
		case hole:
			values[name] = string(value)
		case int, int64:
			n, _ := integer(value)
			values[name] = w.number(n)
		default:
			values[name] = isolate(w.lang, fmt.Sprint(value))
		}
	}
	text, tag, err := w.say.LocalizeWithTag(&i18n.LocalizeConfig{
		MessageID:      id,
		TemplateData:   values,
		PluralCount:    count,
		TemplateParser: &message.TextParser{Option: "missingkey=error"},
	})
	if err != nil {
		return "", fmt.Errorf("message %s in %s: %w", id, w.lang, err)
	}
	if tag.String() != w.lang {
		return "", fmt.Errorf("message %s does not exist in %s", id, w.lang)
	}
	return text, nil
}

// word names one value of a family that the house uses as plain words, such as a state: the message FAMILY.VALUE.
func (w *words) word(family, value string) (string, error) { return w.text(family + "." + value) }

// has reports whether the message id exists.
func (w *words) has(id string) bool {
	_, err := w.text(id)
	return err == nil
}

// hole is a value that comes out of a message just as it is.
type hole string

func integer(v any) (int64, error) {
	switch n := v.(type) {
	case int:
		return int64(n), nil
	case int64:
		return n, nil
	}
	return 0, fmt.Errorf("%T is not a whole number", v)
}

// typeset sets the spaces that a language wants kept together: in French before the double signs and inside the
// quotes (Imprimerie nationale, Lexique des règles typographiques). Only a space that stands there is changed.
func typeset(lang, s string) string {
	if base, _, _ := strings.Cut(lang, "-"); base != "fr" {
		return s
	}
	return strings.NewReplacer(
		" :", "\u00a0:", " ;", "\u202f;", " !", "\u202f!", " ?", "\u202f?", " %", "\u00a0%",
		"« ", "«\u00a0", " »", "\u00a0»",
	).Replace(s)
}

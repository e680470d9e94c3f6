package templates

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// locale is how one language writes numbers, dates and times, and what it calls countries and languages. The names
// come from the Unicode CLDR (locale/cldr.*.json, under locale/LICENSE.unicode); x/text carries an edition of 2017.
type locale struct {
	lang string

	OwnName       string            `json:"own_name"`
	Digits        string            `json:"digits"`
	Thousands     string            `json:"thousands"`
	ThousandsFrom int               `json:"thousands_from"` // the least number of digits that is grouped
	Decimal       string            `json:"decimal"`
	Months        []string          `json:"months"`
	Weekdays      []string          `json:"weekdays"`
	FirstOfMonth  string            `json:"first_of_month"`
	LongDate      string            `json:"long_date"`
	Date          string            `json:"date"`
	Time          string            `json:"time"`
	Cities        map[string]string `json:"cities"`

	Countries map[string]string `json:"countries"`
	Languages map[string]string `json:"languages"`

	countries []Choice // all of them, in the order of their names
}

func readLocale(lang string) (*locale, error) {
	l := &locale{lang: lang}
	for _, name := range []string{"locale/" + lang + ".json", "locale/cldr." + lang + ".json"} {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, l); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(l.Months) != 12 || len(l.Weekdays) != 7 || len([]rune(l.Digits)) != 10 {
		return nil, fmt.Errorf("locale/%s.json: needs 12 months, 7 weekdays and 10 digits", lang)
	}
	l.countries = sortCountries(l.Countries)
	return l, nil
}

// number writes n with the language's digits and thousands.
func (l *locale) number(n int64) string {
	plain := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, plain = "\u2212", plain[1:]
	}
	if len(plain) >= l.ThousandsFrom {
		grouped := plain[:len(plain)%3]
		for i := len(plain) % 3; i < len(plain); i += 3 {
			if grouped != "" {
				grouped += l.Thousands
			}
			grouped += plain[i : i+3]
		}
		plain = grouped
	}
	return sign + l.digits(plain)
}

// tenths writes n with one digit after the decimal sign.
func (l *locale) tenths(n float64) string {
	return l.digits(strings.Replace(strconv.FormatFloat(n, 'f', 1, 64), ".", l.Decimal, 1))
}

// digits replaces the ASCII digits of s by the language's own.
func (l *locale) digits(s string) string {
	if l.Digits[0] == '0' {
		return s
	}
	own := []rune(l.Digits)
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return own[r-'0']
		}
		return r
	}, s)
}

// day writes a date with the month's name.
func (l *locale) day(t time.Time) string { return l.fill(l.Date, t) }

// longDay writes a date with the names of month and weekday.
func (l *locale) longDay(t time.Time) string { return l.fill(l.LongDate, t) }

// clock writes hours and minutes.
func (l *locale) clock(t time.Time) string { return l.fill(l.Time, t) }

func (l *locale) fill(form string, t time.Time) string {
	day := l.digits(strconv.Itoa(t.Day()))
	if t.Day() == 1 {
		day = l.FirstOfMonth
	}
	return strings.NewReplacer(
		"{weekday}", l.Weekdays[t.Weekday()],
		"{day}", day,
		"{month}", l.Months[t.Month()-1],
		"{year}", l.digits(strconv.Itoa(t.Year())),
		"{h}", l.digits(strconv.Itoa(t.Hour())),
		"{hh}", l.digits(fmt.Sprintf("%02d", t.Hour())),
		"{mm}", l.digits(fmt.Sprintf("%02d", t.Minute())),
	).Replace(form)
}

// city names the place that a time zone of the IANA database is called after.
func (l *locale) city(zone string) string {
	name := zone[strings.LastIndexByte(zone, '/')+1:]
	name = strings.ReplaceAll(name, "_", " ")
	return cmp.Or(l.Cities[name], isolate(l.lang, name))
}

// country names the country of an ISO 3166-1 code; an unknown code stands for itself.
func (l *locale) country(code string) string { return cmp.Or(l.Countries[code], code) }

// language names the language of a BCP 47 tag; an unknown one stands for itself.
func (l *locale) language(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	return cmp.Or(l.Languages[tag], l.Languages[base], tag)
}

// sortCountries returns every country as a choice, in the order of the names.
func sortCountries(countries map[string]string) []Choice {
	// Accented letters that begin or stand early in French and Spanish names are sorted as plain ones, so that États-Unis
	// stands under E.
	plain := strings.NewReplacer("É", "E", "Î", "I", "Å", "A", "Ô", "O", "é", "e", "è", "e", "ê", "e", "ô", "o", "ã", "a", "á", "a", "í", "i")
	keys := make(map[string]string, len(countries))
	choices := make([]Choice, 0, len(countries))
	for code, name := range countries {
		keys[code] = plain.Replace(name)
		choices = append(choices, Choice{Value: code, Label: name})
	}
	slices.SortFunc(choices, func(a, b Choice) int {
		return cmp.Or(cmp.Compare(keys[a.Value], keys[b.Value]), cmp.Compare(a.Value, b.Value))
	})
	return choices
}

// languageList names languages one after the other, in the page's language.
func (l *locale) languageList(tags []string) string {
	names := make([]string, len(tags))
	for i, tag := range tags {
		names[i] = l.language(tag)
	}
	return l.listed(names)
}

// listed sets names one after the other, with the comma of the page's script.
func (l *locale) listed(names []string) string {
	comma := ", "
	if Direction(l.lang) == "rtl" {
		comma = "، "
	}
	return strings.Join(names, comma)
}

package members

import (
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"holdfast/internal/failure"
)

// RowError is one thing that is wrong in one line of an imported file. It never holds what the cell held.
type RowError struct {
	Line    int    // in the file, from 1
	Column  string // "address", "name", "language", …; "" when the line as a whole is wrong
	Reason  string
	Address string // masked; "" when the address could not be read
}

// importRow is what one line of a file says about one person, with "" and 0 where it says nothing.
type importRow struct {
	address  Address
	index    []byte
	name     string
	language string
	country  string
	groupID  int64
	consent  Consent
}

// rowReader reads the lines of one file.
type rowReader struct {
	columns   columns
	defaults  ImportOptions // as they are kept
	groups    map[string]int64
	cities    map[string]int64
	countries map[string]string // code by name
	languages map[string]string
	now       time.Time
}

// stop returns the address of a line that says somebody is not to be mailed. Nothing else in the line has
// to be right for that.
func (x *rowReader) stop(rec record) (Address, bool) {
	if rec.fault != "" || len(rec.cells) != x.columns.count {
		return Address{}, false
	}
	if v, _ := x.columns.verdictOf(rec.cells); v != stops {
		return Address{}, false
	}
	address, reason := parseAddress(unguardCell(rec.cells[x.columns.address]))
	return address, reason == ""
}

// read returns what a line says, or everything that is wrong with it.
func (x *rowReader) read(rec record) (importRow, []RowError) {
	var wrong []RowError
	var row importRow
	note := func(column, reason string) {
		if reason != "" {
			wrong = append(wrong, RowError{Line: rec.line, Column: column, Reason: reason, Address: row.address.Masked()})
		}
	}
	if rec.fault != "" {
		note("", rec.fault)
		return row, wrong
	}
	if len(rec.cells) != x.columns.count {
		note("", "this line has more or fewer cells than the first line has columns")
		return row, wrong
	}
	var reason string
	row.address, reason = parseAddress(unguardCell(rec.cells[x.columns.address]))
	note("address", reason)
	switch v, _ := x.columns.verdictOf(rec.cells); v {
	case unconfirmed:
		note("status", "this person never confirmed in the other tool, so there is no consent to go by")
	case unclear:
		note("status", "what is said here about the subscription is not known; nobody is added on a guess")
	}
	row.name, reason = cleanLine(x.nameOf(rec.cells), maxName)
	note("name", reason)
	row.language, reason = x.languageOf(rec.cells)
	note("language", reason)
	row.country, reason = x.countryOf(rec.cells)
	note("country", reason)
	row.groupID, reason = x.groupOf(rec.cells)
	note("group", reason)
	consent, fields := x.consentOf(rec.cells)
	row.consent = consent
	for _, field := range fields {
		note("consent "+field.Name, field.Reason)
	}
	return row, wrong
}

// cell returns the cell in column i without the space around it, or "" where there is no such column.
func (x *rowReader) cell(cells []string, i int) string {
	if i < 0 {
		return ""
	}
	return strings.TrimSpace(unguardCell(cells[i]))
}

func (x *rowReader) nameOf(cells []string) string {
	if name := x.cell(cells, x.columns.name); name != "" {
		return name
	}
	return x.cell(cells, x.columns.first) + " " + x.cell(cells, x.columns.last)
}

func (x *rowReader) languageOf(cells []string) (string, string) {
	text := x.cell(cells, x.columns.language)
	if text == "" && x.defaults.Language != "" {
		return "", ""
	}
	tag, reason := parseLanguage(text)
	if reason == "" {
		return tag, ""
	}
	// "French", or "French (Canada)".
	name, region, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	if tag = x.languages[plainWords(name)]; tag == "" {
		return "", reason
	}
	if country := x.countries[plainWords(region)]; country != "" {
		tag += "-" + country
	}
	return tag, ""
}

func (x *rowReader) countryOf(cells []string) (string, string) {
	text := x.cell(cells, x.columns.country)
	if text == "" {
		return "", ""
	}
	if country := x.countries[plainWords(text)]; country != "" {
		return country, ""
	}
	region, err := language.ParseRegion(text)
	if err != nil || !isCountry(region) {
		return "", "this is no country; write it as two letters, such as CA or FR"
	}
	return region.String(), ""
}

// groupOf finds a local group by name. A city is a hint only: where no group is known by it, the member
// stands alone.
func (x *rowReader) groupOf(cells []string) (int64, string) {
	if name := x.cell(cells, x.columns.group); name != "" {
		id, found := x.groups[fold(name)]
		if !found {
			return 0, "there is no group of this name; add it first"
		}
		return id, ""
	}
	city := fold(x.cell(cells, x.columns.city))
	if id, found := x.groups[city]; found {
		return id, ""
	}
	return x.cities[city], ""
}

// consentOf returns the basis that the line gives, and where it gives none the file's as a whole.
func (x *rowReader) consentOf(cells []string) (Consent, []failure.Field) {
	c := x.columns
	if c.source < 0 && c.words < 0 && c.given < 0 && (c.created < 0 || !x.defaults.Consent.GivenOn.IsZero()) {
		return x.defaults.Consent, nil
	}
	consent := x.defaults.Consent
	if source := x.cell(cells, c.source); source != "" {
		consent.Source = source
	}
	if words := x.cell(cells, c.words); words != "" {
		consent.Words = words
	}
	day := x.cell(cells, c.given)
	if day == "" && consent.GivenOn.IsZero() {
		day = x.cell(cells, c.created)
	}
	if day != "" {
		parsed, err := parseDay(day)
		if err != nil {
			return consent, []failure.Field{{Name: "date", Reason: "write the day as 2026-01-31"}}
		}
		consent.GivenOn = parsed
	}
	return consent.clean(x.now)
}

// parseDay reads a day as 2026-01-31; a time of day may stand behind it.
func parseDay(text string) (time.Time, error) {
	day, rest := text, ""
	if len(text) > len(time.DateOnly) {
		day, rest = text[:len(time.DateOnly)], text[len(time.DateOnly):]
	}
	if rest != "" && rest[0] != ' ' && rest[0] != 'T' {
		return time.Time{}, failure.Wrong("given_on", "write the day as 2026-01-31")
	}
	return time.Parse(time.DateOnly, day)
}

// countryNames returns the code of each country by its English and its French name, as plainWords has it.
func countryNames() map[string]string {
	names := map[string]string{}
	for _, namer := range []display.Namer{display.English.Regions(), display.French.Regions()} {
		for code := range twoLetters {
			region, err := language.ParseRegion(strings.ToUpper(code))
			if err == nil && isCountry(region) {
				names[plainWords(namer.Name(region))] = region.String()
			}
		}
	}
	delete(names, "")
	return names
}

// languageNames is countryNames for languages that have a code of two letters.
func languageNames() map[string]string {
	names := map[string]string{}
	for _, namer := range []display.Namer{display.English.Languages(), display.French.Languages()} {
		for code := range twoLetters {
			if tag, err := language.Parse(code); err == nil && tag.String() == code {
				names[plainWords(namer.Name(tag))] = code
			}
		}
	}
	delete(names, "")
	return names
}

// twoLetters yields "aa" to "zz".
func twoLetters(yield func(string) bool) {
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			if !yield(string(a) + string(b)) {
				return
			}
		}
	}
}

package campaigns

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Store keeps cases, offices, campaigns, appeals and the ledger. It is safe for concurrent use.
// Jobs may be nil where nothing is launched; Capacity may be empty, and is for forecasts alone.
type Store struct {
	DB       postgres.DB
	Jobs     Jobs
	Capacity Capacity
}

// Texts is one text in several languages, by BCP 47 tag.
type Texts map[string]string

// In returns the text in lang, else in fallback, else in English, else any one; "" only where there is none.
func (t Texts) In(lang, fallback string) string {
	for _, l := range []string{lang, fallback, "en"} {
		if text := t[l]; text != "" {
			return text
		}
	}
	for _, text := range t {
		return text
	}
	return ""
}

// Value writes the texts as JSON, also where nobody has asked the database for the type of its column, as behind a pooler.
func (t Texts) Value() (driver.Value, error) {
	text, err := json.Marshal(map[string]string(t))
	return string(text), err
}

// Page asks for one page of a list: at most Limit things with an id beyond After, in the list's order.
type Page struct {
	After int64
	Limit int
}

func (p Page) limit() int {
	if p.Limit <= 0 || p.Limit > 200 {
		return 50
	}
	return p.Limit
}

var (
	zoneName   = regexp.MustCompile(`^[A-Za-z]+(/[A-Za-z0-9_+-]+)+$|^UTC$`)
	seriesName = regexp.MustCompile(`^[A-Z]{1,6}$`)
	askCode    = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)
)

// zone returns the time zone called name. Abbreviations such as EST are refused: they do not say when the clocks change.
func zone(name string) (*time.Location, error) {
	if !zoneName.MatchString(name) {
		return nil, errors.New("want a zone by its IANA name, such as America/Toronto")
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, errors.New("there is no such zone; want one by its IANA name, such as America/Toronto")
	}
	return location, nil
}

func isCountry(code string) bool {
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.String() == code && len(code) == 2
}

// isLanguage accepts a BCP 47 tag in its canonical form.
func isLanguage(tag string) bool {
	t, err := language.Parse(tag)
	return err == nil && t.String() == tag
}

func checkTexts(check *failure.Check, field string, texts Texts, longest int) {
	check.Need(len(texts) > 0, field, "is missing: want the text in at least one language")
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		at := field + "." + lang
		check.Need(isLanguage(lang), at, "%q is not a language tag such as en, fr or fa", lang)
		checkLine(check, at, texts[lang], longest)
	}
}

// checkLine takes one line of text that may go into a header or a list: never empty, never with a control character.
func checkLine(check *failure.Check, field, text string, longest int) {
	switch {
	case strings.TrimSpace(text) == "":
		check.Add(field, "is missing")
	case len(text) > longest:
		check.Add(field, "is too long: %d bytes, at most %d", len(text), longest)
	case hasControl(text, false):
		check.Add(field, "holds a line break or a control character")
	}
}

func hasControl(text string, linesAllowed bool) bool {
	for _, r := range text {
		switch {
		case linesAllowed && (r == '\n' || r == '\r' || r == '\t'):
		case r < 0x20, r >= 0x7f && r <= 0x9f, r == '\u2028', r == '\u2029', r == '\ufffd':
			return true
		}
	}
	return false
}

// Now reads the house's clock: the one by which everything is decided.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	err = s.DB.QueryRow(ctx, nowSQL).Scan(&now)
	return now, err
}

// inTx runs do in one transaction.
func (s *Store) inTx(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.DB, do)
}

// one returns the single row that rows hold, or NotFound.
func one[T any](rows pgx.Rows, err error, what string, id any) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return none, failure.Missing(what, id)
	}
	return row, err
}

// all returns every row that rows hold; never nil, so that it is an empty list for the reader.
func all[T any](rows pgx.Rows, err error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if list == nil {
		list = []T{}
	}
	return list, err
}

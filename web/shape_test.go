package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// sample has one of everything that a body can have.
type sample struct {
	Text  string            `json:"text"`
	Count int               `json:"count"`
	ID    *int64            `json:"id"`
	Yes   bool              `json:"yes"`
	At    *time.Time        `json:"at"`
	Day   campaigns.Day     `json:"day"`
	Words campaigns.Texts   `json:"words"`
	List  []inner           `json:"list"`
	Name  given[string]     `json:"name"`
	Other campaigns.Removal // no tag: nobody can name it
	inner
}

type inner struct {
	Code string `json:"code"`
}

func TestEveryWrongFieldIsNamedByItsPath(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want []failure.Field
	}{
		"right": {`{"text":"a","count":1,"id":null,"yes":true,"at":"2026-12-05T17:00:00Z","day":"2026-12-05","words":{"en":"a"},"list":[{"code":"x"}],"name":null,"code":"y"}`, nil},
		"of other types": {`{"text":1,"count":"1","id":"1","yes":"no","at":"soon","day":"05.12.2026","words":{"en":1},"list":[{"code":2},3],"name":4}`, []failure.Field{
			{Name: "at", Reason: `must be an instant such as "2026-12-05T17:00:00Z"`}, {Name: "count", Reason: "must be a whole number"},
			{Name: "day", Reason: `must be a day such as "2026-12-05"`}, {Name: "id", Reason: "must be a whole number"},
			{Name: "list.0.code", Reason: "must be text"}, {Name: "list.1", Reason: "must be an object"}, {Name: "name", Reason: "must be text"},
			{Name: "text", Reason: "must be text"}, {Name: "words.en", Reason: "must be text"}, {Name: "yes", Reason: "must be true or false"}}},
		"null": {`{"text":null,"list":null,"code":null}`, []failure.Field{{Name: "code", Reason: "must not be null"}, {Name: "list", Reason: "must not be null"}, {Name: "text", Reason: "must not be null"}}},
		"not known": {`{"TEXT":"a","Other":{},"inner":{},"removal_timing":"none","list":[{"b":1}]}`, []failure.Field{
			{Name: "Other", Reason: "is not a field that this takes"}, {Name: "TEXT", Reason: "is not a field that this takes"},
			{Name: "inner", Reason: "is not a field that this takes"}, {Name: "list.0.b", Reason: "is not a field that this takes"},
			{Name: "removal_timing", Reason: "is not a field that this takes"}}},
		"what no column holds": {`{"text":"a\u0000b","count":2147483648,"at":"9999-12-31T23:59:59-14:00","day":"0001-01-01"}`, []failure.Field{
			{Name: "at", Reason: "must lie between 1900 and 2200"}, {Name: "count", Reason: "is too large a number"},
			{Name: "day", Reason: "must lie between 1900 and 2200"}, {Name: "text", Reason: "holds a NUL character"}}},
		"twice":      {`{"text":"a","text":"b"}`, []failure.Field{{Name: "text", Reason: "stands twice"}}},
		"fractional": {`{"count":1.0,"id":1e2}`, []failure.Field{{Name: "count", Reason: "must be a whole number"}, {Name: "id", Reason: "must be a whole number"}}},
	} {
		var got []failure.Field
		if e, ok := checkShape([]byte(c.body), new(sample)).(*failure.Error); ok {
			got = e.Fields // in the order of the body
			slices.SortFunc(got, func(a, b failure.Field) int { return strings.Compare(a.Name, b.Name) })
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzShape: what passes decodes, and decodes to what the strictest reading of encoding/json makes of it.
func FuzzShape(f *testing.F) {
	for _, body := range []string{`{}`, `{"text":"a","list":[{"code":"x"}],"name":null}`, `{"at":"2026-12-05T17:00:00Z"}`, `[1]`, `{"text":"\ud800"}`, `{"a":`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if checkShape(body, new(sample)) != nil {
			return
		}
		var s sample
		if err := decode(map[string][]string{"Content-Type": {"application/json"}}, body, &s); err != nil {
			t.Errorf("the shape of %q is right, and it cannot be decoded: %v", body, err)
		}
	})
}

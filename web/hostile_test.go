package web

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"holdfast/campaigns"
)

// hostileTexts are what stands in for any text: of a parameter, a part of a path, a field.
func hostileTexts() []string {
	return []string{"", " ", "'; DROP TABLE members; --", "1 OR 1=1", "%s%n", "<script>alert(1)</script>", "../../etc/passwd", "a\r\nX-Evil: 1",
		"-1", "0", "9223372036854775808", "1e9", "0x10", "null", "NaN", "{{.}}", "\u202etxt", "\u0000", "\xff\xfe", "x-private", "en-u-co-phonebk",
		"٣", strings.Repeat("a", 3000)}
}

// hostileValues are what stands in for any value of a body.
func hostileValues() []any {
	list := []any{nil, true, 0, -1, 1.5, 2147483648, json.Number("9223372036854775807"), json.Number("1e400"), []any{}, fields{}, []any{nil},
		fields{"": 1}, "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-14:00", "2200-12-31", "1900-01-01", "2026-02-30"}
	for _, text := range hostileTexts() {
		list = append(list, text)
	}
	return list
}

func TestS1_HostileParametersAreRefusedAndBreakNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	for _, r := range d.routesOf(api) {
		if r.stream {
			continue
		}
		path, text := w.path(r.pattern), ""
		if body := w.body(r); body != nil {
			encoded, err := json.Marshal(body)
			d.must(err)
			text = string(encoded)
		}
		for _, hostile := range hostileTexts() {
			for _, name := range append([]string{"nothing", "' OR ''='"}, r.query...) {
				d.hostile(r.method, path+"?"+url.QueryEscape(name)+"="+url.QueryEscape(hostile), text)
			}
			for _, part := range []string{"{id}", "{target}", "{code}", "{language}", "{letter}", "{channel}", "{from}", "{to}"} {
				if strings.Contains(r.pattern, part) {
					d.hostile(r.method, w.path(strings.Replace(r.pattern, part, url.PathEscape(hostile), 1)), text)
				}
			}
		}
	}
	d.listsStand()
}

// hostile sends a request that may be refused in any way but by a fault of ours.
func (d *doors) hostile(method, path, body string) {
	d.Helper()
	r := d.request(method, path, d.tokens[everything], nil)
	if body != "" {
		r = d.request(method, path, d.tokens[everything], body)
	}
	got := d.send(r)
	checkPromised(d, got)
	if got.StatusCode >= 500 {
		d.Errorf("%s %s: %d\nwith %.300q\n%s", method, path, got.StatusCode, body, got.text)
	}
	if strings.Contains(string(got.text), "cannot be kept") {
		d.Logf("%s %s: a value that no room looked at came to the database, which refused it; with %.600q", method, path, body)
	}
}

// listsStand is that whatever was taken can be read again.
func (d *doors) listsStand() {
	d.Helper()
	for _, path := range []string{"/cases", "/targets", "/campaigns", "/members", "/groups", "/letters", "/letters/aside", "/postal-routes"} {
		d.want(200, "GET", path, nil)
	}
}

func TestS1_HostileFieldsAreRefusedAndBreakNothing(t *testing.T) {
	t.Parallel()
	d := open(t)
	draft, launched, ending := d.world(), d.world(), d.world()
	d.want(202, "POST", "/appeals/"+launched.appeal+"/launch", nil)
	d.want(202, "POST", "/appeals/"+ending.appeal+"/launch", nil)
	for _, r := range d.routesOf(api) {
		if r.call.input == nil {
			continue
		}
		w, body := draft, draft.body(r)
		switch r.call.input.(type) { // what is wanted only once the first appeal has left
		case campaigns.NewAppeal:
			w, body = launched, newAppeal("update")
		case campaigns.Closing:
			w = ending
		case launching, eveningBody, reviewBody:
			w = launched
		}
		var clean any
		text, err := json.Marshal(body)
		d.must(err)
		d.must(json.Unmarshal(text, &clean))
		for _, leaf := range leaves(clean) {
			for _, value := range hostileValues() {
				d.must(json.Unmarshal(text, &clean))
				leaf(clean, value)
				d.hostile(r.method, w.path(r.pattern), encode(clean))
			}
		}
	}
	d.listsStand()
}

// encode writes JSON as a hostile client does: bytes that are no UTF-8 as they are.
func encode(v any) string {
	text, _ := json.Marshal(v)
	return strings.ReplaceAll(string(text), `\ufffd`, "\xff")
}

// leaves returns a function for each place in a body that puts a value there.
func leaves(v any) []func(body, value any) {
	var list []func(body, value any)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			list = append(list, func(body, value any) { body.(map[string]any)[name] = value })
			for _, inner := range leaves(v[name]) {
				list = append(list, func(body, value any) { inner(body.(map[string]any)[name], value) })
			}
		}
	case []any:
		for i := range v {
			list = append(list, func(body, value any) { body.([]any)[i] = value })
			for _, inner := range leaves(v[i]) {
				list = append(list, func(body, value any) { inner(body.([]any)[i], value) })
			}
		}
	}
	return list
}

func TestS1_BodiesThatAreNoJSONAreRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	for body, status := range map[string]int{
		"": 400, " ": 400, "{": 400, "}": 400, `{"ref":`: 400, `{"ref":"a"}{"ref":"b"}`: 400, `{"ref":"a"} x`: 400, "\xff": 400,
		strings.Repeat("[", 20_000): 400, `{"ref":"` + "\xc3\x28" + `"}`: 400, "null": 422, "[]": 422, `"text"`: 422, "1": 422, "{}": 422,
		`{"ref":"a","ref":"b"}`: 422, `{"REF":"a"}`: 422,
	} {
		got := d.do(d.request("POST", apiRoot+"/cases", d.tokens[everything], body))
		if got.StatusCode != status {
			t.Errorf("%.40q: %d, want %d\n%.300s", body, got.StatusCode, status, got.text)
		}
	}
	for content, status := range map[string]int{"application/json": 422, "application/json; charset=UTF-8": 422, "Application/JSON": 422,
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=latin1": 415, "application/jsonx": 415} {
		r := d.request("POST", apiRoot+"/cases", d.tokens[everything], "{}")
		r.Header.Set("Content-Type", content)
		if got := d.do(r); got.StatusCode != status {
			t.Errorf("of the type %q: %d, want %d", content, got.StatusCode, status)
		}
	}
	r := d.request("POST", apiRoot+"/cases", d.tokens[everything], "{}")
	r.Header.Set("Content-Encoding", "gzip")
	if got := d.do(r); got.StatusCode != 415 {
		t.Errorf("compressed: %d, want 415", got.StatusCode)
	}
}

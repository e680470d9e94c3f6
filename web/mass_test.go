package web

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestA9_NoFieldIsTakenThatARouteDoesNotHave sends every column of every table, and every field of every answer, to
// every route that takes a body, at every place where an object stands.
func TestA9_NoFieldIsTakenThatARouteDoesNotHave(t *testing.T) {
	t.Parallel()
	d := open(t)
	names := d.texts(columnNamesSQL)
	for _, schema := range d.book.doc.Components.Schemas {
		for name := range schema.Value.Properties {
			names = append(names, name)
		}
	}
	names = append(names, "ID", "State", "$where", "__proto__", "constructor", "roles[]", "", "appeal.state")
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) < 120 {
		t.Fatalf("only %d names to try", len(names))
	}
	w := d.world()
	before := d.count(countAuditSQL)
	for _, r := range d.routesOf(api) {
		if r.call.input == nil {
			continue
		}
		for _, place := range places(reflect.TypeOf(r.call.input), "") {
			foreign := slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, known := fieldNamed(place.of, name); return known })
			for chunk := range slices.Chunk(foreign, mostWrong) {
				got := d.do(d.request(r.method, w.path(r.pattern), d.tokens[everything], place.body(chunk)))
				named := got.fields(t)
				for _, name := range chunk {
					if named[join(place.at, name)] != "is not a field that this takes" {
						t.Errorf("%s %s: %q is taken (%d)", r.method, r.pattern, join(place.at, name), got.StatusCode)
					}
				}
			}
		}
	}
	for _, r := range d.routesOf(api) {
		if r.call.input == nil && r.method != "GET" && !r.stream {
			got := d.do(d.request(r.method, w.path(r.pattern), d.tokens[everything], `{"state":"complete"}`))
			if got.StatusCode != 400 {
				t.Errorf("%s %s takes a body (%d)", r.method, r.pattern, got.StatusCode)
			}
		}
	}
	if after := d.count(countAuditSQL); after != before {
		t.Errorf("%d things were done by requests that were refused", after-before)
	}
}

// place is where an object stands in a body.
type place struct {
	at string
	of reflect.Type
}

// places lists the objects of a type, the first item of each list among them.
func places(t reflect.Type, at string) []place {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		return places(t.Elem(), join(at, "0"))
	}
	if t.Kind() != reflect.Struct || t.Name() == "Time" || t.Name() == "Day" || strings.HasPrefix(t.Name(), "given[") {
		return nil
	}
	list := []place{{at, t}}
	for _, f := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" {
			list = append(list, places(f.Type, join(at, tag))...)
		}
	}
	return list
}

// body is a body with nothing but these names, in this place.
func (p place) body(names []string) string {
	var members []string
	for _, name := range names {
		quoted, _ := json.Marshal(name)
		members = append(members, fmt.Sprintf("%s: 1", quoted))
	}
	body := "{" + strings.Join(members, ", ") + "}"
	if p.at == "" {
		return body
	}
	parts := strings.Split(p.at, ".")
	slices.Reverse(parts)
	for _, part := range parts {
		if part == "0" {
			body = "[" + body + "]"
		} else {
			body = fmt.Sprintf("{%q: %s}", part, body)
		}
	}
	return body
}

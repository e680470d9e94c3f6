package web

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"holdfast/accounts"
)

// operations lists the description's operations as routes are named.
func (b *book) operations() map[string]*openapi3.Operation {
	list := map[string]*openapi3.Operation{}
	for path, item := range b.doc.Paths.Map() {
		for method, op := range item.Operations() {
			list[method+" "+path] = op
		}
	}
	return list
}

func TestDescriptionHasEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	book := readBook(t)
	described := book.operations()
	routes := (&Server{}).routes()
	var want, got []string
	for name := range described {
		got = append(got, name)
	}
	for _, r := range routes {
		if r.door == api {
			want = append(want, r.method+" "+r.pattern)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the routes and the description differ (-routes +description):\n%s", diff)
	}
	for _, r := range routes {
		if r.door == api {
			checkDescribed(t, r, described[r.method+" "+r.pattern])
		}
	}
}

// checkDescribed holds what an operation is said to take against what its route takes.
func checkDescribed(t *testing.T, r route, op *openapi3.Operation) {
	t.Helper()
	name := r.method + " " + r.pattern
	var query []string
	key := false
	for _, p := range op.Parameters {
		switch {
		case p.Value.In == "query":
			query = append(query, p.Value.Name)
		case p.Value.Name == "Idempotency-Key":
			key = true
		}
	}
	want := slices.Sorted(slices.Values(r.query))
	slices.Sort(query)
	if !slices.Equal(want, query) {
		t.Errorf("%s takes the parameters %q, described are %q", name, want, query)
	}
	if key != (r.method == "POST") {
		t.Errorf("%s: Idempotency-Key described: %v", name, key)
	}
	if r.permission == Anybody {
		return
	}
	var roles []accounts.Role
	said, _ := op.Extensions["x-roles"].([]any)
	for _, role := range said {
		roles = append(roles, accounts.Role(role.(string)))
	}
	if !slices.Equal(roles, r.permission.Roles()) {
		t.Errorf("%s is for %q, described is %q", name, r.permission.Roles(), roles)
	}
	if r.call.input != nil {
		schema := op.RequestBody.Value.Content["application/json"].Schema
		compareFields(t, name, reflect.TypeOf(r.call.input), schema)
	} else if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] != nil {
		t.Errorf("%s takes no body, and one is described", name)
	}
}

// compareFields holds a schema against a Go type, to the bottom: the same names in the same places.
func compareFields(t *testing.T, at string, typ reflect.Type, ref *openapi3.SchemaRef) {
	t.Helper()
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		if typ.Kind() == reflect.Slice {
			ref = ref.Value.Items
		}
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ.Name() == "Time" || typ.Name() == "Day" || strings.HasPrefix(typ.Name(), "given[") {
		return
	}
	var want, got []string
	for _, f := range reflect.VisibleFields(typ) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" && tag != "-" {
			want = append(want, tag)
			if inner := ref.Value.Properties[tag]; inner != nil {
				compareFields(t, at+"."+tag, f.Type, inner)
			}
		}
	}
	for name := range ref.Value.Properties {
		got = append(got, name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the fields differ (-type +description):\n%s", at, diff)
	}
	if ref.Value.AdditionalProperties.Has == nil || *ref.Value.AdditionalProperties.Has {
		t.Errorf("%s: the description does not say that other fields are refused", at)
	}
}

// TestEveryOperationAnswersAsDescribed walks through all that the API can do. Each answer is held against the description
// as it comes; here it is also held that none was left out.
func TestEveryOperationAnswersAsDescribed(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.walkCases()
	d.walkMembers()
	d.walkAppeal()
	d.walkStop()
	d.walkRounds()
	d.walkEnd()
	for name, op := range d.book.operations() {
		answered := d.book.seen[op.OperationID]
		for status := range op.Responses.Map() {
			if status[0] == '2' && !answered[int(status[0]-'0')*100+int(status[1]-'0')*10+int(status[2]-'0')] {
				t.Errorf("%s never answered %s; it answered %v", name, status, answered)
			}
		}
	}
}

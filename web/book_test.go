package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// book is the description of the API, read strictly: a field of an answer that it does not describe is an error. It
// notes which operations answered what.
type book struct {
	doc *openapi3.T

	mu   sync.Mutex
	seen map[string]map[int]bool // by operationId
}

// readDescription parses the description once. Every object in it is closed, so that nothing undescribed passes.
var readDescription = sync.OnceValues(func() (*openapi3.T, error) {
	var raw any
	if err := json.Unmarshal(description, &raw); err != nil {
		return nil, err
	}
	closeObjects(raw)
	text, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, object := v["properties"].(map[string]any); object && v["type"] == "object" && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range v {
			closeObjects(inner)
		}
	}
}

func readBook(t testing.TB) *book {
	t.Helper()
	doc, err := readDescription()
	if err != nil {
		t.Fatal(err)
	}
	return &book{doc: doc, seen: map[string]map[int]bool{}}
}

// operation finds what the description says of a request: nil where it says nothing. Where two paths fit, the one with
// fewer parts that differ does.
func (b *book) operation(r *http.Request) (*routers.Route, map[string]string) {
	var best *routers.Route
	var params map[string]string
	given := strings.Split(r.URL.EscapedPath(), "/")
	for pattern, item := range b.doc.Paths.Map() {
		op := item.GetOperation(r.Method)
		found, fits := match(strings.Split(pattern, "/"), given)
		if op != nil && fits && (best == nil || len(found) < len(params)) {
			best, params = &routers.Route{Spec: b.doc, Path: pattern, PathItem: item, Method: r.Method, Operation: op}, found
		}
	}
	return best, params
}

func match(pattern, given []string) (map[string]string, bool) {
	params := map[string]string{}
	if len(pattern) != len(given) {
		return nil, false
	}
	for i, part := range pattern {
		if strings.HasPrefix(part, "{") {
			params[strings.Trim(part, "{}")] = given[i]
		} else if part != given[i] {
			return nil, false
		}
	}
	return params, true
}

// check holds an answer, and the request of an answer that is a success, against the description.
func (b *book) check(t testing.TB, r *http.Request, got reply) {
	t.Helper()
	about, params := b.operation(r)
	if about == nil {
		return
	}
	b.mu.Lock()
	if b.seen[about.Operation.OperationID] == nil {
		b.seen[about.Operation.OperationID] = map[int]bool{}
	}
	b.seen[about.Operation.OperationID][got.StatusCode] = true
	b.mu.Unlock()
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true}
	copied := r.Clone(context.Background())
	copied.Body = http.NoBody
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		copied.Body = body
	}
	input := &openapi3filter.RequestValidationInput{Request: copied, PathParams: params, Route: about, Options: options}
	if got.StatusCode < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			t.Errorf("%s %s was taken, and the description does not have it so: %v", r.Method, r.URL, err)
		}
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: got.StatusCode, Header: got.Header,
		Body: io.NopCloser(bytes.NewReader(got.text)), Options: options}
	if err := openapi3filter.ValidateResponse(context.Background(), answer); err != nil {
		t.Errorf("%s %s answered %d otherwise than described: %v\n%s", r.Method, r.URL, got.StatusCode, err, got.text)
	}
}

package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"holdfast/campaigns"
	"holdfast/internal/failure"
)

// checkShape holds a JSON body against the type of input, before it is decoded: every field that is not known, of
// another type, there twice, or that no column can hold is named by its path, all of them at once. encoding/json itself
// stops at the first, and takes "REF" for "ref" and null for anything.
func checkShape(body []byte, input any) error {
	if !utf8.Valid(body) {
		return errBadUTF8
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	var whole json.RawMessage
	if err := decoder.Decode(&whole); err != nil {
		return malformed(body, err)
	}
	if len(bytes.TrimSpace(body[decoder.InputOffset():])) > 0 {
		return malformed(body, &json.SyntaxError{Offset: decoder.InputOffset()})
	}
	var s shape
	s.value(whole, reflect.TypeOf(input).Elem(), "")
	return s.check.Err()
}

func malformed(body []byte, err error) error {
	detail := "the body ends in the middle of its JSON"
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(body[:min(int(syntax.Offset), len(body))], []byte("\n"))
		detail = fmt.Sprintf("the body is not one JSON object: see line %d", line)
	}
	return &refusal{400, "Malformed", "malformed", detail, ""}
}

// shape collects what is wrong.
type shape struct {
	check failure.Check
	count int
}

// mostWrong is how many things are told of one body.
const mostWrong = 100

func (s *shape) wrong(at, format string, args ...any) {
	if s.count++; s.count <= mostWrong {
		s.check.Add(at, format, args...)
	}
}

// nested is a type that stands for another, so that it can tell null from nothing.
type nested interface{ inner() reflect.Type }

func (s *shape) value(raw json.RawMessage, t reflect.Type, at string) {
	if n, is := reflect.Zero(t).Interface().(nested); is {
		t = reflect.PointerTo(n.inner())
	}
	null := string(raw) == "null"
	if t.Kind() == reflect.Pointer {
		if null {
			return
		}
		t = t.Elem()
	}
	switch {
	case null:
		s.wrong(at, "must not be null")
	case t == reflect.TypeFor[time.Time]():
		s.instant(raw, at)
	case t == reflect.TypeFor[campaigns.Day]():
		s.day(raw, at)
	case t.Kind() == reflect.Struct:
		s.object(raw, at, func(name string) (reflect.Type, bool) { return fieldNamed(t, name) })
	case t.Kind() == reflect.Map:
		s.object(raw, at, func(string) (reflect.Type, bool) { return t.Elem(), true })
	case t.Kind() == reflect.Slice:
		s.list(raw, t.Elem(), at)
	default:
		s.scalar(raw, t, at)
	}
}

// object goes through the members of an object. What has a name that cannot be known is named and not entered.
func (s *shape) object(raw json.RawMessage, at string, typeOf func(string) (reflect.Type, bool)) {
	if raw[0] != '{' {
		s.wrong(at, "must be an object")
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.Token() //nolint:errcheck // the brace; all of raw was read once already
	seen := map[string]bool{}
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		decoder.Decode(&value) //nolint:errcheck // as above
		field := join(at, name)
		t, known := typeOf(name)
		switch {
		case strings.ContainsRune(name, 0) || len(name) > 100:
			s.wrong(at, "has a field whose name nothing can have")
		case !known:
			s.wrong(field, "is not a field that this takes")
		case seen[name]:
			s.wrong(field, "stands twice")
		default:
			s.value(value, t, field)
		}
		seen[name] = true
	}
}

func (s *shape) list(raw json.RawMessage, of reflect.Type, at string) {
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		s.wrong(at, "must be a list")
		return
	}
	for i, item := range items {
		s.value(item, of, join(at, fmt.Sprint(i)))
	}
}

func (s *shape) scalar(raw json.RawMessage, t reflect.Type, at string) {
	value := reflect.New(t)
	if json.Unmarshal(raw, value.Interface()) != nil {
		s.wrong(at, "must be %s", wordFor(t))
		return
	}
	switch t.Kind() {
	case reflect.String:
		if strings.ContainsRune(value.Elem().String(), 0) {
			s.wrong(at, "holds a NUL character")
		}
	case reflect.Int:
		// Columns of this type have 32 bits, those of ids 64.
		if n := value.Elem().Int(); n < math.MinInt32 || n > math.MaxInt32 {
			s.wrong(at, "is too large a number")
		}
	}
}

func wordFor(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	default:
		return "a whole number"
	}
}

func (s *shape) instant(raw json.RawMessage, at string) {
	var t time.Time
	if json.Unmarshal(raw, &t) != nil {
		s.wrong(at, "must be an instant such as \"2026-12-05T17:00:00Z\"")
		return
	}
	s.year(t, at)
}

func (s *shape) day(raw json.RawMessage, at string) {
	var d campaigns.Day
	if json.Unmarshal(raw, &d) != nil {
		s.wrong(at, "must be a day such as \"2026-12-05\"")
		return
	}
	s.year(d.Time, at)
}

// year keeps to times that stay times in every zone: year 10000 cannot be written in JSON again (RFC 3339).
func (s *shape) year(t time.Time, at string) {
	if t.Year() < 1900 || t.Year() > 2200 {
		s.wrong(at, "must lie between 1900 and 2200")
	}
}

// fieldNamed returns the type of the field that has exactly this name in JSON, also in an embedded struct.
func fieldNamed(t reflect.Type, name string) (reflect.Type, bool) {
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == name && tag != "" && tag != "-" && f.IsExported() {
			return f.Type, true
		}
	}
	return nil, false
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// Package failure promises that every error a person can do something about has one of a few kinds,
// says what happened to what, and, where input was wrong, names each field that was.
//
// Rooms return these errors; web and worker translate them, each in one place. An error of no kind
// is a fault of ours: it is logged with an id, and the reader is shown the id alone.
package failure

import (
	"errors"
	"fmt"
	"strings"
)

// Kind tells what the reader of an error can do about it.
type Kind string

// The kinds. Anything else is an internal fault.
const (
	NotFound  Kind = "not_found" // the thing named does not exist, or not for this reader
	Conflict  Kind = "conflict"  // the thing is in a state that does not allow this
	Forbidden Kind = "forbidden" // this account may not do this, or a safety rule refuses it
	Invalid   Kind = "invalid"   // the input is wrong; Fields says where
)

// Field is one place of the input that is wrong. Name is the path as the reader sent it
// ("texts.fr.subject"); Reason is a whole sentence without a full stop.
type Field struct {
	Name   string `json:"field"`
	Reason string `json:"reason"`
}

// Error is an error for the reader. It is immutable and safe for concurrent use.
type Error struct {
	Kind   Kind
	Text   string // what happened, to what, and what to do
	Rule   string // the safety rule that refused, as "R3"; empty where none did
	Fields []Field
}

// Error returns the text and, for invalid input, each field with its reason.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Text
	}
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Name + ": " + f.Reason
	}
	return e.Text + ": " + strings.Join(parts, "; ")
}

// Missing says that a thing does not exist.
func Missing(what string, id any) error {
	return &Error{Kind: NotFound, Text: fmt.Sprintf("there is no %s %v", what, id)}
}

// Clash says that the state of a thing does not allow what was asked.
func Clash(format string, args ...any) error {
	return &Error{Kind: Conflict, Text: fmt.Sprintf(format, args...)}
}

// Refuse says that this account may not do this.
func Refuse(format string, args ...any) error {
	return &Error{Kind: Forbidden, Text: fmt.Sprintf(format, args...)}
}

// Rule says that a safety rule (R1 to R20) refuses what was asked, whoever asks.
func Rule(rule, format string, args ...any) error {
	return &Error{Kind: Forbidden, Rule: rule, Text: fmt.Sprintf(format, args...)}
}

// Wrong says that one field of the input is wrong.
func Wrong(field, format string, args ...any) error {
	return &Error{Kind: Invalid, Text: "the input is not valid",
		Fields: []Field{{Name: field, Reason: fmt.Sprintf(format, args...)}}}
}

// Check collects the wrong fields of one input, so that the reader is told all of them at once.
// The zero value is ready. It is not safe for concurrent use.
type Check struct{ fields []Field }

// Add notes a wrong field.
func (c *Check) Add(field, format string, args ...any) {
	c.fields = append(c.fields, Field{Name: field, Reason: fmt.Sprintf(format, args...)})
}

// Need notes field as wrong unless ok.
func (c *Check) Need(ok bool, field, format string, args ...any) {
	if !ok {
		c.Add(field, format, args...)
	}
}

// Join takes over the wrong fields of err, each under prefix, and returns any error of another kind.
func (c *Check) Join(prefix string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind != Invalid {
		return err
	}
	for _, f := range e.Fields {
		c.fields = append(c.fields, Field{Name: prefix + f.Name, Reason: f.Reason})
	}
	return nil
}

// Err returns nil when nothing was wrong, else one Invalid error with every field, in the order in which they were noted:
// that in which a form has them.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Text: "the input is not valid", Fields: c.fields}
}

// KindOf returns the kind of err, or "" for a fault of ours.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Is reports whether err is of kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

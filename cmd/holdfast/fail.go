package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"holdfast/internal/failure"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitPartly = 3
)

const exitHelp = `Exit codes:
  0  done
  1  it did not work: the database is away, a relay refuses, the thing named does not exist
  2  the command line, a setting or what was given is wrong; nothing has happened
  3  done in part: some rows of a file are wrong, a receipt does not close
`

// hintedError is an error with what to do about it.
type hintedError struct {
	err  error
	hint string // "" for none
	code int    // exit code; 0 means exitFailed
}

// Error is the error without its hint.
func (e *hintedError) Error() string { return e.err.Error() }

// Unwrap returns the error itself.
func (e *hintedError) Unwrap() error { return e.err }

// withHint returns err with a hint, nil for nil.
func withHint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hintedError{err: err, hint: fmt.Sprintf(format, args...)}
}

// partly says what of a command's work was not done; all else was.
func partly(format string, args ...any) error {
	return &hintedError{err: fmt.Errorf(format, args...), code: exitPartly}
}

// exitCode tells with which code a command ends that returned err.
func exitCode(err error) int {
	var hinted *hintedError
	var settings *settingsError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &hinted) && hinted.code != 0:
		return hinted.code
	case errors.As(err, &settings), failure.Is(err, failure.Invalid):
		return exitUsage
	}
	return exitFailed
}

// fail prints err in the program's voice and returns the exit code: "holdfast: " and the error in lower case, then what
// is wrong, one a line, then a hint.
func (c *console) fail(err error) int {
	c.progress.end()
	var settings *settingsError
	var told *failure.Error
	var hinted *hintedError
	switch {
	case errors.As(err, &settings):
		fmt.Fprintf(c.err, "holdfast: %s\n", settings.title())
		for _, f := range settings.findings {
			writeFinding(c.err, "   ", f)
		}
		fmt.Fprintf(c.err, "   hint: holdfast help settings\n")
	case errors.As(err, &told) && len(told.Fields) > 0:
		fmt.Fprintf(c.err, "holdfast: %s\n", told.Text)
		for _, f := range told.Fields {
			fmt.Fprintf(c.err, "   %s: %s\n", strings.ReplaceAll(f.Name, "_", "-"), oneLine(f.Reason))
		}
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(c.err, "holdfast: interrupted\n")
	default:
		fmt.Fprintf(c.err, "holdfast: %s\n", oneLine(err.Error()))
	}
	if errors.As(err, &hinted) && hinted.hint != "" {
		fmt.Fprintf(c.err, "   hint: %s\n", hinted.hint)
	}
	return exitCode(err)
}

// oneLine keeps a text from other programs on one line, free of what a terminal would obey.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return -1
		}
		return r
	}, strings.TrimSpace(text))
}

package main

import (
	"fmt"
	"io"
	"log/slog"
	"regexp"
)

// logFormat says how to log.
type logFormat struct {
	format string // asText, asJSON, or "" for whichever suits the reader
	level  slog.Level
}

const (
	asText = "text"
	asJSON = "json"
)

// log makes the logger of a command that runs on: text for a person at a terminal, JSON for a machine.
func (c *console) log(format logFormat) *slog.Logger {
	if format.format == "" {
		format.format = asJSON
		if isTerminal(c.err) {
			format.format = asText
		}
	}
	return newLog(c.progress, format)
}

// newLog makes the one logger of the program. Rooms log codes and ids; what looks like an address, a token or a password
// in spite of that is masked here, as the last net (D1, D5).
func newLog(w io.Writer, format logFormat) *slog.Logger {
	options := &slog.HandlerOptions{Level: format.level, ReplaceAttr: maskAttribute}
	if format.format == asJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// The order matters: a password in a URL ends with an @ and would else be taken for an address.
var (
	urlPassword = regexp.MustCompile(`(://[^\s/@:]*):[^\s/]*@`)
	linkToken   = regexp.MustCompile(`[A-Za-z2-7]{50,}`) // links, sessions, API tokens: base32
	mailAddress = regexp.MustCompile(`[^\s@<>()"':;,=/]+@[^\s@<>()"';,]+\.[^\s@<>()"';,.]+`)
)

// mask hides what a log must not hold.
func mask(text string) string {
	text = urlPassword.ReplaceAllString(text, "$1:***@")
	text = mailAddress.ReplaceAllString(text, "[address]")
	return linkToken.ReplaceAllString(text, "[token]")
}

func maskAttribute(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, mask(a.Value.String()))
	case slog.KindAny:
		if source, ok := a.Value.Any().(*slog.Source); ok {
			return slog.Any(a.Key, source)
		}
		if level, ok := a.Value.Any().(slog.Level); ok {
			return slog.Any(a.Key, level)
		}
		return slog.String(a.Key, mask(fmt.Sprint(a.Value.Any())))
	}
	return a
}

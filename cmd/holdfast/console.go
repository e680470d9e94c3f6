package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// console is what a command has of the outside: its streams, the terminal, the environment.
//
// The voice of the program: what was asked for goes to standard output, everything else to standard error. Lower case, no full stop,
// no exclamation; what happened, to what, what to do.
type console struct {
	in       *os.File
	out, err *os.File
	getenv   func(string) string
	environ  func() []string
	progress *progressLine
}

func newConsole() *console {
	return &console{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, environ: os.Environ,
		progress: newProgressLine(os.Stderr)}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// say writes one line for people, on standard error.
func (c *console) say(format string, args ...any) {
	c.progress.end()
	fmt.Fprintf(c.err, format+"\n", args...)
}

// json writes one value for machines, on standard output.
func (c *console) json(v any) error {
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// longestPassword bounds what is read where a password is expected, in bytes.
const longestPassword = 4 << 10

// newPassword asks for a new password: twice and without echo on a terminal, else the first line of standard input.
func (c *console) newPassword(ctx context.Context) (string, error) {
	if !isTerminal(c.in) {
		return firstLine(c.in)
	}
	first, err := c.askHidden(ctx, "password: ")
	if err != nil {
		return "", err
	}
	second, err := c.askHidden(ctx, "the same again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", &hintedError{err: errors.New("the two passwords differ"), hint: "nothing was changed; try again", code: exitUsage}
	}
	return first, nil
}

func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, longestPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("the password cannot be read from standard input: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", &hintedError{err: errors.New("no password was given on standard input"), code: exitUsage,
			hint: "write it there, followed by a line end; or give --no-password, and the account signs in by a link in its mail"}
	}
	return line, nil
}

// askHidden asks for a line without showing what is typed. When ctx ends the terminal is as it was before.
func (c *console) askHidden(ctx context.Context, prompt string) (string, error) {
	fd := int(c.in.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("the terminal does not do as it is told: %w", err)
	}
	fmt.Fprint(c.err, prompt)
	defer fmt.Fprintln(c.err)
	type answer struct {
		line []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		answered <- answer{line, err}
	}()
	select {
	case a := <-answered:
		return string(a.line), a.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, before))
	}
}

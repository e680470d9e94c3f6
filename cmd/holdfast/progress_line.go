package main

import (
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// plainEvery is how often a line is written where the lines cannot be written over.
const plainEvery = 5 * time.Second

// progressLine shows how far something has come: on a terminal one line that is written over, elsewhere a line every few
// seconds. What is written through it (a log) stands above that line. It is safe for concurrent use.
type progressLine struct {
	mu     sync.Mutex
	file   *os.File
	live   bool // the last line can be written over
	line   string
	shown  bool
	lastAt time.Time
}

func newProgressLine(f *os.File) *progressLine {
	return &progressLine{file: f, live: isTerminal(f), lastAt: time.Now()} // what takes a moment needs no lines
}

const clearLine = "\r\x1b[K"

// show puts text in the place of what was shown before.
func (p *progressLine) show(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.live:
		p.line, p.shown = fit(text, p.width()), true
		p.file.WriteString(clearLine + p.line) //nolint:errcheck // nobody is there to be told
	case time.Since(p.lastAt) >= plainEvery:
		p.lastAt = time.Now()
		p.file.WriteString(text + "\n") //nolint:errcheck // as above
	}
}

// end takes the line away.
func (p *progressLine) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.file.WriteString(clearLine) //nolint:errcheck // as above
	}
	p.shown = false
}

// Write writes above the line.
func (p *progressLine) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.shown {
		return p.file.Write(text)
	}
	p.file.WriteString(clearLine) //nolint:errcheck // as above
	n, err := p.file.Write(text)
	p.file.WriteString(p.line) //nolint:errcheck // as above
	return n, err
}

// width is how many columns there are.
func (p *progressLine) width() int {
	if columns, _, err := term.GetSize(int(p.file.Fd())); err == nil && columns > 0 {
		return columns
	}
	return 80
}

// fit cuts text to fewer than columns characters, so that a terminal does not wrap it. Its characters are one column each.
func fit(text string, columns int) string {
	runes := []rune(text)
	if len(runes) < columns {
		return text
	}
	return string(runes[:max(columns-1, 0)])
}

package postgres

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The log is begun anew, and the old one kept once, when it has more than logLimit bytes.
const logLimit = 10 << 20

// serverLog is the server's log as one start sees it.
type serverLog struct {
	file *os.File
	path string
	from int64 // where this start's part begins
}

// openLog opens the server's log at its end.
func (h *home) openLog() (*serverLog, error) {
	if info, err := h.root.Stat(logFile); err == nil && info.Size() > logLimit {
		if err := h.root.Rename(logFile, logFile+".old"); err != nil {
			return nil, fmt.Errorf("the log of the database: %w", err)
		}
	}
	file, err := h.open(logFile, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("the log of the database: %w", err)
	}
	return &serverLog{file: file, path: filepath.Join(h.path, logFile), from: info.Size()}, nil
}

// explain adds to err the last lines that were written to the log since it was opened.
func (l *serverLog) explain(err error) error {
	said, readErr := io.ReadAll(io.NewSectionReader(l.file, l.from, logLimit))
	if readErr != nil || len(said) == 0 {
		return err
	}
	return fmt.Errorf("%w; the last lines of %s are:\n%s", err, l.path, lastLines(string(said), 10))
}

// lastLines returns the last n lines of text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

package members

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"strings"

	"holdfast/internal/failure"
)

// maxRecord is the limit of one record of a CSV file in bytes.
const maxRecord = 1 << 20

// records reads the records of a CSV file (RFC 4180, with any separator and line end) in bounded memory.
// One broken record costs that record: where a quotation mark is never closed, or closed in the middle of
// a cell, the line it stands in is given out as broken and reading goes on with the next line. Only where
// the end of a cell is not found within maxRecord nobody can tell what is inside it and what is not.
type records struct {
	scanner   *bufio.Scanner
	separator byte
	line      int    // the line at which what was not yet given out begins, from 1
	begins    int    // the line at which the record at hand begins
	fault     string // why the record at hand has no cells
	skipping  bool   // dropping what is left of a line that is too long
}

func newRecords(text io.Reader, separator byte) *records {
	r := &records{scanner: bufio.NewScanner(text), separator: separator, line: 1}
	// Twice the limit, so that a record which exceeds it is seen by split before the scanner gives up.
	r.scanner.Buffer(make([]byte, headSize), 2*maxRecord)
	r.scanner.Split(r.split)
	return r
}

// record is one record: its cells, or the reason why there are none.
type record struct {
	line  int
	cells []string
	fault string
}

// read returns the next record that is not blank, or io.EOF. cells is memory to use again. Where no cell's
// end can be found the error is failure.Invalid for the file as a whole.
func (r *records) read(cells []string) (record, error) {
	for r.scanner.Scan() {
		if r.fault != "" {
			return record{line: r.begins, fault: r.fault}, nil
		}
		if text := r.scanner.Text(); strings.TrimSpace(text) != "" {
			return record{line: r.begins, cells: splitCells(text, r.separator, cells[:0])}, nil
		}
	}
	if err := r.scanner.Err(); err != nil {
		return record{}, err
	}
	return record{}, io.EOF
}

// split is the bufio.SplitFunc of a record. A faulty one is an empty token with fault set.
func (r *records) split(data []byte, atEOF bool) (int, []byte, error) {
	if len(data) == 0 {
		return 0, nil, nil
	}
	lineEnd := bytes.IndexByte(data, '\n')
	if r.skipping {
		r.skipping = lineEnd < 0
		return r.take(data, cmp.Or(lineEnd+1, len(data))), nil, nil
	}
	end, found := recordEnd(data, r.separator)
	full := len(data) >= maxRecord
	switch {
	case found == ended || found == ran && atEOF:
		token := bytes.TrimSuffix(data[:end], []byte{'\r'})
		if r.fault = ""; end > maxRecord {
			token, r.fault = data[:0], "the line is longer than 1 MiB"
		}
		return r.begin(data, min(end+1, len(data))), token, nil
	case found != malformed && !full && !atEOF, lineEnd < 0 && !full && !atEOF:
		return 0, nil, nil // more is needed
	case found == unclosed && full:
		return 0, nil, failure.Wrong("file", "a cell in the record that begins in line %d has a quotation mark at its "+
			"beginning and none at its end, or is longer than 1 MiB; correct the file", r.line)
	}
	if r.fault = "a quotation mark is not closed, or stands in the middle of a cell"; lineEnd < 0 && full {
		r.fault, r.skipping = "the line is longer than 1 MiB", !atEOF
	}
	return r.begin(data, cmp.Or(lineEnd+1, len(data))), data[:0], nil
}

// begin is take for the bytes of a record.
func (r *records) begin(data []byte, n int) int {
	r.begins = r.line
	return r.take(data, n)
}

// take counts the lines in the first n bytes of data, and returns n.
func (r *records) take(data []byte, n int) int {
	r.line += bytes.Count(data[:n], []byte{'\n'})
	return n
}

// What recordEnd found.
const (
	ran       = iota // the data ran out at the end of a line's text, or in it
	unclosed         // the data ran out between quotation marks
	ended            // a line end
	malformed        // something stands behind a closing quotation mark
)

// recordEnd returns the length of the record that data begins with, without its line end.
func recordEnd(data []byte, separator byte) (int, int) {
	cellBegins := true
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '\n':
			return i, ended
		case c == separator:
			cellBegins = true
		case c == '"' && cellBegins:
			closing := closingQuote(data[i+1:])
			if closing < 0 {
				return len(data), unclosed
			}
			i += 1 + closing
			switch rest := data[i+1:]; {
			case len(rest) == 0, rest[0] == separator, rest[0] == '\n':
			case rest[0] == '\r' && (len(rest) == 1 || rest[1] == '\n'):
			default:
				return i, malformed
			}
			cellBegins = false
		default:
			cellBegins = false
		}
	}
	return len(data), ran
}

// closingQuote returns where the quotation mark stands that closes a cell, or -1. Two together are one of
// the text.
func closingQuote[Text string | []byte](text Text) int {
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 == len(text) || text[i+1] != '"' {
			return i
		}
		i++
	}
	return -1
}

// splitCells appends the cells of a well-formed record to cells.
func splitCells(text string, separator byte, cells []string) []string {
	for {
		if strings.HasPrefix(text, `"`) {
			closing := closingQuote(text[1:])
			cells = append(cells, strings.ReplaceAll(text[1:1+closing], `""`, `"`))
			text = text[closing+2:]
			if text == "" {
				return cells
			}
			text = text[1:]
			continue
		}
		end := strings.IndexByte(text, separator)
		if end < 0 {
			return append(cells, text)
		}
		cells = append(cells, text[:end])
		text = text[end+1:]
	}
}

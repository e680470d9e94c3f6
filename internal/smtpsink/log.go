package smtpsink

import (
	"bytes"
	"strconv"
	"time"
)

// log writes one event as one line of tab-separated fields:
//
//	nanoseconds since Start, monotonic · wall clock · connection · event · name="value" …
//
// Events are the steps, and besides: "accept" (kept; with number, hash and message-id), "reply", "cut",
// "hang" and "end". The line goes out in one Write, so a log file opened for appending holds whole lines
// even when the process is killed.
func (s *Sink) log(connection int64, event string, pairs ...string) {
	if s.options.Log == nil {
		return
	}
	now := time.Now()
	line := make([]byte, 0, 256)
	line = strconv.AppendInt(line, int64(now.Sub(s.started)), 10)
	line = append(line, '\t')
	line = now.UTC().AppendFormat(line, "2006-01-02T15:04:05.000000Z")
	line = append(line, '\t')
	line = strconv.AppendInt(line, connection, 10)
	line = append(line, '\t')
	line = append(line, event...)
	for i := 0; i+1 < len(pairs); i += 2 {
		line = append(line, '\t')
		line = append(line, pairs[i]...)
		line = append(line, '=')
		line = strconv.AppendQuoteToASCII(line, pairs[i+1])
	}
	line = append(line, '\n')
	s.logging.Lock()
	defer s.logging.Unlock()
	s.options.Log.Write(line) // a log that cannot be written must not change what the sink does
}

// messageID returns the Message-ID of a message without its angle brackets, or "".
func messageID(data []byte) string {
	const name = "message-id:"
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		if len(bytes.TrimRight(line, "\r")) == 0 {
			return "" // the end of the header
		}
		data = rest
		if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
			continue
		}
		value := line[len(name):]
		for len(data) > 0 && (data[0] == ' ' || data[0] == '\t') { // a folded header
			line, data, _ = bytes.Cut(data, []byte("\n"))
			value = append(bytes.Clone(value), line...)
		}
		return string(bytes.Trim(value, " \t\r\n<>"))
	}
	return ""
}

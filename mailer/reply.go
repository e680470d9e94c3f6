package mailer

import (
	"bufio"
	"bytes"
	"unicode"
	"unicode/utf8"
)

// What we take of one reply. RFC 5321 allows 512 octets a line and a few lines; real relays write more, and a hostile
// one writes without end.
const (
	maxReplyBytes = 512 << 10
	maxReplyLines = 1000
	maxReplyText  = 500 // octets kept for the ledger
)

// reply is an answer of the relay. code is 0 where the last line is no reply line of SMTP. What it says is the relay's own
// bytes, and stands until the next reply is read: most replies are never looked at beyond their code.
type reply struct {
	code int
	said []byte // of all lines, cut a little above maxReplyText
	last []byte // the start of the last line
}

// text is what was said, fit to be kept and shown.
func (r reply) text() string { return printable(r.said) }

// replies reads answers line by line with our own limits. Its state survives a time-out in the middle of a line, so
// that a wait can be interrupted and taken up again.
type replies struct {
	in    *bufio.Reader
	line  []byte // the line under way, as far as it is kept
	text  []byte // the reply under way
	lines int
	bytes int
}

// pending reports whether the relay has said something that was not read yet.
func (r *replies) pending() bool { return r.in.Buffered() > 0 || len(r.line) > 0 || r.lines > 0 }

// next reads one reply. Before each read that may block it calls arm, which sets the deadline.
func (r *replies) next(arm func()) (reply, error) {
	for {
		if waiting, _ := r.in.Peek(r.in.Buffered()); bytes.IndexByte(waiting, '\n') < 0 {
			arm()
		}
		piece, err := r.in.ReadSlice('\n')
		r.bytes += len(piece)
		r.line = append(r.line, piece[:min(len(piece), maxReplyText+8-min(len(r.line), maxReplyText+8))]...)
		switch {
		case err == bufio.ErrBufferFull && r.bytes < maxReplyBytes:
			continue
		case err == bufio.ErrBufferFull, r.bytes > maxReplyBytes, r.lines > maxReplyLines:
			return reply{}, ErrProtocol
		case err != nil:
			return reply{}, err
		}
		r.lines++
		line := bytes.TrimRight(r.line, "\r\n")
		code, rest, last := parseLine(line)
		if len(r.text) > 0 && len(rest) > 0 {
			r.text = append(r.text, ' ')
		}
		at := len(r.text)
		r.text = append(r.text, rest[:min(len(rest), max(0, maxReplyText+1-len(r.text)))]...)
		r.line = r.line[:0]
		if !last {
			continue
		}
		answer := reply{code: code, said: r.text, last: r.text[at:]}
		r.text, r.lines, r.bytes = r.text[:0], 0, 0
		return answer, nil
	}
}

// parseLine reads one line of a reply. A line that does not begin with three digits and a space, a hyphen or the end is
// the whole of a reply with code 0. A missing space is forgiven, a fourth digit is not.
func parseLine(line []byte) (code int, rest []byte, last bool) {
	if len(line) < 3 || !isDigit(line[0]) || !isDigit(line[1]) || !isDigit(line[2]) || len(line) > 3 && isDigit(line[3]) {
		return 0, line, true
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if code < 200 || code > 599 {
		return 0, line, true
	}
	rest = line[3:]
	if len(rest) > 0 && rest[0] == '-' {
		return code, rest[1:], false
	}
	return code, bytes.TrimLeft(rest, " "), true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// enhanced returns the status code (RFC 3463) at the start of the last line, if it is of the reply's class. A last line
// beyond what is kept has none.
func (r reply) enhanced() string {
	word, _, _ := bytes.Cut(r.last, []byte(" "))
	dots, digits := 0, 0
	for _, c := range word {
		switch {
		case isDigit(c) && digits < 3:
			digits++
		case c == '.' && digits > 0 && dots < 2:
			dots, digits = dots+1, 0
		default:
			return ""
		}
	}
	if dots < 2 || digits == 0 || int(word[0]-'0') != r.code/100 || word[1] != '.' {
		return ""
	}
	return string(word)
}

// printable returns the relay's words as one line of valid UTF-8 that can be shown anywhere: what is not printable is
// escaped, and what is over maxReplyText is cut.
func printable(text []byte) string {
	plain := len(text) <= maxReplyText
	for _, c := range text {
		plain = plain && ' ' <= c && c <= '~' && c != '\\'
	}
	if plain {
		return string(text)
	}
	out := make([]byte, 0, maxReplyText)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		var piece [12]byte
		p := piece[:0]
		switch {
		case r == utf8.RuneError && size == 1, r < ' ', r == 0x7f:
			p = append(p, '\\', 'x', upperHex[text[0]>>4], upperHex[text[0]&15])
		case r == '\\':
			p = append(p, `\\`...)
		case unicode.IsPrint(r):
			p = append(p, text[:size]...)
		default: // a direction mark, a line separator
			for _, c := range text[:size] {
				p = append(p, '\\', 'x', upperHex[c>>4], upperHex[c&15])
			}
		}
		if len(out)+len(p) > maxReplyText {
			break
		}
		out, text = append(out, p...), text[size:]
	}
	return string(out)
}

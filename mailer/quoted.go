package mailer

import "strings"

const (
	upperHex   = "0123456789ABCDEF"
	quotedLine = 75 // octets of a line before the "=" of a soft break (RFC 2045, 6.7 rule 5)
	softBreak  = "=\r\n"
)

// appendQuoted appends s in quoted-printable encoding (RFC 2045, 6.7), starting at column col of a line, and
// returns the column where it ends. A line feed in s becomes CRLF; s holds no carriage return.
//
// At the start of a line a dot, a hyphen and the F of "From " are encoded too: so no value can look like a MIME
// boundary, and no relay or mailbox file alters a line that a signature covers. A space at the end of s is
// encoded, because what follows may be the end of the line.
func appendQuoted(dst []byte, s string, col int) ([]byte, int) {
	for i := 0; i < len(s); i++ {
		if n := plainRun(s[i:], quotedLine-col); n > 0 && col > 0 {
			dst = append(dst, s[i:i+n]...)
			i, col = i+n-1, col+n
			continue
		}
		c := s[i]
		if c == '\n' {
			dst, col = append(dst, '\r', '\n'), 0
			continue
		}
		plain := isPlain(c)
		if c == ' ' || c == '\t' {
			plain = i+1 < len(s) && s[i+1] != '\n'
		}
		width := 1
		if !plain {
			width = 3
		}
		if col+width > quotedLine {
			dst, col = append(dst, softBreak...), 0
		}
		if col == 0 && (c == '.' || c == '-' || c == 'F' && strings.HasPrefix(s[i:], "From ")) {
			plain, width = false, 3
		}
		if plain {
			dst = append(dst, c)
		} else {
			dst = append(dst, '=', upperHex[c>>4], upperHex[c&15])
		}
		col += width
	}
	return dst, col
}

// plainRun returns how many octets at the start of s, limit at most, stand for themselves anywhere in a line.
func plainRun(s string, limit int) int {
	n := 0
	for n < len(s) && n < limit && isPlain(s[n]) {
		n++
	}
	return n
}

func isPlain(c byte) bool { return '!' <= c && c <= '~' && c != '=' }

// bodyText returns s as text for a body: valid UTF-8, line ends as line feeds, other control characters than the
// tab as U+FFFD, as HTML does with NUL.
func bodyText(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if strings.IndexFunc(s, isBodyControl) < 0 {
		return s
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if isBodyControl(r) {
			return '\ufffd'
		}
		return r
	}, s)
}

func isBodyControl(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

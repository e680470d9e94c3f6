package mailer

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxWord bounds an encoded word, and a phrase that is not encoded, in octets. RFC 2047 allows 75; 60 lets
// the first one stand on the line of every field name used here.
const maxWord = 60

const (
	wordStart = "=?UTF-8?Q?" // or B: both ten octets
	wordEnd   = "?="
	wordRoom  = maxWord - len(wordStart) - len(wordEnd)
)

// breaksLine reports whether s holds a control character or anything that some reader takes for the end of a
// line: CR, LF, VT, FF, FS to US, NEL, U+2028, U+2029.
func breaksLine(s string) bool {
	for _, r := range s {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return true
		}
	}
	return false
}

// oneLine returns s as valid UTF-8 with everything that breaks a line turned into a space, and each run of
// spaces into one.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if breaksLine(s) {
		s = strings.Map(func(r rune) rune {
			if breaksLine(string(r)) {
				return ' '
			}
			return r
		}, s)
	}
	if strings.Contains(s, "  ") || strings.HasPrefix(s, " ") || strings.HasSuffix(s, " ") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
	}
	return s
}

// headerText returns s, which is one line, as unstructured text for go-mail to fold: as it is, or as encoded
// words with a space between. It decodes to s.
func headerText(s string) string {
	plain := isASCII(s) && !strings.Contains(s, "=?")
	for word := range strings.SplitSeq(s, " ") {
		plain = plain && word != "" && len(word) <= maxWord
	}
	if plain {
		return s
	}
	return string(appendWords(nil, s, " "))
}

// appendPhrase appends s, which is one line, as the display name of an address or a list (RFC 5322 phrase):
// as atoms, as a quoted string, or as encoded words with between between them.
func appendPhrase(dst []byte, s, between string) []byte {
	atoms, ascii := true, true
	for i := range len(s) {
		c := s[i]
		ascii = ascii && c >= ' ' && c < 0x7f
		atoms = atoms && (c == ' ' || isAtext(c))
	}
	switch {
	case !ascii || len(s) > maxWord-2 || strings.Contains(s, "=?"):
		return appendWords(dst, s, between)
	case atoms:
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// appendWords appends s as encoded words (RFC 2047), each of whole characters, in the shorter of the two
// encodings.
func appendWords(dst []byte, s, between string) []byte {
	escaped := 0
	for i := range len(s) {
		if !inWord(s[i]) {
			escaped++
		}
	}
	base := 2*escaped > len(s)/3 // Q grows by two octets for each one escaped, B by a third
	for first := true; s != ""; first = false {
		if !first {
			dst = append(dst, between...)
		}
		n := wordLength(s, base)
		dst = append(dst, wordStart...)
		if base {
			dst[len(dst)-2] = 'B'
			dst = base64.StdEncoding.AppendEncode(dst, []byte(s[:n]))
		} else {
			dst = appendQ(dst, s[:n])
		}
		dst = append(dst, wordEnd...)
		s = s[n:]
	}
	return dst
}

// wordLength returns how many octets of s, in whole characters, fit into one encoded word.
func wordLength(s string, base bool) int {
	n, room := 0, wordRoom
	for n < len(s) {
		_, size := utf8.DecodeRuneInString(s[n:])
		if base {
			if base64.StdEncoding.EncodedLen(n+size) > wordRoom {
				break
			}
		} else {
			for i := range size {
				room--
				if !inWord(s[n+i]) && s[n+i] != ' ' {
					room -= 2
				}
			}
			if room < 0 {
				break
			}
		}
		n += size
	}
	return n
}

func appendQ(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			dst = append(dst, '_')
		case inWord(c):
			dst = append(dst, c)
		default:
			dst = append(dst, '=', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// inWord reports whether c stands for itself in a Q-encoded word within a phrase (RFC 2047, 5 (3)).
func inWord(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!*+-/", c) >= 0
}

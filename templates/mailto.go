package templates

import (
	"strings"
	"unicode/utf8"
)

// mostMailto is how long a mailto link may be: some mail programs cut it at 2,047 characters, and some shells earlier still.
const mostMailto = 2000

// MailtoLink is a link that opens a mail program with a letter in it (RFC 6068), of at most 2,000 characters. Where the body does not fit it is cut between two words, and rest is what
// is missing: the link plus rest is the whole. copyTo is for the blind copy; "" for none.
func MailtoLink(to, copyTo, subject, body string) (link, rest string) {
	head := "mailto:" + escapeMailto(to) + "?subject=" + escapeMailto(subject)
	if copyTo != "" {
		head += "&bcc=" + escapeMailto(copyTo)
	}
	head += "&body="
	body = strings.ReplaceAll(body, "\r\n", "\n")
	if whole := head + escapeMailto(body); len(whole) <= mostMailto {
		return whole, ""
	}
	room, cut := mostMailto-len(head), 0
	for i, r := range body {
		if r == ' ' || r == '\n' {
			cut = i
		}
		if room -= len(escapeMailto(string(r))); room < 0 {
			break
		}
	}
	return head + escapeMailto(strings.TrimRight(body[:cut], " \n")), strings.TrimLeft(body[cut:], " \n")
}

// escapeMailto writes text for a mailto link: everything but what RFC 3986 leaves alone everywhere, and the signs of an address, is percent-encoded; a line
// ends with CR LF.
func escapeMailto(text string) string {
	const hexadecimal = "0123456789ABCDEF"
	var out strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-._~@", r):
			out.WriteRune(r)
		case r == '\n':
			out.WriteString("%0D%0A")
		default:
			var buf [utf8.UTFMax]byte
			for _, b := range buf[:utf8.EncodeRune(buf[:], r)] {
				out.WriteByte('%')
				out.WriteByte(hexadecimal[b>>4])
				out.WriteByte(hexadecimal[b&15])
			}
		}
	}
	return out.String()
}

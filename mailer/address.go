package mailer

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The limits of RFC 5321, 4.5.3.1, in octets.
const (
	maxLocalPart = 64
	maxDomain    = 255
	maxPath      = 254 // 256 with the angle brackets
)

// Address is a name and an address as people write it.
type Address struct{ Name, Addr string }

// ErrAddress says that an address cannot go out; the error around it says why, and never names the address.
var ErrAddress = errors.New("the address cannot be used")

type addressError string

func (e addressError) Error() string        { return "the address cannot be used: " + string(e) }
func (e addressError) Is(target error) bool { return target == ErrAddress }

// WireAddress returns the form in which an address goes out: the domain in A-labels (RFC 5890), a quoted
// local part quoted anew and only where it must be. utf8 says that the local part is not ASCII, so that the
// address can be used only where SMTPUTF8 is offered (RFC 6531). Letter case of the local part is kept.
// Address literals and comments are refused. The only error is ErrAddress.
func WireAddress(address string) (wire string, needsUTF8 bool, err error) {
	local, domain, err := splitAddress(address)
	if err != nil {
		return "", false, err
	}
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil || !isDomain(domain) {
		return "", false, addressError("its domain is not a domain name")
	}
	if !isDotAtom(local) {
		local = quote(local)
	}
	if len(local) > maxLocalPart || len(local)+1+len(domain) > maxPath {
		return "", false, addressError("it is too long")
	}
	return local + "@" + domain, !isASCII(local), nil
}

// splitAddress returns the local part, unquoted, and the domain as written.
func splitAddress(address string) (local, domain string, err error) {
	if !utf8.ValidString(address) {
		return "", "", addressError("it is not UTF-8")
	}
	for _, r := range address {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return "", "", addressError("it contains a control character or a line break")
		}
	}
	if strings.HasPrefix(address, `"`) {
		return splitQuoted(address)
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", "", addressError("it has no @")
	}
	if local = address[:at]; !isDotAtom(local) {
		return "", "", addressError("the part before the @ is not well-formed")
	}
	return local, address[at+1:], nil
}

func splitQuoted(address string) (local, domain string, err error) {
	var b strings.Builder
	for i := 1; i < len(address); i++ {
		switch c := address[i]; {
		case c == '\\' && i+1 < len(address):
			i++
			b.WriteByte(address[i])
		case c == '"':
			if b.Len() == 0 || !strings.HasPrefix(address[i+1:], "@") {
				return "", "", addressError("the part before the @ is not well-formed")
			}
			return b.String(), address[i+2:], nil
		default:
			b.WriteByte(c)
		}
	}
	return "", "", addressError("a quotation mark is not closed")
}

// isDotAtom reports whether s needs no quoting as a local part (RFC 5321 Dot-string, RFC 6531 with UTF-8).
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for _, r := range atom {
			if r < utf8.RuneSelf && !isAtext(byte(r)) || unicode.IsSpace(r) {
				return false
			}
		}
	}
	return true
}

// isDomain reports whether s is a domain name of letters, digits and inner hyphens (RFC 1123, 2.1).
func isDomain(s string) bool {
	if len(s) > maxDomain {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && !isAlphanumeric(c) {
				return false
			}
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isAtext reports whether c may stand in an atom (RFC 5322, 3.2.3).
func isAtext(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// quote makes a quoted string (RFC 5322, 3.2.4). s holds no control character.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// wireSafe reports whether address can stand between angle brackets without ending them or a line. It is the
// last check before the wire, of what should come from WireAddress.
func wireSafe(address string) bool {
	quoted, at := false, false
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case c < ' ' || c == 0x7f:
			return false
		case quoted && c == '\\':
			if i++; i == len(address) || address[i] < ' ' || address[i] == 0x7f {
				return false
			}
		case c == '"':
			if i > 0 && !quoted {
				return false
			}
			quoted = !quoted
		case quoted, isAlphanumeric(c):
		case c == '@':
			at = true
		case strings.IndexByte(" <>()[],;:\\", c) >= 0:
			return false
		}
	}
	return at && !quoted && len(address) <= maxPath
}

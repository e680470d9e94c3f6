package members

import (
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"holdfast/internal/failure"
)

// Limits of an address in octets (RFC 5321 4.5.3.1.1, and 4.5.3.1.3 less the angle brackets).
const (
	maxAddress   = 254
	maxLocalPart = 64
)

// Address is one mailbox that mail can be sent to. Printed, logged or formatted in any way it shows its
// masked form; only Mailbox gives the whole. The zero value is no address.
type Address struct{ mailbox string }

// ParseAddress reads one bare mailbox and nothing else: no display name, comment, group or list (RFC 5321
// 4.1.2, with the UTF-8 of RFC 6531 3.3). It is stricter than the RFC where the RFC serves nobody who
// takes part: no quoted local part, no address literal, no domain without a dot. Surrounding space is
// dropped. The error is failure.Invalid for the field "address" and never holds what was read.
func ParseAddress(text string) (Address, error) {
	address, reason := parseAddress(text)
	if reason != "" {
		return Address{}, failure.Wrong("address", "%s", reason)
	}
	return address, nil
}

// parseAddress is ParseAddress with the reason of a refusal alone.
func parseAddress(text string) (Address, string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Address{}, "an address is needed"
	}
	if !utf8.ValidString(text) {
		return Address{}, "the address is not valid UTF-8"
	}
	if len(text) > 4*maxAddress {
		return Address{}, "the address is longer than 254 octets"
	}
	text = norm.NFC.String(text)
	at := strings.LastIndexByte(text, '@')
	if at < 0 {
		return Address{}, "the address has no @"
	}
	local, domain := text[:at], text[at+1:]
	if reason := checkLocalPart(local); reason != "" {
		return Address{}, reason
	}
	domain, reason := parseDomain(domain)
	if reason != "" {
		return Address{}, reason
	}
	address := Address{mailbox: local + "@" + domain}
	if len(address.mailbox) > maxAddress {
		return Address{}, "the address is longer than 254 octets"
	}
	return address, ""
}

// checkLocalPart says why local is no dot-atom, or nothing (RFC 5321 4.1.2; RFC 6531 3.3 adds all UTF-8,
// of which only what can be seen is taken here).
func checkLocalPart(local string) string {
	if local == "" {
		return "there is nothing before the @"
	}
	for _, r := range local {
		if unicode.IsControl(r) {
			return "the address holds a control character"
		}
	}
	switch {
	case strings.ContainsAny(local, "<>"):
		return "give the address alone, without a name and without < and >"
	case strings.ContainsRune(local, '"'):
		return "addresses with quotation marks cannot be used"
	case strings.ContainsAny(local, "()"):
		return "give the address alone, without a comment in ( )"
	case strings.ContainsAny(local, ",;:@"):
		return "give one address alone: no list, no group, one @"
	case len(local) > maxLocalPart:
		return "the part before the @ is longer than 64 octets"
	case local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, ".."):
		return "a dot before the @ must stand between two other characters"
	}
	for _, r := range local {
		if !isAtext(r) {
			return "the part before the @ holds a space or a character that no address has"
		}
	}
	return ""
}

// isAtext is the atext of RFC 5322 3.2.3 with the dot, and beyond ASCII what has a shape of its own:
// invisible characters serve only to make two addresses look like one.
func isAtext(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
			strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r)
	}
	return r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.IsSpace(r)
}

// parseDomain returns domain as it goes on the wire: A-labels, lower case, no dot at its end.
func parseDomain(domain string) (string, string) {
	if strings.HasPrefix(domain, "[") {
		return "", "an address at a bare number cannot be used; it needs a domain name"
	}
	for _, r := range domain {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return "", "the domain holds a space or a control character"
		}
	}
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if domain == "" {
		return "", "there is no domain after the @"
	}
	if !isASCII(domain) || strings.HasPrefix(domain, "xn--") || strings.Contains(domain, ".xn--") {
		var err error
		if domain, err = newIDNA().ToASCII(domain); err != nil {
			return "", "the domain is not a valid international name"
		}
	}
	return domain, checkDomain(domain)
}

// newIDNA is UTS 46, not transitional, with every check of RFC 5891.
func newIDNA() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckJoiners(true),
		idna.StrictDomainName(true), idna.VerifyDNSLength(true))
}

// checkDomain says why domain, in ASCII, is no host name that mail can be sent to (RFC 1123 2.1), or nothing.
func checkDomain(domain string) string {
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return "the domain needs a dot, as in member@city.example"
	}
	if len(domain) > 253 {
		return "the domain is longer than 253 octets"
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "a part of the domain is empty, too long, or begins or ends with a hyphen"
		}
		for _, c := range []byte(label) {
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return "the domain holds a character that no domain has"
			}
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return "an address at a bare number cannot be used; it needs a domain name"
	}
	return ""
}

// Mailbox is the whole address, in the form that mail is sent to: the local part as it was given (in
// NFC), the domain in A-labels.
func (a Address) Mailbox() string { return a.mailbox }

// Domain is what stands after the @, in A-labels and lower case.
func (a Address) Domain() string { return a.mailbox[strings.LastIndexByte(a.mailbox, '@')+1:] }

// Masked is what a page may show: the first character, and the domain.
func (a Address) Masked() string {
	if a.mailbox == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(a.mailbox)
	if size == 0 || first == '@' {
		return "•••@" + a.Domain()
	}
	return a.mailbox[:size] + "•••@" + a.Domain()
}

// String is Masked, so that no message and no log shows an address by accident.
func (a Address) String() string { return a.Masked() }

// GoString is Masked: %#v shows no more than %v.
func (a Address) GoString() string { return a.Masked() }

// LogValue is Masked.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.Masked()) }

// key is what makes two addresses the same person's: case and Unicode form do not count, and at the one
// provider that says so of itself the dots do not.
func (a Address) key() string { return foldMailbox(a.mailbox) }

func foldMailbox(mailbox string) string {
	at := strings.LastIndexByte(mailbox, '@')
	local, domain := fold(mailbox[:at]), mailbox[at+1:]
	// Google: "Dots don't matter in Gmail addresses"; both names are one service.
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

// fold is caseless matching in NFC. It goes rune by rune (Unicode's simple folding), so that "straße" and
// "strasse", two addresses, stay two.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	return norm.NFC.String(strings.Map(foldRune, norm.NFD.String(text)))
}

// foldRune returns one and the same for all runes that differ in case only: the smallest that is no
// combining mark (U+0345 is a case of iota), in ASCII the small letter.
func foldRune(r rune) rune {
	least := rune(-1)
	for other := unicode.SimpleFold(r); ; other = unicode.SimpleFold(other) {
		if !unicode.IsMark(other) && (least < 0 || other < least) {
			least = other
		}
		if other == r {
			break
		}
	}
	switch {
	case least < 0:
		return r
	case 'A' <= least && least <= 'Z':
		return least + ('a' - 'A')
	}
	return least
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

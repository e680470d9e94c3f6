package demo

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"holdfast/inbound"
)

// caught is one message as it came in. Anybody on this machine may have sent it: nothing in it is taken to be well-formed.
type caught struct {
	number     int
	at         time.Time
	messageID  string // without angle brackets
	recipients []string
	data       []byte
	handed     []handed // under the mailbox's lock

	reading sync.Once
	read    messageHead
}

// handed is what became of a message at one address of ours. refused is nil where it was taken in.
type handed struct {
	to      string
	refused error
}

// What a message is, as far as its addresses say.
const (
	isAlert  = "alert"  // to a member, who may answer it
	isLetter = "letter" // to an office
	isNote   = "note"   // to somebody who wrote, or who signs in
	isInward = "inward" // to an address of ours
)

// whats lists what a message is, in the order in which it is offered.
var whats = []string{isLetter, isInward, isNote, isAlert}

// messageHead is what a list shows of a message, and what is searched.
type messageHead struct {
	from, name, address, subject string // name and address are of whom it goes to
	what                         string // one of whats
	replyTo                      string // the address alone; "" where there is none
	language                     string // BCP 47; "" where it is not known
	searched                     string // recipients and subject in lower case
}

// to is whom a message goes to, in one line.
func (h messageHead) to() string {
	if h.name == "" {
		return h.address
	}
	return h.name + " <" + h.address + ">"
}

// head reads the header once, when it is first asked for: during a fan-out nobody does.
func (c *caught) head() messageHead {
	c.reading.Do(func() {
		header := headerOf(c.data)
		envelope := oneLine(strings.Join(c.recipients, ", "))
		c.read = messageHead{
			from: readable(header.Get("From")), subject: decoded(header.Get("Subject")), language: languageTag(header.Get("Content-Language")),
		}
		if c.read.name, c.read.address = mailbox(header.Get("To")); c.read.address == "" {
			c.read.address = envelope
		}
		_, c.read.replyTo = mailbox(header.Get("Reply-To"))
		c.read.what = what(c.recipients, c.read)
		c.read.searched = strings.ToLower(envelope + "\n" + c.read.to() + "\n" + c.read.subject)
	})
	return c.read
}

// what says what a message is, by whom it goes to and where answers to it go.
func what(recipients []string, h messageHead) string {
	local, _, _ := strings.Cut(h.replyTo, "@")
	switch door, _ := inbound.Route(local); {
	case door == inbound.Letter, slices.ContainsFunc(recipients, isOffice):
		return isLetter
	case slices.ContainsFunc(recipients, carriesToken):
		return isInward
	case door == inbound.Reply:
		return isAlert
	}
	return isNote
}

// isOffice reports whether an address is that of an office of the demo.
func isOffice(address string) bool {
	return slices.ContainsFunc(offices(), func(a string) bool { return strings.EqualFold(a, address) })
}

// offices are the addresses of the offices of the demo.
var offices = sync.OnceValue(func() (list []string) {
	for _, office := range Offices() {
		list = append(list, office.Address)
	}
	return list
})

// mailbox parts a field that names one mailbox into name and address. What is otherwise is all address, as it was written.
func mailbox(field string) (name, address string) {
	one, err := mail.ParseAddress(field)
	if err != nil {
		return "", decoded(field)
	}
	return oneLine(one.Name), oneLine(one.Address)
}

// readable is a field that names mailboxes as people read it.
func readable(field string) string {
	name, address := mailbox(field)
	return messageHead{name: name, address: address}.to()
}

func headerOf(data []byte) mail.Header {
	message, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return mail.Header{}
	}
	return message.Header
}

// decoded returns the value of a header field as people read it (RFC 2047).
func decoded(value string) string {
	plain, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		plain = value
	}
	return oneLine(plain)
}

// longestLine is how much of a header field is shown, in characters.
const longestLine = 500

func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	// Not strings.Fields: it would take the space that French keeps unbroken for any other.
	line := []rune(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " "))
	return string(line[:min(len(line), longestLine)])
}

var tagForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// languageTag returns the one language a field names, or nothing.
func languageTag(field string) string {
	if field = strings.TrimSpace(field); !tagForm.MatchString(field) {
		return ""
	}
	return field
}

// body is what of a message is read.
type body struct{ text, html string }

// Limits within which the parts of a message are looked at.
const (
	deepest   = 10
	mostParts = 100
)

// body finds the first text and the first HTML part. What cannot be read is passed over; the source shows it.
func (c *caught) body() body {
	message, err := mail.ReadMessage(bytes.NewReader(c.data))
	if err != nil {
		return body{}
	}
	walk := &partWalk{}
	walk.part(map[string][]string(message.Header), message.Body, 0)
	return walk.found
}

// partWalk goes through the parts of one message.
type partWalk struct {
	found body
	parts int
}

func (w *partWalk) part(header map[string][]string, content io.Reader, depth int) {
	if w.parts++; depth > deepest {
		return
	}
	kind, parameters, err := mime.ParseMediaType(mail.Header(header).Get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain" // RFC 2045, 5.2
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		reader := multipart.NewReader(content, parameters["boundary"])
		for parameters["boundary"] != "" && w.parts <= mostParts {
			part, err := reader.NextRawPart()
			if err != nil {
				return
			}
			w.part(part.Header, part, depth+1)
		}
	case isAttachment(header):
	case kind == "text/plain" && w.found.text == "":
		w.found.text = read(header, content, parameters["charset"])
	case kind == "text/html" && w.found.html == "":
		w.found.html = read(header, content, parameters["charset"])
	}
}

func isAttachment(header map[string][]string) bool {
	disposition, _, err := mime.ParseMediaType(mail.Header(header).Get("Content-Disposition"))
	return err == nil && disposition == "attachment"
}

// read undoes the transfer encoding, and keeps what was read where it breaks off.
func read(header map[string][]string, content io.Reader, charset string) string {
	switch strings.ToLower(strings.TrimSpace(mail.Header(header).Get("Content-Transfer-Encoding"))) {
	case "base64":
		content = base64.NewDecoder(base64.StdEncoding, content)
	case "quoted-printable":
		content = quotedprintable.NewReader(content)
	}
	octets, _ := io.ReadAll(content) //nolint:errcheck // a part that is broken is shown as far as it goes
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1", "windows-1252":
		text := make([]rune, len(octets))
		for i, octet := range octets {
			text[i] = rune(octet)
		}
		return string(text)
	}
	return strings.ToValidUTF8(string(octets), "\ufffd")
}

var (
	linkInText = regexp.MustCompile(`https?://[^\s<>"\x{2068}\x{2069}]+`)
	linkInHTML = regexp.MustCompile(`(?i)\bhref\s*=\s*["'](https?://[^"'\s]+)["']`)
)

// links returns every web link in the message once, in its order: those of the text, or of the HTML where there is no
// text.
func (b body) links() []string {
	var links []string
	add := func(link string) {
		if !slices.Contains(links, link) && len(links) < mostParts {
			links = append(links, link)
		}
	}
	for _, link := range linkInText.FindAllString(b.text, -1) {
		add(strings.TrimRight(link, ".,;:!?)]»”’"))
	}
	if len(links) > 0 {
		return links
	}
	for _, match := range linkInHTML.FindAllStringSubmatch(b.html, -1) {
		add(html.UnescapeString(match[1]))
	}
	return links
}

package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	mail "github.com/wneessen/go-mail"

	"holdfast/internal/failure"
)

// Kind says what a message is.
type Kind string

// The kinds. All leave by the same connections.
const (
	// Appeal goes to members of a list: with List-Id and List-Unsubscribe, and without marks that would make
	// a mailbox file it as an automatic answer.
	Appeal Kind = "appeal"
	// System is a message that somebody's own act brought about (a sign-in link, a confirmation). It carries
	// Auto-Submitted: auto-generated (RFC 3834), so that nothing answers it.
	System Kind = "system"
	// Letter is a person's own letter, sent on their behalf: no List-* fields, and no mark of an automatic message.
	Letter Kind = "letter"
	// Answer is our own automatic answer to a mail. It carries Auto-Submitted: auto-replied (RFC 3834), and leaves with a null path.
	Answer Kind = "answer"
)

// HoleKind says what may fill a hole.
type HoleKind int

// The kinds of hole.
const (
	Text HoleKind = iota // any text; in HTML it is escaped
	Link                 // an absolute http or https URL
)

// Hole is a place in the bodies that differs from member to member. Its mark stands in the texts wherever the value
// is to stand. A mark is letters and digits, 12 at least, and the caller makes it unguessable: whoever can write the
// mark into the text can have the member's value there.
type Hole struct {
	Mark string
	Kind HoleKind
}

// Draft is an appeal in one language, or a system message, with everything that is the same for all.
type Draft struct {
	Kind     Kind
	From     Address
	ListID   string // RFC 2919, as "alerts.refnet.example"; needed for an appeal, "" gives no List-Id
	ListName string // the name that stands before it
	Subject  string
	Language string // RFC 5646, as "fr" or "pt-BR"
	Text     string
	HTML     string // a whole document; "" gives a message of plain text alone
	Date     time.Time
	// Seed makes the MIME boundary. One appeal and language has one seed for ever, no two have the same.
	Seed    string
	Holes   []Hole
	Signers []Signer // one DKIM signature each; none when the relay signs
}

// Composed is a draft made ready for Fill. It is immutable and safe for concurrent use.
type Composed struct {
	kind       Kind
	from       string // the header field, with its CRLF
	domain     string // of From; the right-hand side of every Message-ID
	holes      []Hole
	segments   []segment
	signatures []*signature
	digest     Hash // of everything above
	noDots     bool
}

// segment is a ready piece of the message and the hole behind it.
type segment struct {
	ready []byte
	hole  int  // -1 where none follows
	html  bool // the hole stands in the HTML part
	col   int  // the column at which the hole begins
	soft  bool // a soft line break follows the value
}

// Compose makes a draft ready. The error is of kind failure.Invalid and names every field that is wrong.
func Compose(d Draft) (*Composed, error) {
	c := &Composed{kind: d.Kind, holes: append([]Hole(nil), d.Holes...)}
	var check failure.Check
	from := d.checkHeader(&check)
	d.checkHoles(&check)
	for i, s := range d.Signers {
		ready, err := s.prepare(d.Date)
		if err != nil {
			check.Add(fmt.Sprintf("signers[%d]", i), "%v", err)
		}
		c.signatures = append(c.signatures, ready)
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	c.domain = from[strings.LastIndexByte(from, '@')+1:]
	c.from = string(appendMailbox(nil, "From: ", d.From.Name, from))
	if err := c.cut(d); err != nil {
		return nil, err
	}
	c.digest = c.sum()
	c.noDots = true
	for _, s := range c.segments {
		c.noDots = c.noDots && lineDot(s.ready, 0) < 0
	}
	return c, nil
}

// NoDots reports whether no line of any copy begins with a dot. Quoted-printable text has none: appendQuoted encodes a dot where a line begins,
// also behind a hole and in its value.
func (c *Composed) NoDots() bool { return c.noDots }

// sum is the digest of all that is the same in each copy.
func (c *Composed) sum() Hash {
	all := appendCounted(nil, []byte(c.from))
	for _, s := range c.segments {
		all = appendCounted(all, s.ready)
		all = binary.BigEndian.AppendUint32(all, uint32(s.hole+1))
	}
	for _, s := range c.signatures {
		all = appendCounted(all, []byte(s.start))
	}
	return sha256.Sum256(all)
}

// checkHeader checks what goes into header fields and returns the wire form of the From address.
func (d *Draft) checkHeader(check *failure.Check) (from string) {
	check.Need(d.Kind == Appeal || d.Kind == System || d.Kind == Letter || d.Kind == Answer, "kind", "is not a kind of message")
	from, wide, err := WireAddress(d.From.Addr)
	if err != nil {
		check.Add("from.address", "%v", err)
	}
	check.Need(!wide, "from.address", "must be ASCII before the @: some relays carry nothing else")
	for _, f := range []struct{ name, value string }{
		{"from.name", d.From.Name}, {"list_name", d.ListName}, {"subject", d.Subject},
	} {
		check.Need(!breaksLine(f.value), f.name, "contains a line break or a control character")
		check.Need(strings.ToValidUTF8(f.value, "") == f.value, f.name, "is not UTF-8")
		check.Need(len(f.value) <= 500, f.name, "is longer than 500 bytes")
	}
	check.Need(strings.TrimSpace(d.Subject) != "", "subject", "is empty")
	check.Need(d.ListID == "" || isDomain(d.ListID), "list_id", "must look like a domain name, as alerts.refnet.example")
	check.Need(d.ListID != "" || d.Kind != Appeal, "list_id", "is needed for an appeal")
	check.Need(d.ListID == "" || d.Kind != Letter, "list_id", "has no place in a person's letter")
	check.Need(isLanguage(d.Language), "language", "is not a language tag, as fr or pt-BR")
	check.Need(!d.Date.IsZero(), "date", "is missing")
	check.Need(d.Seed != "", "seed", "is missing")
	return from
}

func isLanguage(tag string) bool {
	for part := range strings.SplitSeq(tag, "-") {
		if part == "" || len(part) > 8 {
			return false
		}
		for i := range len(part) {
			if !isAlphanumeric(part[i]) {
				return false
			}
		}
	}
	return true
}

func (d *Draft) checkHoles(check *failure.Check) {
	check.Need(strings.TrimSpace(d.Text) != "", "text", "is empty")
	for i, h := range d.Holes {
		name := fmt.Sprintf("holes[%d]", i)
		ok := len(h.Mark) >= 12
		for j := range len(h.Mark) {
			ok = ok && isAlphanumeric(h.Mark[j])
		}
		check.Need(ok, name, "a mark is 12 letters and digits at least")
		for j, other := range d.Holes {
			check.Need(i == j || !strings.Contains(other.Mark, h.Mark), name, "its mark is part of another mark")
		}
		inText, inHTML := strings.Contains(d.Text, h.Mark), strings.Contains(d.HTML, h.Mark)
		check.Need(inText || inHTML, name, "its mark stands in neither text")
		// Both parts say the same (W8): a link in one alone would be missed by the readers of the other.
		check.Need(h.Kind != Link || inText && (inHTML || d.HTML == ""), name, "its link does not stand in both texts")
	}
	if err := checkHTMLHoles(d.HTML, d.Holes); err != nil {
		check.Add("html", "%v", err)
	}
}

// cut makes the message with go-mail, each body being one word, and puts our own encoding of the texts in
// place of those words.
func (c *Composed) cut(d Draft) error {
	seed := sha256.Sum256([]byte(d.Seed))
	unique := hex.EncodeToString(seed[:16])
	text, html, id := "text"+unique, "html"+unique, "<"+unique+"@"+c.domain+">"
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP), mail.WithBoundary("b"+unique))
	msg.Subject(headerText(oneLine(d.Subject)))
	msg.SetDateWithValue(d.Date)
	msg.SetGenHeader(mail.HeaderMessageID, id)
	msg.SetGenHeader(mail.HeaderContentLang, d.Language)
	if d.ListID != "" {
		msg.SetGenHeader("List-Id", listID(oneLine(d.ListName), d.ListID))
	}
	switch d.Kind {
	case System:
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	case Answer:
		msg.SetGenHeader("Auto-Submitted", "auto-replied")
	}
	msg.SetBodyString(mail.TypeTextPlain, text)
	if d.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, html)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return fmt.Errorf("composing a message: %w", err)
	}
	// Our own Message-ID stands with the other fields that differ from member to member.
	skeleton := strings.Replace(b.String(), "Message-ID: "+id+"\r\n", "", 1)
	header, rest, ok := strings.Cut(skeleton, "\r\n\r\n")
	before, rest, ok2 := strings.Cut(rest, text)
	between, after, ok3 := strings.Cut(rest, html)
	if !ok || !ok2 || ok3 != (d.HTML != "") || len(skeleton) == b.Len() {
		return errors.New("composing a message: go-mail wrote another structure than expected")
	}
	c.ready(header + "\r\n\r\n" + before)
	c.body(bodyText(d.Text), false)
	c.ready(between)
	if d.HTML != "" {
		c.body(bodyText(d.HTML), true)
		c.ready(after)
	}
	if last := c.segments[len(c.segments)-1]; last.hole >= 0 || !bytes.HasSuffix(last.ready, []byte("\r\n")) {
		c.ready("\r\n") // of a message of one part
	}
	return nil
}

func listID(name, id string) string {
	if name == "" {
		return "<" + id + ">"
	}
	return string(appendPhrase(nil, name, " ")) + " <" + id + ">"
}

// ready appends a piece without a hole.
func (c *Composed) ready(piece string) {
	if n := len(c.segments); n > 0 && c.segments[n-1].hole < 0 {
		c.segments[n-1].ready = append(c.segments[n-1].ready, piece...)
		return
	}
	c.segments = append(c.segments, segment{ready: []byte(piece), hole: -1})
}

// body appends a text, cut at its holes and encoded piece by piece. A piece that follows a hole is encoded from
// the start of a line, which a soft line break makes, unless it begins with a line end of its own.
func (c *Composed) body(text string, html bool) {
	col := 0
	for {
		at, hole := c.nextHole(text)
		piece := text
		if hole >= 0 {
			piece = text[:at]
		}
		encoded, end := appendQuoted(nil, piece, col)
		c.ready(string(encoded))
		if hole < 0 {
			return
		}
		text = text[at+len(c.holes[hole].Mark):]
		last := &c.segments[len(c.segments)-1]
		last.hole, last.html, last.col = hole, html, end
		last.soft = text != "" && text[0] != '\n'
		col = 0
	}
}

func (c *Composed) nextHole(text string) (at, hole int) {
	at, hole = len(text), -1
	for i, h := range c.holes {
		if j := strings.Index(text[:at], h.Mark); j >= 0 {
			at, hole = j, i
		}
	}
	return at, hole
}

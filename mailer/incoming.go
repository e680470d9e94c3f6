package mailer

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // without it only UTF-8 is read
	"github.com/emersion/go-message/mail"
	"golang.org/x/text/encoding/charmap"
)

// The limits of reading one mail. What is beyond them is left out and said to be; nothing of it is an error.
const (
	mostDepth     = 10        // of parts within parts
	mostParts     = 200       // in all
	mostHeader    = 256 << 10 // octets of one header
	mostTextPart  = 512 << 10 // octets of a part that is read as text
	mostText      = 100_000   // characters of the text in the end
	mostLine      = 1_000     // characters of a subject or a name
	mostAttached  = 10 << 20  // octets of one file
	mostFiles     = 10
	mostAllFiles  = 20 << 20 // octets of all files
	smallPicture  = 50 << 10 // octets of a picture that is part of the text and not kept: a logo
	mostReceivers = 100      // that one delivery report tells of
)

// Incoming is a mail that came in, as far as it can be read. Nothing in it is believed: each field is what a stranger wrote.
type Incoming struct {
	From       string // the address alone; "" where there is none
	FromName   string
	To         []string // the addresses of To and Cc
	Subject    string
	Text       string   // the best text there is, without control characters; lines end in \n
	MessageID  string   // without angle brackets, as all ids
	InReplyTo  []string //
	References []string //
	Delivered  []string // what Delivered-To and X-Original-To name, the topmost first
	ReturnPath *string  // what the topmost Return-Path names; nil where there is none
	Automatic  Automatic
	Report     *DeliveryReport // nil where it is none
	Inside     *Incoming       // the first mail that is attached, where it is no report
	Files      []Attached
	Dropped    int // files that were not kept: too many, too large, or of a kind that is not asked for here
}

// Automatic is what a mail says of a machine's having sent it.
type Automatic struct {
	Submitted string // the keyword of Auto-Submitted (RFC 3834), in lower case; "" where there is none, or "no"
	List      bool   // it came by a mailing list, or in bulk
	Suppress  bool   // X-Auto-Response-Suppress, by which Exchange marks its own automatic mail
	Vacation  bool   // its subject looks like an out-of-office notice: a hint, no more
}

// Sure reports whether no person pressed send. A hint is not enough.
func (a Automatic) Sure() bool { return a.Submitted != "" || a.List || a.Suppress }

// Attached is a file that came with a mail. Its type is not said: its content tells it.
type Attached struct{ Content []byte }

// ReadIncoming reads a mail. It fails only where there is no mail at all: what is broken in it is left out.
func ReadIncoming(r io.Reader) (Incoming, error) {
	reading := &reading{}
	in, err := reading.mail(r, 0)
	if err != nil {
		return in, err
	}
	in.Dropped = reading.dropped
	return in, nil
}

// errNoMail says that what came is no mail.
var errNoMail = errors.New("this is no mail: it does not begin with header fields")

// reading is how far the reading of one mail has come.
type reading struct {
	parts, files, bytes, dropped int
}

// mail reads one message: the outermost, or one within.
func (x *reading) mail(r io.Reader, depth int) (Incoming, error) {
	r, ok := mended(r)
	if !ok {
		return Incoming{}, errNoMail
	}
	entity, err := message.ReadWithOptions(r, &message.ReadOptions{MaxHeaderBytes: 2 * mostHeader})
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return Incoming{}, errNoMail
	}
	in := readHeader(mail.Header{Header: entity.Header})
	var found texts
	x.part(entity, depth, &in, &found)
	in.Text = cleanText(found.best(), mostText)
	return in, nil
}

// texts are those of a mail's parts.
type texts struct{ plain, html []string }

func (t texts) best() string {
	plain := strings.Join(t.plain, "\n\n")
	if strings.TrimSpace(plain) != "" || len(t.html) == 0 {
		return plain
	}
	var list []string
	for _, h := range t.html {
		list = append(list, textOfHTML(h))
	}
	return strings.Join(list, "\n\n")
}

// part reads one part and those within it.
func (x *reading) part(e *message.Entity, depth int, in *Incoming, found *texts) {
	if x.parts++; x.parts > mostParts || depth > mostDepth {
		x.dropped++
		return
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	if parts := e.MultipartReader(); parts != nil {
		if kind == "multipart/report" && (params["report-type"] == "" || strings.EqualFold(params["report-type"], "delivery-status")) {
			in.Report = &DeliveryReport{}
		}
		for x.parts <= mostParts {
			part, err := parts.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			x.part(part, depth+1, in, found)
		}
		return
	}
	disposition, _, _ := e.Header.ContentDisposition()
	attached := strings.EqualFold(disposition, "attachment")
	switch {
	case kind == "message/delivery-status" && in.Report != nil:
		in.Report.read(x.take(e.Body, mostTextPart))
	case in.Report != nil && (strings.HasPrefix(kind, "message/") || kind == "text/rfc822-headers"):
		// The mail that was returned is ours: there is nothing in it to learn.
	case kind == "message/rfc822":
		x.message(e, depth, in)
	case kind == "text/plain" && !attached:
		found.plain = append(found.plain, toUTF8(x.take(e.Body, mostTextPart)))
	case kind == "text/html" && !attached:
		found.html = append(found.html, toUTF8(x.take(e.Body, mostTextPart)))
	default:
		x.file(e, attached, in)
	}
}

// message keeps a mail that is attached as a file, and reads the first.
func (x *reading) message(e *message.Entity, depth int, in *Incoming) {
	before := len(in.Files)
	x.file(e, true, in)
	if len(in.Files) == before || in.Inside != nil {
		return
	}
	if inside, err := x.mail(bytes.NewReader(in.Files[before].Content), depth+1); err == nil {
		inside.Files = nil // they are in the file already
		in.Inside = &inside
	}
}

func (x *reading) file(e *message.Entity, attached bool, in *Incoming) {
	content := x.take(e.Body, mostAttached+1)
	switch {
	case len(content) == 0, !attached && len(content) < smallPicture && e.Header.Has("Content-Id"):
		return
	case len(content) > mostAttached, x.files >= mostFiles, x.bytes+len(content) > mostAllFiles:
		x.dropped++
		return
	}
	x.files++
	x.bytes += len(content)
	in.Files = append(in.Files, Attached{Content: content})
}

// take reads at most limit octets. What breaks off, or is encoded wrongly, is taken up to there.
func (x *reading) take(r io.Reader, limit int64) []byte {
	content, _ := io.ReadAll(io.LimitReader(r, limit)) //nolint:errcheck // as said
	return content
}

func readHeader(h mail.Header) Incoming {
	var in Incoming
	if from := addresses(h, "From"); len(from) > 0 {
		in.From, in.FromName = from[0].Address, cleanLine(from[0].Name)
	}
	for _, field := range []string{"To", "Cc"} {
		for _, to := range addresses(h, field) {
			if len(in.To) < mostReceivers {
				in.To = append(in.To, to.Address)
			}
		}
	}
	subject, err := h.Subject()
	if err != nil {
		subject = h.Get("Subject")
	}
	in.Subject = cleanLine(subject)
	in.MessageID = firstOf(ids(h, "Message-Id"))
	in.InReplyTo, in.References = ids(h, "In-Reply-To"), ids(h, "References")
	for _, field := range []string{"Delivered-To", "X-Original-To"} {
		if to := strings.Trim(cleanLine(h.Get(field)), "<> "); to != "" {
			in.Delivered = append(in.Delivered, to)
		}
	}
	if h.Has("Return-Path") {
		path := strings.Trim(cleanLine(h.Get("Return-Path")), "<> ")
		in.ReturnPath = &path
	}
	in.Automatic = automaticOf(h, in.Subject)
	return in
}

// addresses reads a field of addresses; of one that is not as it should be, whatever looks like an address.
func addresses(h mail.Header, field string) []*mail.Address {
	list, err := h.AddressList(field)
	if err == nil {
		return list
	}
	for word := range strings.FieldsFuncSeq(h.Get(field), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>,;\"()", r) }) {
		if at := strings.LastIndexByte(word, '@'); at > 0 && at < len(word)-1 && len(word) <= maxPath {
			list = append(list, &mail.Address{Address: cleanLine(word)})
		}
	}
	return list
}

// ids reads a field of message ids, at most 50 of them.
func ids(h mail.Header, field string) (list []string) {
	for word := range strings.FieldsFuncSeq(h.Get(field), func(r rune) bool { return unicode.IsSpace(r) || r == '<' || r == '>' || r == ',' }) {
		if strings.Contains(word, "@") && len(word) <= 998 && len(list) < 50 {
			list = append(list, word)
		}
	}
	return list
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func automaticOf(h mail.Header, subject string) Automatic {
	var a Automatic
	if word, _, err := mime.ParseMediaType(h.Get("Auto-Submitted")); err == nil || errors.Is(err, mime.ErrInvalidMediaParameter) {
		a.Submitted = word
	} else if word, _, _ := strings.Cut(h.Get("Auto-Submitted"), ";"); word != "" {
		a.Submitted = strings.ToLower(strings.TrimSpace(word))
	}
	if a.Submitted == "no" {
		a.Submitted = ""
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Precedence"))) {
	case "bulk", "list", "junk", "auto_reply":
		a.List = true
	}
	a.List = a.List || h.Has("List-Id") || h.Has("List-Unsubscribe") || h.Has("List-Post")
	// "DR" and the like only ask for no delivery receipt; what answers by itself asks for no answer.
	for word := range strings.SplitSeq(strings.ToLower(h.Get("X-Auto-Response-Suppress")), ",") {
		word = strings.TrimSpace(word)
		a.Suppress = a.Suppress || word == "all" || word == "autoreply" || word == "oof"
	}
	low := strings.ToLower(subject)
	for _, begins := range []string{"out of office", "automatic reply", "auto reply", "autoreply", "auto-reply", "vacation", "absence", "absent", "réponse automatique",
		"reponse automatique", "respuesta automática", "automatische antwort", "fuera de la oficina", "hors du bureau", "abwesenheit", "autosvar"} {
		a.Vacation = a.Vacation || strings.HasPrefix(low, begins)
	}
	return a
}

// toUTF8 is text that should be UTF-8 by now. Where its charset was not known, or not the one it said, it is read as Windows-1252, in which each
// octet is a character.
func toUTF8(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	if known := strings.ToValidUTF8(string(text), ""); len(text)-len(known) < len(text)/50 {
		return strings.ToValidUTF8(string(text), "\ufffd") // UTF-8 with a few broken characters, or cut within one
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(text)
	if err != nil {
		return strings.ToValidUTF8(string(text), "\ufffd")
	}
	return string(decoded)
}

// cleanText is text that can be shown: lines that end in \n, no other control character, nothing that turns the direction of what follows.
func cleanText(text string, most int) string {
	text = strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n"), "\r", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == '\u202d', r == '\u202e', r == '\ufeff':
			return -1
		}
		return r
	}, text)
	return cutAt(strings.TrimSpace(text), most)
}

func cleanLine(text string) string {
	return cutAt(oneLine(cleanText(text, mostLine)), mostLine)
}

// cutAt cuts a text after so many characters.
func cutAt(text string, most int) string {
	if len(text) <= most {
		return text
	}
	n := 0
	for at := range text {
		if n == most {
			return text[:at] + " […]"
		}
		n++
	}
	return text
}

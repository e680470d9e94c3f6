package demo

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/mail"
	"net/smtp"
	"strconv"
	"strings"
	"time"

	"holdfast/templates"
)

// Who reads a caught mail, and may answer it.
const (
	asOffice = "office"
	asMember = "member"
)

// mostAnswer is how much of a form is read, in octets.
const mostAnswer = 1 << 20

// answerable says as whom a message can be answered; "" where nobody would read the answer.
func answerable(h messageHead) string {
	switch {
	case h.replyTo == "" || !carriesToken(h.replyTo):
		return ""
	case h.what == isLetter:
		return asOffice
	case h.what == isAlert:
		return asMember
	}
	return ""
}

// form is what somebody may answer to a message; nil where nobody would read it.
func form(c *caught) *templates.MailAnswer {
	head := c.head()
	as := answerable(head)
	if as == "" {
		return nil
	}
	f := &templates.MailAnswer{Action: "/mailbox/" + strconv.Itoa(c.number) + "/answer", As: as, From: head.address, Lang: head.language}
	if as == asMember {
		f.Text = inLanguage(memberWords(), head.language)
	}
	return f
}

// answer sends the answer of who got a message, by SMTP as any mail goes, and leads to what became of it.
func (m *Mailbox) answer(w http.ResponseWriter, r *http.Request) {
	c := m.asked(r)
	if c == nil {
		m.sorry(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostAnswer)
	if err := r.ParseForm(); err != nil {
		show(m, w, r, http.StatusBadRequest, templates.Sorry{Word: templates.SorryTooLarge})
		return
	}
	f := form(c)
	if f == nil {
		m.sorry(w, r)
		return
	}
	letter, ok := answerTo(c, f.As, r.PostForm.Get("kind"), strings.TrimSpace(r.PostForm.Get("text")))
	if !ok {
		m.showMessage(w, r, c, http.StatusUnprocessableEntity, []templates.Problem{{Field: "text", Word: templates.ProblemMissing}})
		return
	}
	m.send(w, r, letter)
}

// outgoing is a mail that somebody at the mailbox writes.
type outgoing struct {
	sender     string // of the envelope; "" for the null path
	from       mail.Address
	to         string // as the header says
	recipients []string
	subject    string
	fields     [][2]string // of the header, beside the usual ones
	kind       string      // Content-Type
	text       string
}

// send sends a mail to the mailbox itself and shows what became of it.
func (m *Mailbox) send(w http.ResponseWriter, r *http.Request, o outgoing) {
	id := strings.ToLower(rand.Text()) + "@mailbox.example"
	if err := smtp.SendMail(m.Addr(), nil, o.sender, o.recipients, o.message(id, time.Now())); err != nil {
		http.Error(w, "the mailbox did not take the mail: "+err.Error(), http.StatusBadGateway)
		return
	}
	to := "/mailbox/" + strconv.Itoa(m.numberOf(id))
	if lang := r.URL.Query().Get("lang"); lang != "" {
		to += "?" + keep(r.URL.Query(), "lang")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// message writes the mail.
func (o outgoing) message(id string, now time.Time) []byte {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, oneLine(value)) }
	field("From", o.from.String())
	field("To", o.to)
	field("Subject", mime.QEncoding.Encode("utf-8", oneLine(o.subject)))
	field("Date", now.Format(time.RFC1123Z))
	field("Message-ID", "<"+id+">")
	for _, f := range o.fields {
		field(f[0], f[1])
	}
	field("MIME-Version", "1.0")
	if o.kind != "" {
		field("Content-Type", o.kind)
		b.WriteString("\r\n" + withCRLF(o.text))
		return b.Bytes()
	}
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n" + folded([]byte(withCRLF(o.text))))
	return b.Bytes()
}

func withCRLF(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

// folded is base64 in lines of 76 characters (RFC 2045, 6.8).
func folded(octets []byte) string {
	const width = 57
	var b strings.Builder
	for len(octets) > 0 {
		n := min(width, len(octets))
		b.WriteString(base64.StdEncoding.EncodeToString(octets[:n]) + "\r\n")
		octets = octets[n:]
	}
	return b.String()
}

// answerTo writes the answer of who got a message. ok is false where a kind needs words and has none, or is not one of those offered.
func answerTo(c *caught, as, kind, text string) (o outgoing, ok bool) {
	head := c.head()
	o = outgoing{sender: head.address, from: mail.Address{Name: head.name, Address: head.address}, to: head.replyTo, recipients: []string{head.replyTo},
		subject: "Re: " + head.subject, fields: [][2]string{{"In-Reply-To", "<" + c.messageID + ">"}, {"References", "<" + c.messageID + ">"}}}
	if as == asMember {
		return o.asMember(c, kind, text)
	}
	return o.asOffice(c, kind, text)
}

// quoted is a message as who answers it has it under their own words.
func quoted(c *caught, lang string) string {
	head := c.head()
	line := "On " + c.at.Format("2 January 2006") + ", " + head.from + " wrote:"
	if lang == "fr" {
		line = "Le " + c.at.Format("02/01/2006") + ", " + head.from + " a écrit :"
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(c.body().text, "\r\n", "\n")), "\n")
	return "\n\n" + line + "\n> " + strings.Join(lines, "\n> ") + "\n"
}

package demo

import (
	"net/http"
	"net/mail"
	"strings"

	"holdfast/templates"
)

// own shows a mail that its writer is about to send with a mail program of their own: in the demo there is none but this mailbox, because nothing
// may leave the machine. What stands in the form is what the page of the letter has given.
func (m *Mailbox) own(w http.ResponseWriter, r *http.Request) {
	if page, ok := m.readOwn(w, r); ok {
		if page.From == "" {
			page.From = "you@mail.example"
		}
		show(m, w, r, http.StatusOK, page)
	}
}

// sendOwn sends it, by SMTP as any mail goes: to the office, and blind to the address that proves it. It shows what became of it.
func (m *Mailbox) sendOwn(w http.ResponseWriter, r *http.Request) {
	page, ok := m.readOwn(w, r)
	if !ok {
		return
	}
	var problems []templates.Problem
	from, to, blind := addressIn(page.From), addressIn(page.To), addressIn(page.Blind)
	for field, wrong := range map[string]bool{"sender": from == "", "recipient": to == "", "blind": page.Blind != "" && blind == ""} {
		if wrong {
			problems = append(problems, templates.Problem{Field: field, Word: templates.ProblemAddress})
		}
	}
	if len(problems) > 0 {
		show(m, w, r, http.StatusUnprocessableEntity, page, problems...)
		return
	}
	o := outgoing{sender: from, from: mail.Address{Address: from}, to: to, recipients: []string{to}, subject: page.Subject, text: page.Text}
	if blind != "" {
		o.recipients = append(o.recipients, blind)
	}
	m.send(w, r, o)
}

func (m *Mailbox) readOwn(w http.ResponseWriter, r *http.Request) (page templates.OwnProgram, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, mostAnswer)
	if err := r.ParseForm(); err != nil {
		show(m, w, r, http.StatusBadRequest, templates.Sorry{Word: templates.SorryTooLarge})
		return page, false
	}
	line := func(field string) string { return oneLine(r.PostForm.Get(field)) }
	return templates.OwnProgram{From: line("sender"), To: line("recipient"), Blind: line("blind"), Subject: line("subject"), Text: r.PostForm.Get("text")}, true
}

// addressIn is the one address that a field holds; "" where it holds none.
func addressIn(field string) string {
	one, err := mail.ParseAddress(field)
	if err != nil || strings.ContainsAny(one.Address, "\" <>") {
		return ""
	}
	return one.Address
}

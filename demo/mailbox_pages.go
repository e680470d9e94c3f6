package demo

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"holdfast/templates"
)

// pageSize is how many messages one page of the list has.
const pageSize = 50

// routes are all that the mailbox answers. What is sent from here may be sent from its own pages alone.
func (m *Mailbox) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mailbox", m.list)
	mux.HandleFunc("GET /mailbox/{$}", m.list)
	mux.HandleFunc("GET /mailbox/{number}", m.message)
	mux.HandleFunc("GET /mailbox/{number}/html", m.html)
	mux.HandleFunc("GET /mailbox/{number}/source", m.source)
	mux.HandleFunc("POST /mailbox/{number}/answer", m.answer)
	mux.HandleFunc("POST /mailbox/own", m.own)
	mux.HandleFunc("POST /mailbox/own/send", m.sendOwn)
	mux.HandleFunc("GET /mailbox/", m.sorry)
	return http.NewCrossOriginProtection().Handler(mux)
}

// list shows the messages, newest first. q, language and what narrow the list, before is the number of the last message of the
// page before.
func (m *Mailbox) list(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	f := filter{language: strings.ToLower(asked.Get("language")), query: asked.Get("q")}
	if slices.Contains(whats, asked.Get("what")) {
		f.what = asked.Get("what")
	}
	before, _ := strconv.Atoi(asked.Get("before")) //nolint:errcheck // what is no number is the first page
	found, total, more := m.search(f, before, pageSize)
	page := templates.Mailbox{Query: f.query, Language: f.language, Choices: templates.PublicLanguages(), What: f.what, Lang: asked.Get("lang"), Earlier: m.earlier.Load(), Total: int64(total)}
	for _, c := range found {
		head := c.head()
		page.Rows = append(page.Rows, templates.MailRow{URL: "/mailbox/" + strconv.Itoa(c.number), Name: head.name, To: head.address,
			Subject: titleOf(c), Lang: head.language, What: head.what, ReceivedAt: c.at})
	}
	if more {
		asked.Set("before", strconv.Itoa(found[len(found)-1].number))
		page.Next = "/mailbox?" + keep(asked, "q", "language", "what", "lang", "before")
	}
	show(m, w, r, http.StatusOK, page)
}

// keep writes those of the values that are named.
func keep(values url.Values, names ...string) string {
	kept := url.Values{}
	for _, name := range names {
		if value := values.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	return kept.Encode()
}

// titleOf is the subject, or the number of a message that has none: a link needs words.
func titleOf(c *caught) string {
	if subject := c.head().subject; subject != "" {
		return subject
	}
	return "№ " + strconv.Itoa(c.number)
}

// message shows one message as text, as HTML in a frame, or as source.
func (m *Mailbox) message(w http.ResponseWriter, r *http.Request) {
	c := m.asked(r)
	if c == nil {
		m.sorry(w, r)
		return
	}
	m.showMessage(w, r, c, http.StatusOK, nil)
}

func (m *Mailbox) showMessage(w http.ResponseWriter, r *http.Request, c *caught, status int, problems []templates.Problem) {
	here := "/mailbox/" + strconv.Itoa(c.number)
	head, body := c.head(), c.body()
	page := templates.MailView{Back: "/mailbox", Answer: form(c), From: head.from, To: head.to(), Subject: titleOf(c), Lang: head.language,
		SentAt: c.at, View: "text", Text: body.text, Links: body.links()}
	views := []string{"text", "html", "source"}
	switch {
	case body.text == "" && body.html == "":
		views, page.View = []string{"source"}, "source"
	case body.html == "":
		views = []string{"text", "source"}
	case body.text == "":
		views, page.View = []string{"html", "source"}, "html"
	}
	for _, view := range views {
		page.Views = append(page.Views, templates.MailLink{View: view, URL: here + "?view=" + view})
		if view == r.URL.Query().Get("view") {
			page.View = view
		}
	}
	switch page.View {
	case "html":
		page.Text, page.FrameURL = "", here+"/html"
	case "source":
		page.Text = strings.ToValidUTF8(string(c.data), "\ufffd")
	}
	for _, h := range m.fates(c) {
		fate := templates.MailFate{To: h.to}
		if h.refused != nil {
			fate.Refused = h.refused.Error()
		}
		page.Fates = append(page.Fates, fate)
	}
	show(m, w, r, status, page, problems...)
}

// html answers with the HTML part alone, which can do nothing but be looked at.
func (m *Mailbox) html(w http.ResponseWriter, r *http.Request) {
	c := m.asked(r)
	if c == nil {
		m.sorry(w, r)
		return
	}
	guard(w, templates.MailSecurityPolicy, "text/html; charset=utf-8")
	w.Write([]byte(c.body().html)) //nolint:errcheck // the reader has gone
}

// source answers with the message as it came.
func (m *Mailbox) source(w http.ResponseWriter, r *http.Request) {
	c := m.asked(r)
	if c == nil {
		m.sorry(w, r)
		return
	}
	guard(w, templates.MailSecurityPolicy, "text/plain; charset=utf-8")
	w.Write(c.data) //nolint:errcheck // the reader has gone
}

// asked returns the message that the path names, nil where there is none or it is forgotten.
func (m *Mailbox) asked(r *http.Request) *caught {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil
	}
	return m.find(number)
}

func (m *Mailbox) sorry(w http.ResponseWriter, r *http.Request) {
	show(m, w, r, http.StatusNotFound, templates.Sorry{Word: templates.SorryNotFound})
}

// show answers with a page.
func show[T templates.Body](m *Mailbox, w http.ResponseWriter, r *http.Request, status int, body T, problems ...templates.Problem) {
	head := templates.Head{Problems: problems, Organisation: m.options.Organisation, Demo: true, Zone: toronto,
		Lang: templates.StaffLanguage(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))}
	page, err := templates.Render(head, body)
	if err != nil {
		// No message can bring this about: a page or its words are missing, and its test fails.
		http.Error(w, "the mailbox cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	guard(w, templates.ContentSecurityPolicy, "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page) //nolint:errcheck // the reader has gone
}

// guard sets what every answer carries.
func guard(w http.ResponseWriter, policy, kind string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}

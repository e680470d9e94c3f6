package web

import (
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
)

// poison stands in everything that people type, and office and member write: it may be on the page of whoever typed it, and nowhere else.
const poison = "quincunx"

func poisoned() url.Values {
	return values("name", "Ada "+poison, "town", poison+"town", "postal", "1 "+poison+" Street", "email", poison+".visitor@mail.example", "language", "en",
		"subject", "Stop this "+poison, "text", "Dear Minister,\r\n\r\nI am a teacher, and the word is "+poison+". Please stop the removal.\r\n\r\nYours sincerely,")
}

// P11, D3, R11: what is typed into every form about letters, and written in every mail, is in no log, no job, no metric, no address that anybody is led to,
// no page of an error, and in no column of the database in clear; nor is any token.
func TestNothingThatIsTypedOrWrittenAboutALetterLeaks(t *testing.T) {
	t.Parallel()
	h := openLetters(t, "en")
	h.server.ReplyDomain = answerDomain
	h.must(h.sink.Close())
	var err error
	h.sink, err = smtpsink.Start(smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		switch {
		case e.Step == smtpsink.Rcpt && strings.Contains(e.Line, h.address):
			return smtpsink.Action{Reply: "451 4.2.0 <" + h.address + "> is " + poison}
		case e.Step == smtpsink.Mail && strings.Contains(e.Line, "l+"):
			return smtpsink.Action{Reply: "550 5.1.1 no mail from " + strings.TrimPrefix(e.Line, "MAIL FROM:")}
		}
		return smtpsink.Action{}
	}})
	h.must(err)
	h.work()
	tokens := map[string]string{"the member's link": h.token}
	lead := func(what string, got screen) {
		t.Helper()
		to := got.Header.Get("Location")
		for _, token := range tokens {
			to = strings.ReplaceAll(to, token, "") // the way back to one's own page
		}
		if strings.Contains(to, poison) || got.StatusCode >= 400 && got.StatusCode != 422 && strings.Contains(string(got.text), poison) {
			t.Errorf("%s: %d, leads to %q\n%s", what, got.StatusCode, to, got.words())
		}
	}
	b, staff := h.stranger(), h.at(accounts.Tracker)
	visitor, member := "/a/"+h.slug+"/write/"+h.w.target, "/r/"+h.token+"/write/"+h.w.target
	for _, desk := range []string{visitor, member} {
		for _, way := range []string{"/check", "/own", "/paper", "/send", "/nowhere"} {
			lead(way, b.post(desk+way, poisoned()))
		}
	}
	hard := poisoned()
	hard.Set("text", strings.Repeat(poison+" ", 100_000))
	lead("a letter without end", b.post(visitor+"/check", hard))
	report := values("target", h.w.target, "channel", "fax", "day", time.Now().UTC().Format(time.DateOnly), "copies", "1", "key", poison, "note", poison)
	for _, at := range []string{"/a/" + h.slug + "/report", "/r/" + h.token + "/report", "/r/" + h.token + "/evening", "/code?code=" + poison} {
		got := b.post(at, report)
		if _, token, found := strings.Cut(got.Header.Get("Location"), "/w/"); found {
			tokens["a visitor's page"], _, _ = strings.Cut(token, "?")
		}
		lead(at, got)
	}
	lead("a code", b.post("/code", values("code", poison)))
	lead("a link that is none", b.get("/c/"+poison))

	_, question := h.mailTo(poison+".visitor@mail.example", 1)
	link := h.linkIn(question)
	tokens["the link of a letter"] = link[strings.LastIndex(link, "/")+1:]
	var id int64
	h.must(h.pool.QueryRow(h.ctx, `SELECT m.letter_id FROM letter_mails m JOIN letters l ON l.id = m.letter_id WHERE l.visitor_id IS NOT NULL`).Scan(&id))
	m, err := h.server.Letters.Mail(h.ctx, id)
	h.must(err)
	at := "/c/" + tokens["the link of a letter"]
	b.post(at, values("version", poison)) // the page of the letter again, which shows it to whoever wrote it
	lead("yes", b.post(at, values("version", m.Version())))
	h.mailTo(poison+".visitor@mail.example", 2) // that it was refused
	h.until(`SELECT count(*) FROM river_job WHERE kind = 'ask_writer' AND errors IS NOT NULL`)

	server := h.mailIn()
	answers := h.server.Letters.Links
	tokens["the address of a letter"] = answers.Letter.Make(id, number(h.w.target))
	tokens["the address of a copy"] = answers.Copy.Make(number(h.w.appeal)<<31|number(h.w.target), number(h.w.member))
	tokens["the address of the alert"] = h.server.Links.Reply.Make(number(h.w.appeal), number(h.w.member))
	for token, door := range map[string]string{"the address of a letter": "l", "the address of a copy": "c", "the address of the alert": "r"} {
		h.mailed(server, door+"+"+tokens[token]+"@"+answerDomain, "From: \""+poison+"\" <"+poison+"@ministry.example>\nTo: minister@gov-ca.example\nMessage-ID: <"+
			poison+"@x.example>\nSubject: "+poison+"\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nDear Ms "+poison+", https://act.refnet.example/r/"+h.token+
			"\n--b\nContent-Disposition: attachment; filename=\""+poison+".pdf\"\n\n%PDF-1.7 "+poison+"\n--b--\n")
	}
	h.until(`SELECT count(*) FROM replies`)
	reply := "/admin/replies/" + h.texts(`SELECT min(id)::text FROM replies`)[0]
	for _, form := range []struct {
		at    string
		typed url.Values
	}{{reply + "/open", nil}, {reply + "/files/1", nil}, {reply + "/notes", values("note", poison)}, {reply + "/shown", values("shown_subject", poison, "shown_text", poison)},
		{"/admin/replies", values("from", poison, "subject", poison, "text", poison, "key", poison)}} {
		if got := staff.post(form.at, form.typed); got.StatusCode >= 400 {
			t.Errorf("%s: %d\n%s", form.at, got.StatusCode, got.words())
		} else {
			lead(form.at, got)
		}
	}
	h.must(h.server.Letters.AddUnspoken(h.ctx, audit.System(), number(h.w.caseID), poison))
	lead("what must stay out", b.post(visitor+"/own", poisoned()))

	metrics := httptest.NewRecorder()
	h.server.Ops().ServeHTTP(metrics, httptest.NewRequest("GET", "/metrics", nil))
	for where, text := range map[string]string{"the log": h.log.String(), "the metrics": metrics.Body.String(),
		"the jobs": strings.Join(h.texts(`SELECT args::text || COALESCE(errors::text, '') || metadata::text FROM river_job`), "\n")} {
		tokens["the word"], tokens["an address"] = poison, h.address
		for what, secret := range tokens {
			if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
				t.Errorf("%s: %s", where, what)
			}
		}
		if len(text) < 100 {
			t.Errorf("%s: %q; nothing was looked at", where, text)
		}
	}
	for _, table := range h.texts(`SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`) {
		for what, secret := range tokens {
			for _, form := range []string{secret, hex.EncodeToString([]byte(secret))} {
				if n := h.count(fmt.Sprintf(`SELECT count(*) FROM %s t WHERE strpos(lower(t::text), lower('%s')) > 0`, table, form)); n > 0 {
					t.Errorf("the table %s holds %s in clear, in %d rows", table, what, n)
				}
			}
		}
	}
}

// until waits until a count is not 0.
func (h *letterHouse) until(sql string) {
	h.Helper()
	for end := time.Now().Add(time.Minute); h.count(sql) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("%s is still 0", sql)
		}
	}
}

package demo

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"holdfast/letters"
	"holdfast/mailer"
)

// desk stands in for the desk that takes mail in: it keeps what the mailbox hands on. What is wrong with a mail, refuse says.
type desk struct {
	mu     sync.Mutex
	taken  []arrived
	refuse error
}

type arrived struct {
	sender, recipient string
	mail              mailer.Incoming
}

func (d *desk) take(sender, recipient string, message []byte) error {
	in, err := mailer.ReadIncoming(strings.NewReader(string(message)))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = append(d.taken, arrived{sender, recipient, in})
	return d.refuse
}

// last is the last mail that was handed on.
func (d *desk) last(t testing.TB) arrived {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.taken) == 0 {
		t.Fatal("nothing was handed on")
	}
	return d.taken[len(d.taken)-1]
}

// press sends a form and follows where it leads.
func press(t testing.TB, m *Mailbox, path string, form url.Values, header ...string) (status int, page string) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, request)
	answer := recorder.Result()
	if answer.StatusCode == http.StatusSeeOther {
		answer, text := get(t, m, answer.Header.Get("Location"))
		return answer.StatusCode, text
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// tracked is a mail as the house sends it, with a Reply-To of its own.
func tracked(door, language, to string) string {
	return "From: Noor <appeals@refnet.example>\nTo: Office <" + to + ">\nSubject: Please wait\nMessage-ID: <abc@refnet.example>\nReply-To: <" + door + "+token@answers.refnet.example>\n" +
		"Content-Language: " + language + "\nContent-Type: text/plain; charset=utf-8\n\nDear Minister,\nplease wait.\n"
}

func TestAnOfficeAnswersALetterFromTheMailbox(t *testing.T) {
	t.Parallel()
	d := &desk{}
	m := openMailbox(t, MailboxOptions{OnMail: d.take})
	if err := post(t, m, "minister.ps@gov-ca.example", tracked("l", "fr", "minister.ps@gov-ca.example")); err != nil {
		t.Fatal(err)
	}
	if _, page := get(t, m, "/mailbox/1"); !strings.Contains(page, `action="/mailbox/1/answer"`) || !strings.Contains(page, "Answer as this office") {
		t.Fatalf("a letter to an office has no form to answer it:\n%s", page)
	}
	for kind, want := range map[string]struct {
		text, guess, says string
		automatic, null   bool
	}{
		"acknowledgement": {"", letters.Acknowledgement, "accusons réception", false, false},
		"agreed":          {"", letters.Substantive, "sera reporté", false, false},
		"refused":         {"", letters.Substantive, "exécuté comme prévu", false, false},
		"automatic":       {"", "", "réponse automatique", true, true},
		"own":             {"Nous y réfléchirons.", "", "réfléchirons", false, false},
	} {
		status, page := press(t, m, "/mailbox/1/answer", url.Values{"kind": {kind}, "text": {want.text}})
		if status != http.StatusOK || !strings.Contains(page, "has taken this in") || !strings.Contains(page, `href="/admin/replies"`) {
			t.Errorf("%s: %d, and the page does not say that it was taken in:\n%s", kind, status, page)
		}
		got := d.last(t)
		if got.recipient != "l+token@answers.refnet.example" || (got.sender == "") != want.null || got.mail.From != "minister.ps@gov-ca.example" ||
			got.mail.Automatic.Sure() != want.automatic || !strings.Contains(got.mail.Text, want.says) || !slices.Equal(got.mail.InReplyTo, []string{"abc@refnet.example"}) {
			t.Errorf("%s: handed on is %+v", kind, got)
		}
		if guess := letters.GuessKind(got.mail.Subject, got.mail.Text); want.guess != "" && guess != want.guess {
			t.Errorf("%s: it would be taken for %q, want %q", kind, guess, want.guess)
		}
	}
	press(t, m, "/mailbox/1/answer", url.Values{"kind": {"bounced"}})
	if got := d.last(t); got.sender != "" || got.mail.Report == nil || len(got.mail.Report.Recipients) != 1 || got.mail.Report.Recipients[0].Address != "minister.ps@gov-ca.example" ||
		!got.mail.Report.Recipients[0].Failed() {
		t.Errorf("no such mailbox: handed on is %+v, want a report that the letter did not arrive", got)
	}
	before := len(d.taken)
	for _, form := range []url.Values{{"kind": {"own"}}, {"kind": {"own"}, "text": {" \n"}}, {"kind": {"told"}, "text": {"x"}}, {}} {
		if status, page := press(t, m, "/mailbox/1/answer", form); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Answer as this office") {
			t.Errorf("%v: %d, want the form again", form, status)
		}
	}
	if status, _ := press(t, m, "/mailbox/1/answer", url.Values{"kind": {"acknowledgement"}}, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("sent from another site it answers %d, want 403", status)
	}
	if len(d.taken) != before {
		t.Errorf("%d mails were handed on that nobody should have sent", len(d.taken)-before)
	}
}

func TestAMemberAnswersAnAlertFromTheMailbox(t *testing.T) {
	t.Parallel()
	d := &desk{}
	m := openMailbox(t, MailboxOptions{OnMail: d.take})
	for i, language := range []string{"en", "fr-CA", "es", "ar", "fa"} {
		if err := post(t, m, "zoe.1@mail.example", tracked("r", language, "zoe.1@mail.example")); err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/mailbox/%d", m.Count())
		words := inLanguage(memberWords(), language)
		if _, page := get(t, m, path); !strings.Contains(page, html.EscapeString(words)+"</textarea>") || !strings.Contains(page, "Answer as this member") {
			t.Errorf("%s: %q does not stand in the form:\n%s", language, words, page)
		}
		press(t, m, path+"/answer", url.Values{"kind": {"told"}, "text": {words}})
		got := d.last(t)
		if said, ok := letters.Understand(got.mail.Text); !ok || said.Letters != 2 || got.recipient != "r+token@answers.refnet.example" || got.sender != "zoe.1@mail.example" {
			t.Errorf("%s: %+v is understood as %+v, %t, want 2 letters", language, got, said, ok)
		}
		press(t, m, path+"/answer", url.Values{"kind": {"passed_on"}, "text": {words}})
		if got := d.last(t); len(d.taken) != 2*(i+1) || !letters.IsForward(got.mail.Subject, got.mail.Text) || strings.Contains(got.mail.Text, words) {
			t.Errorf("%s: passed on is %+v, want a forwarded answer", language, got)
		}
	}
}

func TestWhatTheDeskRefusesIsSeenByWhoPressed(t *testing.T) {
	t.Parallel()
	d := &desk{refuse: errors.New("451 4.3.0 this cannot be written down at the moment")}
	m := openMailbox(t, MailboxOptions{OnMail: d.take})
	if err := post(t, m, "minister.ps@gov-ca.example", tracked("l", "en", "minister.ps@gov-ca.example")); err != nil {
		t.Fatal(err)
	}
	if _, page := press(t, m, "/mailbox/1/answer", url.Values{"kind": {"acknowledgement"}}); !strings.Contains(page, d.refuse.Error()) || strings.Contains(page, "has taken this in") {
		t.Errorf("the page does not say why the answer was refused:\n%s", page)
	}
}

func TestMailThatNobodyAnswersHasNoForm(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	for _, message := range []string{appealMail, tracked("u", "en", "zoe.1@mail.example"), strings.Replace(tracked("l", "en", "x@mail.example"), "+token", "", 1)} {
		if err := post(t, m, "zoe.1@mail.example", message); err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/mailbox/%d", m.Count())
		if _, page := get(t, m, path); strings.Contains(page, "/answer") {
			t.Errorf("it has a form:\n%s", page)
		}
		if status, _ := press(t, m, path+"/answer", url.Values{"kind": {"told"}, "text": {"sent"}}); status != http.StatusNotFound {
			t.Errorf("answered all the same it says %d, want 404", status)
		}
	}
}

func TestALetterLeavesByTheDemosOwnMailProgram(t *testing.T) {
	t.Parallel()
	d := &desk{}
	m := openMailbox(t, MailboxOptions{OnMail: d.take})
	letter := url.Values{"recipient": {"minister.fa@gov-ca.example"}, "blind": {"c+token@answers.refnet.example"}, "subject": {"Attendez"}, "text": {"Madame,\r\nÀ vous."}}
	status, page := press(t, m, "/mailbox/own", letter)
	for _, want := range []string{`value="minister.fa@gov-ca.example"`, `value="c&#43;token@answers.refnet.example"`, `value="you@mail.example"`, "À vous.</textarea>", `action="/mailbox/own/send"`} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("%d, and the form does not hold %s:\n%s", status, want, page)
		}
	}
	if m.Count() != 0 {
		t.Error("it was sent before anybody pressed send")
	}
	letter.Set("sender", "you@mail.example")
	if _, page := press(t, m, "/mailbox/own/send", letter); !strings.Contains(page, "has taken this in") {
		t.Errorf("the page does not say that the copy was taken in:\n%s", page)
	}
	got := d.last(t)
	if got.recipient != "c+token@answers.refnet.example" || got.sender != "you@mail.example" || !slices.Equal(got.mail.To, []string{"minister.fa@gov-ca.example"}) || !strings.Contains(got.mail.Text, "À vous.") {
		t.Errorf("the copy is %+v", got)
	}
	if _, source := get(t, m, "/mailbox/1/source"); strings.Contains(source, "c+token") {
		t.Errorf("the office sees the blind copy:\n%s", source)
	}
	letter.Set("sender", "nobody")
	if status, _ := press(t, m, "/mailbox/own/send", letter); status != http.StatusUnprocessableEntity || m.Count() != 1 {
		t.Errorf("from nobody it answers %d, and %d mails were sent; want 422 and 1", status, m.Count())
	}
}

func TestTheListIsNarrowedToWhatAMailIs(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	for _, mail := range []struct{ to, message string }{
		{"minister.ps@gov-ca.example", tracked("l", "en", "minister.ps@gov-ca.example")}, {"zoe.1@mail.example", tracked("r", "en", "zoe.1@mail.example")},
		{"l+token@answers.refnet.example", "Subject: answer\n\nx\n"}, {"zoe.1@mail.example", "Subject: sign in\n\nx\n"},
	} {
		if err := post(t, m, mail.to, mail.message); err != nil {
			t.Fatal(err)
		}
	}
	for what, number := range map[string]string{"letter": "1", "alert": "2", "inward": "3", "note": "4"} {
		_, page := get(t, m, "/mailbox?what="+what)
		if !strings.Contains(page, `href="/mailbox/`+number+`"`) || !strings.Contains(page, "1 mail<") {
			t.Errorf("%s does not show mail %s alone:\n%s", what, number, page)
		}
	}
}

package demo

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"

	"holdfast/templates"
)

func openMailbox(t testing.TB, o MailboxOptions) *Mailbox {
	t.Helper()
	o.Organisation = Organisation()
	m, err := OpenMailbox(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// post sends a message by SMTP and returns the answer.
func post(t testing.TB, m *Mailbox, to, message string) error {
	t.Helper()
	return smtp.SendMail(m.Addr(), nil, "b+token@refnet.example", []string{to}, []byte(strings.ReplaceAll(message, "\n", "\r\n")))
}

// get asks for a page and returns its answer and what it says.
func get(t testing.TB, m *Mailbox, path string) (*http.Response, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
	answer := recorder.Result()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

const appealMail = `From: =?UTF-8?Q?R=C3=A9seau?= <alerts@refnet.example>
To: =?UTF-8?Q?Zo=C3=AB_B.?= <zoe.1@mail.example>
Subject: =?UTF-8?Q?Canada=C2=A0:_un_renvoi?=
Content-Language: fr
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_1"

--=_1
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

Agissez=C2=A0: https://refnet.example/r/abc?x=3D1&y=3D2.
Deux fois : https://refnet.example/r/abc?x=3D1&y=3D2
--=_1
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: base64

PGh0bWwgbGFuZz0iZnIiPjxwPkFnaXNzZXo8L3A+PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0PjwvaHRtbD4=
--=_1--
`

func TestMailboxShowsWhatItCaught(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	if err := post(t, m, "zoe.1@mail.example", appealMail); err != nil {
		t.Fatal(err)
	}
	answer, page := get(t, m, "/mailbox")
	if answer.StatusCode != http.StatusOK || !strings.Contains(page, "Canada\u00a0: un renvoi") || !strings.Contains(page, "zoe.1@mail.example") {
		t.Errorf("the list answers %d and does not show the message:\n%s", answer.StatusCode, page)
	}
	for path, want := range map[string][]string{
		"/mailbox/1":             {"Réseau &lt;alerts@refnet.example&gt;", "Zoë B.", "Agissez\u00a0: https://refnet.example/r/abc?x=1&amp;y=2", `href="https://refnet.example/r/abc?x=1&amp;y=2"`},
		"/mailbox/1?view=html":   {`src="/mailbox/1/html"`, "sandbox"},
		"/mailbox/1?view=source": {"Content-Type: multipart/alternative", "=_1--"},
	} {
		answer, page := get(t, m, path)
		if got := answer.Header.Get("Content-Security-Policy"); got != templates.ContentSecurityPolicy {
			t.Errorf("%s has the policy %q", path, got)
		}
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not hold %q:\n%s", path, text, page)
			}
		}
		if strings.Contains(page, "<script>alert") {
			t.Errorf("%s holds a script of the message", path)
		}
	}
	answer, page = get(t, m, "/mailbox/1/html")
	if page != `<html lang="fr"><p>Agissez</p><script>alert(1)</script></html>` {
		t.Errorf("the HTML part is %q", page)
	}
	for name, want := range map[string]string{"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("the HTML part has %s: %q, want %q", name, got, want)
		}
	}
	answer, page = get(t, m, "/mailbox/1/source")
	if want := strings.ReplaceAll(appealMail, "\n", "\r\n"); page != want || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("the source is %s, %d octets, want text/plain, %d octets", answer.Header.Get("Content-Type"), len(page), len(want))
	}
}

func TestMailboxFindsByLanguageAndWords(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	for i := range 120 {
		language := []string{"en", "fr-CA", "fa"}[i%3]
		m.add(&caught{recipients: []string{fmt.Sprintf("Member.%d@mail.example", i)},
			data: fmt.Appendf(nil, "Subject: appeal %d\r\nContent-Language: %s\r\n\r\ntext", i, language)})
	}
	rows := func(path string) []string {
		var found []string
		for path != "" {
			_, page := get(t, m, path)
			path = ""
			for _, line := range strings.Split(page, "\n") {
				if _, rest, ok := strings.Cut(line, "<bdi>appeal "); ok {
					number, _, _ := strings.Cut(rest, "<")
					found = append(found, number)
				}
				if _, rest, ok := strings.Cut(line, `href="/mailbox?`); ok && strings.Contains(rest, "before=") {
					query, _, _ := strings.Cut(rest, `"`)
					path = "/mailbox?" + strings.ReplaceAll(query, "&amp;", "&")
				}
			}
		}
		return found
	}
	if all := rows("/mailbox"); len(all) != 120 || all[0] != "119" || all[119] != "0" || len(slices.Compact(all)) != 120 {
		t.Errorf("all pages together have %d messages: %v, want 120, newest first", len(all), all)
	}
	if french := rows("/mailbox?language=fr"); len(french) != 40 || french[0] != "118" {
		t.Errorf("French: %d messages: %v, want 40", len(french), french)
	}
	if one := rows("/mailbox?q=MEMBER.77%40"); len(one) != 1 || one[0] != "77" {
		t.Errorf("by recipient: %v, want 77", one)
	}
	_, page := get(t, m, "/mailbox?q=Appeal+11&language=en&lang=en")
	for _, want := range []string{`<form method="get" action="/mailbox"`, `name="q" type="text" value="Appeal 11"`, `<option value="en" selected>English</option>`, `type="hidden" name="lang" value="en"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the filter does not hold %s:\n%s", want, page)
		}
	}
	if _, page := get(t, m, "/mailbox?q=nobody"); !strings.Contains(page, "No mail fits.") {
		t.Errorf("where nothing fits the list says:\n%s", page)
	}
	if some := rows("/mailbox?q=Appeal+11&language=en"); !slices.Equal(some, []string{"117", "114", "111"}) {
		t.Errorf("by subject and language: %v, want 117, 114, 111", some)
	}
}

func TestMailboxSaysThatTheMailsOfAnEarlierStartAreGone(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	if _, page := get(t, m, "/mailbox"); strings.Contains(page, "earlier start") {
		t.Error("it says so where there was none")
	}
	m.SayEarlier()
	if err := post(t, m, "zoe.1@mail.example", appealMail); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/mailbox", "/mailbox?q=nobody"} {
		if _, page := get(t, m, path); !strings.Contains(page, "The mails of an earlier start are gone") {
			t.Errorf("%s does not say so:\n%s", path, page)
		}
	}
}

func TestMailboxRefusesOneAddress(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{Refuse: RefusedAddress})
	var refused *textproto.Error
	err := post(t, m, strings.ToUpper(RefusedAddress), appealMail)
	if !errors.As(err, &refused) || refused.Code != 550 || !strings.HasPrefix(refused.Msg, "5.1.1 ") {
		t.Errorf("mail to the refused address: %v, want 550 5.1.1", err)
	}
	if err := post(t, m, "somebody.else@poste.example", appealMail); err != nil {
		t.Errorf("mail to another address: %v", err)
	}
	if m.Count() != 1 {
		t.Errorf("%d messages, want 1", m.Count())
	}
}

func TestU10_MailToATokenIsHandedOn(t *testing.T) {
	t.Parallel()
	type mail struct{ sender, recipient, message string }
	var mu sync.Mutex
	var got []mail
	m := openMailbox(t, MailboxOptions{OnMail: func(sender, recipient string, message []byte) error {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, mail{sender, recipient, string(message)})
		return errors.New("550 5.1.1 no such mailbox")
	}})
	for _, to := range []string{"u+TOKEN@refnet.example", "member+label@mail.example", "u+@refnet.example", "plain@refnet.example"} {
		if err := post(t, m, to, "Subject: leave\n\nplease\n"); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 1 || got[0].recipient != "u+TOKEN@refnet.example" || got[0].sender != "b+token@refnet.example" || !strings.Contains(got[0].message, "please") {
		t.Errorf("handed on: %v, want the one to u+TOKEN, with who sent it", got)
	}
	if _, page := get(t, m, "/mailbox/1"); !strings.Contains(page, "leave") || !strings.Contains(page, "550 5.1.1 no such mailbox") {
		t.Errorf("a message that was handed on is not kept, or does not say why it was refused:\n%s", page)
	}
}

func TestMailboxSurvivesHostileMail(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	nested := ""
	for i := range 500 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested += "Content-Type: text/plain\n\nso deep\n"
	wide := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: application/x\n\nx\n", 5000) + "--b--\n"
	hostile := map[string]string{
		"nothing":               "\n",
		"no header":             "only text, with no colon\n",
		"script in header":      "Subject: <script>alert(1)</script>\nFrom: \"><img src=x onerror=alert(1)>\n\n<script>alert(2)</script>\n",
		"encoded script":        "Subject: =?UTF-8?B?PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==?=\n\ntext\n",
		"encoded line break":    "Subject: =?UTF-8?Q?one=0D=0ASet-Cookie:_x=3D1?=\n\ntext\n",
		"unknown charset":       "Subject: =?x-nobody?Q?=FF?=\nContent-Type: text/plain; charset=x-nobody\n\n\xff\xfe\n",
		"language as attribute": "Subject: s\nContent-Language: en\" onload=\"alert(1)\n\ntext\n",
		"no boundary":           "Content-Type: multipart/alternative\n\n--x\n\ntext\n",
		"media type":            "Content-Type: ;;;=\n\ntext\n",
		"broken base64":         "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGh0bWw+*****\n",
		"broken quoted":         "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=ZZ =\n",
		"bad link":              "Content-Type: text/html\n\n<a href=\"javascript:alert(1)\">x</a> <a href='https://x.example/\"onclick=alert(1)'>y</a>\n",
		"NUL and controls":      "Subject: a\x01b\x7fc\n\n\x00\x1b[2J\u202etext\n",
		"nested":                nested, "wide": wide, "long header": "Subject: " + strings.Repeat("x", 200_000) + "\n\ntext\n",
	}
	for name, message := range hostile {
		m.add(&caught{recipients: []string{"<b>@mail.example"}, data: []byte(strings.ReplaceAll(message, "\n", "\r\n"))})
		for _, view := range []string{"text", "html", "source"} {
			answer, page := get(t, m, fmt.Sprintf("/mailbox/%d?view=%s", m.last, view))
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s, as %s: %d", name, view, answer.StatusCode)
			}
			for _, live := range []string{"<script>alert", "<img src=x", `" onload=`, `href="javascript`, `"onclick=alert`, "<b>@"} {
				if strings.Contains(page, live) {
					t.Errorf("%s, as %s: the page holds %q", name, view, live)
				}
			}
		}
	}
	answer, page := get(t, m, "/mailbox")
	if answer.StatusCode != http.StatusOK || strings.Contains(page, "<script>alert") || len(page) > 200_000 {
		t.Errorf("the list answers %d with %d octets, or holds a script", answer.StatusCode, len(page))
	}
}

func TestMailboxAnswersWhatIsNotThere(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	for _, path := range []string{"/mailbox/1", "/mailbox/0", "/mailbox/-1", "/mailbox/x", "/mailbox/1/html", "/mailbox/99999999999999999999/source", "/mailbox/1/x"} {
		if answer, _ := get(t, m, path); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, answer.StatusCode)
		}
	}
	for _, path := range []string{"/mailbox", "/mailbox/", "/mailbox?before=x&lang=fr", "/mailbox?q=%ff"} {
		if answer, _ := get(t, m, path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s of an empty mailbox answers %d, want 200", path, answer.StatusCode)
		}
	}
	recorder := httptest.NewRecorder()
	m.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/mailbox", nil))
	if recorder.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d, want 405", recorder.Code)
	}
}

func TestMailboxForgetsTheOldest(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	for range keptMessages + 30 {
		m.add(&caught{data: []byte("x")})
	}
	if len(m.kept) != keptMessages || m.find(30) != nil || m.find(31) == nil || m.find(m.last).number != m.last {
		t.Errorf("%d messages are kept, from %d", len(m.kept), m.kept[0].number)
	}
	large := make([]byte, largest) // one for all: the mailbox counts what it would take
	for range keptBytes/largest + 3 {
		m.add(&caught{data: large})
	}
	if m.bytes > keptBytes || len(m.kept) != keptBytes/largest {
		t.Errorf("%d messages of %d octets are kept, want %d octets at most", len(m.kept), m.bytes, keptBytes)
	}
}

func TestMailboxMayBeReadWhileItFills(t *testing.T) {
	t.Parallel()
	m := openMailbox(t, MailboxOptions{})
	fill := func(n int) {
		for range n {
			m.add(&caught{recipients: []string{"a@mail.example"}, data: []byte("Subject: s\r\n\r\nx")})
		}
	}
	fill(keptMessages) // from now on each one puts out the oldest
	const writers, each = 4, 2000
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() { fill(each) })
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if _, total, _ := m.search(filter{query: "s"}, 0, pageSize); total != keptMessages {
			t.Fatalf("%d messages are found while others come in, want %d", total, keptMessages)
		}
	}
	found, _, more := m.search(filter{}, 0, pageSize)
	if len(found) != pageSize || !more || found[0].number != keptMessages+writers*each {
		t.Errorf("%d found from %d on, more: %t", len(found), found[0].number, more)
	}
}

func TestCaughtMailIsReadWithinLimits(t *testing.T) {
	t.Parallel()
	deep := &caught{}
	for i := range deepest + 1 {
		deep.data = fmt.Appendf(deep.data, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	deep.data = append(deep.data, "Content-Type: text/plain\r\n\r\nso deep\r\n"...)
	wide := &caught{data: []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		strings.Repeat("--b\r\nContent-Type: application/x\r\n\r\nx\r\n", mostParts) + "--b\r\nContent-Type: text/plain\r\n\r\nso far\r\n--b--\r\n")}
	for _, c := range []*caught{deep, wide} {
		if got := c.body(); got != (body{}) {
			t.Errorf("a part beyond the limits is read: %+v", got)
		}
	}
	tagged := &caught{data: []byte("Content-Language: en\" onload=\"x\r\nSubject: " + strings.Repeat("ü", 2*longestLine) + "\r\n\r\n")}
	if head := tagged.head(); head.language != "" || len([]rune(head.subject)) != longestLine {
		t.Errorf("language %q, a subject of %d characters; want none, and %d", head.language, len([]rune(head.subject)), longestLine)
	}
	attached := &caught{data: []byte("Content-Type: text/html\r\nContent-Disposition: attachment; filename=x.html\r\n\r\n<p>x</p>")}
	if got := attached.body(); got.html != "" {
		t.Errorf("an attachment is shown: %q", got.html)
	}
	latin := &caught{data: []byte("Content-Type: text/plain; charset=ISO-8859-1\r\n\r\n\xe9t\xe9")}
	if got := latin.body(); got.text != "été" {
		t.Errorf("Latin-1 is read as %q", got.text)
	}
}

func BenchmarkMailboxSearch(b *testing.B) {
	m := openMailbox(b, MailboxOptions{})
	for range keptMessages {
		m.add(&caught{recipients: []string{"zoe.1@mail.example"}, data: []byte(strings.ReplaceAll(appealMail, "\n", "\r\n"))})
	}
	m.search(filter{query: "x"}, 0, pageSize)
	for b.Loop() {
		m.search(filter{language: "fr", query: "renvoi"}, 0, pageSize)
	}
}

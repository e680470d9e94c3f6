package mailer

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/google/go-cmp/cmp"
	gomail "github.com/wneessen/go-mail"

	"holdfast/internal/failure"
)

const (
	markName = "q7x2k9n1name"
	markURL  = "q7x2k9n1link"
	markOut  = "q7x2k9n1gone"
)

func appeal() Draft {
	return Draft{
		Kind:     Appeal,
		From:     Address{Name: "Réseau Refuge, Montréal", Addr: "alertes@refnet.example"},
		ListID:   "alertes.refnet.example",
		ListName: "Réseau Refuge",
		Subject:  "AU 12/26 – Ne renvoyez pas M. S. et sa fille: écrivez avant le 30 novembre",
		Language: "fr",
		Text: "Bonjour " + markName + ",\n\nÉcrivez maintenant: " + markURL + "\n\n.un point au début\n--un trait\nFrom ici\n" +
			markName + " \n" + markName + markName + "\n\nSe désinscrire: " + markOut,
		HTML: `<!DOCTYPE html><html lang="fr"><body><p title="` + markName + `">Bonjour <bdi>` + markName + `</bdi>,</p>` +
			`<p><a href="` + markURL + `">Écrivez maintenant</a></p>` + "\n.point\n" + strings.Repeat("é à ü ", 60) +
			`<a href="` + markOut + `">Se désinscrire</a></body></html>` + "\n",
		Date: time.Date(2026, 11, 23, 17, 55, 0, 0, time.FixedZone("", -5*3600)),
		Seed: "appeal 12/26 fr",
		Holes: []Hole{
			{Mark: markName, Kind: Text}, {Mark: markURL, Kind: Link}, {Mark: markOut, Kind: Link},
		},
	}
}

func memberCopy(name string) Copy {
	return Copy{
		Address: "ana@mail.example", Name: name, MessageID: "k3.7f2a", ReplyTo: "r+k3@in.refnet.example",
		UnsubscribeURL: "https://refnet.example/u/k3", UnsubscribeMail: "u+k3@in.refnet.example",
		Values: []string{name, "https://refnet.example/r/k3?a=1&b=2", "https://refnet.example/u/k3"},
	}
}

func compose(t testing.TB, d Draft) *Composed {
	t.Helper()
	c, err := Compose(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fill(t testing.TB, c *Composed, member Copy) []byte {
	t.Helper()
	m, _, err := c.Fill(nil, member)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// hostile are values that a member could have given as a name.
var hostile = []string{
	"", "Ana", "Ana Maria O'Neil", `Smith, "Joe" <joe@evil.example>`, "a@b", "Зоя Петрова", "فاطمة الزهراء", "王小明",
	"Bcc: x@evil.example", "a\r\nBcc: x@evil.example\r\n\r\nbody", "a\nBcc: x@evil.example", "a\rb", "nul\x00byte",
	"u\u2028v\u2029w\u0085x\vy\fz", "=?UTF-8?Q?=0D=0ABcc:_x@evil.example?=", "=?utf-8?b?DQpCY2M6IHg=?=", "\xff\xfe broken",
	".", "..", "\n.\n", "\r\n.\r\n", "--bffffffffffffffffffffffffffffffff--", "\r\n--b\r\nContent-Type: text/html\r\n\r\n",
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "' onmouseover='x", "{{.Secret}} ${x} %s %d", "&amp;&#0;",
	"=", "=3D", "trailing space ", "trailing tab\t", " leading", "two  spaces", strings.Repeat("x", 3000),
	strings.Repeat("длинное имя ", 60), strings.Repeat("é", 500), "From here", "\u202egnp.exe", "👩‍👩‍👧‍👦", "a\\b", "(comment)", ":;,", markURL,
}

// part is a decoded MIME part, with its parts.
type part struct {
	Type   string
	Header map[string][]string
	Body   string
	Parts  []part
}

// parseStandard is a tree by net/mail, mime/multipart and mime/quotedprintable.
func parseStandard(t testing.TB, raw []byte) part {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("net/mail: %v\n%q", err, raw)
	}
	p := part{Header: decoded(t, m.Header)}
	p.Type, p.Body, p.Parts = standardBody(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return p
}

func standardBody(t testing.TB, contentType, encoding string, body io.Reader) (string, string, []part) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("Content-Type %q: %v", contentType, err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if encoding == "quoted-printable" {
			body = quotedprintable.NewReader(body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatalf("a part of %s: %v", kind, err)
		}
		return kind + " " + parameters["charset"], string(text), nil
	}
	var parts []part
	for reader := multipart.NewReader(body, parameters["boundary"]); ; {
		inner, err := reader.NextRawPart()
		if err == io.EOF {
			return kind, "", parts
		}
		if err != nil {
			t.Fatalf("mime/multipart: %v", err)
		}
		p := part{Header: map[string][]string{}}
		p.Type, p.Body, p.Parts = standardBody(t, inner.Header.Get("Content-Type"), inner.Header.Get("Content-Transfer-Encoding"), inner)
		parts = append(parts, p)
	}
}

func decoded(t testing.TB, header map[string][]string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for name, values := range header {
		for _, v := range values {
			text, err := new(mime.WordDecoder).DecodeHeader(v)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if name == "To" || name == "From" || name == "Reply-To" {
				addresses, err := mail.ParseAddressList(v)
				if err != nil {
					t.Fatalf("%s %q: %v", name, v, err)
				}
				text = fmt.Sprintf("%q", addresses)
			}
			if name == "Content-Type" || name == "Content-Transfer-Encoding" {
				continue // compared as structure
			}
			out[name] = append(out[name], text)
		}
	}
	return out
}

// parseGoMessage is the tree of go-message.
func parseGoMessage(t testing.TB, raw []byte) part {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("go-message: %v\n%q", err, raw)
	}
	header := map[string][]string{}
	for f := e.Header.Fields(); f.Next(); {
		key := textproto.CanonicalMIMEHeaderKey(f.Key())
		header[key] = append(header[key], f.Value())
	}
	p := goMessagePart(t, e)
	p.Header = decoded(t, header)
	return p
}

func goMessagePart(t testing.TB, e *message.Entity) part {
	t.Helper()
	kind, parameters, err := e.Header.ContentType()
	if err != nil {
		t.Fatal(err)
	}
	p := part{Type: kind, Header: map[string][]string{}}
	reader := e.MultipartReader()
	if reader == nil {
		text, err := io.ReadAll(e.Body)
		if err != nil {
			t.Fatalf("go-message, a part of %s: %v", kind, err)
		}
		p.Type, p.Body = kind+" "+parameters["charset"], string(text)
		return p
	}
	for {
		inner, err := reader.NextPart()
		if err == io.EOF {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Parts = append(p.Parts, goMessagePart(t, inner))
	}
}

// builtAnew makes the same message by go-mail alone, the values put into the texts before anything is encoded.
func builtAnew(t testing.TB, d Draft, member Copy) []byte {
	t.Helper()
	text, page := d.Text, d.HTML
	var inText, inPage []string
	for i, h := range d.Holes {
		v := bodyText(member.Values[i])
		inText, inPage = append(inText, h.Mark, v), append(inPage, h.Mark, html.EscapeString(v))
	}
	text, page = strings.NewReplacer(inText...).Replace(text), strings.NewReplacer(inPage...).Replace(page)
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&mail.Address{Name: d.From.Name, Address: d.From.Addr})
	m.ToMailAddress(&mail.Address{Name: oneLine(member.Name), Address: member.Address})
	if member.ReplyTo != "" {
		m.ReplyToMailAddress(&mail.Address{Address: member.ReplyTo})
	}
	m.Subject(d.Subject)
	m.SetDateWithValue(d.Date)
	m.SetMessageIDWithValue(member.MessageID + "@refnet.example")
	m.SetGenHeader("Content-Language", d.Language)
	if d.ListID != "" {
		m.SetGenHeader("List-Id", mime.QEncoding.Encode("UTF-8", d.ListName)+" <"+d.ListID+">")
	}
	if d.Kind == System {
		m.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	if member.UnsubscribeURL != "" {
		if err := m.SetListUnsubscribeOneClick(member.UnsubscribeURL, "mailto:"+member.UnsubscribeMail); err != nil {
			t.Fatal(err)
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, text)
	if page != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, page)
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestW13_FilledEqualsBuiltAnew(t *testing.T) {
	t.Parallel()
	d := appeal()
	c := compose(t, d)
	for _, value := range hostile {
		member := memberCopy(value)
		raw, anew := fill(t, c, member), builtAnew(t, d, member)
		want := parseStandard(t, anew)
		if diff := cmp.Diff(want, parseStandard(t, raw)); diff != "" {
			t.Errorf("name %q, by net/mail:\n%s", value, diff)
		}
		if diff := cmp.Diff(want, parseGoMessage(t, raw)); diff != "" {
			t.Errorf("name %q, by go-message:\n%s", value, diff)
		}
		if diff := cmp.Diff(parseGoMessage(t, anew), parseGoMessage(t, raw)); diff != "" {
			t.Errorf("name %q, both by go-message:\n%s", value, diff)
		}
	}
}

func TestW13_PlainTextAloneEqualsBuiltAnew(t *testing.T) {
	t.Parallel()
	d := Draft{Kind: System, From: Address{Name: "Refuge", Addr: "no-reply@refnet.example"}, Subject: "Your sign-in link",
		Language: "en", Text: "Hello " + markName + "\n\n" + markURL, Date: appeal().Date, Seed: "sign-in 7",
		Holes: []Hole{{Mark: markName}, {Mark: markURL, Kind: Link}}}
	c := compose(t, d)
	for _, value := range hostile {
		member := Copy{Address: "ana@mail.example", Name: value, MessageID: "s7", Values: []string{value, "https://refnet.example/s/7"}}
		raw := fill(t, c, member)
		want, got := parseStandard(t, builtAnew(t, d, member)), parseStandard(t, raw)
		got.Body = strings.TrimSuffix(got.Body, "\r\n") // the line end of the last line, which every message has
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("name %q:\n%s", value, diff)
		}
	}
}

// checkLines holds W1, and the 76 octets of quoted-printable and encoded words.
func checkLines(t testing.TB, raw []byte) {
	t.Helper()
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("the last line does not end in CRLF")
	}
	header := true
	for _, line := range strings.Split(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		header = header && line != ""
		switch {
		case strings.ContainsAny(line, "\r\n\x00"):
			t.Errorf("a bare CR or LF or a NUL in %q", line)
		case len(line) > 998:
			t.Errorf("a line of %d octets: %.80q", len(line), line)
		case !header && len(line) > 76:
			t.Errorf("a body line of %d octets: %q", len(line), line)
		case header && strings.Contains(line, "=?UTF-8?") && len(line) > 76:
			t.Errorf("an encoded word on a line of %d octets: %q", len(line), line)
		case !header && (strings.HasPrefix(line, "From ") || strings.HasPrefix(line, ".")):
			t.Errorf("a relay would alter the line %q", line)
		}
	}
}

func TestW1_Lines(t *testing.T) {
	t.Parallel()
	c := compose(t, appeal())
	for _, value := range hostile {
		checkLines(t, fill(t, c, memberCopy(value)))
	}
}

var headerSet = []string{
	"Content-Language", "Content-Type", "Date", "From", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
	"Message-Id", "Mime-Version", "Reply-To", "Subject", "To",
}

func fieldNames(t testing.TB, raw []byte) []string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, values := range m.Header {
		for range values {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestW3_W5_NoValueAddsAHeader(t *testing.T) {
	t.Parallel()
	c := compose(t, appeal())
	for _, value := range hostile {
		if diff := cmp.Diff(headerSet, fieldNames(t, fill(t, c, memberCopy(value)))); diff != "" {
			t.Errorf("name %q:\n%s", value, diff)
		}
	}
}

func TestW3_NamesAreOneLine(t *testing.T) {
	t.Parallel()
	c := compose(t, appeal())
	for _, value := range hostile {
		m, err := mail.ReadMessage(bytes.NewReader(fill(t, c, memberCopy(value))))
		if err != nil {
			t.Fatal(err)
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "ana@mail.example" {
			t.Fatalf("name %q: To is %v, %v", value, to, err)
		}
		if strings.ContainsAny(to[0].Name, "\r\n\x00\v\f\u0085\u2028\u2029") {
			t.Errorf("name %q arrives as %q", value, to[0].Name)
		}
	}
}

func TestNoValueEndsAPart(t *testing.T) {
	t.Parallel()
	d := appeal()
	c := compose(t, d)
	m, err := mail.ReadMessage(bytes.NewReader(fill(t, c, memberCopy("Ana"))))
	if err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"--%s--", "\n--%s\n\nx", "\r\n--%s--\r\n", strings.Repeat("x", 74) + "--%s", strings.Repeat("x", 75) + "--%s"} {
		member := memberCopy("Ana")
		member.Values[0] = fmt.Sprintf(value, parameters["boundary"])
		if diff := cmp.Diff(parseStandard(t, builtAnew(t, d, member)), parseStandard(t, fill(t, c, member))); diff != "" {
			t.Errorf("value %q:\n%s", member.Values[0], diff)
		}
	}
}

func TestW3_HostileDraftIsRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"a\r\nBcc: x@evil.example", "a\nb", "a\rb", "a\x00b", "a\u2028b", "a\u2029b", "a\u0085b", "a\vb", "\xff"} {
		d := appeal()
		d.Subject, d.From.Name, d.ListName, d.ListID, d.Language = bad, bad, bad, bad, bad
		d.From.Addr = "a" + bad + "@refnet.example"
		_, err := Compose(d)
		if !failure.Is(err, failure.Invalid) {
			t.Fatalf("Compose with %q = %v, want Invalid", bad, err)
		}
		for _, field := range []string{"subject", "from.name", "from.address", "list_name", "list_id", "language"} {
			if !strings.Contains(err.Error(), field+":") {
				t.Errorf("with %q the error does not name %s: %v", bad, field, err)
			}
		}
	}
	for _, encoded := range []string{"=?UTF-8?Q?=0D=0ABcc:_x@evil.example?=", "a =?utf-8?b?DQpCY2M6IHg=?= b"} {
		d := appeal()
		d.Subject, d.From.Name, d.ListName = encoded, encoded, encoded
		got := parseStandard(t, fill(t, compose(t, d), memberCopy("Ana")))
		if s := got.Header["Subject"][0]; s != encoded {
			t.Errorf("the subject %q arrives as %q", encoded, s)
		}
		if f := got.Header["From"][0]; !strings.Contains(f, fmt.Sprintf("%q", &mail.Address{Name: encoded, Address: d.From.Addr})) {
			t.Errorf("the name %q arrives as %s", encoded, f)
		}
	}
}

func TestW5_MessageIDIsOursAndRefusedWhereMalformed(t *testing.T) {
	t.Parallel()
	c := compose(t, appeal())
	got := parseStandard(t, fill(t, c, memberCopy("Ana"))).Header["Message-Id"]
	if diff := cmp.Diff([]string{"<" + c.MessageID("k3.7f2a") + ">"}, got); diff != "" || c.MessageID("x") != "x@refnet.example" {
		t.Error(diff, c.MessageID("x"))
	}
	for _, bad := range []string{"", "a b", "a@b", "a>b", "a\r\nb", "a..b", "é"} {
		member := memberCopy("Ana")
		member.MessageID = bad
		if _, _, err := c.Fill(nil, member); err != ErrMessageID {
			t.Errorf("Fill with message id %q = %v, want ErrMessageID", bad, err)
		}
	}
}

func TestW6_SubjectsAndNamesArriveAsWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"plain", "Ne renvoyez pas", "اقدام فوری: او را برنگردانید و همین امروز به وزیر نامه بنویسید", strings.Repeat("длинно ", 30) + "конец",
		"a, \"b\" <c@d.example>", strings.Repeat("x", 400), strings.Repeat("word ", 90) + "end", "王" + strings.Repeat("小", 100), "tab-free = ? _ é",
	} {
		d := appeal()
		d.Subject, d.From.Name = text, text
		raw := fill(t, compose(t, d), memberCopy(text))
		checkLines(t, raw)
		got := parseStandard(t, raw)
		if s := got.Header["Subject"][0]; s != text {
			t.Errorf("subject %q arrives as %q", text, s)
		}
		for _, field := range []string{"From", "To"} {
			address := map[string]string{"From": d.From.Addr, "To": "ana@mail.example"}[field]
			if want := fmt.Sprintf("%q", []*mail.Address{{Name: text, Address: address}}); got.Header[field][0] != want {
				t.Errorf("%s %q arrives as %s", field, text, got.Header[field][0])
			}
		}
	}
}

func TestW8_BothPartsHaveTheLinks(t *testing.T) {
	t.Parallel()
	d := appeal()
	tree := parseStandard(t, fill(t, compose(t, d), memberCopy("Ana")))
	if len(tree.Parts) != 2 || tree.Parts[0].Type != "text/plain UTF-8" || tree.Parts[1].Type != "text/html UTF-8" {
		t.Fatalf("parts %v", tree.Parts)
	}
	for _, link := range []string{"https://refnet.example/r/k3?a=1&b=2", "https://refnet.example/u/k3"} {
		if !strings.Contains(tree.Parts[0].Body, link) || !strings.Contains(tree.Parts[1].Body, html.EscapeString(link)) {
			t.Errorf("the link %s is not in both parts", link)
		}
	}
	d.HTML = strings.Replace(d.HTML, markURL, "https://refnet.example/", 1)
	if _, err := Compose(d); !failure.Is(err, failure.Invalid) {
		t.Errorf("a link in the text alone: %v, want Invalid", err)
	}
}

func TestW9_OneClick(t *testing.T) {
	t.Parallel()
	c := compose(t, appeal())
	raw := string(fill(t, c, memberCopy("Ana")))
	for _, line := range []string{
		"List-Unsubscribe: <https://refnet.example/u/k3>,\r\n <mailto:u+k3@in.refnet.example>\r\n",
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
		"<alertes.refnet.example>\r\n",
	} {
		if !strings.Contains(raw, line) {
			t.Errorf("no %q in\n%s", line, raw)
		}
	}
	for _, absent := range []string{"Precedence", "Auto-Submitted"} {
		if strings.Contains(raw, absent) {
			t.Errorf("an appeal has %s", absent)
		}
	}
	for url, ok := range map[string]bool{
		"http://127.0.0.1:8080/u/x": true, "http://localhost/u/x": true, "http://[::1]:8080/u/x": true,
		"http://refnet.example/u/x": false, "": false, "mailto:x@y.example": false, "https://a b": false, "https://x>,<mailto:y": false,
		"https://refnet.example/\r\nBcc: x": false, "javascript:alert(1)": false, "https:///x": false, "http://127.0.0.1.evil.example/": false,
	} {
		member := memberCopy("Ana")
		member.UnsubscribeURL = url
		if _, _, err := c.Fill(nil, member); (err == nil) != ok {
			t.Errorf("unsubscribe link %q = %v", url, err)
		}
	}
}

func TestW11_NothingTellsWhereItWasMade(t *testing.T) {
	t.Parallel()
	raw := strings.ToLower(string(fill(t, compose(t, appeal()), memberCopy("Ana"))))
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{"user-agent", "x-mailer", "go-mail", "golang", "wneessen", strings.ToLower(host) + ">"} {
		if strings.Contains(raw, leak) {
			t.Errorf("the message says %q", leak)
		}
	}
}

func TestSameDraftAndCopySameBytesAndHash(t *testing.T) {
	t.Parallel()
	first, hash, err := compose(t, appeal()).Fill(nil, memberCopy("Ana"))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, same, err := compose(t, appeal()).Fill([]byte("before"), memberCopy("Ana"))
		if err != nil || !bytes.Equal(again[len("before"):], first) || same != hash {
			t.Fatalf("another message, or %v:\n%s\n%s", err, first, again)
		}
	}
}

func TestOtherBytesOtherHash(t *testing.T) {
	t.Parallel()
	d0, seen := appeal(), map[Hash]string{}
	add := func(what string, d Draft, member Copy) {
		t.Helper()
		raw, hash, err := compose(t, d).Fill(nil, member)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[hash]; ok && before != string(raw) {
			t.Errorf("%s: another message has the same hash", what)
		}
		seen[hash] = string(raw)
	}
	for _, v := range hostile {
		add("name", appeal(), memberCopy(v))
	}
	for what, change := range map[string]func(*Draft, *Copy){
		"subject":    func(d *Draft, _ *Copy) { d.Subject += "." },
		"text":       func(d *Draft, _ *Copy) { d.Text += "." },
		"page":       func(d *Draft, _ *Copy) { d.HTML += "." },
		"date":       func(d *Draft, _ *Copy) { d.Date = d.Date.Add(time.Second) },
		"seed":       func(d *Draft, _ *Copy) { d.Seed += "." },
		"from":       func(d *Draft, _ *Copy) { d.From.Name += "." },
		"holes":      func(d *Draft, m *Copy) { d.Holes[1], d.Holes[2] = d.Holes[2], d.Holes[1] },
		"address":    func(_ *Draft, m *Copy) { m.Address = "x" + m.Address },
		"message id": func(_ *Draft, m *Copy) { m.MessageID += "x" },
		"reply":      func(_ *Draft, m *Copy) { m.ReplyTo = "" },
		"value":      func(_ *Draft, m *Copy) { m.Values[1] += "x" },
	} {
		d, member := appeal(), memberCopy("Ana")
		change(&d, &member)
		add(what, d, member)
	}
	two := Draft{Kind: System, From: d0.From, Subject: "x", Language: "en", Date: d0.Date, Seed: "two",
		Text: "X" + markName + "Y" + markURL + "Z", Holes: []Hole{{Mark: markName}, {Mark: markURL}}}
	for _, values := range [][]string{{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}} {
		add("the same octets in other holes", two, Copy{Address: "ana@mail.example", MessageID: "x", Values: values})
	}
	if n := len(seen); n < 40 {
		t.Errorf("only %d different messages", n)
	}
}

func TestFillRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	c := compose(t, appeal())
	for name, spoil := range map[string]func(*Copy){
		"recipient with a bracket": func(m *Copy) { m.Address = "a>b@c.example" },
		"recipient with a line":    func(m *Copy) { m.Address = "a@c.example\r\nBcc: x@y.example" },
		"reply address":            func(m *Copy) { m.ReplyTo = "a, b@c.example" },
		"unsubscribe address":      func(m *Copy) { m.UnsubscribeMail = "é@c.example" },
		"too few values":           func(m *Copy) { m.Values = m.Values[1:] },
		"script link":              func(m *Copy) { m.Values[1] = "javascript:alert(1)" },
		"link with a quote":        func(m *Copy) { m.Values[1] = "https://x.example/\"onclick=" },
		"link with a line":         func(m *Copy) { m.Values[1] = "https://x.example/\nx" },
		"relative link":            func(m *Copy) { m.Values[1] = "/r/k3" },
		"link without a host":      func(m *Copy) { m.Values[1] = "https:///r" },
	} {
		member := memberCopy("Ana")
		spoil(&member)
		before := []byte("kept")
		if got, _, err := c.Fill(before, member); err == nil || got != nil || string(before) != "kept" {
			t.Errorf("%s: Fill = %d bytes, %v", name, len(got), err)
		} else if strings.Contains(err.Error(), "example") {
			t.Errorf("%s: the error shows the value: %v", name, err)
		}
	}
}

func TestHolesOnlyWhereAValueIsTextOrALink(t *testing.T) {
	t.Parallel()
	for page, ok := range map[string]bool{
		`<p>` + markName + `</p>`:                               true,
		`<title>` + markName + `</title>`:                       true,
		`<p title='` + markName + `'>x</p>`:                     true,
		`<a href="` + markURL + `">x</a>`:                       true,
		`<p>` + markURL + `</p>`:                                true,
		`<p title=` + markName + `>x</p>`:                       false,
		`<` + markName + `>`:                                    false,
		`<p ` + markName + `="x">`:                              false,
		`<p style="color:` + markName + `">`:                    false,
		`<p onclick="` + markName + `">`:                        false,
		`<a href="` + markName + `">x</a>`:                      false,
		`<a href="https://x.example/` + markURL + `">x</a>`:     false,
		`<img src="` + markURL + `">`:                           false,
		`<script>` + markName + `</script>`:                     false,
		`<style>` + markName + `</style>`:                       false,
		`<!-- ` + markName + ` -->`:                             false,
		`</` + markName + `>`:                                   false,
		`<p title="a" data-x="` + markName + `">`:               false,
		`<p title='"' ` + markName + ` alt='"'>`:                false,
		`<script>x</script><p>` + markName + `</p>`:             true,
		`<style>x</style><p title="` + markName + `">x</p>`:     true,
		`<a href="` + markURL + `" title="` + markName + `">`:   true,
		`<p title="` + markName + `" class="` + markName + `">`: false,
	} {
		holes := []Hole{{Mark: markName}, {Mark: markURL, Kind: Link}}
		if err := checkHTMLHoles(page, holes); (err == nil) != ok {
			t.Errorf("%s: %v", page, err)
		}
	}
}

func TestDraftsHolesAreChecked(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Draft){
		"short mark":          func(d *Draft) { d.Holes[0].Mark = "short" },
		"mark with a sign":    func(d *Draft) { d.Holes[0].Mark = "q7x2k9n1-ame" },
		"mark within another": func(d *Draft) { d.Holes = append(d.Holes, Hole{Mark: markName + "x"}); d.Text += markName + "x" },
		"same mark twice":     func(d *Draft) { d.Holes = append(d.Holes, d.Holes[0]) },
		"mark nowhere":        func(d *Draft) { d.Holes = append(d.Holes, Hole{Mark: "nowhere12345"}) },
		"no text":             func(d *Draft) { d.Text = " " },
		"no date":             func(d *Draft) { d.Date = time.Time{} },
		"no seed":             func(d *Draft) { d.Seed = "" },
		"no kind":             func(d *Draft) { d.Kind = "" },
		"no list":             func(d *Draft) { d.ListID = "" },
		"no subject":          func(d *Draft) { d.Subject = "" },
		"wide sender":         func(d *Draft) { d.From.Addr = "é@refnet.example" },
	} {
		d := appeal()
		spoil(&d)
		if _, err := Compose(d); !failure.Is(err, failure.Invalid) {
			t.Errorf("%s: Compose = %v, want Invalid", name, err)
		}
	}
}

func FuzzW3_Fill(f *testing.F) {
	for _, v := range hostile {
		f.Add(v, v)
	}
	d := appeal()
	c := compose(f, d)
	f.Fuzz(func(t *testing.T, name, value string) {
		member := memberCopy(name)
		member.Values[0] = value
		raw := fill(t, c, member)
		checkLines(t, raw)
		want := parseStandard(t, builtAnew(t, d, member))
		if diff := cmp.Diff(want, parseStandard(t, raw)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(headerSet, fieldNames(t, raw)); diff != "" {
			t.Error(diff)
		}
	})
}

// What NoDots says is true of every copy, whatever stands in its holes, and wherever they stand.
func TestW2_NoCopyHasALineThatBeginsWithADot(t *testing.T) {
	t.Parallel()
	d := appeal()
	for _, hole := range d.Holes {
		d.Text += "\n" + hole.Mark + ".\n." + hole.Mark + "\n.." + hole.Mark + "." + hole.Mark + "\n.\n"
	}
	c := compose(t, d)
	if !c.NoDots() {
		t.Fatal("a composed appeal has lines that begin with a dot")
	}
	for _, value := range []string{"", ".", "..", ".\n.", "\n.\n", "a\n.b", "\r\n.\r\n", strings.Repeat(".", 200), strings.Repeat("é.", 100)} {
		member := memberCopy(value)
		for i, hole := range d.Holes {
			if hole.Kind != Link {
				member.Values[i] = value
			}
		}
		m, _, err := c.Fill(nil, member)
		if err != nil {
			t.Fatal(err)
		}
		if at := lineDot(m, 0); at >= 0 {
			t.Errorf("with %q a line begins with a dot at %d", value, at)
		}
	}
}

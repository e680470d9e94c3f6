package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/inbound"
	"holdfast/internal/audit"
	"holdfast/letters"
	"holdfast/members"
)

const answerDomain = "answers.refnet.example"

// mailIn opens a listener for mail to addresses of this house.
func (d *doors) mailIn() string {
	d.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	c := d.server.Config
	desk := inbound.New(inbound.Config{ReturnDomain: "returns.refnet.example", ReplyDomain: answerDomain, Links: c.Links, Members: c.Members, Letters: c.Letters,
		Log: slog.New(slog.NewTextHandler(d.log, nil))})
	ctx, stop := context.WithCancel(d.ctx)
	served := make(chan error, 1)
	go func() { served <- desk.Serve(ctx, l) }()
	d.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			d.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

// aLetter is a letter by e-mail that a member of a launched campaign reported, and the address that answers to it go to.
func (d *doors) aLetter() (l letters.Letter, address string) {
	d.Helper()
	c := d.server.Config
	_, err := c.Members.Add(d.ctx, audit.System(), members.New{Address: "marie@mail.example", Name: "Marie Lindqvist", Language: "en",
		Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}})
	d.must(err)
	target, err := c.Campaigns.AddTarget(d.ctx, audit.System(), campaigns.NewTarget{Code: "CA-PS", Kind: "minister", Country: "CA", Power: campaigns.PowerDecides,
		Office: campaigns.Texts{"en": "Minister of Public Safety"}, Address: "minister@ministry.example"})
	d.must(err)
	campaign, err := c.Campaigns.AddCampaign(d.ctx, audit.System(), campaigns.NewCampaign{Title: "Stop the removal of M.R.", TargetIDs: []int64{target.ID},
		Deadline: campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Now().AddDate(0, 0, 9)), DeadlineZone: "UTC", DeadlineInclusive: true},
		Asks:     []campaigns.NewAsk{{Code: "a1", Texts: campaigns.Texts{"en": "Ask."}}}})
	d.must(err)
	a, err := c.Campaigns.AddAppeal(d.ctx, audit.System(), campaign.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst,
		Texts: []campaigns.Text{{Language: "en", Subject: "s", Headline: "h", Body: "b"}}})
	d.must(err)
	_, err = c.Campaigns.Launch(d.ctx, audit.System(), a.ID, write)
	d.must(err)
	_, err = c.Campaigns.FillSlice(d.ctx, a.ID, campaigns.Filling{SliceRows: 1000, BatchRows: 100, Cover: time.Minute})
	d.must(err)
	rows, err := c.Campaigns.Deliveries(d.ctx, a.ID, "", campaigns.Page{Limit: 1})
	d.must(err)
	w := letters.Writer{AppealID: a.ID, MemberID: rows[0].MemberID}
	d.must(c.Letters.Report(d.ctx, w, letters.Report{TargetIDs: []int64{target.ID}, Channel: "email", Copies: 1, WrittenOn: campaigns.DayOf(time.Now().UTC())}))
	own, err := c.Letters.Of(d.ctx, w)
	d.must(err)
	return own[0], "l+" + c.Letters.Links.Letter.Make(own[0].ID, target.ID) + "@" + answerDomain
}

func (d *doors) mailed(server, to, text string) {
	d.Helper()
	client, err := smtp.Dial(server)
	d.must(err)
	defer client.Close()
	d.must(client.SendMail("minister@ministry.example", []string{to}, strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n"))))
}

const hostileAnswer = `From: "<b>Office</b>" <minister@ministry.example>
Subject: Your letter <script>alert(1)</script>
Message-ID: <1@ministry.example>
Content-Type: multipart/mixed; boundary=b

--b

Dear Ms. Lindqvist,

We acknowledge receipt of your letter. <img src=x onerror=alert(1)>
12 Maple Street, Ottawa ON  K1A 0Z9
--b
Content-Type: image/png; name="x.html"
Content-Disposition: attachment; filename="x.html"

%PDF-1.7 a paper
--b--
`

func TestAnAnswerFromAMinistrySentOverSMTPAppearsLinkedAtTheDesk(t *testing.T) {
	for _, width := range []int{390, 1280} {
		t.Run(map[int]string{390: "phone", 1280: "desk"}[width], func(t *testing.T) {
			t.Parallel()
			d := open(t)
			site := d.site()
			address, _ := d.staffWith(goodPassword)
			_, to := d.aLetter()
			server := d.mailIn()
			d.mailed(server, to, hostileAnswer)
			d.mailed(server, to, hostileAnswer)

			tab := visit(t, width)
			tab.Go(site + "/sign-in?next=/admin/replies")
			tab.Fill("#f-address", address)
			tab.Fill("#f-password", goodPassword)
			tab.Press(`form button[type="submit"]`)
			tab.keeps("replies")
			said := tab.Text("main")
			for _, want := range []string{"1 answer", "Minister of Public Safety", "Acknowledgement", "(a guess)", "1 file"} {
				if !strings.Contains(said, want) {
					t.Errorf("the list does not say %q:\n%s", want, said)
				}
			}
			tab.Press(`main table a`)
			tab.keeps("reply")
			said = tab.Text("main")
			for _, want := range []string{"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "linked", "by the address it was sent to", "Nobody needs to answer."} {
				if !strings.Contains(said, want) {
					t.Errorf("the answer does not show %q:\n%s", want, said)
				}
			}
			for _, secret := range []string{"Lindqvist", "Maple", "K1A"} {
				if strings.Contains(said, secret) {
					t.Errorf("the answer shows %q", secret)
				}
			}
			tab.Press(`form[action$="/open"] button`)
			tab.keeps("reply-whole")
			if said = tab.Text("main"); !strings.Contains(said, "Dear Ms. Lindqvist") {
				t.Errorf("the whole answer:\n%s", said)
			}
			tab.Press(`form[action$="/settle"] button`)
			tab.keeps("reply-settled")
			if said = tab.Text("main"); !strings.Contains(said, "settled") {
				t.Errorf("after settling:\n%s", said)
			}
		})
	}
}

func TestTheDeskLinksNotesAndSettlesAnAnswer(t *testing.T) {
	t.Parallel()
	d := open(t)
	l, to := d.aLetter()
	d.mailed(d.mailIn(), to, hostileAnswer)
	b := d.at(accounts.Tracker)
	b.open("/admin/replies").says(t, "1 answer")
	list, err := d.server.Letters.Replies(d.ctx, letters.ReplyFilter{}, campaigns.Page{})
	d.must(err)
	at := "/admin/replies/" + idText(list[0].ID)
	before := d.count(countAuditSQL)
	b.open(at)
	if after := d.count(countAuditSQL); after != before {
		t.Errorf("U2: looking at the shown text wrote %d events", after-before)
	}
	letter := at + "/letters/" + idText(l.ID)
	b.done(letter+"/unlink", nil).says(t, "rejected")
	b.done(letter+"/link", nil).says(t, "linked", "Not letter "+idText(l.ID))
	if got := b.post(at+"/letters/4711/link", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a letter that is not there: %d", got.StatusCode)
	}
	b.done(at+"/notes", url.Values{"note": {"Counsel <b>has</b> seen it."}}).says(t, "Counsel <b>has</b> seen it.", "Ada Example")
	b.done(at+"/shown", url.Values{"shown_subject": {"Your letter"}, "shown_text": {"They have it."}}).says(t, "They have it.")
	if got := b.post(at+"/settle", url.Values{"kind": {"poem"}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("settled as a poem: %d", got.StatusCode)
	}
	settle := url.Values{"kind": {"substantive"}, "target": {idText(l.TargetID)}, "campaign": {idText(l.CampaignID)}, "answered_on": {in(-1)}}
	b.done(at+"/settle", settle).says(t, "settled", "Substantive answer")
	settle.Set("answered_on", in(9))
	if got := b.post(at+"/settle", settle); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("settled with a day to come: %d", got.StatusCode)
	}
	b.open("/admin/replies").says(t, "0 answers")
	b.open("/admin/replies?state=settled&kind=substantive&target="+idText(l.TargetID)+"&campaign="+idText(l.CampaignID)).says(t, "1 answer")
	b.done(at+"/state", url.Values{"state": {"not_an_answer"}}).says(t, "not an answer")

	file := b.post(at+"/files/1", nil)
	h := file.Header
	if file.StatusCode != 200 || h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; ") ||
		!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" || string(file.text) != "%PDF-1.7 a paper" {
		t.Errorf("P3: the file comes as %v\n%.40q", h, file.text)
	}
	if got := d.at(accounts.Reviewer).post(at+"/open", nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("a reviewer opens the whole: %d", got.StatusCode)
	}
}

// photograph is a JPEG with an EXIF part that says where it was taken.
func photograph(t testing.TB) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	picture.Set(3, 3, color.RGBA{200, 0, 0, 255})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, nil); err != nil {
		t.Fatal(err)
	}
	exif, _ := hex.DecodeString("ffe1001a457869660000") // APP1, 26 octets, "Exif"
	exif = append(exif, "GPS 45.42N 75.69W..."[:18]...)
	return append(append(bytes.Clone(b.Bytes()[:2]), exif...), b.Bytes()[2:]...)
}

func (b *browser) scan(values url.Values, files map[string][]byte) screen {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field := range values {
		b.must(form.WriteField(field, values.Get(field)))
	}
	for field, content := range files {
		part, err := form.CreateFormFile(field, "../../etc/x.php")
		b.must(err)
		_, err = part.Write(content)
		b.must(err)
	}
	b.must(form.Close())
	r := b.request("POST", "/admin/replies", "", body.String())
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

func TestP3_AScanIsTakenByItsContentAndDrawnAnew(t *testing.T) {
	t.Parallel()
	d := open(t)
	l, _ := d.aLetter()
	b := d.at(accounts.Coordinator)
	values := url.Values{"key": {"k1"}, "target": {idText(l.TargetID)}, "campaign": {idText(l.CampaignID)}, "answered_on": {in(-2)}, "from": {"Ministry"}, "subject": {"Paper"},
		"text": {"Dear Mr. Example,\nno."}}
	var at string
	for range 2 { // a double click
		got := b.scan(values, map[string][]byte{"file": photograph(t), "file.1": []byte("%PDF-1.4 x")})
		if got.StatusCode != http.StatusSeeOther || at != "" && got.Header.Get("Location") != at {
			t.Fatalf("%d %s\n%s", got.StatusCode, got.Header.Get("Location"), got.words())
		}
		at = got.Header.Get("Location")
	}
	b.open(at).says(t, "Dear […],", "Picture (JPEG)", "PDF")
	found := false
	for _, n := range []string{"1", "2"} {
		file := b.post(at+"/files/"+n, nil)
		if bytes.Contains(file.text, []byte("Exif")) || bytes.Contains(file.text, []byte("GPS")) {
			t.Error("the picture still says where it was taken")
		}
		found = found || file.Header.Get("Content-Type") == "image/jpeg" && strings.HasSuffix(file.Header.Get("Content-Disposition"), `.jpg"`)
	}
	if !found {
		t.Error("no picture came back")
	}
	for name, content := range map[string][]byte{
		"an SVG drawing":   []byte("\x00<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
		"a zip":            []byte("PK\x03\x04rest"),
		"half a picture":   photograph(t)[:200],
		"a bomb of points": pngOf(60000, 60000),
	} {
		got := b.scan(url.Values{"key": {newID()}, "text": {"x"}}, map[string][]byte{"file": content})
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
	if got := b.scan(url.Values{"key": {newID()}}, nil); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("nothing at all: %d", got.StatusCode)
	}
	if got := b.scan(url.Values{"key": {newID()}, "text": {"x"}, "target": {"4711"}}, nil); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an office that is not there: %d", got.StatusCode)
	}
	b.open("/admin/replies?state=").says(t, "1 answer")
}

// pngOf is the head of a PNG that says it is so large.
func pngOf(width, height uint32) []byte {
	head, _ := hex.DecodeString("89504e470d0a1a0a0000000d49484452")
	for _, n := range []uint32{width, height} {
		head = append(head, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	rest, _ := hex.DecodeString("0806000000")
	return append(head, rest...)
}

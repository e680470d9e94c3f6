package web

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

func typedLetter() url.Values {
	return url.Values{"name": {"Noor Marker-Example"}, "town": {"Ottawa"}, "postal": {"12 Marker Street\r\nOttawa"}, "language": {"en"},
		"subject": {"Please stop this removal"}, "text": {"Dear Minister,\r\n\r\nI ask you to stop this removal.\r\n\r\nYours respectfully,"}}
}

func (o *opened) slug() string {
	o.Helper()
	c, err := o.server.Campaigns.Campaign(o.ctx, number(o.campaign))
	o.must(err)
	return c.Slug
}

func TestALetterIsPrintedByAMemberAndByAnybodyAndCountsByItsCode(t *testing.T) {
	t.Parallel()
	o := launched(t)
	for i, desk := range []string{o.reportLink(), "/a/" + o.slug()} {
		got := o.visit("POST", desk+"/write/"+o.target+"/paper", typedLetter())
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(got.text, []byte("%PDF-")) {
			t.Fatalf("%d: %d %s\n%.300s", i, got.StatusCode, got.Header.Get("Content-Type"), got.text)
		}
		if kept := got.Header.Get("Content-Disposition"); !strings.HasPrefix(kept, `attachment; filename="letter-`) || strings.Contains(kept, "Noor") || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q, %q: want a download that nobody keeps for others", kept, got.Header.Get("Cache-Control"))
		}
		list := o.lettersNow()
		if len(list) != i+1 || list[0].State != letters.Made || list[0].Code == nil {
			t.Fatalf("after printing: %+v", list)
		}
		shown := letters.ShownCode(*list[0].Code)
		if i == 0 && (list[0].MemberID == nil || *list[0].MemberID != o.member) {
			t.Errorf("a member's letter is %+v", list[0])
		}
		if text, err := templates.TextOfPDF(got.text); err != nil || strings.Count(text, shown) != 2 || !strings.Contains(text, "Noor Marker-Example") {
			t.Errorf("the PDF says (%v):\n%s", err, text)
		}
		for range 2 {
			entered := o.visit("POST", "/code", url.Values{"code": {" " + strings.ToLower(shown)}})
			if entered.StatusCode != http.StatusOK || !strings.Contains(string(entered.text), "Your letter counts") {
				t.Errorf("entering %s: %d\n%s", shown, entered.StatusCode, entered.text)
			}
		}
		if list := o.lettersNow(); list[0].State != letters.Counted || list[0].Grade != letters.Paper {
			t.Errorf("after its code: %+v", list[0])
		}
	}
	if strings.Contains(o.log.String(), "Marker") {
		t.Error("the log holds what somebody typed")
	}
	for _, path := range []string{"/code", "/code?code=K7QM-2XPA"} {
		if got := o.visit("GET", path, nil); got.StatusCode != http.StatusOK || strings.Contains(string(got.text), "K7QM-2XPA\"") {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
}

func (o *opened) lettersNow() []letters.Letter {
	o.Helper()
	list, err := o.server.Letters.List(o.ctx, number(o.campaign), campaigns.Page{})
	o.must(err)
	return list
}

func TestALetterThatCannotBePrintedBeginsNothing(t *testing.T) {
	t.Parallel()
	o := launched(t)
	for field, value := range map[string]string{"name": "", "subject": "", "text": "Dear \U0001F600,", "town": strings.Repeat("a", 200), "postal": strings.Repeat("line\n", 20)} {
		form := typedLetter()
		form.Set(field, value)
		if got := o.visit("POST", "/a/"+o.slug()+"/write/"+o.target+"/paper", form); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s %q: %d", field, value, got.StatusCode)
		}
	}
	form := typedLetter()
	form.Set("language", "en) /Evil (")
	if got := o.visit("POST", "/a/"+o.slug()+"/write/"+o.target+"/paper", form); got.StatusCode != http.StatusOK || bytes.Contains(got.text, []byte("Evil")) {
		t.Errorf("a language that is none: %d", got.StatusCode)
	}
	if n := len(o.lettersNow()); n != 1 {
		t.Errorf("%d letters were begun, want the last one", n)
	}
	if got := o.visit("POST", "/a/"+o.slug()+"/write/999999999/paper", typedLetter()); got.StatusCode != http.StatusNotFound {
		t.Errorf("to no office: %d", got.StatusCode)
	}
	o.want(http.StatusOK, "POST", "/campaigns/"+o.campaign+"/close", fields{"outcome": "released"})
	for _, c := range []struct {
		method, path string
		form         url.Values
		want         int
	}{
		{"POST", "/a/" + o.slug() + "/write/" + o.target + "/paper", typedLetter(), http.StatusConflict},
		{"GET", "/a/" + o.slug() + "/evening.pdf", nil, http.StatusGone},
		{"GET", "/a/" + o.slug() + "/labels/" + o.target + ".pdf", nil, http.StatusGone},
	} {
		if got := o.visit(c.method, c.path, c.form); got.StatusCode != c.want {
			t.Errorf("after the end, %s: %d, want %d", c.path, got.StatusCode, c.want)
		}
	}
}

func TestLabelsAndTheSheetOfAnEveningAreForAnybody(t *testing.T) {
	t.Parallel()
	o := launched(t)
	before := o.count(countAuditSQL)
	for _, size := range append(templates.LabelSizes(), "") {
		path := "/a/" + o.slug() + "/labels/" + o.target + ".pdf"
		if size != "" {
			path += "?size=" + size
		}
		if got := o.visit("GET", path, nil); got.StatusCode != http.StatusOK || !bytes.HasPrefix(got.text, []byte("%PDF-")) {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	for _, path := range []string{"/labels/" + o.target + ".pdf?size=a5", "/labels/" + o.target, "/labels/999999.pdf", "/labels/x.pdf"} {
		if got := o.visit("GET", "/a/"+o.slug()+path, nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, got.StatusCode)
		}
	}
	for _, lang := range templates.PublicLanguages() {
		if got := o.visit("GET", "/a/"+o.slug()+"/evening.pdf?lang="+lang, nil); got.StatusCode != http.StatusOK || !bytes.HasPrefix(got.text, []byte("%PDF-")) {
			t.Errorf("evening in %s: %d", lang, got.StatusCode)
		}
	}
	if after := o.count(countAuditSQL); after != before {
		t.Error("looking changed something")
	}
}

func TestP9_WhoTriesCodesIsSlowedAndOthersAreNot(t *testing.T) {
	t.Parallel()
	o := launched(t)
	got := o.visit("POST", o.reportLink()+"/write/"+o.target+"/paper", typedLetter())
	if got.StatusCode != http.StatusOK {
		t.Fatal(got.StatusCode)
	}
	code := *o.lettersNow()[0].Code
	wrong := regexp.MustCompile(`id="unknown"`)
	var pages []string
	for i := range wrongCodesAtOnce {
		got := o.visit("POST", "/code", url.Values{"code": {"0000000" + string("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[i%32])}})
		if got.StatusCode != http.StatusUnprocessableEntity || !wrong.Match(got.text) {
			t.Fatalf("wrong code %d: %d", i, got.StatusCode)
		}
		pages = append(pages, regexp.MustCompile(`value="[^"]*"`).ReplaceAllString(string(got.text), ""))
	}
	for _, page := range pages {
		if page != pages[0] {
			t.Error("two wrong codes get different answers")
		}
	}
	if got := o.visit("POST", "/code", url.Values{"code": {code}}); got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" {
		t.Errorf("after %d wrong ones: %d", wrongCodesAtOnce, got.StatusCode)
	}
	o.server.limits.codes = newBuckets(wrongCodesEvery, wrongCodesAtOnce)
	for range rightCodesAtOnce { // a group enters those of a whole evening
		if got := o.visit("POST", "/code", url.Values{"code": {code}}); got.StatusCode != http.StatusOK {
			t.Fatalf("a right code: %d", got.StatusCode)
		}
	}
	if got := o.visit("POST", "/code", url.Values{"code": {code}}); got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after %d right ones: %d; whoever prints letters by the thousand has them counted as posted", rightCodesAtOnce, got.StatusCode)
	}
}

func TestR19_ACaseFileIsMadeByACoordinatorAndPutOnRecord(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.must(o.server.Letters.Report(o.ctx, letters.Writer{AppealID: o.appealID, MemberID: o.member}, letters.Report{TargetIDs: []int64{number(o.target)}, Channel: "post", Copies: 3,
		WrittenOn: campaigns.DayOf(time.Now().UTC())}))
	got := o.send(o.form("POST", "/admin/campaigns/"+o.campaign+"/casefile", o.sessions["coordinator"]))
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment;") {
		t.Fatalf("%d %s\n%.300s", got.StatusCode, got.Header.Get("Content-Type"), got.text)
	}
	checked, err := templates.CheckCaseFile(got.text)
	if err != nil || !checked.Whole() || !checked.Compared {
		t.Fatalf("%+v, %v", checked, err)
	}
	held, err := o.server.Letters.HoldCaseFile(o.ctx, checked.File)
	if err != nil || !held.Made || len(held.Changes) != 0 {
		t.Errorf("held against the house: %+v, %v", held, err)
	}
	if bytes.Contains(checked.File.List(), []byte("@mail.example")) {
		t.Error("the list names a member")
	}
	text, err := templates.TextOfPDF(got.text)
	if err != nil || !strings.Contains(text, "letters: 3") || !strings.Contains(text, "known how: Reported") {
		t.Errorf("the letters are not told with their method (%v)", err)
	}
}

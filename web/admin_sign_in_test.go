package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"holdfast/accounts"
	"holdfast/internal/audit"
)

const goodPassword = "three lanterns by the harbour"

// stranger is a browser without a session.
func (d *doors) stranger() *browser { return &browser{doors: d, cookies: map[string]string{}} }

// staffWith makes an account with a password and returns its address and id.
func (d *doors) staffWith(password string) (string, int64) {
	d.Helper()
	a, err := d.server.Accounts.Add(d.ctx, audit.System(), accounts.NewAccount{Address: newID() + "@staff.example", Name: "Ada Example",
		Roles: []accounts.Role{accounts.Coordinator}, Password: password})
	d.must(err)
	return a.Address, a.ID
}

func TestA2_WrongUnknownAndDisabledAreToldAlike(t *testing.T) {
	t.Parallel()
	d := open(t)
	address, _ := d.staffWith(goodPassword)
	disabled, id := d.staffWith(goodPassword)
	d.must(d.server.Accounts.Disable(d.ctx, audit.System(), id))
	byLink, _ := d.staffWith("")
	var first string
	for name, form := range map[string]url.Values{
		"a wrong password":               values("address", address, "password", "not this one, surely"),
		"nobody":                         values("address", newID()+"@staff.example", "password", goodPassword),
		"an account without a password":  values("address", byLink, "password", goodPassword),
		"a disabled account":             values("address", disabled, "password", goodPassword),
		"a disabled account, and wrong":  values("address", disabled, "password", "not this one, surely"),
		"no address":                     values("address", strings.Repeat("a", len(address)), "password", goodPassword),
		"an address that is none at all": values("address", strings.Repeat("'", len(address)), "password", goodPassword),
	} {
		got := d.stranger().post("/sign-in", form)
		text := strings.ReplaceAll(string(got.text), "&#39;", "'")
		text = strings.ReplaceAll(text, form.Get("address"), "ADDRESS")
		if first == "" {
			first = text
		}
		if got.StatusCode != 422 || text != first || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d\n%s", name, got.StatusCode, text)
		}
		if strings.Contains(string(got.text), form.Get("password")) {
			t.Errorf("%s: the page shows the password", name)
		}
	}
}

func TestA3_SigningInMakesAnotherSession(t *testing.T) {
	t.Parallel()
	d := open(t)
	address, _ := d.staffWith(goodPassword)
	b := d.at(accounts.Reviewer)
	name := d.server.cookieName()
	before := b.cookies[name]
	got := b.post("/sign-in", values("address", address, "password", goodPassword, "next", "/admin/members?q=x"))
	if got.StatusCode != 303 || got.Header.Get("Location") != "/admin/members?q=x" || b.cookies[name] == before || b.cookies[name] == "" {
		t.Fatalf("signing in: %d to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), b.cookies)
	}
	if _, err := d.server.Accounts.FindSession(d.ctx, before); err != accounts.ErrNotSignedIn {
		t.Errorf("the session before: %v, want it gone", err)
	}
	if got := b.get("/sign-in"); got.StatusCode != 303 || got.Header.Get("Location") != "/admin" {
		t.Errorf("the door, to who is in: %d", got.StatusCode)
	}
	left := b.post("/sign-out", nil)
	if left.StatusCode != 303 || b.cookies[name] != "" {
		t.Errorf("signing out: %d, cookies %v", left.StatusCode, b.cookies)
	}
	b.open("/sign-in").says(t, "You are signed out.")
}

func TestNobodyIsLedOutsideAfterSigningIn(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{"": "/admin", "/admin/letters?campaign=3": "/admin/letters?campaign=3", "https://evil.example/admin": "/admin",
		"//evil.example/admin": "/admin", "/admin\\@evil.example": "/admin", "/adminevil": "/admin", "/a/slug": "/admin", "/admin/\r\nX: y": "/admin", "javascript:alert(1)": "/admin"} {
		if got := insideOnly(next); got != want {
			t.Errorf("after signing in with next %q: %q, want %q", next, got, want)
		}
	}
	d := open(t)
	got := d.stranger().get("/admin/letters?campaign=3")
	if to := got.Header.Get("Location"); got.StatusCode != 303 || to != "/sign-in?next=%2Fadmin%2Fletters%3Fcampaign%3D3" {
		t.Errorf("who is not signed in is led to %q", to)
	}
}

func TestA1_WrongPasswordsHoldUpTheGuesserAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	address, _ := d.staffWith(goodPassword)
	other, _ := d.staffWith(goodPassword)
	held := false
	for range 8 {
		got := d.stranger().post("/sign-in", values("address", address, "password", "not this one, surely"))
		if got.StatusCode == 429 {
			held = true
			if got.Header.Get("Retry-After") == "" || got.values().Get("address") != address {
				t.Errorf("held up: no Retry-After, or what was typed is gone\n%s", got.text)
			}
			got.says(t, "too many attempts; please wait a little")
		}
	}
	if !held {
		t.Error("eight wrong passwords in a row hold up nobody")
	}
	if d.server.sourceOf(d.request("GET", "/", "", nil)) == "" {
		t.Fatal("no source")
	}
	link, ok, err := d.server.Accounts.RequestLink(d.ctx, other)
	if err != nil || !ok {
		t.Fatal(err)
	}
	if got := d.stranger().post(signInLink+link.Secret, nil); got.StatusCode != 303 {
		t.Errorf("somebody else, meanwhile, by a link: %d", got.StatusCode)
	}
}

func TestA2_ALinkIsMailedToAccountsAloneAndTheAnswerDoesNotTell(t *testing.T) {
	t.Parallel()
	d := open(t)
	known, _ := d.staffWith("")
	shut, id := d.staffWith("")
	d.must(d.server.Accounts.Disable(d.ctx, audit.System(), id))
	var first string
	for _, address := range []string{known, shut, newID() + "@staff.example", "nobody"} {
		got := d.stranger().post("/sign-in/link", values("address", address))
		if first == "" {
			first = string(got.text)
		}
		if got.StatusCode != 200 || string(got.text) != first {
			t.Errorf("asking for a link for %s: %d\n%s", address, got.StatusCode, got.text)
		}
	}
	d.server.Finish()
	if len(d.posted) != 1 {
		t.Fatalf("%d mails left, want one to the account that there is", len(d.posted))
	}
	mail := d.posted[0]
	link := regexp.MustCompile(`https://act\.refnet\.example(/sign-in/link/\S+)`).FindStringSubmatch(mail.Text)
	if link == nil || !strings.Contains(mail.HTML, link[0]) {
		t.Fatalf("no link in the mail:\n%s", mail.Text)
	}

	for range 3 { // as a mail filter does
		b := d.stranger()
		page := b.open(link[1])
		if strings.Contains(string(page.text), known) || len(b.cookies) > 0 {
			t.Errorf("opening the link tells or keeps something: %v\n%s", b.cookies, page.text)
		}
	}
	b := d.stranger()
	if got := b.post(link[1], values("new_password", "short")); got.StatusCode != 422 || got.problems()["f-new_password"] == "" {
		t.Errorf("a bad password: %d %v", got.StatusCode, got.problems())
	}
	if got := b.post(link[1], values("new_password", goodPassword)); got.StatusCode != 303 || b.cookies[d.server.cookieName()] == "" {
		t.Fatalf("the link: %d", got.StatusCode)
	}
	b.open("/admin/campaigns")
	if got := d.stranger().post("/sign-in", values("address", known, "password", goodPassword)); got.StatusCode != 303 {
		t.Errorf("the password set by the link: %d", got.StatusCode)
	}
	used := d.stranger().post(link[1], nil)
	used.says(t, "This link does not work, or no longer.")
	if used.StatusCode != 422 || len(used.browser.cookies) > 0 {
		t.Errorf("the link, a second time: %d", used.StatusCode)
	}
	d.stranger().post(signInLink+"made-up", nil).says(t, "This link does not work, or no longer.")
	if got := d.stranger().post("/sign-in/link", nil); got.StatusCode != 422 || got.problems()["f-address"] == "" {
		t.Errorf("no address: %d %v", got.StatusCode, got.problems())
	}
}

func TestALinkThatCannotBeMailedIsLoggedWithoutItsAddress(t *testing.T) {
	t.Parallel()
	d := open(t)
	known, _ := d.staffWith("")
	d.lost = true
	if got := d.stranger().post("/sign-in/link", values("address", known)); got.StatusCode != 200 {
		t.Errorf("the answer tells that the relay is lost: %d", got.StatusCode)
	}
	d.server.Finish()
	if log := d.log.String(); !strings.Contains(log, "a sign-in link was not sent") || strings.Contains(log, known) {
		t.Errorf("the log:\n%s", log)
	}
}

func TestA11_TheDoorTakesFormsOfItsOwnAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, path := range []string{"/sign-in", "/sign-in/link", signInLink + "x"} {
		for name, site := range map[string]string{"of another site": "cross-site", "of a neighbour": "same-site", "that says nothing": ""} {
			r := d.request("POST", path, "", "address=a@staff.example")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if site != "" {
				r.Header.Set("Sec-Fetch-Site", site)
			}
			if got := d.stranger().send(r); got.StatusCode != 403 {
				t.Errorf("%s, a form %s: %d", path, name, got.StatusCode)
			}
		}
	}
}

func TestA4_OnesOwnPasswordAndSessions(t *testing.T) {
	t.Parallel()
	d := open(t)
	address, _ := d.staffWith(goodPassword)
	in := func() *browser {
		b := d.stranger()
		b.done("/sign-in", values("address", address, "password", goodPassword, "next", "/admin/account"))
		return b
	}
	desk, phone, lost := in(), in(), in()
	page := desk.open("/admin/account")
	page.says(t, address, "this one", "End all others")
	end := regexp.MustCompile(`action="(/admin/account/sessions/[^"]+/end)"`).FindAllStringSubmatch(string(page.text), -1)
	if len(end) != 2 {
		t.Fatalf("%d sessions can be ended, want 2\n%s", len(end), page.text)
	}
	desk.done(end[0][1], nil)
	desk.done("/admin/account/sessions/end-others", nil)
	for _, b := range []*browser{phone, lost} {
		if got := b.get("/admin/account"); got.StatusCode != 303 {
			t.Errorf("a session that was ended: %d", got.StatusCode)
		}
	}
	if got := desk.post("/admin/account/sessions/"+newID()+"/end", nil); got.StatusCode != 404 {
		t.Errorf("ending a session that is none: %d", got.StatusCode)
	}

	const other = "five kettles on the stove"
	for field, form := range map[string]url.Values{"f-current_password": values("current_password", "not this one", "new_password", other),
		"f-new_password": values("current_password", goodPassword, "new_password", "short")} {
		got := desk.post("/admin/account/password", form)
		if got.StatusCode != 422 || got.problems()[field] == "" || strings.Contains(string(got.text), form.Get("new_password")) && field != "f-new_password" {
			t.Errorf("%s: %d %v", field, got.StatusCode, got.problems())
		}
	}
	phone = in()
	before := desk.cookies[d.server.cookieName()]
	desk.done("/admin/account/password", values("current_password", goodPassword, "new_password", other)).says(t, "Saved.")
	if desk.cookies[d.server.cookieName()] == before {
		t.Error("the session's secret is the same after the change")
	}
	if got := phone.get("/admin/account"); got.StatusCode != 303 {
		t.Errorf("another session after the change: %d", got.StatusCode)
	}
}

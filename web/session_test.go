package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
)

// form is a form of our own page, sent with a session.
func (d *doors) form(method, path, session string) *http.Request {
	d.Helper()
	r := d.request(method, path, "", "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", d.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: d.server.cookieName(), Value: session})
	return r
}

func TestA11_NothingChangesForARequestFromElsewhere(t *testing.T) {
	t.Parallel()
	d := open(t)
	u, _ := url.Parse(d.url)
	_, session := d.account(accounts.Roles()...)
	for name, c := range map[string]struct {
		origin, site, content string
		refused               int
	}{
		"of a foreign site":            {"https://evil.example", "cross-site", "application/x-www-form-urlencoded", 403},
		"of a foreign site, unsaid":    {"https://evil.example", "", "application/x-www-form-urlencoded", 403},
		"of a neighbour":               {"https://other.refnet.example", "same-site", "application/x-www-form-urlencoded", 403},
		"of another port":              {"http://" + u.Hostname() + ":1", "", "application/x-www-form-urlencoded", 403},
		"of a page without an origin":  {"null", "", "application/x-www-form-urlencoded", 403},
		"that says nothing":            {"", "", "application/x-www-form-urlencoded", 403},
		"with JSON as plain text":      {d.url, "same-origin", "text/plain", 415},
		"with JSON":                    {d.url, "same-origin", "application/json", 415},
		"without a type":               {d.url, "same-origin", "", 415},
		"of our own, by origin":        {d.url, "", "application/x-www-form-urlencoded", 0},
		"of our own, without referrer": {"null", "same-origin", "application/x-www-form-urlencoded", 0},
		"of our own":                   {d.url, "same-origin", "multipart/form-data; boundary=b", 0},
	} {
		for _, r := range d.server.routes() {
			if r.door != staff || r.method == http.MethodGet || r.permission == Anybody && c.refused == 0 {
				continue // what a form of our own does before signing in is for its own test
			}
			if _, err := d.server.Accounts.FindSession(d.ctx, session); err != nil { // the route before ended it
				_, session = d.account(accounts.Roles()...)
			}
			request := d.form(r.method, nobody().path(r.pattern), session)
			for header, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site, "Content-Type": c.content} {
				request.Header.Del(header)
				if value != "" {
					request.Header.Set(header, value)
				}
			}
			got := d.send(request)
			checkPromised(t, got)
			if c.refused != 0 && got.StatusCode != c.refused || c.refused == 0 && (got.StatusCode == 403 || got.StatusCode == 415 && !r.stream) {
				t.Errorf("%s %s, a form %s: %d", r.method, r.pattern, name, got.StatusCode)
			}
		}
	}
}

func TestA3_SignOutEndsTheSessionOnBothSides(t *testing.T) {
	t.Parallel()
	d := open(t)
	session := d.sessions[accounts.Reviewer]
	got := d.send(d.form("POST", "/sign-out", session))
	cookie := got.Header.Get("Set-Cookie")
	if got.StatusCode != 303 || got.Header.Get("Location") != "/sign-in" || !strings.HasPrefix(cookie, "__Host-holdfast=;") || !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("signing out: %d, %q", got.StatusCode, cookie)
	}
	if _, err := d.server.Accounts.FindSession(d.ctx, session); err != accounts.ErrNotSignedIn {
		t.Errorf("the old session: %v, want it gone", err)
	}
	if got := d.send(d.form("POST", "/sign-out", session)); got.StatusCode != 401 {
		t.Errorf("the old cookie: %d, want 401", got.StatusCode)
	}
}

func TestA3_TheCookieIsForThisHostAlone(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{
		"https://act.refnet.example": "__Host-holdfast=secret; Path=/; HttpOnly; Secure; SameSite=Lax",
		"http://localhost:8080":      "holdfast=secret; Path=/; HttpOnly; SameSite=Lax",
	} {
		s := &Server{secure: strings.HasPrefix(public, "https")}
		answer := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(answer)
		s.keepSession(c, accounts.SignedIn{Session: "secret"})
		if got := answer.Header().Get("Set-Cookie"); got != want {
			t.Errorf("at %s: %q, want %q", public, got, want)
		}
		c.Request = httptest.NewRequest("GET", "/", nil)
		c.Request.Header.Set("Cookie", strings.SplitN(want, ";", 2)[0])
		if got := s.sessionOf(c); got != "secret" {
			t.Errorf("at %s: the cookie comes back as %q", public, got)
		}
	}
}

func TestReadersWhoAreNotSignedInAreLedToTheDoor(t *testing.T) {
	t.Parallel()
	d := open(t)
	e := gin.New()
	e.GET("/admin", d.server.begin, func(c *gin.Context) { c.Set(routeKey, route{permission: accounts.ReadCases}) }, d.server.sameOrigin, d.server.signedIn,
		func(c *gin.Context) { c.String(200, who(c).Name) })
	for session, want := range map[string]int{"": 303, "made up": 303, d.sessions[accounts.Caseworker]: 200, d.sessions[accounts.Administrator]: 403} {
		r := httptest.NewRequest("GET", "/admin", nil)
		r.AddCookie(&http.Cookie{Name: d.server.cookieName(), Value: session})
		answer := httptest.NewRecorder()
		e.ServeHTTP(answer, r)
		if answer.Code != want || want == 303 && answer.Header().Get("Location") != "/sign-in" || want == 200 && answer.Body.String() != "Ada Example" {
			t.Errorf("with the session %.8q: %d %s, want %d", session, answer.Code, answer.Body, want)
		}
	}
}

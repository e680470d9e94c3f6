package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// checkPromised holds an answer against what every answer has (P2, P11).
func checkPromised(t testing.TB, got reply) {
	t.Helper()
	name := got.Request.Method + " " + got.Request.URL.Path
	policy := got.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%s: the policy %q lacks %s", name, policy, part)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("%s: the policy %q allows what is unsafe", name, policy)
	}
	for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security": "max-age=63072000", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if got.Header.Get(header) != want {
			t.Errorf("%s: %s is %q, want %q", name, header, got.Header.Get(header), want)
		}
	}
	if id := got.Header.Get("X-Request-Id"); !uuidForm.MatchString(id) {
		t.Errorf("%s: the id %q is no random UUID", name, id)
	}
	if got.StatusCode >= 400 {
		for _, leak := range []string{"goroutine", "SELECT", "INSERT", "SQLSTATE", ".go:", "pgx", "panic"} {
			if strings.Contains(string(got.text), leak) {
				t.Errorf("%s: the error shows %q: %s", name, leak, got.text)
			}
		}
		told := got.StatusCode >= 500 || got.Header.Get("Content-Type") == "application/problem+json"
		told = told && got.Header.Get("Idempotency-Replayed") == "" // an answer that comes again names the request it was made for
		if told && !strings.Contains(string(got.text), got.Header.Get("X-Request-Id")) {
			t.Errorf("%s: the error does not name its id: %s", name, got.text)
		}
	}
}

func TestP2_EveryAnswerHasTheHeaders(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 303}, {"GET", "/api", 404}, {"GET", "/api/", 404}, {"GET", apiRoot + "/nothing", 404}, {"GET", "/sign-out", 405},
		{"PUT", apiRoot + "/cases", 405}, {"OPTIONS", apiRoot + "/cases", 405}, {"TRACE", apiRoot + "/cases", 405},
		{"GET", apiRoot + "/cases", 401}, {"GET", apiRoot + "/cases/", 404}, {"HEAD", apiRoot + "/openapi.json", 200},
		{"GET", apiRoot + "/openapi.json", 200}, {"GET", "/%ff", 400}, {"GET", "/a%00b", 400}, {"GET", "/?a=%zz", 400},
		{"GET", apiRoot + "/cases?q=" + strings.Repeat("a", maxURL), 414}, {"BREW", apiRoot + "/cases", 405},
	} {
		got := d.send(d.request(c.method, c.path, "", nil))
		if got.StatusCode != c.status {
			t.Errorf("%s %.60s: %d, want %d\n%s", c.method, c.path, got.StatusCode, c.status, got.text)
		}
		if c.method != "HEAD" {
			checkPromised(t, got)
		}
		isProblem := got.Header.Get("Content-Type") == "application/problem+json"
		if want := strings.HasPrefix(c.path, "/api/") && c.status >= 400; isProblem != want {
			t.Errorf("%s %.60s: answered with %s", c.method, c.path, got.Header.Get("Content-Type"))
		}
		if c.status == 405 && got.Header.Get("Allow") == "" {
			t.Errorf("%s %s: a 405 without Allow", c.method, c.path)
		}
	}
}

func TestP2_OnLoopbackHTTPNothingAsksForHTTPS(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := http.Header{}
	s := d.newServer(func(c *Config) { c.PublicURL = "http://127.0.0.1:8080" })
	s.setHeaders(h, false)
	if h.Get("Strict-Transport-Security") != "" {
		t.Error("plain http says Strict-Transport-Security")
	}
	for _, url := range []string{"http://act.refnet.example", "", "act.refnet.example", "https://act.refnet.example/", "https://u:p@act.refnet.example", "ftp://localhost"} {
		c := s.Config
		c.PublicURL = url
		if _, err := New(c); err == nil {
			t.Errorf("a public URL %q is taken", url)
		}
	}
}

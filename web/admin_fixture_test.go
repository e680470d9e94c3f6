package web

import (
	"bytes"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"holdfast/accounts"
)

// browser is somebody with a browser: it keeps cookies, follows nothing by itself, and says where a form comes from.
type browser struct {
	*doors
	cookies map[string]string
}

// at is a browser with a session of an account with these roles.
func (d *doors) at(roles ...accounts.Role) *browser {
	d.Helper()
	_, session := d.account(roles...)
	return &browser{doors: d, cookies: map[string]string{d.server.cookieName(): session}}
}

func (b *browser) send(r *http.Request) screen {
	b.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	got := b.doors.send(r)
	for _, c := range got.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	if got.StatusCode >= 500 {
		_, after, _ := strings.Cut(b.log.String(), `"ERROR"`)
		b.Errorf("%s %s: %d\n%.1000s", r.Method, r.URL, got.StatusCode, after)
	}
	return screen{reply: got, browser: b}
}

func (b *browser) get(path string) screen {
	b.Helper()
	return b.send(b.request("GET", path, "", nil))
}

// open is get for a page that must be there.
func (b *browser) open(path string) screen {
	b.Helper()
	p := b.get(path)
	if p.StatusCode != http.StatusOK {
		b.Fatalf("GET %s: %d\n%s", path, p.StatusCode, p.text)
	}
	return p
}

func (b *browser) post(path string, values url.Values) screen {
	b.Helper()
	r := b.request("POST", path, "", values.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// upload posts a form with a file, which comes last.
func (b *browser) upload(path string, values url.Values, name, content string) screen {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field := range values {
		b.must(form.WriteField(field, values.Get(field)))
	}
	part, err := form.CreateFormFile("file", name)
	b.must(err)
	_, err = part.Write([]byte(content))
	b.must(err)
	b.must(form.Close())
	r := b.request("POST", path, "", body.String())
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// done is post for a form that must be carried out; it returns the page that it leads to.
func (b *browser) done(path string, values url.Values) screen {
	b.Helper()
	p := b.post(path, values)
	if p.StatusCode != http.StatusSeeOther {
		b.Fatalf("POST %s: %d\n%s", path, p.StatusCode, p.words())
	}
	return b.open(p.Header.Get("Location"))
}

// screen is an answer that a browser would show.
type screen struct {
	reply
	browser *browser
}

func (p screen) tree() *html.Node {
	p.browser.Helper()
	tree, err := html.Parse(bytes.NewReader(p.text))
	p.browser.must(err)
	return tree
}

// words are what somebody reads on the page.
func (p screen) words() string {
	var words []string
	for n := range p.tree().Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			words = append(words, n.Data)
		}
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func (p screen) says(t interface {
	Helper()
	Errorf(string, ...any)
}, want ...string) {
	t.Helper()
	words := p.words()
	for _, w := range want {
		if !strings.Contains(words, w) {
			t.Errorf("%s %s does not say %q:\n%s", p.Request.Method, p.Request.URL.Path, w, words)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// values are what the controls of a page hold, as a browser would send them.
func (p screen) values() url.Values {
	values := url.Values{}
	for n := range p.tree().Descendants() {
		name := attribute(n, "name")
		switch {
		case n.Data == "textarea" && n.FirstChild != nil:
			values.Add(name, strings.TrimPrefix(n.FirstChild.Data, "\n"))
		case n.Data == "textarea":
			values.Add(name, "")
		case n.Data == "input" && (attribute(n, "type") == "checkbox" || attribute(n, "type") == "radio"):
			if has(n, "checked") {
				values.Add(name, attribute(n, "value"))
			}
		case n.Data == "input":
			values.Add(name, attribute(n, "value"))
		case n.Data == "option" && has(n, "selected"):
			values.Add(attribute(n.Parent, "name"), attribute(n, "value"))
		}
	}
	return values
}

// problems are the ids of the fields under which the page says what is wrong, each with what it says.
func (p screen) problems() map[string]string {
	found := map[string]string{}
	for n := range p.tree().Descendants() {
		if id := attribute(n, "id"); attribute(n, "class") == "wrong-note" && n.FirstChild != nil {
			found[strings.TrimSuffix(id, "-problem")] = n.FirstChild.Data
		}
	}
	return found
}

// links are where the page's links lead within the house.
func (p screen) links() []string {
	var list []string
	for n := range p.tree().Descendants() {
		if href := attribute(n, "href"); n.Data == "a" && strings.HasPrefix(href, "/") {
			list = append(list, href)
		}
	}
	return list
}

func listenLoopback() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

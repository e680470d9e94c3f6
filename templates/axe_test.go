package templates

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"holdfast/internal/browsertest"
)

// axeLanguages are those that the pages are tried in, one after the other: from left to right, with accents, from right to left.
var axeLanguages = []string{"en", "fr", "ar"}

// TestAxeFindsNoBarrierOnAnyPage has axe-core look at a sample of every page as it stands in a browser: public ones at the width of a phone, in turn
// in English, French and Arabic; those of staff at the width of a desk, in turn in their two. What a program can't see is looked at by people.
func TestAxeFindsNoBarrierOnAnyPage(t *testing.T) {
	t.Parallel()
	for _, width := range []struct {
		name      string
		wide      int
		high      int
		staff     bool
		languages []string
	}{{"phone", 390, 844, false, axeLanguages}, {"desk", 1280, 900, true, axeLanguages[:2]}} {
		t.Run(width.name, func(t *testing.T) {
			t.Parallel()
			pages, names := http.NewServeMux(), []string{}
			for _, asset := range Assets() {
				pages.HandleFunc("GET "+asset.Path, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", asset.ContentType)
					_, _ = w.Write(asset.Content)
				})
			}
			in := map[string]map[string]sample{}
			for _, lang := range width.languages {
				in[lang] = map[string]sample{}
				for _, s := range samples(lang) {
					in[lang][s.name] = s
				}
			}
			for _, s := range samples("en") {
				if (s.spec.layout == staffLayout) != width.staff {
					continue
				}
				lang := width.languages[len(names)%len(width.languages)]
				if _, there := in[lang][s.name]; !there {
					lang = "en" // one that staff alone see before they are signed in
				}
				page, err := in[lang][s.name].render()
				if err != nil {
					t.Fatalf("%s in %s: %v", s.name, lang, err)
				}
				if !bytes.HasPrefix(page, []byte("<!doctype html>")) {
					continue // a piece stands in the page that it is a piece of
				}
				name := "/" + s.name + "." + lang
				names = append(names, name)
				pages.HandleFunc("GET "+name, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					_, _ = w.Write(page)
				})
			}
			server := httptest.NewServer(pages)
			t.Cleanup(server.Close)
			tab := browsertest.Open(t, width.wide, width.high)
			for _, name := range names {
				tab.Go(server.URL + name)
				if found := tab.Barriers(); len(found) > 0 {
					t.Errorf("%s:\n\t%s", name, strings.Join(found, "\n\t"))
				}
			}
			t.Logf("%d pages", len(names))
		})
	}
}

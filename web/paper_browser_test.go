package web

import (
	"net/http"
	"strings"
	"testing"

	"holdfast/letters"
)

// From the letter that was printed to the code that is typed in: without a script, on a phone and at a desk, in three languages.
func TestTheCodeOfALetterIsEnteredInABrowser(t *testing.T) {
	t.Parallel()
	o := launched(t)
	slug := o.slug()
	site := o.site()
	for _, width := range []int{390, 1280} {
		tab := visit(t, width)
		tab.WithoutScript()
		for lang, thanks := range map[string]string{"en": "Thank you. Your letter counts.", "fr": "Merci. Votre lettre compte.", "ar": "رسالتك محسوبة"} {
			answer, err := http.PostForm(site+"/a/"+slug+"/write/"+o.target+"/paper", typedLetter())
			o.must(err)
			o.must(answer.Body.Close())
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("printing: %d", answer.StatusCode)
			}
			code := letters.ShownCode(*o.lettersNow()[0].Code)
			tab.Go(site + "/code?lang=" + lang)
			tab.keeps("code-" + lang)
			tab.Fill("input[name=code]", "00000000")
			tab.Press("main button")
			tab.keeps("code-unknown-" + lang)
			if said := tab.Text("#unknown"); said == "" {
				t.Errorf("%s at %d: nothing says that the code is unknown", lang, width)
			}
			tab.Go(site + "/code?lang=" + lang)
			tab.Fill("input[name=code]", strings.ToLower(code))
			tab.Press("main button")
			tab.keeps("code-thanks-" + lang)
			if got := o.lettersNow()[0]; got.State != letters.Counted || got.Grade != letters.Paper {
				t.Errorf("%s at %d: the letter is %+v", lang, width, got)
			}
			if said := tab.Text("h1"); !strings.Contains(said, thanks) {
				t.Errorf("%s at %d: thanked with %q, want %q", lang, width, said, thanks)
			}
		}
	}
}

package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"holdfast/internal/browsertest"
)

// From the mail to one's own mail program, on a phone and at a desk, in three languages: the desk works without script, where a button reads the letter over
// and loses nothing; with script the points are ticked off while one writes, and the browser keeps the draft until it is deleted.
func TestFromTheActionPageToOnesOwnMailProgram(t *testing.T) {
	t.Parallel()
	o := launched(t)
	o.office(fields{"address": "minister@gov-ca.example", "languages": []string{"en", "fr"}, "gender": "male",
		"office": fields{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique", "ar": "وزير الأمن العام"}})
	o.want(http.StatusOK, "PUT", "/campaigns/"+o.campaign+"/asks/a1", fields{"texts": fields{"en": "Ask the Minister to stop the removal.",
		"fr": "Demandez au ministre d’arrêter le renvoi.", "ar": "اطلبوا من الوزير وقف الترحيل."}})
	site := o.site()
	french := "Monsieur le Ministre,\n\nJe suis infirmière à Moncton. Je vous prie d’arrêter l’expulsion de cet homme."
	for _, width := range []int{390, 1280} {
		for lang, text := range map[string]string{"en": ownWords, "fr": french, "ar": ownWords} {
			t.Run(fmt.Sprintf("%s at %d", lang, width), func(t *testing.T) {
				tab := visit(t, width)
				script := width == 1280
				if !script {
					tab.WithoutScript()
				}
				tab.Go(site + o.reportLink() + "?lang=" + lang)
				tab.keeps("public-action-" + lang)
				tab.Press(".office a.button")
				if began := value(tab, "#f-text"); lang == "fr" && !strings.Contains(began, "Monsieur le Ministre") {
					t.Errorf("the salutation is %q", began)
				}
				tab.Fill("#f-text", text)
				if script {
					// SetValue tells the page nothing; a key does.
					tab.Do(chromedp.SendKeys(chromedp.CSS("#f-text"), " "))
					tab.Do(chromedp.WaitVisible(chromedp.CSS(".point.is-made")))
				} else {
					tab.Press(".letter button[type=submit]")
					tab.Do(chromedp.WaitVisible(chromedp.CSS(".point.is-made")))
					if kept := value(tab, "#f-text"); kept != text {
						t.Errorf("the answer holds %q", kept)
					}
				}
				tab.keeps("public-desk-" + lang)
				if script {
					keepsTheDraft(t, tab)
				}
				tab.Press("button[formaction*='/own']")
				tab.keeps("public-own-" + lang)
				link := attributeIn(tab, "a.button[href^='mailto:']", "href")
				if !strings.HasPrefix(link, "mailto:minister@gov-ca.example?subject=") || len(link) > 2000 {
					t.Errorf("the link is %q", link)
				}
				if asked, errors := tab.Outside(strings.TrimPrefix(site, "http://")); len(asked)+len(errors) > 0 {
					t.Errorf("asked elsewhere: %v, errors: %v", asked, errors)
				}
			})
		}
	}
}

// keepsTheDraft leaves the desk, comes back, deletes the draft, and writes it again.
func keepsTheDraft(t *testing.T, tab visitor) {
	t.Helper()
	text := value(tab, "#f-text")
	tab.Do(chromedp.Reload())
	tab.Do(chromedp.WaitVisible(chromedp.CSS(".restored")), chromedp.WaitVisible(chromedp.CSS(".point.is-made")))
	if back := value(tab, "#f-text"); back != text {
		t.Errorf("the draft came back as %q", back)
	}
	tab.Do(chromedp.Click(chromedp.CSS("[data-forget]")), chromedp.WaitNotVisible(chromedp.CSS(".restored")))
	if kept := browsertest.Ask(tab.Tab, chromedp.Evaluate[int]("localStorage.length")); kept != 0 {
		t.Errorf("after deleting, the browser keeps %d things", kept)
	}
	tab.Fill("#f-text", text)
}

func value(tab visitor, selector string) string {
	return browsertest.Ask(tab.Tab, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value", selector)))
}

func attributeIn(tab visitor, selector, name string) string {
	return browsertest.Ask(tab.Tab, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).getAttribute(%q)", selector, name)))
}

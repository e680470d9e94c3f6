package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"holdfast/letters"
)

// click ticks a box or presses something that leads nowhere.
func (v visitor) click(selector string) {
	v.t.Helper()
	v.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Somebody reports, corrects and withdraws, and tells of a letter evening, in a browser without script.
func TestLettersAreReportedCorrectedAndWithdrawnInABrowser(t *testing.T) {
	for _, width := range []int{390, 1280} {
		for lang, says := range map[string]struct{ thanks, word, corrected, withdrawn string }{
			"en": {"Thank you for writing", "Known from your report.", "Corrected.", "Withdrawn. It no longer counts."},
			"fr": {"Merci d’avoir écrit", "Connue par votre signalement.", "Corrigé.", "Retiré."},
			"ar": {"شكراً لأنكم كتبتم", "نعرفها من إبلاغكم.", "صُحّح", "سُحب"},
		} {
			t.Run(fmt.Sprint(width, lang), func(t *testing.T) {
				t.Parallel()
				o := launched(t)
				o.join()
				site := o.site()
				v := visit(t, width)
				v.WithoutScript()
				shows := func(selector, want string) {
					t.Helper()
					if said := v.Text(selector); !strings.Contains(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(said), want) {
						t.Errorf("%s says %q, want %q in it", selector, said, want)
					}
				}
				report := func(name, address string) {
					t.Helper()
					v.Go(address + "?lang=" + lang)
					v.keeps(name + "-" + lang)
					v.Fill("#f-copies", "51")
					v.click(`input[value="post"]`)
					v.Press(`form.stack button[type="submit"]`)
					v.keeps(name + "-wrong-" + lang)
					v.Fill("#f-copies", "2")
					v.Press(`form.stack button[type="submit"]`)
					shows("h1", says.thanks)
				}

				report("report", site+o.reportLink()+"/report")
				shows(".reported li", says.word)
				v.keeps("report-thanks-" + lang)
				v.click(".reported summary")
				v.Fill(`.reported input[name="copies"]`, "3")
				v.Press(".reported form:first-of-type button")
				shows(".notice", says.corrected)
				if got := o.counter(); got != (letters.Counter{Reported: 3}) {
					t.Errorf("corrected: %+v", got)
				}

				v.Press(".evening-link a")
				v.keeps("evening-" + lang)
				v.Fill("#f-copies", "46")
				v.click(`input[value="post"]`)
				v.Press(`form.stack button[type="submit"]`)
				shows("h1", says.thanks)
				v.keeps("evening-thanks-" + lang)
				if got := o.counter(); got != (letters.Counter{Reported: 3, Batch: 46}) {
					t.Errorf("after the evening: %+v", got)
				}
				v.Press(".reported .is-stop")
				shows(".notice", says.withdrawn)

				v.Go(site + o.reportLink() + "/report?lang=" + lang)
				v.click(".reported summary")
				v.Press(".reported .is-stop")
				shows(".notice", says.withdrawn)
				if got := o.counter(); got.Sum() != 0 {
					t.Errorf("all withdrawn: %+v", got)
				}

				report("visitor", site+"/a/"+o.slug()+"/report")
				v.keeps("visitor-thanks-" + lang)
				shows(".keep a", site+"/w/")
				v.Press(".keep a")
				v.click(".reported summary")
				v.Press(".reported .is-stop")
				shows(".notice", says.withdrawn)
				asked, errors := v.Outside(strings.TrimPrefix(site, "http://"))
				if got := o.counter(); got.Sum() != 0 || len(asked) > 0 || len(errors) > 0 {
					t.Errorf("at the end: %+v, asked elsewhere %v, errors %v", got, asked, errors)
				}
			})
		}
	}
}

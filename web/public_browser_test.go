package web

import (
	"strings"
	"testing"
)

// The reader's own hour, which the script adds, is set as the page sets its dates: in English the day before the month, in
// Arabic and Persian in their own figures.
func TestTheReadersOwnHourIsSetAsThePageIs(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.world()
	d.want(200, "PUT", "/cases/"+w.caseID+"/removal", fields{"removal_timing": "exact", "removal_at": "2030-12-09T02:25:00Z", "removal_zone": "America/Toronto"})
	d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
	c, err := d.server.Campaigns.Campaign(d.ctx, number(w.campaign))
	d.must(err)
	site := d.site()
	tab := visit(t, 390)
	tab.In("Europe/London")
	bare := strings.NewReplacer("\u2068", "", "\u2069", "", "\u00a0", " ")
	for lang, want := range map[string]string{
		"en": "(Monday 9 December, 02:25 your time)", "fr": "lundi 9 décembre à 2 h 25 chez vous", "es": "9 de diciembre, 02:25",
		"ar": "٩ ديسمبر، ٠٢:٢٥", "fa": "۹ دسامبر، ۰۲:۲۵",
	} {
		tab.Go(site + "/a/" + c.Slug + "?lang=" + lang)
		if said := bare.Replace(tab.Text("time[data-offset]")); !strings.Contains(said, want) {
			t.Errorf("in %s the page says %q, want %q in it", lang, said, want)
		}
	}
	tab.In("America/Toronto")
	tab.Go(site + "/a/" + c.Slug + "?lang=en")
	if said := tab.Text("time[data-offset]"); strings.Contains(said, "your time") {
		t.Errorf("in the place itself the page says %q", said)
	}
}

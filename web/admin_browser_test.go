package web

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/browsertest"
	"holdfast/letters"
	"holdfast/templates"
)

var deskPictures = flag.String("desk-pictures", "", "write pictures of the staff's pages into this folder, to be looked at")

// site is a server that a browser on this machine can sign in to, with pages and mails as they are written for real.
func (d *doors) site() string {
	d.Helper()
	l, err := listenLoopback()
	d.must(err)
	address := "http://" + l.Addr().String()
	organisation := templates.Organisation{Name: "Refuge Network", PostalAddress: "12 Example Street\nOttawa ON  K1A 0Z9\nCanada", Contact: "actions@refnet.example"}
	d.server = d.newServer(func(c *Config) {
		c.PublicURL, c.Organisation, c.Demo = address, organisation, true
		c.Write = func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
			return templates.Editions(sheet, organisation, address)
		}
	})
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: d.server.Public()}}
	server.Start()
	d.Cleanup(server.Close)
	d.url = address
	return address
}

// look holds a page in the browser against what every page keeps, and takes its picture where one is wanted.
func look1(t *testing.T, tab *browsertest.Tab, width int, name string) {
	t.Helper()
	if wide := tab.Sideways(); wide > 0 {
		t.Errorf("%s is %d pixels wider than a window of %d", name, wide, width)
	}
	if *deskPictures != "" {
		if err := os.MkdirAll(*deskPictures, 0o755); err != nil {
			t.Fatal(err)
		}
		tab.Picture(filepath.Join(*deskPictures, fmt.Sprintf("%s-%d.png", name, width)))
	}
}

func TestACoordinatorLaunchesAnAppealInABrowser(t *testing.T) {
	for _, width := range []int{390, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			d := open(t)
			site := d.site()
			address, _ := d.staffWith(goodPassword)
			target := newTarget()
			target["institution"], target["office"] = fields{"en": "Public Safety Canada"}, fields{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique"}
			d.must(d.furnish(target))

			tab := browsertest.Open(t, width, 800)
			tab.Go(site + "/")
			look1(t, tab, width, "sign-in")
			tab.Fill("#f-address", address)
			tab.Fill("#f-password", goodPassword)
			tab.Press(`form button[type="submit"]`)
			look1(t, tab, width, "campaigns-none")

			tab.Press(`a[href="/admin/cases/new"]`)
			for field, text := range map[string]string{"ref": "2026-005", "headline": "Removal to Iran despite a request of the UN Committee against Torture", "concerns": "forcible return", "persons": "M.R.",
				"removing_country": "CA", "receiving_country": "IR", "removal_day": in(9), "removal_time": "07:40", "removal_zone": "America/Toronto"} {
				tab.Fill("#f-"+field, text)
			}
			look1(t, tab, width, "case-form")
			tab.Press(`main form button[type="submit"]`)
			look1(t, tab, width, "case")

			tab.Press(`a[href^="/admin/campaigns/new"]`)
			for field, text := range map[string]string{"title": "Stop the removal of M.R.", "deadline_day": in(8), "deadline_zone": "America/Toronto",
				"asks-0-texts-en": "Ask the Minister of Public Safety to stop the removal.", "asks-0-texts-fr": "Demandez au ministre de la Sécurité publique de suspendre le renvoi."} {
				tab.Fill("#f-"+field, text)
			}
			tab.Click(`input[name="targets"]`)
			look1(t, tab, width, "campaign-form")
			tab.Press(`main form button[type="submit"]`)
			look1(t, tab, width, "campaign")

			tab.Press(`button[value="first"]`)
			tab.Fill("#f-texts-en-subject", "Canada: UN committee asks for a removal to wait")
			tab.Fill("#f-texts-en-headline", "Canada: UN committee asks for a removal to Iran to wait")
			tab.Fill("#f-texts-en-body", "M.R., 47, is to be removed on {removal_at}.\n\nHe may be:\n\n- arrested on arrival,\n- tortured.\n\n![a picture](x.png)")
			tab.Press(`main form button.button:not([name])`)
			look1(t, tab, width, "compose-wrong")
			if said := tab.Text("#f-texts-en-body-problem"); !strings.Contains(said, "pictures are not sent") {
				t.Errorf("a picture in the text: %q", said)
			}
			tab.Fill("#f-texts-en-body", "M.R., 47, is to be removed on {removal_at}.\n\nHe may be:\n\n- arrested on arrival,\n- tortured.")
			tab.Press(`main form button.button:not([name])`)
			look1(t, tab, width, "compose")
			tab.Press(`a[href$="/preview/en"]`)
			look1(t, tab, width, "preview")
			tab.Back()

			tab.Press(`a[href$="/launch"]`)
			look1(t, tab, width, "launch")
			if button := tab.Text("main form button"); button != "Send to 41 members in 1 language" {
				t.Errorf("the button says %q", button)
			}
			tab.Press("main form button")
			look1(t, tab, width, "leaving")
			if state := tab.Text(".progress-head"); !strings.Contains(state, "leaving") {
				t.Errorf("after the launch: %q", state)
			}
			d.deliver(d.lastAppeal())
			tab.Await(`.verdict-line.closes`) // by the events alone: nobody pressed anything
			look1(t, tab, width, "complete")

			asked, errors := tab.Outside(strings.TrimPrefix(site, "http://"))
			if len(asked) > 0 || len(errors) > 0 {
				t.Errorf("asked elsewhere: %v; errors: %v", asked, errors)
			}
		})
	}
}

// furnish makes an office, groups and 41 members.
func (d *doors) furnish(target fields) error {
	yes := true
	texts := func(name string) campaigns.Texts {
		out := campaigns.Texts{}
		for l, text := range target[name].(fields) {
			out[l] = text.(string)
		}
		return out
	}
	_, err := d.server.Campaigns.AddTarget(d.ctx, audit.System(), campaigns.NewTarget{Code: "CA-PS", Kind: "minister", Country: "CA", Power: "decides", Office: texts("office"),
		Institution: texts("institution"), PostalAddress: "House of Commons\nOttawa ON  K1A 0A6", Address: "minister@gov-ca.example", TakesMassLetters: &yes})
	if err != nil {
		return err
	}
	var file strings.Builder
	file.WriteString("email,name,language,country\n")
	for i := range 41 {
		fmt.Fprintf(&file, "m%d@mail.example,Member %d,%s,CA\n", i, i, []string{"en", "fr", "fa"}[i%3])
	}
	_, err = d.server.Members.Import(d.ctx, audit.System(), strings.NewReader(file.String()), importOf1(), nil)
	return err
}

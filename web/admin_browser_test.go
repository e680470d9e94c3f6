package web

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/browsertest"
	"holdfast/letters"
	"holdfast/members"
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
	known := d.server.Config
	d.server = d.newServer(func(c *Config) {
		c.Members, c.Accounts, c.Links, c.Letters = known.Members, known.Accounts, known.Links, known.Letters // which the same keys sealed
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

// visitor is a browser of one width.
type visitor struct {
	*browsertest.Tab
	t     *testing.T
	width int
}

func visit(t *testing.T, width int) visitor {
	return visitor{Tab: browsertest.Open(t, width, 800), t: t, width: width}
}

// keeps holds a page against what every page keeps, and takes its picture where one is wanted.
func (v visitor) keeps(name string) {
	v.t.Helper()
	if wide := v.Sideways(); wide > 0 {
		v.t.Errorf("%s is %d pixels wider than a window of %d", name, wide, v.width)
	}
	if *deskPictures != "" {
		if err := os.MkdirAll(*deskPictures, 0o755); err != nil {
			v.t.Fatal(err)
		}
		v.Picture(filepath.Join(*deskPictures, fmt.Sprintf("%s-%d.png", name, v.width)))
	}
}

func (v visitor) fill(fields map[string]string) {
	v.t.Helper()
	for field, text := range fields {
		v.Fill("#f-"+field, text)
	}
}

func TestACoordinatorLaunchesAnAppealInABrowser(t *testing.T) {
	for _, width := range []int{390, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			d := open(t)
			site := d.site()
			address, _ := d.staffWith(goodPassword)
			d.furnish()

			tab := visit(t, width)
			tab.Go(site + "/")
			tab.keeps("sign-in")
			tab.Fill("#f-address", address)
			tab.Fill("#f-password", goodPassword)
			tab.Press(`form button[type="submit"]`)
			tab.keeps("campaigns-none")

			tab.Press(`a[href="/admin/cases/new"]`)
			tab.fill(map[string]string{"ref": "2026-005", "headline": "Removal to Iran despite a request of the UN Committee against Torture", "concerns": "forcible return", "persons": "M.R.",
				"removing_country": "CA", "receiving_country": "IR", "removal_day": in(9), "removal_time": "07:40", "removal_zone": "America/Toronto"})
			tab.keeps("case-form")
			tab.Press(`main form button[type="submit"]`)
			tab.keeps("case")

			tab.Press(`a[href^="/admin/campaigns/new"]`)
			tab.fill(map[string]string{"title": "Stop the removal of M.R.", "deadline_day": in(8), "deadline_zone": "America/Toronto",
				"asks-0-texts-en": "Ask the Minister of Public Safety to stop the removal.", "asks-0-texts-fr": "Demandez au ministre de la Sécurité publique de suspendre le renvoi."})
			tab.Do(chromedp.Click(chromedp.CSS(`input[name="targets"]`)))
			tab.keeps("campaign-form")
			tab.Press(`main form button[type="submit"]`)
			tab.keeps("campaign")

			tab.Press(`button[value="first"]`)
			tab.Fill("#f-texts-en-subject", "Canada: UN committee asks for a removal to wait")
			tab.Fill("#f-texts-en-headline", "Canada: UN committee asks for a removal to Iran to wait")
			tab.Fill("#f-texts-en-body", "M.R., 47, is to be removed on {removal_at}.\n\nHe may be:\n\n- arrested on arrival,\n- tortured.\n\n![a picture](x.png)")
			tab.Press(`main form button.button:not([name])`)
			tab.keeps("compose-wrong")
			if said := tab.Text("#f-texts-en-body-problem"); !strings.Contains(said, "pictures are not sent") {
				t.Errorf("a picture in the text: %q", said)
			}
			tab.Fill("#f-texts-en-body", "M.R., 47, is to be removed on {removal_at}.\n\nHe may be:\n\n- arrested on arrival,\n- tortured.")
			tab.Press(`main form button.button:not([name])`)
			tab.keeps("compose")
			tab.Press(`a[href$="/preview/en"]`)
			tab.keeps("preview")
			tab.Press(".crumbs a")

			tab.Press(`a[href$="/launch"]`)
			tab.keeps("launch")
			if button := tab.Text("main form button"); button != "Send to 41 members in 1 language" {
				t.Errorf("the button says %q", button)
			}
			if asked := tab.Text("#f-yes"); !strings.Contains(asked, "There is no text in French.") || !strings.Contains(asked, "Launch without French.") {
				t.Errorf("without a French text the page asks %q", asked)
			}
			tab.Do(chromedp.Click(chromedp.CSS(`input[name="yes"]`)))
			tab.Press("main form button")
			tab.keeps("leaving")
			if state := tab.Text(".progress-head"); !strings.Contains(state, "leaving") {
				t.Errorf("after the launch: %q", state)
			}
			d.deliver(1)
			tab.Do(chromedp.WaitVisible(chromedp.CSS(`.verdict-line.closes`))) // by the events alone: nobody presses anything
			tab.keeps("complete")

			asked, errors := tab.Outside(strings.TrimPrefix(site, "http://"))
			if len(asked) > 0 || len(errors) > 0 {
				t.Errorf("asked elsewhere: %v; errors: %v", asked, errors)
			}
		})
	}
}

// furnish makes an office and 41 members.
func (d *doors) furnish() {
	d.Helper()
	yes := true
	_, err := d.server.Campaigns.AddTarget(d.ctx, audit.System(), campaigns.NewTarget{Code: "CA-PS", Kind: "minister", Country: "CA", Power: "decides",
		Office:        campaigns.Texts{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique"},
		PostalAddress: "House of Commons\nOttawa ON  K1A 0A6", Address: "minister@gov-ca.example", TakesMassLetters: &yes})
	d.must(err)
	var file strings.Builder
	file.WriteString("email,name,language,country\n")
	for i := range 41 {
		fmt.Fprintf(&file, "m%d@mail.example,Member %d,%s,CA\n", i, i, []string{"en", "fr", "fa"}[i%3])
	}
	_, err = d.server.Members.Import(d.ctx, audit.System(), strings.NewReader(file.String()), members.ImportOptions{
		Consent: members.Consent{Source: "sign-up sheet", GivenOn: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), Words: "Send me appeals."}}, nil)
	d.must(err)
}

func TestEveryPageOfStaffFitsAPhoneAndADesk(t *testing.T) {
	for width, lang := range map[int]string{360: "fr", 1280: "en"} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			d := open(t)
			w := d.world()
			n := newTarget()
			n["office"], n["institution"] = fields{"en": "Minister of Foreign Affairs and International Humanitarian Cooperation"}, fields{"en": "Global Affairs"}
			d.made("/targets", n)
			d.want(202, "POST", "/appeals/"+w.appeal+"/launch", nil)
			d.deliver(number(w.appeal))
			d.must(d.server.Letters.Report(d.ctx, letters.Writer{AppealID: number(w.appeal), MemberID: number(w.member)},
				letters.Report{TargetIDs: []int64{number(w.target)}, Channel: "post", Copies: 12, WrittenOn: campaigns.DayOf(time.Now())}))
			d.made("/campaigns/"+w.campaign+"/appeals", newAppeal("update"))
			site := d.site()
			_, session := d.account(accounts.Roles()...)

			v := visit(t, width)
			v.WithoutScript()
			v.Go(site + "/sign-in")
			v.Do(setCookie(d.server.cookieName(), session, site))
			v.Go(site + "/admin/campaigns?lang=" + lang)
			seen, queue := map[string]bool{}, []string{"/admin/campaigns", "/admin/account", "/admin/campaigns/" + w.campaign + "/change", "/admin/appeals/2/launch"}
			for len(queue) > 0 {
				path := queue[0]
				queue = queue[1:]
				if seen[path] || !strings.HasPrefix(path, "/admin") || strings.HasSuffix(path, "/html") {
					continue
				}
				seen[path] = true
				v.Go(site + path)
				v.keeps(strings.Trim(strings.NewReplacer("/admin/", "", "/", "_", "?", "_", "&", "_", "=", "-").Replace(path), "_"))
				links := browsertest.Ask(v.Tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll("main a[href^='/']:not([download]), nav a[href^='/']")].map(a => a.getAttribute("href"))`))
				queue = append(queue, links...)
			}
			if len(seen) < 20 {
				t.Errorf("only %d pages were seen", len(seen))
			}
			if asked, errors := v.Outside(strings.TrimPrefix(site, "http://")); len(asked)+len(errors) > 0 {
				t.Errorf("asked elsewhere: %v; errors: %v", asked, errors)
			}
		})
	}
}

func setCookie(name, value, site string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: site})
		return chromedp.Void{}, err
	}
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"holdfast/campaigns"
	"holdfast/internal/audit"
)

// lettersAt walks every public route about letters for one office and returns what each answers.
func (o *opened) lettersAt(slug, target string) map[string]reply {
	o.Helper()
	got := map[string]reply{}
	for _, r := range o.server.routes() {
		if r.door != public || !strings.HasPrefix(r.pattern, "/a/") && !strings.HasPrefix(r.pattern, "/r/") {
			continue
		}
		path := strings.NewReplacer("{slug}", slug, "{token}", strings.TrimPrefix(o.reportLink(), "/r/"), "{target}", target, "{file}", target+".pdf", "{id}", "1").Replace(r.pattern)
		var form url.Values
		if r.method == http.MethodPost {
			form = typedLetter()
			form.Set("email", "somebody@mail.example")
			for field, value := range map[string]string{"target": target, "channel": "fax", "day": "2026-01-01", "copies": "1"} {
				form.Set(field, value)
			}
		}
		got[r.method+" "+r.pattern] = o.visit(r.method, path, form)
	}
	if len(got) < 20 {
		o.Fatalf("%d routes", len(got))
	}
	return got
}

// R2, R4, R13, A10: whatever address is tried, a draft is not there; an office of the state of origin that nobody has agreed to is not there, nor one that was
// taken off or is another campaign's; and once a campaign is stopped or closed nothing shows an office's address or begins a letter.
func TestR4_NoRouteOfLettersShowsOrDoesWhatTheStateForbids(t *testing.T) {
	t.Parallel()
	o := launched(t)
	ways := fields{"address": "shown@gov-ca.example", "postal_address": "7 Shown Street", "fax": "+1 613 555 0170", "phone": "+1 613 555 0171", "form_url": "https://shown.example/form"}
	o.office(ways)
	shown := []string{"shown@gov-ca.example", "Shown Street", "613 555 017", "https://shown.example", "/send", "/own", "/paper"}
	slug := o.slug()

	// What is not of this campaign.
	waiting, foreign, gone := o.receivingTarget(o.world), o.made("/targets", newTarget()), o.made("/targets", newTarget())
	o.want(http.StatusOK, "PUT", "/campaigns/"+o.campaign+"/targets/"+gone, nil)
	o.want(http.StatusOK, "DELETE", "/campaigns/"+o.campaign+"/targets/"+gone, nil)
	for what, target := range map[string]string{"one that waits for a second yes": waiting, "another campaign's": foreign, "one taken off": gone, "none": "999999"} {
		for route, got := range o.lettersAt(slug, target) {
			if strings.Contains(route, "{target}") || strings.Contains(route, "{file}") {
				if got.StatusCode != http.StatusNotFound {
					t.Errorf("%s of %s: %d", route, what, got.StatusCode)
				}
			}
			if strings.Contains(string(got.text), "Minister of Justice") {
				t.Errorf("%s shows an office that nobody has agreed to", route)
			}
		}
	}
	if n := o.count(`SELECT count(*) FROM letters`) + o.count(`SELECT count(*) FROM visitors`); n != 0 {
		t.Errorf("%d letters or visitors were written down for offices that are none", n)
	}

	// A draft.
	draft := o.doors.world()
	c, err := o.server.Campaigns.Campaign(o.ctx, number(draft.campaign))
	o.must(err)
	for route, got := range o.lettersAt(c.Slug, draft.target) {
		if strings.Contains(route, "/a/") && got.StatusCode != http.StatusNotFound {
			t.Errorf("%s of a draft: %d", route, got.StatusCode)
		}
	}

	for _, state := range []string{"open", "stopped", "closed"} {
		switch state {
		case "stopped":
			_, err = o.server.Campaigns.StopCampaign(o.ctx, audit.System(), number(o.campaign))
		case "closed":
			_, err = o.server.Campaigns.CloseCampaign(o.ctx, audit.System(), number(o.campaign), campaigns.Closing{Outcome: "released"})
		}
		o.must(err)
		before := o.count(`SELECT count(*) FROM letters`)
		seen := false
		for route, got := range o.lettersAt(slug, o.target) {
			for _, text := range shown {
				has := strings.Contains(string(got.text), text)
				seen = seen || has
				if has && state != "open" {
					t.Errorf("%s of one that is %s shows %q", route, state, text)
				}
			}
			begins := strings.HasPrefix(route, "POST") && strings.Contains(route, "/write/")
			if want := http.StatusConflict; state != "open" && begins && got.StatusCode != want {
				t.Errorf("%s of one that is %s: %d, want %d", route, state, got.StatusCode, want)
			}
			if printed := strings.Contains(route, ".pdf") || strings.Contains(route, "/labels/"); state != "open" && printed && got.StatusCode != http.StatusGone {
				t.Errorf("%s of one that is %s: %d, want 410", route, state, got.StatusCode)
			}
			if got.StatusCode >= 500 {
				t.Errorf("%s: %d", route, got.StatusCode)
			}
		}
		if made := o.count(`SELECT count(*) FROM letters`) - before; seen != (state == "open") || (made > 0) != (state == "open") {
			t.Errorf("%s: %d letters were begun, addresses shown: %t", state, made, seen)
		}
	}
}

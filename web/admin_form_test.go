package web

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/internal/audit"
)

// formCase is one form of the staff's pages: what is right in it, where it leads, and what is wrong, a field at a time.
type formCase struct {
	name  string
	path  string
	good  url.Values
	leads string // a pattern
	wrong []wrongField
}

// wrongField is a value that is wrong, and the id of the field under which the page says so.
type wrongField struct{ name, value, told string }

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func in(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// forms is every form that somebody types into, each with its own things to act on.
func (d *doors) forms() []formCase {
	d.Helper()
	w, launched := d.world(), d.world()
	d.want(202, "POST", "/appeals/"+launched.appeal+"/launch", nil)
	gone := d.made("/members", memberFields())
	d.want(200, "POST", "/members/"+gone+"/leave", nil)
	other, _ := d.server.Accounts.Add(d.ctx, audit.System(), accounts.NewAccount{Address: newID() + "@staff.example", Name: "Sami Example", Roles: []accounts.Role{accounts.Reviewer}})
	t2 := d.made("/targets", newTarget())

	consent := []string{"consent.source", "sign-up sheet", "consent.given_on", "2026-01-31", "consent.words", "Send me appeals."}
	theCase := values("ref", newID(), "headline", "Canada to Iran", "concerns", "torture\r\ndetention", "persons", "M.R.", "removing_country", "CA", "receiving_country", "IR",
		"removal_timing", "exact", "removal_day", in(9), "removal_time", "07:40", "removal_zone", "America/Toronto")
	removal := values("removal_timing", "window", "removal_day", in(9), "removal_until_day", in(12), "removal_zone", "America/Toronto")
	deadline := values("deadline_day", in(10), "deadline_time", "17:00", "deadline_zone", "America/Toronto")
	campaign := values("case_id", w.caseID, "title", "Stop the removal", "series", "UA", "fallback_language", "en", "urgent", "yes", "deadline_day", in(10),
		"deadline_zone", "America/Toronto", "deadline_inclusive", "yes", "after_deadline", "open", "asks.0.texts.en", "Ask the Minister to stop the removal.",
		"asks.1.texts.en", "Ask for a stay.", "asks.1.texts.fr", "Demandez un sursis.", "targets", w.target, "key", newID())
	compose := values("texts.en.subject", "Urgent action", "texts.en.headline", "A man is to be sent back", "texts.en.body", "He is at risk.\r\n\r\n- of torture",
		"texts.fr.subject", "Action urgente", "texts.fr.headline", "Un homme", "texts.fr.body", "Il est en danger, avant le {deadline}.",
		"audience.groups", w.group, "audience.languages", "en", "audience.countries", "CA", "on_unknown", "hold")
	target := values("code", newID(), "kind", "minister", "country", "CA", "power", "can_direct", "office.en", "Minister of Public Safety", "office.fr", "Ministre",
		"salutation.en", "Dear Minister,", "salutation.fr-f", "Madame la Ministre,", "languages", "en fr", "gender", "female", "postal_country", "CA", "postal_address", "1 Example Street\r\nOttawa", "address", "minister@gov-ca.example", "form_url", "https://gov-ca.example/write", "social_urls", "https://social.example/@minister\r\nhttps://videos.example/minister",
		"takes_mass_letters", "yes", "verified_on", "2026-01-31", "verified_source", "its page")
	retarget := maps.Clone(target)
	retarget.Set("code", newID())
	member := values(append([]string{"address", newID() + "@mail.example", "name", "Noor Example", "language", "fr", "country", "CA", "group", w.group}, consent...)...)
	changed := values("address", newID()+"@mail.example", "name", "Noor B. Example", "language", "en", "country", "", "group", "")

	return []formCase{
		{"group", "/admin/groups", values("name", newID(), "city", "Ottawa"), "^/admin/groups$", []wrongField{{"name", "", "f-name"}, {"name", "a\x01", "f-name"}}},
		{"group's name", "/admin/groups/" + w.group, values("name", newID(), "city", "Ottawa"), "^/admin/groups$", []wrongField{{"name", "", "f-name"}}},
		{"case", "/admin/cases", theCase, `^/admin/cases/\d+$`, []wrongField{{"ref", "", "f-ref"}, {"headline", strings.Repeat("x", 301), "f-headline"},
			{"removing_country", "XX", "f-removing_country"}, {"receiving_country", "CA", "f-receiving_country"}, {"removal_timing", "soon", "f-removal_timing"},
			{"removal_day", "soon", "f-removal_day"}, {"removal_day", "9999-01-01", "f-removal_day"}, {"removal_time", "25:99", "f-removal_time"}, {"removal_zone", "EST", "f-removal_zone"}}},
		{"removal", "/admin/cases/" + w.caseID + "/removal", removal, `^/admin/cases/\d+$`, []wrongField{{"removal_until_day", "", "f-removal_until_day"}, {"removal_zone", "Local", "f-removal_zone"}}},
		{"what is known, on the case", "/admin/cases/" + w.caseID + "/origin-state-knows", values("origin_state_reason", "Its embassy wrote."), `^/admin/cases/\d+$`,
			[]wrongField{{"origin_state_reason", "", "f-origin_state_reason"}}},
		{"campaign", "/admin/campaigns", campaign, `^/admin/campaigns/\d+$`, []wrongField{{"title", "", "f-title"}, {"series", "action", "f-series"}, {"number", "many", "f-number"}, {"year", "12", "f-year"},
			{"deadline_day", "", "f-deadline_day"}, {"deadline_day", "2026-02-30", "f-deadline_day"}, {"deadline_time", "5 pm", "f-deadline_time"}, {"deadline_zone", "", "f-deadline_zone"},
			{"asks.1.texts.fr", strings.Repeat("x", 1001), "f-asks-1-texts-fr"}}},
		{"what is known, on the campaign", "/admin/campaigns/" + launched.campaign + "/origin-state-knows", values("origin_state_reason", "Its embassy wrote."), `^/admin/campaigns/\d+$`,
			[]wrongField{{"origin_state_reason", "", "f-origin_state_reason"}}},
		{"deadline", "/admin/campaigns/" + w.campaign + "/deadline", deadline, `^/admin/campaigns/\d+/change$`, []wrongField{{"deadline_day", "x", "f-deadline_day"}, {"deadline_zone", "Toronto", "f-deadline_zone"}}},
		{"new ask", "/admin/campaigns/" + w.campaign + "/asks", values("texts.en", "Ask for a stay.", "texts.fr", "Demandez un sursis.", "key", newID()), `/change$`, []wrongField{{"texts.fr", strings.Repeat("x", 1001), "f-texts-fr"}}},
		{"ask", "/admin/campaigns/" + w.campaign + "/asks/a1", values("asks.0.texts.en", "Ask the Minister.", "asks.0.texts.fr", "Demandez au ministre."), `/change$`, []wrongField{{"asks.0.texts.fr", strings.Repeat("x", 1001), "f-asks-0-texts-fr"}}},
		{"office of a campaign", "/admin/campaigns/" + w.campaign + "/targets", values("targets", t2), `/change$`, []wrongField{{"targets", "", "f-targets"}, {"targets", "x", "f-targets"}}},
		{"sample letters", "/admin/campaigns/" + w.campaign + "/samples", values("sample.en", "Dear Minister,\r\n\r\nI am a nurse.", "sample.fr", "Monsieur le Ministre,"), `/change$`,
			[]wrongField{{"sample.fr", strings.Repeat("x", 10_001), "f-sample-fr"}}},
		{"what letters must not name", "/admin/cases/" + w.caseID + "/unspoken", values("unspoken", "Parvin Karimi"), `^/admin/cases/\d+$`,
			[]wrongField{{"unspoken", "", "f-unspoken"}, {"unspoken", "x", "f-unspoken"}, {"unspoken", strings.Repeat("x", 201), "f-unspoken"}}},
		{"close", "/admin/campaigns/" + launched.campaign + "/close", values("outcome", "stay_granted", "outcome_note", "A court stayed the removal.", "durability", "temporary", "contribution", "unknown"),
			`^/admin/campaigns/\d+$`, []wrongField{{"outcome", "won", "f-outcome"}, {"outcome_note", strings.Repeat("x", 2001), "f-outcome_note"}}},
		{"texts", "/admin/appeals/" + w.appeal + "/compose", compose, `/compose$`, []wrongField{{"texts.en.subject", "", "f-texts-en-subject"}, {"texts.fr.headline", "", "f-texts-fr-headline"}, {"texts.en.subject", "M.R. is to be sent back", "f-texts-en-subject"},
			{"texts.fr.body", "![](x.png)", "f-texts-fr-body"}, {"texts.fr.body", "{name}", "f-texts-fr-body"}, {"on_unknown", "x", "f-on_unknown"}, {"audience.groups", "999999", "f-audience-groups"}}},
		{"office", "/admin/targets", target, `^/admin/targets$`, []wrongField{{"code", "", "f-code"}, {"kind", "", "f-kind"}, {"country", "", "f-country"}, {"power", "x", "f-power"}, {"languages", "french", "f-languages"}, {"gender", "x", "f-gender"}, {"postal_country", "XX", "f-postal_country"},
			{"salutation.fr-f", strings.Repeat("x", 201), "f-salutation-fr-f"}, {"office.en", strings.Repeat("x", 201), "f-office-en"},
			{"address", "nobody", "f-address"}, {"form_url", "http://x.example", "f-form_url"}, {"social_urls", "http://x.example", "f-social_urls"}, {"verified_on", "yesterday", "f-verified_on"}}},
		{"channel that does not work", "/admin/letters/marks", values("target", w.target, "channel", "post"), "^/admin/letters/queue$", []wrongField{{"target", "", "f-target"}, {"channel", "", "f-channel"}, {"channel", "fax", "f-channel"}}},
		{"office's change", "/admin/targets/" + t2, retarget, `^/admin/targets$`, []wrongField{{"country", "FR", "f-country"}}},
		{"member", "/admin/members", member, `^/admin/members/\d+$`, []wrongField{{"address", "nobody", "f-address"}, {"language", "", "f-language"}, {"country", "XX", "f-country"}, {"group", "x", "f-group"},
			{"consent.source", "", "f-consent-source"}, {"consent.given_on", "", "f-consent-given_on"}, {"consent.given_on", "2150-01-01", "f-consent-given_on"}, {"consent.given_on", "x", "f-consent-given_on"}, {"consent.words", "", "f-consent-words"}}},
		{"member's change", "/admin/members/" + w.member, changed, `^/admin/members/\d+$`, []wrongField{{"address", "", "f-address"}, {"language", "xx-", "f-language"}}},
		{"another consent", "/admin/members/" + gone + "/rejoin", values(consent...), `^/admin/members/\d+$`, []wrongField{{"consent.words", "", "f-consent-words"}}},
		{"account", "/admin/accounts", values("address", newID()+"@staff.example", "name", "Ben Example", "language", "fr", "roles", "tracker"), `^/admin/accounts/\d+$`,
			[]wrongField{{"address", "nobody", "f-address"}, {"name", "", "f-name"}, {"roles", "king", "f-roles"}}},
		{"postal route", "/admin/postal-routes", values("from_country", "CA", "to_country", "SE", "transit_days", "9", "postage", "a letter, $2.65", "suspended_from", in(1), "suspended_until", in(9),
			"verified_on", in(0)), `^/admin/postal-routes$`, []wrongField{{"from_country", "", "f-from_country"}, {"to_country", "XXX", "f-to_country"}, {"transit_days", "soon", "f-transit_days"},
			{"transit_days", "0", "f-transit_days"}, {"postage", "a\x01", "f-postage"}, {"suspended_until", in(0), "f-suspended_until"}, {"verified_on", "x", "f-verified_on"}}},
		{"roles", "/admin/accounts/" + idText(other.ID) + "/roles", values("roles", "reviewer", "roles", "tracker"), `^/admin/accounts/\d+$`, []wrongField{{"roles", "king", "f-roles"}}},
	}
}

func TestEveryFormIsRefusedWithTheReasonBesideTheFieldAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := open(t)
	forms := d.forms()
	b := d.at(accounts.Roles()...)
	before := d.count(countAuditSQL)
	for _, form := range forms {
		for _, wrong := range form.wrong {
			sent := maps.Clone(form.good)
			sent[wrong.name] = []string{wrong.value}
			got := b.post(form.path, sent)
			checkPromised(t, page422(got))
			if got.StatusCode != 422 {
				t.Errorf("%s with %s = %.40q: %d\n%s", form.name, wrong.name, wrong.value, got.StatusCode, got.words())
				continue
			}
			if got.problems()[wrong.told] == "" {
				t.Errorf("%s with %s = %.40q: nothing is said at %s, but %v", form.name, wrong.name, wrong.value, wrong.told, got.problems())
			}
			if !strings.Contains(string(got.text), `href="#`+wrong.told+`"`) || !strings.Contains(string(got.text), `id="`+wrong.told+`"`) {
				t.Errorf("%s with %s = %.40q: no link on top leads to the field", form.name, wrong.name, wrong.value)
			}
			kept := got.values()
			for name, want := range sent {
				if name == "key" || slices.Equal(kept[name], want) || name == wrong.name && isChoice(name) || len(want) == 1 && want[0] == "" {
					continue
				}
				if len(want) == 1 && slices.Contains(kept[name], strings.ReplaceAll(want[0], "\r\n", "\n")) || name == wrong.name && isUnsayable(want[0]) {
					continue
				}
				t.Errorf("%s with %s wrong: %s was %q and is %q", form.name, wrong.name, name, want, kept[name])
			}
		}
	}
	if after := d.count(countAuditSQL); after != before {
		t.Errorf("%d things were done by forms that were refused", after-before)
	}
}

// isChoice reports whether a field takes one of those offered: what was not offered cannot be shown again.
func isChoice(name string) bool {
	return slices.Contains([]string{"removing_country", "from_country", "to_country", "removal_timing", "country", "kind", "power", "outcome", "on_unknown", "audience.groups", "group", "roles", "targets", "gender", "postal_country"}, name)
}

// isUnsayable reports whether a value cannot stand in a page as it was sent.
func isUnsayable(value string) bool { return strings.ContainsRune(value, 1) }

// page422 is an answer as checkPromised takes it: a form that is shown again names no id.
func page422(p screen) reply {
	got := p.reply
	answer := *got.Response
	answer.StatusCode = 200
	got.Response = &answer
	return got
}

func TestEveryFormLeadsOnWhenItIsRight(t *testing.T) {
	t.Parallel()
	d := open(t)
	b := d.at(accounts.Roles()...)
	for _, form := range d.forms() {
		before := d.count(countAuditSQL)
		got := b.post(form.path, form.good)
		to := got.Header.Get("Location")
		if got.StatusCode != 303 || !regexp.MustCompile(form.leads).MatchString(to) {
			t.Errorf("%s: %d, leads to %q\n%s", form.name, got.StatusCode, to, got.words())
			continue
		}
		if d.count(countAuditSQL) == before {
			t.Errorf("%s: nothing was put on record", form.name)
		}
		shown := b.open(to)
		if !strings.Contains(string(shown.text), `class="notice"`) {
			t.Errorf("%s: the page that follows does not say that it was done", form.name)
		}
		if again := b.open(to); strings.Contains(string(again.text), `class="notice"`) {
			t.Errorf("%s: the page says so twice", form.name)
		}
	}
}

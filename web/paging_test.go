package web

import (
	"testing"
)

func TestAParameterThatARouteDoesNotTakeIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, r := range d.routesOf(api) {
		got := d.do(d.request(r.method, nobody().path(r.pattern)+"?statte=refused", d.tokens[everything], nil))
		if reason := got.fields(t)["statte"]; got.StatusCode != 422 || reason != "is not a parameter that this takes" {
			t.Errorf("%s %s?statte=: %d, %q; a filter with a misspelt name would show everything", r.method, r.pattern, got.StatusCode, reason)
		}
	}
	if got := d.ask("GET", "/members?state=left&state=subscribed", nil); got.StatusCode != 422 {
		t.Errorf("a parameter that stands twice: %d", got.StatusCode)
	}
}

func TestPagesFollowEachOtherToTheEnd(t *testing.T) {
	t.Parallel()
	d := open(t)
	want := map[string]bool{}
	for range 7 {
		want[d.made("/members", memberFields())] = true
	}
	path, pages := "/members?limit=3", 0
	for at := path; at != ""; pages++ {
		got := d.want(200, "GET", at, nil)
		for _, item := range got["items"].([]any) {
			id := idOf(item.(fields))
			if !want[id] {
				t.Errorf("member %s comes twice, or is nobody", id)
			}
			delete(want, id)
		}
		at = ""
		if next, more := got["next"].(string); more {
			at = path + "&cursor=" + next
		}
	}
	if pages != 3 || len(want) != 0 {
		t.Errorf("%d pages, %d members missing; want 3 and none", pages, len(want))
	}
	for query, field := range map[string]string{"limit=0": "limit", "limit=101": "limit", "limit=many": "limit", "cursor=1": "cursor", "cursor=AAAAAAAAAAA": "cursor",
		"cursor=gAAAAAAAAAE": "cursor", "cursor=" + cursorOf(5) + "x": "cursor", "group_id=0": "group_id", "state=gone": "state", "language=e": "language"} {
		got := d.ask("GET", "/members?"+query, nil)
		if _, named := got.fields(t)[field]; got.StatusCode != 422 || !named {
			t.Errorf("%s: %d %s", query, got.StatusCode, got.text)
		}
	}
}

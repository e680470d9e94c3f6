package letters_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/letters"
)

func TestR12_WaysAreOrderedByTheTimeThatIsLeft(t *testing.T) {
	t.Parallel()
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	office := campaigns.CampaignTarget{Side: campaigns.SideRemoving, Target: campaigns.Target{Address: "a@b.example", PostalAddress: "Ottawa", Fax: "1", Phone: "2",
		FormURL: "https://b.example", SocialURLs: []string{"https://social.example/@b"}, TakesMassLetters: true}}
	few := office
	few.TakesMassLetters, few.Fax, few.FormURL, few.Phone, few.SocialURLs = false, "", "", "", nil
	receiving := office
	receiving.Side = campaigns.SideReceiving
	in := func(days int) time.Time { return time.Date(2026, 11, 25+days, 5, 0, 0, 0, time.UTC) } // midnight in Toronto: the end of the day before
	for name, c := range map[string]struct {
		target campaigns.CampaignTarget
		reach  letters.Reach
		end    time.Time
		want   string
		last   string
	}{
		"weeks":                {office, letters.Reach{Post: letters.Post{Days: 7}}, in(31), "post email web_form fax phone social", "2026-12-18"},
		"two weeks":            {office, letters.Reach{Post: letters.Post{Days: 7}}, in(15), "post email web_form fax phone social", "2026-12-02"},
		"a day less":           {office, letters.Reach{Post: letters.Post{Days: 7}}, in(14), "email web_form fax phone social post", "2026-12-01"},
		"the last day":         {office, letters.Reach{Post: letters.Post{Days: 7}}, in(8), "email web_form fax phone social post", "2026-11-25"},
		"a day too late":       {office, letters.Reach{Post: letters.Post{Days: 7}}, in(7), "email web_form fax phone social post(too_late)", "2026-11-24"},
		"a morning":            {office, letters.Reach{Post: letters.Post{Days: 1}}, time.Date(2026, 11, 27, 12, 40, 0, 0, time.UTC), "email web_form fax phone social post", "2026-11-25"},
		"suspended":            {office, letters.Reach{Post: letters.Post{Days: 7, Suspended: true}}, in(31), "email web_form fax phone social post(suspended)", "2026-12-18"},
		"without end":          {office, letters.Reach{Post: letters.Post{Days: 7}}, time.Time{}, "post email web_form fax phone social", ""},
		"a dead fax":           {office, letters.Reach{Post: letters.Post{Days: 7}, Marks: map[string]string{"fax": "told", "email": "returned"}}, in(31), "post web_form phone social email(returned) fax(told)", "2026-12-18"},
		"where they fled from": {receiving, letters.Reach{Post: letters.Post{Days: 7}}, in(31), "post email web_form fax phone", "2026-12-18"},
		"no mass letters":      {few, letters.Reach{Post: letters.Post{Days: 7}}, in(3), "email(one_by_one) post(too_late)", "2026-11-20"},
		"the line held":        {few, letters.Reach{Post: letters.Post{Days: 7}, Held: true}, in(31), "post email(one_by_one)(held)", "2026-12-18"},
	} {
		ways, last := letters.Ways(c.target, c.reach, now, c.end, toronto)
		got := ""
		for i, w := range ways {
			if i > 0 {
				got += " "
			}
			got += w.Channel
			for _, f := range w.Flags {
				got += "(" + f + ")"
			}
		}
		day := ""
		if !last.IsZero() {
			day = last.String()
		}
		if got != c.want || day != c.last {
			t.Errorf("%s: %s, last posting day %q; want %s, %q", name, got, day, c.want, c.last)
		}
	}
}

func TestLettersEndWithTheRemovalOrTheDeadline(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	soon, late, gone := now.Add(48*time.Hour), now.Add(240*time.Hour), now.Add(-time.Hour)
	for name, c := range map[string]struct {
		sheet campaigns.Sheet
		want  time.Time
	}{
		"removal first":  {campaigns.Sheet{DeadlineAt: late, Removal: campaigns.Removal{Timing: campaigns.RemovalExact, At: &soon}}, soon},
		"deadline first": {campaigns.Sheet{DeadlineAt: soon, Removal: campaigns.Removal{Timing: campaigns.RemovalExact, At: &late}}, soon},
		"removal past":   {campaigns.Sheet{DeadlineAt: late, Removal: campaigns.Removal{Timing: campaigns.RemovalExact, At: &gone}}, late},
		"any time":       {campaigns.Sheet{DeadlineAt: late, Removal: campaigns.Removal{Timing: campaigns.RemovalAnyTime}}, late},
		"past and open":  {campaigns.Sheet{DeadlineAt: gone, AfterDeadline: "open"}, time.Time{}},
		"past":           {campaigns.Sheet{DeadlineAt: gone, AfterDeadline: "forbidden"}, gone},
	} {
		c.sheet.Now = now
		if got := letters.LettersEnd(c.sheet); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestR12_PostIsByItsRouteElseAssumedAndMarksCountUntilCleared(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 0)
	house := &campaigns.Store{DB: d.db}
	targets, err := house.CampaignTargets(d.ctx, d.campaign.ID)
	d.must(err)
	for _, sql := range []string{
		"INSERT INTO postal_routes (from_country, to_country, transit_days, postage, suspended_from) VALUES ('FR', 'CA', 9, '2,10 €', now_at()::date)",
		"INSERT INTO postal_routes (from_country, to_country, transit_days, suspended_from) VALUES ('SE', 'CA', 8, now_at()::date + 1)",
	} {
		_, err = d.db.Exec(d.ctx, sql)
		d.must(err)
	}
	_, err = d.db.Exec(d.ctx, "INSERT INTO channel_marks (target_id, channel, why) VALUES ($1, 'fax', 'told')", targets[0].ID)
	d.must(err)
	_, err = d.db.Exec(d.ctx, "INSERT INTO letter_lines (target_id, stopped_at) VALUES ($1, now_at())", targets[1].ID)
	d.must(err)
	for from, want := range map[string]letters.Post{
		"FR": {Days: 9, Suspended: true, Postage: "2,10 €"}, "SE": {Days: 8}, "CA": {Days: 5, Assumed: true}, "": {Days: 7, Assumed: true}, "DE": {Days: 12, Assumed: true},
	} {
		got, err := d.store.Reaches(d.ctx, targets, from)
		d.must(err)
		want.From, want.To = from, "CA"
		one, two := got[targets[0].ID], got[targets[1].ID]
		if one.Post != want || one.Marks["fax"] != "told" || one.Held || !two.Held || len(two.Marks) != 0 {
			t.Errorf("from %q: %+v and %+v, want post %+v", from, one, two, want)
		}
	}
}

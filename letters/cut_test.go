package letters_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

// row is a letter as the test knows it: all that a cut can ask of it, kept in plain Go beside the row in the table.
type row struct {
	campaign, theCase, target, member, visitor, group  int64
	country, removing, kind, channel, grade, state, on string
	topics                                             []string
	copies                                             int64
}

// cellar is a desk with letters of every kind and state.
type cellar struct {
	*desk
	rows   []row
	groups []int64
	moved  map[int64]int64 // member → the group since; those not in it stayed
	dice   *rand.Rand
}

// id carries out a statement that returns an id.
func (d *desk) id(sql string, args ...any) (id int64) {
	d.t.Helper()
	d.must(d.db.QueryRow(d.ctx, sql, args...).Scan(&id))
	return id
}

// fill writes n letters at random, of two cases and a policy matter, by members (half of whom move to another group afterwards), visitors and groups.
func fill(t *testing.T, seed uint64, n int) *cellar {
	c := &cellar{desk: newDesk(t, dbtest.Pool(t), 12), dice: rand.New(rand.NewPCG(seed, 1)), moved: map[int64]int64{}}
	account := c.id(`INSERT INTO accounts (address, name, roles) VALUES ('noor@refuge.example', 'Noor', '{coordinator}') RETURNING id`)
	home := map[int64]int64{}
	for i := range 3 {
		c.groups = append(c.groups, c.id(`INSERT INTO groups (name, city) VALUES ($1, $1) RETURNING id`, fmt.Sprint("G", i)))
	}
	for i, w := range c.writers {
		if i%4 > 0 {
			home[w.MemberID] = c.groups[i%3]
			c.exec(`UPDATE members SET group_id = $2 WHERE id = $1`, w.MemberID, home[w.MemberID])
		}
	}
	type place struct {
		campaign, theCase int64
		removing          string
		topics            []string
		appeals           map[int64]string
	}
	places := []place{{campaign: c.campaign.ID, appeals: map[int64]string{c.writers[0].AppealID: "first"}}}
	for i, topics := range [][]string{{"torture", "detention"}, {"torture", "family", "family"}} {
		removing := []string{"SE", "CA"}[i]
		theCase := c.id(`INSERT INTO cases (ref, headline, removing_country, receiving_country, removal_timing, concerns) VALUES ($1, 'h', $2, 'IR', 'any_time', $3) RETURNING id`,
			fmt.Sprint("2026-00", i), removing, topics)
		campaign := c.id(`INSERT INTO campaigns (series, number, year, slug, title, case_id, deadline_day, deadline_zone, deadline_inclusive, deadline_at)
			VALUES ('UA', $1, 2031, $2, 'x', $3, '2031-01-01', 'UTC', true, '2031-01-02') RETURNING id`, 50+i, strings.Repeat(fmt.Sprint(i+2), 16), theCase)
		appeals := map[int64]string{}
		for _, kind := range []string{"first", "update"} {
			appeals[c.id(`INSERT INTO appeals (campaign_id, kind) VALUES ($1, $2) RETURNING id`, campaign, kind)] = kind
		}
		places = append(places, place{campaign, theCase, removing, topics, appeals})
	}
	un := c.id(`INSERT INTO targets (code, kind, power, office) VALUES ('UN', 'intergovernmental', 'can_influence', '{"en": "UN"}') RETURNING id`)
	se := c.id(`INSERT INTO targets (code, kind, country, power, office) VALUES ('SE', 'minister', 'SE', 'decides', '{"en": "SE"}') RETURNING id`)
	countries := map[int64]string{c.targets[0]: "CA", c.targets[1]: "CA", un: "", se: "SE"}
	targets := []int64{c.targets[0], c.targets[1], un, se}
	day := time.Date(2025, 12, 20, 0, 0, 0, 0, time.UTC)
	for range n {
		p := places[c.dice.IntN(len(places))]
		r := row{campaign: p.campaign, theCase: p.theCase, removing: p.removing, topics: p.topics, target: targets[c.dice.IntN(4)],
			channel: letters.Channels[c.dice.IntN(6)], copies: 1 + c.dice.Int64N(9), on: day.AddDate(0, 0, c.dice.IntN(40)).Format(time.DateOnly),
			state: []string{letters.Counted, letters.Counted, letters.Counted, letters.Made, letters.SetAside, letters.Returned, letters.Withdrawn}[c.dice.IntN(7)]}
		r.country = countries[r.target]
		r.grade = letters.Reported
		switch {
		case r.channel == "email":
			r.grade = []string{letters.Sent, letters.Confirmed, letters.Reported}[c.dice.IntN(3)]
		case r.channel == "post":
			r.grade = []string{letters.Paper, letters.Reported}[c.dice.IntN(2)]
		}
		var appeal, recorded, batch, member, visitor *int64
		switch c.dice.IntN(4) {
		case 0:
			r.grade, r.group, recorded = letters.Batch, c.groups[c.dice.IntN(3)], &account
			batch = &r.group
		case 1:
			r.visitor = c.id(`INSERT INTO visitors (campaign_id) VALUES ($1) RETURNING id`, r.campaign)
			visitor = &r.visitor
		default:
			r.member = c.writers[c.dice.IntN(len(c.writers))].MemberID
			r.group, member = home[r.member], &r.member
			for id, kind := range p.appeals {
				appeal, r.kind = &id, kind
			}
			if c.dice.IntN(8) == 0 { // a batch that a member reported
				r.grade, r.group = letters.Batch, c.groups[c.dice.IntN(3)]
				batch = &r.group
			}
		}
		tag, err := c.db.Exec(c.ctx, `INSERT INTO letters (campaign_id, appeal_id, member_id, visitor_id, group_id, recorded_by, target_id, channel, grade, state, set_aside, copies,
			written_on, withdrawn_at, returned_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $10 = 'set_aside' THEN 'many' END, $11, $12,
			CASE WHEN $10 = 'withdrawn' THEN now_at() END, CASE WHEN $10 = 'returned' THEN now_at() END) ON CONFLICT DO NOTHING`,
			r.campaign, appeal, member, visitor, batch, recorded, r.target, r.channel, r.grade, r.state, r.copies, r.on)
		c.must(err)
		if tag.RowsAffected() == 1 {
			c.rows = append(c.rows, r)
		}
	}
	for i, w := range c.writers {
		if i%2 == 0 { // no letter goes along
			c.exec(`UPDATE members SET group_id = $2 WHERE id = $1`, w.MemberID, c.groups[(i+1)%3])
			c.exec(`UPDATE members SET group_id = NULL WHERE id = $1`, w.MemberID)
		}
	}
	return c
}

// holds reports whether a letter is one that a cut is about.
func holds(c letters.Cut, r row) bool {
	id := func(want, is int64) bool { return want == 0 || want == is }
	text := func(want, is string) bool { return want == "" || want == is }
	return (c.From.IsZero() || r.on >= c.From.String()) && (c.To.IsZero() || r.on <= c.To.String()) &&
		id(c.Campaign, r.campaign) && id(c.Case, r.theCase) && id(c.Target, r.target) && id(c.Member, r.member) && id(c.Group, r.group) &&
		text(c.Country, r.country) && text(c.Removing, r.removing) && text(c.Kind, r.kind) && text(c.Channel, r.channel) && text(c.Grade, r.grade) &&
		(c.Topic == "" || slices.Contains(r.topics, c.Topic))
}

type key struct {
	id   int64
	name string
}

// keysOf are the lines that a letter belongs into.
func keysOf(by string, r row) []key {
	switch by {
	case letters.ByCampaign:
		return []key{{id: r.campaign}}
	case letters.ByCase:
		return []key{{id: r.theCase}}
	case letters.ByTarget:
		return []key{{id: r.target}}
	case letters.ByMember:
		return []key{{id: r.member}}
	case letters.ByGroup:
		return []key{{id: r.group}}
	case letters.ByTopic:
		keys := []key{}
		for _, topic := range r.topics {
			keys = append(keys, key{name: topic})
		}
		if len(keys) == 0 {
			keys = append(keys, key{})
		}
		return slices.Compact(keys)
	}
	return []key{{name: map[string]string{letters.ByCountry: r.country, letters.ByRemoving: r.removing, letters.ByKind: r.kind, letters.ByChannel: r.channel,
		letters.ByGrade: r.grade, letters.ByYear: r.on[:4], letters.ByMonth: r.on[:7], letters.ByDay: r.on}[by]}}
}

// count sums letters the plain way, one after the other.
func count(rows []row) (f letters.Figures) {
	members, visitors := map[int64]bool{}, map[int64]bool{}
	for _, r := range rows {
		switch r.grade {
		case letters.Sent:
			f.Sent += r.copies
		case letters.Confirmed:
			f.Confirmed += r.copies
		case letters.Paper:
			f.Paper += r.copies
		case letters.Reported:
			f.Reported += r.copies
		case letters.Batch:
			f.Batch += r.copies
			f.Batches++
		}
		if r.member != 0 && r.grade != letters.Batch {
			members[r.member] = true
		}
		if r.visitor != 0 {
			visitors[r.visitor] = true
		}
	}
	f.Members, f.Visitors = int64(len(members)), int64(len(visitors))
	return f
}

// reconcile holds one report against the rows.
func (c *cellar) reconcile(cut letters.Cut) {
	c.t.Helper()
	made, err := c.store.Tally(c.ctx, cut)
	c.must(err)
	var all []row
	lines, apart := map[key][]row{}, map[string]letters.Apart{}
	for _, r := range c.rows {
		switch {
		case !holds(cut, r):
		case r.state != letters.Counted:
			a := apart[r.state]
			apart[r.state] = letters.Apart{State: r.state, Letters: a.Letters + r.copies, Rows: a.Rows + 1}
		default:
			all = append(all, r)
			for _, k := range keysOf(cut.By, r) {
				lines[k] = append(lines[k], r)
			}
		}
	}
	if diff := cmp.Diff(count(all), made.Total); diff != "" {
		c.t.Errorf("%+v: the total (-rows +report):\n%s", cut, diff)
	}
	want, got := map[key]letters.Figures{}, map[key]letters.Figures{}
	for k, rows := range lines {
		want[k] = count(rows)
	}
	for _, l := range made.Lines {
		got[key{l.ID, l.Name}] = l.Figures
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(key{})); diff != "" || len(got) != len(made.Lines) {
		c.t.Errorf("%+v: the lines (-rows +report):\n%s", cut, diff)
	}
	gotApart := map[string]letters.Apart{}
	for _, a := range made.Apart {
		gotApart[a.State] = a
	}
	if diff := cmp.Diff(apart, gotApart); diff != "" {
		c.t.Errorf("%+v: what is not counted (-rows +report):\n%s", cut, diff)
	}
}

func TestR14_EveryReportReconcilesToTheRows(t *testing.T) {
	t.Parallel()
	c := fill(t, 20261126, 600)
	pick := func(list ...int64) int64 { return list[c.dice.IntN(len(list))] }
	word := func(list ...string) string { return list[c.dice.IntN(len(list))] }
	for _, by := range letters.CutBy() {
		c.reconcile(letters.Cut{By: by})
		for range 12 { // several filters at once, most of them none
			r := c.rows[c.dice.IntN(len(c.rows))]
			cut := letters.Cut{By: by, Campaign: pick(0, 0, r.campaign), Case: pick(0, 0, r.theCase), Target: pick(0, 0, 0, r.target), Group: pick(0, 0, r.group),
				Member: pick(0, 0, 0, r.member), Country: word("", "", r.country), Removing: word("", "", r.removing), Topic: word("", "", "torture", "family"),
				Kind: word("", "", r.kind), Channel: word("", "", "", r.channel), Grade: word("", "", "", r.grade)}
			from, err := campaigns.ParseDay(r.on)
			c.must(err)
			if c.dice.IntN(2) == 0 {
				cut.From = from
			}
			if c.dice.IntN(2) == 0 {
				cut.To = campaigns.DayOf(from.AddDate(0, 0, c.dice.IntN(3)))
			}
			c.reconcile(cut)
		}
	}
}

// What pages tell beside reports is the same sum, of one campaign and of all.
func TestR14_TheCounterAndTheTotalsAreWhatReportsSay(t *testing.T) {
	t.Parallel()
	c := fill(t, 20261127, 400)
	which := map[int64]bool{0: true}
	for _, r := range c.rows {
		which[r.campaign] = true
	}
	for campaign := range which {
		var all []row
		visitors := int64(0)
		groups := map[int64]bool{}
		for _, r := range c.rows {
			if r.state != letters.Counted || campaign != 0 && r.campaign != campaign {
				continue
			}
			all = append(all, r)
			if r.visitor != 0 && r.grade == letters.Reported {
				visitors += r.copies
			}
			if r.grade == letters.Batch {
				groups[r.group] = true
			}
		}
		want := count(all)
		counter, err := c.store.Counter(c.ctx, campaign)
		c.must(err)
		if counter != (letters.Counter{Sent: want.Sent, Confirmed: want.Confirmed, Paper: want.Paper, Reported: want.Reported - visitors, Batch: want.Batch, Visitors: visitors}) {
			t.Errorf("campaign %d: the counter says %+v of %+v", campaign, counter, want)
		}
		totals, err := c.store.Totals(c.ctx, campaign)
		c.must(err)
		sums := map[string]int64{}
		var sum int64
		for _, line := range totals {
			sums[line.Grade] += line.Letters
			sum += line.Letters
		}
		if sum != counter.Sum() || sums[letters.Sent] != want.Sent || sums[letters.Confirmed] != want.Confirmed || sums[letters.Paper] != want.Paper ||
			sums[letters.Reported] != want.Reported || sums[letters.Batch] != want.Batch {
			t.Errorf("campaign %d: the totals say %v of %+v", campaign, sums, want)
		}
		who, err := c.store.Writers(c.ctx, campaign)
		c.must(err)
		if who != (letters.Writers{Members: want.Members, Visitors: want.Visitors, Groups: int64(len(groups))}) {
			t.Errorf("campaign %d: the writers are %+v of %+v", campaign, who, want)
		}
	}
}

func TestS1_ACutTakesNothingThatIsNotOnItsList(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	day, before := campaigns.DayOf(time.Now()), campaigns.DayOf(time.Now().AddDate(0, 0, -1))
	for what, cut := range map[string]letters.Cut{
		"nothing":            {},
		"a column":           {By: "copies"},
		"a statement":        {By: "campaign; DROP TABLE letters"},
		"a grade":            {By: letters.ByYear, Grade: "certain"},
		"a channel":          {By: letters.ByYear, Channel: "pigeon"},
		"a zero byte":        {By: letters.ByYear, Topic: "a\x00"},
		"an end before all ": {By: letters.ByYear, From: day, To: before},
	} {
		if _, err := d.store.Tally(d.ctx, cut); !failure.Is(err, failure.Invalid) {
			t.Errorf("%s: %v, want Invalid", what, err)
		}
	}
	for _, hostile := range []string{"' OR true --", "\\", "%", "Ω"} {
		if _, err := d.store.Tally(d.ctx, letters.Cut{By: letters.ByMonth, Topic: hostile, Country: hostile, Removing: hostile, Kind: hostile}); err != nil {
			t.Errorf("%q: %v", hostile, err)
		}
	}
}

package letters_test

import (
	"fmt"
	"testing"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

func dayOf(t testing.TB, text string) campaigns.Day {
	t.Helper()
	day, err := campaigns.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func TestWorkingDaysAreThoseOfTheOfficesCountry(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to, country string
		want              int
	}{
		{"2026-11-26", "2026-11-26", "CA", 0},
		{"2026-11-26", "2026-11-25", "CA", 0},
		{"2026-11-26", "2026-11-27", "CA", 1}, // Thursday to Friday
		{"2026-11-27", "2026-11-30", "CA", 1}, // over a weekend
		{"2026-11-25", "2026-11-27", "US", 1}, // Thanksgiving between them
		{"2026-11-25", "2026-11-27", "", 2},   // of no state
		{"2026-12-24", "2026-12-28", "GB", 0}, // Christmas, and Boxing Day on the Monday for its Saturday
		{"2026-12-24", "2026-12-28", "FR", 1}, // Christmas alone
		{"2027-12-31", "2028-01-03", "GB", 0}, // New Year on the Monday for its Saturday, in the next year
		{"2026-04-02", "2026-04-07", "DE", 1}, // Good Friday and Easter Monday
		{"2026-06-18", "2026-06-22", "SE", 1}, // Midsummer's eve is kept like a holiday
		{"2026-11-26", "2026-11-30", "EG", 2}, // Friday and Saturday: Sunday and Monday are worked
		{"2026-11-25", "2026-11-28", "IR", 1}, // Thursday and Friday
		{"2026-11-27", "2026-11-30", "TR", 1},
	} {
		if got := letters.WorkingDays(dayOf(t, test.from), dayOf(t, test.to), test.country); got != test.want {
			t.Errorf("from %s to %s in %q: %d working days, want %d", test.from, test.to, test.country, got, test.want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestTheRecordSaysWhatToDoNext(t *testing.T) {
	t.Parallel()
	today := dayOf(t, "2026-11-27")
	since := func(days int) *campaigns.Day { return &campaigns.Day{Time: today.AddDate(0, 0, -days)} }
	for name, test := range map[string]struct {
		asked        letters.Asked
		next, stands string
	}{
		"nobody wrote yet":                {letters.Asked{Power: "decides"}, letters.NextWrite, letters.PositionOpen},
		"letters are young":               {letters.Asked{Power: "decides", Waiting: since(7)}, letters.NextWrite, letters.PositionOpen},
		"at the end of patience":          {letters.Asked{Power: "decides", Waiting: since(28)}, letters.NextWrite, letters.PositionOpen}, // twenty working days
		"beyond patience":                 {letters.Asked{Power: "decides", Waiting: since(31)}, letters.NextChase, letters.PositionSilent},
		"beyond twice of it":              {letters.Asked{Power: "decides", Waiting: since(60)}, letters.NextEscalate, letters.PositionSilent},
		"answered once, and then no more": {letters.Asked{Power: "decides", Answers: 1, LastKind: ptr("substantive"), Waiting: since(31)}, letters.NextChase, letters.PositionOpen},
		"agreed":                          {letters.Asked{Power: "decides", Position: ptr("agreed"), Waiting: since(90)}, letters.NextThank, letters.PositionAgreed},
		"refused, and decides":            {letters.Asked{Power: "decides", Position: ptr("refused")}, letters.NextEscalate, letters.PositionRefused},
		"refused, without power":          {letters.Asked{Power: "can_influence", Position: ptr("refused")}, letters.NextLeaveOut, letters.PositionRefused},
		"a form answer":                   {letters.Asked{Power: "can_direct", LastKind: ptr("form_answer"), Answers: 1}, letters.NextEscalate, letters.PositionOpen},
		"a form answer, as position":      {letters.Asked{Power: "can_direct", Position: ptr("form_answer"), Answers: 1}, letters.NextEscalate, letters.PositionForm},
		"no comment":                      {letters.Asked{Power: "can_direct", LastKind: ptr("refusal_to_comment"), Answers: 1}, letters.NextEscalate, letters.PositionOpen},
		"hostile":                         {letters.Asked{Power: "decides", LastKind: ptr("hostile"), Answers: 1, Waiting: since(60)}, letters.NextLeaveOut, letters.PositionOpen},
		"another office is the right one": {letters.Asked{Power: "decides", LastKind: ptr("referral"), Answers: 1}, letters.NextLeaveOut, letters.PositionOpen},
		"it wants to know who writes":     {letters.Asked{Power: "decides", LastKind: ptr("asks_identity"), Answers: 1}, letters.NextWrite, letters.PositionOpen},
	} {
		if got := test.asked.Next(today, 20); got != test.next {
			t.Errorf("%s: %s, want %s", name, got, test.next)
		}
		if got := test.asked.Stands(today, 20); got != test.stands {
			t.Errorf("%s: it stands %s, want %s", name, got, test.stands)
		}
	}
}

// reply writes an answer to the desk's campaign, as the room of answers does.
func (d *desk) reply(target int64, on campaigns.Day, state, kind string, automatic bool) int64 {
	d.t.Helper()
	return d.id(`INSERT INTO replies (came, campaign_id, target_id, state, kind, automatic, answered_on, settled_at)
		VALUES ('mail', $1, $2, $3, $4, $5, $6, CASE WHEN $3 = 'settled' THEN now_at() END) RETURNING id`, d.campaign.ID, target, state, kind, automatic, on)
}

// wrote reports a letter and sets it back by some days.
func (d *desk) wrote(w letters.Writer, target int64, daysAgo int) {
	d.t.Helper()
	d.must(d.store.Report(d.ctx, w, d.report(1, target)))
	d.exec(`UPDATE letters SET written_on = (now_at() AT TIME ZONE 'UTC')::date - $3::int WHERE member_id = $1 AND target_id = $2`, w.MemberID, target, daysAgo)
}

func (d *desk) daysAgo(n int) campaigns.Day {
	var day campaigns.Day
	d.must(d.db.QueryRow(d.ctx, `SELECT (now_at() AT TIME ZONE 'UTC')::date - $1::int`, n).Scan(&day))
	return day
}

func TestTheRecordOfAnOfficeIsWhatWasAskedAndAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 3)
	d.wrote(d.writers[0], d.targets[0], 40)
	d.wrote(d.writers[1], d.targets[0], 10)
	d.wrote(d.writers[2], d.targets[1], 50)
	d.reply(d.targets[0], d.daysAgo(30), "settled", "acknowledgement", false) // says that they came: no answer
	d.reply(d.targets[0], d.daysAgo(29), "settled", "substantive", true)      // a machine
	d.reply(d.targets[0], d.daysAgo(28), "read", "substantive", false)        // not settled
	answer := d.reply(d.targets[0], d.daysAgo(25), "settled", "form_answer", false)
	d.reply(d.targets[0], d.daysAgo(20), "settled", "substantive", false)
	d.exec(`INSERT INTO channel_marks (target_id, channel, why) VALUES ($1, 'fax', 'told'), ($1, 'fax', 'told')`, d.targets[0])
	d.exec(`INSERT INTO channel_marks (target_id, channel, why, cleared_at, cleared_by)
		SELECT $1, 'post', 'returned', now_at(), a.id FROM accounts a`, d.targets[0])

	r, err := d.store.Record(d.ctx, d.targets[0])
	d.must(err)
	if len(r.Asked) != 1 {
		t.Fatalf("asked by %d campaigns, want one: %+v", len(r.Asked), r.Asked)
	}
	a := r.Asked[0]
	median, longest, ok := letters.AnswerDays(r.Asked)
	if a.Reported != 2 || !a.ByMembers || a.Answers != 2 || *a.LastKind != "substantive" || !ok || median != 15 || longest != 15 {
		t.Errorf("%+v; answered after %d, %d days; want two letters, two answers, the first after 15 days", a, median, longest)
	}
	if a.Waiting == nil || a.Waiting.String() != d.daysAgo(10).String() {
		t.Errorf("letters wait since %v, want since the one behind the last answer, %s", a.Waiting, d.daysAgo(10))
	}
	if len(r.Answers) != 4 || r.Answers[0].Kind != "substantive" || len(r.Marks) != 1 || r.Marks[0].Channel != "fax" {
		t.Errorf("answers %+v, marks %+v; want four settled, and the fax once", r.Answers, r.Marks)
	}
	if r.Letters().Letters() != 2 || letters.PositionOpen != a.Stands(r.Today, 20) {
		t.Errorf("letters %d, stands %s", r.Letters().Letters(), a.Stands(r.Today, 20))
	}
	// What a person reads from an answer; the last word counts, topic by topic.
	for _, n := range []letters.NewPosition{{answer, "torture", letters.PositionRefused}, {answer, "", letters.PositionForm}, {answer, "torture", letters.PositionAgreed}} {
		d.must(d.store.RecordPosition(d.ctx, audit.System(), d.targets[0], n))
	}
	r, err = d.store.Record(d.ctx, d.targets[0])
	d.must(err)
	if len(r.Positions) != 2 || r.Positions[0].Topic != "torture" || r.Positions[0].Position != letters.PositionAgreed || r.Positions[1].Position != letters.PositionForm {
		t.Errorf("positions %+v, want agreed on torture, and a form answer on all", r.Positions)
	}
	if got := r.Asked[0].Next(r.Today, 20); got != letters.NextThank {
		t.Errorf("next: %s, want to thank", got)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM audit_events WHERE action = 'position.record'").Scan(&events))
	if events != 3 {
		t.Errorf("%d audit events, want 3", events)
	}
	list, _, err := d.store.Asked(d.ctx, d.campaign.ID, 0)
	d.must(err)
	if len(list) != 2 || list[1].TargetID != d.targets[1] || list[1].Stands(r.Today, 20) != letters.PositionSilent {
		t.Errorf("of the campaign: %+v; want both offices, the second silent", list)
	}
	if _, err := d.store.Record(d.ctx, 1<<40); !failure.Is(err, failure.NotFound) {
		t.Errorf("an office that there is not: %v", err)
	}
}

func TestAPositionIsReadFromASettledAnswerAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	unread := d.reply(d.targets[0], d.daysAgo(1), "unread", "substantive", false)
	settled := d.reply(d.targets[0], d.daysAgo(1), "settled", "substantive", false)
	elsewhere := d.id(`INSERT INTO replies (came, target_id, state, kind, settled_at) VALUES ('mail', $1, 'settled', 'substantive', now_at()) RETURNING id`, d.targets[0])
	for what, test := range map[string]struct {
		target int64
		n      letters.NewPosition
		kind   failure.Kind
	}{
		"not settled":      {d.targets[0], letters.NewPosition{ReplyID: unread, Position: letters.PositionAgreed}, failure.Conflict},
		"of no campaign":   {d.targets[0], letters.NewPosition{ReplyID: elsewhere, Position: letters.PositionAgreed}, failure.Conflict},
		"another office's": {d.targets[1], letters.NewPosition{ReplyID: settled, Position: letters.PositionAgreed}, failure.NotFound},
		"no such answer":   {d.targets[0], letters.NewPosition{ReplyID: 1 << 40, Position: letters.PositionAgreed}, failure.NotFound},
		"no position":      {d.targets[0], letters.NewPosition{ReplyID: settled, Position: letters.PositionSilent}, failure.Invalid},
	} {
		if err := d.store.RecordPosition(d.ctx, audit.System(), test.target, test.n); !failure.Is(err, test.kind) {
			t.Errorf("%s: %v, want %v", what, err, test.kind)
		}
	}
}

func (d *desk) namedIn(appealID int64) []int64 {
	d.t.Helper()
	rows, err := d.db.Query(d.ctx, `SELECT member_id FROM named_members WHERE appeal_id = $1 ORDER BY 1`, appealID)
	d.must(err)
	var list []int64
	for rows.Next() {
		var id int64
		d.must(rows.Scan(&id))
		list = append(list, id)
	}
	return list
}

func TestAFollowUpIsForThoseWhoseLetterToTheOfficeCounts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 5)
	if _, err := d.store.FollowUp(d.ctx, audit.System(), d.campaign.ID, d.targets[0]); !failure.Is(err, failure.Conflict) {
		t.Errorf("before anybody wrote: %v, want Conflict", err)
	}
	d.wrote(d.writers[0], d.targets[0], 1)
	d.wrote(d.writers[1], d.targets[0], 1)
	d.wrote(d.writers[2], d.targets[1], 1)
	d.wrote(d.writers[3], d.targets[0], 1)
	own, err := d.store.Of(d.ctx, d.writers[3])
	d.must(err)
	d.must(d.store.Withdraw(d.ctx, d.writers[3], own[0].ID))
	_, err = d.store.Visit(d.ctx, d.campaign.ID, "192.0.2.1")
	d.must(err)
	a, err := d.store.FollowUp(d.ctx, audit.System(), d.campaign.ID, d.targets[0])
	d.must(err)
	want := []int64{d.writers[0].MemberID, d.writers[1].MemberID}
	if got := d.namedIn(a.ID); a.Kind != campaigns.KindUpdate || a.State != campaigns.AppealDraft || !a.AudienceNamed || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v for %v, want a draft update for %v", a, got, want)
	}
}

func TestAChaserIsForThoseWhoseLettersWait(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 5)
	answered := d.reply(d.targets[0], d.daysAgo(70), "settled", "substantive", false) // of before all but the first
	d.wrote(d.writers[0], d.targets[0], 80)                                           // answered since
	d.wrote(d.writers[1], d.targets[0], 60)                                           // waits
	d.wrote(d.writers[2], d.targets[0], 60)                                           // an answer was linked to it
	d.wrote(d.writers[3], d.targets[0], 5)                                            // is young
	d.wrote(d.writers[4], d.targets[1], 60)                                           // to another
	d.exec(`INSERT INTO reply_letters (reply_id, letter_id, how) SELECT $1, id, 'address' FROM letters WHERE member_id = $2`, answered, d.writers[2].MemberID)
	a, err := d.store.Chaser(d.ctx, audit.System(), d.campaign.ID, d.targets[0], 20)
	d.must(err)
	if got := d.namedIn(a.ID); len(got) != 1 || got[0] != d.writers[1].MemberID {
		t.Errorf("the chaser is for %v, want %d alone", got, d.writers[1].MemberID)
	}
	for i, w := range d.writers {
		list, err := d.store.Unanswered(d.ctx, w, letters.PatienceDays)
		d.must(err)
		if want := i == 1 || i == 4; (len(list) == 1) != want || want && list[0].Waited <= 20 {
			t.Errorf("writer %d is offered %+v", i, list)
		}
	}
	if _, err := d.store.Chaser(d.ctx, audit.System(), d.campaign.ID, d.targets[0], 200); !failure.Is(err, failure.Conflict) {
		t.Errorf("nobody waits that long: %v, want Conflict", err)
	}
	if _, err := d.store.Chaser(d.ctx, audit.System(), d.campaign.ID, d.targets[0], 0); !failure.Is(err, failure.Invalid) {
		t.Errorf("no patience: %v, want Invalid", err)
	}
}

// Every length of patience ends on the same day, counted forwards and backwards.
func TestWhoIsChasedIsWhoWaitsTooLong(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	for back := range 60 {
		d.wrote(d.writers[0], d.targets[0], back)
		_, err := d.store.Chaser(d.ctx, audit.System(), d.campaign.ID, d.targets[0], 20)
		if waits := letters.WorkingDays(d.daysAgo(back), d.daysAgo(0), "CA") > 20; waits != (err == nil) {
			t.Errorf("a letter of %d days ago: %v, waits too long: %v", back, err, waits)
		}
	}
}

func TestGroupsAnswerByWhoGotTheAppeal(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 4)
	group := d.id(`INSERT INTO groups (name, city) VALUES ('Ottawa', 'Ottawa') RETURNING id`)
	d.exec(`UPDATE members SET group_id = $1 WHERE id = ANY ($2)`, group, []int64{d.writers[0].MemberID, d.writers[1].MemberID})
	d.exec(`UPDATE deliveries SET state = 'accepted', code = 250, reply = 'ok', settled_at = now_at(), attempts = 1 WHERE member_id <> $1`, d.writers[3].MemberID)
	d.must(d.store.Report(d.ctx, d.writers[0], d.report(3, d.targets[0])))
	account := d.id(`INSERT INTO accounts (address, name, roles) VALUES ('n@refuge.example', 'N', '{coordinator}') RETURNING id`)
	d.exec(`INSERT INTO letters (campaign_id, group_id, recorded_by, target_id, channel, grade, copies, written_on) VALUES ($1, $2, $3, $4, 'post', 'batch', 40, $5)`,
		d.campaign.ID, group, account, d.targets[0], d.daysAgo(0))
	list, err := d.store.Responses(d.ctx, d.campaign.ID)
	d.must(err)
	if len(list) != 2 || list[0] != (letters.Response{GroupID: group, Got: 2, Wrote: 1, Letters: 3, Batch: 40}) || list[1] != (letters.Response{Got: 1}) {
		t.Errorf("%+v; want two of Ottawa who got it, one who wrote three, and one without a group", list)
	}
	answers, err := d.store.AnswersByDay(d.ctx, d.campaign.ID)
	d.must(err)
	if len(answers) != 0 {
		t.Errorf("answers %+v", answers)
	}
	d.reply(d.targets[0], d.daysAgo(2), "settled", "substantive", false)
	d.reply(d.targets[1], d.daysAgo(2), "settled", "referral", false)
	if answers, err = d.store.AnswersByDay(d.ctx, d.campaign.ID); err != nil || len(answers) != 1 || answers[0].Answers != 2 {
		t.Errorf("answers %+v, %v; want two on one day", answers, err)
	}
}

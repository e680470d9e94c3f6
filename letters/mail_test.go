package letters_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/members"
)

const lease = time.Minute

// mailing is a desk whose targets have addresses.
func newMailing(t *testing.T, people int) *desk {
	t.Helper()
	d := newDesk(t, dbtest.Pool(t), people)
	d.exec(`UPDATE targets SET address = lower(code) || '@gov.example'`)
	d.store.Pace = time.Millisecond
	return d
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	_, err := d.db.Exec(d.ctx, sql, args...)
	d.must(err)
}

func (d *desk) count(sql string, args ...any) (n int) {
	d.t.Helper()
	d.must(d.db.QueryRow(d.ctx, sql, args...).Scan(&n))
	return n
}

func (d *desk) asked(target int64) letters.Handed {
	return letters.Handed{TargetID: target, PageLanguage: "fr", Draft: letters.Draft{Name: "Ada B.", Town: "Kingston", Email: "ada@mail.example", Language: "en",
		Subject: "Please wait", Text: "Dear Minister,\n\nPlease wait.\n\nYours,"}}
}

func (d *desk) ask(w letters.Writer, target int64) int64 {
	d.t.Helper()
	id, err := d.store.Ask(d.ctx, w, d.asked(target))
	d.must(err)
	return id
}

func (d *desk) mail(id int64) letters.LetterMail {
	d.t.Helper()
	m, err := d.store.Mail(d.ctx, id)
	d.must(err)
	return m
}

func (d *desk) confirm(id int64) {
	d.t.Helper()
	d.must(d.store.Confirm(d.ctx, id, d.mail(id).Version()))
}

// queued is a letter that its writer has confirmed.
func (d *desk) queued(w letters.Writer, target int64) int64 {
	d.t.Helper()
	id := d.ask(w, target)
	d.confirm(id)
	return id
}

func (d *desk) visitor() letters.Writer {
	d.t.Helper()
	w, err := d.store.Visit(d.ctx, d.campaign.ID, "192.0.2.7")
	d.must(err)
	return w
}

// claim claims a letter, once it is its turn.
func (d *desk) claim(id int64) letters.Claimed {
	d.t.Helper()
	for range 1000 {
		c, _, ok, err := d.store.Claim(d.ctx, id, lease)
		d.must(err)
		if ok {
			return c
		}
		if m := d.mail(id); m.State != letters.MailQueued {
			d.t.Fatalf("letter %d is %s", id, m.State)
		}
		dbtest.MoveClock(d.t, d.db, time.Second) // the pace is a millisecond
	}
	d.t.Fatalf("letter %d never has its turn", id)
	return letters.Claimed{}
}

// unclaimable holds that a letter cannot be claimed, and returns what it is now.
func (d *desk) unclaimable(id int64) letters.LetterMail {
	d.t.Helper()
	if _, _, ok, err := d.store.Claim(d.ctx, id, lease); ok || err != nil {
		d.t.Errorf("letter %d was claimed: %v, %v", id, ok, err)
	}
	return d.mail(id)
}

func (d *desk) sweep() letters.Swept {
	d.t.Helper()
	swept, err := d.store.Sweep(d.ctx, lease)
	d.must(err)
	return swept
}

func (d *desk) settle(c letters.Claimed, outcome campaigns.Outcome, reason string, code int) {
	d.t.Helper()
	d.must(d.store.Settle(d.ctx, letters.MailVerdict{Claimed: c, Outcome: outcome, Reason: reason, Code: code, Reply: "as it says"}, letters.LetterWaits))
}

func (d *desk) letter(id int64) letters.Letter {
	d.t.Helper()
	all, err := d.store.List(d.ctx, 0, campaigns.Page{})
	d.must(err)
	for _, l := range all {
		if l.ID == id {
			return l
		}
	}
	d.t.Fatalf("no letter %d", id)
	return letters.Letter{}
}

func (d *desk) jobs(kind string, id int64) int {
	return d.count(`SELECT count(*) FROM river_job WHERE kind = $1 AND (args->>'letter_id')::bigint = $2`, kind, id)
}

func whyNot(err error) string {
	var u *letters.Unmailable
	if errors.As(err, &u) {
		return u.Why
	}
	return fmt.Sprint(err)
}

func TestALetterIsAskedForConfirmedSentAndCounted(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	w := d.writers[0]
	id := d.ask(w, d.targets[0])
	m := d.mail(id)
	if m.State != letters.MailUnconfirmed || m.Writer.Address != "m0@mail.example" || m.Writer.Language != "fr" || m.Text == "" || d.jobs("ask_writer", id) != 1 {
		t.Errorf("asked for: %+v with %d jobs", m, d.jobs("ask_writer", id))
	}
	if got := d.unclaimable(id); got.State != letters.MailUnconfirmed {
		t.Errorf("without a yes it is %s", got.State)
	}
	d.confirm(id)
	d.confirm(id) // said twice
	if d.jobs("send_letter", id) != 1 || len(d.totals()) != 0 {
		t.Errorf("confirmed: %d jobs, totals %+v", d.jobs("send_letter", id), d.totals())
	}
	c := d.claim(id)
	if c.To != "ca-ps@gov.example" || c.Attempts != 1 || c.Writer.Name != "Ada B." || c.Subject != "Please wait" {
		t.Errorf("claimed %+v", c)
	}
	d.unclaimable(id)
	d.settle(c, campaigns.Accepted, "", 250)
	if got := d.mail(id); got.State != letters.MailSent {
		t.Errorf("sent: %s", got.State)
	}
	if got := d.totals(); len(got) != 1 || got[0].Grade != letters.Sent || got[0].Letters != 1 {
		t.Errorf("totals %+v, want one letter sent", got)
	}
	d.unclaimable(id)
	if _, err := d.store.Ask(d.ctx, w, d.asked(d.targets[0])); whyNot(err) != letters.WhySent {
		t.Errorf("asked for again: %v", err)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, `SELECT count(*) FROM audit_events WHERE action LIKE 'letter_mail.%' AND subject_id = $1`, id).Scan(&events))
	if events != 2 {
		t.Errorf("%d events, want asking and confirming", events)
	}
}

func TestAskedAgainBeforeTheYesTheNewWordsStand(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.ask(d.writers[0], d.targets[0])
	old := d.mail(id).Version()
	d.must(d.store.WriterAsked(d.ctx, id))
	again := d.asked(d.targets[0])
	again.Draft.Text = "Other words."
	same, err := d.store.Ask(d.ctx, d.writers[0], again)
	d.must(err)
	if m := d.mail(id); same != id || m.Text != "Other words." || !m.AskedMailed || d.jobs("ask_writer", id) != 1 {
		t.Errorf("asked again: %d, %+v", same, m)
	}
	if err := d.store.Confirm(d.ctx, id, old); whyNot(err) != letters.WhyChanged {
		t.Errorf("a yes to the old words: %v", err)
	}
	d.confirm(id)
}

// One writer, one letter by mail to one target in one campaign: by whatever door they come, with whatever link, however fast.
func TestR13_OneLetterOfEachWriterToEachTarget(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	mine := d.asked(d.targets[0])
	mine.Draft.Email = "M0@mail.example" // as the member's own, in another case
	var ids []int64
	for _, w := range []letters.Writer{d.visitor(), d.writers[0], d.visitor()} {
		id, err := d.store.Ask(d.ctx, w, mine)
		d.must(err)
		ids = append(ids, id)
	}
	if ids[0] != ids[2] || ids[0] == ids[1] {
		t.Errorf("letters %v, want the visitor's to be one, and the member's another", ids)
	}
	var yes sync.WaitGroup
	errs := make([]error, 2)
	for i, id := range ids[:2] {
		version := d.mail(id).Version()
		yes.Go(func() { errs[i] = d.store.Confirm(d.ctx, id, version) })
	}
	yes.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || whyNot(errors.Join(errs...)) != letters.WhySent {
		t.Errorf("both confirmed at once: %v", errs)
	}
	if n := d.count(`SELECT count(*) FROM letter_mails WHERE state = 'queued'`); n != 1 {
		t.Errorf("%d letters are queued", n)
	}
	if _, err := d.store.Ask(d.ctx, d.visitor(), mine); whyNot(err) != letters.WhySent {
		t.Errorf("asked for by another visit: %v", err)
	}
}

func TestAVisitorIsOnePersonOnceTheyHaveConfirmed(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 0)
	first, second := d.queued(d.visitor(), d.targets[0]), d.queued(d.visitor(), d.targets[1])
	if a, b := d.letter(first).VisitorID, d.letter(second).VisitorID; a == nil || b == nil || *a != *b {
		t.Errorf("two letters with one address are of visitors %v and %v", a, b)
	}
}

func TestAReportedLetterIsNotMailedAsWell(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	r := d.report(1, d.targets[0])
	r.Channel = "email"
	d.must(d.store.Report(d.ctx, d.writers[0], r))
	if _, err := d.store.Ask(d.ctx, d.writers[0], d.asked(d.targets[0])); whyNot(err) != letters.WhyReported {
		t.Errorf("asked for: %v", err)
	}
	own, err := d.store.Of(d.ctx, d.writers[0])
	d.must(err)
	d.must(d.store.Withdraw(d.ctx, d.writers[0], own[0].ID))
	d.queued(d.writers[0], d.targets[0])
}

func TestWhatCannotBeMailedIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	for field, change := range map[string]func(*letters.Draft){
		"text": func(x *letters.Draft) { x.Text = " " }, "name": func(x *letters.Draft) { x.Name = "" },
		"subject": func(x *letters.Draft) { x.Subject = "a\u2028b" }, "language": func(x *letters.Draft) { x.Language = "klingonese-xx-yy" },
		"email": func(x *letters.Draft) { x.Email = "nobody" },
	} {
		a := d.asked(d.targets[0])
		change(&a.Draft)
		_, err := d.store.Ask(d.ctx, d.visitor(), a)
		var e *failure.Error
		if !errors.As(err, &e) || len(e.Fields) == 0 || e.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for why, sql := range map[string]string{
		"no_address":     `UPDATE targets SET address = '', takes_mass_letters = true WHERE id = $1`,
		"target_stopped": `UPDATE targets SET takes_mass_letters = false, address = 'x@gov.example' WHERE id = $1`,
	} {
		d.exec(sql, d.targets[0])
		if _, err := d.store.Ask(d.ctx, d.writers[0], d.asked(d.targets[0])); whyNot(err) != why {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := d.store.Ask(d.ctx, d.writers[0], d.asked(d.targets[2])); whyNot(err) != "no_address" && whyNot(err) != "target_stopped" {
		t.Errorf("a target of another campaign: %v", err)
	}
	if _, err := d.store.Ask(d.ctx, letters.Writer{AppealID: d.writers[0].AppealID, MemberID: d.writers[0].MemberID + 1000}, d.asked(d.targets[1])); err == nil {
		t.Error("a link without a delivery is taken")
	}
	if n := d.count(`SELECT count(*) FROM letter_mails`); n != 0 {
		t.Errorf("%d letters were written down", n)
	}
}

func TestLimitsByAddressAndBySource(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 0)
	for i := range 6 {
		campaign := d.anotherCampaign(i)
		w, err := d.store.Visit(d.ctx, campaign, "192.0.2.7")
		d.must(err)
		_, err = d.store.Ask(d.ctx, w, d.asked(d.targets[0]))
		if want := i >= 5; (err != nil) != want || err != nil && whyNot(err) != letters.WhyTooMany {
			t.Errorf("letter %d to one address: %v", i+1, err)
		}
	}
	for i := range 46 {
		a := d.asked(d.targets[0])
		a.Draft.Email = fmt.Sprintf("v%d@mail.example", i)
		_, err := d.store.Ask(d.ctx, d.visitor(), a)
		if want := i >= 45; (err != nil) != want || err != nil && whyNot(err) != letters.WhyTooMany {
			t.Errorf("letter %d from one source: %v", i+6, err)
		}
	}
	dbtest.MoveClock(t, d.db, 25*time.Hour)
	d.ask(d.visitor(), d.targets[0])
}

// anotherCampaign is an active campaign with the same targets.
func (d *desk) anotherCampaign(i int) (id int64) {
	d.t.Helper()
	d.must(d.db.QueryRow(d.ctx, `INSERT INTO campaigns (series, number, year, slug, title, state, deadline_day, deadline_zone, deadline_inclusive, deadline_at)
		VALUES ('UA', $1::int, 2040, repeat(chr(97 + $1::int), 16), 'x', 'active', now_at()::date + 9, 'UTC', true, now_at() + interval '9 days') RETURNING id`, i+1).Scan(&id))
	d.exec(`INSERT INTO campaign_targets (campaign_id, target_id, position, side) VALUES ($1, $2, 1, 'removing')`, id, d.targets[0])
	return id
}

// R4, and the first fear of this part: nothing leaves after the writer, the campaign or the office says no.
func TestR4_NothingLeavesAfterANo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		say   func(d *desk, id int64)
		state string
		why   string
	}{
		{"the writer takes it back", func(d *desk, id int64) { d.must(d.store.WithdrawMail(d.ctx, id)) }, letters.MailWithdrawn, ""},
		{"the writer withdraws the letter by the link of the appeal", func(d *desk, id int64) { d.must(d.store.Withdraw(d.ctx, d.writers[0], id)) }, letters.MailWithdrawn, ""},
		{"the campaign is closed", func(d *desk, _ int64) {
			_, err := (&campaigns.Store{DB: d.db}).CloseCampaign(d.ctx, audit.System(), d.campaign.ID, campaigns.Closing{Outcome: "released"})
			d.must(err)
		}, letters.MailLapsed, "closed"},
		{"the deadline passes", func(d *desk, _ int64) { dbtest.MoveClock(d.t, d.db, 11*24*time.Hour) }, letters.MailLapsed, "too_late"},
		{"the target is taken off", func(d *desk, _ int64) {
			d.exec(`DELETE FROM campaign_targets WHERE campaign_id = $1 AND target_id = $2`, d.campaign.ID, d.targets[0])
		}, letters.MailLapsed, "target_stopped"},
		{"the target wants no mass letters", func(d *desk, _ int64) { d.exec(`UPDATE targets SET takes_mass_letters = false`) }, letters.MailLapsed, "target_stopped"},
		{"the address is taken away", func(d *desk, _ int64) { d.exec(`UPDATE targets SET address = ''`) }, letters.MailLapsed, "no_address"},
		{"somebody whom it names has to stay out", func(d *desk, _ int64) { d.hush("Ada B.") }, letters.MailLapsed, "content"},
		{"the member leaves", func(d *desk, _ int64) {
			d.must((&members.Store{DB: d.db, Ring: d.store.Ring}).Leave(d.ctx, audit.Member(), d.writers[0].MemberID, members.ByPage))
		}, letters.MailLapsed, "writer_left"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			d := newMailing(t, 1)
			id := d.queued(d.writers[0], d.targets[0])
			c.say(d, id)
			got := d.unclaimable(id)
			why := ""
			if got.Reason != nil {
				why = *got.Reason
			}
			if got.State != c.state || why != c.why {
				t.Errorf("it is %s (%s), want %s (%s)", got.State, why, c.state, c.why)
			}
			if l := d.letter(id); c.state == letters.MailWithdrawn && l.State == letters.Counted {
				t.Errorf("the letter is %s", l.State)
			}
			if told := d.jobs("tell_writer", id); (told == 1) != (c.state == letters.MailLapsed) {
				t.Errorf("%d promises to tell the writer", told)
			}
			if len(d.totals()) != 0 {
				t.Errorf("it is counted: %+v", d.totals())
			}
		})
	}
}

// Between the claim and the body the same is read once more.
func TestR4_ANoAfterTheClaimIsRead(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	c := d.claim(d.queued(d.writers[0], d.targets[0]))
	may := func() bool {
		ok, err := d.store.StillMay(d.ctx, c)
		d.must(err)
		return ok
	}
	if !may() {
		t.Fatal("it may not leave, and nobody has said no")
	}
	d.exec(`UPDATE campaigns SET state = 'stopped'`)
	if may() {
		t.Error("it may leave after a stop")
	}
	d.exec(`UPDATE campaigns SET state = 'active'`)
	_, err := d.store.StopLine(d.ctx, audit.System(), d.targets[0])
	d.must(err)
	if may() {
		t.Error("it may leave after its line was stopped")
	}
	if err := d.store.WithdrawMail(d.ctx, c.LetterID); whyNot(err) != letters.WhySent {
		t.Errorf("taken back while it leaves: %v", err)
	}
	d.must(d.store.Unclaim(d.ctx, c, 0))
	if got := d.mail(c.LetterID); got.State != letters.MailQueued || got.Attempts != 0 {
		t.Errorf("given back it is %s after %d attempts", got.State, got.Attempts)
	}
}

func TestClosingACampaignEmptiesItsQueue(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 6)
	for _, w := range d.writers[:5] {
		d.queued(w, d.targets[0])
	}
	d.ask(d.writers[5], d.targets[0])
	_, err := (&campaigns.Store{DB: d.db}).CloseCampaign(d.ctx, audit.System(), d.campaign.ID, campaigns.Closing{Outcome: "released"})
	d.must(err)
	swept := d.sweep()
	if n := d.count(`SELECT count(*) FROM letter_mails WHERE state = 'lapsed' AND reason = 'closed'`); n != 6 || swept.Lapsed != 6 {
		t.Errorf("%d of 6 have lapsed, swept %+v", n, swept)
	}
	d.sweep()
	if told := d.count(`SELECT count(*) FROM river_job WHERE kind = 'tell_writer'`); told != 5 {
		t.Errorf("%d writers are told, want those who had said yes", told)
	}
}

func TestAStopHoldsTheQueueAndResumingGoesOn(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 2)
	ids := []int64{d.queued(d.writers[0], d.targets[0]), d.queued(d.writers[1], d.targets[0])}
	house := &campaigns.Store{DB: d.db, Jobs: d.store.Jobs}
	_, err := house.StopCampaign(d.ctx, audit.System(), d.campaign.ID)
	d.must(err)
	d.exec(`DELETE FROM river_job`)
	if got := d.unclaimable(ids[0]); got.State != letters.MailQueued {
		t.Errorf("stopped, it is %s", got.State)
	}
	if swept := d.sweep(); swept.Promised != 0 || swept.Lapsed != 0 {
		t.Errorf("a sweep while it is stopped: %+v", swept)
	}
	if _, err := d.store.Ask(d.ctx, d.writers[1], d.asked(d.targets[1])); whyNot(err) != letters.WhyHeld {
		t.Errorf("asked for while it is stopped: %v", err)
	}
	_, err = house.ResumeCampaign(d.ctx, audit.System(), d.campaign.ID)
	d.must(err)
	_, err = d.store.StopLine(d.ctx, audit.System(), d.targets[0])
	d.must(err)
	d.unclaimable(ids[0])
	if swept := d.sweep(); swept.Promised != 0 {
		t.Errorf("a sweep while the line is stopped: %+v", swept)
	}
	line, err := d.store.ResumeLine(d.ctx, audit.System(), d.targets[0])
	d.must(err)
	if line.Waiting != 2 || line.StoppedAt != nil {
		t.Errorf("the line resumed: %+v", line)
	}
	dbtest.MoveClock(t, d.db, time.Second) // the pace is a millisecond
	if swept := d.sweep(); swept.Promised != 2 {
		t.Errorf("a sweep after resuming: %+v", swept)
	}
	for _, id := range ids {
		d.settle(d.claim(id), campaigns.Accepted, "", 250)
	}
}

// lost lets a claim's lease run out and be seen: its process is taken for dead.
func (d *desk) lost(c letters.Claimed) letters.Swept {
	d.t.Helper()
	d.exec(`UPDATE letter_mails SET lease_until = now_at() - interval '1 second' WHERE letter_id = $1`, c.LetterID)
	swept, err := d.store.Sweep(d.ctx, 0)
	d.must(err)
	return swept
}

// The process that had claimed it died: whether it was sent nobody can know, so it is held for good, and never leaves again.
func TestAnUnknownIsHeldAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 2)
	dead := d.claim(d.queued(d.writers[0], d.targets[0]))
	swept := d.lost(dead)
	m := d.unclaimable(dead.LetterID)
	if swept.Unknown != 1 || m.State != letters.MailUnknown || *m.Reason != "process" {
		t.Fatalf("swept %+v, it is %+v", swept, m)
	}
	d.sweep()
	if d.jobs("tell_writer", dead.LetterID) != 1 || len(d.totals()) != 0 {
		t.Errorf("its writer is told by %d jobs, totals %+v", d.jobs("tell_writer", dead.LetterID), d.totals())
	}
	dbtest.MoveClock(t, d.db, 3*24*time.Hour)
	d.sweep()
	d.unclaimable(dead.LetterID)
	if _, err := d.store.Ask(d.ctx, d.writers[0], d.asked(d.targets[0])); whyNot(err) != letters.WhySent {
		t.Errorf("asked for again: %v", err)
	}
	// It was not dead after all, and has the relay's word.
	d.settle(dead, campaigns.Accepted, "", 250)
	if m := d.mail(dead.LetterID); m.State != letters.MailSent || m.Reason != nil {
		t.Errorf("with the relay's word it is %+v", m)
	}
	// Silence after the final dot is no death: nothing is known later.
	cut := d.claim(d.queued(d.writers[1], d.targets[0]))
	d.settle(cut, campaigns.Unknown, "", 0)
	d.settle(cut, campaigns.Accepted, "", 250)
	if m := d.mail(cut.LetterID); m.State != letters.MailUnknown || *m.Reason != "silence" {
		t.Errorf("cut off it is %+v", m)
	}
}

func TestARefusalReturnsTheLetterMarksTheChannelAndLetsTheWriterTryAgain(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 2)
	id := d.queued(d.writers[0], d.targets[0])
	d.settle(d.claim(id), campaigns.Refused, "address", 550)
	if m, l := d.mail(id), d.letter(id); m.State != letters.MailRefused || *m.Reason != "address" || l.State != letters.Returned || d.jobs("tell_writer", id) != 1 {
		t.Errorf("refused: %+v, letter %+v", m, l)
	}
	other := d.queued(d.writers[1], d.targets[0])
	d.settle(d.claim(other), campaigns.Refused, "address", 550)
	marks, err := d.store.Marks(d.ctx, d.targets[0])
	d.must(err)
	if len(marks) != 1 || marks[0].Channel != "email" || marks[0].Why != "refused" {
		t.Fatalf("marks %+v, want one", marks)
	}
	if err := d.store.ClearMark(d.ctx, audit.System(), marks[0].ID); !failure.Is(err, failure.Forbidden) {
		t.Errorf("cleared by nobody: %v", err)
	}
	d.queued(d.writers[0], d.targets[0]) // anew
	if l := d.letter(id); l.State != letters.Made || l.ReturnedAt != nil {
		t.Errorf("asked for again: %+v", l)
	}
}

func TestTriedLaterAndGivenUpAfterThreeDays(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.queued(d.writers[0], d.targets[0])
	for attempt := 1; attempt < 20; attempt++ {
		c := d.claim(id)
		if c.Attempts != attempt {
			t.Fatalf("attempt %d is counted as %d", attempt, c.Attempts)
		}
		d.settle(c, campaigns.Later, "", 451)
		m := d.mail(id)
		if m.State == letters.MailRefused {
			if *m.Reason != "gave_up" || attempt < 8 || d.count(`SELECT count(*) FROM channel_marks`) != 0 {
				t.Errorf("after %d attempts: %+v", attempt, m)
			}
			return
		}
		if m.State != letters.MailQueued || m.Due {
			t.Fatalf("after attempt %d it is %+v", attempt, m)
		}
		d.unclaimable(id)
		dbtest.MoveClock(t, d.db, letters.LetterWaits[min(attempt, len(letters.LetterWaits))-1]+time.Minute)
	}
	t.Error("it is tried for ever")
}

func TestALetterThatComesBackCountsNoMore(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.queued(d.writers[0], d.targets[0])
	d.settle(d.claim(id), campaigns.Accepted, "", 250)
	d.must(d.store.LetterReturned(d.ctx, id, "4.4.7")) // only delayed
	if len(d.totals()) != 1 {
		t.Error("a delay takes a letter out of the totals")
	}
	for range 2 {
		d.must(d.store.LetterReturned(d.ctx, id, "5.1.1"))
	}
	marks, err := d.store.Marks(d.ctx, 0)
	d.must(err)
	if l := d.letter(id); l.State != letters.Returned || len(d.totals()) != 0 || len(marks) != 1 || marks[0].Why != "returned" || d.jobs("tell_writer", id) != 1 {
		t.Errorf("letter %+v, totals %+v, marks %+v", l, d.totals(), marks)
	}
	if got := d.mail(id).Became(); got != letters.Returned {
		t.Errorf("its writer is told it is %s", got)
	}
	if err := d.store.LetterReturned(d.ctx, id+100, "5.1.1"); !failure.Is(err, failure.NotFound) {
		t.Errorf("a letter that is not there: %v", err)
	}
}

// A return can be faster than the relay's answer.
func TestALetterThatComesBackBeforeTheAnswerStaysReturned(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	c := d.claim(d.queued(d.writers[0], d.targets[0]))
	d.must(d.store.LetterReturned(d.ctx, c.LetterID, "5.1.1"))
	d.settle(c, campaigns.Accepted, "", 250)
	if l, m := d.letter(c.LetterID), d.mail(c.LetterID); l.State != letters.Returned || m.Became() != letters.Returned || m.ToldAt != nil {
		t.Errorf("letter %+v, mail %+v", l, m)
	}
}

// A return is believed of a letter that has left, whoever has its address: what waits leaves, and counts.
func TestAReturnOfALetterThatHasNotLeftChangesNothing(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.queued(d.writers[0], d.targets[0])
	d.must(d.store.LetterReturned(d.ctx, id, "5.1.1"))
	d.settle(d.claim(id), campaigns.Accepted, "", 250)
	if l := d.letter(id); l.State != letters.Counted || d.count(`SELECT count(*) FROM channel_marks`) != 0 {
		t.Errorf("it is %s", l.State)
	}
}

func TestR20_WriterAndTextAreErasedAfter28Days(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 2)
	sent, waits := d.queued(d.writers[0], d.targets[0]), d.ask(d.writers[1], d.targets[0])
	d.settle(d.claim(sent), campaigns.Accepted, "", 250)
	dbtest.MoveClock(t, d.db, 27*24*time.Hour)
	erase := func() int {
		n, err := d.store.Erase(d.ctx)
		d.must(err)
		return n
	}
	if swept, n := d.sweep(), erase(); n != 0 || swept.Lapsed != 1 {
		t.Errorf("after 27 days %d are erased, swept %+v", n, swept)
	}
	if m := d.mail(waits); m.State != letters.MailLapsed || *m.Reason != "too_late" && *m.Reason != "unconfirmed" {
		t.Errorf("never confirmed: %+v", m)
	}
	dbtest.MoveClock(t, d.db, 25*time.Hour)
	if n := erase(); n != 1 {
		t.Errorf("after 28 days %d are erased", n)
	}
	if m := d.mail(sent); m.TextSealed != nil || m.WriterSealed != nil || m.Text != "" || m.State != letters.MailSent {
		t.Errorf("after 28 days: %+v", m)
	}
	if len(d.totals()) != 1 {
		t.Error("the letter itself is gone")
	}
	if n := d.count(`SELECT count(*) FROM letter_mails WHERE letter_id = $1 AND fingerprint IS NULL AND reply IS NOT NULL`, sent); n != 1 {
		t.Error("the relay's answer is not kept, or the fingerprint is")
	}
	index := func() int {
		return d.count(`SELECT count(*) FROM letter_mails WHERE letter_id = $1 AND writer_index IS NOT NULL`, sent)
	}
	if index() != 1 {
		t.Error("a second letter of the same writer would not be told any more")
	}
	_, err := (&campaigns.Store{DB: d.db}).CloseCampaign(d.ctx, audit.System(), d.campaign.ID, campaigns.Closing{Outcome: "released"})
	d.must(err)
	dbtest.MoveClock(t, d.db, 29*24*time.Hour)
	if erase(); index() != 0 {
		t.Error("the blind index outlives the campaign")
	}
}

func TestALetterThatNobodyConfirmsLapsesAfterAWeek(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.ask(d.writers[0], d.targets[0])
	dbtest.MoveClock(t, d.db, 7*24*time.Hour+time.Minute)
	d.sweep()
	if m := d.mail(id); m.State != letters.MailLapsed || *m.Reason != "unconfirmed" || d.jobs("tell_writer", id) != 0 {
		t.Errorf("it is %+v", m)
	}
	if err := d.store.Confirm(d.ctx, id, d.mail(id).Version()); whyNot(err) != letters.WhyOver {
		t.Errorf("confirmed too late: %v", err)
	}
}

// The line of a target: one at a time, never two within a part of the pace, whoever asks, and all of them before the deadline.
func TestLettersToOneTargetStandInALine(t *testing.T) {
	t.Parallel()
	const people = 30
	d := newMailing(t, people)
	d.store.Pace = time.Minute
	for _, w := range d.writers {
		d.queued(w, d.targets[0])
	}
	if n := d.count(`SELECT count(*) FROM (SELECT due_at - lag(due_at) OVER (ORDER BY due_at) AS gap FROM letter_mails) g
		WHERE gap IS NOT NULL AND gap NOT BETWEEN interval '29 seconds' AND interval '91 seconds'`); n != 0 {
		t.Errorf("%d gaps are not a minute, half of it more or less", n)
	}
	if n := d.count(`SELECT count(DISTINCT due_at) FROM letter_mails`); n != people {
		t.Errorf("%d places for %d letters", n, people)
	}
	// All are due at once, as after a stop: one leaves, the others take new places.
	dbtest.MoveClock(t, d.db, 2*time.Hour)
	var claimed []letters.Claimed
	var wg sync.WaitGroup
	var mu sync.Mutex
	for id := range int64(people) {
		wg.Go(func() {
			c, _, ok, err := d.store.Claim(d.ctx, id+1, lease)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if ok {
				claimed = append(claimed, c)
			}
		})
	}
	wg.Wait()
	if len(claimed) != 1 {
		t.Fatalf("%d letters leave at once", len(claimed))
	}
	d.settle(claimed[0], campaigns.Accepted, "", 250)
	if n := d.count(`SELECT count(*) FROM letter_mails WHERE state = 'queued' AND due_at > now_at()`); n != people-1 {
		t.Errorf("%d of %d have taken a new place", n, people-1)
	}
}

func TestALineEndsBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	const people = 60
	d := newMailing(t, people)
	d.store.Pace = time.Minute
	d.exec(`UPDATE campaigns SET deadline_at = now_at() + interval '10 minutes'`)
	for _, w := range d.writers {
		d.queued(w, d.targets[0])
	}
	if n := d.count(`SELECT count(*) FROM letter_mails m, campaigns c WHERE m.due_at < c.deadline_at`); n != people {
		t.Errorf("%d of %d letters leave before the deadline", n, people)
	}
}

func TestNothingOfTheWriterStandsInTheClear(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	d.queued(d.visitor(), d.targets[0])
	for _, table := range []string{"letter_mails", "letters", "visitors", "river_job", "audit_events"} {
		rows, err := d.db.Query(d.ctx, `SELECT t::text FROM `+table+` t`)
		d.must(err)
		for rows.Next() {
			var text string
			d.must(rows.Scan(&text))
			for _, secret := range []string{"ada@", "Ada", "Kingston", "Please wait", "192.0.2.7"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %q: %s", table, secret, text)
				}
			}
		}
		d.must(rows.Err())
	}
}

package letters_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

func TestWhatMustStayOutIsSealedAndKeepsALetterFromLeaving(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 0)
	house := &campaigns.Store{DB: d.db}
	one, err := house.AddCase(d.ctx, audit.System(), campaigns.NewCase{Ref: "x", Headline: "x", RemovingCountry: "CA", ReceivingCountry: "IR",
		Removal: campaigns.Removal{Timing: campaigns.RemovalNone}})
	d.must(err)
	_, err = d.db.Exec(d.ctx, "UPDATE campaigns SET case_id = $1 WHERE id = $2", one.ID, d.campaign.ID)
	d.must(err)
	letter := letters.Draft{Language: "en", Subject: "UA 1/30", Text: "I spoke with Parvin karimi and with Jo."}
	d.must(d.store.MayLeave(d.ctx, d.campaign.ID, letter))

	d.must(d.store.AddUnspoken(d.ctx, audit.System(), one.ID, " Parvin  Karimi "))
	d.must(d.store.AddUnspoken(d.ctx, audit.System(), one.ID, "Hôtel du Parc"))
	list, err := d.store.Unspoken(d.ctx, one.ID)
	d.must(err)
	if len(list) != 2 || list[0].Words != "Parvin Karimi" {
		t.Fatalf("the list is %+v", list)
	}
	var sealed []byte
	d.must(d.db.QueryRow(d.ctx, "SELECT string_agg(words_sealed, '') FROM unspoken").Scan(&sealed))
	if bytes.Contains(bytes.ToLower(sealed), []byte("karimi")) {
		t.Error("the database holds the words in clear")
	}
	err = d.store.MayLeave(d.ctx, d.campaign.ID, letter)
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != failure.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "text" ||
		!strings.Contains(err.Error(), "Parvin karimi") || strings.Contains(err.Error(), "Parc") {
		t.Errorf("a letter that names one of them: %v; want Invalid on text, with what was written and nothing else", err)
	}
	a, err := d.store.Advise(d.ctx, letters.Writer{}, d.campaign.ID, d.targets[0], letter, letters.Matter{})
	d.must(err)
	if !a.Names() {
		t.Errorf("the advice does not stop it: %+v", a)
	}
	d.must(d.store.RemoveUnspoken(d.ctx, audit.System(), one.ID, list[0].ID))
	d.must(d.store.MayLeave(d.ctx, d.campaign.ID, letter))

	for words, field := range map[string]string{"": "unspoken", "é.": "unspoken", strings.Repeat("a", 201): "unspoken"} {
		if err := d.store.AddUnspoken(d.ctx, audit.System(), one.ID, words); !errors.As(err, &e) || e.Fields[0].Name != field {
			t.Errorf("%q: %v, want Invalid", words, err)
		}
	}
	if err := d.store.AddUnspoken(d.ctx, audit.System(), 1<<40, "Somebody"); !failure.Is(err, failure.NotFound) {
		t.Errorf("for no case: %v", err)
	}
	if err := d.store.RemoveUnspoken(d.ctx, audit.System(), one.ID+1, list[1].ID); !failure.Is(err, failure.NotFound) {
		t.Errorf("of another case: %v", err)
	}
	var events int
	d.must(d.db.QueryRow(d.ctx, "SELECT count(*) FROM audit_events WHERE action LIKE 'case.%unspoken'").Scan(&events))
	if events != 3 {
		t.Errorf("%d audit events, want 3", events)
	}
}

func TestALetterIsHeldAgainstWhatOthersSentTheSameOffice(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	text := letterIn("en")
	send := func(w letters.Writer, target int64, state string) {
		var id int64
		d.must(d.db.QueryRow(d.ctx, `INSERT INTO letters (campaign_id, appeal_id, member_id, target_id, channel, state, copies, written_on)
			VALUES ($1, $2, $3, $4, 'email', 'made', 1, now_at()::date) RETURNING id`, d.campaign.ID, w.AppealID, w.MemberID, target).Scan(&id))
		_, err := d.db.Exec(d.ctx, `INSERT INTO letter_mails (letter_id, state, writer_sealed, text_sealed, fingerprint, confirmed_at, due_at)
			VALUES ($1, $2, 'x', 'x', $3, now_at(), now_at())`, id, state, letters.Fingerprint(text))
		d.must(err)
	}
	advise := func(w letters.Writer, target int64) int {
		a, err := d.store.Advise(d.ctx, w, d.campaign.ID, target, letters.Draft{Language: "en", Text: text}, letters.Matter{})
		d.must(err)
		return len(a.Hints)
	}
	send(d.writers[0], d.targets[1], "unconfirmed")
	if n := advise(d.writers[1], d.targets[1]); n != 0 {
		t.Errorf("a letter nobody said yes to counts: %d hints", n)
	}
	send(d.writers[0], d.targets[0], "queued")
	if a, b, c := advise(d.writers[1], d.targets[0]), advise(d.writers[1], d.targets[1]), advise(d.writers[0], d.targets[0]); a != 1 || b != 0 || c != 0 {
		t.Errorf("hints: %d for another writer, %d for another office, %d for the same writer; want 1, 0, 0", a, b, c)
	}
}

// hush makes words stay out of every letter of the desk's campaign from now on.
func (d *desk) hush(words string) {
	d.t.Helper()
	one, err := (&campaigns.Store{DB: d.db}).AddCase(d.ctx, audit.System(), campaigns.NewCase{Ref: words, Headline: "x", RemovingCountry: "CA", ReceivingCountry: "IR",
		Removal: campaigns.Removal{Timing: campaigns.RemovalNone}})
	d.must(err)
	d.exec(`UPDATE campaigns SET case_id = $1 WHERE id = $2`, one.ID, d.campaign.ID)
	d.must(d.store.AddUnspoken(d.ctx, audit.System(), one.ID, words))
}

// What has to stay out may come to be known while a letter waits for its writer's yes.
func TestALetterThatNamesWhatHasToStayOutSinceItWasWrittenIsNotConfirmed(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.ask(d.writers[0], d.targets[0])
	d.hush("Please wait")
	var not *letters.Unmailable
	if err := d.store.Confirm(d.ctx, id, d.mail(id).Version()); !errors.As(err, &not) || not.Why != letters.WhyNames {
		t.Errorf("confirmed: %v", err)
	}
	if m := d.mail(id); m.State != letters.MailUnconfirmed || m.ConfirmedAt != nil {
		t.Errorf("it is %s", m.State)
	}
}

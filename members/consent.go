package members

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Consent is the evidence that somebody agreed to be mailed (R9; CASL: the sender must be able to prove
// it). All of it is needed.
type Consent struct {
	Source  string    // where it was given: "sign-up sheet, annual meeting in Ottawa"
	GivenOn time.Time // the day; the time of day is not kept
	Words   string    // what the person was shown and agreed to
}

// How says in which way a member left.
type How string

// The ways of leaving that a caller can name. "import" and "erased" are in the table too.
const (
	OneClick  How = "one_click" // the mail program's own button (RFC 8058)
	ByPage    How = "page"      // the button on the unsubscribe page
	ByMail    How = "mail"      // a mail to the unsubscribe address
	Complaint How = "complaint" // the provider says the member called it spam
	ByStaff   How = "staff"     // somebody of the staff, as they were asked
)

// earliestConsent is older than anything that a living person can have agreed to.
const earliestConsent = 1900

// check returns c as it is kept, and notes in check what is wrong with it.
func (c Consent) check(check *failure.Check, now time.Time) Consent {
	kept, wrong := c.clean(now)
	for _, field := range wrong {
		check.Add("consent."+field.Name, "%s", field.Reason)
	}
	return kept
}

// clean returns c as it is kept, and what of it is wrong.
func (c Consent) clean(now time.Time) (Consent, []failure.Field) {
	var wrong []failure.Field
	note := func(field, reason string) {
		if reason != "" {
			wrong = append(wrong, failure.Field{Name: field, Reason: reason})
		}
	}
	source, reason := cleanLine(c.Source, maxSource)
	if reason == "" && source == "" {
		reason = "say where the consent was given"
	}
	note("source", reason)
	words, reason := cleanWords(c.Words, maxWords)
	if reason == "" && words == "" {
		reason = "give the words that the person agreed to"
	}
	note("words", reason)
	switch day := c.GivenOn; {
	case day.IsZero():
		note("given_on", "give the day of the consent, as 2026-01-31")
	case day.Year() < earliestConsent:
		note("given_on", "the day of the consent is too long ago to be true")
	case day.After(now.Add(24 * time.Hour)): // somewhere it is tomorrow already
		note("given_on", "the day of the consent is in the future")
	}
	y, m, d := c.GivenOn.Date()
	return Consent{Source: source, GivenOn: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), Words: words}, wrong
}

// Leave ends the subscription of member id, from this instant: a claim that reads after Leave has returned
// sends nothing. Somebody who is unknown, erased or has left already gets the same answer by the same
// statements (U8), and a hundred at once leave one audit row (U5). Every error is a fault of ours.
func (s *Store) Leave(ctx context.Context, by audit.Actor, id int64, how How) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		left, err := closeConsents(ctx, tx, []int64{id}, how)
		if err != nil {
			return err
		}
		return recordLeaving(ctx, tx, by, left)
	})
}

func recordLeaving(ctx context.Context, tx pgx.Tx, by audit.Actor, left []closedConsent) error {
	for _, consent := range left {
		if err := audit.Record(ctx, tx, audit.Event{
			Actor: by, Action: "member.leave", Subject: "member", SubjectID: consent.MemberID, After: consent,
		}); err != nil {
			return err
		}
	}
	return nil
}

// Rejoin subscribes a member who has left, on a new consent. The errors are failure.NotFound,
// failure.Invalid with every wrong field, and failure.Conflict when the member is subscribed or the
// address suppressed.
func (s *Store) Rejoin(ctx context.Context, by audit.Actor, id int64, c Consent) error {
	now, err := readClock(ctx, s.DB)
	if err != nil {
		return err
	}
	var check failure.Check
	consent := c.check(&check, now)
	if err := check.Err(); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error { return rejoin(ctx, tx, by, id, consent) })
}

func rejoin(ctx context.Context, tx pgx.Tx, by audit.Actor, id int64, consent Consent) error {
	member, err := lockMember(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := refuseSuppressed(ctx, tx, member.AddressIndex); err != nil {
		return err
	}
	err = insertConsent(ctx, tx, by, id, consent)
	if postgres.IsUnique(err, "mailing_consents_open") {
		return failure.Clash("member %d is subscribed already", id)
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Event{
		Actor: by, Action: "member.rejoin", Subject: "member", SubjectID: id, After: consent})
}

package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/templates"
)

// mailJob is a job that sends one mail to one person.
type mailJob[T river.JobArgs] struct{ river.WorkerDefaults[T] }

// Timeout is longer than a relay may take after the final dot (RFC 5321, 4.5.3.2): a job that ends before sends its mail once more.
func (mailJob[T]) Timeout(*river.Job[T]) time.Duration { return 15 * time.Minute }

// NextRetry is a minute on, and twice as long each time, an hour at most: it is the relay that did not take it.
func (mailJob[T]) NextRetry(job *river.Job[T]) time.Time {
	return time.Now().Add(min(time.Minute<<min(max(job.Attempt-1, 0), 6), time.Hour))
}

// missed is why a mail is to be sent once more; nil where it has left, was refused for good, or nobody knows. What never came to be said to a relay is
// nobody's attempt.
func missed(v mailer.Verdict, err error) error {
	switch {
	case err != nil:
		return patient(err)
	case v.Outcome == mailer.Unsent:
		return river.JobSnooze(time.Second)
	case v.Outcome == mailer.Later:
		return fmt.Errorf("the relay answered %d at %s", v.Code, v.Step)
	}
	return nil
}

// askWriter keeps the promise of letters.AskWriter.
type askWriter struct {
	mailJob[letters.AskWriter]
	*letterPost
}

// Work asks the writer, unless they were asked, or nothing is to be mailed to them.
func (a *askWriter) Work(ctx context.Context, job *river.Job[letters.AskWriter]) error {
	m, err := a.letters.Mail(ctx, job.Args.LetterID)
	switch {
	case failure.Is(err, failure.NotFound):
		return nil
	case err != nil || m.State != letters.MailUnconfirmed || m.AskedMailed:
		return err
	}
	if !m.Suppressed {
		if err := a.note(ctx, job.JobRow, m, letters.MailUnconfirmed); err != nil {
			return err
		}
	}
	return a.insist(ctx, func(ctx context.Context) error { return a.letters.WriterAsked(ctx, m.LetterID) })
}

// tellWriter keeps the promise of letters.TellWriter.
type tellWriter struct {
	mailJob[letters.TellWriter]
	*letterPost
}

// Work tells the writer, unless they were told, have not said yes, have left since, or nothing is to be mailed to them.
func (t *tellWriter) Work(ctx context.Context, job *river.Job[letters.TellWriter]) error {
	m, err := t.letters.Mail(ctx, job.Args.LetterID)
	switch {
	case failure.Is(err, failure.NotFound):
		return nil
	case err != nil || m.ToldAt != nil || m.ConfirmedAt == nil || m.TextSealed == nil:
		return err
	}
	state := m.Became()
	switch state {
	case letters.Returned, letters.MailRefused, letters.MailUnknown, letters.MailLapsed:
	default:
		return nil
	}
	var may bool
	if m.Writer, may, err = t.letters.WriterNow(ctx, m); err != nil {
		return err
	}
	if may {
		if err := t.note(ctx, job.JobRow, m, state); err != nil {
			return err
		}
	}
	return t.insist(ctx, func(ctx context.Context) error { return t.letters.WriterTold(ctx, m.LetterID) })
}

// tellAnswer keeps the promise of letters.TellAnswer.
type tellAnswer struct {
	mailJob[letters.TellAnswer]
	*letterPost
}

// Work tells the writer that an answer can be read, unless they have left, or nothing is to be mailed to them. What the office wrote is in no mail.
func (t *tellAnswer) Work(ctx context.Context, job *river.Job[letters.TellAnswer]) error {
	m, err := t.letters.Mail(ctx, job.Args.LetterID)
	if failure.Is(err, failure.NotFound) {
		return nil
	}
	var may bool
	if err == nil {
		m.Writer, may, err = t.letters.WriterNow(ctx, m)
	}
	if err != nil || !may {
		return err
	}
	return t.note(ctx, job.JobRow, m, "answered")
}

// note mails a writer a note about their letter. That the relay refuses it for good, or that nobody knows whether it went, is no error: it is not
// mailed twice. Of a job that did not end the mail has the same Message-ID again.
func (p *letterPost) note(ctx context.Context, job *rivertype.JobRow, m letters.LetterMail, state string) error {
	c, err := p.store.Campaign(ctx, m.CampaignID)
	if err != nil {
		return err
	}
	target, err := p.store.Target(ctx, m.TargetID)
	if err != nil {
		return err
	}
	lang := templates.PublicLanguage(m.Writer.Language)
	page := p.sender.PublicURL + "/a/" + c.Slug
	if m.AppealID != nil && m.MemberID != nil { // what a member writes there counts as theirs
		page = p.sender.PublicURL + "/r/" + p.links.Report.Make(*m.AppealID, *m.MemberID)
	}
	note := templates.LetterNote{Organisation: p.head, Language: lang, Number: templates.Number{Series: c.Series, Sequence: c.Number, Year: c.Year},
		Office: target.Office.In(lang, c.FallbackLanguage), URL: p.sender.PublicURL + "/c/" + p.letters.Links.Confirm.Make(m.LetterID, m.TargetID),
		State: state, ActionURL: page}
	if state == letters.MailLapsed && m.Reason != nil {
		note.Reason = *m.Reason
	}
	if state != letters.MailUnconfirmed && state != "answered" && c.State == campaigns.CampaignActive && note.Reason != "too_late" {
		note.Others = letters.OtherChannels(target)
	}
	wire, utf8, err := mailer.WireAddress(m.Writer.Address)
	if err != nil {
		return nil // nothing can be mailed there
	}
	id := "note." + p.links.Message.Make(job.ID, m.LetterID)
	draft := mailer.Draft{Kind: mailer.System, From: p.sender.From, Language: lang, Seed: id, Signers: p.sender.Signers, Date: job.CreatedAt}
	if draft.Subject, draft.Text, draft.HTML, err = templates.RenderLetterNote(note); err != nil {
		return err
	}
	return missed(deliverSystem(ctx, p.relays, draft, mailer.Copy{Address: wire, MessageID: id}, utf8))
}

package worker

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/templates"
)

// askWriter keeps the promise of letters.AskWriter.
type askWriter struct {
	river.WorkerDefaults[letters.AskWriter]
	*letterPost
}

// NextRetry is a minute on: it is the relay that did not take it.
func (*askWriter) NextRetry(*river.Job[letters.AskWriter]) time.Time {
	return time.Now().Add(time.Minute)
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
		if err := a.note(ctx, m, letters.MailUnconfirmed); err != nil {
			return patient(err)
		}
	}
	return a.letters.WriterAsked(ctx, m.LetterID)
}

// tellWriter keeps the promise of letters.TellWriter.
type tellWriter struct {
	river.WorkerDefaults[letters.TellWriter]
	*letterPost
}

// NextRetry is askWriter's.
func (*tellWriter) NextRetry(*river.Job[letters.TellWriter]) time.Time {
	return time.Now().Add(time.Minute)
}

// Work tells the writer, unless they were told, have not said yes, or nothing is to be mailed to them.
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
	gone := m.Suppressed || m.Reason != nil && *m.Reason == "writer_left"
	if !gone {
		if err := t.note(ctx, m, state); err != nil {
			return patient(err)
		}
	}
	return t.letters.WriterTold(ctx, m.LetterID)
}

// tellAnswer keeps the promise of letters.TellAnswer.
type tellAnswer struct {
	river.WorkerDefaults[letters.TellAnswer]
	*letterPost
}

// NextRetry is askWriter's.
func (*tellAnswer) NextRetry(*river.Job[letters.TellAnswer]) time.Time {
	return time.Now().Add(time.Minute)
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
	return patient(t.note(ctx, m, "answered"))
}

// note mails a writer a note about their letter. That the relay refuses it for good, or that nobody knows whether it went, is no error: it is not
// mailed twice.
func (p *letterPost) note(ctx context.Context, m letters.LetterMail, state string) error {
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
	id := strings.ToLower(rand.Text())
	draft := mailer.Draft{Kind: mailer.System, From: p.sender.From, Language: lang, Seed: id, Signers: p.sender.Signers}
	if draft.Date, err = p.store.Now(ctx); err != nil {
		return err
	}
	if draft.Subject, draft.Text, draft.HTML, err = templates.RenderLetterNote(note); err != nil {
		return err
	}
	v, err := deliverSystem(ctx, p.relays, draft, mailer.Copy{Address: wire, MessageID: id}, utf8)
	switch {
	case err != nil:
		return err
	case v.Outcome == mailer.Later, v.Outcome == mailer.Unsent:
		return fmt.Errorf("the relay answered %d at %s", v.Code, v.Step)
	}
	return nil
}

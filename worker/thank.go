package worker

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/templates"
)

// thank keeps the promise of letters.Thank. The mail goes to the address that the member gave us, whoever wrote the answer: an answer with a
// forged sender brings nobody else a mail.
type thank struct {
	mailJob[letters.Thank]
	store      *campaigns.Store
	members    *members.Store
	links      campaigns.Links
	relays     *mailer.Pool
	sender     Sender
	letterhead templates.Organisation
	log        *slog.Logger
}

// Work sends the mail, once: what may have arrived is not sent again. Who has left meanwhile gets none.
func (t *thank) Work(ctx context.Context, job *river.Job[letters.Thank]) error {
	m, err := t.members.Get(ctx, job.Args.MemberID)
	if failure.Is(err, failure.NotFound) || err == nil && m.State != members.Subscribed {
		return nil
	}
	if err != nil {
		return err
	}
	composed, out, utf8, err := t.compose(ctx, job, m)
	if err != nil {
		return fmt.Errorf("thanks to a member: %s", codeOf(err))
	}
	verdict, err := t.relays.Deliver(ctx, mailer.Bulk, mailer.Envelope{Sender: "", Recipient: out.Address, UTF8: utf8,
		Message: func(dst []byte) ([]byte, mailer.Hash, error) { return composed.Fill(dst, out) }})
	if err := missed(verdict, err); err != nil {
		return err
	}
	if verdict.Outcome != mailer.Accepted {
		t.log.WarnContext(ctx, "thanks to a member did not arrive, or nobody knows", "outcome", verdict.Outcome, "code", verdict.Code)
	}
	return nil
}

func (t *thank) compose(ctx context.Context, job *river.Job[letters.Thank], m members.Member) (*mailer.Composed, mailer.Copy, bool, error) {
	var out mailer.Copy
	wire, utf8, err := mailer.WireAddress(m.Address.Mailbox())
	if err != nil {
		return nil, out, false, err
	}
	a, err := t.store.Appeal(ctx, job.Args.AppealID)
	if err != nil {
		return nil, out, false, err
	}
	c, err := t.store.Campaign(ctx, a.CampaignID)
	if err != nil {
		return nil, out, false, err
	}
	subject, text, html, err := templates.RenderThanks(templates.ThanksMail{Organisation: t.letterhead, Language: m.Language,
		Number: templates.Number{Series: c.Series, Sequence: c.Number, Year: c.Year},
		URL:    t.sender.PublicURL + "/r/" + t.links.Report.Make(job.Args.AppealID, job.Args.MemberID)})
	if err != nil {
		return nil, out, false, err
	}
	// The same id and bytes for every attempt at the same job.
	id := "thanks." + t.links.Message.Make(job.ID, job.Args.MemberID)
	composed, err := mailer.Compose(mailer.Draft{Kind: mailer.Answer, From: t.sender.From, Subject: subject, Language: templates.PublicLanguage(m.Language), Text: text, HTML: html,
		Date: job.CreatedAt, Seed: id, Signers: t.sender.Signers})
	out = mailer.Copy{Address: wire, Name: m.Name, MessageID: id}
	return composed, out, utf8, err
}

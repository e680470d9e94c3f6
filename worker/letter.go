package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/templates"
)

// lettersAtOnce is how many letters, and mails to their writers, are looked after at the same time.
const lettersAtOnce = 8

// letterPost is what the three jobs of letters by mail share.
type letterPost struct {
	letters *letters.Store
	store   *campaigns.Store
	links   campaigns.Links
	relays  *mailer.Pool
	budgets *budgets
	sender  Sender
	head    templates.Organisation
	pace    Pace
	ending  *atomic.Bool
	log     *slog.Logger
}

// addLetters adds the jobs of letters by mail, or returns nil where this process mails none.
func addLetters(jobs *river.Workers, c Config, store *campaigns.Store, b *budgets, ending *atomic.Bool) *letterPost {
	if c.Letters == nil {
		return nil
	}
	own := *c.Letters
	own.DB = c.Pool
	p := &letterPost{letters: &own, store: store, links: c.Links, relays: c.Relays, budgets: b, sender: c.Sender, head: c.Letterhead, pace: c.Pace, ending: ending, log: c.Log}
	river.AddWorker(jobs, &sendLetter{letterPost: p})
	river.AddWorker(jobs, &askWriter{letterPost: p})
	river.AddWorker(jobs, &tellWriter{letterPost: p})
	river.AddWorker(jobs, &tellAnswer{letterPost: p})
	river.AddWorker(jobs, &thank{store: store, members: c.Members, links: c.Links, relays: c.Relays, sender: c.Sender, letterhead: c.Letterhead, log: c.Log})
	return p
}

// eraseEvery is how often what is not to be kept is looked for.
const eraseEvery = 10 * time.Minute

// sweep is what Worker.sweep is, for letters by mail; and it erases what is not to be kept.
func (p *letterPost) sweep(ctx context.Context) {
	tick := time.NewTicker(p.pace.Sweep)
	defer tick.Stop()
	for erased := (time.Time{}); ; {
		if time.Since(erased) > eraseEvery {
			if _, err := p.letters.Erase(ctx); err != nil && ctx.Err() == nil {
				p.log.Error("the words of old letters could not be erased", "error", codeOf(err))
			}
			erased = time.Now()
		}
		swept, err := p.letters.Sweep(ctx, p.pace.Lease)
		switch {
		case err != nil && ctx.Err() == nil:
			p.log.Error("could not sweep the letters", "error", codeOf(err))
		case swept.Unknown > 0:
			p.log.Warn("letters are held as unknown: the process that sent them ended", "letters", swept.Unknown)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sendLetter keeps the promise of letters.SendLetter.
type sendLetter struct {
	river.WorkerDefaults[letters.SendLetter]
	*letterPost
}

// Timeout is far beyond what one mail takes: a relay may think for ten minutes after the final dot.
func (*sendLetter) Timeout(*river.Job[letters.SendLetter]) time.Duration { return 30 * time.Minute }

// NextRetry is soon: what failed is the database, and the ledger says what is left.
func (*sendLetter) NextRetry(*river.Job[letters.SendLetter]) time.Time {
	return time.Now().Add(5 * time.Second)
}

// Work sends the letter if it may leave now. Where it may not, the sweep promises it again when it may.
func (l *sendLetter) Work(ctx context.Context, job *river.Job[letters.SendLetter]) error {
	for {
		if l.ending.Load() {
			return river.JobSnooze(0)
		}
		wait, err := l.try(ctx, job.Args.LetterID)
		if err != nil || wait <= 0 {
			return patient(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// patient is err for the queue: that no relay can be used is nobody's attempt.
func patient(err error) error {
	var down *mailer.DownError
	switch {
	case errors.As(err, &down):
		return river.JobSnooze(max(down.After, time.Second))
	case errors.Is(err, mailer.ErrClosed):
		return river.JobSnooze(0)
	}
	return err
}

// try sends the letter over a connection that is there already, so that nothing lies between what the claim read and the sending. A wait says when
// to try again.
func (l *sendLetter) try(ctx context.Context, id int64) (wait time.Duration, err error) {
	conn, err := l.relays.Take(ctx, mailer.Urgent)
	if err != nil {
		return 0, err
	}
	defer l.relays.Put(conn)
	grant, err := l.budgets.take(ctx, conn, mailer.Urgent, 1, time.Now().Add(grantPatience))
	if err != nil || grant == 0 {
		return grantPatience, err
	}
	claimedAt := time.Now()
	c, wait, ok, err := l.letters.Claim(ctx, id, l.pace.Lease)
	if err != nil || !ok {
		return wait, errors.Join(err, l.budgets.giveBack(ctx, conn, mailer.Urgent, 1))
	}
	now, office, err := l.office(ctx, c)
	if err != nil {
		return 0, errors.Join(err, l.giveBack(ctx, c))
	}
	envelope, err := l.envelope(c, office, now)
	if err != nil {
		l.log.Error("a letter cannot be written", "letter", id, "error", codeOf(err))
		return 0, l.settle(ctx, letters.MailVerdict{Claimed: c, Outcome: campaigns.Refused, Reason: "content"})
	}
	return 0, l.record(ctx, c, envelope, l.send(ctx, conn, c, envelope, claimedAt))
}

// office reads what the letter needs beside its own row. Its error says nothing of the letter.
func (l *sendLetter) office(ctx context.Context, c letters.Claimed) (now time.Time, office campaigns.Texts, err error) {
	if now, err = l.store.Now(ctx); err != nil {
		return now, nil, err
	}
	target, err := l.store.Target(ctx, c.TargetID)
	return now, target.Office, err
}

// send sends one letter. Its claim is renewed while the relay thinks, and everything that may stand in its way is read again before the
// envelope and before the body.
func (l *sendLetter) send(ctx context.Context, conn *mailer.Conn, c letters.Claimed, e mailer.Envelope, claimedAt time.Time) (v mailer.Verdict) {
	var held atomic.Int64 // until when the claim stands, on the monotonic clock
	held.Store(int64(l.pace.Lease))
	sent, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	go func() {
		tick := time.NewTicker(l.pace.Lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-sent.Done():
				return
			case <-tick.C:
			}
			asked := time.Since(claimedAt)
			if ok, err := l.letters.Renew(sent, c, l.pace.Lease); err == nil && ok {
				held.Store(int64(asked + l.pace.Lease))
			}
		}
	}()
	gate := func(int) bool {
		may, err := l.letters.StillMay(ctx, c)
		return err == nil && may && !l.ending.Load() && int64(time.Since(claimedAt)) < held.Load()
	}
	conn.Send(ctx, mailer.Window{Envelopes: []mailer.Envelope{e}, Gate: gate, Done: func(_ int, got mailer.Verdict) { v = got }}) // its error is in the verdict
	return v
}

// record takes the verdict down.
func (l *sendLetter) record(ctx context.Context, c letters.Claimed, e mailer.Envelope, v mailer.Verdict) error {
	if v.Outcome == mailer.Unsent {
		return l.giveBack(ctx, c)
	}
	out := letters.MailVerdict{Claimed: c, Outcome: campaigns.Outcome(v.Outcome), Code: v.Code,
		Reply: withoutAddress(withoutAddress(wordsOf(v), e.Recipient), e.Sender)}
	if v.Outcome == mailer.Refused {
		// That our relay blocks us says nothing about the office.
		if out.Reason = reasonOf(v); out.Reason == "us" {
			out.Outcome, out.Reason = campaigns.Later, ""
		}
	}
	return l.settle(ctx, out)
}

// giveBack takes down that nothing of the letter was sent.
func (l *sendLetter) giveBack(ctx context.Context, c letters.Claimed) error {
	return l.insist(ctx, func(ctx context.Context) error { return l.letters.Unclaim(ctx, c, l.pace.Sweep) })
}

func (l *sendLetter) settle(ctx context.Context, v letters.MailVerdict) error {
	return l.insist(ctx, func(ctx context.Context) error { return l.letters.Settle(ctx, v, l.pace.Letters) })
}

// insist keeps at it until the database has taken something down, for as long as the process lives: what is lost here is unknown for good, or mailed
// twice.
func (l *letterPost) insist(ctx context.Context, write func(context.Context) error) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err := write(attempt)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		l.log.Warn("what became of a letter is not written down yet", "error", codeOf(err))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// envelope writes the letter: from its writer by way of the organisation, in the organisation's own domain; what is answered, and what comes back, goes
// to addresses of this letter's own. Its words hold no link and no address of the house.
func (l *sendLetter) envelope(c letters.Claimed, office campaigns.Texts, now time.Time) (mailer.Envelope, error) {
	wire, utf8, err := mailer.WireAddress(c.To)
	if err != nil {
		return mailer.Envelope{}, err
	}
	lang := c.Writer.Language
	if c.Language != nil {
		lang = *c.Language
	}
	from := mailer.Address{Addr: l.sender.From.Addr}
	if from.Name, err = templates.LetterFrom(lang, shortened(c.Writer.Name), shortened(l.head.Name)); err != nil {
		return mailer.Envelope{}, err
	}
	text, err := templates.LetterText(lang, c.Text, c.Writer.Name, c.Writer.Town, l.head.Name)
	if err != nil {
		return mailer.Envelope{}, err
	}
	token := l.letters.Links.Letter.Make(c.LetterID, c.TargetID)
	composed, err := mailer.Compose(mailer.Draft{Kind: mailer.Letter, From: from, Subject: c.Subject, Language: lang, Text: text, Date: now,
		Seed: fmt.Sprintf("letter/%d/%d", c.LetterID, c.Claim), Signers: l.sender.Signers})
	if err != nil {
		return mailer.Envelope{}, err
	}
	out := mailer.Copy{Address: wire, Name: office.In(lang, "en"), MessageID: token}
	if l.sender.ReplyDomain != "" {
		out.ReplyTo = "l+" + token + "@" + l.sender.ReplyDomain
	}
	return mailer.Envelope{Sender: "l+" + token + "@" + l.sender.ReturnDomain, Recipient: wire, UTF8: utf8, NoDots: composed.NoDots(),
		Message: func(dst []byte) ([]byte, mailer.Hash, error) { return composed.Fill(dst, out) }}, nil
}

// shortened is a name as it fits into the name of a sender.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 50 {
		return string(runes[:50]) + "…"
	}
	return name
}

package worker

import (
	"context"
	"errors"
	"time"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// linger waits for what is due within a second, as rows are that have a moment of their own at their provider: the queue would come
// back to them too late. It reports whether to go on in the same turn.
func (d *deliverBatch) linger(ctx context.Context, wait time.Duration, until time.Time) bool {
	if wait <= 0 || wait >= time.Second || time.Now().Add(wait).After(until) {
		return false
	}
	select {
	case <-time.After(max(wait, grantTime)):
		return !d.windows.ending.Load()
	case <-ctx.Done():
		return false
	}
}

// join puts a mail together when its turn has come, unless its provider has asked for less since it was claimed.
func (d *deliverBatch) join(dst []byte, mail *written) ([]byte, mailer.Hash, error) {
	if d.traffic.slowed(mail.address) {
		return dst, mailer.Hash{}, errSlowed
	}
	message, err := mail.edition.composed.Join(dst, mail.own)
	return message, mail.own.Hash, err
}

// heard takes in what a verdict says beyond its own row: of the relay's rate, of the recipient's provider, of us. It returns the verdict
// as it is to be written down.
func (d *deliverBatch) heard(appealID int64, recipient string, v mailer.Verdict) mailer.Verdict {
	if errors.Is(v.Err, errSlowed) {
		return mailer.Verdict{Outcome: mailer.Unsent, Step: v.Step, Relay: v.Relay, Err: errSlowed}
	}
	d.meters.heard(v)
	if v.Outcome == mailer.Accepted {
		d.reports.count(v.Relay)
	}
	d.traffic.heard(recipient, v)
	if v.Code == 0 {
		return v // no word of the relay's
	}
	if us := v.Outcome == mailer.Refused && reasonOf(v) == "us"; d.watch.sent(appealID, us) {
		d.windows.halt(appealID)
		d.log.Error("an appeal is held: the relay refuses its mails because of us", "appeal", appealID, "relay", v.Relay, "code", v.Code)
		d.traffic.later(func(ctx context.Context) error { return d.store.Hold(ctx, appealID, campaigns.HeldBlocked) })
	}
	return v
}

// starved is what a connection does that its relay's budget had nothing for: it gives way to the deadline, which claims look at and
// nobody claims, and goes round.
func (d *deliverBatch) starved(ctx context.Context, b campaigns.Batch) (more, live bool, _ error) {
	late, err := d.store.SkipLate(ctx, b)
	return !late, true, err
}

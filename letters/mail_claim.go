package letters

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// LetterWaits are the waits before a letter that the relay did not take is tried again, the last one for good.
var LetterWaits = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 8 * time.Hour}

// triedFor is how long after its writer's yes a letter is tried.
const triedFor = 3 * 24 * time.Hour

// soonest is the part of the pace that lies between two letters to one target at least, whatever held them up before.
const soonest = 4

// linger is how long a letter that is too soon behind the one before it is waited for; for longer it takes another place in the line.
const linger = 5 * time.Second

// Claimed is a letter that may leave now, by whoever claimed it and nobody else.
type Claimed struct {
	LetterMail
	To string // the address of the target
}

// Claim takes a letter to be sent, once everything that may stand in its way has been read: its writer's yes, the campaign, the deadline, the
// target, its line, and what letters of this case must not name. Nothing claimed is claimed again before it is settled. ok is false where there is nothing to send; with a wait, ask again after it. lease is for how
// long the claim stands without Renew.
func (s *Store) Claim(ctx context.Context, letterID int64, lease time.Duration) (claimed Claimed, wait time.Duration, ok bool, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		claimed, wait, ok = Claimed{}, 0, false
		// The line first: of all who have a letter to one target, one reads on.
		if err := lockLine(ctx, tx, letterID); err != nil {
			return err
		}
		m, t, err := lockMail(ctx, tx, letterID)
		if failure.Is(err, failure.NotFound) {
			return nil
		}
		if err != nil || m.State != MailQueued || !m.Due {
			return err
		}
		switch why := t.bars(); {
		case m.LetterState == Withdrawn, m.sentByWriter():
			return settleMail(ctx, tx, letterID, MailWithdrawn, "")
		case why != "":
			return s.lapse(ctx, tx, letterID, why)
		case t.held():
			return nil // the sweep promises it again when it may go on
		}
		if wait, err = s.tooSoon(ctx, tx, m, t); err != nil || wait > linger {
			var due time.Time
			if err == nil {
				due, _, err = s.takePlace(ctx, tx, m.TargetID, t, wait)
			}
			if wait = 0; err != nil {
				return err
			}
			return moveMail(ctx, tx, letterID, due)
		}
		if wait > 0 {
			return nil
		}
		if err := s.open(&m); err != nil {
			return err
		}
		// What must stay out may have come to be known since its writer's yes.
		if names, err := s.names(ctx, tx, m); err != nil {
			return err
		} else if names {
			return s.lapse(ctx, tx, letterID, WhyNames)
		}
		err = markSending(ctx, tx, &m, lease)
		claimed, ok = Claimed{LetterMail: m, To: t.Address}, err == nil
		return err
	})
	return claimed, wait, ok && err == nil, err
}

// StillMay reports whether a claimed letter may leave, as things stand now: its claim, its writer's wish, the campaign, the target, its address and line.
func (s *Store) StillMay(ctx context.Context, c Claimed) (may bool, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		m, t, err := readMail(ctx, tx, c.LetterID)
		may = m.State == MailSending && m.Claim == c.Claim && m.LetterState != Withdrawn && !m.sentByWriter() && t.bars() == "" && !t.held() && t.Address == c.To
		return err
	})
	return may && err == nil, err
}

// Renew lets a claim stand for lease from now on. ok is false where it is not the caller's any more.
func (s *Store) Renew(ctx context.Context, c Claimed, lease time.Duration) (ok bool, err error) {
	tag, err := s.DB.Exec(ctx, renewMailSQL, c.LetterID, c.Claim, lease)
	return tag.RowsAffected() == 1, err
}

// Unclaim gives back a letter of which nothing was sent, also one that was taken for lost meanwhile. It is due again after wait. Given back again,
// or settled, it changes nothing.
func (s *Store) Unclaim(ctx context.Context, c Claimed, wait time.Duration) error {
	_, err := s.DB.Exec(ctx, unclaimMailSQL, c.LetterID, c.Claim, wait)
	return err
}

// MailVerdict is what the relay said of a letter that was claimed.
type MailVerdict struct {
	Claimed Claimed
	Outcome campaigns.Outcome
	Reason  string // of a refusal: address, content or us
	Code    int    // the relay's three digits; 0 where it gave none
	Reply   string // the relay's words, without anybody's address
}

// Settle takes a verdict down: sent counts as a letter from now on; refused leaves the letter returned and its writer told; later is tried again, for
// three days; unknown is held for good, and never sent again. A verdict on a letter that somebody else has settled changes nothing; one on a letter
// that was taken for lost because its process was is taken down, and its writer told anew.
func (s *Store) Settle(ctx context.Context, v MailVerdict, waits []time.Duration) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		m, _, err := lockMail(ctx, tx, v.Claimed.LetterID)
		if err != nil {
			return err
		}
		// Taken for dead, the process that has the answer still knows better.
		lost := m.State == MailUnknown && m.Reason != nil && *m.Reason == "process"
		if m.Claim != v.Claimed.Claim || m.State != MailSending && !lost {
			return nil
		}
		switch v.Outcome {
		case campaigns.Accepted:
			if err := answerMail(ctx, tx, v, MailSent, ""); err != nil {
				return err
			}
			return prove(ctx, tx, m.LetterID, Sent)
		case campaigns.Later:
			again, err := retryMail(ctx, tx, v, waits[min(m.Attempts, len(waits))-1])
			if err != nil || again {
				return err
			}
			v.Reason = "gave_up"
			fallthrough
		case campaigns.Refused:
			return s.refuse(ctx, tx, m, v)
		default:
			if err := answerMail(ctx, tx, v, MailUnknown, "silence"); err != nil {
				return err
			}
			return s.promise(ctx, tx, TellWriter{LetterID: m.LetterID})
		}
	})
}

func (s *Store) refuse(ctx context.Context, tx pgx.Tx, m LetterMail, v MailVerdict) error {
	if err := answerMail(ctx, tx, v, MailRefused, cmp.Or(v.Reason, "content")); err != nil {
		return err
	}
	if err := returnLetter(ctx, tx, m.LetterID); err != nil {
		return err
	}
	if v.Reason == "address" {
		if err := markChannel(ctx, tx, m.TargetID, "email", "refused", m.LetterID); err != nil {
			return err
		}
	}
	return s.promise(ctx, tx, TellWriter{LetterID: m.LetterID})
}

// lapse ends a letter that was never sent. Who had confirmed it is told.
func (s *Store) lapse(ctx context.Context, tx pgx.Tx, letterID int64, why string) error {
	if err := settleMail(ctx, tx, letterID, MailLapsed, why); err != nil {
		return err
	}
	return s.promise(ctx, tx, TellWriter{LetterID: letterID})
}

// LetterReturned takes down that a letter by mail came back to us after the relay had taken it: it counts no more, its channel is marked,
// and its writer is told of another. code is the status (RFC 3463) of the return; one that says "delayed" (4.…) changes nothing. Told twice of
// the same letter, or of one that has not left, it changes nothing. Errors: NotFound.
func (s *Store) LetterReturned(ctx context.Context, letterID int64, code string) error {
	if code != "" && code[0] != '5' {
		return nil
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		m, _, err := lockMail(ctx, tx, letterID)
		switch {
		case failure.Is(err, failure.NotFound): // its writer sent it, and somebody says that it came back
		case err != nil:
			return err
		case m.State == MailUnconfirmed || m.State == MailQueued: // nothing of it can have come back
			return nil
		}
		letter, err := lockLetter(ctx, tx, letterID)
		if err != nil || letter.State == Returned || letter.Channel != "email" {
			return err
		}
		if err := returnLetter(ctx, tx, letterID); err != nil {
			return err
		}
		if err := markChannel(ctx, tx, letter.TargetID, "email", "returned", letterID); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Event{Actor: audit.System(), Action: "letter.return", Subject: "letter", SubjectID: letterID, Before: letter.State, After: code}); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, untoldMailSQL, letterID)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return s.promise(ctx, tx, TellWriter{LetterID: letterID})
	})
}

// WriterAsked notes that a writer was asked by mail, or cannot be.
func (s *Store) WriterAsked(ctx context.Context, letterID int64) error {
	_, err := s.DB.Exec(ctx, askedMailSQL, letterID)
	return err
}

// WriterTold notes that a writer was told what became of their letter, or cannot be.
func (s *Store) WriterTold(ctx context.Context, letterID int64) error {
	_, err := s.DB.Exec(ctx, toldMailSQL, letterID)
	return err
}

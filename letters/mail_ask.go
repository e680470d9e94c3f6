package letters

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// Handed is a letter that its writer wants the house to mail.
type Handed struct {
	TargetID     int64
	Draft        Draft
	PageLanguage string // of the mails to its writer
}

// Unmailable says why the house does not mail a letter, by one of the words of the family "sending.why".
type Unmailable struct {
	Why string
	// Theirs says that it follows from what was done with the address before. It is for whoever reads the mail of that address: told to anybody who
	// types it, it would tell who has written.
	Theirs bool
}

func (u *Unmailable) Error() string {
	return "the letter cannot be mailed from here (" + u.Why + "); write by another way, or ask the campaign's office"
}

// Unwrap says that it is a conflict.
func (u *Unmailable) Unwrap() error { return failure.Clash("%s", u.Error()) }

// Why a letter is not mailed, beside the reasons of a lapsed one.
const (
	WhyHeld     = "held"        // the campaign is stopped for now
	WhySent     = "sent_before" // one of the same writer to this target has left, or is about to
	WhyReported = "reported"    // its writer has reported a letter by e-mail to it
	WhyTooMany  = "too_many"
	WhyChanged  = "changed" // since it was shown
	WhyNames    = "content" // it names what must stay out
	WhyOver     = "over"    // it was withdrawn, or has lapsed
)

// Ask takes a letter down to be mailed, and promises to ask its writer by mail whether it may leave. Asked again before the yes, the new words
// stand for the old; the mail is sent once a day at most, and leads to the words that stand. It returns the letter's id. Errors: Invalid by the field of
// the draft; NotFound for a link without a delivery; *Unmailable.
func (s *Store) Ask(ctx context.Context, w Writer, a Handed) (id int64, err error) {
	writer, err := s.writerOf(ctx, w, a)
	if err != nil {
		return 0, err
	}
	if a.Draft.Language == "" {
		a.Draft.Language = writer.Language
	}
	if err := a.check(); err != nil {
		return 0, err
	}
	address, err := members.ParseAddress(writer.Address)
	if err != nil {
		return 0, failure.Wrong("email", "is not an address that mail can be sent to")
	}
	index := members.Index(s.Ring, address)
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var campaignID int64
		if campaignID, err = campaignOf(ctx, tx, w); err != nil {
			return err
		}
		if err := lockWriter(ctx, tx, index); err != nil {
			return err
		}
		if err := mayAsk(ctx, tx, w, a.TargetID, campaignID); err != nil {
			return err
		}
		letter, err := s.beginMail(ctx, tx, w, a, campaignID, index)
		if err != nil {
			return err
		}
		id = letter.ID
		mailed, err := putMail(ctx, tx, s.sealed(id, writer, a), index, Fingerprint(a.Draft.Text))
		if err != nil {
			return err
		}
		if !mailed {
			if err := s.promise(ctx, tx, AskWriter{LetterID: id}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter_mail.ask", Subject: "letter", SubjectID: id})
	})
	return id, err
}

// check returns Invalid with what is wrong with the draft, beyond its address.
func (a Handed) check() error {
	d := a.Draft
	if err := d.Check(); err != nil {
		return err
	}
	var check failure.Check
	tag, err := language.Parse(d.Language)
	check.Need(err == nil && tag.String() == d.Language, "language", "is not a language tag such as en, fr or fa")
	check.Need(len(d.Subject) <= mostSubject, "subject", "is too long for a mail")
	return check.Err()
}

// writerOf is who writes: a member has the address that the house knows them by.
func (s *Store) writerOf(ctx context.Context, w Writer, a Handed) (MailWriter, error) {
	writer := MailWriter{Name: a.Draft.Name, Town: a.Draft.Town, Address: a.Draft.Email, Language: a.PageLanguage}
	if w.MemberID == 0 {
		return writer, nil
	}
	m, err := (&members.Store{DB: s.DB, Ring: s.Ring}).Get(ctx, w.MemberID)
	if failure.Is(err, failure.NotFound) {
		return writer, &Unmailable{Why: "writer_left"}
	}
	writer.Address = m.Address.Mailbox()
	return writer, err
}

// mayAsk says no where the letter could not leave.
func mayAsk(ctx context.Context, tx pgx.Tx, w Writer, target, campaignID int64) error {
	t, err := readTerms(ctx, tx, campaignID, target, w.MemberID, nil)
	if err != nil {
		return err
	}
	if why := t.bars(); why != "" {
		return &Unmailable{Why: why}
	}
	if t.CampaignState != campaigns.CampaignActive {
		return &Unmailable{Why: WhyHeld}
	}
	return nil
}

// beginMail returns the letter that the mail is of: the one that this writer has begun, else a new one.
func (s *Store) beginMail(ctx context.Context, tx pgx.Tx, w Writer, a Handed, campaignID int64, index []byte) (letter Letter, err error) {
	others, err := siblings(ctx, tx, index, campaignID, a.TargetID, w.MemberID)
	if err != nil {
		return letter, err
	}
	use, sent := among(others, w)
	if sent {
		return letter, &Unmailable{Why: WhySent, Theirs: true}
	}
	byAddress, bySource, err := countAsked(ctx, tx, w, use, index)
	switch {
	case err != nil:
		return letter, err
	case bySource >= mostFrom:
		return letter, &Unmailable{Why: WhyTooMany}
	case byAddress >= mostAsked:
		return letter, &Unmailable{Why: WhyTooMany, Theirs: true}
	case use != 0:
		letter, err = lockLetter(ctx, tx, use)
	default:
		letter, err = begin(ctx, tx, w, campaignID, a.TargetID, "email", a.Draft.Language)
	}
	switch {
	case err != nil:
		return letter, err
	case letter.State == Counted, letter.State == SetAside:
		return letter, &Unmailable{Why: WhyReported, Theirs: true}
	}
	return letter, reopen(ctx, tx, letter.ID, a.Draft.Language)
}

// sibling is a mail of the same writer to the same target in the same campaign.
type sibling struct {
	LetterID int64
	MemberID *int64
	State    string
}

// among says which of a writer's mails a new one stands for; sent, that one has left or is about to, so that no other may. What a visitor asks for
// never stands for what a member has: only whose yes comes first leaves.
func among(others []sibling, w Writer) (use int64, sent bool) {
	for _, o := range others {
		switch o.State {
		case MailQueued, MailSending, MailSent, MailUnknown:
			return 0, true
		case MailUnconfirmed:
			if o.MemberID == nil && w.MemberID == 0 || o.MemberID != nil && *o.MemberID == w.MemberID {
				use = o.LetterID
			}
		}
	}
	return use, false
}

// Confirm is the writer's yes to the words that version names: the letter takes its place in the line of its target. Said again it changes nothing.
// Errors: NotFound; *Unmailable.
func (s *Store) Confirm(ctx context.Context, letterID int64, version string) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		// In the order in which asking and claiming lock: the writer, the line, the writer's mails in theirs.
		index, member, campaign, target, err := writerOfMail(ctx, tx, letterID)
		if err == nil {
			err = lockWriter(ctx, tx, index)
		}
		if err == nil {
			err = lockLine(ctx, tx, letterID)
		}
		if err != nil {
			return err
		}
		others, err := siblings(ctx, tx, index, campaign, target, member)
		if err != nil {
			return err
		}
		m, t, err := lockMail(ctx, tx, letterID)
		if err != nil {
			return err
		}
		switch m.State {
		case MailQueued, MailSending, MailSent:
			return nil
		case MailUnconfirmed:
		default:
			return &Unmailable{Why: WhyOver}
		}
		switch {
		case m.Version() != version:
			return &Unmailable{Why: WhyChanged}
		case m.LetterState == Withdrawn:
			return &Unmailable{Why: WhyOver}
		case m.LetterState == Counted, m.LetterState == SetAside:
			return &Unmailable{Why: WhyReported}
		}
		if why := t.bars(); why != "" {
			return &Unmailable{Why: why}
		}
		if err := s.open(&m); err != nil {
			return err
		}
		if names, err := s.names(ctx, tx, m); err != nil || names {
			return cmp.Or[error](err, &Unmailable{Why: WhyNames})
		}
		if _, sent := among(others, Writer{}); sent {
			return &Unmailable{Why: WhySent}
		}
		due, now, err := s.takePlace(ctx, tx, m.TargetID, t, 0)
		if err != nil {
			return err
		}
		if err := confirmMail(ctx, tx, letterID, due); err != nil {
			return err
		}
		if err := knowVisitor(ctx, tx, letterID, index); err != nil {
			return err
		}
		if now {
			if err := s.promise(ctx, tx, SendLetter{LetterID: letterID}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter_mail.confirm", Subject: "letter", SubjectID: letterID, After: version})
	})
}

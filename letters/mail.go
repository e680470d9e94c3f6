package letters

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// What has become of a letter that the house mails.
//
//	                 ┌────────── 4xx, or nothing was sent ──────────┐
//	                 ▼                                              │
//	unconfirmed ─▶ queued ─▶ sending ─┬─ 250 ─▶ sent                │
//	     │           │          │     ├─ 5xx, or tried too long ─▶ refused
//	     │           │          └─────┴─ silence, or the process died ─▶ unknown
//	     ├───────────┴─ its writer ─▶ withdrawn
//	     └───────────┴─ closed, too late, no address, never confirmed … ─▶ lapsed
//
// Nothing leads out of sent and unknown, but that the process which was taken for dead knows better: an office never gets a letter twice. From
// unconfirmed, withdrawn, lapsed and refused its writer may ask anew.
const (
	MailUnconfirmed = "unconfirmed"
	MailQueued      = "queued"
	MailSending     = "sending"
	MailSent        = "sent"
	MailRefused     = "refused"
	MailUnknown     = "unknown"
	MailWithdrawn   = "withdrawn"
	MailLapsed      = "lapsed"
)

// How long things stand, and how much one may ask for.
const (
	DefaultPace = time.Minute
	YesWithin   = 7 * 24 * time.Hour  // after which a letter that nobody confirmed lapses
	mailKept    = 28 * 24 * time.Hour // after it was settled, writer and text are erased (R20)
	mostAsked   = 5                   // letters a day for one address
	mostFrom    = 50                  // letters a day of visitors from one source
	mostSubject = 400                 // bytes
)

// LetterMail is the ledger row of a letter that the house mails for its writer. It leaves once its writer has said yes by mail.
type LetterMail struct {
	LetterID     int64
	CampaignID   int64
	TargetID     int64
	AppealID     *int64 // that a member answers; nil for a visitor, as the next
	MemberID     *int64
	LetterState  string // of the letter it is about: Made until it is sent
	LetterGrade  string
	Language     *string
	State        string
	Reason       *string
	AskedAt      time.Time
	AskedMailed  bool // its writer was asked by mail
	ConfirmedAt  *time.Time
	DueAt        *time.Time
	Due          bool // its time has come
	Attempts     int
	Claim        int64 // the number of its claim; no other ever has the same
	SettledAt    *time.Time
	ToldAt       *time.Time
	WriterSealed []byte
	TextSealed   []byte
	Suppressed   bool // nothing is mailed to its writer
	LineStopped  bool // nothing is mailed to its target for now

	Writer  MailWriter `db:"-"` // as the next two: empty once they are erased
	Subject string     `db:"-"`
	Text    string     `db:"-"`
}

// MailWriter is who wrote a letter by mail.
type MailWriter struct {
	Name     string `json:"name"`
	Town     string `json:"town"`
	Address  string `json:"address"`
	Language string `json:"language"` // of the mails to them
}

// mailText is what stands in a letter by mail.
type mailText struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Became is what has become of the letter, as its writer is told: its state by mail, or Returned where it came back after it was sent.
func (m LetterMail) Became() string {
	if m.LetterState == Returned && (m.State == MailSent || m.State == MailUnknown) {
		return Returned
	}
	return m.State
}

// sentByWriter reports whether a copy says that the writer has sent the letter themselves while it waited here.
func (m LetterMail) sentByWriter() bool {
	return m.LetterState == Counted && m.LetterGrade == Confirmed
}

// OtherChannels are the ways, beside e-mail, by which a letter can reach a target; a public post is none.
func OtherChannels(t campaigns.Target) []string {
	var list []string
	for _, way := range []struct{ channel, where string }{{"post", t.PostalAddress}, {"fax", t.Fax}, {"phone", t.Phone}, {"web_form", t.FormURL}} {
		if way.where != "" {
			list = append(list, way.channel)
		}
	}
	return list
}

// Version names the words of the letter as they stand: what its writer saw, and says yes to.
func (m LetterMail) Version() string {
	sum := sha256.Sum256(m.TextSealed)
	return hex.EncodeToString(sum[:8])
}

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

// terms are what a letter by mail must meet, when it is asked for, when it is confirmed, and when it leaves.
type terms struct {
	CampaignState    string
	Ahead            bool // the deadline is
	AfterDeadline    string
	DeadlineAt       time.Time
	OfCampaign       bool // the target still is one of the campaign's, and agreed to
	TakesMassLetters bool
	Address          string // of the target
	LineStopped      bool
	WriterGone       bool
}

// bars returns why the letter cannot leave, now or later; "" where it can. It is the reason that it lapses for.
func (t terms) bars() string {
	switch {
	case t.CampaignState == campaigns.CampaignClosed:
		return "closed"
	case !t.Ahead && t.AfterDeadline != "open": // R13
		return "too_late"
	case !t.OfCampaign || !t.TakesMassLetters:
		return "target_stopped"
	case t.Address == "":
		return "no_address"
	case t.WriterGone:
		return "writer_left"
	}
	return ""
}

// held reports whether the letter waits for somebody to let it go on.
func (t terms) held() bool { return t.CampaignState != campaigns.CampaignActive || t.LineStopped }

// until is when the last letter must have left; nil where there is no such time.
func (t terms) until() *time.Time {
	if t.AfterDeadline == "open" {
		return nil
	}
	return &t.DeadlineAt
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

// WithdrawMail takes a letter back that has not left. Errors: NotFound; *Unmailable where it has, or is leaving.
func (s *Store) WithdrawMail(ctx context.Context, letterID int64) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		m, _, err := lockMail(ctx, tx, letterID)
		if err != nil {
			return err
		}
		switch m.State {
		case MailWithdrawn:
			return nil
		case MailUnconfirmed, MailQueued:
		case MailSending, MailSent, MailUnknown:
			return &Unmailable{Why: WhySent}
		default:
			return &Unmailable{Why: WhyOver}
		}
		if err := settleMail(ctx, tx, letterID, MailWithdrawn, ""); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter_mail.withdraw", Subject: "letter", SubjectID: letterID})
	})
}

// Mail returns a letter by mail, with its words as long as they are kept. Errors: NotFound.
func (s *Store) Mail(ctx context.Context, letterID int64) (LetterMail, error) {
	rows, err := s.DB.Query(ctx, mailSQL, letterID)
	m, err := one[LetterMail](rows, err, letterID)
	if err != nil || m.TextSealed == nil {
		return m, err
	}
	return m, s.open(&m)
}

func (s *Store) open(m *LetterMail) error {
	var text mailText
	for _, part := range []struct {
		place  string
		sealed []byte
		into   any
	}{{writerPlace(m.LetterID), m.WriterSealed, &m.Writer}, {textPlace(m.LetterID), m.TextSealed, &text}} {
		plain, err := s.Ring.Open(part.place, part.sealed)
		if err == nil {
			err = json.Unmarshal(plain, part.into)
		}
		if err != nil {
			return fmt.Errorf("the words of letter %d: %w", m.LetterID, err)
		}
	}
	m.Subject, m.Text = text.Subject, text.Text
	return nil
}

// sealedMail is what is kept of a letter by mail, bound to its row.
type sealedMail struct {
	id           int64
	writer, text []byte
}

func (s *Store) sealed(id int64, w MailWriter, a Handed) sealedMail {
	writer, _ := json.Marshal(w) // texts alone
	text, _ := json.Marshal(mailText{Subject: a.Draft.Subject, Text: a.Draft.Text})
	return sealedMail{id: id, writer: s.Ring.Seal(writerPlace(id), writer), text: s.Ring.Seal(textPlace(id), text)}
}

// signersOf are the names and addresses of whoever signed those of some letters that we mailed, while they are kept.
func (s *Store) signersOf(ctx context.Context, tx pgx.Tx, letterIDs []int64) ([]string, error) {
	rows, err := tx.Query(ctx, signersSQL, letterIDs)
	if err != nil {
		return nil, err
	}
	var names []string
	for rows.Next() {
		var id int64
		var sealed []byte
		if err := rows.Scan(&id, &sealed); err != nil {
			return nil, err
		}
		var w MailWriter
		plain, err := s.Ring.Open(writerPlace(id), sealed)
		if err == nil {
			err = json.Unmarshal(plain, &w)
		}
		if err != nil {
			rows.Close()
			return nil, fmt.Errorf("the writer of letter %d: %w", id, err)
		}
		names = append(names, w.Name, w.Address)
	}
	return names, rows.Err()
}

func writerPlace(id int64) string { return fmt.Sprintf("letter_mails.writer/%d", id) }
func textPlace(id int64) string   { return fmt.Sprintf("letter_mails.text/%d", id) }

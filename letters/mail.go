package letters

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
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

func textPlace(id int64) string { return fmt.Sprintf("letter_mails.text/%d", id) }

package letters

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// The most that is kept of an answer, in characters.
const (
	mostReplySubject = 1_000
	mostReplyText    = 100_000
)

// Mail is an answer on its way in.
type Mail struct {
	Key       string // what tells this mail from every other, whoever brings it and how often
	From      string // as it is written: an address, or the name of an office
	Office    string // the address of the office, where it may be another than From: within a mail that was passed on
	Subject   string
	Text      string
	Automatic bool // a machine sent it
	Guess     string
	Files     []File
}

// TakeAnswer takes in what came to the address of a letter: the answer of an office. The same mail twice is one reply; sent to the addresses of
// several letters, it is one answer to all of them. Errors: NotFound where there is no such letter to that target.
func (s *Store) TakeAnswer(ctx context.Context, letterID, targetID int64, m Mail) (id int64, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var campaignID int64
		err := tx.QueryRow(ctx, campaignOfLetterSQL, letterID, targetID).Scan(&campaignID)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("letter", letterID)
		}
		if err != nil {
			return err
		}
		quoted, err := quotedIn(ctx, tx, m.Text, 0, targetID)
		if err != nil {
			return err
		}
		var added bool
		row := newReply{came: CameByMail, campaign: campaignID, target: targetID, answered: true, about: append(quoted, letterID)}
		if id, added, err = s.insertReply(ctx, tx, m, row); err != nil {
			return err
		}
		if err := link(ctx, tx, id, []int64{letterID}, "address"); err != nil {
			return err
		}
		if err := link(ctx, tx, id, quoted, "code"); err != nil || !added {
			return err
		}
		return recordTaken(ctx, tx, id, CameByMail)
	})
	return id, err
}

// TakeFromMember takes in what came from a member in answer to an alert: came is CameByForward or CameByAlert. What it may be an answer to is
// suggested. Errors: NotFound where the alert never went to them.
func (s *Store) TakeFromMember(ctx context.Context, w Writer, came string, m Mail) (id int64, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		quoted, err := quotedIn(ctx, tx, m.Text, w.MemberID, 0)
		if err != nil {
			return err
		}
		suggested, err := suggest(ctx, tx, w.MemberID, b.CampaignID, m)
		if err != nil {
			return err
		}
		if came == CameByAlert {
			suggested = nil // it is the member who speaks, not an office
		}
		var added bool
		row := newReply{came: came, campaign: b.CampaignID, member: w.MemberID, about: append(quoted, suggested...)}
		if id, added, err = s.insertReply(ctx, tx, m, row); err != nil || !added {
			return err
		}
		if err := link(ctx, tx, id, quoted, "code"); err != nil {
			return err
		}
		if err := link(ctx, tx, id, suggested, "guess"); err != nil {
			return err
		}
		return recordTaken(ctx, tx, id, came)
	})
	return id, err
}

func recordTaken(ctx context.Context, tx pgx.Tx, id int64, came string) error {
	return audit.Record(ctx, tx, audit.Event{Actor: audit.System(), Action: "reply.take", Subject: "reply", SubjectID: id, After: came})
}

// Scan is an answer that somebody at the desk takes in: from paper, from a telephone call, from a mailbox of the organisation.
type Scan struct {
	Key        string // the same for the same form sent twice; "" where every call is another
	CampaignID int64  // 0 where it is not known yet
	TargetID   int64  // 0 where it is not known yet
	AnsweredOn campaigns.Day
	From       string
	Subject    string
	Text       string // as it was typed
	Files      []File
}

// AddScan takes an answer in. Letters whose printed code the text quotes are linked; others are suggested. Errors: Invalid.
func (s *Store) AddScan(ctx context.Context, by audit.Actor, n Scan) (id int64, err error) {
	var check failure.Check
	check.Need(strings.TrimSpace(n.Text) != "" || len(n.Files) > 0, "text", "is missing, and so is a file: give one of them")
	check.Need(utf8.RuneCountInString(n.Text) <= mostReplyText, "text", "is longer than %d characters; give it as a file", mostReplyText)
	check.Need(utf8.RuneCountInString(n.Subject) <= mostReplySubject, "subject", "is too long")
	check.Need(utf8.RuneCountInString(n.From) <= mostReplySubject, "from", "is too long")
	if err := check.Err(); err != nil {
		return 0, err
	}
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var target, campaign, past bool
		if err := tx.QueryRow(ctx, scanCheckSQL, n.TargetID, n.CampaignID, dayOrNull(n.AnsweredOn)).Scan(&target, &campaign, &past); err != nil {
			return err
		}
		check.Need(target, "target", "is not known")
		check.Need(campaign, "campaign", "is not known, or was never launched")
		check.Need(past, "answered_on", "lies in the future")
		if err := check.Err(); err != nil {
			return err
		}
		m := Mail{From: n.From, Subject: n.Subject, Text: n.Text, Guess: GuessKind(n.Subject, n.Text), Files: n.Files}
		quoted, err := quotedIn(ctx, tx, n.Text, 0, 0)
		if err != nil {
			return err
		}
		if n.Key != "" {
			m.Key = "form " + n.Key
		}
		row := newReply{came: CameByScan, campaign: n.CampaignID, target: n.TargetID, day: n.AnsweredOn, by: by, about: quoted}
		var added bool
		if id, added, err = s.insertReply(ctx, tx, m, row); err != nil || !added {
			return err
		}
		if err := link(ctx, tx, id, quoted, "code"); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "reply.add", Subject: "reply", SubjectID: id, After: n.CampaignID})
	})
	return id, err
}

// newReply is what is known of a reply beside what it says.
type newReply struct {
	came                     string
	campaign, target, member int64
	day                      campaigns.Day // zero where it is not known
	answered                 bool          // it came today
	by                       audit.Actor
	about                    []int64 // letters whose writers it may name
}

// insertReply writes a mail down, sealed. added is false where it had come before.
func (s *Store) insertReply(ctx context.Context, tx pgx.Tx, m Mail, n newReply) (id int64, added bool, err error) {
	var hash []byte
	if m.Key != "" {
		hash = s.Ring.Index("replies.mail", m.Key)
		// In one order: the same mail by two doors at once.
		if _, err := tx.Exec(ctx, lockIncomingSQL, hash); err != nil {
			return 0, false, err
		}
		err := tx.QueryRow(ctx, replyByMailSQL, hash).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return id, false, err
		}
	}
	if err := tx.QueryRow(ctx, takeReplyIDSQL).Scan(&id); err != nil {
		return 0, false, err
	}
	names, err := s.writersOf(ctx, tx, n.about, n.member)
	if err != nil {
		return 0, false, err
	}
	shown, err := s.sealShown(id, Words{Subject: Redact(m.Subject, names), Text: Redact(m.Text, names)})
	if err != nil {
		return 0, false, err
	}
	seal := func(column, text string) []byte { return s.Ring.Seal(replyPlace(column, id), []byte(text)) }
	_, err = tx.Exec(ctx, insertReplySQL, id, n.came, n.answered, dayOrNull(n.day), n.campaign, n.target, n.member, m.Guess, m.Automatic,
		seal("from", m.From), seal("subject", m.Subject), seal("text", m.Text), shown, hash, n.by.AccountID())
	if err != nil {
		return 0, false, err
	}
	return id, true, s.insertFiles(ctx, tx, id, m.Files)
}

// writersOf are the names and addresses that an answer to letters may hold: of the members who wrote them, of whoever signed what we mailed, and of who
// passed the answer on.
func (s *Store) writersOf(ctx context.Context, tx pgx.Tx, letterIDs []int64, memberID int64) ([]string, error) {
	rows, err := tx.Query(ctx, writersOfSQL, letterIDs)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	if memberID != 0 {
		ids = append(ids, memberID)
	}
	known, err := (&members.Store{DB: tx, Ring: s.Ring}).Some(ctx, ids)
	if err != nil {
		return nil, err
	}
	names, err := s.signersOf(ctx, tx, letterIDs)
	for _, m := range known {
		names = append(names, m.Name, m.Address.Mailbox())
	}
	return names, err
}

// mostSuggested is how many letters one answer is suggested for; more are linked by campaign and office.
const mostSuggested = 50

// suggest finds the letters that a mail of a member may be an answer to: their own, in the campaign that the text names, else in that of the alert; of
// those to an office with the domain of who answered, where there are any.
func suggest(ctx context.Context, tx pgx.Tx, memberID, campaignID int64, m Mail) ([]int64, error) {
	named, err := campaignNamed(ctx, tx, m.Subject+"\n"+m.Text)
	if err != nil {
		return nil, err
	}
	if named != 0 {
		campaignID = named
	}
	rows, err := tx.Query(ctx, suggestSQL, memberID, campaignID, domainOf(m.Office), mostSuggested)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// numberText is a campaign's number as it is printed, in any language of the house.
var numberText = regexp.MustCompile(`\b([A-Z]{1,6})[ \x{a0}]?(\d{1,4})/(\d{2}|\d{4})\b`)

// campaignNamed returns the campaign whose number a text holds; 0 where it holds none, or several.
func campaignNamed(ctx context.Context, tx pgx.Tx, text string) (int64, error) {
	found := map[int64]bool{}
	for _, m := range numberText.FindAllStringSubmatch(text, 20) {
		number, _ := strconv.Atoi(m[2]) // digits, as the expression has it
		year, _ := strconv.Atoi(m[3])
		series := m[1]
		if series == "AU" { // the same in French and Spanish
			series = "UA"
		}
		rows, err := tx.Query(ctx, campaignByNumberSQL, []string{series, m[1]}, number, year%100)
		if err != nil {
			return 0, err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	if len(found) != 1 {
		return 0, nil
	}
	for id := range found {
		return id, nil
	}
	return 0, nil
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// link links letters to a reply; what was linked or decided before stays as it is.
func link(ctx context.Context, tx pgx.Tx, replyID int64, letterIDs []int64, how string) error {
	state := "linked"
	if how == "guess" {
		state = "suggested"
	}
	_, err := tx.Exec(ctx, linkSQL, replyID, letterIDs, how, state)
	return err
}

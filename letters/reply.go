package letters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// What has become of a reply.
const (
	ReplyUnread  = "unread"
	ReplyRead    = "read"
	ReplySettled = "settled"
	NotAnAnswer  = "not_an_answer"
)

// ReplyStates lists the states, those that wait for somebody first.
var ReplyStates = []string{ReplyUnread, ReplyRead, ReplySettled, NotAnAnswer}

// How a reply came.
const (
	CameByMail    = "mail"    // an office answered a letter
	CameByForward = "forward" // a member passed an answer on
	CameByScan    = "scan"    // somebody at the desk took it in, from paper
	CameByAlert   = "alert"   // a member answered an alert, and nobody but a person can read it
)

// Reply is one answer, as it stands in a list. It holds nothing that is sealed.
type Reply struct {
	ID          int64          `json:"id"`
	Came        string         `json:"came"`
	ReceivedAt  time.Time      `json:"received_at"`
	AnsweredOn  *campaigns.Day `json:"answered_on"`
	CampaignID  *int64         `json:"campaign_id"`
	TargetID    *int64         `json:"target_id"`
	MemberID    *int64         `json:"member_id"` // who passed it on
	State       string         `json:"state"`
	Kind        *string        `json:"kind"`
	KindGuessed *string        `json:"kind_guessed"`
	Automatic   bool           `json:"automatic"`
	SettledAt   *time.Time     `json:"settled_at"`
	Letters     int            `json:"letters"`   // that it is an answer to
	Suggested   int            `json:"suggested"` // that it may be one to
	Files       int            `json:"files"`
	Shown       Words          `json:"shown"`
}

// Words are what an answer says: as it came, or as others may see it.
type Words struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// ReplyFilter says which replies are wanted; a zero field filters nothing.
type ReplyFilter struct {
	State      string
	Kind       string
	TargetID   int64
	CampaignID int64
}

// replyRow is a reply as stored.
type replyRow struct {
	ID          int64
	Came        string
	ReceivedAt  time.Time
	AnsweredOn  *campaigns.Day
	CampaignID  *int64
	TargetID    *int64
	MemberID    *int64
	State       string
	Kind        *string
	KindGuessed *string
	Automatic   bool
	SettledAt   *time.Time
	ShownSealed []byte
	Letters     int
	Suggested   int
	Files       int
}

func replyPlace(column string, id int64) string {
	return "replies." + column + "/" + strconv.FormatInt(id, 10)
}

func (s *Store) openReply(row replyRow) (Reply, error) {
	r := Reply{ID: row.ID, Came: row.Came, ReceivedAt: row.ReceivedAt, AnsweredOn: row.AnsweredOn, CampaignID: row.CampaignID, TargetID: row.TargetID,
		MemberID: row.MemberID, State: row.State, Kind: row.Kind, KindGuessed: row.KindGuessed, Automatic: row.Automatic, SettledAt: row.SettledAt,
		Letters: row.Letters, Suggested: row.Suggested, Files: row.Files}
	var err error
	r.Shown, err = s.openShown(row.ID, row.ShownSealed)
	return r, err
}

// openShown is what others may see of a reply; empty where nothing is kept.
func (s *Store) openShown(id int64, sealed []byte) (shown Words, err error) {
	if sealed == nil {
		return shown, nil
	}
	text, err := s.Ring.Open(replyPlace("shown", id), sealed)
	if err == nil {
		err = json.Unmarshal(text, &shown)
	}
	if err != nil {
		return shown, fmt.Errorf("reply %d: %w", id, err)
	}
	return shown, nil
}

func (s *Store) sealShown(id int64, w Words) ([]byte, error) {
	text, err := json.Marshal(w)
	return s.Ring.Seal(replyPlace("shown", id), text), err
}

// Replies lists replies, the newest first.
func (s *Store) Replies(ctx context.Context, f ReplyFilter, p campaigns.Page) ([]Reply, error) {
	limit := p.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	rows, err := s.DB.Query(ctx, repliesSQL, f.State, f.Kind, f.TargetID, f.CampaignID, p.After, limit)
	found, err := all[replyRow](rows, err)
	if err != nil {
		return nil, err
	}
	list := make([]Reply, len(found))
	for i, row := range found {
		if list[i], err = s.openReply(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// CountReplies returns how many replies there are in each state, of a filter whose own state is not looked at.
func (s *Store) CountReplies(ctx context.Context, f ReplyFilter) (map[string]int64, error) {
	rows, err := s.DB.Query(ctx, countRepliesSQL, f.Kind, f.TargetID, f.CampaignID)
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	var state string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error { counts[state] = n; return nil })
	return counts, err
}

// Reply returns one reply, as others may see it. Errors: NotFound.
func (s *Store) Reply(ctx context.Context, id int64) (Reply, error) {
	rows, err := s.DB.Query(ctx, replySQL, id)
	if err != nil {
		return Reply{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[replyRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Reply{}, failure.Missing("reply", id)
	}
	if err != nil {
		return Reply{}, err
	}
	return s.openReply(row)
}

// WholeReply is an answer as it came, with the addresses in it.
type WholeReply struct {
	From string
	Words
}

// OpenReply returns an answer as it came, and writes down who looked at it; nobody needs to read it again as new. Errors: NotFound.
func (s *Store) OpenReply(ctx context.Context, by audit.Actor, id int64) (w WholeReply, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var from, subject, text []byte
		err := tx.QueryRow(ctx, openReplySQL, id).Scan(&from, &subject, &text)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("reply", id)
		}
		if err != nil {
			return err
		}
		for _, field := range []struct {
			column string
			sealed []byte
			to     *string
		}{{"from", from, &w.From}, {"subject", subject, &w.Subject}, {"text", text, &w.Text}} {
			if field.sealed == nil {
				continue
			}
			plain, err := s.Ring.Open(replyPlace(field.column, id), field.sealed)
			if err != nil {
				return fmt.Errorf("reply %d: %w", id, err)
			}
			*field.to = string(plain)
		}
		if _, err := tx.Exec(ctx, readReplySQL, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "reply.open", Subject: "reply", SubjectID: id})
	})
	return w, err
}

// change locks a reply, lets do change it, and writes down who did. Errors: NotFound.
func (s *Store) change(ctx context.Context, by audit.Actor, id int64, action string, after any, do func(pgx.Tx, replyRow) error) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockReplySQL, id); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, replySQL, id)
		if err != nil {
			return err
		}
		before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[replyRow])
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("reply", id)
		}
		if err != nil {
			return err
		}
		if err := do(tx, before); err != nil {
			return err
		}
		before.ShownSealed = nil // its hash would tell nothing
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "reply", SubjectID: id, Before: before, After: after})
	})
}

// Settlement is what somebody read an answer to be.
type Settlement struct {
	Kind       string
	TargetID   int64
	CampaignID int64 // 0 where it is about none, or about several
	AnsweredOn campaigns.Day
}

// SettleReply says what an answer is, and that nobody needs to look at it again. It can be said anew. The first time, those whose letters we mailed
// are told that it came. Errors: Invalid; NotFound.
func (s *Store) SettleReply(ctx context.Context, by audit.Actor, id int64, d Settlement) error {
	var check failure.Check
	check.Need(slices.Contains(ReplyKinds, d.Kind), "kind", "is missing: say what kind of answer it is")
	check.Need(d.TargetID != 0, "target", "is missing: say which office answered")
	check.Need(!d.AnsweredOn.IsZero(), "answered_on", "is missing: want the day of the answer, such as 2026-12-05")
	if err := check.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, id, "reply.settle", d, func(tx pgx.Tx, before replyRow) error {
		var future, known bool
		if err := tx.QueryRow(ctx, settleCheckSQL, d.AnsweredOn, d.TargetID, d.CampaignID).Scan(&future, &known); err != nil {
			return err
		}
		check.Need(!future, "answered_on", "lies in the future")
		check.Need(known, "target", "is not known, or the campaign does not write to it")
		if err := check.Err(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, settleReplySQL, id, d.Kind, d.TargetID, d.CampaignID, d.AnsweredOn, by.AccountID()); err != nil {
			return err
		}
		told := before.SettledAt != nil && (before.Kind == nil || *before.Kind != "returned") // also where it was opened again since
		if told || d.Kind == "returned" {
			return nil
		}
		return s.promiseAnswers(ctx, tx, id)
	})
}

// SetReplyState says that a reply was read, is no answer at all, or is to be read again. Errors: Invalid for another state; NotFound.
func (s *Store) SetReplyState(ctx context.Context, by audit.Actor, id int64, state string) error {
	if state != ReplyRead && state != ReplyUnread && state != NotAnAnswer {
		return failure.Wrong("state", "must be %s, %s or %s", ReplyUnread, ReplyRead, NotAnAnswer)
	}
	return s.change(ctx, by, id, "reply.state", state, func(tx pgx.Tx, _ replyRow) error {
		_, err := tx.Exec(ctx, setReplyStateSQL, id, state)
		return err
	})
}

// EditShown puts right what others see of an answer. Errors: Invalid; NotFound.
func (s *Store) EditShown(ctx context.Context, by audit.Actor, id int64, shown Words) error {
	var check failure.Check
	check.Need(len(shown.Subject) <= 4*mostReplySubject, "subject", "is too long")
	check.Need(len(shown.Text) <= 4*mostReplyText, "text", "is too long")
	if err := check.Err(); err != nil {
		return err
	}
	sealed, err := s.sealShown(id, shown)
	if err != nil {
		return err
	}
	return s.change(ctx, by, id, "reply.redact", shown, func(tx pgx.Tx, _ replyRow) error {
		_, err := tx.Exec(ctx, setShownSQL, id, sealed)
		return err
	})
}

// Note is what somebody at the desk told the others about a reply.
type Note struct {
	AccountID int64     `json:"account_id"`
	WrittenAt time.Time `json:"written_at"`
	Words     string    `json:"words"`
}

// AddNote adds a note. Errors: Invalid; NotFound.
func (s *Store) AddNote(ctx context.Context, by audit.Actor, id int64, words string) error {
	if words == "" || len(words) > 4*mostText {
		return failure.Wrong("words", "are missing, or longer than %d characters", mostText)
	}
	return s.change(ctx, by, id, "reply.note", words, func(tx pgx.Tx, _ replyRow) error {
		var note int64
		if err := tx.QueryRow(ctx, takeNoteIDSQL).Scan(&note); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, addNoteSQL, note, id, by.AccountID(), s.Ring.Seal(notePlace(note), []byte(words)))
		return err
	})
}

func notePlace(id int64) string { return "reply_notes.words/" + strconv.FormatInt(id, 10) }

// Notes lists the notes about a reply, the oldest first.
func (s *Store) Notes(ctx context.Context, id int64) ([]Note, error) {
	rows, err := s.DB.Query(ctx, notesSQL, id)
	if err != nil {
		return nil, err
	}
	var list []Note
	var note int64
	var one Note
	var sealed []byte
	_, err = pgx.ForEachRow(rows, []any{&note, &one.AccountID, &one.WrittenAt, &sealed}, func() error {
		words, err := s.Ring.Open(notePlace(note), sealed)
		one.Words = string(words)
		list = append(list, one)
		return err
	})
	return list, err
}

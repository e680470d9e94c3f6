package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/members"
)

// Answered is an answer as the writer of a letter sees it, once a person has read it.
type Answered struct {
	On campaigns.Day
	Words
}

// AnswersTo lists the answers to a letter that a person has read, in the form that others may see.
func (s *Store) AnswersTo(ctx context.Context, letterID int64) ([]Answered, error) {
	rows, err := s.DB.Query(ctx, answersToSQL, letterID)
	if err != nil {
		return nil, err
	}
	type row struct {
		ID          int64
		AnsweredOn  campaigns.Day
		ShownSealed []byte
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	var list []Answered
	for _, r := range found {
		shown, err := s.openShown(r.ID, r.ShownSealed)
		if err != nil {
			return nil, err
		}
		list = append(list, Answered{On: r.AnsweredOn, Words: shown})
	}
	return list, err
}

// promiseAnswers promises to tell everybody whose letter we mailed that it was answered.
func (s *Store) promiseAnswers(ctx context.Context, tx pgx.Tx, replyID int64) error {
	rows, err := tx.Query(ctx, mailedAnsweredSQL, replyID)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.promise(ctx, tx, TellAnswer{ReplyID: replyID, LetterID: id}); err != nil {
			return err
		}
	}
	return nil
}

// WriterNow is whom to tell about a letter that they wanted mailed: a member at the address they have now, a visitor at the one they wrote from, while
// that is kept. ok is false where nobody may be mailed: they have left since their yes, or want no mail, or are not known any more.
func (s *Store) WriterNow(ctx context.Context, m LetterMail) (w MailWriter, ok bool, err error) {
	if m.Suppressed {
		return w, false, nil
	}
	if m.MemberID == nil {
		return m.Writer, m.Writer.Address != "", nil
	}
	known, err := (&members.Store{DB: s.DB, Ring: s.Ring}).Get(ctx, *m.MemberID)
	if failure.Is(err, failure.NotFound) {
		return w, false, nil
	}
	if err != nil {
		return w, false, err
	}
	t, err := readTerms(ctx, s.DB, m.CampaignID, m.TargetID, *m.MemberID, m.ConfirmedAt)
	w = MailWriter{Name: known.Name, Address: known.Address.Mailbox(), Language: known.Language}
	return w, err == nil && known.State != members.Suppressed && !t.WriterGone, err
}

package letters

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// ReplyLink is a letter that a reply is, or may be, an answer to.
type ReplyLink struct {
	LetterID   int64         `json:"letter_id"`
	CampaignID int64         `json:"campaign_id"`
	TargetID   int64         `json:"target_id"`
	Channel    string        `json:"channel"`
	Grade      string        `json:"grade"`
	WrittenOn  campaigns.Day `json:"written_on"`
	How        string        `json:"how"`   // address, code, guess, person
	State      string        `json:"state"` // suggested, linked, rejected
	DecidedAt  *time.Time    `json:"decided_at"`
}

// ReplyLinks lists the letters of a reply: those linked, then those suggested, then those that somebody said no to; at most 200.
func (s *Store) ReplyLinks(ctx context.Context, replyID int64) ([]ReplyLink, error) {
	rows, err := s.DB.Query(ctx, replyLinksSQL, replyID)
	return all[ReplyLink](rows, err)
}

// Link links a letter to a reply by a person's word: one suggested, or any other. The names of its writer leave what others see of the reply. Errors:
// NotFound.
func (s *Store) Link(ctx context.Context, by audit.Actor, replyID, letterID int64) error {
	return s.change(ctx, by, replyID, "reply.link", letterID, func(tx pgx.Tx, before replyRow) error {
		tag, err := tx.Exec(ctx, linkByPersonSQL, replyID, letterID, by.AccountID())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return failure.Missing("letter", letterID)
		}
		return s.redactMore(ctx, tx, before, []int64{letterID})
	})
}

// Unlink says that a reply is no answer to a letter: a suggestion is rejected, a link is undone. Errors: NotFound where they have nothing to do with
// each other.
func (s *Store) Unlink(ctx context.Context, by audit.Actor, replyID, letterID int64) error {
	return s.change(ctx, by, replyID, "reply.unlink", letterID, func(tx pgx.Tx, _ replyRow) error {
		tag, err := tx.Exec(ctx, unlinkSQL, replyID, letterID, by.AccountID())
		if err == nil && tag.RowsAffected() == 0 {
			return failure.Missing("letter", letterID)
		}
		return err
	})
}

// LinkAll links every letter of a campaign to a target that counts: one answer to all who wrote. n is how many were not linked before. What somebody
// said no to stays so. Errors: NotFound.
func (s *Store) LinkAll(ctx context.Context, by audit.Actor, replyID, campaignID, targetID int64) (n int64, err error) {
	err = s.change(ctx, by, replyID, "reply.link_all", [2]int64{campaignID, targetID}, func(tx pgx.Tx, before replyRow) error {
		rows, err := tx.Query(ctx, linkAllSQL, replyID, campaignID, targetID, by.AccountID())
		if err != nil {
			return err
		}
		linked, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		n = int64(len(linked))
		if len(linked) > mostNames {
			return nil // of so many writers no answer names one
		}
		return s.redactMore(ctx, tx, before, linked)
	})
	return n, err
}

// mostNames is for how many writers of letters linked at once the shown text is searched.
const mostNames = 200

// redactMore takes the writers of more letters out of what others see of a reply.
func (s *Store) redactMore(ctx context.Context, tx pgx.Tx, before replyRow, letterIDs []int64) error {
	reply, err := s.openReply(before)
	if err != nil {
		return err
	}
	names, err := s.writersOf(ctx, tx, letterIDs, 0)
	if err != nil || len(names) == 0 {
		return err
	}
	sealed, err := s.sealShown(reply.ID, Words{Subject: Redact(reply.Shown.Subject, names), Text: Redact(reply.Shown.Text, names)})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, setShownSQL, reply.ID, sealed)
	return err
}

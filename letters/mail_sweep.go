package letters

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// Swept tells what a sweep of the letters by mail has done.
type Swept struct {
	Unknown  int // whose sender had died
	Lapsed   int // that can leave no more
	Promised int // mails that no job looked after, or whose time has come
}

// Sweep puts right what dead processes left behind, ends what can leave no more, and promises what is due: from the
// ledger alone, the queue's own rows are not asked. Any number of processes may sweep at once. lease is what letters are claimed for.
func (s *Store) Sweep(ctx context.Context, lease time.Duration) (Swept, error) {
	var swept Swept
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		swept = Swept{}
		for _, step := range []struct {
			sql  string
			args []any
			n    *int
		}{
			{loseMailsSQL, []any{lease}, &swept.Unknown},
			{lapseMailsSQL, nil, &swept.Lapsed}, {unansweredSQL, []any{YesWithin}, &swept.Lapsed},
		} {
			tag, err := tx.Exec(ctx, step.sql, step.args...)
			if err != nil {
				return err
			}
			*step.n += int(tag.RowsAffected())
		}
		due, err := dueMails(ctx, tx)
		// In one order, whatever is due first: each promise holds its key until the end, and two sweeps must not wait for each other.
		slices.SortFunc(due, func(a, b dueMail) int { return cmp.Or(cmp.Compare(a.Job, b.Job), cmp.Compare(a.LetterID, b.LetterID)) })
		for _, d := range due {
			if err := s.promise(ctx, tx, d.job()); err != nil {
				return err
			}
		}
		swept.Promised = len(due)
		return err
	})
	return swept, err
}

// Erase erases writer and text of letters that were settled 28 days ago (R20), and the blind index of their writers 28 days after their campaign
// was closed: until then it tells a second letter of the same writer. It returns of how many letters writer and text were erased.
func (s *Store) Erase(ctx context.Context) (n int, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, eraseMailsSQL, mailKept)
		if err != nil {
			return err
		}
		n = int(tag.RowsAffected())
		_, err = tx.Exec(ctx, forgetWritersSQL, mailKept)
		return err
	})
	return n, err
}

// dueMail is a mail that somebody must look after.
type dueMail struct {
	LetterID int64
	Job      string
}

func (d dueMail) job() interface{ Kind() string } {
	switch d.Job {
	case "ask":
		return AskWriter{LetterID: d.LetterID}
	case "tell":
		return TellWriter{LetterID: d.LetterID}
	default:
		return SendLetter{LetterID: d.LetterID}
	}
}

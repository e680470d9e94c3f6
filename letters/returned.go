package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// LetterReturned says that a letter by e-mail came back, with the code of RFC 3463 that says why. It counts no longer, and the target's e-mail is
// marked for those who write. Told again, or of a letter that its writer took back, it changes nothing. Errors: NotFound.
func (s *Store) LetterReturned(ctx context.Context, letterID int64, code string) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var target int64
		var channel, state string
		err := tx.QueryRow(ctx, lockReturnedSQL, letterID).Scan(&target, &channel, &state)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("letter", letterID)
		}
		if err != nil || channel != "email" || state == Returned || state == Withdrawn {
			return err
		}
		if _, err := tx.Exec(ctx, returnSQL, letterID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, markReturnedSQL, target, letterID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.System(), Action: "letter.return", Subject: "letter", SubjectID: letterID, Before: state, After: code})
	})
}

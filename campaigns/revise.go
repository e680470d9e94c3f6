package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// Revise writes a draft anew as a whole: its texts, whom it goes to, and what becomes of an unknown; or changes nothing.
// A language that n does not have is dropped. n.Kind is not read: an appeal keeps its kind. Errors: Invalid with every
// wrong field, NotFound, Conflict once it is launched.
func (s *Store) Revise(ctx context.Context, by audit.Actor, appealID int64, n NewAppeal) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		a, c, err := lockAppeal(ctx, tx, appealID)
		if err != nil {
			return err
		}
		if err := mayChange(a); err != nil {
			return err
		}
		persons, err := personsOf(ctx, tx, c)
		if err != nil {
			return err
		}
		n.Kind = a.Kind
		if err := n.check(persons); err != nil {
			return err
		}
		if err := checkAudience(ctx, tx, c, n.Audience); err != nil {
			return err
		}
		if err := updateAudience(ctx, tx, appealID, n); err != nil {
			return err
		}
		if err := replaceTexts(ctx, tx, appealID, n.Texts); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.revise", Subject: "appeal", SubjectID: appealID, Before: a, After: n})
	})
}

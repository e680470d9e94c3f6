package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// ListAside lists what waits for a person's look, the newest first.
func (s *Store) ListAside(ctx context.Context, p campaigns.Page) ([]Letter, error) {
	limit := p.Limit
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	rows, err := s.DB.Query(ctx, listAsideSQL, p.After, limit)
	return all[Letter](rows, err)
}

// Review is a person's look at what was set aside: accepted, it counts; refused, it stays aside for good. Errors: NotFound; Conflict where it
// does not wait for a look any more.
func (s *Store) Review(ctx context.Context, by audit.Actor, letterID int64, accept bool) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lockLetterSQL, letterID)
		if err != nil {
			return err
		}
		before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("report", letterID)
		}
		if err != nil {
			return err
		}
		if before.State != SetAside || before.refused() {
			return failure.Clash("report %d does not wait for a look any more", letterID)
		}
		action := "letter.refuse"
		if accept {
			action = "letter.accept"
		}
		if _, err := tx.Exec(ctx, reviewSQL, letterID, accept, by.AccountID()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "letter", SubjectID: letterID, Before: before})
	})
}

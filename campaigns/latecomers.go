package campaigns

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// LateJoiners are who joined since a campaign's first launch, are in its audience, and got nothing of it yet.
type LateJoiners struct {
	AppealID int64 `json:"appeal_id"` // what they would get: the last that was launched; 0 where nothing may go to them now
	Members  int64 `json:"members"`
}

// LateJoiners counts them. Where nothing may go to them now, there are none. Errors: NotFound.
func (s *Store) LateJoiners(ctx context.Context, campaignID int64) (LateJoiners, error) {
	var late LateJoiners
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, campaignSQL, campaignID)
		c, err := one[Campaign](rows, err, "campaign", campaignID)
		if err != nil {
			return err
		}
		a, err := currentAppeal(ctx, tx, c)
		if err == nil {
			err = mayGoOn(ctx, tx, a, c)
		}
		if failure.Is(err, failure.Conflict) {
			return nil
		}
		if err != nil {
			return err
		}
		late.AppealID = a.ID
		late.Members, err = countLate(ctx, tx, c.ID)
		return err
	})
	return late, err
}

// LetIn sends the current appeal of a campaign to those who joined since its first launch: the last appeal that was launched, so that
// they get the sheet as it stands and not the history (R6). They are eligible from this moment on, each once in a campaign; pressed
// again it is for those who joined since. Where there is nobody, nothing is changed.
//
// Errors: NotFound; Conflict where the campaign is not active, its deadline has passed, or its last appeal asks for no letters, is
// stopped, or is still being filled.
func (s *Store) LetIn(ctx context.Context, by audit.Actor, campaignID int64) (Round, error) {
	id, err := s.currentAppealID(ctx, campaignID)
	if err != nil {
		return Round{}, err
	}
	return s.round(ctx, id, func(tx pgx.Tx, a Appeal, c Campaign) (int64, error) {
		// Under the campaign's lock: what was the last appeal before may not be any more.
		current, err := currentAppeal(ctx, tx, c)
		if err != nil {
			return 0, err
		}
		if current.ID != a.ID {
			return 0, failure.Clash("another appeal of campaign %s was launched in this moment; look at it, and press again", c.Reference())
		}
		if err := mayGoOn(ctx, tx, a, c); err != nil {
			return 0, err
		}
		roundID, err := insertRound(ctx, tx, by, id, []string{})
		if err != nil {
			return 0, err
		}
		batches, rows, err := letIn(ctx, tx, a, roundID)
		if err != nil {
			return 0, err
		}
		return rows, s.beginRound(ctx, tx, a, c, batches, audit.Event{Actor: by, Action: "appeal.let_in", After: rows})
	})
}

func (s *Store) currentAppealID(ctx context.Context, campaignID int64) (id int64, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, campaignSQL, campaignID)
		c, err := one[Campaign](rows, err, "campaign", campaignID)
		if err != nil {
			return err
		}
		a, err := currentAppeal(ctx, tx, c)
		id = a.ID
		return err
	})
	return id, err
}

// currentAppeal is the one that late joiners get, or why they get none.
func currentAppeal(ctx context.Context, tx pgx.Tx, c Campaign) (Appeal, error) {
	rows, err := tx.Query(ctx, lastLaunchedSQL, c.ID)
	if err != nil {
		return Appeal{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Appeal])
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return a, failure.Clash("nothing of campaign %s was launched yet; whoever joins before the launch gets it anyway", c.Reference())
	case err != nil:
		return a, err
	case !a.Asking:
		return a, failure.Clash("what was launched last of campaign %s asks for no letters; who joined since has nothing to be told", c.Reference())
	case a.State == AppealStopping || a.State == AppealStopped:
		return a, failure.Clash("appeal %d of campaign %s is %s; resume it first", a.ID, c.Reference(), a.State)
	case a.FilledAt == nil || a.Eligible == nil:
		return a, failure.Clash("appeal %d of campaign %s is still being filled; press again in a moment", a.ID, c.Reference())
	}
	return a, nil
}

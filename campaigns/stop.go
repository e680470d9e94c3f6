package campaigns

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// StopChannel is the channel that a stop is told on (LISTEN); the payload is the appeal's id. It only saves waiting for
// the next look: nothing depends on its being heard.
const StopChannel = "holdfast_stop"

// Stopping says how a stop stands. Mails already on a connection (InFlight) may still leave until State is stopped.
type Stopping struct {
	Appeal   Appeal
	InFlight int64
}

// Stop stops an appeal: one row is written, and nothing is claimed after. It is stopped once every window open at that
// moment is given back, at once where there is none. Stopping again answers how it stands. Errors: NotFound; Conflict
// where nothing is leaving.
func (s *Store) Stop(ctx context.Context, by audit.Actor, id int64) (Stopping, error) {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		a, _, err := lockAppeal(ctx, tx, id)
		if err != nil {
			return err
		}
		switch a.State {
		case AppealStopping, AppealStopped:
			return nil
		case AppealIssuing:
		default:
			return failure.Clash("appeal %d is %s; nothing is leaving that could be stopped", id, a.State)
		}
		if err := updateStopping(ctx, tx, id); err != nil {
			return err
		}
		if err := tellStop(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.stop", Subject: "appeal", SubjectID: id, Before: a})
	})
	if err != nil {
		return Stopping{}, err
	}
	if err := s.finishStops(ctx, []int64{id}); err != nil {
		return Stopping{}, err
	}
	return s.Stopping(ctx, id)
}

// Stopping says how a stop stands. Errors: NotFound.
func (s *Store) Stopping(ctx context.Context, id int64) (Stopping, error) {
	a, err := s.Appeal(ctx, id)
	if err != nil {
		return Stopping{}, err
	}
	state := Stopping{Appeal: a}
	err = s.DB.QueryRow(ctx, inFlightSQL, id).Scan(&state.InFlight)
	return state, err
}

// Resume lets a stopped appeal go on with those who are still waiting, and with them alone. Resuming what is issuing
// changes nothing. Errors: NotFound; Conflict while it is stopping, and where it cannot go on.
func (s *Store) Resume(ctx context.Context, by audit.Actor, id int64) (Appeal, error) {
	var after Appeal
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		a, c, err := lockAppeal(ctx, tx, id)
		if err != nil {
			return err
		}
		switch {
		case a.State == AppealIssuing || a.State == AppealComplete:
			after = a
			return nil
		case a.State == AppealStopping:
			return failure.Clash("appeal %d is still stopping; resume it when it is stopped", id)
		case a.State == AppealDraft:
			return failure.Clash("appeal %d was never launched", id)
		case a.Asking && c.State != CampaignActive:
			return failure.Clash("campaign %s is %s; an appeal that asks for letters cannot go on", c.Reference(), c.State)
		}
		var outdated bool
		if err := tx.QueryRow(ctx, outdatedSQL, id).Scan(&outdated); err != nil {
			return err
		}
		if outdated {
			return failure.Clash("an update or a correction has gone out since appeal %d was stopped; who is still waiting would get the old words", id)
		}
		if after, err = updateResumed(ctx, tx, id); err != nil {
			return err
		}
		if err := updateExpires(ctx, tx, id, TriedFor); err != nil {
			return err
		}
		batches, err := openBatches(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.promiseBatches(ctx, tx, batches, c.Urgent); err != nil {
			return err
		}
		if a.FilledAt == nil {
			if err := s.promiseFanOut(ctx, tx, id, c.Urgent); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.resume", Subject: "appeal", SubjectID: id, Before: a})
	})
	if err != nil {
		return Appeal{}, err
	}
	return after, s.completeIfClosed(ctx, id)
}

// StopCampaign stops a campaign: its public page asks for no more letters, and its appeals that ask for them are stopped with it.
// Stopping what is stopped changes nothing. Errors: NotFound; Conflict unless it is active.
func (s *Store) StopCampaign(ctx context.Context, by audit.Actor, id int64) (Campaign, error) {
	var halted []int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockCampaign(ctx, tx, id)
		if err != nil || c.State == CampaignStopped {
			return err
		}
		if c.State != CampaignActive {
			return failure.Clash("campaign %s is %s; only an active one can be stopped", c.Reference(), c.State)
		}
		if err := updateCampaignState(ctx, tx, id, CampaignStopped); err != nil {
			return err
		}
		if halted, err = haltAsking(ctx, tx, by, id, 0); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "campaign.stop", Subject: "campaign", SubjectID: id, Before: c})
	})
	if err != nil {
		return Campaign{}, err
	}
	if err := s.finishStops(ctx, halted); err != nil {
		return Campaign{}, err
	}
	return s.Campaign(ctx, id)
}

// ResumeCampaign makes a stopped campaign active again. Its stopped appeals stay stopped until each is resumed. Resuming what is active
// changes nothing. Errors: NotFound; Conflict unless it is stopped.
func (s *Store) ResumeCampaign(ctx context.Context, by audit.Actor, id int64) (Campaign, error) {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockCampaign(ctx, tx, id)
		if err != nil || c.State == CampaignActive {
			return err
		}
		if c.State != CampaignStopped {
			return failure.Clash("campaign %s is %s; only a stopped one can be resumed", c.Reference(), c.State)
		}
		if err := updateCampaignState(ctx, tx, id, CampaignActive); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "campaign.resume", Subject: "campaign", SubjectID: id, Before: c})
	})
	if err != nil {
		return Campaign{}, err
	}
	return s.Campaign(ctx, id)
}

// Live reports which of these appeals may be sent now: what a worker asks while mails are on their way.
func (s *Store) Live(ctx context.Context, ids []int64) (map[int64]bool, error) {
	rows, err := s.DB.Query(ctx, liveSQL, ids)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	live := make(map[int64]bool, len(found))
	for _, id := range found {
		live[id] = true
	}
	return live, err
}

// finishStops turns stopping into stopped where no window is open.
func (s *Store) finishStops(ctx context.Context, ids []int64) error {
	var errs []error
	for _, id := range ids {
		errs = append(errs, s.finishStop(ctx, id))
	}
	return errors.Join(errs...)
}

// finishStop is finishStops for one appeal, or with 0 for all.
func (s *Store) finishStop(ctx context.Context, id int64) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, finishStopSQL, id)
		if err != nil {
			return err
		}
		stopped, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, id := range stopped {
			err = errors.Join(err, audit.Record(ctx, tx, audit.Event{Action: "appeal.stopped", Subject: "appeal", SubjectID: id}))
		}
		return err
	})
}

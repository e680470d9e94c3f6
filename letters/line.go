package letters

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// Line is how letters by mail go to one target.
type Line struct {
	TargetID    int64      `json:"target_id"`
	Unconfirmed int64      `json:"unconfirmed"` // whose writers have not said yes
	Waiting     int64      `json:"waiting"`
	Leaving     int64      `json:"leaving"` // now
	Sent        int64      `json:"sent"`    // within 24 hours
	Unknown     int64      `json:"unknown"` // held for good: nobody can know whether they arrived
	Returned    int64      `json:"returned"`
	LastDueAt   *time.Time `json:"last_due_at"` // when the last of those that wait will leave
	StoppedAt   *time.Time `json:"stopped_at"`
}

// Lines lists the lines of all targets that letters by mail were written to, those that wait longest first.
func (s *Store) Lines(ctx context.Context) ([]Line, error) {
	rows, err := s.DB.Query(ctx, linesSQL)
	return all[Line](rows, err)
}

// Line returns the line of one target, also where no letter by mail was written to it. Errors: NotFound.
func (s *Store) Line(ctx context.Context, targetID int64) (Line, error) {
	rows, err := s.DB.Query(ctx, lineSQL, targetID)
	line, err := one[Line](rows, err, targetID)
	if failure.Is(err, failure.NotFound) {
		return line, failure.Missing("target", targetID)
	}
	return line, err
}

// NextPlace returns about when a letter that was confirmed now would leave to a target.
func (s *Store) NextPlace(ctx context.Context, targetID int64) (at time.Time, err error) {
	err = s.DB.QueryRow(ctx, nextPlaceSQL, targetID, s.pace()).Scan(&at)
	return at, err
}

// StopLine holds all letters by mail to a target from now on; one that is leaving may still arrive. Stopped again it changes nothing. Errors: NotFound.
func (s *Store) StopLine(ctx context.Context, by audit.Actor, targetID int64) (Line, error) {
	return s.moveLine(ctx, by, targetID, "letter_line.stop", stopLineSQL, targetID, by.AccountID())
}

// ResumeLine lets the letters by mail to a target go on, one at a time. Resumed again it changes nothing. Errors: NotFound.
func (s *Store) ResumeLine(ctx context.Context, by audit.Actor, targetID int64) (Line, error) {
	return s.moveLine(ctx, by, targetID, "letter_line.resume", resumeLineSQL, targetID)
}

func (s *Store) moveLine(ctx context.Context, by audit.Actor, targetID int64, action, sql string, args ...any) (Line, error) {
	if _, err := s.Line(ctx, targetID); err != nil {
		return Line{}, err
	}
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, args...)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: action, Subject: "target", SubjectID: targetID})
	})
	if err != nil {
		return Line{}, err
	}
	return s.Line(ctx, targetID)
}

// Mark says that a channel of a target did not work, until somebody clears it.
type Mark struct {
	ID       int64     `json:"id"`
	TargetID int64     `json:"target_id"`
	Channel  string    `json:"channel"`
	Why      string    `json:"why"`       // returned, refused, told
	LetterID *int64    `json:"letter_id"` // that did not arrive; nil where somebody told us
	MarkedAt time.Time `json:"marked_at"`
}

// Marks lists the marks that stand, of one target or of all (0), the newest first.
func (s *Store) Marks(ctx context.Context, targetID int64) ([]Mark, error) {
	rows, err := s.DB.Query(ctx, marksSQL, targetID)
	return all[Mark](rows, err)
}

// MarkTold says that a channel of a target does not work, as somebody told a person: who writes is told so until it is cleared. Told again while that stands
// it changes nothing. Errors: NotFound; Invalid for a channel that is not known of the target.
func (s *Store) MarkTold(ctx context.Context, by audit.Actor, targetID int64, channel string) (Mark, error) {
	var mark Mark
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		ways, err := lockWays(ctx, tx, targetID)
		if err != nil {
			return err
		}
		if !slices.Contains(ways, channel) {
			return failure.Wrong("channel", "is none that we know of this office: want one of %s", strings.Join(ways, ", "))
		}
		rows, err := tx.Query(ctx, markToldSQL, targetID, channel)
		if err != nil {
			return err
		}
		mark, err = one[Mark](rows, err, targetID)
		if failure.Is(err, failure.NotFound) { // it stands
			rows, err = tx.Query(ctx, toldMarkSQL, targetID, channel)
			mark, err = one[Mark](rows, err, targetID)
			return err
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "channel_mark.add", Subject: "channel_mark", SubjectID: mark.ID, After: mark})
	})
	return mark, err
}

// ClearMark says that a channel works again. Cleared again it changes nothing. Errors: NotFound; Forbidden for who is no account.
func (s *Store) ClearMark(ctx context.Context, by audit.Actor, id int64) error {
	if by.AccountID() == nil {
		return failure.Refuse("a mark is cleared by somebody with an account")
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, clearMarkSQL, id, by.AccountID())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 1 {
			return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "channel_mark.clear", Subject: "channel_mark", SubjectID: id})
		}
		var known bool
		if err := tx.QueryRow(ctx, knownMarkSQL, id).Scan(&known); err != nil || known {
			return err
		}
		return failure.Missing("channel mark", id)
	})
}

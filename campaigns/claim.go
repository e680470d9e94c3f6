package campaigns

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Claimed is one row of the ledger that may be sent now, with what is needed to write the mail.
type Claimed struct {
	MemberID      int64
	Language      string
	Unknowns      int16  // how often it may have arrived already
	Hash          []byte // of the bytes of an earlier attempt, nil before the first
	AddressSealed []byte
	NameSealed    []byte
}

// Prepared is what became of one claimed row when its mail was written.
type Prepared struct {
	Hash       []byte // of the bytes that will be sent
	Unwritable bool   // this member's data cannot be written into a mail; the row is skipped, the others go
}

// Window is the rows that one connection has claimed. Its lease runs by the database's clock.
type Window struct {
	ID       int64
	AppealID int64
}

// Claim takes up to limit rows of a batch that are due, for lease, in one transaction. It reads, at that moment, whether the
// appeal is live, the deadline ahead, each member still subscribed, not suppressed, not erased; rows that are not to be
// sent are settled as skipped with the reason. prepare writes the mails of the others and returns one answer for each,
// in order; it runs inside the transaction and must not touch the database.
//
// The rows returned are marked as sending, and are the caller's until it settles them or the lease runs out. live is false
// where the appeal is stopped, complete, or was never launched: then nothing is claimed. A row whose bytes would
// differ from those of an earlier attempt that may have arrived is held as unknown, not sent. An error of prepare is
// returned, and nothing is claimed.
//
// No row of the appeal is locked, so that claims cannot hold off a stop. Instead the appeal is read once more when the claim
// is committed: either that sees the stop and gives everything back unsent, or the stop sees the window.
func (s *Store) Claim(ctx context.Context, b Batch, limit int, lease time.Duration, prepare func([]Claimed) ([]Prepared, error)) (w Window, rows []Claimed, live bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		w, rows = Window{AppealID: b.AppealID}, nil
		var ahead bool
		live = false // where there is no such appeal
		if err := sendByKey(ctx, tx, queueLive(b.AppealID, &live, &ahead)); err != nil || !live {
			return err
		}
		if !ahead {
			return skipTooLate(ctx, tx, b)
		}
		due, err := lockDue(ctx, tx, b, limit)
		if err != nil || len(due) == 0 {
			return err
		}
		var marks []mark
		for _, row := range due {
			if reason := row.skip(); reason != "" {
				marks = append(marks, mark{row.MemberID, "skipped", reason})
				continue
			}
			rows = append(rows, row.claimed())
		}
		prepared, err := prepare(rows)
		if err != nil {
			return err
		}
		rows, marks = sortOut(rows, prepared, marks)
		if len(marks) > 0 {
			if err := markSettled(ctx, tx, b.AppealID, marks); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return nil
		}
		w.ID, err = openWindow(ctx, tx, b.AppealID, rows, lease)
		return err
	})
	if err != nil {
		return Window{}, nil, false, err
	}
	if len(rows) == 0 {
		return Window{}, nil, live, nil
	}
	if live, _, err = readLive(ctx, s.DB, b.AppealID); err == nil && live {
		return w, rows, true, nil
	}
	return Window{}, nil, false, errors.Join(err, s.GiveBack(ctx, w))
}

// sortOut keeps the rows that are to be sent, with their hashes, and says what the others are settled as.
func sortOut(rows []Claimed, prepared []Prepared, marks []mark) ([]Claimed, []mark) {
	send := rows[:0]
	for i, row := range rows {
		switch p := prepared[i]; {
		case p.Unwritable:
			marks = append(marks, mark{row.MemberID, "skipped", "unwritable"})
		case row.Unknowns > 0 && row.Hash != nil && string(row.Hash) != string(p.Hash):
			marks = append(marks, mark{row.MemberID, "unknown", "bytes_changed"})
		default:
			row.Hash = p.Hash
			send = append(send, row)
		}
	}
	return send, marks
}

// Renew puts the leases of windows off to lease from now, and returns those that are still held. Of one that is not,
// nothing more may be sent: its rows may be somebody else's by now.
func (s *Store) Renew(ctx context.Context, windows []int64, lease time.Duration) (held []int64, err error) {
	rows, err := s.DB.Query(ctx, renewWindowsSQL, windows, lease)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// GiveBack is CloseWindow for a window of which not everything was sent: what is still marked as sending in it waits again as before,
// and the attempt does not count. All other rows must be settled.
func (s *Store) GiveBack(ctx context.Context, w Window) error {
	if err := sendByKey(ctx, s.DB, func(b *pgx.Batch) { b.Queue(releaseWindowSQL, w.ID) }); err != nil {
		return err
	}
	return s.CloseWindow(ctx, w)
}

// CloseWindow gives a window back, once all of its rows are settled. If its appeal was waiting for that to be stopped, it is.
func (s *Store) CloseWindow(ctx context.Context, w Window) error {
	if _, err := s.DB.Exec(ctx, deleteWindowSQL, w.ID); err != nil {
		return err
	}
	// Read after the window is gone for good: either this sees that the appeal is stopping, or Stop sees no window.
	var stopping bool
	if err := s.DB.QueryRow(ctx, isStoppingSQL, w.AppealID).Scan(&stopping); err != nil || !stopping {
		return err
	}
	return s.finishStops(ctx, []int64{w.AppealID})
}

// BatchState says what is left of a batch.
type BatchState struct {
	Open bool          // rows are not settled
	Wait time.Duration // until the next of them can be due; 0: now
}

// EndTurn closes a batch that is settled, and the appeal with the last one; or says how long nothing in it is due, and
// notes that a job will look after it until cover after that.
func (s *Store) EndTurn(ctx context.Context, b Batch, cover time.Duration) (BatchState, error) {
	var state BatchState
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		if state, err = batchState(ctx, tx, b); err != nil {
			return err
		}
		if state.Open {
			return coverBatch(ctx, tx, b, state.Wait+cover)
		}
		return deleteBatch(ctx, tx, b)
	})
	if err == nil && !state.Open {
		err = s.completeIfClosed(ctx, b.AppealID)
	}
	return state, err
}

// BeginTurn notes that a job looks after the batch for cover from now.
//
// mine is false where the batch is closed, or was promised again since to another job: then there is nothing to do.
func (s *Store) BeginTurn(ctx context.Context, b Batch, cover time.Duration) (mine bool, err error) {
	tag, err := s.DB.Exec(ctx, coverBatchSQL, b.AppealID, b.FirstMember, b.Turn, cover)
	return err == nil && tag.RowsAffected() == 1, err
}

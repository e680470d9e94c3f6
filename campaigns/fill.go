package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Batch is a stretch of an appeal's ledger, from one member to another, both included, that one job sends.
type Batch struct {
	AppealID    int64
	FirstMember int64
	LastMember  int64
	Turn        int // counts how often it was promised anew
}

// Filling says how the ledger is filled: at most SliceRows rows or so in a transaction, BatchRows in a job, and how long a job may
// be expected to look after its stretch before somebody asks (Cover).
type Filling struct {
	SliceRows int
	BatchRows int
	Cover     time.Duration
}

// Filled tells what one slice did.
type Filled struct {
	Rows  int
	Done  bool // nothing is left to fill
	Again bool // the end was reached, but an earlier appeal is still on its way: go round once more in a while
}

// FillSlice writes the next slice of an appeal's ledger and promises its batches, in one transaction. Called until Done, by
// any number of processes: they take turns. A stopped appeal is filled all the same, so that its receipt closes; its rows
// wait unsent. Calling it again after Done changes nothing.
//
// An update goes to those whose earlier delivery is accepted or unknown: while an earlier appeal is on its way that can
// still change, so the filling goes round until it has ended.
func (s *Store) FillSlice(ctx context.Context, appealID int64, f Filling) (Filled, error) {
	var filled Filled
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		filled = Filled{}
		a, c, err := lockAppeal(ctx, tx, appealID)
		if err != nil {
			return err
		}
		if a.State == AppealDraft || a.FilledAt != nil {
			filled.Done = true
			return nil
		}
		if _, err := tx.Exec(ctx, planAnewSQL); err != nil {
			return err
		}
		settled, err := earlierSettled(ctx, tx, a) // asked before the slice is read: what ends meanwhile is for the next round
		if err != nil {
			return err
		}
		batches, rows, last, ended, err := fillStretches(ctx, tx, a, f)
		if err != nil {
			return err
		}
		filled.Rows = rows
		if err := s.promiseBatches(ctx, tx, batches, c.Urgent); err != nil {
			return err
		}
		switch {
		case !ended:
			return updateFilledTo(ctx, tx, appealID, last, f.Cover)
		case !settled:
			filled.Again = true
			return updateFilledTo(ctx, tx, appealID, 0, f.Cover)
		}
		filled.Done = true
		if err := updateFilledAt(ctx, tx, appealID); err != nil || a.Kind == KindFirst {
			return err
		}
		// Counted with the last slice: who got the earlier ones can change again when one of them is resumed.
		n, err := countEligible(ctx, tx, a)
		if err != nil {
			return err
		}
		return updateEligible(ctx, tx, appealID, n)
	})
	if err == nil && filled.Done {
		err = s.completeIfClosed(ctx, appealID)
	}
	return filled, err
}

// widest is over how many slices' worth of members one transaction looks where few of them are in the audience.
const widest = 64

// fillStretches writes the ledger of one stretch of members after another, each twice as wide, until it has about half a slice or the
// members end: so a small group in a large membership is found in a moment.
func fillStretches(ctx context.Context, tx pgx.Tx, a Appeal, f Filling) (batches []Batch, rows int, last int64, ended bool, err error) {
	languages, err := languagesOf(ctx, tx, a.ID)
	if err != nil {
		return nil, 0, 0, false, err
	}
	last = a.FilledTo
	if last == 0 { // the first mails are to leave over all connections at once
		f.BatchRows = max(f.BatchRows/8, min(f.BatchRows, 20))
	}
	for width := f.SliceRows; rows < (f.SliceRows+1)/2 && width < widest*f.SliceRows; width *= 2 {
		next, err := nextStretch(ctx, tx, last, width)
		if err != nil || next.Scanned == 0 {
			return batches, rows, last, err == nil, err
		}
		more, n, err := insertSlice(ctx, tx, a, languages, last, next.LastMember, f)
		if err != nil {
			return nil, 0, 0, false, err
		}
		batches, rows, last = append(batches, more...), rows+n, next.LastMember
		if next.Scanned < width {
			return batches, rows, last, true, nil
		}
	}
	return batches, rows, last, false, nil
}

// CountEligible counts whom a first appeal was for, as of its launch, and notes it; once noted it stays. One that follows
// others is counted with its last slice. Errors: NotFound.
func (s *Store) CountEligible(ctx context.Context, appealID int64) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, appealSQL, appealID)
		a, err := one[Appeal](rows, err, "appeal", appealID)
		if err != nil || a.State == AppealDraft || a.Eligible != nil || a.Kind != KindFirst {
			return err
		}
		n, err := countEligible(ctx, tx, a)
		if err != nil {
			return err
		}
		return updateEligible(ctx, tx, appealID, n)
	})
	if err != nil {
		return err
	}
	return s.completeIfClosed(ctx, appealID)
}

// completeIfClosed makes an appeal complete when it is filled, no batch is open, and its receipt closes.
func (s *Store) completeIfClosed(ctx context.Context, appealID int64) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		ready, err := readyToComplete(ctx, tx, appealID)
		if err != nil || !ready {
			return err
		}
		return updateComplete(ctx, tx, appealID)
	})
}

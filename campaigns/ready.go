package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Readers counts whom a draft would go to now, by the language each of them reads, whatever the appeal is written in.
// Errors: NotFound.
func (s *Store) Readers(ctx context.Context, appealID int64) (map[string]int64, error) {
	readers := map[string]int64{}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, appealSQL, appealID)
		a, err := one[Appeal](rows, err, "appeal", appealID)
		if err != nil {
			return err
		}
		list, err := countReaders(ctx, tx, a)
		for _, l := range list {
			readers[l.Language] = l.Members
		}
		return err
	})
	return readers, err
}

// MayLaunch says why a draft cannot be launched as it stands; nil where it can. Launch looks again. Errors: as of Launch.
func (s *Store) MayLaunch(ctx context.Context, id int64) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		a, c, err := lockAppeal(ctx, tx, id)
		if err != nil {
			return err
		}
		sheet, err := sheetOf(ctx, tx, c, &a)
		if err != nil {
			return err
		}
		return mayLaunch(ctx, tx, a, c, sheet)
	})
}

package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

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

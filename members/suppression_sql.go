package members

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

const insertSuppressionSQL = `
INSERT INTO suppressions (address_index, reason)
VALUES ($1, $2)
ON CONFLICT (address_index) DO NOTHING`

// insertSuppression reports whether there was none before.
func insertSuppression(ctx context.Context, tx pgx.Tx, index []byte, reason Reason) (bool, error) {
	tag, err := tx.Exec(ctx, insertSuppressionSQL, index, string(reason))
	return tag.RowsAffected() == 1, err
}

const deleteSuppressionSQL = `
DELETE FROM suppressions
WHERE address_index = $1
RETURNING reason`

// deleteSuppression returns the reason of what it took away, or pgx.ErrNoRows.
func deleteSuppression(ctx context.Context, tx pgx.Tx, index []byte) (reason Reason, err error) {
	err = tx.QueryRow(ctx, deleteSuppressionSQL, index).Scan(&reason)
	return reason, err
}

const findSuppressionSQL = `
SELECT reason
FROM suppressions
WHERE address_index = $1`

func findSuppression(ctx context.Context, tx pgx.Tx, index []byte) (reason Reason, found bool, err error) {
	err = tx.QueryRow(ctx, findSuppressionSQL, index).Scan(&reason)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return reason, err == nil, err
}

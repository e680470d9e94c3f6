package members

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

// canariesSQL reads the first and the last member who are sealed, by the primary key: a handful of pages, however many
// members there are.
const canariesSQL = `
(SELECT id, address_sealed, address_index
 FROM members
 WHERE address_sealed IS NOT NULL
 ORDER BY id
 LIMIT 1)
UNION
(SELECT id, address_sealed, address_index
 FROM members
 WHERE address_sealed IS NOT NULL
 ORDER BY id DESC
 LIMIT 1)
ORDER BY id`

type canaryRow struct {
	ID            int64
	AddressSealed []byte
	AddressIndex  []byte
}

func canaries(ctx context.Context, db postgres.DB) ([]canaryRow, error) {
	rows, err := db.Query(ctx, canariesSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[canaryRow])
}

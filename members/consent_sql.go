package members

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

const insertConsentSQL = `
INSERT INTO mailing_consents (member_id, source, given_on, words, recorded_by)
VALUES ($1, $2, $3, $4, $5)`

func insertConsent(ctx context.Context, tx pgx.Tx, by audit.Actor, member int64, c Consent) error {
	_, err := tx.Exec(ctx, insertConsentSQL, member, c.Source, c.GivenOn, c.Words, by.AccountID())
	return err
}

// closeConsentsSQL ends the open stretches of some members. Whoever comes second waits for the row, finds
// it closed, and changes nothing. The clock may have been set back since the member joined.
const closeConsentsSQL = `
UPDATE mailing_consents
SET left_at = GREATEST(now_at(), joined_at), left_how = $2
WHERE member_id = ANY($1)
  AND left_at IS NULL
RETURNING id, member_id, left_at, left_how`

type closedConsent struct {
	ID       int64
	MemberID int64
	LeftAt   time.Time
	LeftHow  How
}

func closeConsents(ctx context.Context, tx pgx.Tx, members []int64, how How) ([]closedConsent, error) {
	rows, err := tx.Query(ctx, closeConsentsSQL, members, string(how))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[closedConsent])
}

package campaigns

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// endOf is the moment from which on nothing of the appeal a of the campaign c is tried any more; null for a draft.
const endOf = `CASE WHEN a.asking THEN c.deadline_at ELSE a.expires_at END`

const (
	// As many as one sweep can end.
	overdueSQL = `
SELECT b.appeal_id, b.first_member, b.last_member, b.turn
FROM batches b
JOIN appeals a ON a.id = b.appeal_id
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.state = 'issuing' AND ` + endOf + ` <= now_at()
ORDER BY b.appeal_id, b.first_member
LIMIT 500`
	// Once more behind the lock: the deadline may have been moved.
	lockOverdueSQL = `
SELECT true
FROM batches b
JOIN appeals a ON a.id = b.appeal_id
JOIN campaigns c ON c.id = a.campaign_id
WHERE b.appeal_id = $1 AND b.first_member = $2 AND a.state = 'issuing' AND ` + endOf + ` <= now_at()
FOR UPDATE OF b SKIP LOCKED`
	// The time of an appeal that goes on begins anew, where it has one of its own.
	updateExpiresSQL = `
UPDATE appeals
SET expires_at = GREATEST(expires_at, now_at() + $2::interval)
WHERE id = $1 AND NOT asking`
)

func (s *Store) overdue(ctx context.Context) ([]Batch, error) {
	rows, err := s.DB.Query(ctx, overdueSQL)
	return all[Batch](rows, err)
}

func lockOverdue(ctx context.Context, tx pgx.Tx, b Batch) (mine bool, err error) {
	err = tx.QueryRow(ctx, lockOverdueSQL, b.AppealID, b.FirstMember).Scan(&mine)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return mine, err
}

func updateExpires(ctx context.Context, tx pgx.Tx, id int64, triedFor time.Duration) error {
	_, err := tx.Exec(ctx, updateExpiresSQL, id, triedFor)
	return err
}

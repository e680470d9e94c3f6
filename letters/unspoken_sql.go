package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

const (
	addUnspokenSQL = `
INSERT INTO unspoken (case_id, words_sealed, added_by)
VALUES ($1, $2, $3)
RETURNING id`
	removeUnspokenSQL = `
DELETE FROM unspoken
WHERE id = $1 AND case_id = $2`
	unspokenSQL = `
SELECT id, case_id, words_sealed
FROM unspoken
WHERE case_id = $1
ORDER BY id`
	unspokenOfCampaignSQL = `
SELECT u.id, u.case_id, u.words_sealed
FROM campaigns c
JOIN unspoken u ON u.case_id = c.case_id
WHERE c.id = $1
ORDER BY u.id`
	earlierSQL = `
SELECT m.fingerprint
FROM letters l
JOIN letter_mails m ON m.letter_id = l.id
WHERE l.target_id = $1 AND l.campaign_id = $2 AND m.fingerprint IS NOT NULL AND m.state IN ('queued', 'sending', 'sent')
  AND l.member_id IS DISTINCT FROM NULLIF($3::bigint, 0)
ORDER BY l.id DESC
LIMIT 300`
)

// sealedWords is a row of what must stay out.
type sealedWords struct {
	ID          int64
	CaseID      int64
	WordsSealed []byte
}

func addUnspoken(ctx context.Context, tx pgx.Tx, by audit.Actor, caseID int64, sealed []byte) (id int64, err error) {
	err = tx.QueryRow(ctx, addUnspokenSQL, caseID, sealed, by.AccountID()).Scan(&id)
	return id, err
}

func removeUnspoken(ctx context.Context, tx pgx.Tx, caseID, id int64) (found bool, err error) {
	tag, err := tx.Exec(ctx, removeUnspokenSQL, id, caseID)
	return tag.RowsAffected() > 0, err
}

// earlier are fingerprints of what an office got, or is about to get, from others by mail, the newest first.
func (s *Store) earlier(ctx context.Context, w Writer, campaignID, targetID int64) ([][]byte, error) {
	rows, err := s.DB.Query(ctx, earlierSQL, targetID, campaignID, w.MemberID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[[]byte])
}

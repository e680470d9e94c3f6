package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

const (
	// Of nobody's campaign but the writer's own, and of an office that it writes to. now_at() decides whether it is late.
	mayPostSQL = `
SELECT c.state = 'active' AND (now_at() < c.deadline_at OR c.after_deadline = 'open')
FROM campaigns c
JOIN campaign_targets ct ON ct.campaign_id = c.id AND ct.target_id = $2 AND (ct.side <> 'receiving' OR ct.agreed_by IS NOT NULL)
WHERE c.id = $1
  AND c.id = COALESCE(
    (SELECT a.campaign_id FROM deliveries d JOIN appeals a ON a.id = d.appeal_id WHERE d.appeal_id = $3 AND d.member_id = $4),
    (SELECT v.campaign_id FROM visitors v WHERE v.id = $5))`
	setCodeSQL = `
UPDATE letters
SET code = $2
WHERE id = $1`
	lockByCodeSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE code = $1
FOR UPDATE`
	withCodesSQL = `
SELECT id
FROM letters
WHERE code = ANY($1::text[]) AND channel = 'post' AND ($2::bigint = 0 OR member_id = $2) AND ($3::bigint = 0 OR target_id = $3)
ORDER BY id`
)

func mayPost(ctx context.Context, tx pgx.Tx, w Writer, campaignID, targetID int64) error {
	rows, err := tx.Query(ctx, mayPostSQL, campaignID, targetID, w.AppealID, w.MemberID, w.VisitorID)
	if err != nil {
		return err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return failure.Missing("office", "in this campaign")
	case !list[0]:
		return failure.Clash("letters are not asked for at present: the campaign has ended, is stopped, or its deadline is over")
	}
	return nil
}

func setCode(ctx context.Context, tx pgx.Tx, id int64, code string) error {
	_, err := tx.Exec(ctx, setCodeSQL, id, code)
	return err
}

// lockByCode returns the letter with a code; pgx.ErrNoRows where there is none.
func lockByCode(ctx context.Context, tx pgx.Tx, code string) (Letter, error) {
	rows, err := tx.Query(ctx, lockByCodeSQL, code)
	if err != nil {
		return Letter{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
}

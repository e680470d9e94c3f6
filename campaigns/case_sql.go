package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

const caseColumns = `id, ref, headline, concerns, removing_country, receiving_country, nationality_country, removal_timing,
       removal_at, removal_until, removal_zone, state, origin_state_knows, origin_state_reason, origin_state_by, created_at`

const (
	caseSQL     = `SELECT ` + caseColumns + ` FROM cases WHERE id = $1`
	lockCaseSQL = `SELECT ` + caseColumns + ` FROM cases WHERE id = $1 FOR NO KEY UPDATE`
	casesSQL    = `
SELECT ` + caseColumns + `
FROM cases
WHERE $1::bigint = 0 OR id < $1
ORDER BY id DESC
LIMIT $2`
	insertCaseSQL = `
INSERT INTO cases (ref, headline, concerns, removing_country, receiving_country, nationality_country,
                   removal_timing, removal_at, removal_until, removal_zone, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING ` + caseColumns
	updateRemovalSQL = `
UPDATE cases
SET removal_timing = $2, removal_at = $3, removal_until = $4, removal_zone = $5
WHERE id = $1`
	updateOriginStateSQL = `
UPDATE cases
SET origin_state_knows = true, origin_state_reason = $2, origin_state_by = $3
WHERE id = $1`
	insertPersonSQL = `
INSERT INTO persons (case_id, position, published_as, pronoun, is_minor)
VALUES ($1, $2, $3, $4, $5)`
	personsSQL = `
SELECT published_as, pronoun, is_minor
FROM persons
WHERE case_id = $1
ORDER BY position`
)

func insertCase(ctx context.Context, tx pgx.Tx, by audit.Actor, n NewCase) (Case, error) {
	concerns := n.Concerns
	if concerns == nil {
		concerns = []string{}
	}
	rows, err := tx.Query(ctx, insertCaseSQL, n.Ref, n.Headline, concerns, n.RemovingCountry, n.ReceivingCountry,
		orNull(n.NationalityCountry), n.Timing, n.At, n.Until, orNull(n.Zone), by.AccountID())
	return one[Case](rows, err, "case", n.Ref)
}

func insertPerson(ctx context.Context, tx pgx.Tx, caseID int64, position int, p Person) error {
	_, err := tx.Exec(ctx, insertPersonSQL, caseID, position, p.PublishedAs, p.Pronoun, p.IsMinor)
	return err
}

func lockCase(ctx context.Context, tx pgx.Tx, id int64) (Case, error) {
	rows, err := tx.Query(ctx, lockCaseSQL, id)
	return one[Case](rows, err, "case", id)
}

func updateRemoval(ctx context.Context, tx pgx.Tx, id int64, r Removal) error {
	_, err := tx.Exec(ctx, updateRemovalSQL, id, r.Timing, r.At, r.Until, orNull(r.Zone))
	return err
}

func updateOriginState(ctx context.Context, tx pgx.Tx, id int64, reason string, account int64) error {
	_, err := tx.Exec(ctx, updateOriginStateSQL, id, reason, account)
	return err
}

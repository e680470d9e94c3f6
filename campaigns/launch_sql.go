package campaigns

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

const (
	nowSQL = `SELECT now_at()`
	// What was launched last for all: it stands on the public page, and late joiners get it. What went to some, by name, is no part of that.
	lastLaunchedSQL = `
SELECT ` + appealColumns + `
FROM appeals
WHERE campaign_id = $1 AND launched_at IS NOT NULL AND NOT audience_named
ORDER BY launched_at DESC, id DESC
LIMIT 1`
	// The last that those who get the appeal $2 got, or get.
	lastOfReadersSQL = `
SELECT ` + appealColumns + `
FROM appeals
WHERE campaign_id = $1 AND launched_at IS NOT NULL AND (NOT audience_named OR id = $2)
ORDER BY launched_at DESC, id DESC
LIMIT 1`
	deliverySlugSQL = `
SELECT c.slug, d.language
FROM deliveries d
JOIN appeals a ON a.id = d.appeal_id
JOIN campaigns c ON c.id = a.campaign_id
WHERE d.appeal_id = $1 AND d.member_id = $2`
	editionsSQL = `
SELECT language, text_language, subject, text, html, mark
FROM editions
WHERE appeal_id = $1
ORDER BY language`
	insertEditionSQL = `
INSERT INTO editions (appeal_id, language, text_language, subject, text, html, mark)
VALUES ($1, $2, $3, $4, $5, $6, $7)`
	launchPatienceSQL = `SET LOCAL lock_timeout = '5s'`
	// SHARE waits for whoever is writing in the members' history and lets nobody begin: what was written is dated
	// before the clock is read, what comes is dated after. Readers, claims among them, are not held up.
	launchFreezeSQL   = `LOCK TABLE mailing_consents, member_moves IN SHARE MODE`
	updateLaunchedSQL = `
UPDATE appeals
SET state = 'issuing', launched_at = now_at(), launched_by = $2, covered_until = now_at() + interval '1 minute', asking = $3,
    expires_at = CASE WHEN NOT $3 THEN now_at() + $4::interval END
WHERE id = $1 AND state = 'draft'
RETURNING ` + appealColumns
	haltAskingSQL = `
UPDATE appeals
SET state = 'stopping', stopping_at = now_at()
WHERE campaign_id = $1 AND id <> $2 AND state = 'issuing' AND asking
RETURNING id`
)

func insertEditions(ctx context.Context, tx pgx.Tx, appealID int64, editions []Edition) error {
	for _, e := range editions {
		if _, err := tx.Exec(ctx, insertEditionSQL, appealID, e.Language, e.TextLanguage, e.Subject, e.Text, e.HTML, e.Mark); err != nil {
			return err
		}
	}
	return nil
}

func updateLaunched(ctx context.Context, tx pgx.Tx, by audit.Actor, id int64, asking bool) (Appeal, error) {
	if _, err := tx.Exec(ctx, launchPatienceSQL); err != nil {
		return Appeal{}, err
	}
	if _, err := tx.Exec(ctx, launchFreezeSQL); err != nil {
		return Appeal{}, err
	}
	rows, err := tx.Query(ctx, updateLaunchedSQL, id, by.AccountID(), asking, TriedFor)
	return one[Appeal](rows, err, "appeal", id)
}

// haltAsking puts the campaign's appeals that still ask for letters to stopping, but for one, and returns which.
func haltAsking(ctx context.Context, tx pgx.Tx, by audit.Actor, campaignID, except int64) ([]int64, error) {
	rows, err := tx.Query(ctx, haltAskingSQL, campaignID, except)
	if err != nil {
		return nil, err
	}
	halted, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, id := range halted {
		err = errors.Join(err, audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.halt", Subject: "appeal", SubjectID: id}))
	}
	if err != nil {
		return nil, err
	}
	return halted, tellStop(ctx, tx)
}

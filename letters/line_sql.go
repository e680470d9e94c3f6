package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

const (
	lineOf = `
SELECT t.id AS target_id,
       count(lm.letter_id) FILTER (WHERE lm.state = 'unconfirmed') AS unconfirmed,
       count(lm.letter_id) FILTER (WHERE lm.state = 'queued') AS waiting,
       count(lm.letter_id) FILTER (WHERE lm.state = 'sending') AS leaving,
       count(lm.letter_id) FILTER (WHERE lm.state = 'sent' AND lm.settled_at > now_at() - interval '24 hours') AS sent,
       count(lm.letter_id) FILTER (WHERE lm.state = 'unknown') AS unknown,
       count(lm.letter_id) FILTER (WHERE l.state = 'returned') AS returned,
       max(lm.due_at) FILTER (WHERE lm.state = 'queued') AS last_due_at,
       ll.stopped_at
FROM targets t
LEFT JOIN letter_lines ll ON ll.target_id = t.id
LEFT JOIN letters l ON l.target_id = t.id AND l.channel = 'email'
LEFT JOIN letter_mails lm ON lm.letter_id = l.id`
	linesSQL = lineOf + `
WHERE ll.target_id IS NOT NULL OR lm.letter_id IS NOT NULL
GROUP BY t.id, ll.stopped_at
ORDER BY last_due_at DESC NULLS LAST, t.id`
	lineSQL = lineOf + `
WHERE t.id = $1
GROUP BY t.id, ll.stopped_at`
	nextPlaceSQL = `SELECT GREATEST(now_at(), (SELECT ll.tail_at + $2::interval FROM letter_lines ll WHERE ll.target_id = $1))`
	stopLineSQL  = `
INSERT INTO letter_lines AS ll (target_id, stopped_at, stopped_by)
VALUES ($1, now_at(), $2)
ON CONFLICT (target_id) DO UPDATE
SET stopped_at = now_at(), stopped_by = excluded.stopped_by
WHERE ll.stopped_at IS NULL`
	// Who resumes stands in the record of who did what.
	resumeLineSQL = `
UPDATE letter_lines
SET stopped_at = NULL, stopped_by = NULL
WHERE target_id = $1 AND stopped_at IS NOT NULL`
	marksSQL = `
SELECT id, target_id, channel, why, letter_id, marked_at
FROM channel_marks
WHERE cleared_at IS NULL AND ($1::bigint = 0 OR target_id = $1)
ORDER BY id DESC`
	// The lock keeps two people from marking the same at once.
	lockWaysSQL = `
SELECT array_remove(ARRAY[CASE WHEN address <> '' THEN 'email' END, CASE WHEN postal_address <> '' THEN 'post' END, CASE WHEN fax <> '' THEN 'fax' END,
                          CASE WHEN phone <> '' THEN 'phone' END, CASE WHEN form_url <> '' THEN 'web_form' END,
                          CASE WHEN cardinality(social_urls) > 0 THEN 'social' END], NULL)
FROM targets
WHERE id = $1
FOR NO KEY UPDATE`
	markToldSQL = `
INSERT INTO channel_marks (target_id, channel, why)
SELECT $1::bigint, $2::text, 'told'
WHERE NOT EXISTS (SELECT FROM channel_marks m WHERE m.target_id = $1 AND m.channel = $2 AND m.why = 'told' AND m.cleared_at IS NULL)
RETURNING id, target_id, channel, why, letter_id, marked_at`
	toldMarkSQL = `
SELECT id, target_id, channel, why, letter_id, marked_at
FROM channel_marks
WHERE target_id = $1 AND channel = $2 AND why = 'told' AND cleared_at IS NULL
ORDER BY id
LIMIT 1`
	clearMarkSQL = `
UPDATE channel_marks
SET cleared_at = now_at(), cleared_by = $2
WHERE id = $1 AND cleared_at IS NULL`
	knownMarkSQL = `SELECT EXISTS (SELECT FROM channel_marks WHERE id = $1)`
	// What is marked already is not marked twice.
	markChannelSQL = `
INSERT INTO channel_marks (target_id, channel, why, letter_id)
SELECT $1::bigint, $2::text, $3::text, $4::bigint
WHERE NOT EXISTS (SELECT FROM channel_marks m WHERE m.target_id = $1 AND m.channel = $2 AND m.why = $3 AND m.cleared_at IS NULL)`
)

// lockWays returns the channels by which a target can be reached, and keeps others from changing them. Errors: NotFound.
func lockWays(ctx context.Context, tx pgx.Tx, target int64) (ways []string, err error) {
	err = tx.QueryRow(ctx, lockWaysSQL, target).Scan(&ways)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, failure.Missing("target", target)
	}
	return ways, err
}

func markChannel(ctx context.Context, tx pgx.Tx, target int64, channel, why string, letter int64) error {
	_, err := tx.Exec(ctx, markChannelSQL, target, channel, why, letter)
	return err
}

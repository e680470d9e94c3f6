package letters

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// The sweep. Each of these asks an index for the few letters that something is to be done about.
const (
	// While the database was away nobody could renew a lease: for one lease after its start nobody is taken for dead.
	loseMailsSQL = `
UPDATE letter_mails
SET state = 'unknown', reason = 'process', lease_until = NULL, settled_at = now_at()
WHERE letter_id IN (
    SELECT lm.letter_id
    FROM letter_mails lm
    WHERE lm.state = 'sending' AND lm.lease_until < now_at() AND pg_postmaster_start_time() + $1::interval < now_at()
    FOR UPDATE SKIP LOCKED)`
	lapseMailsSQL = `
WITH over AS (
    SELECT x.letter_id, CASE WHEN z.state = 'closed' THEN 'closed' ELSE 'too_late' END AS reason
    FROM letter_mails x
    JOIN letters y ON y.id = x.letter_id
    JOIN campaigns z ON z.id = y.campaign_id
    WHERE x.settled_at IS NULL AND x.erased_at IS NULL AND x.state IN ('unconfirmed', 'queued')
      AND (z.state = 'closed' OR z.deadline_at <= now_at() AND z.after_deadline <> 'open')
    FOR UPDATE OF x SKIP LOCKED)
UPDATE letter_mails lm
SET state = 'lapsed', reason = over.reason, settled_at = now_at()
FROM over
WHERE lm.letter_id = over.letter_id`
	unansweredSQL = `
UPDATE letter_mails
SET state = 'lapsed', reason = 'unconfirmed', settled_at = now_at()
WHERE letter_id IN (
    SELECT lm.letter_id
    FROM letter_mails lm
    WHERE lm.state = 'unconfirmed' AND lm.asked_at < now_at() - $1::interval
    FOR UPDATE SKIP LOCKED)`
	eraseMailsSQL = `
UPDATE letter_mails
SET writer_sealed = NULL, text_sealed = NULL, fingerprint = NULL, erased_at = now_at()
WHERE letter_id IN (
    SELECT lm.letter_id
    FROM letter_mails lm
    WHERE lm.erased_at IS NULL AND lm.settled_at < now_at() - $1::interval
    LIMIT 10000
    FOR UPDATE SKIP LOCKED)`
	forgetWritersSQL = `
UPDATE letter_mails
SET writer_index = NULL
WHERE letter_id IN (
    SELECT lm.letter_id
    FROM campaigns c
    JOIN letters l ON l.campaign_id = c.id
    JOIN letter_mails lm ON lm.letter_id = l.id
    WHERE c.state = 'closed' AND c.closed_at < now_at() - $1::interval
      AND lm.writer_index IS NOT NULL AND lm.erased_at IS NOT NULL
    LIMIT 10000
    FOR UPDATE OF lm SKIP LOCKED)`
	dueMailsSQL = `
(SELECT lm.letter_id, 'send' AS job
 FROM letter_mails lm
 JOIN letters l ON l.id = lm.letter_id
 JOIN campaigns c ON c.id = l.campaign_id
 LEFT JOIN letter_lines ll ON ll.target_id = l.target_id
 WHERE lm.state = 'queued' AND lm.due_at <= now_at() AND c.state = 'active' AND ll.stopped_at IS NULL
 ORDER BY lm.due_at
 LIMIT 200)
UNION ALL
(SELECT lm.letter_id, 'ask'
 FROM letter_mails lm
 WHERE lm.state = 'unconfirmed' AND NOT lm.asked_mailed
 LIMIT 200)
UNION ALL
(SELECT lm.letter_id, 'tell'
 FROM letter_mails lm
 WHERE lm.state IN ('refused', 'unknown', 'lapsed') AND lm.told_at IS NULL AND lm.erased_at IS NULL AND lm.settled_at > now_at() - interval '7 days'
   AND lm.confirmed_at IS NOT NULL
 LIMIT 200)
UNION
(SELECT lm.letter_id, 'tell'
 FROM letters l
 JOIN letter_mails lm ON lm.letter_id = l.id
 WHERE l.state = 'returned' AND l.returned_at > now_at() - interval '7 days' AND lm.state = 'sent' AND lm.told_at IS NULL AND lm.erased_at IS NULL
 LIMIT 200)`
)

func dueMails(ctx context.Context, tx pgx.Tx) ([]dueMail, error) {
	rows, err := tx.Query(ctx, dueMailsSQL)
	return all[dueMail](rows, err)
}

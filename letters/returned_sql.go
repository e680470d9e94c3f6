package letters

const (
	lockReturnedSQL = `
SELECT target_id, channel, state
FROM letters
WHERE id = $1
FOR NO KEY UPDATE`
	returnSQL = `
UPDATE letters
SET state = 'returned', returned_at = now_at()
WHERE id = $1`
	// One open mark says it: a hundred letters that come back are one channel that does not work.
	markReturnedSQL = `
INSERT INTO channel_marks (target_id, channel, why, letter_id)
SELECT $1::bigint, 'email', 'returned', $2::bigint
WHERE NOT EXISTS (
    SELECT
    FROM channel_marks
    WHERE target_id = $1 AND channel = 'email' AND why = 'returned' AND cleared_at IS NULL)`
)

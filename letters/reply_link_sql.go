package letters

const (
	replyLinksSQL = `
SELECT l.id AS letter_id, l.campaign_id, l.target_id, l.channel, l.grade, l.written_on, r.how, r.state, r.decided_at
FROM reply_letters r
JOIN letters l ON l.id = r.letter_id
WHERE r.reply_id = $1
ORDER BY array_position(ARRAY['linked','suggested','rejected'], r.state), l.id
LIMIT 200`
	linkByPersonSQL = `
INSERT INTO reply_letters (reply_id, letter_id, how, state, decided_by, decided_at)
SELECT $1::bigint, l.id, 'person', 'linked', $3::bigint, now_at()
FROM letters l
WHERE l.id = $2
ON CONFLICT (reply_id, letter_id) DO UPDATE
SET state = 'linked', decided_by = excluded.decided_by, decided_at = excluded.decided_at`
	unlinkSQL = `
UPDATE reply_letters
SET state = 'rejected', decided_by = $3, decided_at = now_at()
WHERE reply_id = $1 AND letter_id = $2`
	linkAllSQL = `
INSERT INTO reply_letters (reply_id, letter_id, how, state, decided_by, decided_at)
SELECT $1::bigint, l.id, 'person', 'linked', $4::bigint, now_at()
FROM letters l
WHERE l.campaign_id = $2 AND l.target_id = $3 AND l.state = 'counted'
ON CONFLICT (reply_id, letter_id) DO UPDATE
SET state = 'linked', decided_by = excluded.decided_by, decided_at = excluded.decided_at
WHERE reply_letters.state = 'suggested'
RETURNING letter_id`
)

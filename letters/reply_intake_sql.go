package letters

const (
	campaignOfLetterSQL = `
SELECT campaign_id
FROM letters
WHERE id = $1 AND target_id = $2`
	// The lock is on the mail, not on a row: there may be none yet.
	lockIncomingSQL = `SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 0))`
	replyByMailSQL  = `
SELECT id
FROM replies
WHERE mail_hash = $1`
	scanCheckSQL = `
SELECT $1::bigint = 0 OR EXISTS (SELECT FROM targets WHERE id = $1),
       $2::bigint = 0 OR EXISTS (SELECT FROM campaigns WHERE id = $2 AND state <> 'draft'),
       COALESCE($3::date <= (now_at() + interval '1 day')::date, true)`
	takeReplyIDSQL = `SELECT nextval('replies_id_seq')`
	insertReplySQL = `
INSERT INTO replies (id, came, answered_on, campaign_id, target_id, member_id, kind_guessed, automatic, from_sealed, subject_sealed, text_sealed, shown_sealed, mail_hash, recorded_by)
OVERRIDING SYSTEM VALUE
VALUES ($1, $2, COALESCE($4::date, CASE WHEN $3::boolean THEN now_at()::date END), NULLIF($5::bigint, 0), NULLIF($6::bigint, 0), NULLIF($7::bigint, 0), NULLIF($8::text, ''), $9,
        $10, $11, $12, $13, $14, $15)`
	writersOfSQL = `
SELECT DISTINCT member_id
FROM letters
WHERE id = ANY($1::bigint[]) AND member_id IS NOT NULL`
	suggestSQL = `
WITH own AS (
    SELECT l.id, $3::text <> '' AND lower(split_part(t.address, '@', 2)) = $3 AS answered
    FROM letters l
    JOIN targets t ON t.id = l.target_id
    WHERE l.member_id = $1 AND l.campaign_id = $2 AND l.grade <> 'batch' AND l.state <> 'withdrawn'
)
SELECT id
FROM own
WHERE answered OR NOT EXISTS (SELECT FROM own WHERE answered)
ORDER BY id DESC
LIMIT $4`
	campaignByNumberSQL = `
SELECT id
FROM campaigns
WHERE series = ANY($1::text[]) AND number = $2 AND year % 100 = $3 AND state <> 'draft'`
	linkSQL = `
INSERT INTO reply_letters (reply_id, letter_id, how, state)
SELECT $1::bigint, id, $3::text, $4::text
FROM unnest($2::bigint[]) id
ON CONFLICT (reply_id, letter_id) DO NOTHING`
)

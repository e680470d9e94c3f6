package letters

const replyColumns = `r.id, r.came, r.received_at, r.answered_on, r.campaign_id, r.target_id, r.member_id, r.state, r.kind, r.kind_guessed, r.automatic, r.settled_at, r.shown_sealed,
       (SELECT count(*) FROM reply_letters l WHERE l.reply_id = r.id AND l.state = 'linked') AS letters,
       (SELECT count(*) FROM reply_letters l WHERE l.reply_id = r.id AND l.state = 'suggested') AS suggested,
       (SELECT count(*) FROM reply_files f WHERE f.reply_id = r.id) AS files`

const (
	repliesSQL = `
SELECT ` + replyColumns + `
FROM replies r
WHERE ($1::text = '' OR r.state = $1) AND ($2::text = '' OR COALESCE(r.kind, r.kind_guessed) = $2) AND ($3::bigint = 0 OR r.target_id = $3)
  AND ($4::bigint = 0 OR r.campaign_id = $4) AND ($5::bigint = 0 OR r.id < $5)
ORDER BY r.id DESC
LIMIT $6`
	countRepliesSQL = `
SELECT state, count(*)
FROM replies
WHERE ($1::text = '' OR COALESCE(kind, kind_guessed) = $1) AND ($2::bigint = 0 OR target_id = $2) AND ($3::bigint = 0 OR campaign_id = $3)
GROUP BY state`
	replySQL = `
SELECT ` + replyColumns + `
FROM replies r
WHERE r.id = $1`
	lockReplySQL = `
SELECT id
FROM replies
WHERE id = $1
FOR NO KEY UPDATE`
	openReplySQL = `
SELECT from_sealed, subject_sealed, text_sealed
FROM replies
WHERE id = $1
FOR NO KEY UPDATE`
	readReplySQL = `
UPDATE replies
SET state = 'read'
WHERE id = $1 AND state = 'unread'`
	settleCheckSQL = `
SELECT $1::date > (now_at() + interval '1 day')::date,
       CASE WHEN $3::bigint = 0 THEN EXISTS (SELECT FROM targets WHERE id = $2)
            ELSE EXISTS (SELECT FROM campaign_targets WHERE campaign_id = $3 AND target_id = $2)
              OR EXISTS (SELECT FROM letters WHERE campaign_id = $3 AND target_id = $2) END`
	settleReplySQL = `
UPDATE replies
SET state = 'settled', kind = $2, target_id = $3, campaign_id = NULLIF($4::bigint, 0), answered_on = $5, settled_by = $6, settled_at = now_at()
WHERE id = $1`
	setReplyStateSQL = `
UPDATE replies
SET state = $2
WHERE id = $1`
	setShownSQL = `
UPDATE replies
SET shown_sealed = $2
WHERE id = $1`
	takeNoteIDSQL = `SELECT nextval('reply_notes_id_seq')`
	addNoteSQL    = `
INSERT INTO reply_notes (id, reply_id, account_id, words_sealed)
OVERRIDING SYSTEM VALUE
VALUES ($1, $2, $3, $4)`
	notesSQL = `
SELECT id, account_id, written_at, words_sealed
FROM reply_notes
WHERE reply_id = $1
ORDER BY id`
)

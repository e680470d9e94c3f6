package letters

const (
	answersToSQL = `
SELECT r.id, r.answered_on, r.shown_sealed
FROM reply_letters l
JOIN replies r ON r.id = l.reply_id
WHERE l.letter_id = $1 AND l.state = 'linked' AND r.state = 'settled' AND NOT r.automatic
ORDER BY r.answered_on, r.id`
	mailedAnsweredSQL = `
SELECT l.letter_id
FROM reply_letters l
JOIN replies r ON r.id = l.reply_id
JOIN letter_mails m ON m.letter_id = l.letter_id
WHERE l.reply_id = $1 AND l.state = 'linked' AND NOT r.automatic AND m.state IN ('sent', 'unknown')
ORDER BY l.letter_id`
)

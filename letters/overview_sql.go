package letters

const (
	writersSQL = `
SELECT count(DISTINCT member_id)
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND withdrawn_at IS NULL`
	countLettersSQL = `
SELECT count(*)
FROM letters
WHERE $1::bigint = 0 OR campaign_id = $1`
)

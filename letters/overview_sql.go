package letters

const (
	writersSQL = `
SELECT count(DISTINCT member_id)
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND state = 'counted'`
	countLettersSQL = `
SELECT count(*)
FROM letters
WHERE $1::bigint = 0 OR campaign_id = $1`
)

package letters

const (
	listAsideSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE state = 'set_aside' AND reviewed_at IS NULL AND ($1::bigint = 0 OR id < $1)
ORDER BY id DESC
LIMIT $2`
	reviewSQL = `
UPDATE letters
SET state = CASE WHEN $2::boolean THEN 'counted' ELSE state END, set_aside = CASE WHEN $2::boolean THEN NULL ELSE set_aside END,
    reviewed_by = $3, reviewed_at = now_at()
WHERE id = $1`
)

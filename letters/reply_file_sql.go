package letters

const (
	takeFileIDSQL = `SELECT nextval('reply_files_id_seq')`
	insertFileSQL = `
INSERT INTO reply_files (id, reply_id, position, type, bytes, hash, content_sealed)
OVERRIDING SYSTEM VALUE
VALUES ($1, $2, $3, $4, $5, $6, $7)`
	filesSQL = `
SELECT position, type, bytes
FROM reply_files
WHERE reply_id = $1
ORDER BY position`
	openFileSQL = `
SELECT id, type, content_sealed
FROM reply_files
WHERE reply_id = $1 AND position = $2`
)

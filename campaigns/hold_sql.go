package campaigns

const updateHeldSQL = `
UPDATE appeals
SET state = 'stopping', stopping_at = now_at(), stop_reason = $2
WHERE id = $1 AND state = 'issuing'`

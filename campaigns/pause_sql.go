package campaigns

const (
	slowSQL = `
INSERT INTO pauses AS p (provider, step, since, until, code, enhanced)
VALUES ($1, 1, now_at(), now_at() + ($4::interval[])[1], $2, $3)
ON CONFLICT (provider) DO UPDATE
SET step = CASE WHEN p.until < now_at() - interval '1 hour' THEN 1 ELSE LEAST(p.step + 1, cardinality($4)) END,
    since = now_at(),
    until = now_at() + ($4)[CASE WHEN p.until < now_at() - interval '1 hour' THEN 1 ELSE LEAST(p.step + 1, cardinality($4)) END],
    code = excluded.code,
    enhanced = excluded.enhanced,
    eased = false
WHERE p.until <= now_at()`
	easeSQL = `
UPDATE pauses
SET step = GREATEST(step - 1, 0), eased = true
WHERE provider = $1 AND until <= now_at() AND NOT eased`
	pausedSQL = `
SELECT provider, until - now_at() AS left
FROM pauses
WHERE until > now_at() OR NOT eased AND until > now_at() - interval '1 hour'`
	openPausesSQL = `
SELECT provider, since, until, code, enhanced
FROM pauses
WHERE until > now_at()
ORDER BY provider`
)

package letters

const (
	writersSQL = `
SELECT count(DISTINCT member_id) FILTER (WHERE grade <> 'batch') AS members, count(DISTINCT visitor_id) AS visitors, count(DISTINCT group_id) AS groups
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND state = 'counted'`
	counterSQL = `
SELECT COALESCE(sum(copies) FILTER (WHERE grade = 'sent'), 0)::bigint AS sent,
       COALESCE(sum(copies) FILTER (WHERE grade = 'confirmed'), 0)::bigint AS confirmed,
       COALESCE(sum(copies) FILTER (WHERE grade = 'paper'), 0)::bigint AS paper,
       COALESCE(sum(copies) FILTER (WHERE grade = 'reported' AND visitor_id IS NULL), 0)::bigint AS reported,
       COALESCE(sum(copies) FILTER (WHERE grade = 'batch'), 0)::bigint AS batch,
       COALESCE(sum(copies) FILTER (WHERE grade = 'reported' AND visitor_id IS NOT NULL), 0)::bigint AS visitors
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND state = 'counted'`
	asideSQL = `
SELECT count(*) FILTER (WHERE reviewed_at IS NULL) AS waiting, COALESCE(sum(copies) FILTER (WHERE reviewed_at IS NULL), 0)::bigint AS waiting_letters,
       count(reviewed_at) AS refused, COALESCE(sum(copies) FILTER (WHERE reviewed_at IS NOT NULL), 0)::bigint AS refused_letters
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND state = 'set_aside'`
	countLettersSQL = `
SELECT count(*)
FROM letters
WHERE $1::bigint = 0 OR campaign_id = $1`
)

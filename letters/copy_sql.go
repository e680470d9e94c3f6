package letters

const (
	// The language is a guess from what the writer was sent, for a letter that nobody began here.
	copyOfSQL = `
SELECT a.campaign_id, COALESCE(d.language, c.fallback_language)
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
LEFT JOIN deliveries d ON d.appeal_id = a.id AND d.member_id = $2
WHERE a.id = $1 AND c.state <> 'draft' AND ($2::bigint = 0 OR d.member_id IS NOT NULL)`
	visitorByAddressSQL = `
INSERT INTO visitors (campaign_id, address_index)
VALUES ($1, $2)
ON CONFLICT (campaign_id, address_index) WHERE address_index IS NOT NULL DO UPDATE
SET address_index = excluded.address_index
RETURNING id`
	addressOfTargetSQL = `
SELECT address
FROM targets
WHERE id = $1`
	languageOfLetterSQL = `
SELECT language
FROM letters
WHERE (appeal_id = $1 AND member_id = $2 OR visitor_id = $3) AND target_id = $4 AND channel = 'email' AND grade <> 'batch' AND language IS NOT NULL`
)

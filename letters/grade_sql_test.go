package letters

const (
	addCampaignSQL = `
INSERT INTO campaigns (series, number, year, slug, title, deadline_day, deadline_zone, deadline_inclusive, deadline_at)
VALUES ('UA', 1, 2030, 'aaaaaaaaaaaaaaaa', 'x', '2030-01-01', 'UTC', true, '2030-01-02')
RETURNING id`
	addTargetSQL = `
INSERT INTO targets (code, kind, country, power, office)
VALUES ('CA-PS', 'minister', 'CA', 'decides', '{"en": "Minister"}')
RETURNING id`
	addReportedSQL = `
INSERT INTO letters (campaign_id, visitor_id, target_id, channel, copies, written_on, state, set_aside)
VALUES ($1, $2, $3, 'post', 3, now_at()::date, $4, CASE WHEN $4 = 'set_aside' THEN 'many' END)
RETURNING id`
	gradeAndStateSQL = `
SELECT grade, state
FROM letters
WHERE id = $1`
	addVisitorSQL = `
INSERT INTO visitors (campaign_id)
VALUES ($1)
RETURNING id`
)

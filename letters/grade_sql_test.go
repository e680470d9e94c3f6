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
	addVisitorSQL = `
INSERT INTO visitors (campaign_id)
VALUES ($1)
RETURNING id`
)

package letters

const (
	postRoutesSQL = `
SELECT to_country, transit_days, postage,
       COALESCE(now_at()::date >= suspended_from AND (suspended_until IS NULL OR now_at()::date <= suspended_until), false) AS suspended
FROM postal_routes
WHERE from_country = $1`
	reachMarksSQL = `
SELECT target_id, channel, why
FROM channel_marks
WHERE target_id = ANY ($1::bigint[]) AND cleared_at IS NULL
ORDER BY id`
	heldLinesSQL = `
SELECT target_id
FROM letter_lines
WHERE target_id = ANY ($1::bigint[]) AND stopped_at IS NOT NULL`
)

// postRoute is what the post takes to one country.
type postRoute struct {
	ToCountry   string
	TransitDays int
	Postage     string
	Suspended   bool
}

// reachMark is a channel of an office that did not work.
type reachMark struct {
	TargetID int64
	Channel  string
	Why      string
}

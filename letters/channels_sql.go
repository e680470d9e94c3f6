package letters

const (
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

// reachMark is a channel of an office that did not work.
type reachMark struct {
	TargetID int64
	Channel  string
	Why      string
}

package letters

const (
	targetsOfSQL = `
SELECT target_id
FROM campaign_targets
WHERE campaign_id = $1 AND (side <> 'receiving' OR agreed_by IS NOT NULL)
ORDER BY target_id`
	toldOfSQL = `
SELECT EXISTS (
    SELECT
    FROM letters
    WHERE appeal_id = $1 AND member_id = $2 AND target_id = $3 AND channel <> 'unsaid' AND state IN ('counted', 'set_aside'))`
	claimThanksSQL = `
INSERT INTO thanks (address_index, last_at)
VALUES ($1, now_at())
ON CONFLICT (address_index) DO UPDATE
SET last_at = now_at()
WHERE thanks.last_at <= now_at() - interval '7 days'`
)

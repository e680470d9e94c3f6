package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
)

// cutTables are the letters l with all that a cut can ask of them. Each is joined by its key, so that there is one row for each letter.
const cutTables = `
FROM letters l
JOIN campaigns c ON c.id = l.campaign_id
JOIN targets t ON t.id = l.target_id
LEFT JOIN cases k ON k.id = c.case_id
LEFT JOIN appeals a ON a.id = l.appeal_id`

// groupsOfLetters are the letters with the group that each is counted under: of a batch its own, else the one that the member was in when the letter
// was told, so that who moves takes no letter along. Of a move it is known what was before.
const groupsOfLetters = `
    SELECT w.id, COALESCE(w.group_id, CASE WHEN was.id IS NULL THEN m.group_id ELSE was.group_id END) AS group_id
    FROM letters w
    LEFT JOIN members m ON m.id = w.member_id
    LEFT JOIN (
        SELECT DISTINCT ON (x.id) x.id, v.group_id
        FROM letters x
        JOIN member_moves v ON v.member_id = x.member_id AND v.moved_at > x.reported_at
        ORDER BY x.id, v.moved_at, v.id
    ) was ON was.id = w.id`

// cutFilter is every condition of a Cut: a day that is null and a value that is zero hold for all.
const cutFilter = `
WHERE ($1::date IS NULL OR l.written_on >= $1) AND ($2::date IS NULL OR l.written_on <= $2)
  AND ($3::bigint = 0 OR l.campaign_id = $3) AND ($4::bigint = 0 OR c.case_id = $4)
  AND ($5::bigint = 0 OR l.target_id = $5) AND ($6::bigint = 0 OR l.member_id = $6)
  AND ($7::bigint = 0 OR l.id IN (SELECT g.id FROM (` + groupsOfLetters + `
    ) g WHERE g.group_id = $7))
  AND ($8::text = '' OR t.country = $8) AND ($9::text = '' OR k.removing_country = $9) AND ($10::text = '' OR $10 = ANY (k.concerns))
  AND ($11::text = '' OR a.kind = $11) AND ($12::text = '' OR l.channel = $12) AND ($13::text = '' OR l.grade = $13)`

const cutCounted = cutFilter + `
  AND l.state = 'counted'`

const cutFigures = `COALESCE(sum(l.copies) FILTER (WHERE l.grade = 'sent'), 0)::bigint AS sent,
       COALESCE(sum(l.copies) FILTER (WHERE l.grade = 'confirmed'), 0)::bigint AS confirmed,
       COALESCE(sum(l.copies) FILTER (WHERE l.grade = 'paper'), 0)::bigint AS paper,
       COALESCE(sum(l.copies) FILTER (WHERE l.grade = 'reported'), 0)::bigint AS reported,
       COALESCE(sum(l.copies) FILTER (WHERE l.grade = 'batch'), 0)::bigint AS batch,
       count(DISTINCT l.member_id) FILTER (WHERE l.grade <> 'batch') AS members,
       count(DISTINCT l.visitor_id) AS visitors,
       count(*) FILTER (WHERE l.grade = 'batch') AS batches`

// cutByID begins a line that has an id. cutMost puts the most letters first, cutByTime is for lines in the order of time.
const (
	cutByID = ` AS id, '' AS name, ` + cutFigures + cutTables
	cutMost = `
GROUP BY 1, 2
ORDER BY sum(l.copies) DESC, 1, 2`
	cutByTime = `
GROUP BY 1, 2
ORDER BY 2`
)

const (
	cutTotalSQL = `
SELECT ` + cutFigures + cutTables + cutCounted
	cutApartSQL = `
SELECT l.state, sum(l.copies) AS letters, count(*) AS rows` + cutTables + cutFilter + `
  AND l.state <> 'counted'
GROUP BY l.state
ORDER BY l.state`
	cutNowSQL     = `SELECT now_at()`
	oneInstantSQL = `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`

	cutByCampaignSQL = `SELECT l.campaign_id` + cutByID + cutCounted + cutMost
	cutByCaseSQL     = `SELECT COALESCE(c.case_id, 0)` + cutByID + cutCounted + cutMost
	cutByTargetSQL   = `SELECT l.target_id` + cutByID + cutCounted + cutMost
	cutByMemberSQL   = `SELECT COALESCE(l.member_id, 0)` + cutByID + cutCounted + cutMost
	cutByGroupSQL    = `SELECT COALESCE(g.group_id, 0)` + cutByID + `
JOIN (` + groupsOfLetters + `
) g ON g.id = l.id` + cutCounted + cutMost
	cutByCountrySQL  = `SELECT 0::bigint AS id, COALESCE(t.country, '') AS name, ` + cutFigures + cutTables + cutCounted + cutMost
	cutByRemovingSQL = `SELECT 0::bigint AS id, COALESCE(k.removing_country, '') AS name, ` + cutFigures + cutTables + cutCounted + cutMost
	cutByTopicSQL    = `SELECT 0::bigint AS id, COALESCE(concern.name, '') AS name, ` + cutFigures + cutTables + `
LEFT JOIN LATERAL (SELECT DISTINCT name FROM unnest(k.concerns) AS u (name)) concern ON true` + cutCounted + cutMost
	cutByKindSQL    = `SELECT 0::bigint AS id, COALESCE(a.kind, '') AS name, ` + cutFigures + cutTables + cutCounted + cutMost
	cutByChannelSQL = `SELECT 0::bigint AS id, l.channel AS name, ` + cutFigures + cutTables + cutCounted + cutMost
	cutByGradeSQL   = `SELECT 0::bigint AS id, l.grade AS name, ` + cutFigures + cutTables + cutCounted + cutMost
	cutByYearSQL    = `SELECT 0::bigint AS id, to_char(l.written_on, 'YYYY') AS name, ` + cutFigures + cutTables + cutCounted + cutByTime
	cutByMonthSQL   = `SELECT 0::bigint AS id, to_char(l.written_on, 'YYYY-MM') AS name, ` + cutFigures + cutTables + cutCounted + cutByTime
	cutByDaySQL     = `SELECT 0::bigint AS id, to_char(l.written_on, 'YYYY-MM-DD') AS name, ` + cutFigures + cutTables + cutCounted + cutByTime
)

// statementOf is the statement that sums by something; empty where nothing can be summed by it. What was asked for is never a part of a statement.
func statementOf(by string) string {
	switch by {
	case ByCampaign:
		return cutByCampaignSQL
	case ByCase:
		return cutByCaseSQL
	case ByCountry:
		return cutByCountrySQL
	case ByRemoving:
		return cutByRemovingSQL
	case ByTopic:
		return cutByTopicSQL
	case ByTarget:
		return cutByTargetSQL
	case ByKind:
		return cutByKindSQL
	case ByChannel:
		return cutByChannelSQL
	case ByGrade:
		return cutByGradeSQL
	case ByGroup:
		return cutByGroupSQL
	case ByMember:
		return cutByMemberSQL
	case ByYear:
		return cutByYearSQL
	case ByMonth:
		return cutByMonthSQL
	case ByDay:
		return cutByDaySQL
	}
	return ""
}

func (c Cut) values() []any {
	return []any{dayOrNull(c.From), dayOrNull(c.To), c.Campaign, c.Case, c.Target, c.Member, c.Group, c.Country, c.Removing, c.Topic, c.Kind, c.Channel, c.Grade}
}

func readTally(ctx context.Context, tx pgx.Tx, c Cut) (made Tally, err error) {
	if _, err := tx.Exec(ctx, oneInstantSQL); err != nil {
		return made, err
	}
	if err := tx.QueryRow(ctx, cutNowSQL).Scan(&made.MadeAt); err != nil {
		return made, err
	}
	rows, err := tx.Query(ctx, cutTotalSQL, c.values()...)
	if err != nil {
		return made, err
	}
	if made.Total, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Figures]); err != nil {
		return made, err
	}
	rows, err = tx.Query(ctx, cutApartSQL, c.values()...)
	if made.Apart, err = all[Apart](rows, err); err != nil {
		return made, err
	}
	rows, err = tx.Query(ctx, statementOf(c.By), c.values()...)
	made.Lines, err = all[TallyLine](rows, err)
	return made, err
}

// dayOrNull is a day as an argument: the zero one is null, however the statement is sent.
func dayOrNull(d campaigns.Day) *campaigns.Day {
	if d.IsZero() {
		return nil
	}
	return &d
}

package letters

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
)

// notAnswered is a condition on a letter l: neither has an answer been linked to it, nor has the office answered the campaign since it was written.
const notAnswered = `NOT EXISTS (
    SELECT
    FROM reply_letters x
    JOIN replies r ON r.id = x.reply_id
    WHERE x.letter_id = l.id AND x.state = 'linked' AND ` + isAnswer + `)
  AND NOT EXISTS (
    SELECT
    FROM replies r
    WHERE r.campaign_id = l.campaign_id AND r.target_id = l.target_id AND ` + answeredOn + ` >= l.written_on AND ` + isAnswer + `)`

const (
	followedSQL = `
SELECT DISTINCT l.member_id
FROM letters l
WHERE l.campaign_id = $1 AND l.target_id = $2 AND l.state = 'counted' AND l.member_id IS NOT NULL
ORDER BY l.member_id`
	chasedSQL = `
SELECT DISTINCT l.member_id
FROM letters l
WHERE l.campaign_id = $1 AND l.target_id = $2 AND l.state = 'counted' AND l.member_id IS NOT NULL AND l.written_on <= $3::date
  AND ` + notAnswered + `
ORDER BY l.member_id`
	openLettersSQL = `
SELECT l.id, l.target_id, l.channel, l.written_on, t.country
FROM letters l
JOIN targets t ON t.id = l.target_id
WHERE (l.appeal_id = $1 AND l.member_id = $2 OR l.visitor_id = $3) AND l.grade <> 'batch' AND l.state = 'counted'
  AND ` + notAnswered + `
ORDER BY l.written_on, l.id`
	answersByDaySQL = `
SELECT ` + answeredOn + ` AS day, count(*) AS answers
FROM replies r
WHERE r.campaign_id = $1 AND ` + isAnswer + `
GROUP BY 1
ORDER BY 1`
	responsesSQL = `
WITH got AS (
    SELECT DISTINCT d.member_id
    FROM appeals a
    JOIN deliveries d ON d.appeal_id = a.id
    WHERE a.campaign_id = $1 AND d.state = 'accepted'
), wrote AS (
    SELECT l.member_id, sum(l.copies) AS letters
    FROM letters l
    WHERE l.campaign_id = $1 AND l.state = 'counted' AND l.member_id IS NOT NULL AND l.grade <> 'batch'
    GROUP BY l.member_id
), batches AS (
    SELECT l.group_id, sum(l.copies) AS letters
    FROM letters l
    WHERE l.campaign_id = $1 AND l.state = 'counted' AND l.grade = 'batch'
    GROUP BY l.group_id
), by_group AS (
    SELECT COALESCE(m.group_id, 0) AS group_id, count(*) AS got, count(w.member_id) AS wrote, COALESCE(sum(w.letters), 0) AS letters
    FROM got g
    JOIN members m ON m.id = g.member_id
    LEFT JOIN wrote w ON w.member_id = g.member_id
    GROUP BY 1
)
SELECT COALESCE(g.group_id, b.group_id) AS group_id, COALESCE(g.got, 0) AS got, COALESCE(g.wrote, 0) AS wrote,
       COALESCE(g.letters, 0)::bigint AS letters, COALESCE(b.letters, 0)::bigint AS batch
FROM by_group g
FULL JOIN batches b ON b.group_id = g.group_id
ORDER BY COALESCE(g.letters, 0) / GREATEST(g.got, 1) DESC, 1`
)

// writersTo lists the members that a statement finds.
func (s *Store) writersTo(ctx context.Context, statement string, args ...any) ([]int64, error) {
	rows, err := s.DB.Query(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// openLetter is a letter that counts and that nobody has answered.
type openLetter struct {
	ID        int64
	TargetID  int64
	Channel   string
	WrittenOn campaigns.Day
	Country   *string
}

func (s *Store) openLetters(ctx context.Context, w Writer) (list []openLetter, today campaigns.Day, err error) {
	if err = s.DB.QueryRow(ctx, todaySQL).Scan(&today); err != nil {
		return nil, today, err
	}
	rows, err := s.DB.Query(ctx, openLettersSQL, w.AppealID, w.MemberID, w.VisitorID)
	list, err = all[openLetter](rows, err)
	return list, today, err
}

package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// answeredOn is the day of an answer r: the one it bears, else the one it came on.
const answeredOn = `COALESCE(r.answered_on, (r.received_at AT TIME ZONE 'UTC')::date)`

// isAnswer is a condition on a reply r: an office has said something, and a person has read it.
const isAnswer = `r.state = 'settled' AND NOT r.automatic AND r.kind NOT IN ('acknowledgement', 'returned')`

const (
	todaySQL = `SELECT (now_at() AT TIME ZONE 'UTC')::date`
	// $1 is a campaign and $2 an office; 0 is any. Whoever was written to stays in the record, also when taken off the campaign since.
	askedSQL = `
WITH answered AS (
    SELECT r.campaign_id, r.target_id, count(*) AS answers, min(` + answeredOn + `) AS first, max(` + answeredOn + `) AS last,
           (array_agg(r.kind ORDER BY ` + answeredOn + ` DESC, r.id DESC))[1] AS last_kind
    FROM replies r
    WHERE ` + isAnswer + ` AND r.campaign_id IS NOT NULL AND ($1::bigint = 0 OR r.campaign_id = $1) AND ($2::bigint = 0 OR r.target_id = $2)
    GROUP BY r.campaign_id, r.target_id
), wrote AS (
    SELECT l.campaign_id, l.target_id, min(l.written_on) AS first, min(l.written_on) FILTER (WHERE r.last IS NULL OR l.written_on > r.last) AS waiting,
           sum(l.copies) FILTER (WHERE l.grade = 'sent') AS sent, sum(l.copies) FILTER (WHERE l.grade = 'confirmed') AS confirmed,
           sum(l.copies) FILTER (WHERE l.grade = 'paper') AS paper, sum(l.copies) FILTER (WHERE l.grade = 'reported') AS reported,
           sum(l.copies) FILTER (WHERE l.grade = 'batch') AS batch, bool_or(l.member_id IS NOT NULL) AS by_members
    FROM letters l
    LEFT JOIN answered r ON r.campaign_id = l.campaign_id AND r.target_id = l.target_id
    WHERE l.state = 'counted' AND ($1 = 0 OR l.campaign_id = $1) AND ($2 = 0 OR l.target_id = $2)
    GROUP BY l.campaign_id, l.target_id
), stood AS (
    SELECT DISTINCT ON (p.campaign_id, p.target_id) p.campaign_id, p.target_id, p.topic, p.position
    FROM positions p
    WHERE ($1 = 0 OR p.campaign_id = $1) AND ($2 = 0 OR p.target_id = $2)
    ORDER BY p.campaign_id, p.target_id, p.id DESC
), both_of AS (
    SELECT campaign_id, target_id FROM campaign_targets WHERE ($1 = 0 OR campaign_id = $1) AND ($2 = 0 OR target_id = $2)
    UNION
    SELECT campaign_id, target_id FROM wrote
    UNION
    SELECT campaign_id, target_id FROM answered
)
SELECT c.id AS campaign_id, t.id AS target_id, c.case_id, t.country, t.power,
       COALESCE(w.sent, 0)::bigint AS sent, COALESCE(w.confirmed, 0)::bigint AS confirmed, COALESCE(w.paper, 0)::bigint AS paper,
       COALESCE(w.reported, 0)::bigint AS reported, COALESCE(w.batch, 0)::bigint AS batch, COALESCE(w.by_members, false) AS by_members,
       w.first, w.waiting,
       COALESCE(r.answers, 0) AS answers, r.first AS answered_on, r.last_kind, s.position, s.topic
FROM both_of b
JOIN campaigns c ON c.id = b.campaign_id
JOIN targets t ON t.id = b.target_id
LEFT JOIN wrote w ON w.campaign_id = c.id AND w.target_id = t.id
LEFT JOIN answered r ON r.campaign_id = c.id AND r.target_id = t.id
LEFT JOIN stood s ON s.campaign_id = c.id AND s.target_id = t.id
WHERE c.state <> 'draft'
ORDER BY c.id DESC, t.id`
	isOfficeSQL = `SELECT EXISTS (SELECT FROM targets WHERE id = $1)`
	answersSQL  = `
SELECT r.id, r.campaign_id, r.kind, r.automatic, r.came, ` + answeredOn + ` AS on
FROM replies r
WHERE r.target_id = $1 AND r.state = 'settled'
ORDER BY ` + answeredOn + ` DESC, r.id DESC
LIMIT 200`
	// The last word on each topic in each case; a campaign on no case stands for itself.
	standingsSQL = `
SELECT last.campaign_id, last.case_id, last.reply_id, last.topic, last.position, last.recorded_at
FROM (
    SELECT DISTINCT ON (COALESCE(c.case_id, -c.id), p.topic) p.id, p.campaign_id, c.case_id, p.reply_id, p.topic, p.position, p.recorded_at
    FROM positions p
    JOIN campaigns c ON c.id = p.campaign_id
    WHERE p.target_id = $1
    ORDER BY COALESCE(c.case_id, -c.id), p.topic, p.id DESC
) last
ORDER BY last.id DESC`
	openMarksSQL = `
SELECT channel, why, max(marked_at) AS marked_at
FROM channel_marks
WHERE target_id = $1 AND cleared_at IS NULL
GROUP BY channel, why
ORDER BY channel, why`
	answerToSQL = `
SELECT state, campaign_id
FROM replies
WHERE id = $2 AND target_id = $1
FOR SHARE`
	insertPositionSQL = `
INSERT INTO positions (target_id, campaign_id, reply_id, topic, position, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id`
)

func readRecord(ctx context.Context, tx pgx.Tx, r *Record) error {
	var known bool
	if err := tx.QueryRow(ctx, isOfficeSQL, r.TargetID).Scan(&known); err != nil {
		return err
	}
	if !known {
		return failure.Missing("target", r.TargetID)
	}
	if err := tx.QueryRow(ctx, todaySQL).Scan(&r.Today); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, askedSQL, 0, r.TargetID)
	if r.Asked, err = all[Asked](rows, err); err != nil {
		return err
	}
	rows, err = tx.Query(ctx, answersSQL, r.TargetID)
	if r.Answers, err = all[SettledReply](rows, err); err != nil {
		return err
	}
	rows, err = tx.Query(ctx, standingsSQL, r.TargetID)
	if r.Positions, err = all[Standing](rows, err); err != nil {
		return err
	}
	rows, err = tx.Query(ctx, openMarksSQL, r.TargetID)
	r.Marks, err = all[OpenMark](rows, err)
	return err
}

// settledAnswer is what a position is read from.
type settledAnswer struct {
	State      string
	CampaignID *int64
}

func answerTo(ctx context.Context, tx pgx.Tx, targetID, replyID int64) (settledAnswer, error) {
	rows, err := tx.Query(ctx, answerToSQL, targetID, replyID)
	if err != nil {
		return settledAnswer{}, err
	}
	answer, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[settledAnswer])
	if errors.Is(err, pgx.ErrNoRows) {
		return answer, failure.Missing("answer", replyID)
	}
	return answer, err
}

func insertPosition(ctx context.Context, tx pgx.Tx, by audit.Actor, targetID, campaignID int64, n NewPosition) (id int64, err error) {
	err = tx.QueryRow(ctx, insertPositionSQL, targetID, campaignID, n.ReplyID, n.Topic, n.Position, by.AccountID()).Scan(&id)
	return id, err
}

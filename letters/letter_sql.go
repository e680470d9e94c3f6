package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

const letterColumns = `id, campaign_id, appeal_id, member_id, visitor_id, group_id, recorded_by, target_id, channel, grade, state, set_aside, copies, language, code, ` +
	`written_on, reported_at, reviewed_by, reviewed_at, corrected_at, withdrawn_at, returned_at`

const (
	boundsSQL = `
SELECT c.id AS campaign_id, c.state, now_at() AS now, c.deadline_at, c.after_deadline, c.stopped_at, c.closed_at,
       ((SELECT min(f.launched_at) FROM appeals f WHERE f.campaign_id = c.id) - interval '1 day')::date AS earliest
FROM campaigns c
WHERE c.id = COALESCE(
    (SELECT a.campaign_id FROM deliveries d JOIN appeals a ON a.id = d.appeal_id WHERE d.appeal_id = $1 AND d.member_id = $2),
    (SELECT v.campaign_id FROM visitors v WHERE v.id = $3))`
	isTargetSQL = `
SELECT EXISTS (
    SELECT
    FROM campaign_targets
    WHERE campaign_id = $1 AND target_id = $2 AND (side <> 'receiving' OR agreed_by IS NOT NULL))`
	// Of a hundred reports of the same letter at once one row comes out, and each waits here until the one before it has ended.
	openOfMemberSQL = `
INSERT INTO letters (campaign_id, appeal_id, member_id, target_id, channel, state, copies, written_on)
VALUES ($1, $2, $3, $4, $5, 'made', $6, $7)
ON CONFLICT (appeal_id, member_id, target_id, channel) WHERE member_id IS NOT NULL AND grade <> 'batch' DO UPDATE
SET copies = letters.copies
RETURNING ` + letterColumns
	openOfVisitorSQL = `
INSERT INTO letters (campaign_id, visitor_id, target_id, channel, state, copies, written_on)
VALUES ($1, $2, $3, $4, 'made', $5, $6)
ON CONFLICT (visitor_id, target_id, channel) WHERE visitor_id IS NOT NULL DO UPDATE
SET copies = letters.copies
RETURNING ` + letterColumns
	putLetterSQL = `
UPDATE letters
SET copies = $2, written_on = $3, state = $4, set_aside = $5, reviewed_by = $6, reviewed_at = $7, withdrawn_at = $8,
    corrected_at = CASE WHEN state = 'made' THEN NULL ELSE now_at() END, reported_at = CASE WHEN state = 'made' THEN now_at() ELSE reported_at END
WHERE id = $1`
	// What one writer says of other letters than this one, and who else came from the same place within the hour.
	claimSQL = `
SELECT COALESCE((SELECT sum(l.copies)
                 FROM letters l
                 WHERE (l.member_id = $2 OR l.visitor_id = $3) AND l.campaign_id = $1 AND l.id <> $4
                   AND l.grade = 'reported' AND l.state IN ('counted', 'set_aside')), 0)::int AS copies,
       (SELECT count(DISTINCT v.id)::int
        FROM visitors me
        JOIN visitors v ON v.source = me.source AND v.created_at > now_at() - interval '1 hour' AND v.id <> me.id AND v.campaign_id = me.campaign_id
        JOIN letters l ON l.visitor_id = v.id AND l.state IN ('counted', 'set_aside')
        WHERE me.id = $3) AS beside`
	// What is being written is no letter yet; begun twice, it is one row.
	beginOfMemberSQL = `
INSERT INTO letters (campaign_id, appeal_id, member_id, target_id, channel, language, state, copies, written_on)
VALUES ($1, $2, $3, $4, $5, $6, 'made', 1, now_at()::date)
ON CONFLICT (appeal_id, member_id, target_id, channel) WHERE member_id IS NOT NULL AND grade <> 'batch' DO UPDATE
SET language = excluded.language
RETURNING ` + letterColumns
	beginOfVisitorSQL = `
INSERT INTO letters (campaign_id, visitor_id, target_id, channel, language, state, copies, written_on)
VALUES ($1, $2, $3, $4, $5, 'made', 1, now_at()::date)
ON CONFLICT (visitor_id, target_id, channel) WHERE visitor_id IS NOT NULL DO UPDATE
SET language = excluded.language
RETURNING ` + letterColumns
	// A grade only rises; what was being written, or was set aside, is a letter by better evidence than a word. Evidence is of one letter: a row of
	// several keeps the word it rests on, because no one proves the others. What comes to light once letters are not asked for any more was sent before:
	// the day on which it was begun is the last that is known (R13).
	proveSQL = `
UPDATE letters l
SET grade = CASE WHEN copies = 1 AND array_position(ARRAY['reported','paper','confirmed','sent'], $2) > array_position(ARRAY['reported','paper','confirmed','sent'], grade)
                 THEN $2 ELSE grade END,
    written_on = CASE WHEN state = 'made' AND EXISTS (SELECT
                                                      FROM campaigns c
                                                      WHERE c.id = l.campaign_id AND c.state = 'active'
                                                        AND (now_at() < c.deadline_at OR c.after_deadline = 'open')) THEN now_at()::date
                      ELSE written_on END,
    state = CASE WHEN state = 'made' OR state = 'set_aside' AND copies = 1 THEN 'counted' ELSE state END
WHERE id = $1 AND grade <> 'batch'`
	withdrawSQL = `
UPDATE letters
SET withdrawn_at = now_at(), state = 'withdrawn'
WHERE id = $1`
	lockOwnSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE id = $1 AND (appeal_id = $2 AND member_id = $3 OR visitor_id = $4) AND grade <> 'batch'
FOR UPDATE`
	ofWriterSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE (appeal_id = $1 AND member_id = $2 OR visitor_id = $3) AND grade <> 'batch'
ORDER BY id`
	lettersSQL = `
SELECT ` + letterColumns + `
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND ($2::bigint = 0 OR id < $2)
ORDER BY id DESC
LIMIT $3`
	totalsSQL = `
SELECT target_id, channel, grade, visitor_id IS NOT NULL AS anonymous, sum(copies)::bigint AS letters,
       count(DISTINCT member_id) FILTER (WHERE grade <> 'batch') AS members, count(DISTINCT visitor_id) AS visitors, count(DISTINCT group_id) AS groups
FROM letters
WHERE ($1::bigint = 0 OR campaign_id = $1) AND state = 'counted'
GROUP BY target_id, channel, grade, visitor_id IS NOT NULL
ORDER BY target_id, channel, grade, anonymous`
)

func readBounds(ctx context.Context, tx pgx.Tx, w Writer) (bounds, error) {
	rows, err := tx.Query(ctx, boundsSQL, w.AppealID, w.MemberID, w.VisitorID)
	if err != nil {
		return bounds{}, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[bounds])
	if errors.Is(err, pgx.ErrNoRows) {
		return b, failure.Missing("delivery", "for this link")
	}
	return b, err
}

func isTarget(ctx context.Context, tx pgx.Tx, campaignID, targetID int64) (ok bool, err error) {
	err = tx.QueryRow(ctx, isTargetSQL, campaignID, targetID).Scan(&ok)
	return ok, err
}

// openReport returns the letter that a report is about, locked: one that was there, or a new one that counts for nothing yet.
func openReport(ctx context.Context, tx pgx.Tx, w Writer, campaignID, target int64, r Report) (Letter, error) {
	var rows pgx.Rows
	var err error
	if w.VisitorID != 0 {
		rows, err = tx.Query(ctx, openOfVisitorSQL, campaignID, w.VisitorID, target, r.Channel, r.Copies, r.WrittenOn)
	} else {
		rows, err = tx.Query(ctx, openOfMemberSQL, campaignID, w.AppealID, w.MemberID, target, r.Channel, r.Copies, r.WrittenOn)
	}
	if err != nil {
		return Letter{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
}

func readClaim(ctx context.Context, tx pgx.Tx, w Writer, l Letter) (c claim, err error) {
	err = tx.QueryRow(ctx, claimSQL, l.CampaignID, w.MemberID, w.VisitorID, l.ID).Scan(&c.Copies, &c.Beside)
	return c, err
}

// putLetter writes down what a report has made of a letter.
func putLetter(ctx context.Context, tx pgx.Tx, before, after Letter) error {
	_, err := tx.Exec(ctx, putLetterSQL, before.ID, after.Copies, after.WrittenOn, after.State, after.SetAside, after.ReviewedBy, after.ReviewedAt, after.WithdrawnAt)
	return err
}

// begin returns the letter that w writes to a target by a channel, new or begun before, whatever its state.
func begin(ctx context.Context, tx pgx.Tx, w Writer, campaignID, target int64, channel, language string) (Letter, error) {
	var rows pgx.Rows
	var err error
	if w.VisitorID != 0 {
		rows, err = tx.Query(ctx, beginOfVisitorSQL, campaignID, w.VisitorID, target, channel, language)
	} else {
		rows, err = tx.Query(ctx, beginOfMemberSQL, campaignID, w.AppealID, w.MemberID, target, channel, language)
	}
	if err != nil {
		return Letter{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
}

// prove raises a letter's grade; what was only being written counts from then on.
func prove(ctx context.Context, tx pgx.Tx, id int64, grade string) error {
	_, err := tx.Exec(ctx, proveSQL, id, grade)
	return err
}

func withdraw(ctx context.Context, tx pgx.Tx, id int64) error {
	_, err := tx.Exec(ctx, withdrawSQL, id)
	return err
}

// lockOwn returns one of the writer's own reports.
func lockOwn(ctx context.Context, tx pgx.Tx, w Writer, id int64) (Letter, error) {
	rows, err := tx.Query(ctx, lockOwnSQL, id, w.AppealID, w.MemberID, w.VisitorID)
	if err != nil {
		return Letter{}, err
	}
	letter, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
	if errors.Is(err, pgx.ErrNoRows) {
		return letter, failure.Missing("report", id)
	}
	return letter, err
}

// one returns the single letter that rows hold, or NotFound.
func one[T any](rows pgx.Rows, err error, id int64) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return none, failure.Missing("letter", id)
	}
	return row, err
}

package letters

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	fileAboutSQL = `
SELECT c.id, c.series, c.number, c.year, c.title, c.state, c.urgent, c.deadline_day, c.deadline_time::text AS deadline_time, c.deadline_zone, c.deadline_inclusive,
       c.after_deadline, c.outcome, c.outcome_note, c.durability, c.contribution, c.created_at, c.closed_at,
       k.removing_country, k.receiving_country, k.concerns, k.removal_timing, k.removal_at, k.removal_until, k.removal_zone
FROM campaigns c
LEFT JOIN cases k ON k.id = c.case_id
WHERE c.id = $1`
	filePersonsSQL = `
SELECT p.id, p.published_as, p.is_minor
FROM campaigns c
JOIN persons p ON p.case_id = c.case_id
WHERE c.id = $1
ORDER BY p.position`
	fileAsksSQL = `
SELECT code, texts
FROM asks
WHERE campaign_id = $1
ORDER BY position`
	fileOfficesSQL = `
SELECT t.code, t.power, ct.side, t.country, t.office, a.name AS added_by, b.name AS agreed_by
FROM campaign_targets ct
JOIN targets t ON t.id = ct.target_id
LEFT JOIN accounts a ON a.id = ct.added_by
LEFT JOIN accounts b ON b.id = ct.agreed_by
WHERE ct.campaign_id = $1
ORDER BY ct.position, t.id`
	fileEventsSQL = `
SELECT e.id, e.at, e.actor, a.name, e.action, e.subject, e.subject_id, encode(e.after, 'hex') AS after
FROM audit_events e
LEFT JOIN accounts a ON a.id = e.account_id
WHERE e.subject = 'campaign' AND e.subject_id = $1
   OR e.subject = 'appeal' AND e.subject_id IN (SELECT id FROM appeals WHERE campaign_id = $1)
ORDER BY e.id`
	fileAppealsSQL = `
SELECT p.id, p.kind, p.state, a.name AS created_by, b.name AS launched_by, p.launched_at, p.eligible
FROM appeals p
LEFT JOIN accounts a ON a.id = p.created_by
LEFT JOIN accounts b ON b.id = p.launched_by
WHERE p.campaign_id = $1 AND p.launched_at IS NOT NULL
ORDER BY p.id`
	fileEditionsSQL = `
SELECT e.appeal_id, e.language, e.subject, e.text, e.mark
FROM editions e
JOIN appeals p ON p.id = e.appeal_id
WHERE p.campaign_id = $1 AND e.language = e.text_language
ORDER BY e.appeal_id, e.language`
	fileReceiptsSQL = `
SELECT d.appeal_id, CASE WHEN d.state = 'queued' AND p.state = 'stopped' THEN 'stopped' ELSE d.state END AS state, COALESCE(d.reason, '') AS reason, count(*) AS members
FROM deliveries d
JOIN appeals p ON p.id = d.appeal_id
WHERE p.campaign_id = $1
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3`
	fileLetterSumsSQL = `
SELECT t.code, t.office, l.channel, l.grade, l.state, sum(l.copies) AS letters, count(*) AS reports, min(l.written_on) AS first, max(l.written_on) AS last
FROM letters l
JOIN targets t ON t.id = l.target_id
WHERE l.campaign_id = $1 AND l.state IN ('counted', 'set_aside', 'returned')
GROUP BY t.id, l.channel, l.grade, l.state
ORDER BY t.code, l.channel, l.grade, l.state`
	fileAnswersSQL = `
SELECT r.id, t.code, t.office, r.kind, r.automatic, r.received_at, r.answered_on, r.shown_sealed,
       (SELECT count(*) FROM reply_letters x WHERE x.reply_id = r.id AND x.state = 'linked') AS letters
FROM replies r
LEFT JOIN targets t ON t.id = r.target_id
WHERE r.campaign_id = $1 AND r.state = 'settled'
ORDER BY r.id`
	filePositionsSQL = `
SELECT p.id, t.office, p.topic, p.position, a.name, p.recorded_at
FROM positions p
JOIN targets t ON t.id = p.target_id
LEFT JOIN accounts a ON a.id = p.recorded_by
WHERE p.campaign_id = $1
ORDER BY p.id`
	whoMadeSQL = `
SELECT now_at(), (SELECT name FROM accounts WHERE id = $1::bigint)`
	keepCaseFileSQL = `
INSERT INTO case_files (campaign_id, made_by, made_at, hash, entries)
VALUES ($1, $2, $3, $4, $5)
RETURNING id`
	caseFileMadeAtSQL = `
SELECT made_at
FROM case_files
WHERE hash = $1`
)

// whoMade is the entry of the file itself, which is another one each time it is made.
func whoMade(ctx context.Context, tx pgx.Tx, account *int64, campaignID int64) (Entry, error) {
	var at time.Time
	var name *string
	if err := tx.QueryRow(ctx, whoMadeSQL, account).Scan(&at, &name); err != nil {
		return Entry{}, err
	}
	return entry(OfFile, strconv.FormatInt(campaignID, 10), instantText(&at), "made_by", pointedText(name)), nil
}

func keepCaseFile(ctx context.Context, tx pgx.Tx, campaignID int64, by *int64, f CaseFile) (id int64, err error) {
	hash, err := hex.DecodeString(f.Hash())
	if err != nil {
		return 0, err
	}
	entries, err := json.Marshal(f.Entries)
	if err != nil {
		return 0, err
	}
	at, err := time.Parse(time.RFC3339Nano, f.Entries[0].At)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, keepCaseFileSQL, campaignID, by, at, hash, string(entries)).Scan(&id)
	return id, err
}

// caseFileMadeAt returns when the house made the file with this hash, nil where it did not.
func caseFileMadeAt(ctx context.Context, tx pgx.Tx, hash []byte) (*time.Time, error) {
	var at time.Time
	err := tx.QueryRow(ctx, caseFileMadeAtSQL, hash).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &at, err
}

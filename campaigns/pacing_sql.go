package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const (
	// The rows that a claim would take, in the order in which it would take them; none of an appeal that may not be sent.
	dueDomainsSQL = `
SELECT d.member_id, COALESCE(m.address_domain, '') AS domain
FROM deliveries d
JOIN members m ON m.id = d.member_id
WHERE d.appeal_id = $1 AND d.member_id BETWEEN $2 AND $3
  AND (d.state = 'queued' OR d.state = 'deferred' AND d.due_at <= now_at())
  AND EXISTS (SELECT FROM appeals a JOIN campaigns c ON c.id = a.campaign_id
              WHERE a.id = $1 AND a.state = 'issuing' AND ` + endOf + ` > now_at())
ORDER BY d.member_id
LIMIT $4`
	joinLineSQL = `
INSERT INTO waiting_lines AS l (appeal_id, provider, tail_at)
VALUES ($1, $2, now_at() + $3::interval + $4::interval)
ON CONFLICT (appeal_id, provider) DO UPDATE
SET tail_at = GREATEST(l.tail_at, now_at() + $3) + $4
RETURNING EXTRACT(epoch FROM tail_at - $4 - now_at())::float8`
	putOffSQL = `
UPDATE deliveries d
SET state = 'deferred', reason = v.reason, due_at = LEAST((SELECT now_at()) + v.wait, ` + endOf + `)
FROM unnest($2::bigint[], $3::interval[], $4::text[]) AS v (member_id, wait, reason), appeals a
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.id = $1 AND d.appeal_id = $1 AND d.member_id = v.member_id
  AND (d.state = 'queued' OR d.state = 'deferred' AND d.due_at <= now_at())`
)

func dueDomains(ctx context.Context, db postgres.DB, b Batch, limit int) ([]dueMember, error) {
	rows, err := db.Query(ctx, dueDomainsSQL, b.AppealID, b.FirstMember, b.LastMember, limit)
	return all[dueMember](rows, err)
}

// joinLine gives n rows their moments behind those who wait already, none before free is over, and returns the first, from now.
func joinLine(ctx context.Context, tx pgx.Tx, appealID int64, limit Limit, free time.Duration, n int) (time.Duration, error) {
	var start float64
	err := tx.QueryRow(ctx, joinLineSQL, appealID, limit.Provider, free, seconds(float64(n)/limit.Rate)).Scan(&start)
	return seconds(start), err
}

func putOff(ctx context.Context, tx pgx.Tx, appealID int64, waits []wait) error {
	if len(waits) == 0 {
		return nil
	}
	members, times, reasons := make([]int64, len(waits)), make([]time.Duration, len(waits)), make([]string, len(waits))
	for i, w := range waits {
		members[i], times[i], reasons[i] = w.member, w.wait, w.reason
	}
	_, err := tx.Exec(ctx, putOffSQL, appealID, members, times, reasons)
	return err
}

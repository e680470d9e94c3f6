package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	// How the last three appeals of some size were accepted: the seconds in which nine of ten of their mails were. The busiest stretches of
	// ten seconds are taken first, so that neither a stop for the night nor a retry an hour later counts as slowness. Of each the first
	// members of the ledger are looked at, which leave one beside the other, so that a million costs no more than ten thousand.
	measuresSQL = `
WITH recent AS (
    SELECT a.id
    FROM appeals a
    WHERE a.launched_at > now_at() - interval '180 days'
    ORDER BY a.launched_at DESC
    LIMIT 8
), stretches AS (
    SELECT r.id, date_bin('10 seconds', d.settled_at, timestamptz 'epoch') AS stretch, count(*) AS mails,
           min(d.settled_at) AS first, max(d.settled_at) AS last
    FROM recent r
    CROSS JOIN LATERAL (
        SELECT state, settled_at
        FROM deliveries
        WHERE appeal_id = r.id
        ORDER BY member_id
        LIMIT 10000
    ) d
    WHERE d.state = 'accepted'
    GROUP BY 1, 2
), ranked AS (
    SELECT id, mails, first, last, sum(mails) OVER (PARTITION BY id) AS total,
           sum(mails) OVER (PARTITION BY id ORDER BY mails DESC, stretch) - mails AS busier
    FROM stretches
)
SELECT sum(mails)::bigint AS mails,
       GREATEST(LEAST(10 * count(*), EXTRACT(epoch FROM max(last) - min(first))), 1)::float8 AS seconds
FROM ranked
WHERE total >= 200 AND busier < 0.9 * total
GROUP BY id
ORDER BY id DESC
LIMIT 3`
	// What waits in other appeals that do not stand back: an urgent one stands behind urgent ones alone.
	countAheadSQL = `
SELECT COALESCE(sum(GREATEST(COALESCE(a.eligible - d.settled, d.open), 0)), 0)::bigint
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE settled_at IS NOT NULL) AS settled, count(*) FILTER (WHERE settled_at IS NULL) AS open
    FROM deliveries
    WHERE appeal_id = a.id
) d
WHERE a.state = 'issuing' AND a.id <> $1 AND (c.urgent OR NOT $2)`
	// More mails than can be waiting, for each appeal as many as there can be members: read from an index alone.
	mostAheadSQL = `
SELECT (SELECT COALESCE(max(id), 0) FROM members) * (1 + count(*))
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
WHERE a.state = 'issuing' AND a.id <> $1 AND (c.urgent OR NOT $2)`
)

func measures(ctx context.Context, tx pgx.Tx) ([]measure, error) {
	rows, err := tx.Query(ctx, measuresSQL)
	return all[measure](rows, err)
}

func countAhead(ctx context.Context, tx pgx.Tx, appealID int64, urgent bool) (n int64, err error) {
	err = tx.QueryRow(ctx, countAheadSQL, appealID, urgent).Scan(&n)
	return n, err
}

func mostAhead(ctx context.Context, tx pgx.Tx, appealID int64, urgent bool) (n int64, err error) {
	err = tx.QueryRow(ctx, mostAheadSQL, appealID, urgent).Scan(&n)
	return n, err
}

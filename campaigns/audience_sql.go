package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// The audience of an appeal as it was at one instant, from the members' own history: who had joined and not left, and
// what their group, country and language were then. It reads no delivery of the appeal. $1 is the appeal, $2 the instant.
//
// The moves after the instant are few, so they are one small hash; everything else is read by key, in the order of members.
const audienceThen = audienceHead + audienceTail

const audienceHead = `
FROM members m
JOIN appeals a ON a.id = $1
LEFT JOIN (
    SELECT DISTINCT ON (v.member_id) v.member_id, v.language, v.country, v.group_id
    FROM member_moves v
    WHERE v.moved_at > $2
    ORDER BY v.member_id, v.moved_at, v.id
) was ON was.member_id = m.id
WHERE EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.joined_at <= $2 AND (c.left_at IS NULL OR c.left_at > $2)`
const audienceTail = `)
  AND (a.audience_groups = '{}' OR CASE WHEN was.member_id IS NULL THEN m.group_id ELSE was.group_id END = ANY (a.audience_groups))
  AND (a.audience_countries = '{}' OR CASE WHEN was.member_id IS NULL THEN m.country ELSE was.country END = ANY (a.audience_countries))
  AND (a.audience_languages = '{}'
       OR COALESCE(was.language, m.language) = ANY (a.audience_languages)
       OR split_part(COALESCE(was.language, m.language), '-', 1) = ANY (a.audience_languages))` + notLeftOut

// Those who got an earlier appeal of the campaign, or may have, and were still subscribed at the instant (R6).
const earlierThen = earlierHead + earlierTail

const earlierHead = `
FROM members m
WHERE EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.joined_at <= $2 AND (c.left_at IS NULL OR c.left_at > $2)`
const earlierTail = `)
  AND EXISTS (
    SELECT
    FROM appeals a
    JOIN appeals earlier ON earlier.campaign_id = a.campaign_id AND earlier.id <> a.id AND earlier.launched_at <= $2
    JOIN deliveries d ON d.appeal_id = earlier.id AND d.member_id = m.id
    WHERE a.id = $1 AND (d.state IN ('accepted', 'unknown') OR d.unknowns > 0))`

// Those of them who were named when the appeal was made. What is for all of them reads no name.
const namedThen = namedHead + earlierTail

const namedHead = `
FROM named_members n
JOIN members m ON m.id = n.member_id
WHERE n.appeal_id = $1
  AND EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.joined_at <= $2 AND (c.left_at IS NULL OR c.left_at > $2)`

// readersEdition is the edition that a member reads: $3 are the languages there are editions in, the first one the fallback.
const readersEdition = `CASE WHEN m.language = ANY ($3::text[]) THEN m.language
            WHEN split_part(m.language, '-', 1) = ANY ($3::text[]) THEN split_part(m.language, '-', 1)
            ELSE ($3::text[])[1] END`

const (
	countAudienceSQL     = `SELECT count(*) ` + audienceThen
	countEarlierSQL      = `SELECT count(*) ` + earlierThen
	reachAudienceSQL     = `SELECT ` + readersEdition + ` AS language, count(*) AS members ` + audienceThen + ` AND NOT ` + hadOneOf + `$4::bigint[])) GROUP BY 1`
	reachEarlierSQL      = `SELECT ` + readersEdition + ` AS language, count(*) AS members ` + earlierThen + ` GROUP BY 1`
	readersOfAudienceSQL = `SELECT m.language, count(*) AS members ` + audienceThen + ` AND NOT ` + hadOneOf + `$3::bigint[])) GROUP BY 1`
	readersOfEarlierSQL  = `SELECT m.language, count(*) AS members ` + earlierThen + ` GROUP BY 1`
	countNamedSQL        = `SELECT count(*) ` + namedThen
	reachNamedSQL        = `SELECT ` + readersEdition + ` AS language, count(*) AS members ` + namedThen + ` GROUP BY 1`
	readersOfNamedSQL    = `SELECT m.language, count(*) AS members ` + namedThen + ` GROUP BY 1`
	textLanguagesSQL     = `
SELECT t.language
FROM appeals a
JOIN campaigns c ON c.id = a.campaign_id
JOIN appeal_texts t ON t.appeal_id = a.id
WHERE a.id = $1
ORDER BY t.language <> c.fallback_language, t.language`
)

// whom chooses the statement for the audience of an appeal: of a first one, of one for those who got an earlier one, or for some of them.
func (a Appeal) whom(first, earlier, named string) string {
	switch {
	case a.Kind == KindFirst:
		return first
	case a.AudienceNamed:
		return named
	}
	return earlier
}

func countEligible(ctx context.Context, tx pgx.Tx, a Appeal) (int64, error) {
	var n int64
	err := tx.QueryRow(ctx, a.whom(countAudienceSQL, countEarlierSQL, countNamedSQL), a.ID, a.LaunchedAt).Scan(&n)
	return n, err
}

type reachOf struct {
	Language string
	Members  int64
}

func countReach(ctx context.Context, tx pgx.Tx, a Appeal) ([]reachOf, error) {
	rows, err := tx.Query(ctx, textLanguagesSQL, a.ID)
	if err != nil {
		return nil, err
	}
	languages, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	if len(languages) == 0 {
		languages = []string{"und"}
	}
	at, others, err := draftOrLaunch(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	if a.Kind == KindFirst {
		rows, err = tx.Query(ctx, reachAudienceSQL, a.ID, at, languages, others)
	} else {
		rows, err = tx.Query(ctx, a.whom("", reachEarlierSQL, reachNamedSQL), a.ID, at, languages)
	}
	return all[reachOf](rows, err)
}

func countReaders(ctx context.Context, tx pgx.Tx, a Appeal) ([]reachOf, error) {
	at, others, err := draftOrLaunch(ctx, tx, a)
	if err != nil {
		return nil, err
	}
	var rows pgx.Rows
	if a.Kind == KindFirst {
		rows, err = tx.Query(ctx, readersOfAudienceSQL, a.ID, at, others)
	} else {
		rows, err = tx.Query(ctx, a.whom("", readersOfEarlierSQL, readersOfNamedSQL), a.ID, at)
	}
	return all[reachOf](rows, err)
}

// draftOrLaunch is the instant at which an audience is asked for: the launch, or now for a draft. others are the appeals whose readers a
// draft would leave out; of one that was launched it is written down who was left out.
func draftOrLaunch(ctx context.Context, tx pgx.Tx, a Appeal) (at time.Time, others []int64, err error) {
	if a.LaunchedAt != nil {
		return *a.LaunchedAt, []int64{}, nil
	}
	if err := tx.QueryRow(ctx, nowSQL).Scan(&at); err != nil {
		return at, nil, err
	}
	others, err = othersOf(ctx, tx, a)
	return at, others, err
}

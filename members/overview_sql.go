package members

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// countSQL has the conditions of listSQL, but for the cursor.
	countSQL = `
SELECT count(*)
FROM members m
WHERE m.erased_at IS NULL
  AND ($1::bigint = 0 OR m.group_id = $1)
  AND ($2::text = '' OR m.language = $2)
  AND ($3::text = '' OR m.country = $3)
  AND ($4::text = '' OR $4 = CASE
          WHEN EXISTS (SELECT FROM suppressions s WHERE s.address_index = m.address_index) THEN 'suppressed'
          WHEN EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.left_at IS NULL) THEN 'subscribed'
          ELSE 'left'
      END)`
	stretchesSQL = `
SELECT source, given_on, words, joined_at, left_at, left_how
FROM mailing_consents
WHERE member_id = $1
ORDER BY left_at DESC NULLS FIRST, id DESC`
	languagesInUseSQL = `
SELECT DISTINCT language
FROM members
WHERE erased_at IS NULL
ORDER BY language`
	countriesInUseSQL = `
SELECT DISTINCT country
FROM members
WHERE erased_at IS NULL AND country IS NOT NULL
ORDER BY country`
)

func (s *Store) count(ctx context.Context, f Filter) (n int64, err error) {
	err = s.DB.QueryRow(ctx, countSQL, f.GroupID, f.Language, f.Country, string(f.State)).Scan(&n)
	return n, err
}

func (s *Store) stretches(ctx context.Context, id int64) ([]Stretch, error) {
	rows, err := s.DB.Query(ctx, stretchesSQL, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Stretch, error) {
		var st Stretch
		var leftAt *time.Time
		var leftHow *How
		err := row.Scan(&st.Source, &st.GivenOn, &st.Words, &st.JoinedAt, &leftAt, &leftHow)
		if leftAt != nil {
			st.LeftAt, st.LeftHow = *leftAt, *leftHow
		}
		return st, err
	})
}

func (s *Store) texts(ctx context.Context, sql string) ([]string, error) {
	rows, err := s.DB.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

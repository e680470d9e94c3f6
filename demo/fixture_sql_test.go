package demo

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const tablesSQL = `
SELECT table_name::text
FROM information_schema.tables
WHERE table_schema = current_schema()
  AND table_type = 'BASE TABLE'
  AND table_name NOT LIKE 'river%'
ORDER BY table_name`

const digestFormat = `
SELECT count(*)::text || ' rows, ' || COALESCE(md5(string_agg(md5(t::text), '' ORDER BY t::text)), '')
FROM %s t`

const readClockSQL = `SELECT now_at()`

// digests returns what stands in each table, so that two moments can be compared.
func digests(t testing.TB, db postgres.DB) map[string]string {
	t.Helper()
	ctx := context.Background()
	rows, err := db.Query(ctx, tablesSQL)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, table := range tables {
		var digest string
		statement := fmt.Sprintf(digestFormat, pgx.Identifier{table}.Sanitize())
		if err := db.QueryRow(ctx, statement).Scan(&digest); err != nil {
			t.Fatalf("table %s: %v", table, err)
		}
		found[table] = digest
	}
	return found
}

const textsSQL = `
SELECT t::text FROM targets t
UNION ALL
SELECT a::text FROM accounts a
UNION ALL
SELECT c::text FROM cases c
UNION ALL
SELECT p::text FROM persons p
UNION ALL
SELECT c::text FROM campaigns c
UNION ALL
SELECT a::text FROM asks a
UNION ALL
SELECT t::text FROM appeal_texts t
UNION ALL
SELECT g::text FROM groups g
UNION ALL
SELECT c.source || c.words FROM mailing_consents c`

// allTexts returns every row that holds text in clear.
func allTexts(t testing.TB, db postgres.DB) []string {
	t.Helper()
	rows, err := db.Query(context.Background(), textsSQL)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

package members

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/postgres"
)

// byImport is how those leave whom another tool's export calls unsubscribed, bounced or the like.
const byImport How = "import"

// beginBatchSQL takes both tables in the order in which a launch takes them, before the clock is read: so
// a launch either waits for this batch or comes before every instant in it.
const beginBatchSQL = `
LOCK TABLE mailing_consents, member_moves IN ROW EXCLUSIVE MODE`

func beginBatch(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	if _, err := tx.Exec(ctx, beginBatchSQL); err != nil {
		return time.Time{}, err
	}
	return readClock(ctx, tx)
}

// knownSQL locks in order of id, so that two imports of the same people do not wait for each other. The
// lock is the weak one: rows that refer to a member can still be written.
const knownSQL = `
SELECT m.id, m.address_index, m.name_sealed, m.language, m.country, m.group_id,
       EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.left_at IS NULL) AS subscribed
FROM members m
WHERE m.address_index = ANY($1)
ORDER BY m.id
FOR NO KEY UPDATE OF m`

const suppressedSQL = `
SELECT address_index
FROM suppressions
WHERE address_index = ANY($1)`

func readStanding(ctx context.Context, tx pgx.Tx, indexes [][]byte) (standing, error) {
	s := standing{members: map[string]known{}, suppressed: map[string]bool{}}
	rows, err := tx.Query(ctx, knownSQL, indexes)
	if err != nil {
		return s, err
	}
	members, err := pgx.CollectRows(rows, pgx.RowToStructByName[known])
	if err != nil {
		return s, err
	}
	for _, member := range members {
		s.members[string(member.AddressIndex)] = member
	}
	rows, err = tx.Query(ctx, suppressedSQL, indexes)
	if err != nil {
		return s, err
	}
	suppressed, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	for _, index := range suppressed {
		s.suppressed[string(index)] = true
	}
	return s, err
}

// suppressAllSQL writes in order of the key, so that no two imports dead-lock.
const suppressAllSQL = `
INSERT INTO suppressions (address_index, reason, since)
SELECT u.address_index, 'import', $2
FROM unnest($1::bytea[]) AS u (address_index)
ORDER BY u.address_index
ON CONFLICT (address_index) DO NOTHING`

func suppressAll(ctx context.Context, tx pgx.Tx, indexes [][]byte, now time.Time) error {
	_, err := tx.Exec(ctx, suppressAllSQL, indexes, now)
	return err
}

// insertAll adds members and the evidence of their consent by COPY. A member whom somebody else adds at the
// same moment is a unique violation, and the batch is tried anew.
func (s *Store) insertAll(ctx context.Context, tx pgx.Tx, by audit.Actor, rows []importRow, now time.Time) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids, err := takeIDs(ctx, tx, len(rows))
	if err != nil {
		return nil, err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"members"},
		[]string{"id", "address_sealed", "address_index", "address_domain", "name_sealed", "language", "country", "group_id", "created_at"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			row, id := rows[i], ids[i]
			return []any{id, s.Ring.Seal(addressPlace(id), []byte(row.address.mailbox)), row.index, row.address.Domain(),
				s.sealName(id, row.name), row.language, textOrNull(row.country), idOrNull(row.groupID), now}, nil
		}))
	if err != nil {
		return nil, err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"mailing_consents"},
		[]string{"member_id", "source", "given_on", "words", "recorded_by", "joined_at"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			consent := rows[i].consent
			return []any{ids[i], consent.Source, consent.GivenOn, consent.Words, by.AccountID(), now}, nil
		}))
	return ids, err
}

const updateAllSQL = `
UPDATE members m
SET name_sealed = u.name_sealed, language = u.language, country = u.country, group_id = u.group_id
FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::bigint[]) AS u (id, name_sealed, language, country, group_id)
WHERE m.id = u.id`

func updateAll(ctx context.Context, tx pgx.Tx, rows []memberRow) error {
	if len(rows) == 0 {
		return nil
	}
	ids, names, languages := make([]int64, len(rows)), make([][]byte, len(rows)), make([]string, len(rows))
	countries, groups := make([]*string, len(rows)), make([]*int64, len(rows))
	for i, row := range rows {
		ids[i], names[i], languages[i], countries[i], groups[i] = row.ID, row.NameSealed, row.Language, row.Country, row.GroupID
	}
	_, err := tx.Exec(ctx, updateAllSQL, ids, names, languages, countries, groups)
	return err
}

// refreshStatisticsSQL tells the planner that the tables are no longer as they were. PostgreSQL comes round
// to it by itself only within minutes, and who imports may well launch at once.
const refreshStatisticsSQL = `
ANALYZE members, mailing_consents`

func refreshStatistics(ctx context.Context, db postgres.DB) error {
	_, err := db.Exec(ctx, refreshStatisticsSQL)
	return err
}

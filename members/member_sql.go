package members

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// memberRow is a member as stored. Its hash in the audit trail tells nothing: what is personal is sealed.
type memberRow struct {
	ID            int64
	AddressSealed []byte
	AddressIndex  []byte
	AddressDomain string
	NameSealed    []byte
	Language      string
	Country       *string
	GroupID       *int64
}

func (r memberRow) equal(o memberRow) bool {
	return r.ID == o.ID && bytes.Equal(r.AddressSealed, o.AddressSealed) && bytes.Equal(r.NameSealed, o.NameSealed) &&
		r.Language == o.Language && textOr(r.Country) == textOr(o.Country) && idOr(r.GroupID) == idOr(o.GroupID)
}

const readClockSQL = `SELECT now_at()`

func readClock(ctx context.Context, db postgres.DB) (time.Time, error) {
	var now time.Time
	err := db.QueryRow(ctx, readClockSQL).Scan(&now)
	return now, err
}

// An id is taken before its row is written, because what is sealed is bound to it.
const takeIDsSQL = `
SELECT nextval('members_id_seq')
FROM generate_series(1, $1::int)`

func takeIDs(ctx context.Context, tx pgx.Tx, n int) ([]int64, error) {
	rows, err := tx.Query(ctx, takeIDsSQL, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

const insertMemberSQL = `
INSERT INTO members (id, address_sealed, address_index, address_domain, name_sealed, language, country, group_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (address_index) DO NOTHING`

// insertMember reports whether the member was added: not when the address is another's.
func insertMember(ctx context.Context, tx pgx.Tx, r memberRow) (bool, error) {
	tag, err := tx.Exec(ctx, insertMemberSQL,
		r.ID, r.AddressSealed, r.AddressIndex, r.AddressDomain, r.NameSealed, r.Language, r.Country, r.GroupID)
	return tag.RowsAffected() == 1, err
}

const lockMemberSQL = `
SELECT id, address_sealed, address_index, address_domain, name_sealed, language, country, group_id
FROM members
WHERE id = $1
  AND erased_at IS NULL
FOR NO KEY UPDATE`

func lockMember(ctx context.Context, tx pgx.Tx, id int64) (memberRow, error) {
	rows, err := tx.Query(ctx, lockMemberSQL, id)
	if err != nil {
		return memberRow{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[memberRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return memberRow{}, failure.Missing("member", id)
	}
	return row, err
}

const updateMemberSQL = `
UPDATE members
SET address_sealed = $2, address_index = $3, address_domain = $4, name_sealed = $5, language = $6, country = $7, group_id = $8
WHERE id = $1`

func updateMember(ctx context.Context, tx pgx.Tx, r memberRow) error {
	_, err := tx.Exec(ctx, updateMemberSQL,
		r.ID, r.AddressSealed, r.AddressIndex, r.AddressDomain, r.NameSealed, r.Language, r.Country, r.GroupID)
	return err
}

const findByIndexSQL = `
SELECT id
FROM members
WHERE address_index = $1`

func findByIndex(ctx context.Context, db postgres.DB, index []byte) (id int64, found bool, err error) {
	err = db.QueryRow(ctx, findByIndexSQL, index).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return id, err == nil, err
}

const ownerSQL = `
SELECT m.id,
       EXISTS (SELECT FROM mailing_consents c WHERE c.member_id = m.id AND c.left_at IS NULL) AS subscribed
FROM members m
WHERE m.address_index = $1`

// clashWithOwner says whose an address is that somebody else asked for.
func clashWithOwner(ctx context.Context, tx pgx.Tx, index []byte) error {
	var id int64
	var subscribed bool
	if err := tx.QueryRow(ctx, ownerSQL, index).Scan(&id, &subscribed); err != nil {
		return err
	}
	if !subscribed {
		return failure.Clash("this address is member %d's, who has left; with a new consent that member can rejoin", id)
	}
	return failure.Clash("this address is member %d's", id)
}

// readMembersSQL reads members with the latest stretch of each (the open one, if any), in order of id. The
// lateral part must not be ordered by the primary key alone: PostgreSQL would walk that backwards through
// everybody's consents, instead of one look into mailing_consents_member for each member.
const readMembersSQL = `
SELECT m.id, m.address_sealed, m.name_sealed, m.language, m.country, m.group_id, g.name AS group_name, m.created_at,
       c.source, c.given_on, c.words, c.joined_at, c.left_at, c.left_how,
       s.since AS suppressed_at, s.reason AS suppressed_by
FROM members m
LEFT JOIN LATERAL (
    SELECT source, given_on, words, joined_at, left_at, left_how
    FROM mailing_consents
    WHERE member_id = m.id
    ORDER BY left_at DESC NULLS FIRST, id DESC
    LIMIT 1
) c ON true
LEFT JOIN groups g ON g.id = m.group_id
LEFT JOIN suppressions s ON s.address_index = m.address_index
WHERE m.id = ANY($1)
  AND m.erased_at IS NULL
ORDER BY m.id`

type fullRow struct {
	ID            int64
	AddressSealed []byte
	NameSealed    []byte
	Language      string
	Country       *string
	GroupID       *int64
	GroupName     *string
	CreatedAt     time.Time
	Source        *string
	GivenOn       *time.Time
	Words         *string
	JoinedAt      *time.Time
	LeftAt        *time.Time
	LeftHow       *How
	SuppressedAt  *time.Time
	SuppressedBy  *Reason
}

// read returns the members of ids that there are, in order of id.
func (s *Store) read(ctx context.Context, ids []int64) ([]Member, error) {
	rows, err := s.DB.Query(ctx, readMembersSQL, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Member, error) {
		r, err := pgx.RowToStructByName[fullRow](row)
		if err != nil {
			return Member{}, err
		}
		return s.open(r)
	})
}

func (s *Store) open(r fullRow) (Member, error) {
	contact, err := s.Open(r.ID, r.AddressSealed, r.NameSealed)
	if err != nil {
		return Member{}, err
	}
	m := Member{
		ID: r.ID, Address: contact.Address, Name: contact.Name, Language: r.Language, Country: textOr(r.Country),
		GroupID: idOr(r.GroupID), GroupName: textOr(r.GroupName), CreatedAt: r.CreatedAt, State: Subscribed,
	}
	if r.JoinedAt != nil {
		m.JoinedAt = *r.JoinedAt
		m.Consent = Consent{Source: *r.Source, GivenOn: *r.GivenOn, Words: *r.Words}
	}
	if r.JoinedAt == nil || r.LeftAt != nil {
		m.State = Left
	}
	if r.LeftAt != nil {
		m.LeftAt, m.LeftHow = *r.LeftAt, *r.LeftHow
	}
	if r.SuppressedAt != nil {
		m.SuppressedAt, m.SuppressedBy, m.State = *r.SuppressedAt, *r.SuppressedBy, Suppressed
	}
	return m, nil
}

// listSQL reads ids in their order from behind the cursor. An empty value is no filter. The lateral part
// keeps PostgreSQL from hashing everybody's consents to find the hundred members of one page.
const listSQL = `
SELECT m.id
FROM members m
LEFT JOIN LATERAL (
    SELECT true AS subscribed
    FROM mailing_consents
    WHERE member_id = m.id AND left_at IS NULL
    LIMIT 1
) c ON true
WHERE m.id > $1
  AND m.erased_at IS NULL
  AND ($2::bigint = 0 OR m.group_id = $2)
  AND ($3::text = '' OR m.language = $3)
  AND ($4::text = '' OR m.country = $4)
  AND ($5::text = '' OR $5 = CASE
          WHEN EXISTS (SELECT FROM suppressions s WHERE s.address_index = m.address_index) THEN 'suppressed'
          WHEN c.subscribed THEN 'subscribed'
          ELSE 'left'
      END)
ORDER BY m.id
LIMIT $6`

func (s *Store) listIDs(ctx context.Context, f Filter) ([]int64, error) {
	rows, err := s.DB.Query(ctx, listSQL, f.After, f.GroupID, f.Language, f.Country, string(f.State), f.Limit)
	if err != nil {
		return nil, fmt.Errorf("members after %d: %w", f.After, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

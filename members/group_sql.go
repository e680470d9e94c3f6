package members

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

const insertGroupSQL = `
INSERT INTO groups (name, city)
VALUES ($1, $2)
RETURNING id, name, city, created_at, 0::bigint AS members`

func insertGroup(ctx context.Context, tx pgx.Tx, name, city string) (Group, error) {
	rows, err := tx.Query(ctx, insertGroupSQL, name, city)
	if err != nil {
		return Group{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Group])
}

const lockGroupSQL = `
SELECT id, name, city, created_at, 0::bigint AS members
FROM groups
WHERE id = $1
FOR NO KEY UPDATE`

func lockGroup(ctx context.Context, tx pgx.Tx, id int64) (Group, error) {
	rows, err := tx.Query(ctx, lockGroupSQL, id)
	if err != nil {
		return Group{}, err
	}
	group, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Group])
	if errors.Is(err, pgx.ErrNoRows) {
		return Group{}, failure.Missing("group", id)
	}
	return group, err
}

const updateGroupSQL = `
UPDATE groups
SET name = $2, city = $3
WHERE id = $1
RETURNING id, name, city, created_at, 0::bigint AS members`

func updateGroup(ctx context.Context, tx pgx.Tx, id int64, name, city string) (Group, error) {
	rows, err := tx.Query(ctx, updateGroupSQL, id, name, city)
	if err != nil {
		return Group{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Group])
}

const findGroupNameSQL = `
SELECT EXISTS (SELECT FROM groups WHERE lower(name) = lower($1) AND id <> $2)`

// refuseGroupName returns failure.Conflict when a group other than except has this name.
func refuseGroupName(ctx context.Context, tx pgx.Tx, name string, except int64) error {
	var taken bool
	if err := tx.QueryRow(ctx, findGroupNameSQL, name, except).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return failure.Clash("there is a group called %s already", name)
	}
	return nil
}

const groupExistsSQL = `
SELECT EXISTS (SELECT FROM groups WHERE id = $1)`

func groupExists(ctx context.Context, tx pgx.Tx, id int64) (found bool, err error) {
	err = tx.QueryRow(ctx, groupExistsSQL, id).Scan(&found)
	return found, err
}

// readGroupsSQL counts in one pass over the members, not once for each group.
const readGroupsSQL = `
SELECT g.id, g.name, g.city, g.created_at, count(c.member_id) AS members
FROM groups g
LEFT JOIN members m ON m.group_id = g.id
    AND NOT EXISTS (SELECT FROM suppressions s WHERE s.address_index = m.address_index)
LEFT JOIN mailing_consents c ON c.member_id = m.id AND c.left_at IS NULL
GROUP BY g.id
ORDER BY lower(g.name), g.id`

func readGroups(ctx context.Context, db postgres.DB) ([]Group, error) {
	rows, err := db.Query(ctx, readGroupsSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Group])
}

const townSQL = `
SELECT g.city
FROM members m
JOIN groups g ON g.id = m.group_id
WHERE m.id = $1`

func readTown(ctx context.Context, db postgres.DB, member int64) (city string, err error) {
	err = db.QueryRow(ctx, townSQL, member).Scan(&city)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return city, err
}

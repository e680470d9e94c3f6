package accounts

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// secretAccount is an account with what proves its owner. The zero ID says that there is none.
type secretAccount struct {
	Account
	PasswordHash string // "" for none
}

const insertAccountSQL = `
INSERT INTO accounts (address, name, language, roles, password_hash)
VALUES ($1, $2, $3, $4, $5)
RETURNING id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at`

func insertAccount(ctx context.Context, tx pgx.Tx, a Account, hash *string) (Account, error) {
	return oneAccount(tx.Query(ctx, insertAccountSQL, a.Address, a.Name, a.Language, roleNames(a.Roles), hash))
}

const findAccountSQL = `
SELECT id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at
FROM accounts
WHERE id = $1`

func findAccount(ctx context.Context, db postgres.DB, id int64) (Account, error) {
	a, err := oneAccount(db.Query(ctx, findAccountSQL, id))
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, failure.Missing("account", id)
	}
	return a, err
}

const listAccountsSQL = `
SELECT id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at
FROM accounts
ORDER BY disabled_at IS NOT NULL, lower(name), id`

func listAccounts(ctx context.Context, db postgres.DB) ([]Account, error) {
	rows, err := db.Query(ctx, listAccountsSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Account])
}

const accountOfAddressSQL = `
SELECT id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at,
       COALESCE(password_hash, '') AS password_hash
FROM accounts
WHERE address = $1`

// accountOfAddress returns the zero account when there is none: one statement either way.
func accountOfAddress(ctx context.Context, db postgres.DB, address string) (secretAccount, error) {
	return oneSecretAccount(db.Query(ctx, accountOfAddressSQL, knownForm(address)))
}

// NO KEY: the foreign keys of rows that others write meanwhile do not wait for it.
const lockAccountSQL = `
SELECT id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at,
       COALESCE(password_hash, '') AS password_hash
FROM accounts
WHERE id = $1
FOR NO KEY UPDATE`

// lockAccount holds the row of an account until tx ends. It is the first row that every transaction on an account
// locks. It returns the zero account when there is none.
func lockAccount(ctx context.Context, tx pgx.Tx, id int64) (secretAccount, error) {
	return oneSecretAccount(tx.Query(ctx, lockAccountSQL, id))
}

const setDisabledSQL = `
UPDATE accounts
SET disabled_at = CASE WHEN $2::boolean THEN now_at() END
WHERE id = $1
RETURNING id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at`

func setDisabled(ctx context.Context, tx pgx.Tx, id int64, disabled bool) (Account, error) {
	return oneAccount(tx.Query(ctx, setDisabledSQL, id, disabled))
}

const setRolesSQL = `
UPDATE accounts
SET roles = $2
WHERE id = $1
RETURNING id, address, name, language, roles, password_hash IS NOT NULL AS has_password, created_at, disabled_at`

func setRoles(ctx context.Context, tx pgx.Tx, id int64, roles []Role) (Account, error) {
	return oneAccount(tx.Query(ctx, setRolesSQL, id, roleNames(roles)))
}

const setPasswordHashSQL = `
UPDATE accounts
SET password_hash = $2
WHERE id = $1`

func setPasswordHash(ctx context.Context, tx pgx.Tx, id int64, hash string) error {
	_, err := tx.Exec(ctx, setPasswordHashSQL, id, hash)
	return err
}

func oneAccount(rows pgx.Rows, err error) (Account, error) {
	if err != nil {
		return Account{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Account])
}

func oneSecretAccount(rows pgx.Rows, err error) (secretAccount, error) {
	if err != nil {
		return secretAccount{}, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[secretAccount])
	if errors.Is(err, pgx.ErrNoRows) {
		return secretAccount{}, nil
	}
	return a, err
}

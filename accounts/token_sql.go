package accounts

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

const insertTokenSQL = `
INSERT INTO api_tokens (account_id, name, token_hash, roles)
VALUES ($1, $2, $3, $4)
RETURNING id, account_id, name, roles, created_at, last_used_at, revoked_at`

func insertToken(ctx context.Context, tx pgx.Tx, account int64, name string, hash []byte, roles []Role) (Token, error) {
	return oneToken(tx.Query(ctx, insertTokenSQL, account, name, hash, roleNames(roles)))
}

// As useSessionSQL: one round trip for each request of the API, and a write at most once a minute.
const useTokenSQL = `
WITH live AS (
    SELECT t.id AS token_id, t.last_used_at, t.roles AS token_roles, a.id AS account_id, a.name, a.language, a.roles
    FROM api_tokens t
    JOIN accounts a ON a.id = t.account_id
    WHERE t.token_hash = $1
      AND t.revoked_at IS NULL
      AND a.disabled_at IS NULL
), used AS (
    UPDATE api_tokens t
    SET last_used_at = now_at()
    FROM live
    WHERE t.id = live.token_id
      AND (live.last_used_at IS NULL OR live.last_used_at < now_at() - $2::interval)
)
SELECT token_id, token_roles, account_id, name, language, roles
FROM live`

type tokenUse struct {
	Principal
	TokenRoles []Role
}

func useToken(ctx context.Context, db postgres.DB, hash []byte) (Principal, error) {
	rows, err := db.Query(ctx, useTokenSQL, hash, seenEvery)
	if err != nil {
		return Principal{}, err
	}
	use, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[tokenUse])
	if errors.Is(err, pgx.ErrNoRows) {
		return Principal{}, ErrNotSignedIn
	}
	use.Roles = both(use.TokenRoles, use.Roles)
	return use.Principal, err
}

const listTokensSQL = `
SELECT id, account_id, name, roles, created_at, last_used_at, revoked_at
FROM api_tokens
WHERE account_id = $1
ORDER BY id DESC`

func listTokens(ctx context.Context, db postgres.DB, account int64) ([]Token, error) {
	rows, err := db.Query(ctx, listTokensSQL, account)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Token])
}

const lockTokenSQL = `
SELECT id, account_id, name, roles, created_at, last_used_at, revoked_at
FROM api_tokens
WHERE account_id = $1
  AND id = $2
FOR NO KEY UPDATE`

func lockToken(ctx context.Context, tx pgx.Tx, account, id int64) (Token, error) {
	token, err := oneToken(tx.Query(ctx, lockTokenSQL, account, id))
	if errors.Is(err, pgx.ErrNoRows) {
		return Token{}, failure.Missing("API token", id)
	}
	return token, err
}

const revokeTokenSQL = `
UPDATE api_tokens
SET revoked_at = now_at()
WHERE id = $1
RETURNING id, account_id, name, roles, created_at, last_used_at, revoked_at`

func revokeToken(ctx context.Context, tx pgx.Tx, id int64) (Token, error) {
	return oneToken(tx.Query(ctx, revokeTokenSQL, id))
}

const revokeAllTokensSQL = `
UPDATE api_tokens
SET revoked_at = now_at()
WHERE account_id = $1
  AND revoked_at IS NULL`

func revokeAllTokens(ctx context.Context, tx pgx.Tx, account int64) error {
	_, err := tx.Exec(ctx, revokeAllTokensSQL, account)
	return err
}

func oneToken(rows pgx.Rows, err error) (Token, error) {
	if err != nil {
		return Token{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Token])
}

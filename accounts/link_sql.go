package accounts

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/postgres"
)

const insertLinkSQL = `
WITH owner AS (
    SELECT id, address, name, language
    FROM accounts
    WHERE address = $2
      AND disabled_at IS NULL
), made AS (
    INSERT INTO sign_in_links (token_hash, account_id, expires_at)
    SELECT $1, id, now_at() + $3::interval
    FROM owner
)
SELECT address, name, language
FROM owner`

// insertLink reports whether there is an account to make a link for: one statement either way.
func insertLink(ctx context.Context, tx pgx.Tx, hash []byte, address string) (SignInLink, bool, error) {
	rows, err := tx.Query(ctx, insertLinkSQL, hash, address, LinkLife)
	if err != nil {
		return SignInLink{}, false, err
	}
	link, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[SignInLink])
	if errors.Is(err, pgx.ErrNoRows) {
		return SignInLink{}, false, nil
	}
	return link, err == nil, err
}

const accountOfLinkSQL = `
SELECT account_id
FROM sign_in_links
WHERE token_hash = $1
  AND used_at IS NULL
  AND expires_at > now_at()`

// accountOfLink returns the account of a link that still works, or 0. It holds nothing: useLink decides.
func accountOfLink(ctx context.Context, db postgres.DB, hash []byte) (int64, error) {
	rows, err := db.Query(ctx, accountOfLinkSQL, hash)
	if err != nil {
		return 0, err
	}
	id, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// Of many at once the row goes to the first; the others wait for it and then find it used.
const useLinkSQL = `
UPDATE sign_in_links
SET used_at = now_at()
WHERE token_hash = $1
  AND used_at IS NULL
  AND expires_at > now_at()`

func useLink(ctx context.Context, tx pgx.Tx, hash []byte) (int64, error) {
	tag, err := tx.Exec(ctx, useLinkSQL, hash)
	return tag.RowsAffected(), err
}

const endLinksSQL = `
DELETE FROM sign_in_links
WHERE account_id = $1`

func endLinks(ctx context.Context, tx pgx.Tx, account int64) error {
	_, err := tx.Exec(ctx, endLinksSQL, account)
	return err
}

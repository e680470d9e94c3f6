package accounts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// tokenPrefix begins every API token, so that a scanner for leaked secrets, and a person, know one when they see it.
const tokenPrefix = "hf_"

// Token is an API token as its owner sees it in the list.
type Token struct {
	ID         int64      `json:"id"`
	AccountID  int64      `json:"account_id"`
	Name       string     `json:"name"`
	Roles      []Role     `json:"roles"` // at most; what the account has lost counts no more
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"` // to the minute
	RevokedAt  *time.Time `json:"revoked_at"`
}

// AddToken makes an API token with some of the roles of an account. The secret is returned here and never again.
// An account makes tokens for itself alone, because a token acts in its account's name; the command line may for
// any. It returns Forbidden, NotFound, a Conflict for a disabled account, or Invalid.
func (s *Store) AddToken(ctx context.Context, by audit.Actor, account int64, name string, roles []Role) (Token, string, error) {
	if own := by.AccountID(); own != nil && *own != account {
		return Token{}, "", failure.Refuse("nobody makes an API token for somebody else's account; its owner can")
	}
	secret := tokenPrefix + newSecret()
	var token Token
	err := s.change(ctx, account, func(tx pgx.Tx, a secretAccount) error {
		if a.DisabledAt != nil {
			return failure.Clash("account %d is disabled; enable it before making an API token for it", account)
		}
		var c failure.Check
		checkLine(&c, "name", name)
		checkRoles(&c, roles)
		for _, r := range sorted(roles) {
			c.Need(slices.Contains(a.Roles, r), "roles", "account %d does not have the role %s", account, r)
		}
		err := c.Err()
		if err != nil {
			return err
		}
		if token, err = insertToken(ctx, tx, account, strings.TrimSpace(name), hashSecret(secret), sorted(roles)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "token.add", Subject: "token", SubjectID: token.ID, After: token})
	})
	if err != nil {
		return Token{}, "", err
	}
	return token, secret, nil
}

// FindToken returns who is behind the secret of an API token, with the roles that the token and its account both have
// at this moment, and notes that it was used. It returns ErrNotSignedIn for a token that is not known or was revoked,
// or is of a disabled account.
func (s *Store) FindToken(ctx context.Context, secret string) (Principal, error) {
	if !strings.HasPrefix(secret, tokenPrefix) {
		return Principal{}, ErrNotSignedIn
	}
	return useToken(ctx, s.DB, hashSecret(secret))
}

// ListTokens returns the API tokens of an account, the newest first, the revoked ones as well.
func (s *Store) ListTokens(ctx context.Context, account int64) ([]Token, error) {
	return listTokens(ctx, s.DB, account)
}

// RevokeToken makes an API token of an account useless at once and for ever. Twice is fine. It returns NotFound where
// the account has no such token.
func (s *Store) RevokeToken(ctx context.Context, by audit.Actor, account, id int64) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		before, err := lockToken(ctx, tx, account, id)
		if err != nil || before.RevokedAt != nil {
			return err
		}
		after, err := revokeToken(ctx, tx, id)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "token.revoke", Subject: "token", SubjectID: id, Before: before, After: after})
	})
}

package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// LinkLife is how long a sign-in link works.
const LinkLife = 20 * time.Minute

// SignInLink is what has to be mailed to the owner of an account, and to nobody else.
type SignInLink struct {
	Secret   string
	Address  string
	Name     string
	Language string
}

// RequestLink makes a one-time sign-in link for an address, at most one a minute. ok is false when there is nothing
// to mail: no such account, a disabled one, or one that was just mailed. Whoever asked gets the same answer in all
// four cases, and the mail is sent after the answer, so that its time tells nothing either.
func (s *Store) RequestLink(ctx context.Context, address string) (link SignInLink, ok bool, err error) {
	secret := newSecret()
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		if err := charge(ctx, tx, s.linkSubject(address)); err != nil {
			return err
		}
		link, ok, err = insertLink(ctx, tx, hashSecret(secret), knownForm(address))
		return err
	})
	if tooSoon := new(TryLater); errors.As(err, &tooSoon) {
		return SignInLink{}, false, nil
	}
	if err != nil || !ok {
		return SignInLink{}, false, err
	}
	link.Secret = secret
	return link, true, nil
}

// SignInByLink begins a session and uses the link up; a GET must never call it, because mail filters open links.
// Of any number of calls at once one succeeds. replaces is as in Attempt. It returns ErrLink.
func (s *Store) SignInByLink(ctx context.Context, secret, replaces string) (SignedIn, error) {
	return s.redeem(ctx, secret, replaces, func(tx pgx.Tx, a secretAccount) error {
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Account(a.ID), Action: "account.sign_in_by_link", Subject: "account", SubjectID: a.ID})
	})
}

// ResetPassword is SignInByLink for somebody who forgot the password or never had one: it also sets a new one and
// ends every other session of the account. It returns ErrLink, or an Invalid of the field new_password, after which
// the link still works.
func (s *Store) ResetPassword(ctx context.Context, secret, password, replaces string) (SignedIn, error) {
	id, err := accountOfLink(ctx, s.DB, hashSecret(secret))
	if err != nil {
		return SignedIn{}, err
	}
	if id == 0 {
		return SignedIn{}, ErrLink
	}
	a, err := s.Find(ctx, id)
	if err != nil {
		return SignedIn{}, err
	}
	if err := checkPassword("new_password", password, a.words(s.Organisation)...); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	return s.redeem(ctx, secret, replaces, func(tx pgx.Tx, a secretAccount) error {
		return replacePassword(ctx, tx, audit.Account(a.ID), a, hash)
	})
}

// redeem uses a link up, does what it was used for, and begins a session. A link that is forged, used, expired or of
// a disabled account takes the same statements.
func (s *Store) redeem(ctx context.Context, secret, replaces string, do func(tx pgx.Tx, a secretAccount) error) (SignedIn, error) {
	var in SignedIn
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		id, err := accountOfLink(ctx, tx, hashSecret(secret))
		if err != nil {
			return err
		}
		a, err := lockAccount(ctx, tx, id) // before the link's row, as everybody who ends an account's links does
		if err != nil {
			return err
		}
		used, err := useLink(ctx, tx, hashSecret(secret))
		if err != nil {
			return err
		}
		if used == 0 || a.ID == 0 || a.DisabledAt != nil {
			return ErrLink
		}
		// Who reads the owner's mail is the owner: the guesses of others hold them up no longer.
		if err := clearFailures(ctx, tx, s.accountSubject(a.Address).index); err != nil {
			return err
		}
		if err := do(tx, a); err != nil {
			return err
		}
		in, err = startSession(ctx, tx, a.Account, replaces)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

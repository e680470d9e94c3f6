package accounts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
)

// Attempt is one try to sign in by password.
type Attempt struct {
	Address  string
	Password string
	// Source is where the attempt comes from, as the door knows it: the address of the connection, or the one that
	// a configured proxy names, never a header that anybody can send; of IPv6 the first 64 bits.
	Source string
	// Replaces is the secret of the session that the browser had until now, "" for none. It ends.
	Replaces string
}

// SignedIn is a new session.
type SignedIn struct {
	Session   string // the secret for the cookie; it is not kept and cannot be shown again
	Principal Principal
}

// SignIn begins a session for the right password of an account that is not disabled.
//
// It returns ErrCredentials for whatever else, with the same statements and one run of argon2id; or a TryLater,
// before anything about the account is read, where the address or the source has to wait.
func (s *Store) SignIn(ctx context.Context, attempt Attempt) (SignedIn, error) {
	leave, err := s.argon.enter(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	known, err := s.charged(ctx, attempt.Address, attempt.Source)
	if err != nil {
		return SignedIn{}, err
	}
	if right := verify(known.PasswordHash, attempt.Password); !right || known.DisabledAt != nil {
		return SignedIn{}, ErrCredentials
	}
	renewed := ""
	if outdated(known.PasswordHash) {
		renewed = costNow().hash(attempt.Password)
	}

	var in SignedIn
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		a, err := lockAccount(ctx, tx, known.ID)
		if err != nil {
			return err
		}
		if a.DisabledAt != nil || a.PasswordHash != known.PasswordHash {
			return ErrCredentials // disabled or changed since it was read
		}
		if renewed != "" {
			if err := setPasswordHash(ctx, tx, a.ID, renewed); err != nil {
				return err
			}
		}
		if err := s.forgive(ctx, tx, attempt.Address, attempt.Source); err != nil {
			return err
		}
		if in, err = startSession(ctx, tx, a.Account, attempt.Replaces); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Account(a.ID), Action: "account.sign_in", Subject: "account", SubjectID: a.ID})
	})
	if err != nil {
		return SignedIn{}, err
	}
	return in, nil
}

// charged counts an attempt at an account's password and returns the account, the zero one where there is none.
// It is a transaction of its own, so that nothing is held while argon2id runs.
func (s *Store) charged(ctx context.Context, address, source string) (secretAccount, error) {
	var known secretAccount
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		err := charge(ctx, tx, s.accountSubject(address), s.sourceSubject(source))
		if err != nil {
			return err
		}
		known, err = accountOfAddress(ctx, tx, address)
		return err
	})
	return known, err
}

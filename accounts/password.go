package accounts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// hash returns password as it is kept, when its turn at argon2id comes.
func (s *Store) hash(ctx context.Context, password string) (string, error) {
	leave, err := s.argon.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return costNow().hash(password), nil
}

// SetPassword gives an account a password. It is for the command line of the system alone: staff use ChangePassword
// and ResetPassword, and nobody sets the password of somebody else, because that is to become them. Every session
// and link of the account ends. It returns NotFound, or an Invalid of the field password.
func (s *Store) SetPassword(ctx context.Context, id int64, password string) error {
	a, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	if err := checkPassword("password", password, a.words(s.Organisation)...); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(tx pgx.Tx, before secretAccount) error {
		return replacePassword(ctx, tx, audit.System(), before, hash)
	})
}

// PasswordChange is a change by who is signed in.
type PasswordChange struct {
	Session string // the secret of the session that asks
	Current string // the password until now
	New     string
	Source  string // as in Attempt
}

// ChangePassword changes one's own password. Every session of the account ends, the one that asks as well; what
// comes back is a new one in its place. It returns ErrNotSignedIn, a TryLater after too many wrong guesses at the
// current password (they count as at sign-in), or an Invalid of the fields current_password and new_password.
func (s *Store) ChangePassword(ctx context.Context, change PasswordChange) (SignedIn, error) {
	leave, err := s.argon.enter(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	p, err := s.FindSession(ctx, change.Session)
	if err != nil {
		return SignedIn{}, err
	}
	a, err := s.Find(ctx, p.AccountID)
	if err != nil {
		return SignedIn{}, err
	}
	if err := checkPassword("new_password", change.New, a.words(s.Organisation)...); err != nil {
		return SignedIn{}, err
	}
	if !a.HasPassword { // a session left open on some desk shall not become a way in that lasts
		return SignedIn{}, failure.Wrong("current_password", "this account has no password yet; ask for a sign-in link and set one with it")
	}
	known, err := s.charged(ctx, a.Address, change.Source)
	if err != nil {
		return SignedIn{}, err
	}
	if !verify(known.PasswordHash, change.Current) {
		return SignedIn{}, failure.Wrong("current_password", "is not the password of this account")
	}
	hash := costNow().hash(change.New)

	var in SignedIn
	err = s.change(ctx, a.ID, func(tx pgx.Tx, before secretAccount) error {
		// Ended meanwhile, or changed by somebody else: what was proved above counts no more.
		ended, err := endSession(ctx, tx, hashSecret(change.Session))
		if err != nil {
			return err
		}
		if ended == 0 || before.DisabledAt != nil || before.PasswordHash != known.PasswordHash {
			return ErrNotSignedIn
		}
		if err := replacePassword(ctx, tx, audit.Account(a.ID), before, hash); err != nil {
			return err
		}
		if err := s.forgive(ctx, tx, a.Address, change.Source); err != nil {
			return err
		}
		in, err = startSession(ctx, tx, before.Account, "")
		return err
	})
	return in, err
}

// replacePassword sets the hash and shuts out whoever came in by the old one.
func replacePassword(ctx context.Context, tx pgx.Tx, by audit.Actor, a secretAccount, hash string) error {
	if err := setPasswordHash(ctx, tx, a.ID, hash); err != nil {
		return err
	}
	if err := endAccess(ctx, tx, a.ID); err != nil {
		return err
	}
	// No hash of the password, nor of its hash, goes where it is kept for ever.
	return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "account.set_password", Subject: "account", SubjectID: a.ID})
}

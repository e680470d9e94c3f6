package accounts

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// The limits of a session: a desk left over lunch is signed out, and so is everybody once a working day is over
// (ASVS 5.0.0, 7.3.1 and 7.3.2).
const (
	SessionIdle  = 2 * time.Hour
	SessionLimit = 12 * time.Hour
)

// seenEvery is how exactly it is known when a session or an API token was last used; each use within it costs no
// write.
const seenEvery = time.Minute

// Session is a session as its owner sees it in the list.
type Session struct {
	ID         string // names the session, and does not let anybody in
	CreatedAt  time.Time
	LastSeenAt time.Time
	Current    bool // the one that asks
}

// FindSession returns who is behind a session's secret, and notes that it was used. Roles are those of this moment.
// It returns ErrNotSignedIn for a session that is not known, has been ended or outlived a limit, or is of a disabled
// account.
func (s *Store) FindSession(ctx context.Context, secret string) (Principal, error) {
	return useSession(ctx, s.DB, hashSecret(secret))
}

// ListSessions returns the sessions of an account that have not ended, the last used one first. current is the secret
// of the one that asks, "" for none.
func (s *Store) ListSessions(ctx context.Context, account int64, current string) ([]Session, error) {
	rows, err := listSessions(ctx, s.DB, account)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(rows))
	for i, r := range rows {
		sessions[i] = Session{ID: hex.EncodeToString(r.TokenHash), CreatedAt: r.CreatedAt, LastSeenAt: r.LastSeenAt,
			Current: string(r.TokenHash) == string(hashSecret(current))}
	}
	return sessions, nil
}

// SignOut ends the session with a secret. Where there is none it does nothing.
func (s *Store) SignOut(ctx context.Context, secret string) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		account, err := endSession(ctx, tx, hashSecret(secret))
		if err != nil || account == 0 {
			return err
		}
		return recordEnd(ctx, tx, audit.Account(account), account)
	})
}

// EndSession ends one session of an account by its ID. It returns NotFound where the account has no such session.
func (s *Store) EndSession(ctx context.Context, by audit.Actor, account int64, id string) error {
	hash, err := hex.DecodeString(id)
	if err != nil {
		return failure.Missing("session", id)
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		ended, err := endSessionOf(ctx, tx, account, hash)
		if err != nil {
			return err
		}
		if ended == 0 {
			return failure.Missing("session", id)
		}
		return recordEnd(ctx, tx, by, account)
	})
}

// EndOtherSessions ends every session of the account but the one with the secret. It returns ErrNotSignedIn.
func (s *Store) EndOtherSessions(ctx context.Context, secret string) error {
	p, err := s.FindSession(ctx, secret)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		ended, err := endSessionsBut(ctx, tx, p.AccountID, hashSecret(secret))
		if err != nil || ended == 0 {
			return err
		}
		return recordEnd(ctx, tx, p.Actor(), p.AccountID)
	})
}

// startSession begins a session, and ends the one that it replaces: a session's secret never outlives a sign-in.
func startSession(ctx context.Context, tx pgx.Tx, a Account, replaces string) (SignedIn, error) {
	if replaces != "" {
		if _, err := endSession(ctx, tx, hashSecret(replaces)); err != nil {
			return SignedIn{}, err
		}
	}
	secret := newSecret()
	if err := insertSession(ctx, tx, hashSecret(secret), a.ID); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Session: secret, Principal: a.principal()}, nil
}

// endAccess shuts out everybody who is in an account, or holds a link to get in. The account's row must be locked,
// or somebody gets in behind it.
func endAccess(ctx context.Context, tx pgx.Tx, account int64) error {
	if _, err := endSessionsBut(ctx, tx, account, nil); err != nil {
		return err
	}
	return endLinks(ctx, tx, account)
}

func recordEnd(ctx context.Context, tx pgx.Tx, by audit.Actor, account int64) error {
	return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "account.end_session", Subject: "account", SubjectID: account})
}

package accounts

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestA3_EverySignInMakesANewSessionAndEndsTheOldOne(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Coordinator, Tracker)
	first := signedIn(t, s, a)
	if len(first.Session) < 26 { // 128 bits in base32
		t.Errorf("a secret of %d characters", len(first.Session))
	}
	want := Principal{AccountID: a.ID, Name: "Ada Example", Language: "fr", Roles: []Role{Coordinator, Tracker}}
	if diff := cmp.Diff(want, first.Principal); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	if p, err := s.FindSession(ctx, first.Session); err != nil || !cmp.Equal(p, want) {
		t.Errorf("FindSession = %+v, %v", p, err)
	}
	second, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: goodPassword, Source: newSecret(), Replaces: first.Session})
	if err != nil {
		t.Fatal(err)
	}
	if isLive(t, s, first.Session) || !isLive(t, s, second.Session) || second.Session == first.Session {
		t.Error("signing in by password again must end the old session and make another")
	}
	third, err := s.SignInByLink(ctx, link(t, s, a), second.Session)
	if err != nil {
		t.Fatal(err)
	}
	if isLive(t, s, second.Session) || !isLive(t, s, third.Session) {
		t.Error("signing in by link must end the old session and make another")
	}
	fourth, err := s.ChangePassword(ctx, PasswordChange{Session: third.Session, Current: goodPassword, New: "another good one", Source: newSecret()})
	if err != nil {
		t.Fatal(err)
	}
	if isLive(t, s, third.Session) || !isLive(t, s, fourth.Session) {
		t.Error("a change of password must end the session that asked and make another")
	}
}

func TestA4_ShuttingOutEndsEverySessionAndLinkAtOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, act := range map[string]func(s *Store, a Account, own string) (fresh string, err error){
		"set roles": func(s *Store, a Account, _ string) (string, error) {
			return "", s.SetRoles(ctx, audit.System(), a.ID, []Role{Tracker})
		},
		"disable": func(s *Store, a Account, _ string) (string, error) { return "", s.Disable(ctx, audit.System(), a.ID) },
		"set password": func(s *Store, a Account, _ string) (string, error) {
			return "", s.SetPassword(ctx, a.ID, "entirely different")
		},
		"change password": func(s *Store, a Account, own string) (string, error) {
			in, err := s.ChangePassword(ctx, PasswordChange{Session: own, Current: goodPassword, New: "entirely different", Source: newSecret()})
			return in.Session, err
		},
		"reset password": func(s *Store, a Account, _ string) (string, error) {
			dbtest.MoveClock(t, s.DB, time.Minute)
			in, err := s.ResetPassword(ctx, link(t, s, a), "entirely different", "")
			return in.Session, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx := dbtest.Tx(t)
			s := newStore(t, tx)
			a, other := made(t, s, goodPassword, Tracker, Coordinator), made(t, s, goodPassword, Tracker)
			first, second, others := signedIn(t, s, a), signedIn(t, s, a), signedIn(t, s, other)
			mailed := link(t, s, a)
			fresh, err := act(s, a, first.Session)
			if err != nil {
				t.Fatal(err)
			}
			if isLive(t, s, first.Session) || isLive(t, s, second.Session) {
				t.Error("a session is still alive")
			}
			if fresh != "" && !isLive(t, s, fresh) {
				t.Error("the session that came back is not alive")
			}
			if !isLive(t, s, others.Session) {
				t.Error("somebody else was signed out")
			}
			if _, err := s.SignInByLink(ctx, mailed, ""); err != ErrLink {
				t.Errorf("a link mailed before: %v, want ErrLink", err)
			}
		})
	}
}

func TestA4_DisabledAccountIsOutByItsFlagAlone(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Tracker)
	in := signedIn(t, s, a)
	_, secret, err := s.AddToken(ctx, audit.System(), a.ID, "script", []Role{Tracker})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := setDisabled(ctx, tx, a.ID, true); err != nil { // and nothing else of what Disable does
		t.Fatal(err)
	}
	if _, err := s.FindToken(ctx, secret); err != ErrNotSignedIn || isLive(t, s, in.Session) {
		t.Errorf("a token, or a session, of a disabled account works: %v", err)
	}
}

func TestA4_NobodySlipsInBehindAChange(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	disable := func(tx pgx.Tx, a Account) error { _, err := setDisabled(ctx, tx, a.ID, true); return err }
	change := func(tx pgx.Tx, a Account) error {
		return setPasswordHash(ctx, tx, a.ID, cost{memory: 64, passes: 1, lanes: 1}.hash("new"))
	}
	for _, c := range []struct {
		name   string
		change func(pgx.Tx, Account) error
		in     func(s *Store, a Account, session, mailed string) error
		want   error
	}{
		{"password, while disabled", disable, byPassword, ErrCredentials},
		{"password, while it changes", change, byPassword, ErrCredentials},
		{"link, while disabled", disable, func(s *Store, _ Account, _, mailed string) error {
			_, err := s.SignInByLink(ctx, mailed, "")
			return err
		}, ErrLink},
		{"change of password, while it changes", change, func(s *Store, _ Account, session, _ string) error {
			_, err := s.ChangePassword(ctx, PasswordChange{Session: session, Current: goodPassword, New: "entirely different", Source: newSecret()})
			return err
		}, ErrNotSignedIn},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool := dbtest.Pool(t)
			s := newStore(t, pool)
			a := made(t, s, goodPassword, Tracker)
			session, mailed := signedIn(t, s, a).Session, link(t, s, a)
			tx, err := pool.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(ctx)
			if _, err := lockAccount(ctx, tx, a.ID); err != nil {
				t.Fatal(err)
			}
			if err := c.change(tx, a); err != nil {
				t.Fatal(err)
			}
			got := make(chan error, 1)
			go func() { got <- c.in(s, a, session, mailed) }()
			awaitWaiting(t, pool)
			if err := tx.Commit(ctx); err != nil {
				t.Fatal(err)
			}
			if err := <-got; err != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
			if n := count(t, pool, countSessionsSQL, a.ID); n != 1 {
				t.Errorf("%d sessions, want the one from before", n)
			}
		})
	}
}

func byPassword(s *Store, a Account, _, _ string) error {
	_, err := s.SignIn(context.Background(), Attempt{Address: a.Address, Password: goodPassword, Source: newSecret()})
	return err
}

func TestA4_ReadingRolesIsAlwaysOfThisMoment(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Coordinator, Tracker)
	in := signedIn(t, s, a)
	if err := s.SetRoles(ctx, audit.System(), a.ID, []Role{Tracker, Coordinator, Tracker}); err != nil {
		t.Fatal(err)
	}
	if !isLive(t, s, in.Session) {
		t.Error("the same roles again signed somebody out")
	}
	if err := s.SetRoles(ctx, audit.System(), a.ID, []Role{Tracker}); err != nil {
		t.Fatal(err)
	}
	if p := signedIn(t, s, a).Principal; p.May(LaunchAppeals) || !p.May(EditLetters) {
		t.Errorf("after the change: roles %v", p.Roles)
	}
}

func TestA4_OnlyTheOwnersChangeOfPasswordKeepsThemIn(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Tracker)
	in := signedIn(t, s, a)
	change := PasswordChange{Session: in.Session, Current: "not the one", New: "entirely different", Source: newSecret()}
	for range 5 {
		if _, err := s.ChangePassword(ctx, change); !failure.Is(err, failure.Invalid) {
			t.Fatalf("wrong current password: %v, want invalid", err)
		}
	}
	change.Current = goodPassword
	if _, err := s.ChangePassword(ctx, change); failure.KindOf(err) != failure.Forbidden {
		t.Errorf("after five wrong ones: %v, want to be told to wait", err)
	}
	if !isLive(t, s, in.Session) {
		t.Error("a refused change signed the owner out")
	}
	without := made(t, s, "", Tracker)
	byLink, err := s.SignInByLink(ctx, link(t, s, without), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ChangePassword(ctx, PasswordChange{Session: byLink.Session, New: "entirely different", Source: newSecret()}); !failure.Is(err, failure.Invalid) {
		t.Errorf("where there is no password: %v, want to be sent to a link", err)
	}
	change.Session = newSecret()
	if _, err := s.ChangePassword(ctx, change); err != ErrNotSignedIn {
		t.Errorf("without a session: %v, want ErrNotSignedIn", err)
	}
}

func TestA5_IdleAndAbsoluteLimitsHold(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Tracker)
	idle := signedIn(t, s, a)
	dbtest.MoveClock(t, tx, SessionIdle-time.Minute)
	busy := signedIn(t, s, a)
	dbtest.MoveClock(t, tx, 2*time.Minute)
	if isLive(t, s, idle.Session) {
		t.Error("a session lives on after its idle limit")
	}
	for at := 2 * time.Minute; at < SessionLimit-time.Hour; at += time.Hour {
		if !isLive(t, s, busy.Session) {
			t.Fatalf("a session that is used every hour ended after %v", at)
		}
		dbtest.MoveClock(t, tx, time.Hour)
	}
	if sessions, err := s.ListSessions(ctx, a.ID, busy.Session); err != nil || len(sessions) != 1 || !sessions[0].Current {
		t.Errorf("ListSessions = %+v, %v, want the live one", sessions, err)
	}
	if !isLive(t, s, busy.Session) {
		t.Fatal("a session ended before its absolute limit")
	}
	dbtest.MoveClock(t, tx, time.Hour)
	if isLive(t, s, busy.Session) {
		t.Error("a session that is used lives on after its absolute limit")
	}
}

func TestSessionsAreListedAndEndedByTheirOwner(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a, other := made(t, s, goodPassword, Tracker), made(t, s, goodPassword, Tracker)
	one, two, three, others := signedIn(t, s, a), signedIn(t, s, a), signedIn(t, s, a), signedIn(t, s, other)
	list, err := s.ListSessions(ctx, a.ID, two.Session)
	if err != nil || len(list) != 3 {
		t.Fatalf("ListSessions = %d, %v, want 3", len(list), err)
	}
	current := slices.IndexFunc(list, func(x Session) bool { return x.Current })
	if isLive(t, s, list[current].ID) {
		t.Error("the ID in the list lets somebody in")
	}
	if err := s.EndSession(ctx, audit.Account(other.ID), other.ID, list[current].ID); !failure.Is(err, failure.NotFound) {
		t.Errorf("ending somebody else's session: %v, want not found", err)
	}
	if err := s.EndSession(ctx, audit.Account(a.ID), a.ID, list[current].ID); err != nil || isLive(t, s, two.Session) {
		t.Errorf("EndSession: %v", err)
	}
	if err := s.EndOtherSessions(ctx, one.Session); err != nil || isLive(t, s, three.Session) || !isLive(t, s, one.Session) || !isLive(t, s, others.Session) {
		t.Errorf("EndOtherSessions: %v, or it ended the wrong ones", err)
	}
	for range 2 {
		if err := s.SignOut(ctx, one.Session); err != nil || isLive(t, s, one.Session) {
			t.Errorf("SignOut: %v", err)
		}
	}
}

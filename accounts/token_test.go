package accounts

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestA13_TokenIsShownOnceAndKeptAsAHash(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Coordinator, Tracker)
	token, secret, err := s.AddToken(ctx, audit.Account(a.ID), a.ID, " nightly import ", []Role{Tracker})
	if err != nil {
		t.Fatal(err)
	}
	want := Principal{AccountID: a.ID, Name: "Ada Example", Language: "fr", Roles: []Role{Tracker}, TokenID: token.ID}
	if p, err := s.FindToken(ctx, secret); err != nil || !cmp.Equal(p, want) {
		t.Errorf("FindToken = %+v, %v, want %+v", p, err, want)
	}
	session, mailed := signedIn(t, s, a).Session, link(t, s, a)
	for name, secret := range map[string]string{"token": secret, "token without its prefix": secret[3:], "session": session, "link": mailed, "password": goodPassword} {
		if tables := leaks(t, tx, secret); len(tables) > 0 {
			t.Errorf("the secret of a %s stands in %v", name, tables)
		}
	}
	if tables := leaks(t, tx, a.Address); !cmp.Equal(tables, []string{"accounts"}) {
		t.Errorf("an address stands in %v", tables)
	}
	for name, secret := range map[string]string{"another": tokenPrefix + newSecret(), "its hash": tokenPrefix + string(hashSecret(secret)), "a session": session, "none": ""} {
		if _, err := s.FindToken(ctx, secret); err != ErrNotSignedIn {
			t.Errorf("%s: %v, want ErrNotSignedIn", name, err)
		}
	}
	if isLive(t, s, secret) {
		t.Error("a token is taken for a session")
	}
}

func TestA13_TokenHasNoMoreThanItsAccount(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, "", Coordinator, Tracker)
	for name, roles := range map[string][]Role{"more": {Coordinator, Administrator}, "none": nil, "unknown": {"boss"}} {
		if _, _, err := s.AddToken(ctx, audit.System(), a.ID, "x", roles); !failure.Is(err, failure.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	_, secret, err := s.AddToken(ctx, audit.System(), a.ID, "script", []Role{Tracker, Coordinator})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetRoles(ctx, audit.System(), a.ID, []Role{Tracker, Administrator}); err != nil {
		t.Fatal(err)
	}
	p, err := s.FindToken(ctx, secret)
	if err != nil || !cmp.Equal(p.Roles, []Role{Tracker}) || p.May(LaunchAppeals) || p.May(ManageAccounts) || p.May(OwnAccount) {
		t.Errorf("after the account's roles changed: %+v, %v", p, err)
	}
	if err := s.Disable(ctx, audit.System(), a.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FindToken(ctx, secret); err != ErrNotSignedIn {
		t.Errorf("of a disabled account: %v, want ErrNotSignedIn", err)
	}
	if _, _, err := s.AddToken(ctx, audit.System(), a.ID, "x", []Role{Tracker}); !failure.Is(err, failure.Conflict) {
		t.Errorf("a new one for a disabled account: %v, want a conflict", err)
	}
}

func TestA13_RevokedTokenIsDead(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a, other := made(t, s, "", Tracker), made(t, s, "", Tracker)
	token, secret, err := s.AddToken(ctx, audit.System(), a.ID, "script", []Role{Tracker})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeToken(ctx, audit.Account(other.ID), other.ID, token.ID); !failure.Is(err, failure.NotFound) {
		t.Errorf("somebody else's: %v, want not found", err)
	}
	if _, err := s.FindToken(ctx, secret); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeToken(ctx, audit.Account(a.ID), a.ID, token.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FindToken(ctx, secret); err != ErrNotSignedIn {
		t.Errorf("revoked: %v, want ErrNotSignedIn", err)
	}
	if list, err := s.ListTokens(ctx, a.ID); err != nil || len(list) != 1 || list[0].RevokedAt == nil || list[0].LastUsedAt == nil {
		t.Errorf("ListTokens = %+v, %v", list, err)
	}
}

func TestLastUseOfATokenIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, "", Tracker)
	_, secret, err := s.AddToken(ctx, audit.System(), a.ID, "script", []Role{Tracker})
	if err != nil {
		t.Fatal(err)
	}
	used := func() time.Time {
		if _, err := s.FindToken(ctx, secret); err != nil {
			t.Fatal(err)
		}
		list, err := s.ListTokens(ctx, a.ID)
		if err != nil || list[0].LastUsedAt == nil {
			t.Fatalf("ListTokens = %+v, %v", list, err)
		}
		return *list[0].LastUsedAt
	}
	first := used()
	dbtest.MoveClock(t, tx, 50*time.Second)
	if again := used(); !again.Equal(first) {
		t.Errorf("within the minute it was written again: %v, %v", first, again)
	}
	dbtest.MoveClock(t, tx, 11*time.Second)
	if later := used(); later.Sub(first) < time.Minute {
		t.Errorf("after a minute: %v after the first", later.Sub(first))
	}
}

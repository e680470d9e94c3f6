package accounts

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestA1_WaitsGrowAndAreCapped(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]time.Duration{
		0: 0, 4: 0, 5: 5 * time.Second, 6: 10 * time.Second, 7: 20 * time.Second,
		12: 640 * time.Second, 13: 15 * time.Minute, 14: 15 * time.Minute, 1_000_000: 15 * time.Minute,
	} {
		if got := accountLimit().wait(failures); got != want {
			t.Errorf("after %d failures: wait %v, want %v", failures, got, want)
		}
	}
	for _, l := range []limit{accountLimit(), sourceLimit(), linkLimit()} {
		if l.left(3, 0) != 3 || l.left(3, l.forget) != 2 || l.left(3, 100*l.forget) != 0 {
			t.Errorf("%+v: failures are not forgotten one by one", l)
		}
	}
}

func TestA1_FiveWrongPasswordsDelayOneAccount(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a, other := made(t, s, goodPassword, Tracker), made(t, s, goodPassword, Tracker)
	source := newSecret()
	for range 5 {
		if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: "wrong", Source: source}); err != ErrCredentials {
			t.Fatalf("wrong password: %v, want ErrCredentials", err)
		}
	}
	var later *TryLater
	for _, from := range []string{source, newSecret()} {
		_, err := s.SignIn(ctx, Attempt{Address: " " + a.Address, Password: goodPassword, Source: from})
		if !errors.As(err, &later) || later.Seconds() < 1 || later.Seconds() > 5 {
			t.Fatalf("sixth attempt: %v, want to be told to wait up to 5 seconds", err)
		}
		if failure.KindOf(err) != failure.Forbidden {
			t.Errorf("kind = %q, want forbidden", failure.KindOf(err))
		}
	}
	if _, err := s.SignIn(ctx, Attempt{Address: other.Address, Password: goodPassword, Source: source}); err != nil {
		t.Errorf("another account from the same source: %v", err)
	}
	dbtest.MoveClock(t, tx, 5*time.Second)
	if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: "wrong", Source: source}); err != ErrCredentials {
		t.Fatalf("after the wait: %v, want another attempt", err)
	}
	dbtest.MoveClock(t, tx, 5*time.Second)
	if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: goodPassword, Source: source}); !errors.As(err, &later) {
		t.Errorf("the second wait is no longer than the first: %v", err)
	}
	dbtest.MoveClock(t, tx, 5*time.Second)
	if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: goodPassword, Source: source}); err != nil {
		t.Errorf("the owner after the second wait: %v", err)
	}
	for range 5 {
		if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: "wrong", Source: source}); err != ErrCredentials {
			t.Fatalf("a success must forgive the account: %v", err)
		}
	}
}

func TestA1_OwnerGetsInByLinkWhateverOthersGuess(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Tracker)
	for range 20 { // for five hours somebody guesses as soon as it is allowed
		if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: "x", Source: newSecret()}); err != ErrCredentials {
			t.Fatal(err)
		}
		dbtest.MoveClock(t, tx, 15*time.Minute)
	}
	if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: "x", Source: newSecret()}); err != ErrCredentials {
		t.Fatal(err)
	}
	if _, err := s.SignInByLink(ctx, link(t, s, a), ""); err != nil {
		t.Fatalf("link: %v", err)
	}
	if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: goodPassword, Source: newSecret()}); err != nil {
		t.Errorf("password after the link: %v", err)
	}
}

func TestA1_OneSourceGuessingAtManyAccountsWaits(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, goodPassword, Tracker)
	source := newSecret()
	attempt := func(address, password string) error {
		_, err := s.SignIn(ctx, Attempt{Address: address, Password: password, Source: source})
		return err
	}
	for range sourceLimit().from {
		if err := attempt(newSecret()+"@nobody.example", "guess"); err != ErrCredentials {
			t.Fatal(err)
		}
	}
	var later *TryLater
	if err := attempt(a.Address, goodPassword); !errors.As(err, &later) {
		t.Errorf("the same source at another account: %v, want to wait", err)
	}
	if in := signedIn(t, s, a); in.Principal.AccountID != a.ID {
		t.Error("another source does not get in")
	}
	dbtest.MoveClock(t, tx, 5*time.Second)
	if err := attempt(a.Address, goodPassword); err != nil {
		t.Fatal(err)
	}
	// A success pays back its own attempt alone: who has one account cannot guess freely at the others.
	if err := attempt(newSecret()+"@nobody.example", "guess"); !errors.As(err, &later) && err != ErrCredentials {
		t.Fatal(err)
	}
	if err := attempt(newSecret()+"@nobody.example", "guess"); !errors.As(err, &later) {
		t.Errorf("a success forgave the source: %v", err)
	}
}

func TestA1_AnOfficeThatSignsInIsNotHeldUp(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	source := newSecret()
	for n := range 3 * sourceLimit().from { // what SignIn does around a right password
		address := newSecret() + "@staff.example"
		if _, err := s.charged(ctx, address, source); err != nil {
			t.Fatalf("sign-in %d from one office: %v", n+1, err)
		}
		if err := s.forgive(ctx, tx, address, source); err != nil {
			t.Fatal(err)
		}
	}
}

func TestA1_ManyGuessesAtOnceAreNoWayAround(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Pool(t))
	a := made(t, s, "", Tracker)
	var looked, waits atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, err := s.SignIn(context.Background(), Attempt{Address: a.Address, Password: "guess", Source: newSecret()})
			var later *TryLater
			switch {
			case err == ErrCredentials:
				looked.Add(1)
			case errors.As(err, &later):
				waits.Add(1)
			default:
				t.Errorf("SignIn = %v", err)
			}
		})
	}
	all.Wait()
	if looked.Load() != 5 || waits.Load() != 45 {
		t.Errorf("of 50 guesses at once %d were looked at and %d had to wait, want 5 and 45", looked.Load(), waits.Load())
	}
}

// Not parallel: it counts what the whole process allocates. One run of argon2id allocates its 19 MiB.
func TestA2_NobodyCanTellWhyASignInFailed(t *testing.T) {
	ctx, tx := context.Background(), dbtest.Tx(t)
	var asked []string
	s := newStore(t, recorder{tx, &asked})
	enabled, disabled, without := made(t, s, goodPassword, Tracker), made(t, s, goodPassword, Tracker), made(t, s, "", Tracker)
	if err := s.Disable(ctx, audit.System(), disabled.ID); err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, c := range []struct{ name, address, password string }{
		{"wrong password", enabled.Address, "wrong"},
		{"no such account", "nobody@staff.example", goodPassword},
		{"disabled, right password", disabled.Address, goodPassword},
		{"disabled, wrong password", disabled.Address, "wrong"},
		{"account without a password", without.Address, ""},
		{"no address at all", "\x00 no\xffbody", goodPassword},
		{"a password of a megabyte", enabled.Address, string(make([]byte, 1<<20))},
	} {
		asked = nil
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.SignIn(ctx, Attempt{Address: c.address, Password: c.password, Source: newSecret()})
		runtime.ReadMemStats(&after)
		if err != ErrCredentials {
			t.Errorf("%s: %v, want ErrCredentials", c.name, err)
		}
		if runs := (after.TotalAlloc - before.TotalAlloc) / (uint64(costNow().memory) << 10); runs != 1 {
			t.Errorf("%s: %d runs of argon2id, want 1", c.name, runs)
		}
		if first == nil {
			first = slices.Clone(asked)
		}
		if diff := cmp.Diff(first, asked); diff != "" {
			t.Errorf("%s: other statements than for a wrong password (-wrong password +this):\n%s", c.name, diff)
		}
	}
	if len(first) == 0 {
		t.Error("no statement was recorded")
	}
}

func TestA2_NobodyCanTellWhetherALinkWasMailed(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	var asked []string
	s := newStore(t, recorder{tx, &asked})
	enabled, disabled := made(t, s, "", Tracker), made(t, s, "", Tracker)
	if err := s.Disable(ctx, audit.System(), disabled.ID); err != nil {
		t.Fatal(err)
	}
	for _, round := range []string{"first", "again within the minute"} {
		var first []string
		for _, c := range []struct {
			name, address string
			mailed        bool
		}{
			{"enabled", enabled.Address, round == "first"},
			{"unknown", "unknown@staff.example", false},
			{"disabled", disabled.Address, false},
			{"no address", "\x00", false},
		} {
			asked = nil
			l, ok, err := s.RequestLink(ctx, c.address)
			if err != nil || ok != c.mailed || (l.Secret != "") != c.mailed || c.mailed && l.Address != c.address {
				t.Errorf("%s, %s: RequestLink = %+v, %t, %v", round, c.name, l, ok, err)
			}
			if first == nil {
				first = slices.Clone(asked)
			}
			if diff := cmp.Diff(first, asked); diff != "" {
				t.Errorf("%s, %s: other statements than for an enabled account:\n%s", round, c.name, diff)
			}
		}
	}
	dbtest.MoveClock(t, tx, time.Minute)
	if _, ok, err := s.RequestLink(ctx, enabled.Address); !ok || err != nil {
		t.Errorf("after a minute: %t, %v, want another link", ok, err)
	}
}

func TestA2_UsedForgedAndEndedLinksLookTheSame(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	var asked []string
	s := newStore(t, recorder{tx, &asked})
	a, disabled := made(t, s, "", Tracker), made(t, s, "", Tracker)
	used, shut := link(t, s, a), link(t, s, disabled)
	if _, err := s.SignInByLink(ctx, used, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Disable(ctx, audit.System(), disabled.ID); err != nil {
		t.Fatal(err)
	}
	var first []string
	for name, secret := range map[string]string{"used": used, "forged": newSecret(), "empty": "", "of a disabled account": shut} {
		asked = nil
		if _, err := s.SignInByLink(ctx, secret, ""); err != ErrLink {
			t.Errorf("%s: %v, want ErrLink", name, err)
		}
		if first == nil {
			first = slices.Clone(asked)
		}
		if diff := cmp.Diff(first, asked); diff != "" {
			t.Errorf("%s: other statements:\n%s", name, diff)
		}
		if _, err := s.ResetPassword(ctx, secret, goodPassword, ""); err != ErrLink {
			t.Errorf("%s: ResetPassword = %v, want ErrLink", name, err)
		}
	}
}

func TestS2_ALinkSignsInOnceOfFiftyAtOnce(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	a := made(t, s, "", Tracker)
	secret := link(t, s, a)
	var in atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			switch _, err := s.SignInByLink(context.Background(), secret, ""); err {
			case nil:
				in.Add(1)
			case ErrLink:
			default:
				t.Errorf("SignInByLink = %v", err)
			}
		})
	}
	all.Wait()
	if sessions := count(t, pool, countSessionsSQL, a.ID); in.Load() != 1 || sessions != 1 {
		t.Errorf("one link signed in %d times and made %d sessions, want 1 and 1", in.Load(), sessions)
	}
}

func TestLinkWorksForTwentyMinutes(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a := made(t, s, "", Tracker)
	early, late := link(t, s, a), ""
	dbtest.MoveClock(t, tx, LinkLife-30*time.Second)
	late = link(t, s, a)
	if _, err := s.SignInByLink(ctx, early, ""); err != nil {
		t.Errorf("shortly before its end: %v", err)
	}
	dbtest.MoveClock(t, tx, LinkLife)
	if _, err := s.SignInByLink(ctx, late, ""); err != ErrLink {
		t.Errorf("at its end: %v, want ErrLink", err)
	}
}

func TestAFloodOfSignInsUsesBoundedMemory(t *testing.T) {
	t.Parallel()
	var g gate
	var leaves []func()
	for range gatePlaces {
		leave, err := g.enter(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.enter(ctx); err != context.Canceled {
		t.Errorf("one more than there are places: %v, want to wait until the reader is gone", err)
	}
	leaves[0]()
	if leave, err := g.enter(context.Background()); err != nil {
		t.Errorf("after one has left: %v", err)
	} else {
		leave()
	}
}

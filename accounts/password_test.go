package accounts

import (
	"context"
	"strings"
	"testing"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestA7_WhatMayBeAPassword(t *testing.T) {
	t.Parallel()
	own := []string{"Marguerite Delacroix-Voss", "m.delacroix@winterhaven.example", "Winterhaven Appeals Network", "holdfast"}
	for _, password := range []string{
		goodPassword, "zvuvhplx", "        leading and trailing   ", "کبوترهای خاکستری شهر", "حمامة على السطح القديم", "éclair à la verveine",
		"🦊🐢🦀🐙🦉🐝🦎🐋", "tab\tand\x7fcontrol", "dragon-monkey-sunshine-teapot", "marguerite likes to paddle", "1979 bricks and 3 doors",
		strings.Repeat("long enough? ", 5), strings.Repeat("abcdefgh ijklm ", 60), strings.Repeat("x1y2 z3w4 q", 93),
	} {
		if err := checkPassword("password", password, own...); err != nil {
			t.Errorf("%q: %v, want it taken", password, err)
		}
	}
	for _, password := range []string{
		"", "short", "sevench", "éàùçâêî", // fewer than 8 characters, however many bytes
		"password", "Password1", "P@ssw0rd", "p455w0rd!!", "passwordpassword", "PASSWORD2026", "  password  ", "ｐａｓｓｗｏｒｄ", "pass word",
		"12345678", "87654321", "0987654321", "11111111", "abababab", "abcabcabc", "abcdefgh", "qwertyuiop", "poiuytrewq", "!!!!!!!!!",
		"iloveyou", "sunshine1", "Summer2026!", "motdepasse", "contraseña", "azertyuiop", "1q2w3e4r", "1qaz2wsx", "letmein123", "Welcome123",
		"marguerite", "Marguerite1", "delacroix99", "margueritedelacroix", "winterhaven", "Winterhaven26", "holdfast", "Holdfast!1", "m.delacroix",
		strings.Repeat("a b c d ", 129), "broken\xff\xfetext",
	} {
		if err := checkPassword("password", password, own...); !failure.Is(err, failure.Invalid) {
			t.Errorf("%q: %v, want it refused", password, err)
		}
	}
	if len(strings.Fields(commonPasswords)) < 1000 || !strings.HasSuffix(commonPasswords, "\n") {
		t.Errorf("the list of common passwords has %d words, or no end", len(strings.Fields(commonPasswords)))
	}
}

func TestA7_NothingIsTrimmedAndFormsOfUnicodeAreOne(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Tx(t))
	composed, decomposed := " d\u00e9j\u00e0 vu en mer ", " de\u0301ja\u0300 vu en mer "
	a := made(t, s, composed, Tracker)
	for password, want := range map[string]error{
		composed: nil, decomposed: nil, strings.TrimSpace(composed): ErrCredentials, strings.ToUpper(composed): ErrCredentials,
		composed + "x": ErrCredentials, composed[:len(composed)-1]: ErrCredentials,
	} {
		if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: password, Source: newSecret()}); err != want {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
	long := made(t, s, strings.Repeat("sixty-four and more ", 50), Tracker)
	if _, err := s.SignIn(ctx, Attempt{Address: long.Address, Password: strings.Repeat("sixty-four and more ", 49), Source: newSecret()}); err != ErrCredentials {
		t.Errorf("a long password cut short: %v", err)
	}
}

func TestA7_PasswordsAreKeptAsArgon2idAtTheCostOfToday(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	s := newStore(t, tx)
	a, same := made(t, s, goodPassword, Tracker), made(t, s, goodPassword, Tracker)
	kept := func(a Account) string { return column[string](t, tx, passwordHashSQL, a.ID)[0] }
	if c := costNow(); c.memory < 19*1024 || c.passes < 2 || c.lanes < 1 {
		t.Errorf("cost %+v is less than OWASP's least", c)
	}
	if !strings.HasPrefix(kept(a), "$argon2id$v=19$m=19456,t=2,p=1$") || kept(a) == kept(same) {
		t.Errorf("kept: %s and %s, want two PHC strings with salts of their own", kept(a), kept(same))
	}
	cheap := cost{memory: 64, passes: 1, lanes: 1}.hash(goodPassword)
	if err := setPasswordHash(ctx, tx, a.ID, cheap); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignIn(ctx, Attempt{Address: a.Address, Password: "wrong", Source: newSecret()}); err != ErrCredentials || kept(a) != cheap {
		t.Errorf("wrong password at the old cost: %v, kept %s", err, kept(a))
	}
	signedIn(t, s, a)
	if !strings.HasPrefix(kept(a), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("after a sign-in: kept %s, want today's cost", kept(a))
	}
	before := kept(a)
	signedIn(t, s, a)
	if kept(a) != before {
		t.Error("a hash of today's cost was made anew")
	}
}

func TestA7_AlteredHashesLetNobodyIn(t *testing.T) {
	t.Parallel()
	good := cost{memory: 64, passes: 1, lanes: 1}.hash(goodPassword)
	if !verify(good, goodPassword) || verify(good, goodPassword+" ") {
		t.Fatal("verify does not tell right from wrong")
	}
	parts := strings.Split(good, "$")
	for _, stored := range []string{
		"", "x", "$", "$$$$$", goodPassword,
		strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "t=1", "t=0", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "m=64", "m=4294967295", 1), strings.Replace(good, "m=64", "m=-1", 1),
		strings.Join(parts[:5], "$") + "$", strings.Join(parts[:5], "$") + "$AAAA", good + "$", good[:len(good)-1],
	} {
		if verify(stored, goodPassword) {
			t.Errorf("stored %q lets somebody in", stored)
		}
	}
}

func TestForgottenPasswordIsSetByLinkOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newStore(t, dbtest.Tx(t))
	a := made(t, s, "", Tracker)
	secret := link(t, s, a)
	if _, err := s.ResetPassword(ctx, secret, "password", ""); !failure.Is(err, failure.Invalid) {
		t.Fatalf("a common password: %v, want invalid", err)
	}
	in, err := s.ResetPassword(ctx, secret, goodPassword, "")
	if err != nil || !isLive(t, s, in.Session) {
		t.Fatalf("the link after a refused password: %v", err)
	}
	if _, err := s.ResetPassword(ctx, secret, "some other words", ""); err != ErrLink {
		t.Errorf("the link again: %v, want ErrLink", err)
	}
	signedIn(t, s, a)
	if err := s.Disable(ctx, audit.System(), a.ID); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkArgon2id(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		costNow().run(goodPassword, make([]byte, saltSize))
	}
}

func FuzzCheckPassword(f *testing.F) {
	f.Add("password", "Ada Example")
	f.Add("\xff", "")
	f.Fuzz(func(t *testing.T, password, own string) {
		if err := checkPassword("password", password, own); err != nil && !failure.Is(err, failure.Invalid) {
			t.Errorf("%q: %v", password, err)
		}
	})
}

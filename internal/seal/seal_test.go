package seal

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func ring(t testing.TB, files ...string) *Ring {
	t.Helper()
	r, err := Parse(strings.NewReader(strings.Join(files, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func keyFile(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	if err := Generate(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSealedFieldOpensOnlyInItsPlace(t *testing.T) {
	r := ring(t, keyFile(t))
	sealed := r.Seal("members.address/1", []byte("a@b.example"))
	if plain, err := r.Open("members.address/1", sealed); err != nil || string(plain) != "a@b.example" {
		t.Fatalf("Open in its place = %q, %v", plain, err)
	}
	if _, err := r.Open("members.address/2", sealed); !errors.Is(err, ErrOpen) {
		t.Errorf("Open in another row = %v, want ErrOpen", err)
	}
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := r.Open("members.address/1", altered); !errors.Is(err, ErrOpen) {
			t.Fatalf("byte %d altered: Open = %v, want ErrOpen", i, err)
		}
	}
}

func TestOldKeysStillOpen(t *testing.T) {
	old := keyFile(t)
	before := ring(t, old)
	links, err := before.Links("u")
	if err != nil {
		t.Fatal(err)
	}
	sealed, token := before.Seal("p", []byte("x")), links.Make(7, 9)

	fresh := strings.Replace(strings.SplitN(keyFile(t), "index", 2)[0], "\n1 ", "\n2 ", 1)
	after := ring(t, fresh, old)
	if plain, err := after.Open("p", sealed); err != nil || string(plain) != "x" {
		t.Errorf("after rotation: Open = %q, %v", plain, err)
	}
	if !after.Stale(sealed) || after.Stale(after.Seal("p", nil)) {
		t.Error("Stale must tell what the old key sealed from what the new one did")
	}
	links, err = after.Links("u")
	if err != nil {
		t.Fatal(err)
	}
	if a, b, err := links.Read(token); err != nil || a != 7 || b != 9 {
		t.Errorf("after rotation: Read = %d, %d, %v", a, b, err)
	}
	if !bytes.Equal(before.Index("address", "a"), after.Index("address", "a")) {
		t.Error("the blind index must outlive a rotation")
	}
}

func TestU1_TenThousandAlteredTokensAreRefused(t *testing.T) {
	r := ring(t, keyFile(t))
	links, err := r.Links("unsubscribe")
	if err != nil {
		t.Fatal(err)
	}
	token := links.Make(12, 3456789)
	if len(token) != LinkLength {
		t.Fatalf("token has %d characters, want %d", len(token), LinkLength)
	}
	if a, b, err := links.Read(strings.ToUpper(token)); err != nil || a != 12 || b != 3456789 {
		t.Errorf("a token must survive case folding: %d, %d, %v", a, b, err)
	}
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		altered := []byte(token)
		for n := 1 + rng.IntN(3); n > 0; n-- {
			altered[rng.IntN(len(altered))] = letters[rng.IntN(len(letters))]
		}
		if string(altered) == token {
			continue
		}
		if _, _, err := links.Read(string(altered)); !errors.Is(err, ErrOpen) {
			t.Fatalf("altered token %s was read", altered)
		}
	}
}

func TestU7_TokenOfOnePurposeIsRefusedForAnother(t *testing.T) {
	r := ring(t, keyFile(t))
	u, err := r.Links("unsubscribe")
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Links("report")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := report.Read(u.Make(1, 2)); !errors.Is(err, ErrOpen) {
		t.Errorf("Read for another purpose = %v, want ErrOpen", err)
	}
}

func TestKeyFileThatOthersMayReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err != nil {
		t.Fatal(err)
	}
	if err := Create(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("Create over an existing file = %v, want ErrExist", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("Open of a file others can read = %v, want the remedy", err)
	}
}

func FuzzLinkRead(f *testing.F) {
	r := ring(f, keyFile(f))
	links, err := r.Links("unsubscribe")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(links.Make(1, 2))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		a, b, err := links.Read(token)
		if err == nil && links.Make(a, b) != strings.ToLower(token) {
			t.Errorf("%q was read, but is not the token of %d, %d", token, a, b)
		}
	})
}

func BenchmarkLinkMake(b *testing.B) {
	r := ring(b, keyFile(b))
	links, err := r.Links("unsubscribe")
	if err != nil {
		b.Fatal(err)
	}
	var buf [64]byte
	for i := range b.N {
		links.Append(buf[:0], 1, int64(i))
	}
}

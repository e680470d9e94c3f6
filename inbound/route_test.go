package inbound

import (
	"strings"
	"testing"
)

func TestRoute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		local string
		door  Door
		token string
	}{
		{"u+abc", Unsubscribe, "abc"},
		{"U+ABC", Unsubscribe, "abc"},
		{"b+abc", Return, "abc"},
		{"r+abc", Reply, "abc"},
		{"l+abc", Letter, "abc"},
		{"C+ABC", Copy, "abc"},
		{"u+a+b", Unsubscribe, "a+b"},
		{"u+", Nowhere, ""},
		{"+abc", Nowhere, ""},
		{"uu+abc", Nowhere, ""},
		{"u-abc", Nowhere, ""},
		{" u+abc", Nowhere, ""},
		{"postmaster", Nowhere, ""},
		{"", Nowhere, ""},
	} {
		if door, token := Route(c.local); door != c.door || token != c.token {
			t.Errorf("Route(%q) = %q, %q, want %q, %q", c.local, door, token, c.door, c.token)
		}
	}
}

// The law: what Route reads is what was written, whatever the letter case; and only what has a door has a token.
func FuzzRoute(f *testing.F) {
	f.Add("u+aaaa")
	f.Add("R+\x00+")
	f.Add("\u212a+k")
	f.Fuzz(func(t *testing.T, local string) {
		door, token := Route(local)
		if door == Nowhere {
			if token != "" {
				t.Fatalf("Route(%q) leads nowhere and has the token %q", local, token)
			}
			return
		}
		if written := string(door) + "+" + token; written != strings.ToLower(local) {
			t.Fatalf("Route(%q) read what was not written: %q", local, written)
		}
	})
}

package members

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"amina@writers.example":                        "amina@writers.example",
		"  amina@writers.example\u00a0\n":              "amina@writers.example",
		"Amina.Noor+ua@Writers.EXAMPLE":                "Amina.Noor+ua@writers.example",
		"amina@writers.example.":                       "amina@writers.example",
		"o'brien=x!#$%&*-/?^_`{|}~@a.example":          "o'brien=x!#$%&*-/?^_`{|}~@a.example",
		"amina@bücher.example":                         "amina@xn--bcher-kva.example",
		"amina@BÜCHER.example":                         "amina@xn--bcher-kva.example",
		"amina@xn--bcher-kva.example":                  "amina@xn--bcher-kva.example",
		"amina@writers。example":                        "amina@writers.example",
		"jose\u0301@writers.example":                   "josé@writers.example",
		"नीता@writers.example":                         "नीता@writers.example",
		strings.Repeat("a", 64) + "@a.example":         strings.Repeat("a", 64) + "@a.example",
		"a@" + strings.Repeat("b.", 122) + "example":   "a@" + strings.Repeat("b.", 122) + "example",
		"a@" + strings.Repeat("b", 63) + ".c3.example": "a@" + strings.Repeat("b", 63) + ".c3.example",
	} {
		got, err := ParseAddress(text)
		if err != nil || got.Mailbox() != want {
			t.Errorf("ParseAddress(%q) = %q, %v; want %q", text, got.Mailbox(), err, want)
		}
	}
}

func TestW16_WhatIsNoBareMailboxIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"":                                             "an address is needed",
		" \t ":                                         "an address is needed",
		"amina":                                        "has no @",
		"@writers.example":                             "nothing before the @",
		"amina@":                                       "no domain",
		"amina@localhost":                              "needs a dot",
		"amina@[192.0.2.1]":                            "bare number",
		"amina@192.0.2.1":                              "bare number",
		"amina@[IPv6:2001:db8::1]":                     "bare number",
		"Amina <amina@writers.example>":                "without a name",
		"<amina@writers.example>":                      "without a name",
		"\"amina noor\"@writers.example":               "quotation marks",
		"\"a>b\"@writers.example":                      "without",
		"amina(home)@writers.example":                  "comment",
		"amina@writers.example, b@x.example":           "one address alone",
		"a;b@writers.example":                          "one address alone",
		"friends:amina@writers.example":                "one address alone",
		"a@b@writers.example":                          "one address alone",
		"amina@writers.example b":                      "space",
		"amina noor@writers.example":                   "space",
		"amina\r\nBcc: x@writers.example":              "control character",
		"amina@writers.example\r\nBcc:x.example":       "control character",
		"ami\x00na@writers.example":                    "control character",
		"ami\x7fna@writers.example":                    "control character",
		"ami\u2028na@writers.example":                  "no address has",
		"ami\u200bna@writers.example":                  "no address has",
		"ami\u202ena@writers.example":                  "no address has",
		"ami\ufeffna@writers.example":                  "no address has",
		"ami\xffna@writers.example":                    "UTF-8",
		".amina@writers.example":                       "dot",
		"amina.@writers.example":                       "dot",
		"ami..na@writers.example":                      "dot",
		"amina@writers..example":                       "part of the domain",
		"amina@-writers.example":                       "part of the domain",
		"amina@writers_.example":                       "no domain has",
		"amina@xn--a.example":                          "international",
		"amina@a\u200b.example..":                      "",
		strings.Repeat("a", 65) + "@a.example":         "64 octets",
		strings.Repeat("é", 33) + "@a.example":         "64 octets",
		"a@" + strings.Repeat("b.", 123) + "example":   "254 octets",
		"a@" + strings.Repeat("b", 64) + ".example":    "part of the domain",
		strings.Repeat("a", 5000) + "@writers.example": "254 octets",
	} {
		got, err := ParseAddress(text)
		if err == nil {
			t.Errorf("ParseAddress(%.60q) = %q, want it refused", text, got.Mailbox())
			continue
		}
		if !strings.Contains(err.Error(), reason) {
			t.Errorf("ParseAddress(%.60q): %v, want a reason with %q", text, err, reason)
		}
		if len(text) > 3 && strings.Contains(err.Error(), text) {
			t.Errorf("ParseAddress(%.60q) quotes what it read: %v", text, err)
		}
	}
}

func TestC10_OnePersonIsOneKey(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"amina@writers.example", "AMINA@Writers.Example", " Amina@writers.example. "},
		{"jos\u00e9@writers.example", "jose\u0301@writers.example", "JOSÉ@WRITERS.EXAMPLE"},
		{"σοφός@writers.example", "ΣΟΦΌΣ@writers.example", "σοφόσ@writers.example"},
		{"a@bücher.example", "a@XN--BCHER-KVA.example", "a@bu\u0308cher.example", "a@BÜCHER.example"},
		{"Ꭰꭰ@writers.example", "ꭰꭰ@writers.example", "ᎠᎠ@writers.example"},
		{"a.b@gmail.com", "ab@gmail.com", "A.B@GoogleMail.com"},
	} {
		want := mustParse(t, same[0]).key()
		for _, other := range same[1:] {
			if got := mustParse(t, other).key(); got != want {
				t.Errorf("key of %q = %q, of %q = %q; want the same", same[0], want, other, got)
			}
		}
	}
	for _, different := range [][2]string{
		{"a.b@writers.example", "ab@writers.example"},
		{"a+x@writers.example", "a@writers.example"},
		{"amina@writers.example", "amina@writers.other.example"},
		{"jose@writers.example", "josé@writers.example"},
		{"straße@writers.example", "strasse@writers.example"},
	} {
		if mustParse(t, different[0]).key() == mustParse(t, different[1]).key() {
			t.Errorf("%q and %q have one key, want two", different[0], different[1])
		}
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	t.Parallel()
	for r := rune(1); r < 0x20000; r++ {
		for _, text := range []string{string(r), "a" + string(r) + "\u0345\u0301"} {
			if once := fold(text); fold(once) != once {
				t.Errorf("%U: %q folds to %q, and that to %q", r, text, once, fold(once))
			}
		}
	}
}

func TestAddressShowsItselfMaskedOnly(t *testing.T) {
	t.Parallel()
	a := mustParse(t, "étienne.noor@writers.example")
	const want = "é•••@writers.example"
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "member", a, "contact", Contact{Address: a, Name: "Noor"})
	for _, shown := range []string{a.Masked(), a.String(), fmt.Sprint(a), fmt.Sprintf("%v %+v %#v %s", a, a, a, a), log.String(),
		fmt.Sprintf("%v %+v %#v", Contact{Address: a, Name: "Noor"}, Contact{Address: a, Name: "Noor"}, Contact{Address: a, Name: "Noor"})} {
		if strings.Contains(shown, "tienne") || strings.Contains(shown, "Noor") || !strings.Contains(shown, want) {
			t.Errorf("shown as %q, want only %q", shown, want)
		}
	}
	if got := (Address{}).Masked(); got != "" {
		t.Errorf("Masked of no address = %q", got)
	}
}

func mustParse(t testing.TB, text string) Address {
	t.Helper()
	a, err := ParseAddress(text)
	if err != nil {
		t.Fatalf("ParseAddress(%q): %v", text, err)
	}
	return a
}

func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{"amina@writers.example", "JOSÉ@bücher.example", "a.b@gmail.com", "ŉ@ﬀ.example", "ͅᾳ@a.example", "İ@ẞ.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(text)
		if err != nil {
			return
		}
		mailbox := a.Mailbox()
		if again, err := ParseAddress(mailbox); err != nil || again != a {
			t.Errorf("%q is read as %q, and that as %q (%v)", text, mailbox, again.Mailbox(), err)
		}
		key := a.key()
		if again := foldMailbox(key); again != key {
			t.Errorf("%q folds to %q, and that to %q", text, key, again)
		}
		if strings.ContainsAny(mailbox, "\r\n\x00<> \t,;:\"()") || strings.Count(mailbox, "@") != 1 || len(mailbox) > 254 {
			t.Errorf("%q is read as %q, which cannot stand in a MAIL command", text, mailbox)
		}
		if masked := a.Masked(); strings.Contains(masked, mailbox) {
			t.Errorf("%q is masked as %q", mailbox, masked)
		}
	})
}

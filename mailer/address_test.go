package mailer

import (
	"errors"
	"strings"
	"testing"
)

func TestW7_W16_WireAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, out string
		utf8    bool
	}{
		{"ana@mail.example", "ana@mail.example", false},
		{"Ana.Maria+ua@Mail.Example", "Ana.Maria+ua@mail.example", false},
		{"ana@bücher.example", "ana@xn--bcher-kva.example", false},
		{"ana@مثال.example", "ana@xn--mgbh0fb.example", false},
		{"ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example", false},
		{"josé@mail.example", "josé@mail.example", true},
		{"用户@例子.example", "用户@xn--fsqu00a.example", true},
		{`"ana"@mail.example`, "ana@mail.example", false},
		{`"a b"@mail.example`, `"a b"@mail.example`, false},
		{`"a>b"@mail.example`, `"a>b"@mail.example`, false},
		{`"a\"b\\c"@mail.example`, `"a\"b\\c"@mail.example`, false},
		{`"a@b"@mail.example`, `"a@b"@mail.example`, false},
		{`"a> SIZE=1 BODY=8BITMIME"@mail.example`, `"a> SIZE=1 BODY=8BITMIME"@mail.example`, false},
	} {
		out, utf8, err := WireAddress(tt.in)
		if out != tt.out || utf8 != tt.utf8 || err != nil {
			t.Errorf("WireAddress(%q) = %q, %v, %v; want %q, %v", tt.in, out, utf8, err, tt.out, tt.utf8)
		}
		if !wireSafe(out) {
			t.Errorf("wireSafe(%q) = false", out)
		}
	}
	for _, bad := range []string{
		"", "@", "a@", "@b.example", "a", "a b@c.example", "a@b c.example", "a@b..example", "a@.example", "a@b.example.",
		"a>b@c.example", "<a@b.example>", "a@b.example>", "a,b@c.example", ".a@b.example", "a..b@c.example", "a.@b.example",
		"a@b.example\r\nRCPT TO:<x@y.example>", "a\r\n@b.example", "a\n@b.example", "a\x00@b.example", "\"a\r\nb\"@c.example",
		"\"a\x00\"@c.example", `"a@b.example`, `"a"b@c.example`, `""@c.example`, `"a\"@c.example`, "a@[127.0.0.1]", "a@b_c.example",
		"a\u2028@b.example", "a@b\u2028c.example", "a\u0085@b.example", "\xff@b.example", "a\u00a0b@c.example",
		"a@b.example SIZE=1", "Ana <a@b.example>", "a@" + strings.Repeat("x", 64) + ".example",
		strings.Repeat("x", 65) + "@b.example", "a@" + strings.Repeat("x.", 130) + "example", "(c)a@b.example", "a@b@c.example",
	} {
		if out, _, err := WireAddress(bad); !errors.Is(err, ErrAddress) {
			t.Errorf("WireAddress(%q) = %q, %v; want ErrAddress", bad, out, err)
		} else if len(bad) > 2 && strings.Contains(err.Error(), bad) {
			t.Errorf("the error shows the address: %v", err)
		}
	}
}

func FuzzW16_WireAddress(f *testing.F) {
	for _, s := range []string{"a@b.example", `"a>b"@c.example`, "josé@bücher.example", `"\\"@x.example`, "a\r\n@b.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, utf8, err := WireAddress(in)
		if err != nil {
			return
		}
		if !wireSafe(out) || utf8 == isASCII(out) {
			t.Errorf("WireAddress(%q) = %q, %v", in, out, utf8)
		}
		if again, _, err := WireAddress(out); again != out || err != nil {
			t.Errorf("WireAddress(%q) = %q, and that again is %q, %v", in, out, again, err)
		}
	})
}

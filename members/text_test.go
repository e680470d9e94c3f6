package members

import (
	"strings"
	"testing"
)

func TestParseLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"en": "en", "FR": "fr", "pt_br": "pt-BR", " fa ": "fa", "zh-hant-tw": "zh-Hant-TW", "prs": "prs", "iw": "he",
	} {
		if got, err := ParseLanguage(text); err != nil || got != want {
			t.Errorf("ParseLanguage(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "und", "xx", "english", "e", "en-u-ca-buddhist", "x-foo", "en'; --", "en\x00", "🙂"} {
		if got, err := ParseLanguage(text); err == nil {
			t.Errorf("ParseLanguage(%q) = %q, want it refused", text, got)
		}
	}
}

func TestParseCountry(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"CA", "FR", "IR", "XK"} {
		if got, err := ParseCountry(text); err != nil || got != text {
			t.Errorf("ParseCountry(%q) = %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "ca", "CAN", "UK", "ZZ", "EU", "DD", "124", "C", "C\x00", "Canada"} {
		if got, err := ParseCountry(text); err == nil {
			t.Errorf("ParseCountry(%q) = %q, want it refused", text, got)
		}
	}
}

func TestCleanLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"  Amina\tNoor \r\n Bcc: x ":            "Amina Noor Bcc: x",
		"Amina\u2028Noor\u0085x":                "Amina Noor x",
		"jose\u0301":                            "josé",
		"زهرا\u200cسادات":                       "زهرا\u200cسادات",
		"=HYPERLINK(\"http://a.example\")":      "=HYPERLINK(\"http://a.example\")",
		"{{.Secret}} <script>alert(1)</script>": "{{.Secret}} <script>alert(1)</script>",
		strings.Repeat("é", maxName):            strings.Repeat("é", maxName),
	} {
		if got, reason := cleanLine(text, maxName); reason != "" || got != want {
			t.Errorf("cleanLine(%q) = %q, %q; want %q", text, got, reason, want)
		}
	}
	for _, text := range []string{"a\x00b", "a\x1b[31mb", "a\u202eb", "a\u2066b", "a\xffb", strings.Repeat("a", maxName+1)} {
		if got, reason := cleanLine(text, maxName); reason == "" {
			t.Errorf("cleanLine(%q) = %q, want it refused", text, got)
		}
	}
}

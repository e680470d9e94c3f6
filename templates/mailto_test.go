package templates

import (
	"net/url"
	"strings"
	"testing"
)

// openMailto reads a mailto link as a mail program does (RFC 6068).
func openMailto(t *testing.T, link string) (to string, fields url.Values) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "mailto" || strings.Contains(link, "+") {
		t.Fatalf("%q is no mailto link, or has a plus that programs read in two ways: %v", link, err)
	}
	to, err = url.PathUnescape(u.Opaque)
	if err != nil {
		t.Fatal(err)
	}
	fields, err = url.ParseQuery(u.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	return to, fields
}

func TestAMailtoLinkHoldsTheLetterOrSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"short":   "Dear Minister,\n\nplease stop & think: 100% of it?\n\nNoor #1",
		"long":    strings.TrimSpace(strings.Repeat("please stop the removal ", 200)),
		"persian": strings.TrimSpace(strings.Repeat("لطفاً بازگرداندن را متوقف کنید ", 50)),
		"no gap":  strings.Repeat("a", 3000),
		"empty":   "",
	} {
		link, rest := MailtoLink("minister+x@gov-ca.example", "c+abc@reply.example", "UA 12/26 & more", body)
		to, fields := openMailto(t, link)
		if len(link) > 2000 || to != "minister+x@gov-ca.example" || fields.Get("bcc") != "c+abc@reply.example" || fields.Get("subject") != "UA 12/26 & more" {
			t.Errorf("%s: %d characters to %q, fields %v", name, len(link), to, fields)
		}
		got := fields.Get("body")
		if strings.Contains(strings.ReplaceAll(got, "\r\n", ""), "\n") {
			t.Errorf("%s: a line does not end with CR LF", name)
		}
		joined := strings.TrimSpace(strings.ReplaceAll(got, "\r\n", "\n") + " " + rest)
		if rest == "" {
			joined = strings.ReplaceAll(got, "\r\n", "\n")
		}
		if joined != body {
			t.Errorf("%s: link and rest are not the letter:\n%q\n%q", name, got, rest)
		}
		if (name == "short") != (rest == "") && name != "empty" {
			t.Errorf("%s: rest is %q", name, rest)
		}
	}
	if _, fields := openMailto(t, first(MailtoLink("a@b.example", "", "s", "t"))); fields.Has("bcc") {
		t.Error("a link without a copy names one")
	}
}

func first(link, _ string) string { return link }

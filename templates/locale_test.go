package templates

import (
	"testing"
	"time"
)

func TestNumbersAreWrittenByTheLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang string
		n    int64
		want string
	}{
		{"en", 0, "0"}, {"en", 999, "999"}, {"en", 2498, "2,498"}, {"en", 1234567, "1,234,567"}, {"en", -2498, "\u22122,498"},
		{"fr", 2498, "2\u202f498"}, {"es", 2498, "2498"}, {"es", 12498, "12\u202f498"}, {"ar", 2498, "٢٬٤٩٨"}, {"fa", 2498, "۲٬۴۹۸"},
	} {
		if got := press().words[c.lang].number(c.n); got != c.want {
			t.Errorf("%d in %s is %q, want %q", c.n, c.lang, got, c.want)
		}
	}
}

func TestDatesAndTimesAreWrittenByTheLanguage(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 8, 1, 7, 5, 0, 0, time.UTC)
	for lang, want := range map[string][2]string{
		"en": {"Saturday 1 August 2026", "07:05"},
		"fr": {"samedi 1er août 2026", "7\u00a0h\u00a005"},
		"es": {"sábado 1 de agosto de 2026", "07:05"},
		"ar": {"السبت ١ أغسطس ٢٠٢٦", "٠٧:٠٥"},
		"fa": {"شنبه ۱ اوت ۲۰۲۶", "۰۷:۰۵"},
	} {
		w := press().words[lang]
		if got := w.longDay(first); got != want[0] {
			t.Errorf("the day in %s is %q, want %q", lang, got, want[0])
		}
		if got := w.clock(first); got != want[1] {
			t.Errorf("the hour in %s is %q, want %q", lang, got, want[1])
		}
	}
}

func TestPlacesAreCalledByTheLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, zone, want string }{
		{"en", "America/Toronto", "Toronto"}, {"fr", "Europe/London", "Londres"}, {"es", "America/Argentina/Buenos_Aires", "Buenos Aires"},
		{"fa", "America/Vancouver", "ونکوور"}, {"ar", "America/Argentina/Buenos_Aires", "\u2068Buenos Aires\u2069"}, {"en", "UTC", "UTC"},
	} {
		if got := press().words[c.lang].city(c.zone); got != c.want {
			t.Errorf("the place of %s in %s is %q, want %q", c.zone, c.lang, got, c.want)
		}
	}
	for lang, want := range map[string]string{"en": "Türkiye", "fr": "Turquie", "es": "Turquía", "ar": "تركيا", "fa": "ترکیه"} {
		if got := press().words[lang].country("TR"); got != want {
			t.Errorf("TR in %s is %q, want %q", lang, got, want)
		}
	}
	if got := press().words["en"].country("QQ"); got != "QQ" {
		t.Errorf("an unknown country is called %q", got)
	}
	countries := press().words["fr"].countries
	if len(countries) < 240 || countries[0].Label != "Afghanistan" {
		t.Errorf("there are %d countries in French, the first is %v", len(countries), countries[0])
	}
}

func TestTheReadersLanguageIsChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wanted        []string
		public, staff string
	}{
		{nil, "en", "en"},
		{[]string{"", "fr-CA,fr;q=0.9,en;q=0.8"}, "fr", "fr"},
		{[]string{"fa", "fr"}, "fa", "fr"},
		{[]string{"sv,ar;q=0.5"}, "ar", "en"},
		{[]string{"not a tag!!", "es"}, "es", "en"},
	} {
		if got := PublicLanguage(c.wanted...); got != c.public {
			t.Errorf("PublicLanguage(%q) = %q, want %q", c.wanted, got, c.public)
		}
		if got := StaffLanguage(c.wanted...); got != c.staff {
			t.Errorf("StaffLanguage(%q) = %q, want %q", c.wanted, got, c.staff)
		}
	}
}

func TestDirectionAndIsolation(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"en": "ltr", "ar": "rtl", "fa-IR": "rtl", "ps": "rtl", "ku": "ltr", "ku-Arab": "rtl", "": "ltr", "ti": "ltr"} {
		if got := Direction(lang); got != want {
			t.Errorf("Direction(%q) = %q, want %q", lang, got, want)
		}
	}
	for _, c := range []struct{ lang, in, want string }{
		{"en", "Parisa", "Parisa"}, {"en", "پریسا", "\u2068پریسا\u2069"}, {"fa", "Parisa", "\u2068Parisa\u2069"}, {"fa", "", ""},
		{"fa", "\u2068Parisa\u2069", "\u2068Parisa\u2069"},
	} {
		if got := isolate(c.lang, c.in); got != c.want {
			t.Errorf("isolate(%q, %q) = %q, want %q", c.lang, c.in, got, c.want)
		}
	}
	for in, want := range map[string]string{"": "", "  ": "", " Parisa\n K. ": " \u2068Parisa K.\u2069"} {
		if got := GreetingName(in); got != want {
			t.Errorf("GreetingName(%q) = %q, want %q", in, got, want)
		}
	}
}

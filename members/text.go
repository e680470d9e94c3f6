package members

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"holdfast/internal/failure"
)

// Limits in characters of what is kept as text.
const (
	maxName   = 200
	maxSource = 200
	maxWords  = 10_000
)

// cleanLine returns text as one line: in NFC, each run of white space (line ends of every kind among it)
// as one space. reason says why it cannot be kept, or is empty.
func cleanLine(text string, limit int) (line, reason string) {
	if reason := checkText(text, limit); reason != "" {
		return "", reason
	}
	return norm.NFC.String(strings.Join(strings.Fields(text), " ")), ""
}

// cleanWords is cleanLine for a text of several lines, whose ends become \n.
func cleanWords(text string, limit int) (words, reason string) {
	if reason := checkText(text, limit); reason != "" {
		return "", reason
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	return norm.NFC.String(strings.TrimSpace(text)), ""
}

func checkText(text string, limit int) string {
	if !utf8.ValidString(text) {
		return "is not valid UTF-8"
	}
	if utf8.RuneCountInString(text) > limit {
		return "is too long"
	}
	for _, r := range text {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return "holds a control character"
		}
		// Marks that turn the reading order of what comes after them, beyond the name (UAX 9, 2.1 to 2.5).
		if r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return "holds an invisible mark that turns the direction of the text around it"
		}
	}
	return ""
}

// ParseLanguage reads a language tag (BCP 47) and returns it in its usual form: "fr", "pt-BR". The error
// is failure.Invalid for the field "language".
func ParseLanguage(text string) (string, error) {
	tag, reason := parseLanguage(text)
	if reason != "" {
		return "", failure.Wrong("language", "%s", reason)
	}
	return tag, nil
}

func parseLanguage(text string) (string, string) {
	const reason = "give the language as a code, such as en, fr or pt-BR"
	tag, err := language.Parse(strings.TrimSpace(text))
	if err != nil || tag == language.Und {
		return "", reason
	}
	for part := range strings.SplitSeq(tag.String(), "-") {
		if len(part) < 2 {
			return "", reason // an extension (BCP 47 2.1): says how to sort or count, not what to write in
		}
	}
	return tag.String(), ""
}

// ParseCountry reads a country code: two capital letters (ISO 3166-1 alpha-2) that name a country of
// today. The error is failure.Invalid for the field "country".
func ParseCountry(text string) (string, error) {
	country, reason := parseCountry(text)
	if reason != "" {
		return "", failure.Wrong("country", "%s", reason)
	}
	return country, nil
}

func parseCountry(text string) (string, string) {
	region, err := language.ParseRegion(text)
	if err != nil || region.String() != text || !isCountry(region) {
		return "", "give the country as two capital letters, such as CA or FR"
	}
	return text, ""
}

func isCountry(region language.Region) bool {
	return len(region.String()) == 2 && region.IsCountry() && region.Canonicalize() == region
}

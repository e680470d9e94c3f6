package letters

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"holdfast/internal/failure"
)

// The most that a letter may hold, in characters. Ten thousand are four pages; offices read one.
const (
	mostLine  = 150
	mostText  = 10_000
	mostShort = 1_000
)

// Draft is a letter as its writer has it in hand. The house keeps none: it is in the writer's browser, and in the request that does something
// with it.
type Draft struct {
	Name     string // as it is signed
	Town     string
	Postal   string // where the writer lives, on several lines; for a letter on paper alone
	Email    string // of a visitor; a member's is known
	Language string // that it is written in
	Subject  string
	Text     string // from the salutation to the closing, without name and town
	Short    string // what is to be posted where everybody can read it, beside the letter
}

// Check returns Invalid with every wrong field of what every letter needs: name, subject and text. A way to send may need more.
func (d Draft) Check() error {
	var check failure.Check
	for _, line := range []struct {
		field, text string
		needed      bool
	}{{"name", d.Name, true}, {"town", d.Town, false}, {"subject", d.Subject, true}} {
		check.Need(!line.needed || strings.TrimSpace(line.text) != "", line.field, "is missing")
		check.Need(utf8.RuneCountInString(line.text) <= mostLine, line.field, "is longer than %d characters", mostLine)
		check.Need(utf8.ValidString(line.text) && !strings.ContainsFunc(line.text, unicode.IsControl), line.field, "holds a character that cannot be printed")
	}
	check.Need(strings.TrimSpace(d.Text) != "", "text", "is missing: write your letter first")
	for field, text := range map[string]string{"text": d.Text, "postal": d.Postal} {
		check.Need(utf8.RuneCountInString(text) <= mostText, field, "is longer than %d characters; offices read one page", mostText)
		check.Need(utf8.ValidString(text) && !strings.ContainsFunc(text, isOddControl), field, "holds a character that cannot be printed")
	}
	check.Need(utf8.RuneCountInString(d.Short) <= mostShort, "short", "is longer than %d characters; a public post is short", mostShort)
	check.Need(utf8.ValidString(d.Short) && !strings.ContainsFunc(d.Short, isOddControl), "short", "holds a character that cannot be printed")
	return check.Err()
}

// isOddControl reports whether a letter on several lines may not hold r.
func isOddControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

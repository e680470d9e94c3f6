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
		check.Need(utf8.ValidString(line.text) && !strings.ContainsFunc(line.text, isOddInLine), line.field, "holds a character that cannot be printed")
	}
	// It becomes the name of the sender, which is all that many mail programs show: an address there is taken for where the letter comes from.
	check.Need(!strings.ContainsAny(d.Name, "@\uff20\ufe6b<>"), "name", "holds an address: want a name")
	check.Need(strings.TrimSpace(d.Text) != "", "text", "is missing: write your letter first")
	for field, text := range map[string]string{"text": d.Text, "postal": d.Postal} {
		check.Need(utf8.RuneCountInString(text) <= mostText, field, "is longer than %d characters; offices read one page", mostText)
		check.Need(utf8.ValidString(text) && !strings.ContainsFunc(text, isOddInText), field, "holds a character that cannot be printed")
	}
	check.Need(utf8.RuneCountInString(d.Short) <= mostShort, "short", "is longer than %d characters; a public post is short", mostShort)
	check.Need(utf8.ValidString(d.Short) && !strings.ContainsFunc(d.Short, isOddInText), "short", "holds a character that cannot be printed")
	return check.Err()
}

// isOddInText reports whether a letter on several lines may not hold r: a control character, or a sign that shows what follows in another order than it is
// written in.
func isOddInText(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == '\u202d' || r == '\u202e'
}

// isOddInLine is isOddInText for what stands in a header: nothing that ends a line there, and nothing that sets the direction of what follows it.
func isOddInLine(r rune) bool {
	return unicode.IsControl(r) || r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// Plain is the draft without the signs of direction that Check refuses, which come along where text is copied from a page.
func (d Draft) Plain() Draft {
	without := func(text string, odd func(rune) bool) string {
		return strings.Map(func(r rune) rune {
			if odd(r) && !unicode.IsControl(r) {
				return -1
			}
			return r
		}, text)
	}
	d.Name, d.Town, d.Subject = without(d.Name, isOddInLine), without(d.Town, isOddInLine), without(d.Subject, isOddInLine)
	d.Text, d.Postal, d.Short = without(d.Text, isOddInText), without(d.Postal, isOddInText), without(d.Short, isOddInText)
	return d
}

package accounts

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"holdfast/internal/failure"
)

// The bounds of a password: letters of any script, spaces and signs all count as one each (ASVS 5.0.0, 6.2.1 and
// 6.2.9). The upper one is there so that nobody can make us hash megabytes.
const (
	passwordLeast = 8    // characters
	passwordMost  = 1024 // bytes
)

// commonPasswords are words and runs of keys that guessers try first, one a line, in lower case.
//
//go:embed common_passwords.txt
var commonPasswords string

// checkPassword returns nil when password may be used by somebody whose own words (name, address, organisation)
// are own, else an Invalid that names field. There are no rules about kinds of characters, because those make
// passwords that people write down (ASVS 5.0.0, 6.2.5).
func checkPassword(field, password string, own ...string) error {
	plain := norm.NFC.String(password)
	switch {
	case !utf8.ValidString(password):
		return failure.Wrong(field, "the password is not valid text")
	case utf8.RuneCountInString(plain) < passwordLeast:
		return failure.Wrong(field, "a password has at least %d characters; several words are easy to remember and hard to guess", passwordLeast)
	case len(password) > passwordMost || len(plain) > passwordMost:
		return failure.Wrong(field, "a password has at most %d bytes", passwordMost)
	case isRun(plain) || isCommon(plain):
		return failure.Wrong(field, "this password is among those that are guessed first; use several words")
	case isOwn(plain, own):
		return failure.Wrong(field, "this password is little more than your name, your address or the organisation's name; use other words")
	}
	return nil
}

// isRun reports whether a password is one short piece over and over, or one step along the alphabet, the figures or
// a row of keys.
func isRun(password string) bool {
	runes := []rune(strings.ToLower(password))
	for piece := 1; piece <= min(4, len(runes)/2); piece++ {
		same := true
		for i := piece; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-piece]
		}
		if same {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(runes); i++ {
		up = up && runes[i] == runes[i-1]+1
		down = down && runes[i] == runes[i-1]-1
	}
	if up || down {
		return true
	}
	backwards := slices.Clone(runes)
	slices.Reverse(backwards)
	for _, keys := range []string{"12345678901234567890", "qwertyuiop[]", "qwertzuiopü", "azertyuiop^$", "asdfghjkl;'", "qsdfghjklmù", "zxcvbnm,./"} {
		if strings.Contains(keys, string(runes)) || strings.Contains(keys, string(backwards)) {
			return true
		}
	}
	return false
}

// isCommon reports whether a password is a common word: as it stands, with up to eight figures or signs around it,
// with figures in place of letters, or twice over.
func isCommon(password string) bool {
	folded := fold(password)
	core := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	if utf8.RuneCountInString(folded)-utf8.RuneCountInString(core) > 8 {
		core = folded
	}
	lookAlike := strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t", "+", "t")
	for _, word := range []string{letters(folded), letters(core), letters(lookAlike.Replace(core)), letters(lookAlike.Replace(folded))} {
		half := word[:len(word)/2]
		if isListed(word) || half+half == word && isListed(half) {
			return true
		}
	}
	return false
}

func isListed(word string) bool {
	return word != "" && strings.Contains("\n"+commonPasswords, "\n"+word+"\n")
}

// isOwn reports whether a password holds somebody's own words and little else.
func isOwn(password string, own []string) bool {
	words := strings.FieldsFunc(fold(strings.Join(own, " ")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.SortFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // longest first
	whole := letters(fold(password))
	rest := whole
	for _, word := range words {
		if utf8.RuneCountInString(word) >= 3 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return rest != whole && utf8.RuneCountInString(rest) < 5
}

// fold returns what is compared: lower case, and one form for letters that are written in several ways.
func fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// letters returns s without anything that is neither letter nor figure.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

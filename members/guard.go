package members

import (
	"strings"
	"unicode/utf8"
)

// formulaStarts are what a spreadsheet takes for the beginning of a formula, the wide forms of Japanese
// keyboards among them (OWASP, "CSV Injection").
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// GuardCell returns text as a cell that no spreadsheet runs (ASVS 1.2.10): an apostrophe before what would
// be a formula, and before what looks like a cell that has one already, so that unguardCell gives back
// exactly text.
func GuardCell(text string) string {
	if needsGuard(text) {
		return "'" + text
	}
	return text
}

// unguardCell undoes GuardCell.
func unguardCell(text string) string {
	if bare, found := strings.CutPrefix(text, "'"); found && needsGuard(bare) {
		return bare
	}
	return text
}

func needsGuard(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	return first != utf8.RuneError && strings.ContainsRune(formulaStarts, first)
}

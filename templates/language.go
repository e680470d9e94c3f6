package templates

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// The languages of the interface, in the order in which they are offered. Staff pages exist in staffLanguages
// only; public pages and what surrounds the text of a mail exist in all of publicLanguages. No native speaker has yet
// read what stands in unreadLanguages: the foot of their pages says so, and so does the head of their files.
const (
	publicLanguages = "en fr es ar fa"
	staffLanguages  = "en fr"
	unreadLanguages = "es ar fa"

	english = "en"
)

// rightToLeft are the languages written from right to left that members are known to read.
const rightToLeft = "ar ckb dv fa he ku-Arab prs ps sd ug ur yi"

// PublicLanguages returns the languages of public pages and of what surrounds the text of a mail.
func PublicLanguages() []string { return strings.Fields(publicLanguages) }

// StaffLanguages returns the languages of staff pages.
func StaffLanguages() []string { return strings.Fields(staffLanguages) }

// UnreadLanguages returns the languages whose interface no native speaker has read yet.
func UnreadLanguages() []string { return strings.Fields(unreadLanguages) }

// PublicLanguage returns the language of public pages that suits a reader best. wanted are BCP 47 tags or whole
// Accept-Language headers, the strongest wish first; English where none is offered.
func PublicLanguage(wanted ...string) string { return suiting(PublicLanguages(), wanted) }

// StaffLanguage is PublicLanguage for staff pages.
func StaffLanguage(wanted ...string) string { return suiting(StaffLanguages(), wanted) }

func suiting(offered, wanted []string) string {
	for _, wish := range wanted {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil {
			continue
		}
		for _, tag := range tags {
			if base, _ := tag.Base(); slices.Contains(offered, base.String()) {
				return base.String()
			}
		}
	}
	return english
}

// Direction returns "rtl" for a language written from right to left, else "ltr": the value of an HTML dir attribute.
func Direction(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	if slices.Contains(strings.Fields(rightToLeft), lang) || slices.Contains(strings.Fields(rightToLeft), base) {
		return "rtl"
	}
	return "ltr"
}

// Isolation keeps a passage of unknown direction from turning the words around it (Unicode Bidirectional Algorithm,
// UAX #9, explicit directional isolates).
const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// isolate wraps s, a passage set within a sentence of lang, where the two may run in different directions.
func isolate(lang, s string) string {
	if s == "" || strings.HasPrefix(s, firstStrongIsolate) {
		return s
	}
	if Direction(lang) == "ltr" && !strings.ContainsFunc(s, writtenFromTheRight) {
		return s
	}
	return firstStrongIsolate + s + popIsolate
}

// writtenFromTheRight reports whether r belongs to a block of letters that run from right to left (Hebrew to
// Arabic Extended-A, and the presentation forms).
func writtenFromTheRight(r rune) bool {
	return r >= 0x0590 && r <= 0x08FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFF
}

// GreetingName returns what to fill into the Name hole of a mail: the name, set apart from the greeting word before
// it and from the direction of the text around it, or nothing where the name is not known.
func GreetingName(name string) string {
	if name = strings.Join(strings.Fields(name), " "); name == "" {
		return ""
	}
	return " " + firstStrongIsolate + name + popIsolate
}

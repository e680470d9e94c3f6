package letters

import (
	"regexp"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden stands where something was taken out.
const hidden = "[…]"

var (
	anyAddress = regexp.MustCompile(`[^\s<>()\[\]",;:]+@[^\s<>()\[\]",;:]+\.[^\s<>()\[\]",;:]+`)
	anyPhone   = regexp.MustCompile(`(?:\+|\b|\()\d[\d() .\x{a0}/-]{6,}\d\b`)
	// Postal codes: Canada, United Kingdom, Netherlands, Sweden, and five digits.
	anyPostal = regexp.MustCompile(`\b(?i:[A-Z]\d[A-Z][ -]?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b|\b\d{4} ?[A-Z]{2}\b|\b\d{3} \d{2}\b|\b\d{5}(-\d{4})?\b`)
	anyStreet = regexp.MustCompile(`(?i)(\b\d{1,5}[a-z]?,? +([\p{L}\d][\p{L}\d'’.-]* +){1,4}(street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|crescent|way|court|place|terrace)\b\.?|` +
		`\b\d{1,5}( ?(bis|ter))?,? +(rue|avenue|av\.|boulevard|bd|chemin|place|impasse|allée|cours|quai|route|calle|avenida)\b[^\n,;]{2,40}|` +
		`[\p{L}-]+(gatan|vägen|gränd|straße|strasse|weg|gasse|straat|laan)\s+\d{1,4}[a-z]?\b|\bP\.? ?O\.? ?Box +\d+)`)
	greeted = regexp.MustCompile(`(?im)^(\s*>?\s*(?:dear|hello|chère?|bonjour|estimad[oa]|madame|monsieur|mr\.?|mrs\.?|ms\.?|mme|m\.|sehr geehrte[rs]?|kära?|bästa))[ \t]+[^\n,:;!]{1,80}?([,:;!]|$)`)
)

// Redact takes out of an answer what tells who wrote the letter: the names and addresses in known, and everything that looks like an e-mail or
// postal address or a telephone number, whoever's it is. It takes out too much sooner than too little; a person can put right what it made.
func Redact(text string, known []string) string {
	for _, name := range partsOf(known) {
		text = replaceFold(text, name)
	}
	text = anyAddress.ReplaceAllString(text, hidden)
	text = greeted.ReplaceAllString(text, "$1 "+hidden+"$2")
	text = anyStreet.ReplaceAllString(text, hidden)
	text = anyPhone.ReplaceAllStringFunc(text, func(found string) string {
		n := 0
		for _, r := range found {
			if unicode.IsDigit(r) {
				n++
			}
		}
		if n < 9 { // a day, the number of a file
			return found
		}
		return hidden
	})
	return anyPostal.ReplaceAllString(text, hidden)
}

// partsOf are the names as they are known, whole and word by word, the longest first. Of a word of two letters nobody can tell whether it is a name.
func partsOf(known []string) []string {
	var list []string
	for _, name := range known {
		name = strings.TrimSpace(name)
		if utf8.RuneCountInString(name) >= 3 {
			list = append(list, name)
		}
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' && r != '’' }) {
			if utf8.RuneCountInString(word) >= 3 && !strings.Contains(name, "@") {
				list = append(list, word)
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return len(list[i]) > len(list[j]) })
	return list
}

// replaceFold hides a name wherever it stands as a whole word, in whatever letter case.
func replaceFold(text, name string) string {
	find, err := regexp.Compile(`(?i)` + regexp.QuoteMeta(name))
	if err != nil {
		return text
	}
	var b strings.Builder
	last := 0
	for _, at := range find.FindAllStringIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		after, _ := utf8.DecodeRuneInString(text[at[1]:])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			continue
		}
		b.WriteString(text[last:at[0]] + hidden)
		last = at[1]
	}
	return b.String() + text[last:]
}

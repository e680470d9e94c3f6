package letters

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"holdfast/internal/seal"
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
// postal address or a telephone number, whoever's it is; and the tokens in links of ours, which would let whoever reads them act as who wrote. It takes
// out too much sooner than too little; a person can put right what it made.
func Redact(text string, known []string) string {
	text = hideTokens(text)
	var names [][]string
	for _, name := range partsOf(known) {
		if strings.Contains(name, "@") {
			text = replaceFold(text, name)
			continue
		}
		names = append(names, plainWords(name), plainWords(spelledOut.Replace(name)))
	}
	text = hideNames(text, names)
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

var (
	// A token of ours, whatever stands about it; and where one begins that may go on in the next line, because a mail program wrapped the link.
	wholeToken  = regexp.MustCompile(`(?i)[a-z2-7]{53,}`)
	tokenBegins = regexp.MustCompile(`(?i)(?:/[a-z]/|\b[a-z]\+)[a-z2-7]{8,}`)
	wrap        = regexp.MustCompile(`^=?[ \t]*\r?\n[> \t]*`)
)

// hideTokens takes out the tokens in links and addresses of ours, which a member who answers an alert quotes without thinking of it.
func hideTokens(text string) string {
	text = wholeToken.ReplaceAllString(text, hidden)
	var b strings.Builder
	for {
		at := tokenBegins.FindStringIndex(text)
		if at == nil {
			return b.String() + text
		}
		begin := at[0] + strings.IndexAny(text[at[0]+1:], "/+") + 2
		end, n := begin, 0
		for n < seal.LinkLength && end < len(text) {
			if isTokenSign(text[end]) {
				end, n = end+1, n+1
			} else if gap := wrap.FindString(text[end:]); gap != "" && end+len(gap) < len(text) && isTokenSign(text[end+len(gap)]) {
				end += len(gap)
			} else {
				break
			}
		}
		switch {
		case n == seal.LinkLength && (end == len(text) || !isTokenSign(text[end])):
			b.WriteString(text[:begin] + hidden)
			text = text[end:]
		default:
			// Cut short, it still is most of a token; of what is shorter nobody can make one.
			if at[1]-begin >= seal.LinkLength/2 {
				b.WriteString(text[:begin] + hidden)
			} else {
				b.WriteString(text[:at[1]])
			}
			text = text[at[1]:]
		}
	}
}

func isTokenSign(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '2' && c <= '7'
}

// spelledOut are letters as they are written where a keyboard lacks them.
var spelledOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "ß", "ss", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "Å", "Aa", "Ø", "Oe")

// partsOf are the names as they are known, whole and word by word, the longest first. Of a word of two letters nobody can tell whether it is a name.
func partsOf(known []string) []string {
	var list []string
	for _, name := range known {
		name = strings.TrimSpace(name)
		if utf8.RuneCountInString(name) >= 3 {
			list = append(list, name)
		}
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && !unicode.Is(unicode.Cf, r)
		}) {
			if utf8.RuneCountInString(word) >= 3 && !strings.Contains(name, "@") {
				list = append(list, word)
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return len(list[i]) > len(list[j]) })
	return slices.Compact(list)
}

// between is what may stand between the words of a name: also the sign of a quotation, where a line ends within it.
const between = " \t\r\n\u00a0>-‐‑'’.,"

// hideNames hides names, each as its plain words, wherever they stand as whole words: in whatever letter case, with other accents or none, with hyphens,
// spaces or a new line between them, and as somebody's. Of names that begin alike the first in the list is hidden.
func hideNames(text string, names [][]string) string {
	begin := map[string][][]string{}
	for _, name := range names {
		if len(name) > 0 {
			begin[name[0]] = append(begin[name[0]], name)
		}
	}
	words := tokens(text)
	var b strings.Builder
	last := 0
	for i := 0; i < len(words); i++ {
		for _, name := range begin[words[i].plain] {
			if !standsAt(text, words[i:], name) {
				continue
			}
			b.WriteString(text[last:words[i].start] + hidden)
			i += len(name) - 1
			last = words[i].end
			for accent, size := utf8.DecodeRuneInString(text[last:]); unicode.Is(unicode.Mn, accent); accent, size = utf8.DecodeRuneInString(text[last:]) {
				last += size // set apart from its letter
			}
			break
		}
	}
	return b.String() + text[last:]
}

// standsAt reports whether words begin with a name, with nothing between its own that parts them.
func standsAt(text string, words []token, name []string) bool {
	if len(name) > len(words) {
		return false
	}
	for i, part := range name {
		if words[i].plain != part || i > 0 && strings.Trim(text[words[i-1].end:words[i].start], between) != "" {
			return false
		}
	}
	return true
}

// replaceFold hides an address wherever it stands, in whatever letter case.
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

package letters

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// token is one word of a text, made plain: small letters without accents, one form of each letter of the Arabic script, western figures.
type token struct {
	plain      string
	start, end int // in the text
}

// tokens are the words of a text. An apostrophe or a hyphen ends one; the joiners of Persian and Arabic do not.
func tokens(text string) []token {
	var list []token
	var word strings.Builder
	start, end := 0, 0
	flush := func() {
		if word.Len() > 0 {
			list = append(list, token{word.String(), start, end})
			word.Reset()
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if word.Len() == 0 {
				start = i
			}
			writePlain(&word, r)
			end = i + len(string(r))
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == 'ـ': // accents set apart, joiners, the long stroke
		default:
			flush()
		}
	}
	flush()
	return list
}

// alike are the letters of the Arabic script that are written in more than one way, and Latin ones that are written without their stroke or dot.
func alike(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ي', 'ئ':
		return 'ی'
	case 'ك':
		return 'ک'
	case 'ة', 'ۀ':
		return 'ه'
	case 'ؤ':
		return 'و'
	case 'ø': // as the next three, a letter of its own to Unicode, which keyboards lack
		return 'o'
	case 'ł':
		return 'l'
	case 'đ':
		return 'd'
	case 'ı':
		return 'i'
	}
	switch {
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	}
	return r
}

func writePlain(out *strings.Builder, r rune) {
	for _, part := range norm.NFKD.String(string(alike(r))) {
		if !unicode.Is(unicode.Mn, part) {
			out.WriteRune(alike(unicode.ToLower(part)))
		}
	}
}

// plainWords are the words of a text without where they stand.
func plainWords(text string) []string {
	found := tokens(text)
	list := make([]string, len(found))
	for i, t := range found {
		list[i] = t.plain
	}
	return list
}

// stem cuts a plain word to what its forms have in common, roughly: too much rather than too little, since a hint is only a hint.
func stem(word string) string {
	runes := []rune(word)
	if len(runes) > 0 && runes[0] >= 0x0600 && runes[0] <= 0x06ff {
		for _, prefix := range []string{"وال", "بال", "کال", "فال", "ولل", "لل", "ال"} {
			if rest, found := strings.CutPrefix(word, prefix); found && len([]rune(rest)) >= 3 {
				runes = []rune(rest)
				break
			}
		}
		return string(runes[:min(len(runes), 4)])
	}
	return string(runes[:min(len(runes), 5)])
}

// base is the language of a tag without region and script.
func base(tag string) string {
	tag, _, _ = strings.Cut(tag, "-")
	return strings.ToLower(tag)
}

// phrase is words one after the other; one that ends in * stands for all that begin so.
type phrase []string

// phrases reads phrases with commas between them.
func phrases(text string) []phrase {
	var list []phrase
	for _, part := range strings.Split(text, ",") {
		var p phrase
		for _, word := range strings.Fields(part) {
			end := ""
			if strings.HasSuffix(word, "*") {
				end = "*"
			}
			for i, plain := range plainWords(word) { // an apostrophe makes two words of one
				if i > 0 {
					p[len(p)-1] = strings.TrimSuffix(p[len(p)-1], "*")
				}
				p = append(p, plain+end)
			}
		}
		if len(p) > 0 {
			list = append(list, p)
		}
	}
	return list
}

// at reports whether the phrase stands in words from i on.
func (p phrase) at(words []token, i int) bool {
	if i+len(p) > len(words) {
		return false
	}
	for k, want := range p {
		begin, open := strings.CutSuffix(want, "*")
		if got := words[i+k].plain; got != begin && !(open && strings.HasPrefix(got, begin)) {
			return false
		}
	}
	return true
}

// find returns what stands in text, as it is written there, of the phrases; each once.
func find(text string, words []token, list []phrase) []string {
	var found []string
	seen := map[string]bool{}
	for i := range words {
		for _, p := range list {
			if p.at(words, i) {
				as := text[words[i].start:words[i+len(p)-1].end]
				if !seen[as] {
					seen[as] = true
					found = append(found, as)
				}
				break
			}
		}
	}
	return found
}

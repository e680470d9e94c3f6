package letters

import (
	"regexp"
	"slices"
	"strings"

	"holdfast/campaigns"
)

// What a hint can say of a letter. None forbids anything but Unspoken, which keeps a letter from leaving.
const (
	HintUnspoken   = "unspoken"    // names what must stay out, by Names
	HintHarsh      = "harsh"       // threatens or insults, by Names
	HintNumbers    = "numbers"     // holds a file number, a telephone number or an address, by Names
	HintMore       = "more"        // asks for more than the sheet, by Names
	HintLikeSample = "like_sample" // is much like the sample letter, by Percent
	HintLikeOthers = "like_others" // is much like what this office got already, by Percent
	HintLanguage   = "language"    // is written in another language than the one chosen
	HintTooLong    = "too_long"    // does not fit a page
	HintTooShort   = "too_short"
	HintWho        = "who"   // does not say who writes
	HintReply      = "reply" // does not ask for an answer
)

// A letter of fewer words says too little, one of more does not fit a page.
const (
	FewWords = 40
	PageFull = 380
)

// From which share on a text counts as much like another.
const (
	likeSample = 0.5
	likeOthers = 0.5
)

// Matter is what a letter is held against.
type Matter struct {
	Asks     []campaigns.Ask
	Samples  []string // sample letters, in any language
	Printed  string   // what the sheet says, in the letter's language: what stands there may be said
	Unspoken []string // what must stay out
	Earlier  [][]byte // fingerprints of what this office got already
}

// Hint is one thing to think of before a letter leaves.
type Hint struct {
	Word    string   // one of the Hint words
	Names   []string // what it is about, as the writer wrote it
	Percent int
}

// AskSeen says whether a letter makes a point. Readable is false where the point is not written in the letter's language, so that nobody can say.
type AskSeen struct {
	Code     string
	Covered  bool
	Readable bool
}

// Advice is what can be said of a letter.
type Advice struct {
	Words int
	Asks  []AskSeen // in the order of Matter.Asks
	Hints []Hint    // the gravest first
	Short []Hint    // of the text that is to be posted publicly
}

// Names reports whether the letter, or the text that is to be posted, names what must stay out.
func (a Advice) Names() bool {
	unspoken := func(h Hint) bool { return h.Word == HintUnspoken }
	return slices.ContainsFunc(a.Hints, unspoken) || slices.ContainsFunc(a.Short, unspoken)
}

// Advise reads a letter. It is tolerant: a point counts as made when its main words, or others of the same meaning, stand in the letter.
func Advise(d Draft, m Matter) Advice {
	text := d.Subject + "\n" + d.Text
	words := tokens(d.Text)
	v, known := vocabularies()[base(d.Language)]
	a := Advice{Words: len(words), Asks: asksSeen(words, d.Language, v, m.Asks)}
	plain := func(word string, applies bool) {
		if applies {
			a.Hints = append(a.Hints, Hint{Word: word})
		}
	}
	share := func(word string, share, from float64) {
		if share >= from {
			a.Hints = append(a.Hints, Hint{Word: word, Percent: int(share*100 + 0.5)})
		}
	}
	a.Hints = harmIn(text, d.leaves(), d.Language, v, m)
	a.Short = harmIn(d.Short, d.Short, d.Language, v, m)
	if len(words) == 0 {
		return a
	}
	nearest := 0.0
	for _, sample := range m.Samples {
		nearest = max(nearest, takenFrom(d.Text, sample))
	}
	share(HintLikeSample, nearest, likeSample)
	nearest = 0
	mine := Fingerprint(d.Text)
	for _, other := range m.Earlier {
		nearest = max(nearest, Similarity(mine, other))
	}
	share(HintLikeOthers, nearest, likeOthers)
	plain(HintTooLong, len(words) > PageFull)
	plain(HintTooShort, len(words) < FewWords)
	if known && !writtenIn(words, v) { // it would be told that it lacks what it says in its own
		plain(HintLanguage, true)
		return a
	}
	if known && len(words) >= FewWords {
		plain(HintWho, len(find(d.Text, words, v.who)) == 0)
		plain(HintReply, len(find(d.Text, words, v.back)) == 0)
	}
	return a
}

// writtenIn reports whether words may be in the language of v: no other has half as many again of its small words among them, and a sixth of all.
func writtenIn(words []token, v vocabulary) bool {
	small := func(v vocabulary) (n int) {
		for _, w := range words {
			if v.empty[w.plain] {
				n++
			}
		}
		return n
	}
	own := small(v)
	for _, other := range vocabularies() {
		if n := small(other); len(words) >= 12 && 2*n > 3*own && n*6 >= len(words) {
			return false
		}
	}
	return true
}

// harmIn says what a text of any length holds that can hurt: the gravest first. leaves is all that is read with it.
func harmIn(text, leaves, lang string, v vocabulary, m Matter) (hints []Hint) {
	words := tokens(text)
	for _, found := range []Hint{
		{Word: HintUnspoken, Names: Named(leaves, m.Unspoken)},
		{Word: HintHarsh, Names: find(text, words, v.harsh)},
		{Word: HintNumbers, Names: numbersIn(text, m.Printed)},
		{Word: HintMore, Names: moreIn(text, words, lang, v, m)},
	} {
		if len(found.Names) > 0 {
			hints = append(hints, found)
		}
	}
	return hints
}

// asksSeen looks for the main words of each point: a third of them, and two at least.
func asksSeen(words []token, lang string, v vocabulary, asks []campaigns.Ask) []AskSeen {
	written := map[string]bool{}
	for _, w := range words {
		written[v.meaning(w.plain)] = true
	}
	list := make([]AskSeen, len(asks))
	for i, ask := range asks {
		text := askIn(ask.Texts, lang)
		list[i] = AskSeen{Code: ask.Code, Readable: text != ""}
		wanted, found := map[string]bool{}, 0
		for _, w := range plainWords(text) {
			meaning := v.meaning(w)
			if v.empty[w] || len([]rune(w)) < 3 || wanted[meaning] {
				continue
			}
			wanted[meaning] = true
			if written[meaning] {
				found++
			}
		}
		list[i].Covered = len(wanted) > 0 && found >= max(min(2, len(wanted)), (len(wanted)+2)/3)
	}
	return list
}

// askIn is an ask in lang, or in its base language.
func askIn(texts campaigns.Texts, lang string) string {
	text := texts[lang]
	if text == "" {
		text = texts[base(lang)]
	}
	return place.ReplaceAllString(text, "")
}

// place is where a text has something filled in, as {removal_at}.
var place = regexp.MustCompile(`\{[a-z_]+\}`)

// meaning is what a word stands for: that of its group, else its stem.
func (v vocabulary) meaning(plain string) string {
	s := stem(plain)
	if name, found := v.concepts[s]; found {
		return "=" + name
	}
	return s
}

// moreIn finds what is asked for that neither the points nor the sheet speak of.
func moreIn(text string, words []token, lang string, v vocabulary, m Matter) []string {
	said := m.Printed
	for _, ask := range m.Asks {
		said += "\n" + askIn(ask.Texts, lang)
	}
	printed := map[string]bool{}
	for _, w := range plainWords(said) {
		printed[v.meaning(w)] = true
	}
	spoken := tokens(said)
	var found []string
	for name, list := range v.more {
		if !printed["="+name] && len(find(said, spoken, list)) == 0 {
			found = append(found, find(text, words, list)...)
		}
	}
	slices.Sort(found)
	return found
}

// What looks like a number of a file, of a telephone, or an address of e-mail. A day and a postal code are none of them.
var (
	mailLike  = regexp.MustCompile(`[\p{L}\d._%+-]+@[\p{L}\d-]+(\.[\p{L}\d-]+)+`)
	phoneLike = regexp.MustCompile(`(\+|\b)\d[\d ()./\x{a0}-]{7,}\d\b`)
	fileLike  = regexp.MustCompile(`\b[A-Z]{1,4}[ -]?\d{2,6}-\d{2,6}(-\d{1,6})?\b|\b[A-Z]\d{7,9}\b|\b\d{7,12}\b`)
	dayLike   = regexp.MustCompile(`^(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ]\d{4})$`)
	figure    = regexp.MustCompile(`\d`)
)

func numbersIn(text, printed string) []string {
	western := strings.Map(func(r rune) rune {
		if r != alike(r) && alike(r) >= '0' && alike(r) <= '9' {
			return alike(r)
		}
		return r
	}, text)
	var found []string
	for _, like := range []*regexp.Regexp{mailLike, fileLike, phoneLike} {
		for _, one := range like.FindAllString(western, -1) {
			one = strings.TrimSpace(one)
			figures := len(figure.FindAllString(one, -1))
			switch {
			case dayLike.MatchString(one), strings.Contains(printed, one), like == phoneLike && figures < 9:
			case !slices.ContainsFunc(found, func(has string) bool { return strings.Contains(has, one) }):
				found = append(found, one)
			}
		}
	}
	return found
}

// Named finds what stands in a text of what must stay out, and returns it as the writer wrote it: also where it is written with hyphens, with
// spaces or without, with other accents, or behind an article or a conjunction of Arabic.
func Named(text string, unspoken []string) []string {
	words := tokens(text)
	var found []string
	for _, one := range unspoken {
		wanted := strings.Join(plainWords(one), "")
		if wanted == "" {
			continue
		}
		for i := range words {
			if last, ok := spells(words, i, wanted); ok {
				if as := text[words[i].start:words[last].end]; !slices.Contains(found, as) {
					found = append(found, as)
				}
			}
		}
	}
	return found
}

// spells reports whether the words from i on, set together, are wanted, and the last of them.
func spells(words []token, i int, wanted string) (last int, ok bool) {
	for _, first := range without(words[i].plain) {
		rest, match := strings.CutPrefix(wanted, first)
		for last = i; match && rest != "" && last+1 < len(words); {
			next := words[last+1].plain
			switch {
			case strings.HasPrefix(rest, next):
				rest = rest[len(next):]
			case next == rest+"s":
				rest = ""
			default:
				match = false
				continue
			}
			last++
		}
		if match && rest == "" || first == wanted+"s" {
			return last, true
		}
	}
	return i, false
}

// without returns a word as it stands, and without what Arabic sets before it.
func without(word string) []string {
	list := []string{word}
	for _, prefix := range []string{"و", "ف", "ب", "ل", "ک", "ال", "وال", "بال", "لل"} {
		if rest, found := strings.CutPrefix(word, prefix); found && len([]rune(rest)) >= 3 {
			list = append(list, rest)
		}
	}
	return list
}

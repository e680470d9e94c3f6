package templates

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// PDF draws glyphs, one after the other from left to right. What Arabic and Persian need before that is done here: each letter in the form that
// its neighbours give it, lam and alef as one, the non-joiner heard and not seen. The forms are those that Unicode itself has a number for, so
// that a font without tables of its own for this does as well.

// glyph is one sign to be drawn, and the characters that it stands for.
type glyph struct {
	r     rune
	from  string
	level byte
}

// forms are those of one letter. What does not join to the letter after it has no initial and no medial one.
type forms struct{ isolated, final, initial, medial rune }

func (f forms) joinsOn() bool   { return f.initial != 0 }
func (f forms) joinsBack() bool { return f.final != 0 }

const (
	lam       = 'ل'
	tatweel   = 'ـ'
	joiner    = '\u200d'
	nonJoiner = '\u200c'
)

// joining is the letters that join, and the ligatures of lam with an alef, by the letter.
type joining struct {
	letters   map[rune]forms
	ligatures map[rune]forms // by the alef
}

// readJoining reads the forms out of Unicode's own decompositions: within its blocks they stand in the order isolated, final, initial, medial.
func readJoining() joining {
	j := joining{letters: map[rune]forms{}, ligatures: map[rune]forms{}}
	put := func(in map[rune]forms, letter, form rune) {
		f := in[letter]
		switch {
		case f.isolated == 0:
			f.isolated = form
		case f.final == 0:
			f.final = form
		case f.initial == 0:
			f.initial = form
		case f.medial == 0:
			f.medial = form
		}
		in[letter] = f
	}
	for _, block := range [][2]rune{{0xfb50, 0xfbb1}, {0xfbd3, 0xfbe7}, {0xfbfc, 0xfbff}, {0xfe80, 0xfefc}} {
		for form := block[0]; form <= block[1]; form++ {
			switch plain := []rune(norm.NFKC.String(string(form))); {
			case plain[0] == form: // nothing stands here
			case len(plain) == 1:
				put(j.letters, plain[0], form)
			case len(plain) == 2 && plain[0] == lam:
				put(j.ligatures, plain[1], form)
			}
		}
	}
	return j
}

// of returns the forms of a letter; a stroke that only lengthens joins on both sides and looks the same.
func (j joining) of(r rune) forms {
	if r == tatweel || r == joiner {
		return forms{r, r, r, r}
	}
	return j.letters[r]
}

// shape returns the signs of one paragraph in the order of reading, each in its form.
func (j joining) shape(text string) []glyph {
	// Heh with a hamza is in no typeface of ours as one; as two it is.
	runes := []rune(strings.ReplaceAll(norm.NFC.String(text), "\u06c0", "\u0647\u0654"))
	var out []glyph
	joined := false // the letter before joins on to this one
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		f := j.of(r)
		switch {
		case r == nonJoiner || r == joiner:
			joined = r == joiner
			if len(out) > 0 {
				out[len(out)-1].from += string(r)
			}
			continue
		case unicode.Is(unicode.Mn, r): // a mark joins nothing and parts nothing
			out = append(out, glyph{r: r, from: string(r)})
			continue
		case f.isolated == 0:
			joined = false
			out = append(out, glyph{r: r, from: string(r)})
			continue
		}
		from := string(r)
		if r == lam && i+1 < len(runes) {
			if ligature, there := j.ligatures[runes[i+1]]; there {
				f, from = ligature, from+string(runes[i+1])
				i++
			}
		}
		on := f.joinsOn() && j.of(next(runes[i+1:])).joinsBack()
		back := joined && f.joinsBack()
		form := f.isolated
		switch {
		case back && on:
			form = f.medial
		case back:
			form = f.final
		case on:
			form = f.initial
		}
		out = append(out, glyph{r: form, from: from})
		joined = on
	}
	return out
}

// next returns the first rune of text that is no mark; 0 at its end.
func next(text []rune) rune {
	for _, r := range text {
		if !unicode.Is(unicode.Mn, r) {
			return r
		}
	}
	return 0
}

// isUnseen reports whether r only directs what stands beside it.
func isUnseen(r rune) bool {
	switch {
	case r == '\u200e', r == '\u200f', r == '\u061c', r >= '\u2066' && r <= '\u2069', r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u00ad':
		return true
	}
	return r >= '\ufe00' && r <= '\ufe0f' || r >= '\u202a' && r <= '\u202e'
}

// isRightToLeft reports whether any of text is written from right to left.
func isRightToLeft(text string) bool {
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		if class := properties.Class(); class == bidi.R || class == bidi.AL {
			return true
		}
	}
	return false
}

// drawn returns what is drawn of a line, from left to right: in order, and mirrored where it is read backwards. A mark on Arabic comes before its
// letter then, which is where the typeface wants it: it has no width, and lies over what follows.
func drawn(line []glyph) []rune {
	level := make([]byte, len(line))
	for i, g := range line {
		level[i] = g.level
	}
	order := visual(level)
	out := make([]rune, 0, len(line))
	for _, n := range order {
		g := line[n]
		if isUnseen(g.r) {
			continue
		}
		if other, there := mirrored[g.r]; there && g.level%2 == 1 {
			out = append(out, other)
			continue
		}
		out = append(out, g.r)
	}
	return out
}

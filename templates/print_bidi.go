package templates

import (
	"slices"

	"golang.org/x/text/unicode/bidi"
)

// The order of letters on a line where two directions meet (UAX #9). x/text lends the class of each character; its own ordering does not keep
// the levels, so that a number beside Arabic would land on the wrong side. Embeddings and overrides, which only programs write, are left out;
// isolates, which the words of this house hold, are not.

// levels returns the embedding level of each rune of one paragraph whose own level is base: 0 from left to right, 1 from right to left.
func levels(text []rune, base byte) []byte {
	p := bidiParagraph{text: text, class: make([]bidi.Class, len(text)), level: make([]byte, len(text))}
	for i, r := range text {
		properties, _ := bidi.LookupRune(r)
		p.class[i] = properties.Class()
	}
	for _, sequence := range p.explicit(base) {
		p.weak(sequence)
		p.brackets(sequence)
		p.neutral(sequence)
		for _, i := range sequence.at {
			switch {
			case p.level[i]%2 == 0 && p.class[i] == bidi.R:
				p.level[i]++
			case p.level[i]%2 == 0 && (p.class[i] == bidi.AN || p.class[i] == bidi.EN):
				p.level[i] += 2
			case p.level[i]%2 == 1 && p.class[i] != bidi.R:
				p.level[i]++
			}
		}
	}
	return p.level
}

type bidiParagraph struct {
	text  []rune
	class []bidi.Class
	level []byte
}

// isolated is one isolating run sequence (BD13): what is read as if nothing stood between its parts.
type isolated struct {
	at       []int // positions in the paragraph, in order
	sos, eos bidi.Class
}

func directionOf(level byte) bidi.Class {
	if level%2 == 1 {
		return bidi.R
	}
	return bidi.L
}

const rightClass = bidi.R

func isInitiator(c bidi.Class) bool { return c == bidi.LRI || c == bidi.RLI || c == bidi.FSI }

// explicit sets the levels that isolates give (X1 to X8) and returns the sequences (X10).
func (p *bidiParagraph) explicit(base byte) []isolated {
	type open struct {
		level    byte
		sequence int
	}
	var list []isolated
	stack := []open{{base, -1}}
	add := func(i int) {
		top := &stack[len(stack)-1]
		p.level[i] = top.level
		if top.sequence < 0 {
			top.sequence = len(list)
			outer := base
			if len(stack) > 1 {
				outer = stack[len(stack)-2].level
			}
			side := directionOf(max(outer, top.level))
			list = append(list, isolated{sos: side, eos: side})
		}
		list[top.sequence].at = append(list[top.sequence].at, i)
	}
	for i, class := range p.class {
		if class == bidi.PDI && len(stack) > 1 {
			stack = stack[:len(stack)-1]
		}
		add(i)
		if !isInitiator(class) || len(stack) > 100 {
			continue
		}
		level := stack[len(stack)-1].level
		inner := level + 2 - level%2 // the next even one
		if class == bidi.RLI || class == bidi.FSI && firstStrong(p.text[i+1:]) == bidi.R {
			inner = level + 1 + level%2 // the next odd one
		}
		stack = append(stack, open{inner, -1})
	}
	return list
}

// firstStrong returns R or L as the first strong character says (P2), not looking into isolates nor past their end; ON where there is none.
func firstStrong(text []rune) bidi.Class {
	depth := 0
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		switch class := properties.Class(); {
		case isInitiator(class):
			depth++
		case class == bidi.PDI && depth == 0:
			return bidi.ON
		case class == bidi.PDI:
			depth--
		case depth > 0:
		case class == bidi.L:
			return bidi.L
		case class == bidi.R, class == bidi.AL:
			return bidi.R
		}
	}
	return bidi.ON
}

// weak resolves numbers and what stands beside them (W1 to W7).
func (p *bidiParagraph) weak(s isolated) {
	before, strong := s.sos, s.sos
	for _, i := range s.at {
		switch p.class[i] { // W1
		case bidi.NSM:
			p.class[i] = before
			if isInitiator(before) || before == bidi.PDI {
				p.class[i] = bidi.ON
			}
		case bidi.L, bidi.R, bidi.AL:
			strong = p.class[i]
		}
		if p.class[i] == bidi.EN && strong == bidi.AL { // W2
			p.class[i] = bidi.AN
		}
		before = p.class[i]
	}
	for _, i := range s.at { // W3
		if p.class[i] == bidi.AL {
			p.class[i] = bidi.R
		}
	}
	at := func(k int) bidi.Class {
		if k < 0 || k >= len(s.at) {
			return bidi.ON
		}
		return p.class[s.at[k]]
	}
	for k, i := range s.at { // W4
		last, next := at(k-1), at(k+1)
		if last == next && (p.class[i] == bidi.ES && last == bidi.EN || p.class[i] == bidi.CS && (last == bidi.EN || last == bidi.AN)) {
			p.class[i] = last
		}
	}
	for k := 0; k < len(s.at); k++ { // W5, W6
		from := k
		for k < len(s.at) && at(k) == bidi.ET {
			k++
		}
		becomes := bidi.ON
		if at(from-1) == bidi.EN || at(k) == bidi.EN {
			becomes = bidi.EN
		}
		for j := from; j < k; j++ {
			p.class[s.at[j]] = becomes
		}
		if c := at(k); k < len(s.at) && (c == bidi.ES || c == bidi.CS) {
			p.class[s.at[k]] = bidi.ON
		}
	}
	strong = s.sos
	for _, i := range s.at { // W7
		switch p.class[i] {
		case bidi.L, bidi.R:
			strong = p.class[i]
		case bidi.EN:
			if strong == bidi.L {
				p.class[i] = bidi.L
			}
		}
	}
}

// mirrored are the characters that look the other way from right to left; those in brackets come in pairs (N0).
var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«', '‹': '›', '›': '‹',
	'≤': '≥', '≥': '≤'}

func isOpening(r rune) bool { return r == '(' || r == '[' || r == '{' }
func isClosing(r rune) bool { return r == ')' || r == ']' || r == '}' }

// strongOf is the direction that a class counts as for neutrals: numbers count as from right to left.
func strongOf(c bidi.Class) bidi.Class {
	switch c {
	case bidi.L:
		return bidi.L
	case bidi.R, bidi.EN, bidi.AN:
		return bidi.R
	}
	return bidi.ON
}

// brackets gives both of a pair the direction of what they hold (N0).
func (p *bidiParagraph) brackets(s isolated) {
	type pair struct{ open, close int } // positions in s.at
	var pairs []pair
	var waiting []int
	for k, i := range s.at {
		switch r := p.text[i]; {
		case p.class[i] != bidi.ON:
		case isOpening(r):
			waiting = append(waiting, k)
		case isClosing(r):
			for n := len(waiting) - 1; n >= 0; n-- {
				if mirrored[p.text[s.at[waiting[n]]]] == r {
					pairs = append(pairs, pair{waiting[n], k})
					waiting = waiting[:n]
					break
				}
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return a.open - b.open })
	for _, b := range pairs {
		own := directionOf(p.level[s.at[b.open]])
		inside := bidi.ON
		for k := b.open + 1; k < b.close && inside != own; k++ {
			if strong := strongOf(p.class[s.at[k]]); strong != bidi.ON {
				inside = strong
			}
		}
		becomes := inside
		if inside != own && inside != bidi.ON {
			context := s.sos
			for k := b.open - 1; k >= 0; k-- {
				if strong := strongOf(p.class[s.at[k]]); strong != bidi.ON {
					context = strong
					break
				}
			}
			if context != inside {
				becomes = own
			}
		}
		if becomes != bidi.ON {
			p.class[s.at[b.open]], p.class[s.at[b.close]] = becomes, becomes
		}
	}
}

// neutral gives what has no direction that of its surroundings (N1, N2).
func (p *bidiParagraph) neutral(s isolated) {
	before := s.sos
	for k := 0; k < len(s.at); k++ {
		if strong := strongOf(p.class[s.at[k]]); strong != bidi.ON {
			before = strong
			continue
		}
		from := k
		after := s.eos
		for ; k < len(s.at); k++ {
			if strong := strongOf(p.class[s.at[k]]); strong != bidi.ON {
				after = strong
				break
			}
		}
		for _, i := range s.at[from:min(k, len(s.at))] {
			p.class[i] = directionOf(p.level[i])
			if before == after {
				p.class[i] = before
			}
		}
		k--
	}
}

// visual returns the positions of a line in the order in which they stand from left to right (L2).
func visual(level []byte) []int {
	order := make([]int, len(level))
	var highest byte
	for i := range order {
		order[i] = i
		highest = max(highest, level[i])
	}
	for l := highest; l >= 1; l-- {
		for i := 0; i < len(order); i++ {
			from := i
			for i < len(order) && level[order[i]] >= l {
				i++
			}
			slices.Reverse(order[from:i])
		}
	}
	return order
}

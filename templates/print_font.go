package templates

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
)

// typeface is what printed pages are set in: one narrow family that has Latin with all its accents, Greek, Cyrillic, Hebrew, Arabic and Persian.
// It is made once.
type typeface struct {
	regular, bold []byte
	has           map[rune]bool // by the regular one
	joining       joining
}

var readTypeface = sync.OnceValues(func() (typeface, error) {
	t := typeface{regular: dejavusanscondensed.TTF, bold: dejavusanscondensedbold.TTF, joining: readJoining()}
	regular, err := charactersOf(t.regular)
	if err != nil {
		return t, err
	}
	bold, err := charactersOf(t.bold)
	if err != nil {
		return t, err
	}
	for r := range regular {
		if !bold[r] {
			delete(regular, r)
		}
	}
	t.has = regular
	return t, nil
})

var errFont = errors.New("the font has no table of characters that this program reads")

// charactersOf reads which characters a font has (OpenType, table cmap, format 4).
func charactersOf(font []byte) (map[rune]bool, error) {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	cmap := -1
	for i := range u16(4) {
		if entry := 12 + 16*i; string(font[entry:entry+4]) == "cmap" {
			cmap = u32(entry + 8)
		}
	}
	if cmap < 0 {
		return nil, errFont
	}
	for i := range u16(cmap + 2) {
		at := cmap + u32(cmap+4+8*i+4)
		if u16(at) != 4 {
			continue
		}
		has := map[rune]bool{}
		segments := u16(at+6) / 2
		for s := range segments {
			end, start := u16(at+14+2*s), u16(at+16+2*segments+2*s)
			for c := start; c <= end && c != 0xffff; c++ {
				has[rune(c)] = true
			}
		}
		return has, nil
	}
	return nil, errFont
}

// cannotPrint returns the characters of text that would not come out right, each once: those that the font does not have, and those of a script
// that wants more than is done here.
func (t typeface) cannotPrint(text string) []rune {
	var list []rune
	for _, g := range t.joining.shape(text) {
		r := []rune(g.from)[0]
		switch unformed := unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) && r != tatweel && t.joining.of(r).isolated == 0; {
		case isUnseen(g.r), unicode.IsSpace(g.r):
		case unformed, unicode.In(r, unicode.Nko, unicode.Syriac, unicode.Lao, unicode.Thaana), !t.has[g.r]:
			if !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list
}

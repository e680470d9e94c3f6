package templates

import (
	"maps"
	"slices"
	"time"

	"holdfast/internal/failure"
)

// labelSheet is a sheet of labels as it is sold, or one envelope, in millimetres.
type labelSheet struct {
	size          paperSize
	columns, rows int
	w, h          float64 // of one label
	left, top     float64 // of the first one
	stepX, stepY  float64 // from one to the next
}

// labelSheets are those that this house prints, by the name that an address has for them. Of an envelope it is the place where its address
// stands: the right half, below the stamp.
func labelSheets() map[string]labelSheet {
	return map[string]labelSheet{
		"a4-24":       {sizeA4, 3, 8, 70, 37, 0, 0.5, 70, 37},
		"letter-30":   {sizeLetter, 3, 10, 66.7, 25.4, 4.8, 12.7, 69.85, 25.4},
		"envelope-dl": envelopePage("DL", 220, 110),
		"envelope-10": envelopePage("10", 241.3, 104.8),
		"envelope-c6": envelopePage("C6", 162, 114),
	}
}

func envelopePage(name string, w, h float64) labelSheet {
	return labelSheet{size: paperSize{name, w, h}, columns: 1, rows: 1, w: w * 0.5, h: h * 0.48, left: w * 0.44, top: h * 0.42}
}

// LabelSizes returns the names of what an address can be printed on, in order.
func LabelSizes() []string { return slices.Sorted(maps.Keys(labelSheets())) }

// PrintLabels returns a PDF with an office's address, once on each label of a sheet, or on an envelope. lang is that of who prints it. Errors:
// NotFound for a size that is not in LabelSizes; Invalid where the address does not fit.
func PrintLabels(size, lang string, address []string, at time.Time) ([]byte, error) {
	sheet, there := labelSheets()[size]
	if !there {
		return nil, failure.Missing("size of labels", size)
	}
	say := &speaker{words: press().words[PublicLanguage(lang)]}
	p, err := newPrint(sheet.size, say.lang, say.text("paper.labels"), at)
	if err != nil {
		return nil, err
	}
	return p.labels(sheet, address, say)
}

func (p *printout) labels(sheet labelSheet, address []string, say *speaker) ([]byte, error) {
	p.page()
	for row := range sheet.rows {
		for column := range sheet.columns {
			x, y := sheet.left+float64(column)*sheet.stepX, sheet.top+float64(row)*sheet.stepY
			b := printBox{x + 1.5, y, x + sheet.w - 1.5, y + sheet.h}
			lines, s, fits := p.fit(address, b)
			if !fits || len(address) == 0 {
				return nil, failure.Wrong("address", "of this office does not fit; tell the coordinator, who can shorten it")
			}
			p.address(lines, s, b)
		}
	}
	if say.err != nil {
		return nil, say.err
	}
	return p.bytes()
}

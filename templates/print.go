package templates

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"

	"holdfast/internal/failure"
)

// Printed pages. The same input gives the same bytes: the date of a PDF is its caller's, and nothing else in it knows of the machine. Of who
// wrote there is nothing in what describes the file; the title is what its maker is handed here.

// paperSize is a format of paper, in millimetres.
type paperSize struct {
	name string
	w, h float64
}

var (
	sizeA4     = paperSize{"A4", 210, 297}
	sizeLetter = paperSize{"Letter", 215.9, 279.4}
)

// The two weights of the one typeface.
const (
	plain = ""
	bold  = "B"
)

const pointsToMM = 25.4 / 72

// typeStyle is how text is set: weight, size in points, and how far lines are apart, in millimetres.
type typeStyle struct {
	weight string
	points float64
	lead   float64
}

// drawnLine is one line that was drawn, and where: the window of an envelope is held by it.
type drawnLine struct {
	page          int
	x0, y0, x1, y float64 // millimetres from the left and the top; y is the baseline
	text          string  // in the order of reading
	drawn         string  // in the order of drawing
}

// printout is one document.
type printout struct {
	pdf  *fpdf.Fpdf
	face typeface
	lang string // of the document
	size paperSize
	wide float64 // between left and right, of running text
	left float64
	top  float64 // of running text, from the second page on
	foot float64 // where running text ends
	y    float64 // of running text: the top of the next line
	put  []drawnLine
	turn func() // what every page has beside its text, once it is begun
}

// newPrint begins a document without a page. at is when it was made, title what it is called; neither may tell of a person.
func newPrint(size paperSize, lang, title string, at time.Time) (*printout, error) {
	face, err := readTypeface()
	if err != nil {
		return nil, err
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "mm", Size: fpdf.SizeType{Wd: size.w, Ht: size.h}})
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(at.UTC())
	pdf.SetModificationDate(at.UTC())
	pdf.SetProducer("Holdfast", true)
	pdf.SetTitle(title, true)
	if languageTag.MatchString(lang) { // it stands in the file as it is
		pdf.SetLang(lang)
	}
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes("body", plain, slices.Clone(face.regular))
	pdf.AddUTF8FontFromBytes("body", bold, slices.Clone(face.bold))
	p := &printout{pdf: pdf, face: face, lang: lang, size: size, left: 25, top: 25, foot: size.h - 22, turn: func() {}}
	p.wide = size.w - 2*p.left
	return p, pdf.Error()
}

// page begins a page.
func (p *printout) page() {
	p.pdf.AddPage()
	p.y = p.top
	p.turn()
}

// bytes ends the document.
func (p *printout) bytes() ([]byte, error) {
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("a PDF could not be written: %w", err)
	}
	return out.Bytes(), nil
}

// rtl reports whether the document is read from right to left.
func (p *printout) rtl() bool { return Direction(p.lang) == "rtl" }

// baseOf is the direction of one paragraph: that of the document where any of it is written so, else that of its first strong letter.
func (p *printout) baseOf(text string) byte {
	if !isRightToLeft(text) {
		return 0
	}
	if p.rtl() || directionOfFirst(text) {
		return 1
	}
	return 0
}

// lineOf is one line as it will be drawn.
type lineOf struct {
	drawn string
	text  string // the same, as it is read
	width float64
	rtl   bool // its paragraph is read from right to left
}

func (p *printout) font(s typeStyle) { p.pdf.SetFont("body", s.weight, s.points) }

// wrap cuts one paragraph into lines no wider than width.
func (p *printout) wrap(text string, s typeStyle, width float64) []lineOf {
	p.font(s)
	text = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, text)
	base := p.baseOf(text)
	all := p.face.joining.shape(text)
	runes := make([]rune, len(all))
	for i, g := range all {
		runes[i] = g.r
	}
	for i, level := range levels(runes, base) {
		all[i].level = level
	}
	var lines []lineOf
	for from := 0; from < len(all) || len(lines) == 0; {
		to, next := p.cut(all[from:], width)
		line := all[from : from+to]
		made := lineOf{drawn: string(drawn(line)), rtl: base == 1}
		for _, g := range line {
			made.text += g.from
		}
		made.width = p.pdf.GetStringWidth(made.drawn)
		lines = append(lines, made)
		from += next
	}
	return lines
}

// cut returns how many signs of rest go on a line of this width, and where the next line begins. A word that is wider than a line is cut.
func (p *printout) cut(rest []glyph, width float64) (to, next int) {
	used, space := 0.0, -1
	for i, g := range rest {
		if g.r == ' ' || g.r == '\u200b' {
			space = i
		}
		if !isUnseen(g.r) {
			used += p.pdf.GetStringWidth(string(g.r))
		}
		if used <= width || g.r == ' ' {
			continue
		}
		if space > 0 {
			return len(trimSpace(rest[:space])), space + 1
		}
		return max(i, 1), max(i, 1)
	}
	return len(trimSpace(rest)), len(rest)
}

func trimSpace(line []glyph) []glyph {
	for len(line) > 0 && line[len(line)-1].r == ' ' {
		line = line[:len(line)-1]
	}
	return line
}

// Where a line stands within its box: at the side where it begins, at the other, or at one side whatever it says.
const (
	atStart = "start"
	atLeft  = "left"
	atRight = "right"
)

// line draws one line whose top is y.
func (p *printout) line(l lineOf, s typeStyle, x, y, width float64, where string) {
	if l.drawn == "" {
		return
	}
	p.font(s)
	if where == atRight || where == atStart && l.rtl {
		x += width - l.width
	}
	baseline := y + s.lead/2 + s.points*pointsToMM*0.36 // the middle of the small letters is the middle of the line
	p.pdf.Text(x, baseline, l.drawn)
	p.put = append(p.put, drawnLine{page: p.pdf.PageNo(), x0: x, y0: y, x1: x + l.width, y: baseline, text: l.text, drawn: l.drawn})
}

// block draws paragraphs, one a line of text, in a box at x, y, and returns where the next one would begin.
func (p *printout) block(text string, s typeStyle, x, y, width float64, where string) float64 {
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		for _, l := range p.wrap(paragraph, s, width) {
			p.line(l, s, x, y, width, where)
			y += s.lead
		}
	}
	return y
}

// run draws running text over as many pages as it needs. A paragraph is a line of text; an empty one is half a line apart.
func (p *printout) run(text string, s typeStyle) {
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if strings.TrimSpace(paragraph) == "" {
			p.y += s.lead / 2
			continue
		}
		lines := p.wrap(paragraph, s, p.wide)
		for i, l := range lines {
			// No paragraph begins with its first line alone at the foot of a page.
			need := s.lead
			if i == 0 && len(lines) > 1 {
				need = 2 * s.lead
			}
			p.room(need)
			p.line(l, s, p.left, p.y, p.wide, p.start())
			p.y += s.lead
		}
	}
}

// start and end are the sides at which a line of this document begins and ends, whatever it says.
func (p *printout) start() string {
	if p.rtl() {
		return atRight
	}
	return atStart
}

func (p *printout) end() string {
	if p.rtl() {
		return atLeft
	}
	return atRight
}

// room begins a new page where less than height is left on this one.
func (p *printout) room(height float64) {
	if p.y+height > p.foot {
		p.page()
	}
}

// rule draws a thin line.
func (p *printout) rule(x0, y0, x1, y1 float64) {
	p.pdf.SetDrawColor(120, 120, 120)
	p.pdf.SetLineWidth(0.15)
	p.pdf.Line(x0, y0, x1, y1)
}

// directionOfFirst reports whether the first strong letter of text is written from right to left.
func directionOfFirst(text string) bool { return firstStrong([]rune(text)) == rightClass }

// checkPrintable notes every field that holds what cannot be printed right.
func checkPrintable(check *failure.Check, face typeface, fields map[string]string, order ...string) {
	for _, field := range order {
		wrong := face.cannotPrint(fields[field])
		if len(wrong) == 0 {
			continue
		}
		list := make([]string, 0, 5)
		for _, r := range wrong[:min(len(wrong), 5)] {
			if unicode.IsPrint(r) {
				list = append(list, string(r))
			} else {
				list = append(list, fmt.Sprintf("U+%04X", r))
			}
		}
		check.Add(field, "holds characters that this program cannot print: %s; leave them out, or copy the letter into a program of your own", strings.Join(list, " "))
	}
}

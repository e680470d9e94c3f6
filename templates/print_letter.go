package templates

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/internal/failure"
)

// PaperLetter is a letter to be printed, signed and posted.
type PaperLetter struct {
	Language string // that it is written in; any, where the typeface has its letters
	Name     string // as it is signed
	Town     string
	Postal   string // where the writer lives, on several lines; may be empty
	Day      time.Time
	Address  []string // of the office, as it is to stand on the envelope
	Country  string   // ISO code of the country where the post arrives: how its envelopes are
	Subject  string
	Text     string    // from the salutation to the closing
	Code     string    // XXXX-XXXX, by which an answer can be told to be one to this letter
	MadeAt   time.Time // when it was made; what the file says of itself
	Advice   Postage   // for a page after the letter that stays at home
}

// Postage is what the page after a letter says to whoever posts it.
type Postage struct {
	Language   string // of the reader of the pages, which need not be that of the letter
	Free       bool   // no stamp is needed from within the country
	Words      string // what a stamp costs, as staff wrote it; else the post office knows
	From, To   string // ISO codes; From is empty where it is not known
	LastDay    time.Time
	TooLate    bool // LastDay is over, or the post is suspended
	Suspended  bool
	Transit    int // days
	Assumed    bool
	EnterURL   string // where the code is entered
	KnowsSpeed bool   // Transit and LastDay are set
}

const (
	mostPostalLines = 6
	mostPrinted     = 6 // pages of one letter
)

var (
	bodyStyle    = typeStyle{plain, 11, 5.4}
	subjectStyle = typeStyle{bold, 11, 5.4}
	senderStyle  = typeStyle{plain, 9.5, 4.4}
	footStyle    = typeStyle{plain, 7.5, 3.5}
	headStyle    = typeStyle{bold, 16, 8}
	partStyle    = typeStyle{bold, 12, 6}
)

// PrintLetter returns the letter as a PDF, with a last page of advice that is not posted. Errors: Invalid with every field that does not fit or
// cannot be printed; "address" is the office's own.
func PrintLetter(l PaperLetter) ([]byte, error) {
	p, err := printLetter(l)
	if err != nil {
		return nil, err
	}
	return p.bytes()
}

// CheckPaperLetter returns what PrintLetter would refuse, at half its cost.
func CheckPaperLetter(l PaperLetter) error {
	_, err := printLetter(l)
	return err
}

func printLetter(l PaperLetter) (*printout, error) {
	layout := layoutFor(l.Country)
	w := press().words[PublicLanguage(l.Language)]
	say := &speaker{words: w}
	p, err := newPrint(layout.size, l.Language, say.text("paper.title"), l.MadeAt)
	if err != nil {
		return nil, err
	}
	address, size, err := p.checkLetter(l, layout)
	if err != nil {
		return nil, err
	}
	ref := say.text("paper.ref")
	if !speaks(l.Language) {
		ref = "Ref."
	}
	p.turn = func() { // the code stands on each page, small: an answer that names it is an answer to this letter
		p.block(ref+" "+l.Code, footStyle, p.left, p.size.h-13, p.wide/2, atLeft)
		if n := p.pdf.PageNo(); n > 1 {
			p.block(fmt.Sprint(n), footStyle, p.left, p.size.h-13, p.wide, atRight)
		}
	}
	p.page()
	p.foldMarks(layout)
	p.sender(l, layout)
	p.address(address, size, layout.safe())
	p.y = layout.seen().y1 + 6
	p.run(placeAndDay(w, l), bodyStyle)
	p.y += 6
	p.run(l.Subject, subjectStyle)
	p.y += 3
	p.run(l.Text, bodyStyle)
	signed := strings.TrimSpace(l.Name + "\n" + l.Town)
	p.room(18 + 2*bodyStyle.lead) // to sign by hand
	p.y += 18
	p.run(signed, bodyStyle)
	if p.pdf.PageNo() > mostPrinted {
		return nil, failure.Wrong("text", "is longer than %d printed pages; offices read one", mostPrinted)
	}
	if say.err != nil {
		return nil, say.err
	}
	return p, p.advice(l)
}

// checkLetter holds a letter against paper, window and typeface.
func (p *printout) checkLetter(l PaperLetter, layout letterLayout) (lines []lineOf, s typeStyle, err error) {
	var check failure.Check
	checkPrintable(&check, p.face, map[string]string{"name": l.Name, "town": l.Town, "postal": l.Postal, "subject": l.Subject, "text": l.Text,
		"address": strings.Join(l.Address, " ")}, "name", "town", "postal", "subject", "text", "address")
	postal := postalLines(l.Postal)
	check.Need(len(postal) <= mostPostalLines, "postal", "has more than %d lines", mostPostalLines)
	for _, line := range postal {
		check.Need(len(p.wrap(line, senderStyle, p.senderBox(layout).width())) <= 2, "postal", "has a line that is too long for a letterhead")
	}
	lines, s, fits := p.fit(l.Address, layout.safe())
	check.Need(fits && len(l.Address) > 0, "address", "of this office does not fit into the window of an envelope; tell the coordinator, who can shorten it")
	return lines, s, check.Err()
}

func postalLines(postal string) []string {
	var list []string
	for line := range strings.Lines(postal) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// senderBox is the letterhead: on the other side of the window.
func (p *printout) senderBox(layout letterLayout) printBox {
	seen := layout.seen()
	if layout.windowAtLeft() {
		return printBox{max(seen.x1+4, p.size.w/2+10), 16, p.size.w - 16, seen.y1}
	}
	return printBox{p.left, 16, seen.x0 - 4, seen.y1}
}

func (p *printout) sender(l PaperLetter, layout letterLayout) {
	b := p.senderBox(layout)
	lines := append([]string{l.Name}, postalLines(l.Postal)...)
	if len(lines) == 1 && l.Town != "" {
		lines = append(lines, l.Town)
	}
	p.block(strings.Join(lines, "\n"), senderStyle, b.x0, b.y0, b.width(), p.start())
}

func (p *printout) foldMarks(layout letterLayout) {
	for _, y := range []float64{layout.fold, 2 * layout.fold} {
		p.rule(3, y, 7, y)
	}
}

// placeAndDay is the line of place and date, as letters in its language have it; a language that this house does not speak gets the date in
// figures.
func placeAndDay(w *words, l PaperLetter) string {
	day := l.Day.Format(time.DateOnly)
	if speaks(l.Language) {
		day = w.day(l.Day)
	}
	if l.Town == "" {
		return day
	}
	comma := ", "
	if w.lang == "ar" || w.lang == "fa" {
		comma = "، "
	}
	return l.Town + comma + day
}

// speaks reports whether the house speaks the language of a letter.
func speaks(lang string) bool {
	base, _, _ := strings.Cut(lang, "-")
	return slices.Contains(PublicLanguages(), base)
}

// advice is the page that stays at home: the stamp, the last day, and what the code is for.
func (p *printout) advice(l PaperLetter) error {
	a := l.Advice
	w := press().words[PublicLanguage(a.Language)]
	say := &speaker{words: w}
	lines := []string{say.text("paper.keep")}
	if a.Free {
		lines = append(lines, say.text("paper.postage_free", "Country", w.country(a.To)))
	}
	switch {
	case a.Free && a.From == a.To: // whatever a stamp costs, it needs none
	case a.Words != "":
		lines = append(lines, say.text("paper.postage", "Postage", a.Words))
	case a.Free:
		lines = append(lines, say.text("paper.postage_elsewhere"))
	default:
		lines = append(lines, say.text("paper.postage_ask"))
	}
	switch {
	case a.Suspended:
		lines = append(lines, say.text("paper.suspended"))
	case a.TooLate:
		lines = append(lines, say.text("paper.too_late", "Day", w.longDay(a.LastDay)))
	case a.KnowsSpeed:
		lines = append(lines, say.text("paper.last_day", "Day", w.longDay(a.LastDay)))
	}
	switch {
	case !a.KnowsSpeed:
	case a.Assumed:
		lines = append(lines, say.count("paper.transit_assumed", a.Transit))
	default:
		lines = append(lines, say.count("paper.transit", a.Transit))
	}
	lines = append(lines, say.text("paper.window"), say.text("paper.sign"))
	p.lang, p.turn = w.lang, func() {}
	p.page()
	p.run(say.text("paper.advice_title"), headStyle)
	p.y += 4
	for _, line := range lines {
		p.run(line, bodyStyle)
		p.y += 2.5
	}
	p.y += 3
	p.run(say.text("paper.code_title"), partStyle)
	p.y += 1
	p.run(say.text("paper.code_why"), bodyStyle)
	p.y += 2
	p.run(l.Code, headStyle)
	p.run(a.EnterURL, bodyStyle)
	return say.err
}

package templates

import (
	"strings"
	"time"
)

// EveningSheet is the sheet that a group prints for an evening of letters: what is public about the case, to whom and how to write, and a table in
// which to count.
type EveningSheet struct {
	Language     string
	Number       Number
	Headline     string
	Body         string // Markdown, as the coordinator wrote it, filled in
	TextLanguage string
	Clock        Clock
	Asks         []Ask
	Targets      []Target
	Contact      string // whom to send the numbers to
	PublicURL    string
	MadeAt       time.Time
}

// PrintEvening returns the sheet as a PDF.
func PrintEvening(e EveningSheet) ([]byte, error) {
	say := &speaker{words: press().words[PublicLanguage(e.Language)]}
	p, err := printEvening(e, say)
	if err != nil {
		return nil, err
	}
	if say.err != nil {
		return nil, say.err
	}
	return p.bytes()
}

var (
	textStyle  = typeStyle{plain, 10.5, 5}
	boldStyle  = typeStyle{bold, 10.5, 5}
	smallStyle = typeStyle{plain, 9, 4.2}
)

func printEvening(e EveningSheet, say *speaker) (*printout, error) {
	number := e.Number.In(say.lang)
	p, err := newPrint(sizeA4, say.lang, say.text("evening.title")+" "+number, e.MadeAt)
	if err != nil {
		return nil, err
	}
	p.left, p.wide, p.top = 20, sizeA4.w-40, 18
	p.turn = func() {
		p.block(number, footStyle, p.left, p.size.h-14, p.wide, p.start())
		p.block(say.text("evening.page", "Page", p.pdf.PageNo()), footStyle, p.left, p.size.h-14, p.wide, p.end())
	}
	p.page()
	p.run(say.text("evening.title")+" · "+number, smallStyle)
	p.run(e.Headline, headStyle)
	p.y += 2
	for _, line := range say.mailLines(e.Clock) {
		p.run(strings.TrimSpace(line.Fact+" "+line.Exact), boldStyle)
	}
	p.part(say.text("evening.case"))
	p.run(unbroken(e.Body), textStyle)
	p.part(say.text("evening.asks"))
	p.run(say.text("evening.asks_how"), smallStyle)
	for _, ask := range e.Asks {
		p.run("• "+ask.Text, textStyle)
		if len(ask.Offices) > 0 {
			p.run(say.text("action.ask_for", "Offices", say.listed(ask.Offices)), smallStyle)
		}
	}
	p.offices(e, say)
	p.part(say.text("evening.advice"))
	for _, id := range []string{"evening.advice_own", "evening.advice_polite", "evening.advice_facts", "evening.advice_who", "evening.advice_initials",
		"evening.not_at_origin"} {
		p.run("• "+say.text(id), textStyle)
	}
	p.counting(e, say)
	return p, nil
}

// part begins a part under a heading, which never stands alone at the foot of a page.
func (p *printout) part(heading string) {
	p.y += 4
	p.room(partStyle.lead + 3*textStyle.lead)
	p.run(heading, partStyle)
}

func (p *printout) offices(e EveningSheet, say *speaker) {
	p.part(say.text("evening.offices"))
	for _, t := range e.Targets {
		address := AddressOf(t)
		p.room(float64(len(address)+2) * textStyle.lead)
		for i, line := range address {
			s := textStyle
			if i == 0 {
				s = boldStyle
			}
			p.run(line, s)
		}
		for _, line := range []string{t.Email, t.Fax, t.Phone} {
			if line != "" {
				p.run(line, smallStyle)
			}
		}
		if t.Salutation != "" {
			p.run(say.text("evening.salutation", "Salutation", t.Salutation), smallStyle)
		}
		if t.PostageFree {
			p.run(say.text("evening.postage_free", "Country", say.country(t.Country)), smallStyle)
		}
		if t.NoMassLetters {
			p.run(say.text("evening.mass"), smallStyle)
		}
		if t.PublicRecords {
			p.run(say.text("evening.records"), smallStyle)
		}
		p.y += 2.5
	}
}

// counting is the table that is filled in by hand.
func (p *printout) counting(e EveningSheet, say *speaker) {
	const high, column = 8.5, 24.0
	heads := []string{say.text("evening.post"), say.text("evening.email"), say.text("evening.others")}
	p.y += 4
	p.room(partStyle.lead + float64(len(e.Targets)+7)*high)
	p.run(say.text("evening.count"), partStyle)
	p.run(say.text("evening.count_how"), smallStyle)
	p.y += 1
	right := p.left + p.wide
	// The narrow columns stand at the end of the line, which is on the left where one reads from right to left.
	cell := func(i int) (x0, x1 float64) {
		x0, x1 = p.left, right-3*column
		if i > 0 {
			x0 = right - float64(4-i)*column
			x1 = x0 + column
		}
		if p.rtl() {
			x0, x1 = p.left+right-x1, p.left+right-x0
		}
		return x0, x1
	}
	row := func(texts []string, s typeStyle) {
		for i, text := range texts {
			x0, x1 := cell(i)
			p.pdf.SetDrawColor(90, 90, 90)
			p.pdf.SetLineWidth(0.2)
			p.pdf.Rect(x0, p.y, x1-x0, high, "D")
			lines := p.wrap(text, s, x1-x0-3)
			for n, l := range lines[:min(2, len(lines))] {
				p.line(l, s, x0+1.5, p.y+float64(n)*3.6+(high-s.lead-float64(min(2, len(lines))-1)*3.6)/2, x1-x0-3, atStart)
			}
		}
		p.y += high
	}
	row(append([]string{say.text("evening.office")}, heads...), smallStyle)
	for _, t := range e.Targets {
		row([]string{t.Office, "", "", ""}, smallStyle)
	}
	p.y += 5
	for _, id := range []string{"evening.group", "evening.place", "evening.answers_for"} {
		p.run(say.text(id), smallStyle)
		p.rule(p.left, p.y+high-4, right, p.y+high-4)
		p.y += high - 2
	}
	p.part(say.text("evening.report"))
	p.run(say.text("evening.report_how", "Contact", e.Contact), textStyle)
	p.run(e.PublicURL, textStyle)
}

// unbroken is Markdown as plain text with no line end but between paragraphs and the points of a list.
func unbroken(markdown string) string {
	const never = 1 << 20
	src := []byte(markdown)
	return strings.Join(plainBlocks(press().markdown.tree(src), src, never), "\n\n")
}

// AddressOf is an office's address as it stands on an envelope, line by line.
func AddressOf(t Target) []string {
	var list []string
	for _, line := range append([]string{t.Office, t.Institution}, strings.Split(t.PostalAddress, "\n")...) {
		if line = strings.TrimSpace(line); line != "" && (len(list) == 0 || list[len(list)-1] != line) {
			list = append(list, line)
		}
	}
	return list
}

package templates

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"holdfast/internal/failure"
	"holdfast/letters"
)

// caseFileKinds and caseFileFacts are what a case file calls its parts, and what is said of each.
const (
	caseFileKinds = "file campaign person ask target event appeal text receipt letters reply position outcome"
	caseFileFacts = "made_by organisation number title state urgent deadline zone inclusive after_deadline removing_country receiving_country concerns removal removal_at " +
		"removal_until removal_zone published_as minor office country side power added_by agreed_by action subject by sha256_after kind written_by launched_by eligible " +
		"language text appeal reason members channel grade letters reports first_day last_day automatic answered_on position topic outcome note durability contribution"
)

// caseFileOrder is that in which the facts of an entry are printed.
var caseFileOrder = strings.Fields(caseFileFacts)

// CaseFileName is what the list is called that is attached to a case file.
const CaseFileName = "holdfast-case-file.jsonl"

// PrintCaseFile returns a case file as a PDF in a language of the staff: what each entry says, and at its end the list of hashes. The hash of the
// list stands at the foot of each page, and the list itself is attached.
func PrintCaseFile(f letters.CaseFile, lang string) ([]byte, error) {
	p, err := printCaseFile(f, lang)
	if err != nil {
		return nil, err
	}
	p.pdf.SetAttachments([]fpdf.Attachment{{Content: f.List(), Filename: CaseFileName, Description: "SHA-256"}})
	return p.bytes()
}

var (
	entryStyle = typeStyle{bold, 9.5, 4.6}
	factStyle  = typeStyle{plain, 9, 4.3}
	hashStyle  = typeStyle{plain, 6.5, 3.2}
)

// factsOf returns the facts of the one entry of a kind that there is one of.
func factsOf(f letters.CaseFile, kind string) letters.Entry {
	for _, e := range f.Entries {
		if e.Kind == kind {
			return e
		}
	}
	return letters.Entry{}
}

func printCaseFile(f letters.CaseFile, lang string) (*printout, error) {
	say := &speaker{words: press().words[StaffLanguage(lang)]}
	file, campaign := factsOf(f, letters.OfFile), factsOf(f, letters.OfCampaign)
	at, err := time.Parse(time.RFC3339Nano, file.At)
	if err != nil {
		return nil, failure.Wrong("file", "does not say when it was made")
	}
	title := say.text("casefile.title") + " " + campaign.Facts["number"]
	p, err := newPrint(sizeA4, say.lang, title, at)
	if err != nil {
		return nil, err
	}
	p.left, p.wide, p.top = 20, sizeA4.w-40, 20
	root := f.Hash()
	p.turn = func() {
		p.block(root, hashStyle, p.left, p.size.h-14, p.wide, atLeft)
		p.block(title+" · "+fmt.Sprint(p.pdf.PageNo()), hashStyle, p.left, p.size.h-14, p.wide, atRight)
	}
	p.page()
	p.y += 30
	p.run(title, typeStyle{bold, 22, 11})
	p.run(campaign.Facts["title"], headStyle)
	p.y += 6
	p.run(say.text("casefile.made", "Day", say.longDay(at.UTC()), "Hour", say.clock(at.UTC()), "Name", cmp.Or(file.Facts["made_by"], "holdfast")), bodyStyle)
	p.y += 4
	for _, id := range []string{"casefile.what", "casefile.grades", "casefile.unnamed", "casefile.check"} {
		p.run(say.text(id), bodyStyle)
		p.y += 3
		if id == "casefile.grades" {
			for _, grade := range letters.Grades() {
				p.run(say.text("casefile.fact", "Label", say.text("grade."+grade), "Value", say.text("grade_means."+grade)), bodyStyle)
			}
			p.y += 3
		}
	}
	p.run(say.text("casefile.root"), boldStyle)
	p.run(root, factStyle)
	p.page()
	p.caseFileParts(f, say)
	if say.err != nil {
		return nil, say.err
	}
	return p, nil
}

func (p *printout) caseFileParts(f letters.CaseFile, say *speaker) {
	for _, kind := range letters.EntryKinds {
		entries := slices.DeleteFunc(slices.Clone(f.Entries), func(e letters.Entry) bool { return e.Kind != kind })
		if len(entries) == 0 {
			continue
		}
		p.part(say.text("casefile_kind." + kind))
		if kind == letters.OfLetters {
			p.run(say.text("casefile.never_one_sum"), smallStyle)
		}
		for _, e := range entries {
			p.caseFileEntry(e, say)
		}
	}
	p.part(say.text("casefile.list"))
	p.run(say.text("casefile.list_how"), smallStyle)
	p.y += 1
	for _, e := range f.Entries {
		p.run(e.Hash()+"  "+e.Key, hashStyle)
	}
}

func (p *printout) caseFileEntry(e letters.Entry, say *speaker) {
	p.y += 1.5
	p.room(entryStyle.lead + 2*factStyle.lead)
	head := e.Key
	if at, err := time.Parse(time.RFC3339Nano, e.At); err == nil {
		head = at.UTC().Format("2006-01-02 15:04") + " UTC · " + head
	}
	p.run(head, entryStyle)
	names := []string{}
	for name := range e.Facts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(caseFileOrder, a), slices.Index(caseFileOrder, b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		label := name // of an ask it is a language
		if slices.Contains(caseFileOrder, name) {
			label = say.text("casefile_fact." + name)
		} else if e.Kind == letters.OfAsk {
			label = say.language(name)
		}
		value := p.printableOnly(factText(e.Kind, name, e.Facts[name], say))
		if isRightToLeft(value) || strings.Contains(value, "\n") { // a paragraph of its own, read from its own side
			p.run(say.text("casefile.fact", "Label", label, "Value", ""), factStyle)
			p.run(value, factStyle)
			continue
		}
		p.run(say.text("casefile.fact", "Label", label, "Value", value), factStyle)
	}
}

// printableOnly puts a sign in place of what cannot be printed: a text in any language may be in a case file, and the list holds it as it is.
func (p *printout) printableOnly(text string) string {
	cannot := p.face.cannotPrint(text)
	if len(cannot) == 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if slices.Contains(cannot, r) {
			return '\u25a1'
		}
		return r
	}, text)
}

// factText says a value in words where the house has some for it.
func factText(kind, name, value string, say *speaker) string {
	family := map[string]string{"side": "side", "power": "power", "grade": "grade", "outcome": "outcome", "durability": "durability", "contribution": "contribution",
		"after_deadline": "after_deadline", "removal": "timing"}[name]
	switch {
	case name == "channel" && value == letters.Unsaid:
		return say.text("reports.unsaid")
	case name == "channel":
		family = "channel"
	case name == "kind" && kind == letters.OfAppeal:
		family = "kind"
	case name == "country", name == "removing_country", name == "receiving_country":
		return say.country(value)
	case name == "language":
		return say.language(value)
	}
	if family == "" || !say.has(family+"."+value) {
		return strings.ReplaceAll(value, "_", " ")
	}
	return say.text(family + "." + value)
}

// CheckedCaseFile is what a case file says of itself, without any house.
type CheckedCaseFile struct {
	File     letters.CaseFile
	Hash     string   // of the list that is attached, as it is
	Printed  []string // the hashes at the foot of its pages, each once
	Altered  []string // entries that are not what their hash says
	Pages    int
	Odd      []int // pages that say something else than the list does, or cannot be held against it
	Compared bool  // the pages were held against the list; else another version of this program set them
}

// Whole reports whether nothing is wrong with the file.
func (c CheckedCaseFile) Whole() bool {
	return len(c.Altered) == 0 && len(c.Odd) == 0 && len(c.Printed) == 1 && c.Printed[0] == c.Hash
}

// CheckCaseFile reads a case file and holds its list against its hashes, the hash of the list against the foot of each page, and what the pages
// say against the list. It needs nothing but the file. Errors: Invalid where it is no case file.
func CheckCaseFile(pdf []byte) (c CheckedCaseFile, err error) {
	list, err := attachedTo(pdf)
	if err != nil {
		return c, failure.Wrong("file", "is no case file: %s", err)
	}
	if c.File, c.Altered, err = letters.ReadList(list); err != nil {
		return c, err
	}
	c.Hash = c.File.Hash()
	pages, err := pagesOfPDF(pdf)
	if err != nil {
		return c, err
	}
	c.Pages = len(pages)
	for n, page := range pages {
		foot := ""
		for _, line := range page[:min(len(page), 1)] {
			foot = line
		}
		if !slices.Contains(c.Printed, foot) {
			c.Printed = append(c.Printed, foot)
		}
		if foot != c.Hash {
			c.Odd = append(c.Odd, n+1)
		}
	}
	return c, c.compare(pdf, pages)
}

// compare prints the list anew and holds the pages against that, where this version sets them alike.
func (c *CheckedCaseFile) compare(pdf []byte, pages [][]string) error {
	lang := english
	if bytes.Contains(pdf, []byte("/Lang (fr)")) {
		lang = "fr"
	}
	again, err := PrintCaseFile(c.File, lang)
	if err != nil {
		return nil //nolint:nilerr // a list that was altered until it cannot be printed is told as altered
	}
	want, err := pagesOfPDF(again)
	if err != nil {
		return err
	}
	c.Compared = len(want) == len(pages)
	for n := range min(len(want), len(pages)) {
		if !slices.Equal(want[n], pages[n]) && !slices.Contains(c.Odd, n+1) {
			c.Odd = append(c.Odd, n+1)
		}
	}
	slices.Sort(c.Odd)
	return nil
}

package templates

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"holdfast/letters"
	"holdfast/members"
)

// TallyFile is a report as a file, with all that its first sheet says of it.
type TallyFile struct {
	Tally
	Lang         string
	Zone         string // of the moment it was made
	From, To     time.Time
	Filters      []Choice // what it was narrowed to: the filter in Value, one of "field"; its value as Label
	Organisation string
}

// head is the first line of the table.
func (f TallyFile) head(s *speaker) []string {
	cells := []string{s.text("tally_by." + f.By)}
	if f.Named {
		cells = append(cells, s.text("reports.name"), s.text("reports.address"))
	}
	for _, grade := range letters.Grades() {
		cells = append(cells, s.text("grade."+grade))
	}
	return append(cells, s.text("reports.letters"), s.text("reports.members"), s.text("reports.visitors"), s.text("reports.batches"))
}

// label is the first cell of a line, as a value of its own kind: a number, a day or text.
func (f TallyFile) label(s *speaker, l letters.TallyLine) any {
	switch f.By {
	case letters.ByMember:
		if l.ID != 0 {
			return l.ID
		}
	case letters.ByYear:
		if year, err := strconv.Atoi(l.Name); err == nil {
			return year
		}
	case letters.ByDay:
		if day, err := time.Parse(time.DateOnly, l.Name); err == nil {
			return day
		}
	}
	name, err := s.words.tallyName(f.Tally, l)
	s.err = cmp.Or(s.err, err)
	return name.Label
}

// cells is a line of the table behind its label.
func (f TallyFile) cells(l letters.TallyLine) []any {
	var cells []any
	if f.Named {
		name := f.Names[l.ID]
		cells = append(cells, name.Label, name.Address)
	}
	return append(cells, figureCells(l.Figures)...)
}

func figureCells(f letters.Figures) []any {
	return []any{f.Sent, f.Confirmed, f.Paper, f.Reported, f.Batch, f.Letters(), f.Members, f.Visitors, f.Batches}
}

// totalCells is the last line: counted over the letters, not over the lines.
func (f TallyFile) totalCells(s *speaker) []any {
	cells := []any{s.text("reports.total")}
	if f.Named {
		cells = append(cells, "", "")
	}
	return append(cells, figureCells(f.Total)...)
}

// CSV writes the report as a table, one line after the other. No spreadsheet runs a cell of it (P8). bom begins it with the mark by which Excel
// knows UTF-8.
func (f TallyFile) CSV(w io.Writer, bom bool) error {
	s := &speaker{words: press().words[suiting(StaffLanguages(), []string{f.Lang})]}
	if bom {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	write := func(cells []any) error {
		line := make([]string, len(cells))
		for i, cell := range cells {
			switch cell := cell.(type) {
			case string:
				line[i] = members.GuardCell(cell)
			case time.Time:
				line[i] = cell.Format(time.DateOnly)
			default:
				line[i] = fmt.Sprint(cell)
			}
		}
		return out.Write(line)
	}
	if err := write(anyCells(f.head(s))); err != nil {
		return err
	}
	for _, l := range f.Lines {
		if err := write(append([]any{f.label(s, l)}, f.cells(l)...)); err != nil {
			return err
		}
	}
	if err := write(f.totalCells(s)); err != nil {
		return err
	}
	out.Flush()
	return cmp.Or(out.Error(), s.err)
}

func anyCells(texts []string) []any {
	cells := make([]any, len(texts))
	for i, text := range texts {
		cells[i] = text
	}
	return cells
}

// noDisk is a folder that cannot be: a large sheet is then held in memory, and no name or address of a member is ever written to a disk in clear.
const noDisk = "\x00"

// XLSX writes the report as a workbook of two sheets: the first says what it is, how each letter is known and what is not counted; the second is the
// table. Text is text there, and never a formula.
func (f TallyFile) XLSX(w io.Writer) (err error) {
	s := &speaker{words: press().words[suiting(StaffLanguages(), []string{f.Lang})]}
	book := excelize.NewFile(excelize.Options{TmpDir: noDisk})
	defer func() { err = cmp.Or(err, book.Close()) }()
	about, table := s.text("reports.sheet_about"), s.text("reports.sheet_table")
	if s.err != nil {
		return s.err
	}
	if err := book.SetSheetName("Sheet1", about); err != nil {
		return err
	}
	if _, err := book.NewSheet(table); err != nil {
		return err
	}
	if err := f.aboutSheet(s, book, about); err != nil {
		return err
	}
	if err := f.tableSheet(s, book, table); err != nil {
		return err
	}
	if s.err != nil {
		return s.err
	}
	return book.Write(w)
}

// aboutSheet writes what the report is, as pairs.
func (f TallyFile) aboutSheet(s *speaker, book *excelize.File, sheet string) error {
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	wrap, err := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	day, err := book.NewStyle(&excelize.Style{NumFmt: 14, Alignment: &excelize.Alignment{Horizontal: "left"}})
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := cmp.Or(out.SetColWidth(1, 1, 34), out.SetColWidth(2, 2, 90)); err != nil {
		return err
	}
	row := 0
	write := func(name string, value any) {
		row++
		cell := excelize.Cell{StyleID: wrap, Value: value}
		if _, isDay := value.(time.Time); isDay {
			cell.StyleID = day
		}
		s.err = cmp.Or(s.err, out.SetRow(fmt.Sprint("A", row), []any{excelize.Cell{StyleID: bold, Value: name}, cell}))
	}
	write(s.text("reports.title"), f.Organisation)
	write(s.text("field.by"), s.text("tally_by."+f.By))
	open := s.text("reports.open_range")
	for i, at := range []time.Time{f.From, f.To} {
		id := []string{"field.from", "field.to"}[i]
		if at.IsZero() {
			write(s.text(id), open)
		} else {
			write(s.text(id), at)
		}
	}
	for _, filter := range f.Filters {
		write(s.text("tally_by."+filter.Value), filter.Label)
	}
	write(s.text("reports.made"), s.moment(f.MadeAt, f.Zone, ""))
	write(s.text("reports.how"), s.text("reports.method"))
	for i, grade := range letters.Grades() {
		write(s.text("grade."+grade), s.text("reports.counted", "Letters", f.Total.ByGrade()[i], "Meaning", s.text("grade_means."+grade)))
	}
	for _, apart := range f.Apart {
		write(s.text("reports.apart"), s.text("reports.counted", "Letters", apart.Letters, "Meaning", s.text("tally_state."+apart.State)))
	}
	write(s.text("reports.people"), s.text("reports.people_how"))
	return cmp.Or(s.err, out.Flush())
}

// tableSheet writes the table: numbers as numbers, days as days.
func (f TallyFile) tableSheet(s *speaker, book *excelize.File, sheet string) error {
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	day, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := cmp.Or(out.SetColWidth(1, 1, 40), out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})); err != nil {
		return err
	}
	write := func(row int, cells []any) error { return out.SetRow(fmt.Sprint("A", row), cells) }
	styled := func(cells []any) []any {
		for i, cell := range cells {
			cells[i] = excelize.Cell{StyleID: bold, Value: cell}
		}
		return cells
	}
	if err := write(1, styled(anyCells(f.head(s)))); err != nil {
		return err
	}
	for i, l := range f.Lines {
		label := f.label(s, l)
		if at, isDay := label.(time.Time); isDay {
			label = excelize.Cell{StyleID: day, Value: at}
		}
		if err := write(i+2, append([]any{label}, f.cells(l)...)); err != nil {
			return err
		}
	}
	if err := write(len(f.Lines)+2, styled(f.totalCells(s))); err != nil {
		return err
	}
	return out.Flush()
}

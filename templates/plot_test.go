package templates

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"holdfast/letters"
)

// svgText is a text of a drawing, and where it stands.
type svgText struct {
	X    float64 `xml:"x,attr"`
	Y    float64 `xml:"y,attr"`
	Text string  `xml:",chardata"`
}

func drawnDays(t *testing.T, p DaysPlot) (texts []svgText, file []byte) {
	t.Helper()
	file, err := Render(Head{Lang: "en"}, DaysFile{Plot: p})
	if err != nil {
		t.Fatal(err)
	}
	var drawing struct {
		ViewBox string    `xml:"viewBox,attr"`
		Texts   []svgText `xml:"text"`
	}
	if err := xml.Unmarshal(file, &drawing); err != nil {
		t.Fatalf("the drawing is no XML: %v", err)
	}
	_, height, _ := strings.Cut(drawing.ViewBox, "360 ")
	bottom, err := strconv.ParseFloat(height, 64)
	if err != nil {
		t.Fatalf("the drawing is %q wide and high", drawing.ViewBox)
	}
	for _, text := range drawing.Texts {
		if text.X < 0 || text.X > 360 || text.Y < 8 || text.Y > bottom {
			t.Errorf("%q stands at %v, %v, outside", text.Text, text.X, text.Y)
		}
	}
	return drawing.Texts, file
}

func TestAPlotNamesWhatHappenedAndStaysInItsFrame(t *testing.T) {
	t.Parallel()
	texts, _ := drawnDays(t, sampleDays())
	var said strings.Builder
	for _, text := range texts {
		said.WriteString(text.Text + "\n")
	}
	for _, want := range []string{"1. 2 November 2026: First appeal", "2. 3 November 2026: 2 answers", "4. 22 November 2026: stopped", "closed: ", "96"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the plot does not say %q:\n%s", want, &said)
		}
	}
	// Many things on one day, in one day, and over three years.
	crowded := DaysPlot{ID: "c", Number: sampleNumber(), Days: []PlotDay{{Day: sampleNow, Figures: letters.Figures{Reported: 1}}}}
	for i := range 24 {
		crowded.Events = append(crowded.Events, PlotEvent{Day: sampleNow.AddDate(0, 0, i/4), Word: EventAnswer, N: int64(i)})
	}
	drawnDays(t, crowded)
	drawnDays(t, DaysPlot{ID: "n", Number: sampleNumber(), Events: crowded.Events[:1]})
	long := sampleDays()
	long.Days = append(long.Days, PlotDay{Day: sampleNow.AddDate(3, 0, 0), Figures: letters.Figures{Batch: 5000}})
	drawnDays(t, long)
}

func TestAPlotOfOneDayNamesItOnce(t *testing.T) {
	t.Parallel()
	texts, _ := drawnDays(t, DaysPlot{ID: "one", Number: sampleNumber(), Days: []PlotDay{{Day: sampleNow, Figures: letters.Figures{Sent: 3}}}})
	days := 0
	for _, text := range texts {
		if strings.Contains(text.Text, strconv.Itoa(sampleNow.Year())) {
			days++
		}
	}
	if days != 1 {
		t.Errorf("the day is named %d times:\n%v", days, texts)
	}
}

func TestWhatStandsUnderABarIsWrittenOnAsManyLinesAsItTakes(t *testing.T) {
	t.Parallel()
	all := BarsRow{Office: "Minister"}
	for i, channel := range letters.Channels {
		all.Parts = append(all.Parts, Count{Reason: channel, N: int64(60 - i)})
	}
	for _, lang := range StaffLanguages() {
		drawn, err := press().words[lang].barsDrawn(BarsPlot{ID: "b", Rows: []BarsRow{all, all}})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, line := range drawn.Marks {
			said += line.Text + "\n"
			if y, err := strconv.ParseFloat(line.Y, 64); err != nil || y > float64(drawn.Height) || len([]rune(line.Text)) > 60 {
				t.Errorf("%s: %q stands at %s of %d, or is too long", lang, line.Text, line.Y, drawn.Height)
			}
		}
		for _, part := range all.Parts {
			if strings.Count(said, " "+strconv.FormatInt(part.N, 10)) != 2 {
				t.Errorf("%s: %d letters by %s are not said for each office:\n%s", lang, part.N, part.Reason, said)
			}
		}
	}
}

func TestTheWeeksOfAPlotHoldTheLettersOfItsDays(t *testing.T) {
	t.Parallel()
	var days []PlotDay
	var want letters.Figures
	for i := range 400 {
		f := letters.Figures{Sent: int64(i % 3), Confirmed: int64(i % 5), Paper: 1, Reported: int64(i), Batch: int64(i % 7)}
		days = append(days, PlotDay{Day: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), Figures: f})
		want.Sent, want.Confirmed, want.Paper, want.Reported, want.Batch = want.Sent+f.Sent, want.Confirmed+f.Confirmed, want.Paper+f.Paper, want.Reported+f.Reported, want.Batch+f.Batch
	}
	var got letters.Figures
	weeks := inWeeks(days)
	for i, w := range weeks {
		if w.Day.Weekday() != time.Monday || i > 0 && w.Day.Sub(weeks[i-1].Day) != 7*24*time.Hour {
			t.Errorf("week %d begins on %s", i, w.Day.Format(time.DateOnly))
		}
		got.Sent, got.Confirmed, got.Paper, got.Reported, got.Batch = got.Sent+w.Sent, got.Confirmed+w.Confirmed, got.Paper+w.Paper, got.Reported+w.Reported, got.Batch+w.Batch
	}
	if got != want {
		t.Errorf("the weeks hold %+v, the days %+v", got, want)
	}
}

func TestP8_AReportWithNamesHoldsNoFormula(t *testing.T) {
	t.Parallel()
	evil := []string{`=HYPERLINK("http://x.example","y")`, "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "'=1", `a"b,c`, "O'Brien", "زهرا"}
	f := TallyFile{Lang: "fr", Zone: "UTC", Organisation: evil[0], Filters: []Choice{{Value: "topic", Label: evil[1]}}, Tally: Tally{By: letters.ByMember, Named: true, Names: map[int64]TallyName{}}}
	f.MadeAt = sampleNow
	f.Apart = []letters.Apart{{State: letters.Withdrawn, Letters: 3}}
	for i, name := range evil {
		f.Lines = append(f.Lines, letters.TallyLine{ID: int64(i + 1), Figures: letters.Figures{Reported: 2}})
		f.Names[int64(i+1)] = TallyName{Label: name, Address: name}
	}
	f.Lines = append(f.Lines, letters.TallyLine{Figures: letters.Figures{Batch: 7}})
	var text bytes.Buffer
	if err := f.CSV(&text, false); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil || len(rows) != len(evil)+3 {
		t.Fatalf("%d lines, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
				t.Errorf("the cell %q is a formula to a spreadsheet", cell)
			}
		}
	}
	var file bytes.Buffer
	if err := f.XLSX(&file); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range evil {
		at := "B" + strconv.Itoa(i+2)
		formula, _ := book.GetCellFormula("Lettres", at)
		if value, _ := book.GetCellValue("Lettres", at); value != name || formula != "" {
			t.Errorf("%s is %q with the formula %q, want the text %q", at, value, formula, name)
		}
	}
	if err := f.CSV(broken{}, true); err == nil {
		t.Error("a reader that hung up was written to")
	}
}

func TestALargeReportWithNamesIsNeverOnADisk(t *testing.T) {
	f := TallyFile{Lang: "en", Zone: "UTC", Tally: Tally{By: letters.ByMember, Named: true, Names: map[int64]TallyName{}}}
	for i := range int64(60_000) {
		f.Lines = append(f.Lines, letters.TallyLine{ID: i + 1, Figures: letters.Figures{Reported: 2}})
		f.Names[i+1] = TallyName{Label: "Somebody with a long name", Address: "somebody.with.a.long.address@mail.example"}
	}
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(folder, past, past); err != nil {
		t.Fatal(err)
	}
	var size countingWriter
	if err := f.XLSX(&size); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(folder)
	if err != nil || !after.ModTime().Equal(past) || size < 1<<20 {
		t.Errorf("the folder for passing files was changed at %v (%v), by a workbook of %d bytes", after.ModTime(), err, size)
	}
}

type countingWriter int

func (n *countingWriter) Write(p []byte) (int, error) {
	*n += countingWriter(len(p))
	return len(p), nil
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

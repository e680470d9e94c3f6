package templates

import (
	"cmp"
	"fmt"
	"time"
	"unicode/utf8"

	"holdfast/letters"
)

// Plots are SVG as a template writes it: no script, no style, only attributes, so that they stand under the policy of the pages and alone as files. They
// are drawn 360 units wide with letters of 11: on a phone that is their size, on a desk the sheet lets them grow by half. What they show stands
// beneath as a table.

// DaysPlot is the letters of a campaign, day by day, against what happened.
type DaysPlot struct {
	ID     string // of the plot on its page; nothing else there has it
	Number Number
	Days   []PlotDay   // the days that have letters, in order
	Events []PlotEvent // in order
	Small  bool        // for a page about something else: no list of what happened beneath
	Href   string      // of the plot as a file; empty in the file itself
}

// PlotDay is one day, or one week where the days are many.
type PlotDay struct {
	Day time.Time
	letters.Figures
}

// PlotEvent is what happened on a day: Word is an event's; Kind is which appeal, or how it ended; N is how many, of answers.
type PlotEvent struct {
	Day        time.Time
	Word, Kind string
	N          int64
}

// The words of events.
const (
	EventLaunch = "launch"
	EventAnswer = "answer"
	EventStop   = "stop"
	EventClosed = "closed"
)

// DaysFile is a DaysPlot as a file.
type DaysFile struct{ Plot DaysPlot }

func (DaysFile) spec() spec {
	return spec{file: "days_file", layout: fragmentLayout, partials: []string{"plot_days"}}
}

// BarsPlot is the letters of a campaign by office and channel.
type BarsPlot struct {
	ID   string
	Rows []BarsRow
}

// BarsRow is one office.
type BarsRow struct {
	Office, Lang string
	Parts        []Count // channel and letters, most first
}

// Sum is all that an office was sent, by every channel.
func (r BarsRow) Sum() int64 { return total(r.Parts) }

// ResponsePlot is how the groups answered: of the members who got an appeal of the campaign, how many wrote, and how many letters.
type ResponsePlot struct {
	ID   string
	Rows []ResponseRow
}

// ResponseRow is one group; Name is empty for members without one.
type ResponseRow struct {
	Name                       string
	Got, Wrote, Letters, Batch int64
}

// PerMember is how many letters there are for each member who got it, batches apart.
func (r ResponseRow) PerMember() float64 {
	if r.Got == 0 {
		return 0
	}
	return float64(r.Letters) / float64(r.Got)
}

// The measures of the plots, in units of the drawing.
const (
	plotWidth  = 360
	plotHeight = 130 // of the field of days
	plotTop    = 30
	plotLine   = 15
	plotMargin = 8
	mostDays   = 100 // above this, weeks
)

// box is a rectangle, and mark a text or a line.
type box struct{ X, Y, W, H, Kind string }
type mark struct{ X, Y, Text, Anchor string }

// drawing is a plot with every measure worked out.
type drawing struct {
	Width, Height  int
	Base, Top      string // of the field
	Weeks          bool
	Boxes          []box
	Marks          []mark // texts
	Lines          []mark // from the top of the field to its base
	Rows           []mark // texts beneath, or beside bars
	First, Last    string
	Highest        int64
	Letters        int64
	WithEvidence   int64
	OwnWord, Batch int64
	Days           []PlotDay
	Spoken         []string // what happened, in words
}

func units(n float64) string { return fmt.Sprintf("%.1f", n) }

// inWeeks sums days into the weeks they lie in, named by their Mondays.
func inWeeks(days []PlotDay) []PlotDay {
	var weeks []PlotDay
	for _, d := range days {
		monday := d.Day.AddDate(0, 0, -(int(d.Day.Weekday())+6)%7)
		if n := len(weeks); n == 0 || !weeks[n-1].Day.Equal(monday) {
			weeks = append(weeks, PlotDay{Day: monday})
		}
		w := &weeks[len(weeks)-1].Figures
		w.Sent, w.Confirmed, w.Paper, w.Reported, w.Batch = w.Sent+d.Sent, w.Confirmed+d.Confirmed, w.Paper+d.Paper, w.Reported+d.Reported, w.Batch+d.Batch
	}
	return weeks
}

// plotted works a DaysPlot out.
func (w *words) plotted(p DaysPlot) (drawing, error) {
	s := &speaker{words: w}
	d := drawing{Width: plotWidth, Days: p.Days, Top: units(plotTop), Base: units(plotTop + plotHeight)}
	for _, day := range p.Days {
		d.WithEvidence += day.Sent + day.Confirmed + day.Paper
		d.OwnWord, d.Batch, d.Letters = d.OwnWord+day.Reported, d.Batch+day.Batch, d.Letters+day.Letters()
	}
	first, last := bounds(p)
	span := int(last.Sub(first).Hours()/24) + 1
	step := 1
	if d.Weeks = span > mostDays; d.Weeks {
		d.Days, step = inWeeks(p.Days), 7
		first = first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
		span = int(last.Sub(first).Hours()/24) + 1
	}
	wide := float64(plotWidth-2*plotMargin) / float64(max(span, 7))
	at := func(day time.Time) float64 { return plotMargin + wide*day.Sub(first).Hours()/24 }
	for _, day := range d.Days {
		d.Highest = max(d.Highest, day.Letters())
	}
	named := false
	for _, day := range d.Days {
		y := float64(plotTop + plotHeight)
		for _, part := range []struct {
			kind string
			n    int64
		}{{"evidence", day.Sent + day.Confirmed + day.Paper}, {"word", day.Reported}, {"batch", day.Batch}} {
			high := float64(plotHeight-14) * float64(part.n) / float64(max(d.Highest, 1))
			if y -= high; part.n > 0 {
				d.Boxes = append(d.Boxes, box{X: units(at(day.Day)), Y: units(y), W: units(max(wide*float64(step)-1, 1)), H: units(high), Kind: part.kind})
			}
		}
		if day.Letters() == d.Highest && !named { // the highest says how many it is
			named = true
			x := at(day.Day) + wide*float64(step)/2
			d.Marks = append(d.Marks, mark{X: units(x), Y: units(y - 4), Text: w.number(day.Letters()), Anchor: anchor(x)})
		}
	}
	if d.First = w.day(first); last.After(first) {
		d.Last = w.day(last)
	}
	d.Height = plotTop + plotHeight + 20
	w.drawEvents(s, &d, p, at)
	return d, s.err
}

// anchor keeps a text at x within the drawing.
func anchor(x float64) string {
	switch {
	case x < 40:
		return "start"
	case x > plotWidth-40:
		return "end"
	}
	return "middle"
}

// bounds are the first and the last day of a plot.
func bounds(p DaysPlot) (first, last time.Time) {
	for _, day := range p.Days {
		if first.IsZero() || day.Day.Before(first) {
			first = day.Day
		}
		if day.Day.After(last) {
			last = day.Day
		}
	}
	for _, e := range p.Events {
		if first.IsZero() || e.Day.Before(first) {
			first = e.Day
		}
		if e.Day.After(last) {
			last = e.Day
		}
	}
	return first, last
}

// drawEvents numbers what happened: a line with its number in the field, and the number with its words beneath. Two that would stand on each other
// are set on two levels.
func (w *words) drawEvents(s *speaker, d *drawing, p DaysPlot, at func(time.Time) float64) {
	right := [2]float64{-20, -20} // where the last number of each level ends
	for i, e := range p.Events {
		x := at(e.Day)
		level := 0
		if x < right[0]+12 && right[1] < right[0] {
			level = 1
		}
		label := max(x, right[level]+12)
		right[level] = label
		d.Lines = append(d.Lines, mark{X: units(x)})
		said := s.text("plots.event", "N", i+1, "Day", w.day(e.Day), "What", hole(eventWords(s, e)))
		d.Spoken = append(d.Spoken, said)
		if !p.Small { // a number without its words says nothing
			d.Marks = append(d.Marks, mark{X: units(label), Y: units(float64(11 + 12*level)), Text: w.number(int64(i + 1)), Anchor: "middle"})
			d.Height += plotLine
			d.Rows = append(d.Rows, mark{X: units(plotMargin), Y: units(float64(d.Height - 6)), Text: said})
		}
	}
}

func eventWords(s *speaker, e PlotEvent) string {
	switch e.Word {
	case EventAnswer:
		return s.count("plots.answers", e.N)
	case EventClosed:
		return s.text("plots.closed", "How", s.text("outcome."+cmp.Or(e.Kind, "unknown")))
	case EventStop:
		return s.text("plots.stopped")
	}
	return s.text("kind." + e.Kind)
}

// barsLine is how many characters fit beside each other under a bar.
const barsLine = 54

// barsDrawn works a BarsPlot out: a bar for each office, cut by channel; the parts that have room say which, and the line above says all.
func (w *words) barsDrawn(p BarsPlot) (drawing, error) {
	s := &speaker{words: w}
	d := drawing{Width: plotWidth, Height: 4}
	for _, r := range p.Rows {
		d.Highest = max(d.Highest, r.Sum())
	}
	for _, r := range p.Rows {
		d.Rows = append(d.Rows, mark{X: "0", Y: units(float64(d.Height + 12)), Text: shorten(r.Office, 50), Anchor: "start"})
		x := 0.0
		lines := []string{""}
		for i, part := range r.Parts {
			wide := plotWidth * float64(part.N) / float64(max(d.Highest, 1))
			d.Boxes = append(d.Boxes, box{X: units(x), Y: units(float64(d.Height + 17)), W: units(max(wide-1, .5)), H: "14", Kind: fmt.Sprint("tone", i%2)})
			name, err := w.channel(part.Reason)
			s.err = cmp.Or(s.err, err)
			x += wide
			said, line := name+" "+w.number(part.N), &lines[len(lines)-1]
			switch {
			case *line == "":
				*line = said
			case utf8.RuneCountInString(*line+said) > barsLine:
				lines = append(lines, said)
			default:
				*line += " · " + said
			}
		}
		for i, line := range lines {
			d.Marks = append(d.Marks, mark{X: "0", Y: units(float64(d.Height + 44 + 14*i)), Text: line, Anchor: "start"})
		}
		d.Height += 56 + 14*(len(lines)-1)
	}
	return d, s.err
}

// responseDrawn works a ResponsePlot out: a bar for each group, as long as its letters for each member who got the appeal.
func (w *words) responseDrawn(p ResponsePlot) (drawing, error) {
	s := &speaker{words: w}
	d := drawing{Width: plotWidth, Height: 4}
	longest := .01
	for _, r := range p.Rows {
		longest = max(longest, r.PerMember())
	}
	for _, r := range p.Rows {
		name := r.Name
		if name == "" {
			name = s.text("tally_without.group")
		}
		d.Rows = append(d.Rows, mark{X: "0", Y: units(float64(d.Height + 12)), Text: s.text("plots.response", "Group", shorten(name, 30), "Wrote", r.Wrote, "Got", r.Got), Anchor: "start"})
		wide := (plotWidth - 44) * r.PerMember() / longest
		d.Boxes = append(d.Boxes, box{X: "0", Y: units(float64(d.Height + 17)), W: units(max(wide, .5)), H: "14", Kind: "tone0"})
		d.Marks = append(d.Marks, mark{X: units(wide + 5), Y: units(float64(d.Height + 28)), Text: w.perMember(r), Anchor: "start"})
		d.Height += 40
	}
	return d, s.err
}

// perMember writes letters for each member to two places.
func (w *words) perMember(r ResponseRow) string {
	hundredths := int64(r.PerMember()*100 + .5)
	return w.number(hundredths/100) + w.Decimal + w.digits(fmt.Sprintf("%02d", hundredths%100))
}

// shorten cuts a text that a plot has no room for; the table beneath has it whole.
func shorten(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

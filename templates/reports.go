package templates

import (
	"fmt"
	"time"

	"holdfast/letters"
)

// Reports is the page at /admin/reports. Its filter: GET by, from, to, campaign, case, target, group, country, removing, topic, kind, channel, grade, each
// as in letters.Cut; member comes by a link alone. Its form, for who may export members, where it is by member: POST /admin/reports/members with the same
// fields and format.
type Reports struct {
	By, From, To, Member                                           string
	Kind, Channel, Grade                                           string
	Campaigns, Cases, Targets, Groups, Countries, Removing, Topics []Choice
	Narrowed                                                       bool // a filter is set that stands in the second row
	Tally                                                          Tally
	Hidden                                                         int    // lines that the files have and the page has not
	CSV, XLSX                                                      string // addresses of the report as a file
	Fields                                                         []Choice
	Days                                                           *DaysPlot
	Bars                                                           *BarsPlot
	Response                                                       *ResponsePlot
}

func (Reports) spec() spec {
	return spec{file: "reports", layout: staffLayout, partials: []string{"form", "tally", "grade", "plot_days", "plot_bars", "plot_response"}}
}

// Tally is a report with the names of what it is about.
type Tally struct {
	letters.Tally
	By    string              // one of letters.CutBy
	Names map[int64]TallyName // of what has an id
	Named bool                // by member, with each one's name and address: for who may export members
}

// TallyName is what something with an id is called.
type TallyName struct {
	Label, Lang string
	Href        string // its page, for who may read it
	Address     string // of a member, where the tally is Named
}

// tallyName is what a line is about, in words.
func (w *words) tallyName(t Tally, l letters.TallyLine) (TallyName, error) {
	if l.ID != 0 {
		if name, known := t.Names[l.ID]; known {
			return name, nil
		}
		return TallyName{Label: fmt.Sprint(l.ID)}, nil
	}
	var label string
	var err error
	switch {
	case l.Name == "":
		label, err = w.text("tally_without." + t.By)
	case t.By == letters.ByCountry || t.By == letters.ByRemoving:
		label = w.country(l.Name)
	case t.By == letters.ByKind:
		label, err = w.word("kind", l.Name)
	case t.By == letters.ByChannel:
		label, err = w.channel(l.Name)
	case t.By == letters.ByGrade:
		label, err = w.word("grade", l.Name)
	case t.By == letters.ByMonth:
		label, err = w.month(l.Name)
	case t.By == letters.ByDay:
		var day time.Time
		if day, err = time.Parse(time.DateOnly, l.Name); err == nil {
			label = w.day(day)
		}
	default:
		label = l.Name
	}
	return TallyName{Label: label}, err
}

// channel names a channel, also the one that somebody did not say.
func (w *words) channel(name string) (string, error) {
	if name == letters.Unsaid {
		return w.text("reports.unsaid")
	}
	return w.word("channel", name)
}

// month writes 2026-11 as November 2026.
func (w *words) month(name string) (string, error) {
	first, err := time.Parse("2006-01", name)
	if err != nil {
		return "", err
	}
	return w.text("reports.month", "Month", hole(w.Months[first.Month()-1]), "Year", hole(w.digits(first.Format("2006"))))
}

// stripe is one grade's part of a bar, in hundredths of its width.
type stripe struct{ Grade, X, Width string }

// stripes cuts the bar of a line, which is as long as its letters are many beside the longest of all.
func stripes(t Tally, l letters.TallyLine) []stripe {
	var longest int64 = 1
	for _, other := range t.Lines {
		longest = max(longest, other.Letters())
	}
	var list []stripe
	at := int64(0)
	for i, n := range l.ByGrade() {
		if n > 0 {
			list = append(list, stripe{Grade: letters.Grades()[i], X: hundredths(at, longest), Width: hundredths(n, longest)})
		}
		at += n
	}
	return list
}

func hundredths(n, of int64) string { return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(of)) }

// tallyFuncs are the functions by which a template sets reports, plots and records.
func (w *words) tallyFuncs() map[string]any {
	return map[string]any{
		"tallyName": w.tallyName, "stripes": stripes, "channelName": w.channel, "grades": letters.Grades, "tallyBy": letters.CutBy,
		"plotted": w.plotted, "barsDrawn": w.barsDrawn, "responseDrawn": w.responseDrawn, "perMember": w.perMember,
	}
}

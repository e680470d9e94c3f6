package templates

import (
	"strings"
	"time"
)

// Receipt is the account of one appeal: what became of every member who was to get it. It closes when the parts
// are the whole that was counted on its own.
type Receipt struct {
	Number Number
	Kind   string // of the appeal

	Counted  bool  // Eligible has been counted
	Eligible int64 // members who were to get it, as of the launch

	Accepted    int64 // taken over by the relay
	MaybeTwice  int64 // of Accepted: sent again after an answer that nobody heard
	Refused     []Count
	Skipped     []Count
	Stopped     int64
	Unknown     int64
	Waiting     int64 // queued, being sent, or put off
	LetIn       int64 // of Eligible: joined after the launch, and were let in since
	LateJoiners int64 // joined after the launch: beside the account, not in it

	FirstAfter, LastAfter time.Duration // from the launch to the first and to the last mail accepted; zero before
}

// Count is how many members one reason stands for. An empty Reason is all of them together.
type Count struct {
	Reason string
	N      int64
}

func total(counts []Count) int64 {
	var sum int64
	for _, c := range counts {
		sum += c.N
	}
	return sum
}

// Sum returns the members who are accounted for, those still waiting included.
func (r Receipt) Sum() int64 {
	return r.Accepted + total(r.Refused) + total(r.Skipped) + r.Stopped + r.Unknown + r.Waiting
}

// TooLate returns how many were not reached before the time was over.
func (r Receipt) TooLate() int64 {
	var sum int64
	for _, c := range r.Skipped {
		if c.Reason == "too_late" {
			sum += c.N
		}
	}
	return sum
}

// Closes reports whether everybody who was to get the appeal is in exactly one final state.
func (r Receipt) Closes() bool { return r.Counted && r.Waiting == 0 && r.Sum() == r.Eligible }

// receiptLine is one line of the cash book.
type receiptLine struct {
	Label, Figure string
	Part          bool // a part of the line above, not added again
	Rule          bool // the sum, under a rule
}

// receiptLines sets r as a cash book: a line for each bucket, the sum, and what was counted at the launch.
func (w *words) receiptLines(r Receipt) ([]receiptLine, error) {
	s := &speaker{words: w}
	lines := []receiptLine{{Label: s.text("receipt.accepted"), Figure: w.number(r.Accepted)}}
	if r.MaybeTwice > 0 {
		lines = append(lines, receiptLine{Label: s.text("receipt.maybe_twice"), Figure: w.number(r.MaybeTwice), Part: true})
	}
	lines = append(lines, s.reasonLines("receipt.skipped", r.Skipped)...)
	lines = append(lines, s.reasonLines("receipt.refused", r.Refused)...)
	lines = append(lines, receiptLine{Label: s.text("receipt.unknown"), Figure: w.number(r.Unknown)})
	lines = append(lines, receiptLine{Label: s.text("receipt.stopped"), Figure: w.number(r.Stopped)})
	if r.Waiting > 0 {
		lines = append(lines, receiptLine{Label: s.text("receipt.waiting"), Figure: w.number(r.Waiting)})
	}
	lines = append(lines, receiptLine{Label: s.text("receipt.sum"), Figure: w.number(r.Sum()), Rule: true})
	if r.Counted {
		lines = append(lines, receiptLine{Label: s.text("receipt.eligible"), Figure: w.number(r.Eligible)})
		if r.LetIn > 0 {
			lines = append(lines, receiptLine{Label: s.text("receipt.let_in"), Figure: w.number(r.LetIn), Part: true})
		}
	}
	return lines, s.err
}

func (s *speaker) reasonLines(id string, counts []Count) []receiptLine {
	if total(counts) == 0 {
		return []receiptLine{{Label: s.text(id), Figure: s.number(0)}}
	}
	var lines []receiptLine
	for _, c := range counts {
		if c.N == 0 {
			continue
		}
		label := s.text(id)
		if c.Reason != "" {
			label = s.text("receipt.because", "What", label, "Why", s.text("reason."+c.Reason))
		}
		lines = append(lines, receiptLine{Label: label, Figure: s.number(c.N)})
	}
	return lines
}

// ReceiptText writes r as plain text of at most textColumns columns, for a terminal or a mail. lang is a language of
// staff pages; any other is English.
func ReceiptText(r Receipt, lang string) (string, error) {
	w := press().words[suiting(StaffLanguages(), []string{lang})]
	lines, err := w.receiptLines(r)
	if err != nil {
		return "", err
	}
	s := &speaker{words: w}
	verdict := s.verdict(r)
	title := strings.TrimSpace(s.text("receipt.title") + " " + r.Number.In(w.lang))
	if r.Kind != "" {
		title += ", " + s.text("kind."+r.Kind)
	}

	label, figure := 0, 0
	for _, line := range lines {
		label, figure = max(label, columnsOf(line.Label)+2), max(figure, columnsOf(line.Figure))
	}
	width := label + 2 + figure
	var out strings.Builder
	out.WriteString(title + "\n" + strings.Repeat("─", max(width, columnsOf(title))) + "\n")
	for _, line := range lines {
		if line.Rule {
			out.WriteString(strings.Repeat(" ", label+2) + strings.Repeat("─", figure) + "\n")
		}
		margin := ""
		if line.Part {
			margin = "  "
		}
		out.WriteString(margin + line.Label + strings.Repeat(" ", width-len(margin)-columnsOf(line.Label)-columnsOf(line.Figure)) + line.Figure + "\n")
	}
	out.WriteString(strings.Repeat(" ", label+2) + strings.Repeat("═", figure) + "\n" + verdict + "\n")
	for _, note := range s.receiptNotes(r) {
		out.WriteString(note + "\n")
	}
	return out.String(), s.err
}

// verdict says whether r closes, or what keeps it open.
func (s *speaker) verdict(r Receipt) string {
	switch {
	case !r.Counted:
		return s.text("receipt.not_counted")
	case r.Closes():
		return s.text("receipt.closes")
	case r.Waiting > 0:
		return s.count("receipt.open", r.Waiting)
	}
	return s.count("receipt.differs", max(r.Sum()-r.Eligible, r.Eligible-r.Sum()))
}

// receiptNotes says what stands beside the account.
func (s *speaker) receiptNotes(r Receipt) []string {
	var notes []string
	if r.FirstAfter > 0 {
		notes = append(notes, s.text("receipt.times", "First", s.elapsed(r.FirstAfter), "Last", s.elapsed(r.LastAfter)))
	}
	if r.LateJoiners > 0 {
		notes = append(notes, s.count("receipt.late", r.LateJoiners))
	}
	return notes
}

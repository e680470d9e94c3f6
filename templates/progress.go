package templates

import "strconv"

// segment is one part of a progress bar, in the order accepted, skipped, refused, unknown, stopped, waiting. Its place and width
// are percentages, for attributes of an SVG rectangle: the pages' policy allows no style attribute.
type segment struct {
	Name, Label, Figure string
	N                   int64
	X, Width            string
}

// leastWidth is how wide a part that is not nothing is drawn, in percent, so that one refusal in thousands is seen.
const leastWidth = 0.8

// segments cuts the bar of r. Parts that are nothing have no width, and are still named.
func (w *words) segments(r Receipt) ([]segment, error) {
	s := &speaker{words: w}
	parts := []segment{
		{Name: "accepted", N: r.Accepted},
		{Name: "skipped", N: total(r.Skipped)},
		{Name: "refused", N: total(r.Refused)},
		{Name: "unknown", N: r.Unknown},
		{Name: "stopped", N: r.Stopped},
		{Name: "waiting", N: max(r.Waiting, r.Eligible-r.Sum()+r.Waiting)},
	}
	var whole, drawn float64
	for _, part := range parts {
		whole += float64(part.N)
	}
	widths := make([]float64, len(parts))
	for i, part := range parts {
		if part.N > 0 {
			widths[i] = max(100*float64(part.N)/whole, leastWidth)
			drawn += widths[i]
		}
	}
	at := 0.0
	for i := range parts {
		if drawn > 0 {
			widths[i] *= 100 / drawn
		}
		parts[i].X, parts[i].Width = percent(at), percent(widths[i])
		at += widths[i]
		parts[i].Label = s.text("segment." + parts[i].Name)
		parts[i].Figure = w.number(parts[i].N)
	}
	return parts, s.err
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }

package trial

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// Ratio is how many times as many public pages a second come from memory as are made anew: the median over the rounds; 0 where that was not measured.
func (r LettersReport) Ratio() float64 {
	var all []float64
	for i := range min(len(r.Cached), len(r.Fresh)) {
		all = append(all, r.Cached[i]/r.Fresh[i])
	}
	return middle(all)
}

// middle is the median of a list; of an even number of figures the higher of the two in the middle.
func middle(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// Write prints the report as a table for people.
func (r LettersReport) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(t, "while an appeal leaves\trequests\terrors\tp50, ms\tp99, ms\tmost, ms\t")
	for _, p := range r.Pages {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.1f\t%.1f\t%.1f\t\n", p.What, p.Requests, p.Errors, p.P50*1000, p.P99*1000, p.Most*1000)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nreports acknowledged               %d in %.1f s\n", r.Acknowledged, r.Seconds)
	fmt.Fprintf(&b, "rows                               %d; lost %d, doubled %d, with a wrong number %d\n", r.Rows, r.Lost, r.Doubled, r.Wrong)
	fmt.Fprintf(&b, "mails sent in that time            %d; to all %d in %.1f s, the receipt %s\n", r.Sent, r.Members, r.FanOut,
		map[bool]string{true: "closes", false: "DOES NOT CLOSE"}[r.Closes])
	fmt.Fprintf(&b, "deliveries behind it               %d\n", r.Deliveries)
	if ratio := r.Ratio(); ratio > 0 {
		fmt.Fprintf(&b, "the public page, %d asking at once  from memory %.0f a second, made anew %.0f: %.1f times (median of %d rounds)\n", rushers,
			middle(r.Cached), middle(r.Fresh), ratio, len(r.Cached))
	}
	fmt.Fprintf(&b, "measured with  round trip %.0f ms to the sink, %s/%s, %d processors, %s\n", r.RTT*1000, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	_, err := io.WriteString(w, b.String())
	return err
}

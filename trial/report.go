package trial

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// median returns the middle of a figure over the rounds.
func (r FanoutReport) median(of func(Round) float64) float64 {
	m, _, _ := r.spread(of)
	return m
}

// spread returns the middle, the least and the most of a figure over the rounds.
func (r FanoutReport) spread(of func(Round) float64) (middle, least, most float64) {
	if len(r.Rounds) == 0 {
		return 0, 0, 0
	}
	all := make([]float64, len(r.Rounds))
	for i, round := range r.Rounds {
		all[i] = of(round)
	}
	slices.Sort(all)
	middle = all[len(all)/2]
	if len(all)%2 == 0 {
		middle = (middle + all[len(all)/2-1]) / 2
	}
	return middle, all[0], all[len(all)-1]
}

// Write prints the report as a table for people.
func (r FanoutReport) Write(w io.Writer) error {
	if len(r.Rounds) > 0 {
		if err := r.writeRounds(w); err != nil {
			return err
		}
	}
	return r.writeRest(w)
}

func (r FanoutReport) writeRounds(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	row := func(what, format string, of func(Round) float64) {
		middle, least, most := r.spread(of)
		fmt.Fprintf(t, "%s\t"+format+"\t"+format+"\t"+format+"\t\n", what, middle, least, most)
	}
	fmt.Fprintf(t, "fan-out to %d members\tmedian\tleast\tmost\t\n", r.Members)
	row("messages a second", "%.0f", func(x Round) float64 { return x.Rate })
	row("the bare loop, messages a second", "%.0f", func(x Round) float64 { return x.BareRate })
	row("share of the limit, rate", "%.2f", func(x Round) float64 { return x.Rate / x.BareRate })
	row("launch answered after, s", "%.3f", func(x Round) float64 { return x.Launched })
	row("first mail accepted after, s", "%.3f", func(x Round) float64 { return x.First })
	row("last mail accepted after, s", "%.2f", func(x Round) float64 { return x.Last })
	row("CPU a message, worker, µs", "%.1f", func(x Round) float64 { return x.WorkerCPU })
	row("PostgreSQL, µs", "%.1f", func(x Round) float64 { return x.DatabaseCPU })
	row("sink, µs", "%.1f", func(x Round) float64 { return x.SinkCPU })
	row("the bare loop, µs", "%.1f", func(x Round) float64 { return x.BareCPU })
	row("sink under the bare loop, µs", "%.1f", func(x Round) float64 { return x.BareSinkCPU })
	row("worker's CPU by the bare loop's", "%.2f", func(x Round) float64 { return x.WorkerCPU / x.BareCPU })
	row("with PostgreSQL's", "%.2f", func(x Round) float64 { return (x.WorkerCPU + x.DatabaseCPU) / x.BareCPU })
	row("WAL a message, bytes", "%.0f", func(x Round) float64 { return x.WAL })
	row("ledger a message, bytes", "%.0f", func(x Round) float64 { return x.Ledger })
	return t.Flush()
}

// writeRest prints what is measured once, and with what.
func (r FanoutReport) writeRest(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\npeak memory of a worker (VmHWM)   %.1f MiB\n", float64(r.Memory)/(1<<20))
	if r.UrgentSeconds != nil {
		fmt.Fprintf(&b, "an urgent appeal to %d in between %.2f s\n", warmUpMembers, *r.UrgentSeconds)
	}
	if r.StopSeconds != nil {
		fmt.Fprintf(&b, "from the press of stop to stopped  %.3f s\n", *r.StopSeconds)
	}
	fmt.Fprintf(&b, "receipts                           %s\n", map[bool]string{true: "close", false: "DO NOT CLOSE"}[r.Close()])
	fmt.Fprintf(&b, "measured with  %d members, %d worker processes of %d connections, %d languages, round trip %.0f ms, %s, %d rounds, message %d bytes\n",
		r.Members, r.Workers, r.Conns, r.Languages, r.RTT*1000, r.protection(), len(r.Rounds), r.size())
	fmt.Fprintf(&b, "on             %s/%s, %d processors, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	var settings []string
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		settings = append(settings, name+" = "+r.Settings[name])
	}
	fmt.Fprintf(&b, "database       %s\n", strings.Join(settings, ", "))
	_, err := io.WriteString(w, b.String())
	return err
}

// Close reports whether the receipt of every round closes.
func (r FanoutReport) Close() bool {
	return !slices.ContainsFunc(r.Rounds, func(x Round) bool { return !x.Closes })
}

// protection says how messages are protected on their way.
func (r FanoutReport) protection() string {
	said := "plain text"
	if r.TLS {
		said = "TLS"
	}
	if r.DKIM != "" {
		said += ", signed (" + r.DKIM + ")"
	}
	return said
}

func (r FanoutReport) size() int {
	if len(r.Rounds) == 0 {
		return 0
	}
	return r.Rounds[0].Size
}

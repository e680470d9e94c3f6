package trial

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// DrillReport is what a drill has found.
type DrillReport struct {
	Members int            `json:"members"`
	Appeals int            `json:"appeals"`
	Faults  map[string]int `json:"faults"` // how often each befell; members who left, processes that were told to end
	verdict
	KillMedian   int     `json:"doubled_per_kill_median"`
	KillWorst    int     `json:"doubled_per_kill_worst"`
	KillLimit    int     `json:"doubled_per_kill_limit"` // connections and two writes of the recorder
	Recover      float64 `json:"recover_seconds_median"` // from a kill until no window was left that was open then
	RecoverWorst float64 `json:"recover_seconds_worst"`
	Urgent       float64 `json:"urgent_seconds_worst"`  // from the launch of an urgent appeal to few until it was complete
	Ended        float64 `json:"sigterm_seconds_worst"` // until a process had ended
	Died         int64   `json:"ended_by_themselves"`   // processes, for example because they began while the database was away
	Memory       int64   `json:"worker_peak_memory_bytes"`
	Seconds      float64 `json:"seconds"`
	Workers      int     `json:"workers"`
	Conns        int     `json:"conns"`
	Seed         uint64  `json:"seed"`
}

func (d *drill) report(v verdict, took time.Duration) DrillReport {
	r := DrillReport{Members: d.o.Members, Appeals: len(d.launches), Faults: map[string]int{}, verdict: v, KillLimit: drillConns + 2*recorderWrite,
		Died: d.crew.died.Load(), Memory: d.crew.memory.Load(), Ended: time.Duration(d.crew.slowest.Load()).Seconds(), Seconds: took.Seconds(),
		Workers: d.o.Workers, Conns: drillConns, Seed: d.o.Seed}
	for _, done := range d.deeds {
		r.Faults[done.fault]++
	}
	byKill := slices.Sorted(slices.Values(v.ByKill))
	if n := len(byKill); n > 0 {
		r.KillMedian, r.KillWorst = byKill[n/2], byKill[n-1]
	}
	slices.Sort(d.recover)
	if n := len(d.recover); n > 0 {
		r.Recover, r.RecoverWorst = d.recover[n/2].Seconds(), d.recover[n-1].Seconds()
	}
	if len(d.urgent) > 0 {
		r.Urgent = slices.Max(d.urgent).Seconds()
	}
	return r
}

// Holds reports whether everything holds that must.
func (r DrillReport) Holds() bool {
	return r.Lost == 0 && r.Doubled == 0 && r.Stopped == 0 && r.Leaving == 0 && r.Mixed == 0 && r.Differs == 0 &&
		r.KillWorst <= r.KillLimit && r.Ended <= termLimit.Seconds()
}

// Write prints the report for people: what must hold first.
func (r DrillReport) Write(w io.Writer) error {
	var b strings.Builder
	row := func(what, format string, values ...any) {
		fmt.Fprintf(&b, "%-24s"+format+"\n", append([]any{what}, values...)...)
	}
	row("members", "%d, in %d appeals %d deliveries", r.Members, r.Appeals, r.Deliveries)
	row("accepted", "%d; refused %d, left before their turn %d, unknown %d (of whom %d got none)", r.Accepted, r.Refused, r.Left, r.Unknown, r.NoCopy)
	row("lost", "%d", r.Lost)
	row("doubled, not allowed", "%d", r.Doubled)
	row("doubled, allowed", "%d%s", total(r.Allowed), listed(r.Allowed))
	row("doubled per kill", "median %d, worst %d of at most %d", r.KillMedian, r.KillWorst, r.KillLimit)
	row("after stop", "%d", r.Stopped)
	row("after leaving", "%d", r.Leaving)
	row("mixed recipients", "%d", r.Mixed)
	row("ledger against sink", "%d differ", r.Differs)
	row("time to recover", "median %.1f s, worst %.1f s after a kill, with a lease of %.0f s", r.Recover, r.RecoverWorst, lease.Seconds())
	row("urgent to 200", "complete after %.1f s at worst", r.Urgent)
	row("ended after SIGTERM", "in %.1f s at worst", r.Ended)
	row("peak memory", "%.1f MiB of a worker (VmHWM)", float64(r.Memory)/(1<<20))
	row("faults", "%s", strings.Trim(listed(r.Faults), " ()"))
	row("seed", "%d, with %d workers of %d connections, in %.0f s", r.Seed, r.Workers, r.Conns, r.Seconds)
	for _, finding := range r.Findings {
		b.WriteString("\n" + finding + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func total(counts map[string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// listed writes counts as " (cut 3, kill 12)", nothing where there is none.
func listed(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

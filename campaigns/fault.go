package campaigns

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// The faults that an engine can have, the worst first.
const (
	FaultNoWorker    = "no_worker"      // no process that sends has been heard of
	FaultRefusesUs   = "refuses_us"     // a relay refuses our password
	FaultRelayDown   = "relay_down"     // a relay cannot be used
	FaultBlocked     = "blocked"        // an appeal is held: it is refused because of us
	FaultUnwritable  = "unwritable"     // an appeal is held: its mails cannot be written
	FaultOverdue     = "overdue"        // the queue stands still
	FaultDatabase    = "database_full"  // PostgreSQL has hardly a connection left
	FaultUnknown     = "unknown_held"   // mails that may have arrived are held for a person
	FaultSilent      = "process_silent" // one process of several has not been heard of
	FaultPaused      = "paused"         // a provider asks for less
	FaultTwoVersions = "versions"       // processes of different versions run
)

// SilentAfter is how long a process may say nothing before it is taken to be gone; it reports every few seconds.
const SilentAfter = 15 * time.Second

// nearlyFull is the share of PostgreSQL's connections, in percent, above which the next process may find none.
const nearlyFull = 90

// Fault is one thing that is wrong. Only the fields that its kind names are set.
type Fault struct {
	Kind  string `json:"kind"`
	Grave bool   `json:"grave"` // mail does not leave as it should until a person has done something, or a relay answers again

	Relay    string        `json:"relay,omitempty"`    // refuses_us, relay_down
	Others   bool          `json:"others,omitempty"`   // refuses_us, relay_down: another relay can be used
	Step     string        `json:"step,omitempty"`     // relay_down: where it failed
	Code     int           `json:"code,omitempty"`     // refuses_us, relay_down, paused: of its answer; 0 where it gave none
	Held     *HeldAppeal   `json:"held,omitempty"`     // blocked, unwritable
	For      time.Duration `json:"-"`                  // no_worker, overdue, process_silent: how long already; 0 where nobody knows
	N        int64         `json:"n,omitempty"`        // overdue: batches; database_full: connections
	Of       int64         `json:"of,omitempty"`       // database_full: the most there can be
	Pause    *Pause        `json:"pause,omitempty"`    // paused
	Versions []string      `json:"versions,omitempty"` // versions
}

// Faults says what is wrong, the worst first; nil where all is well.
func (e Engine) Faults() []Fault {
	var list []Fault
	heard, silent := e.processes()
	if len(heard) == 0 {
		list = append(list, Fault{Kind: FaultNoWorker, Grave: true, For: e.silence()})
	}
	list = append(list, e.relayFaults()...)
	for _, h := range e.Held {
		kind := FaultBlocked
		if h.Reason == HeldUnwritable {
			kind = FaultUnwritable
		}
		list = append(list, Fault{Kind: kind, Grave: true, Held: &h})
	}
	if e.Work.Overdue > 0 && len(heard) > 0 {
		list = append(list, Fault{Kind: FaultOverdue, Grave: true, N: e.Work.Overdue, For: e.Now.Sub(*e.Work.OverdueSince)})
	}
	if e.Work.Connections*100 >= e.Work.Most*nearlyFull && e.Work.Most > 0 {
		list = append(list, Fault{Kind: FaultDatabase, Grave: true, N: e.Work.Connections, Of: e.Work.Most})
	}
	if len(heard) > 0 {
		for _, seen := range silent {
			list = append(list, Fault{Kind: FaultSilent, For: e.Now.Sub(seen)})
		}
	}
	for _, p := range e.Pauses {
		list = append(list, Fault{Kind: FaultPaused, Code: int(p.Code), Pause: &p})
	}
	versions := map[string]bool{}
	for _, r := range heard {
		versions[r.Version] = true
	}
	if len(versions) > 1 {
		list = append(list, Fault{Kind: FaultTwoVersions, Versions: slices.Sorted(maps.Keys(versions))})
	}
	return list
}

// Heard reports whether a process said what r says a moment ago.
func (e Engine) Heard(r RelayReport) bool { return e.Now.Sub(r.SeenAt) <= SilentAfter }

// processes are the reports of those that were heard of a moment ago, one for each, and when each of the others was last.
func (e Engine) processes() (heard []RelayReport, silent []time.Time) {
	known := map[string]bool{}
	for _, r := range e.Relays {
		switch {
		case known[r.Process]:
			continue
		case e.Heard(r):
			heard = append(heard, r)
		default:
			silent = append(silent, r.SeenAt)
		}
		known[r.Process] = true
	}
	slices.SortFunc(silent, time.Time.Compare)
	return heard, silent
}

// silence is for how long nobody has been heard of; 0 where nobody was in the last minutes.
func (e Engine) silence() time.Duration {
	least := time.Duration(0)
	for _, r := range e.Relays {
		if d := e.Now.Sub(r.SeenAt); least == 0 || d < least {
			least = d
		}
	}
	return least
}

// relayFaults are the relays that some process cannot use, and none sends through at this moment. A relay that is being tried again is down
// until it takes mail.
func (e Engine) relayFaults() []Fault {
	bad := map[string]Fault{}
	open, usable := map[string]bool{}, map[string]bool{}
	for _, r := range e.Relays {
		if !e.Heard(r) {
			continue
		}
		f := Fault{Relay: r.Relay, Grave: true}
		if r.Code != nil {
			f.Code = int(*r.Code)
		}
		switch {
		case r.State == RelayRefusesUs:
			f.Kind = FaultRefusesUs
			bad[r.Relay] = f
		case r.State == RelayDown, r.Step != nil && r.Connections == 0:
			if bad[r.Relay].Kind != FaultRefusesUs {
				f.Kind = FaultRelayDown
				if r.Step != nil {
					f.Step = *r.Step
				}
				bad[r.Relay] = f
			}
		default:
			usable[r.Relay] = true
			open[r.Relay] = open[r.Relay] || r.State == RelayOpen
		}
	}
	rank := map[string]int{FaultRefusesUs: 0, FaultRelayDown: 1}
	list := slices.Collect(maps.Values(bad))
	list = slices.DeleteFunc(list, func(f Fault) bool { return f.Kind == FaultRelayDown && open[f.Relay] })
	for i := range list {
		for relay := range usable {
			list[i].Others = list[i].Others || relay != list[i].Relay
		}
	}
	slices.SortFunc(list, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), cmp.Compare(a.Relay, b.Relay))
	})
	return list
}

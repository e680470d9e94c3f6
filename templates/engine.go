package templates

import (
	"strings"
	"time"
)

// Engine is the page at /admin/engine: how sending stands, for whoever wants to know why no mail leaves. It needs no mail to be told.
//
// The script listens to server-sent events at /admin/engine/events: each event "progress" has a rendered EngineState as its data. Without
// the script, a link looks again.
type Engine struct{ State EngineState }

func (Engine) spec() spec {
	return spec{file: "engine", layout: staffLayout, partials: []string{"engine", "state"}}
}

// EngineState is the part of the page that changes.
type EngineState struct {
	At        time.Time
	Faults    []Fault // the worst first; none where all is well
	Leaving   []LeavingRow
	Processes []ProcessRow // one for each process and relay
	Paused    []PausedRow
	Held      []HeldRow
	Versions  []string // that run
}

func (EngineState) spec() spec {
	return spec{file: "engine_state", layout: fragmentLayout, partials: []string{"engine", "state"}}
}

// Fault is one thing that is wrong, of one of the kinds of the family "fault". Only what its kind speaks of is set.
type Fault struct {
	Kind     string // fault
	Grave    bool   // mail does not leave as it should
	Relay    string
	Others   bool // another relay can be used
	Step     string
	Code     int
	AppealID string // with Number
	Number   Number
	Resume   bool // the reader may resume it
	N, Of    int64
	For      time.Duration
	Provider string
	Until    time.Time
	Versions []string
}

// LeavingRow is an appeal that is leaving.
type LeavingRow struct {
	AppealID           string
	Number             Number
	Kind               string // kind
	Counted            bool
	Accepted, Eligible int64
	Rate               int64         // accepted in the last minute
	Forecast           time.Duration // until the last one at this rate; zero where it cannot be said
}

// ProcessRow is what one process says of one relay.
type ProcessRow struct {
	Process, Relay, Version string
	State                   string // relay_state
	Connections             int
	PerSecond               int
	Ago                     time.Duration // since it said so
	Silent                  bool          // that is too long
}

// PausedRow is a provider that is left alone.
type PausedRow struct {
	Provider     string
	Since, Until time.Time
	Code         int
}

// HeldRow is an appeal that the system has stopped by itself.
type HeldRow struct {
	AppealID string
	Number   Number
	Reason   string // stop_reason
	Since    time.Time
}

// told is a fault in words: what happened, and what to do about it.
type told struct{ What, Do string }

// tell puts f into words. zone is where times are shown.
func (w *words) tell(f Fault, zone string) (told, error) {
	s := &speaker{words: w}
	var t told
	switch f.Kind {
	case "no_worker":
		t = told{s.text("fault.no_worker"), s.text("fault_do.no_worker")}
		if f.For > 0 {
			t.What = s.text("fault.no_worker_for", "Span", s.elapsed(f.For))
		}
	case "refuses_us":
		t = told{s.text("fault.refuses_us", "Relay", f.Relay), s.text("fault_do.refuses_us")}
	case "relay_down":
		t = told{s.text("fault.relay_down", "Relay", f.Relay), s.text("fault_do.relay_down")}
		if step := "relay_step." + f.Step; f.Step != "" && w.has(step) {
			t.Do = s.text("fault_do.relay_said", "Step", hole(s.text(step))) + " " + t.Do
		}
	case "blocked":
		t = told{s.text("fault.blocked", "Number", f.Number.In(w.lang)), s.text("fault_do.blocked")}
	case "unwritable":
		t = told{s.text("fault.unwritable", "Number", f.Number.In(w.lang)), s.text("fault_do.unwritable")}
	case "overdue":
		t = told{s.count("fault.overdue", f.N, "Span", s.elapsed(f.For)), s.text("fault_do.overdue")}
	case "database_full":
		t = told{s.text("fault.database_full", "N", f.N, "Of", f.Of), s.text("fault_do.database_full")}
	case "unknown_held":
		t = told{s.count("fault.unknown_held", f.N, "Number", f.Number.In(w.lang)), s.text("fault_do.unknown_held")}
	case "process_silent":
		t = told{s.text("fault.process_silent", "Span", s.elapsed(f.For)), s.text("fault_do.process_silent")}
	case "paused":
		t = told{s.text("fault.paused", "Provider", f.Provider, "Hour", s.clock(s.in(f.Until, zone))), s.text("fault_do.paused")}
	case "versions":
		t = told{s.text("fault.versions", "Versions", strings.Join(f.Versions, ", ")), s.text("fault_do.versions")}
	default:
		t.What = s.text("fault." + f.Kind) // says that there is none
	}
	if f.Code != 0 {
		t.Do = s.text("fault_do.code", "Code", f.Code) + " " + t.Do
	}
	if f.Others {
		t.Do += " " + s.text("fault_do.others")
	}
	return t, s.err
}

package templates

import "time"

// Appeal is the page at /admin/appeals/{id}: live while it leaves, a receipt afterwards.
//
// Its forms: POST /admin/appeals/ID/stop, /resume, /retry with failures (several), and /admin/campaigns/ID/late-joiners. Its filter: GET state. While Progress is live, the script listens to
// server-sent events at /admin/appeals/ID/events: each event "progress" has a rendered AppealProgress as its data. When
// the state in it is another than the page's, the page is loaded anew. Without the script, a link does that.
type Appeal struct {
	ID        string
	Campaign  Crumb
	Kind      string // kind
	Languages []string
	Progress  AppealProgress

	Failed []Count // of a complete appeal: who can be sent it once more, by failure
	Late   int64   // who joined since, and can be sent it

	Filter     string // delivery_state that is shown; empty for all
	Deliveries []DeliveryRow
	Matching   int64  // deliveries that match, also those on other pages
	Next       string // URL of the next page; empty on the last
}

// DeliveryRow is one line of the ledger.
type DeliveryRow struct {
	MemberID  string
	Masked    string // the address with all but a few letters hidden
	Language  string
	State     string // delivery_state
	Reason    string // reason; empty where there is none
	Code      int    // of the relay's answer; 0 where there is none
	Attempts  int
	SettledAt time.Time
}

func (Appeal) spec() spec {
	return spec{file: "appeal", layout: staffLayout, partials: []string{"progress", "bar", "receipt", "state", "form"}}
}

// AppealProgress is the part of an appeal's page that changes while it leaves. It is rendered within the page, and
// alone for each event.
type AppealProgress struct {
	State      string // appeal_state
	Receipt    Receipt
	LaunchedAt time.Time
	InFlight   int64         // being sent at this moment
	Rate       int64         // mails accepted in the last minute
	Forecast   time.Duration // until the last one at this rate; zero where it cannot be said
	LastAt     time.Time     // when that will be
	EndsAt     time.Time     // after which nothing is tried any more; zero where nothing leaves
	Zone       string        // in which both are said
	TooLate    bool          // it will not reach everybody before, at this rate
	StoppedAt  time.Time
	StopReason string // stop_reason: why the system stopped it by itself; empty where a person did
	Warning    string // what a coordinator must know, in English ("the relay has not answered for 3 minutes"); may be empty
}

// Live reports whether mail is leaving.
func (p AppealProgress) Live() bool { return p.State == "issuing" || p.State == "stopping" }

func (AppealProgress) spec() spec {
	return spec{file: "appeal_progress", layout: fragmentLayout, partials: []string{"progress", "bar", "state", "receipt"}}
}

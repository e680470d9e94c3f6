package smtpsink

// Step is a point of a session at which the sink can be told to misbehave.
type Step string

// The steps in the order of a session. At each, what the client said has been read and not yet answered.
const (
	Connect   Step = "connect"   // before the greeting
	Hello     Step = "ehlo"      // EHLO or HELO
	StartTLS  Step = "starttls"  // the command
	Handshake Step = "handshake" // after the 220, before the sink takes part in the handshake
	Auth      Step = "auth"
	Mail      Step = "mail"
	Rcpt      Step = "rcpt"
	Data      Step = "data" // the command
	Body      Step = "body" // once a message, when its first octets have come
	Dot       Step = "dot"  // the final dot was read, the message is not kept yet
	Kept      Step = "kept" // the message is kept, the reply not yet sent
	Reset     Step = "rset"
	Noop      Step = "noop"
	Quit      Step = "quit"
)

// Event is what has just happened.
type Event struct {
	Step       Step
	Connection int64  // counts connections from 1
	Message    int    // counts MAIL commands on this connection; 0 before the first
	Line       string // the client's line without its CRLF; "" where there is none
	Recipient  string // of the message under way, once RCPT has named it
	TLS        bool
}

// Action is what to do about it. The zero value is to go on as an obliging server would.
// The fields act in the order in which they stand; replies given earlier are always sent off first.
type Action struct {
	// Until delays everything below, and the ordinary reply, until it is closed.
	Until <-chan struct{}
	// Hang says nothing and reads nothing more until the sink is closed.
	Hang bool
	// Reply is sent instead of the ordinary reply, as it stands; CRLF is added unless it ends in LF.
	// The step has succeeded if its last line begins with the digit with which the ordinary reply begins; of
	// several replies the first one counts.
	Reply string
	// Cut closes the connection, after Reply where that is set.
	Cut bool
}

// At returns a fault that does a at every event of a step, and nothing elsewhere.
func At(step Step, a Action) func(Event) Action {
	return func(e Event) Action {
		if e.Step == step {
			return a
		}
		return Action{}
	}
}

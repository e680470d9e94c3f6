package mailer

import (
	"errors"
	"fmt"
)

// Outcome is what is known about one message. The package comment defines the five.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused"
	Later    Outcome = "later"
	Unknown  Outcome = "unknown"
	Unsent   Outcome = "unsent"
)

// Step is a point of a connection or a transaction.
type Step string

// The steps, in the order in which they come.
const (
	AtConnect  Step = "connect"  // the TCP connection
	AtGreeting Step = "greeting" // the relay's first line
	AtHello    Step = "ehlo"
	AtTLS      Step = "starttls" // the command and the handshake
	AtAuth     Step = "auth"
	AtCompose  Step = "compose" // here, before anything was said about the message
	AtReset    Step = "rset"
	AtMail     Step = "mail"
	AtRcpt     Step = "rcpt"
	AtData     Step = "data"
	AtBody     Step = "body"
	AtDot      Step = "dot" // after the final dot
)

// Verdict is what became of one message.
type Verdict struct {
	Outcome  Outcome
	Step     Step   // where it was decided
	Code     int    // the relay's three digits; 0 where it gave no answer
	Enhanced string // RFC 3463, as "5.1.1"; "" where there is none
	Text     string // the relay's reply without its codes: control characters escaped, 500 bytes at most. It may name the member
	Relay    string // Relay.Name
	Hash     Hash   // of the message, as Envelope.Message said; zero where none was made
	// Err says why, where that was not the relay's answer: ErrTooLarge, ErrNeedsUTF8, ErrOtherBytes, an error of
	// Envelope.Message, a *RelayError. It holds no personal data that Message's error does not hold.
	Err error
}

// Why a message is refused here, before anything is said about it; and why a connection ends early.
var (
	ErrTooLarge   = errors.New("the message is larger than the relay takes")
	ErrNeedsUTF8  = errors.New("the address needs SMTPUTF8, which the relay does not offer")
	ErrOtherBytes = errors.New("the message differs from the copy sent before")
	ErrPanic      = errors.New("composing the message panicked")
	// ErrProtocol says that the relay's answers cannot be understood or are out of step.
	ErrProtocol = errors.New("the relay's answers are no SMTP, or out of step")
	// ErrTimeout says that a step took longer than its limit.
	ErrTimeout = errors.New("the relay did not answer in time")
	// ErrLost says that the relay closed the connection without a word.
	ErrLost = errors.New("the relay closed the connection")
	// ErrStopped says that the context ended or the pool was closed.
	ErrStopped = errors.New("told to stop")
	// ErrGate says that Window.Gate held a message back.
	ErrGate = errors.New("held back at the gate")
)

// RelayError says what went wrong with a relay or a connection to it. Its text names the relay, the step and the code,
// never an address of a person and never the relay's words.
type RelayError struct {
	Relay string
	Step  Step
	Code  int    // the relay's three digits; 0 where it gave no answer
	Text  string // the relay's words, escaped and cut; for a page, not for a log
	Err   error  // nil where Code says it all
}

// Error names the relay, the step and the code.
func (e *RelayError) Error() string {
	text := fmt.Sprintf("relay %s: %s", e.Relay, e.Step)
	if e.Code != 0 {
		text += fmt.Sprintf(" answered with %d", e.Code)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *RelayError) Unwrap() error { return e.Err }

// isTheirs reports whether the relay, and not our own stopping, ended a connection.
func (e *RelayError) isTheirs() bool {
	return !errors.Is(e.Err, ErrStopped) && !errors.Is(e.Err, ErrGate) && !errors.Is(e.Err, ErrPanic)
}

// refusesUs reports whether the relay wants other credentials than ours (RFC 4954, 6): its answer is about us and
// not about a message, and trying again soon could lock the account.
func (e *RelayError) refusesUs() bool { return e.Step == AtAuth && e.Code >= 500 || isAuthCode(e.Code) }

func isAuthCode(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// judge is the verdict that a reply at a step means for the message it is about (RFC 5321, 4.2.1 and 4.3.2).
// It is not asked about the replies that let the transaction go on.
func judge(step Step, r reply) Outcome {
	past := step == AtDot
	switch {
	case r.code == 421 || isAuthCode(r.code) || r.code/100 == 4:
		return Later
	case r.code == 503 && !past: // a bad sequence of commands: out of step, and no fault of the message
		return Later
	case r.code/100 == 5:
		return Refused
	case r.code/100 == 2 && past:
		return Accepted
	case past:
		return Unknown
	}
	return Later
}

// outOfStep reports whether a reply that did not let the transaction go on is none that may stand at a step.
func outOfStep(step Step, r reply) bool {
	class := r.code / 100
	return r.code == 503 && step != AtDot || class != 4 && class != 5 && (class != 2 || step != AtDot)
}

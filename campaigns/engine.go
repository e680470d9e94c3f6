package campaigns

import (
	"context"
	"time"
)

// The states of a relay, as a process sees it.
const (
	RelayIdle      = "idle"       // nothing is to be sent
	RelayOpen      = "open"       // connections are open
	RelayDown      = "down"       // it cannot be used, and is tried again in a while
	RelayRefusesUs = "refuses_us" // it refuses our password: nothing is sent to it, and it is tried once a minute
)

// RelayReport is what a process says of a relay.
type RelayReport struct {
	Process     string    `json:"process"` // a name of its own for each start of a process
	Relay       string    `json:"relay"`   // host:port
	Version     string    `json:"version"`
	StartedAt   time.Time `json:"started_at"`
	SeenAt      time.Time `json:"seen_at"`
	State       string    `json:"state"`
	Connections int       `json:"connections"`
	PerSecond   float32   `json:"per_second"` // messages accepted a second, over the last 10 seconds
	Step        *string   `json:"step"`       // of a connection where it last failed, since a message went through
	Code        *int16    `json:"code"`       // with which the relay answered there; nil where it did not
}

// HeldAppeal is an appeal that the system has stopped by itself.
type HeldAppeal struct {
	ID         int64     `json:"id"`
	CampaignID int64     `json:"campaign_id"`
	Reason     string    `json:"reason"`
	Since      time.Time `json:"since"`
}

// Engine is how sending stands: what keeps mail from leaving, and what each process says of each relay.
type Engine struct {
	Now    time.Time     `json:"now"`
	Held   []HeldAppeal  `json:"held"`
	Pauses []Pause       `json:"pauses"`
	Relays []RelayReport `json:"relays"` // of all processes that were heard of in the last minutes; what is no longer refreshed is gone
}

// Engine tells how sending stands, from what was written down: also when no process is left to ask.
func (s *Store) Engine(ctx context.Context) (Engine, error) {
	var e Engine
	var err error
	if e.Now, err = s.Now(ctx); err != nil {
		return Engine{}, err
	}
	held, err := s.DB.Query(ctx, heldSQL)
	if e.Held, err = all[HeldAppeal](held, err); err != nil {
		return Engine{}, err
	}
	pauses, err := s.DB.Query(ctx, openPausesSQL)
	if e.Pauses, err = all[Pause](pauses, err); err != nil {
		return Engine{}, err
	}
	relays, err := s.DB.Query(ctx, relayReportsSQL)
	e.Relays, err = all[RelayReport](relays, err)
	return e, err
}

// Report notes what a process says of its relays, and forgets processes that have said nothing for an hour. The first report of a
// process is when it started.
func (s *Store) Report(ctx context.Context, reports []RelayReport) error {
	for _, r := range reports {
		if _, err := s.DB.Exec(ctx, reportSQL, r.Process, r.Relay, r.Version, r.State, r.Connections, r.PerSecond, r.Step, r.Code); err != nil {
			return err
		}
	}
	_, err := s.DB.Exec(ctx, forgetReportsSQL, "")
	return err
}

// Unreport forgets what a process has said: it has ended in good order.
func (s *Store) Unreport(ctx context.Context, process string) error {
	_, err := s.DB.Exec(ctx, forgetReportsSQL, process)
	return err
}

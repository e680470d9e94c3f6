package campaigns

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
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
	Series     string    `json:"series"` // of the campaign's number
	Number     int32     `json:"number"`
	Year       int32     `json:"year"`
	Reason     string    `json:"reason"`
	Since      time.Time `json:"since"`
}

// Work is what is to be sent, as far as batches tell it: it is counted without reading the ledger.
type Work struct {
	Windows      int64      `json:"windows"` // rows that a connection has claimed, in so many stretches
	Batches      int64      `json:"batches"` // that are not settled, of appeals that are leaving; a list still being drawn up counts as one
	Overdue      int64      `json:"overdue"` // of them, those that no job has come back to in time
	OverdueSince *time.Time `json:"overdue_since"`
	Connections  int64      `json:"connections"` // to PostgreSQL, of everybody
	Most         int64      `json:"most_connections"`
}

// Engine is how sending stands: what keeps mail from leaving, and what each process says of each relay.
type Engine struct {
	Now    time.Time     `json:"now"`
	Held   []HeldAppeal  `json:"held"`
	Pauses []Pause       `json:"pauses"`
	Relays []RelayReport `json:"relays"` // of all processes that were heard of in the last minutes; what is no longer refreshed is gone
	Work   Work          `json:"work"`
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
	if e.Relays, err = all[RelayReport](relays, err); err != nil {
		return Engine{}, err
	}
	work, err := s.DB.Query(ctx, workSQL)
	if err != nil {
		return Engine{}, err
	}
	e.Work, err = pgx.CollectExactlyOneRow(work, pgx.RowToStructByName[Work])
	return e, err
}

// LeavingAppeal is an appeal whose mails are leaving, or that is being stopped.
type LeavingAppeal struct {
	ID     int64
	Kind   string
	Series string // of the campaign's number
	Number int32
	Year   int32
}

// Leaving lists the appeals that are leaving, fifty at most, those launched last first.
func (s *Store) Leaving(ctx context.Context) ([]LeavingAppeal, error) {
	rows, err := s.DB.Query(ctx, leavingSQL)
	return all[LeavingAppeal](rows, err)
}

// UnknownAppeal is an appeal some of whose mails may or may not have arrived, and are held for a person.
type UnknownAppeal struct {
	ID     int64
	Series string // of the campaign's number
	Number int32
	Year   int32
	Rows   int64
}

// HeldUnknown lists the appeals of the last seven days, ten at most, that hold what is unknown for a person, and have some. It counts
// the ledgers of such appeals, which few are.
func (s *Store) HeldUnknown(ctx context.Context) ([]UnknownAppeal, error) {
	rows, err := s.DB.Query(ctx, heldUnknownSQL)
	return all[UnknownAppeal](rows, err)
}

// CountAppeals counts all appeals, by state; a state that none is in is missing.
func (s *Store) CountAppeals(ctx context.Context) (map[string]int64, error) {
	rows, err := s.DB.Query(ctx, countAppealsSQL)
	if err != nil {
		return nil, err
	}
	counts, state, n := map[string]int64{}, "", int64(0)
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[state] = n
		return nil
	})
	return counts, err
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

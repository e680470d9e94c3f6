package web

import (
	"context"
	"sync"
	"time"

	"holdfast/campaigns"
	"holdfast/templates"
)

// How sending stands is read at most once an engineEvery, for however many pages, watchers and scrapes; what needs a ledger to be
// counted, at most once a countEvery.
const (
	engineEvery = 3 * time.Second
	countEvery  = 30 * time.Second
	lookLimit   = 3 * time.Second // for the database to answer
)

// gauge keeps the last sight of something until it is older than every, and that it could not be seen for an engineEvery at most: a
// database that hangs holds up one page, not each in turn. It is safe for concurrent use.
type gauge[T any] struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time // before which nobody looks again
	last  T
	err   error
}

// look is what was seen last, or what read sees now.
func (g *gauge[T]) look(ctx context.Context, read func(context.Context) (T, error)) (T, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Now().Before(g.next) {
		return g.last, g.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookLimit) // it is not for this asker alone
	defer cancel()
	wait := g.every
	if g.last, g.err = read(ctx); g.err != nil {
		wait = min(wait, engineEvery)
	}
	g.next = time.Now().Add(wait)
	return g.last, g.err
}

// engineRoom is what was seen last of the engine.
type engineRoom struct {
	engine  gauge[campaigns.Engine]
	unknown gauge[[]campaigns.UnknownAppeal]
}

func newEngineRoom() *engineRoom {
	return &engineRoom{engine: gauge[campaigns.Engine]{every: engineEvery}, unknown: gauge[[]campaigns.UnknownAppeal]{every: countEvery}}
}

// engineNow is how sending stands, as of a few seconds ago at most.
func (s *Server) engineNow(ctx context.Context) (campaigns.Engine, error) {
	return s.room.engine.look(ctx, s.Campaigns.Engine)
}

// alarm is the worst that is wrong, where it is grave; nil where nothing is, or where nobody can tell: then the page itself fails.
func (s *Server) alarm(ctx context.Context) *templates.Fault {
	engine, err := s.engineNow(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "how sending stands could not be read", "error", withoutData(err))
		return nil
	}
	if faults := engine.Faults(); len(faults) > 0 && faults[0].Grave {
		return new(faultOf(faults[0], false))
	}
	return nil
}

// faultOf is f as a page says it. resume says that the reader may resume an appeal.
func faultOf(f campaigns.Fault, resume bool) templates.Fault {
	out := templates.Fault{Kind: f.Kind, Grave: f.Grave, Relay: f.Relay, Others: f.Others, Step: f.Step, Code: f.Code, N: f.N, Of: f.Of,
		For: f.For.Truncate(time.Second), Versions: f.Versions}
	if f.Held != nil {
		out.AppealID, out.Number, out.Resume = idText(f.Held.ID), heldNumber(f.Held.Series, f.Held.Number, f.Held.Year), resume
	}
	if f.Pause != nil {
		out.Provider, out.Until = f.Pause.Provider, f.Pause.Until
	}
	return out
}

func heldNumber(series string, number, year int32) templates.Number {
	return templates.Number{Series: series, Sequence: int(number), Year: int(year)}
}

// engineState is what the engine's page says. resume says that the reader may resume an appeal.
func (s *Server) engineState(ctx context.Context, resume bool) (templates.EngineState, error) {
	engine, err := s.engineNow(ctx)
	if err != nil {
		return templates.EngineState{}, err
	}
	unknown, err := s.room.unknown.look(ctx, s.Campaigns.HeldUnknown)
	if err != nil {
		return templates.EngineState{}, err
	}
	state := templates.EngineState{At: engine.Now}
	for _, f := range engine.Faults() {
		state.Faults = append(state.Faults, faultOf(f, resume))
	}
	for _, u := range unknown {
		state.Faults = append(state.Faults, templates.Fault{Kind: campaigns.FaultUnknown, AppealID: idText(u.ID),
			Number: heldNumber(u.Series, u.Number, u.Year), N: u.Rows})
	}
	state.Processes, state.Versions = processRows(engine)
	for _, p := range engine.Pauses {
		state.Paused = append(state.Paused, templates.PausedRow{Provider: p.Provider, Since: p.Since, Until: p.Until, Code: int(p.Code)})
	}
	for _, h := range engine.Held {
		state.Held = append(state.Held, templates.HeldRow{AppealID: idText(h.ID), Number: heldNumber(h.Series, h.Number, h.Year),
			Reason: h.Reason, Since: h.Since})
	}
	state.Leaving, err = s.leavingRows(ctx)
	return state, err
}

func processRows(engine campaigns.Engine) (rows []templates.ProcessRow, versions []string) {
	seen := map[string]bool{}
	for _, r := range engine.Relays {
		heard := engine.Heard(r)
		rows = append(rows, templates.ProcessRow{Process: r.Process, Relay: r.Relay, Version: r.Version, State: r.State, Connections: r.Connections,
			PerSecond: int(r.PerSecond + .5), Ago: engine.Now.Sub(r.SeenAt).Truncate(time.Second), Silent: !heard})
		if heard && !seen[r.Version] {
			seen[r.Version] = true
			versions = append(versions, r.Version)
		}
	}
	return rows, versions
}

// leavingRows are the appeals that are leaving, each counted as its own page counts it.
func (s *Server) leavingRows(ctx context.Context) ([]templates.LeavingRow, error) {
	leaving, err := s.Campaigns.Leaving(ctx)
	if err != nil {
		return nil, err
	}
	var rows []templates.LeavingRow
	for _, a := range leaving {
		seen, err := s.glance(ctx, a.ID)
		if err != nil {
			return nil, err
		}
		p := seen.progress(campaigns.Campaign{})
		rows = append(rows, templates.LeavingRow{AppealID: idText(a.ID), Number: heldNumber(a.Series, a.Number, a.Year), Kind: a.Kind,
			Counted: p.Receipt.Counted, Accepted: p.Receipt.Accepted, Eligible: p.Receipt.Eligible, Rate: p.Rate, Forecast: p.Forecast})
	}
	return rows, nil
}

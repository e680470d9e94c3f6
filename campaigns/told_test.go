package campaigns_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/campaigns"
)

func TestI9_TheWorstIsToldFirst(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 3, 40, 0, 0, time.UTC)
	step := "connect"
	say := func(process, relay, state string, conns int, ago time.Duration) campaigns.RelayReport {
		r := campaigns.RelayReport{Process: process, Relay: relay, Version: "v1", SeenAt: now.Add(-ago), State: state, Connections: conns}
		if state == campaigns.RelayDown {
			r.Step = &step
		}
		return r
	}
	trying := say("a", "x", campaigns.RelayIdle, 0, 0)
	trying.Step = &step
	newer := say("b", "x", campaigns.RelayOpen, 1, 0)
	newer.Version = "v2"
	long := now.Add(-time.Minute)
	for name, c := range map[string]struct {
		engine campaigns.Engine
		want   []string
		grave  int
	}{
		"nobody":               {campaigns.Engine{}, []string{"no_worker"}, 1},
		"well":                 {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayIdle, 0, time.Second)}}, nil, 0},
		"gone":                 {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayOpen, 1, 16*time.Second)}, Work: campaigns.Work{Overdue: 1, OverdueSince: &long}}, []string{"no_worker"}, 1},
		"late, but there":      {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayOpen, 1, 15*time.Second)}}, nil, 0},
		"one of two gone":      {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayOpen, 1, 0), say("b", "x", campaigns.RelayDown, 0, time.Minute)}}, []string{"process_silent"}, 0},
		"down":                 {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayDown, 0, 0)}}, []string{"relay_down"}, 1},
		"down, tried again":    {campaigns.Engine{Relays: []campaigns.RelayReport{trying}}, []string{"relay_down"}, 1},
		"down for one of two":  {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayDown, 0, 0), say("b", "x", campaigns.RelayIdle, 0, 0)}}, []string{"relay_down"}, 1},
		"another sends":        {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayDown, 0, 0), say("b", "x", campaigns.RelayOpen, 2, 0)}}, nil, 0},
		"down and refuses":     {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayDown, 0, 0), say("a", "y", campaigns.RelayRefusesUs, 0, 0)}}, []string{"refuses_us", "relay_down"}, 2},
		"queue, held, full":    {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayOpen, 1, 0)}, Held: []campaigns.HeldAppeal{{Reason: "blocked"}, {Reason: "unwritable"}}, Work: campaigns.Work{Overdue: 1, OverdueSince: &long, Connections: 90, Most: 100}}, []string{"blocked", "unwritable", "overdue", "database_full"}, 4},
		"paused, two versions": {campaigns.Engine{Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayOpen, 1, 0), newer}, Pauses: []campaigns.Pause{{Provider: "mail.example", Code: 421}}}, []string{"paused", "versions"}, 0},
	} {
		c.engine.Now = now
		var got []string
		grave := 0
		for _, f := range c.engine.Faults() {
			got = append(got, f.Kind)
			if f.Grave {
				grave++
			}
		}
		if !slices.Equal(got, c.want) || grave != c.grave {
			t.Errorf("%s: %v, %d of them grave; want %v, %d", name, got, grave, c.want, c.grave)
		}
	}
	both := campaigns.Engine{Now: now, Relays: []campaigns.RelayReport{say("a", "x", campaigns.RelayDown, 0, 0), say("a", "y", campaigns.RelayIdle, 0, 0)}}
	if f := both.Faults(); len(f) != 1 || !f[0].Others || f[0].Step != "connect" {
		t.Errorf("with another relay: %+v", f)
	}
}

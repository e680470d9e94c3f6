package worker

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// rateOver is how long back the rate of a report looks.
const rateOver = 10 * time.Second

// reporter writes down, every few seconds, how this process's relays do.
type reporter struct {
	store   *campaigns.Store
	relays  *mailer.Pool
	process string
	version string
	every   time.Duration
	log     *slog.Logger

	accepted map[string]*atomic.Int64 // by relay; the map is never changed
	samples  []sample                 // of the last rateOver, the oldest first
}

type sample struct {
	at       time.Time
	accepted map[string]int64
}

func newReporter(store *campaigns.Store, relays *mailer.Pool, version string, every time.Duration, log *slog.Logger) *reporter {
	r := &reporter{store: store, relays: relays, process: strings.ToLower(rand.Text()[:12]), version: version, every: every, log: log,
		accepted: map[string]*atomic.Int64{}}
	for _, s := range relays.Status() {
		r.accepted[s.Relay] = &atomic.Int64{}
	}
	return r
}

// count counts an accepted message.
func (r *reporter) count(relay string) { r.accepted[relay].Add(1) }

// keep reports until ctx ends, and then takes back what it said.
func (r *reporter) keep(ctx context.Context) {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		if err := r.store.Report(ctx, r.reports()); err != nil && ctx.Err() == nil {
			r.log.Warn("how the relays do could not be written down", "error", codeOf(err))
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			_ = r.store.Unreport(last, r.process) // else it grows old there
			return
		case <-tick.C:
		}
	}
}

func (r *reporter) reports() []campaigns.RelayReport {
	now := sample{at: time.Now(), accepted: map[string]int64{}}
	for name, n := range r.accepted {
		now.accepted[name] = n.Load()
	}
	r.samples = append(r.samples, now)
	for len(r.samples) > 2 && now.at.Sub(r.samples[1].at) >= rateOver {
		r.samples = r.samples[1:]
	}
	first := r.samples[0]
	var list []campaigns.RelayReport
	for _, s := range r.relays.Status() {
		report := campaigns.RelayReport{Process: r.process, Version: r.version, Relay: s.Relay, State: stateOf(s), Connections: s.Idle + s.Lent}
		if took := now.at.Sub(first.at).Seconds(); took > 0 {
			report.PerSecond = float32(float64(now.accepted[s.Relay]-first.accepted[s.Relay]) / took)
		}
		if s.Cause != nil {
			step := string(s.Cause.Step)
			report.Step = &step
			if code := int16(s.Cause.Code); code != 0 {
				report.Code = &code
			}
		}
		list = append(list, report)
	}
	return list
}

func stateOf(s mailer.RelayStatus) string {
	switch {
	case s.RefusesUs:
		return campaigns.RelayRefusesUs
	case s.Down:
		return campaigns.RelayDown
	case s.Idle+s.Lent > 0:
		return campaigns.RelayOpen
	}
	return campaigns.RelayIdle
}

package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"holdfast/campaigns"
)

// scrapeLimit is how long the database may take for a scrape.
const scrapeLimit = 3 * time.Second

// engineGauges read how sending stands when they are scraped, from the database: each process tells the same of it. They count batches,
// windows and appeals, never the ledger.
type engineGauges struct{ server *Server }

func gaugeDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("holdfast_"+name, help, labels, nil)
}

// The figures, documented in docs/operations.md.
var (
	databaseUp     = gaugeDesc("database_up", "1 where the database answered this scrape; where it is 0, the figures read from it are missing.")
	appealsIn      = gaugeDesc("appeals", "Appeals, by state.", "state")
	appealsHeld    = gaugeDesc("appeals_held", "Appeals that the system has stopped by itself, by reason.", "reason")
	windowsOpen    = gaugeDesc("windows_open", "Stretches of the ledger that a connection has claimed and not given back.")
	batchesOpen    = gaugeDesc("batches_open", "Batches of appeals that are leaving, not settled yet.")
	batchesOverdue = gaugeDesc("batches_overdue", "Of them, those that no job has come back to in time.")
	workersHeard   = gaugeDesc("workers", "Processes that send and were heard of within 15 seconds.")
	paused         = gaugeDesc("provider_paused", "Providers that asked for less and are left alone.")
	faultsNow      = gaugeDesc("faults", "What the engine's page says is wrong, by kind; grave where mail does not leave as it should.", "kind", "grave")
)

// Describe implements prometheus.Collector.
func (engineGauges) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{databaseUp, appealsIn, appealsHeld, windowsOpen, batchesOpen, batchesOverdue, workersHeard, paused, faultsNow} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (g engineGauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	say := func(d *prometheus.Desc, n int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	engine, err := g.server.engineNow(ctx)
	var appeals map[string]int64
	if err == nil {
		appeals, err = g.server.Campaigns.CountAppeals(ctx)
	}
	if err != nil {
		g.server.Log.Warn("how sending stands could not be read", "error", withoutData(err))
		say(databaseUp, 0)
		return
	}
	say(databaseUp, 1)
	for _, state := range []string{campaigns.AppealDraft, campaigns.AppealIssuing, campaigns.AppealComplete, campaigns.AppealStopping, campaigns.AppealStopped} {
		say(appealsIn, appeals[state], state)
	}
	held := map[string]int64{campaigns.HeldBlocked: 0, campaigns.HeldUnwritable: 0}
	for _, h := range engine.Held {
		held[h.Reason]++
	}
	for reason, n := range held {
		say(appealsHeld, n, reason)
	}
	say(windowsOpen, engine.Work.Windows)
	say(batchesOpen, engine.Work.Batches)
	say(batchesOverdue, engine.Work.Overdue)
	say(paused, int64(len(engine.Pauses)))
	heard := map[string]bool{}
	for _, r := range engine.Relays {
		if engine.Heard(r) {
			heard[r.Process] = true
		}
	}
	say(workersHeard, int64(len(heard)))
	type label struct{ kind, grave string }
	faults := map[label]int64{}
	for _, f := range engine.Faults() {
		grave := "no"
		if f.Grave {
			grave = "yes"
		}
		faults[label{f.Kind, grave}]++
	}
	for l, n := range faults {
		say(faultsNow, n, l.kind, l.grave)
	}
}

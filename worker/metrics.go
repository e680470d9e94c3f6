package worker

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"holdfast/mailer"
)

// meters are what this process measures of its own sending; docs/operations.md says what each is for.
type meters struct {
	mails *prometheus.CounterVec // by relay and outcome
	write prometheus.Histogram   // of the recorder
}

func newMeters(to prometheus.Registerer, relays *mailer.Pool) (*meters, error) {
	m := &meters{
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "holdfast_mails_total",
			Help: "Verdicts on mails, by relay and outcome: accepted, refused, later, unknown."}, []string{"relay", "outcome"}),
		write: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "holdfast_recorder_wait_seconds",
			Help: "Time until a group of verdicts was written down.", Buckets: []float64{.001, .005, .02, .1, .5, 2, 10, 60}}),
	}
	for _, s := range relays.Status() {
		for _, o := range []mailer.Outcome{mailer.Accepted, mailer.Refused, mailer.Later, mailer.Unknown} {
			m.mails.WithLabelValues(s.Relay, string(o)) // from 0 on, so that the first is an increase
		}
	}
	for _, c := range []prometheus.Collector{m.mails, m.write, relayGauges{relays}} {
		if err := to.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// heard counts a verdict. What was not sent has none.
func (m *meters) heard(v mailer.Verdict) {
	if v.Outcome != mailer.Unsent {
		m.mails.WithLabelValues(v.Relay, string(v.Outcome)).Inc()
	}
}

// wrote measures a write of the recorder that began at began.
func (m *meters) wrote(began time.Time) { m.write.Observe(time.Since(began).Seconds()) }

// relayGauges read the pool when they are scraped.
type relayGauges struct{ relays *mailer.Pool }

var (
	relayUp = prometheus.NewDesc("holdfast_relay_up",
		"1 where nothing is known against the relay; 0 where it cannot be used or refuses our password.", []string{"relay"}, nil)
	relayConnections = prometheus.NewDesc("holdfast_relay_connections", "Connections to the relay, by state: idle, lent, dialing.", []string{"relay", "state"}, nil)
)

// Describe implements prometheus.Collector.
func (relayGauges) Describe(to chan<- *prometheus.Desc) {
	to <- relayUp
	to <- relayConnections
}

// Collect implements prometheus.Collector.
func (g relayGauges) Collect(to chan<- prometheus.Metric) {
	say := func(d *prometheus.Desc, n int, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	for _, s := range g.relays.Status() {
		up := 1
		if s.Down || s.RefusesUs || s.Cause != nil && s.Idle+s.Lent == 0 {
			up = 0
		}
		say(relayUp, up, s.Relay)
		say(relayConnections, s.Idle, s.Relay, "idle")
		say(relayConnections, s.Lent, s.Relay, "lent")
		say(relayConnections, s.Dialing, s.Relay, "dialing")
	}
}

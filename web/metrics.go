package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gauges are what the doors measure, by route and never by path.
type gauges struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

func newGauges(to *prometheus.Registry, version string) (*gauges, error) {
	g := &gauges{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "holdfast_http_requests_total",
			Help: "Requests answered, by method, route and status."}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "holdfast_http_request_seconds",
			Help: "Time to the end of the answer, by route.", Buckets: []float64{.005, .025, .1, .5, 2, 10, 60}}, []string{"route"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "holdfast_http_requests_open", Help: "Requests being answered now."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "holdfast_build_info", Help: "1, with the version that runs.",
		ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	for _, collector := range []prometheus.Collector{g.requests, g.seconds, g.open, build} {
		if err := to.Register(collector); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *gauges) took(method, route string, status int, d time.Duration) {
	g.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	g.seconds.WithLabelValues(route).Observe(d.Seconds())
}

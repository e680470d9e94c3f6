package main

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// poolFigures tell how a pool of connections to the database does, when they are scraped.
type poolFigures struct {
	name string // pages, worker, queue
	pool *pgxpool.Pool
}

var (
	poolConnections = prometheus.NewDesc("holdfast_database_connections", "Connections to the database, by pool and state: used, idle, most.",
		[]string{"pool", "state"}, nil)
	poolWaits = prometheus.NewDesc("holdfast_database_wait_seconds_total", "Time that somebody has waited for a connection of the pool.",
		[]string{"pool"}, nil)
)

// Describe implements prometheus.Collector. It describes nothing: several of these tell of the same names.
func (poolFigures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f poolFigures) Collect(to chan<- prometheus.Metric) {
	s := f.pool.Stat()
	for state, n := range map[string]int32{"used": s.AcquiredConns(), "idle": s.IdleConns(), "most": s.MaxConns()} {
		to <- prometheus.MustNewConstMetric(poolConnections, prometheus.GaugeValue, float64(n), f.name, state)
	}
	to <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds(), f.name)
}

package worker

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/members"
	"holdfast/templates"
)

// Pace is how long things may take. A zero field means the default; tests shrink them.
type Pace struct {
	Turn    time.Duration     // a job's turn on a batch; 30 s
	Lease   time.Duration     // after which a silent process has lost its windows; 1 min
	Cover   time.Duration     // how late a job may be before its batch gets a new one; 1 min
	Sweep   time.Duration     // between sweeps; 10 s
	Again   time.Duration     // before an update looks again whether an earlier appeal has ended; 2 s
	Drain   time.Duration     // for mails on their way when the process ends; 25 s
	Report  time.Duration     // between reports of how the relays do; 3 s
	Waits   []time.Duration   // before a mail is tried again; campaigns.RetryWaits
	Letters []time.Duration   // before a letter is tried again; letters.LetterWaits
	Pauses  []time.Duration   // of a provider that asks for less; campaigns.PauseSteps
	Filling campaigns.Filling // 5,000 rows a slice; a batch of what one connection sends in a few seconds
}

func (p *Pace) setDefaults() {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&p.Turn, 30 * time.Second}, {&p.Lease, time.Minute}, {&p.Cover, time.Minute}, {&p.Sweep, 10 * time.Second},
		{&p.Again, 2 * time.Second}, {&p.Drain, 25 * time.Second}, {&p.Report, 3 * time.Second}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if p.Waits == nil {
		p.Waits = campaigns.RetryWaits
	}
	if p.Letters == nil {
		p.Letters = letters.LetterWaits
	}
	if p.Pauses == nil {
		p.Pauses = campaigns.PauseSteps
	}
	if p.Filling.SliceRows == 0 {
		p.Filling = campaigns.Filling{SliceRows: 5000, Cover: 5 * time.Minute}
	}
}

// Hurried returns the pace with every wait divided by n, so that a trial sees in seconds what takes minutes. Drain stays: how long an
// answer of a relay is waited for at the end is up to the relay.
func (p Pace) Hurried(n int) Pace {
	p.setDefaults()
	for _, d := range []*time.Duration{&p.Turn, &p.Lease, &p.Cover, &p.Sweep, &p.Again, &p.Report, &p.Filling.Cover} {
		*d /= time.Duration(n)
	}
	p.Waits, p.Pauses, p.Letters = slices.Clone(p.Waits), slices.Clone(p.Pauses), slices.Clone(p.Letters)
	for _, list := range [][]time.Duration{p.Waits, p.Pauses, p.Letters} {
		for i := range list {
			list[i] /= time.Duration(n)
		}
	}
	return p
}

// Config is what a worker works with. Its pools must outlive it.
type Config struct {
	Pool       postgres.DB   // for the ledger
	RiverPool  *pgxpool.Pool // for the queue alone, so that neither starves the other; past a pooler, or the queue is asked instead of heard
	Members    *members.Store
	Links      campaigns.Links
	Letters    *letters.Store             // nil where this process mails no letters
	Letterhead templates.Organisation     // of mails to those who write letters
	Relays     *mailer.Pool               // closed by Stop
	Limits     map[string]campaigns.Limit // of providers, by domain; nil for none
	Version    string                     // of this program, for who looks at what runs
	Sender     Sender
	Conns      int // connections to all relays together: as many batches are sent at once
	Log        *slog.Logger
	Metrics    prometheus.Registerer // of this process; nil where nobody scrapes it
	Pace       Pace
}

// Worker keeps promises until it is stopped.
type Worker struct {
	client  *river.Client[pgx.Tx]
	relays  *mailer.Pool
	record  *recorder
	windows *windows
	pace    Pace
	log     *slog.Logger
	cancel  context.CancelFunc
	keepers sync.WaitGroup
}

// Start begins to work, with a sweep of what earlier processes left. ctx bounds the start alone.
func Start(ctx context.Context, c Config) (*Worker, error) {
	c.Pace.setDefaults()
	jobs := river.NewWorkers()
	store := &campaigns.Store{DB: c.Pool}
	w := &Worker{relays: c.Relays, pace: c.Pace, log: c.Log, windows: newWindows(store, c.Pace.Lease)}
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	meters, err := newMeters(c.Metrics, c.Relays)
	if err != nil {
		return nil, err
	}
	w.record = startRecorder(store, c.Pace.Waits, meters, c.Log)
	traffic := newTraffic(store, c.Limits, c.Pace.Pauses, w.windows, c.Log)
	reports := newReporter(store, c.Relays, c.Version, c.Pace.Report, c.Log)
	press := &press{store: store, sender: c.Sender, links: c.Links, made: map[int64]map[string]*edition{}}
	speed := &atomic.Int64{}
	river.AddWorker(jobs, &fanOut{store: store, pace: c.Pace, speed: speed})
	budgets := newBudgets(store, &w.windows.ending)
	post := addLetters(jobs, c, store, budgets, &w.windows.ending)
	river.AddWorker(jobs, &deliverBatch{store: store, members: c.Members, press: press, relays: c.Relays, windows: w.windows,
		record: w.record, budgets: budgets, traffic: traffic, watch: &watch{}, reports: reports, meters: meters, pace: c.Pace, speed: speed, log: c.Log})
	if w.client, err = river.NewClient(riverpgxv5.New(c.RiverPool), riverConfig(c, jobs)); err != nil {
		w.record.end(ctx)
		return nil, err
	}
	store.Jobs = w.client
	if _, err := store.Sweep(ctx, c.Pace.Lease, c.Pace.Cover); err != nil {
		w.record.end(ctx)
		return nil, err
	}
	running, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	if post != nil {
		post.letters.Jobs = w.client
		w.keepers.Go(func() { post.sweep(running) })
	}
	w.keepers.Go(func() { w.windows.keep(running) })
	w.keepers.Go(func() { w.sweep(running, store) })
	w.keepers.Go(func() { traffic.keep(running) })
	w.keepers.Go(func() { reports.keep(running) })
	if err := w.client.Start(running); err != nil {
		cancel()
		w.keepers.Wait()
		w.record.end(ctx)
		return nil, err
	}
	return w, nil
}

// sweep puts right what dead processes left, again and again. It is no job: it must work when the queue does not, and without
// waiting for River to find a new leader.
func (w *Worker) sweep(ctx context.Context, store *campaigns.Store) {
	tick := time.NewTicker(w.pace.Sweep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		swept, err := store.Sweep(ctx, w.pace.Lease, w.pace.Cover)
		switch {
		case err != nil && ctx.Err() == nil:
			w.log.Error("could not sweep", "error", codeOf(err))
		case swept != campaigns.Swept{}:
			w.log.Warn("swept up after a process that ended", "windows", swept.Windows, "batches", swept.Batches, "fanouts", swept.Fanouts)
		}
	}
}

// deafPoll is how often the queue is asked for jobs where nothing can be heard of them: behind a pooler.
const deafPoll = 200 * time.Millisecond

func riverConfig(c Config, jobs *river.Workers) *river.Config {
	conns := max(c.Conns, 1)
	pooled := postgres.IsPooled(c.RiverPool)
	poll := time.Second
	if pooled {
		poll = deafPoll
	}
	config := &river.Config{
		PollOnly: pooled,
		Logger:   c.Log,
		Workers:  jobs,
		Queues: map[string]river.QueueConfig{
			// One more than connections, so that filling goes on while all of them send.
			campaigns.QueueUrgent:  {MaxWorkers: conns + 1, FetchCooldown: 20 * time.Millisecond, FetchPollInterval: poll},
			campaigns.QueueDeliver: {MaxWorkers: conns + 1, FetchCooldown: 20 * time.Millisecond, FetchPollInterval: poll},
		},
		// What a job promised is found again by the sweep, long before this.
		RescueStuckJobsAfter:        30 * time.Minute,
		CompletedJobRetentionPeriod: 2 * time.Hour,
	}
	if c.Letters != nil {
		config.Queues[letters.QueueLetters] = river.QueueConfig{MaxWorkers: lettersAtOnce, FetchCooldown: 100 * time.Millisecond, FetchPollInterval: poll}
	}
	return config
}

// Stop ends in good order: nothing new is claimed or begun; mails on their way have Pace.Drain to be answered, then they
// are unknown; every verdict is written. It returns within a few seconds of that, or when ctx ends: what is unwritten then
// becomes unknown when its lease runs out.
func (w *Worker) Stop(ctx context.Context) error {
	w.windows.ending.Store(true)
	drain, cancel := context.WithTimeout(ctx, w.pace.Drain)
	defer cancel()
	err := w.client.Stop(drain)
	w.relays.Close()
	if err != nil {
		err = w.client.StopAndCancel(ctx)
	}
	err = errors.Join(err, w.record.end(ctx))
	w.cancel()
	w.keepers.Wait()
	return err
}

// InsertOnly returns what promises jobs without keeping them, for a process that only serves pages.
func InsertOnly(pool *pgxpool.Pool) (campaigns.Jobs, error) {
	return river.NewClient(riverpgxv5.New(pool), &river.Config{})
}

// codeOf names an error for a log without anything that it may quote.
func codeOf(err error) string {
	var pg *pgconn.PgError
	var relay *mailer.RelayError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &pg):
		return "postgres " + pg.Code
	case errors.As(err, &relay):
		return relay.Error()
	case failure.KindOf(err) != "":
		return string(failure.KindOf(err))
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	default:
		return "other"
	}
}

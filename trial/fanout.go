package trial

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
)

// FanoutOptions say what bench fanout measures. All fields are needed.
type FanoutOptions struct {
	Self    string // this program's file
	Dir     string // an empty folder that the database server can enter; what is in it afterwards is the caller's to remove
	Members int
	Conns   int // of each worker process
	Workers int // processes
	Tongues int // languages, 1 to 5
	Rounds  int
	RTT     time.Duration // to the sink and back
	Relay   string        // host:port on loopback; "" means a sink of our own
	TLS     bool          // to the sink
	DKIM    string        // sign with a key of this kind, rsa or ed25519; "" for none
	Urgent  bool          // measure at the end how an urgent appeal to few overtakes one to all
	Stop    bool          // measure a stop at the end
	Tell    func(string)  // what takes more than a moment
	Show    func(what string, done, total int64)
}

// MaxTongues is how many languages a trial can have.
const MaxTongues = len(languages)

// Round is one pass: the fan-out, and the bare loop right after or before it. CPU figures are microseconds a message.
type Round struct {
	Rate        float64 `json:"messages_per_second"` // members by the time from the launch to the last acceptance
	BareRate    float64 `json:"bare_messages_per_second"`
	Launched    float64 `json:"launch_answered_seconds"`
	First       float64 `json:"first_accepted_seconds"`
	Last        float64 `json:"last_accepted_seconds"`
	WorkerCPU   float64 `json:"worker_cpu_us"`
	DatabaseCPU float64 `json:"database_cpu_us"`
	SinkCPU     float64 `json:"sink_cpu_us"`
	BareCPU     float64 `json:"bare_cpu_us"`
	BareSinkCPU float64 `json:"bare_sink_cpu_us"`
	WAL         float64 `json:"wal_bytes"`
	Ledger      float64 `json:"ledger_bytes"`
	Size        int     `json:"message_bytes"`
	Closes      bool    `json:"closes"`
}

// FanoutReport is what bench fanout has measured.
type FanoutReport struct {
	Share       float64  `json:"share_of_limit"` // the median over the rounds of Rate by BareRate
	Rounds      []Round  `json:"rounds"`
	Memory      int64    `json:"worker_peak_memory_bytes"` // VmHWM, the largest of the workers
	StopSeconds *float64 `json:"stop_seconds,omitempty"`   // from the press to stopped
	// UrgentSeconds is from the launch of an urgent appeal to 200 members, with one to all under way, to its last acceptance.
	UrgentSeconds *float64          `json:"urgent_seconds,omitempty"`
	Members       int               `json:"members"`
	Conns         int               `json:"conns"`
	Workers       int               `json:"workers"`
	Languages     int               `json:"languages"`
	RTT           float64           `json:"rtt_seconds"`
	TLS           bool              `json:"tls"`
	DKIM          string            `json:"dkim,omitempty"`
	Settings      map[string]string `json:"database_settings"`
}

// bench is a bench as far as it has come.
type bench struct {
	o       FanoutOptions
	house   *house
	sink    *sink
	workers []*process
	out     outlet
	server  int // the process that all others of the database belong to
	report  FanoutReport
}

// Fanout measures the fan-out against the bare loop. The error is that of ctx, or says what did not work.
func Fanout(ctx context.Context, o FanoutOptions) (report FanoutReport, err error) {
	b := &bench{o: o, report: FanoutReport{Members: o.Members, Conns: o.Conns, Workers: o.Workers, Languages: o.Tongues, RTT: o.RTT.Seconds(), TLS: o.TLS, DKIM: o.DKIM}}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.open(ctx); err != nil {
		return b.report, err
	}
	size, err := b.warm(ctx)
	if err != nil {
		return b.report, err
	}
	for i := range o.Rounds {
		o.Tell(fmt.Sprintf("round %d of %d", i+1, o.Rounds))
		r, err := b.round(ctx, size, i%2 == 1)
		if err != nil {
			return b.report, err
		}
		b.report.Rounds = append(b.report.Rounds, r)
	}
	for _, w := range b.workers {
		peak, err := peakMemory(w.cmd.Process.Pid)
		if err != nil {
			return b.report, err
		}
		b.report.Memory = max(b.report.Memory, peak)
	}
	if o.Urgent || o.Stop {
		if err := b.interrupt(ctx); err != nil {
			return b.report, err
		}
	}
	b.report.Share = b.report.median(func(r Round) float64 { return r.Rate / r.BareRate })
	return b.report, nil
}

func (b *bench) open(ctx context.Context) error {
	var err error
	if b.house, err = openHouse(ctx, b.o.Dir, b.o.Tell); err != nil {
		return err
	}
	rows, err := b.house.pool.Query(ctx, settingsSQL)
	if err != nil {
		return err
	}
	b.report.Settings = map[string]string{}
	var name, value string
	if _, err := pgx.ForEachRow(rows, []any{&name, &value}, func() error {
		b.report.Settings[name] = value
		return nil
	}); err != nil {
		return err
	}
	err = b.house.populate(ctx, b.o.Members, b.o.Tongues, func(done, total int) { b.o.Show("members join", int64(done), int64(total)) })
	if err != nil {
		return err
	}
	out := outlet{relay: b.o.Relay, conns: b.o.Conns}
	if b.o.TLS {
		out.certificate = filepath.Join(b.o.Dir, "relay.pem")
	}
	if b.o.DKIM != "" {
		if out.signer, err = newSigner(b.o.Dir, b.o.DKIM); err != nil {
			return err
		}
	}
	if out.relay == "" {
		if b.sink, err = startSink(b.o.Self, "--delay", (b.o.RTT / 2).String(), "--certificate", out.certificate); err != nil {
			return err
		}
		out.relay = b.sink.address
	}
	b.out = out
	for range b.o.Workers {
		w, err := start(b.o.Self, b.house.environment(out), "work")
		if err != nil {
			return err
		}
		b.workers = append(b.workers, w)
	}
	return nil
}

// warm sends an appeal to few, so that every process has begun, and tells how large a message is.
func (b *bench) warm(ctx context.Context) (size int, err error) {
	a, err := b.house.draft(ctx, b.o.Tongues, b.house.warmUp, true)
	if err != nil {
		return 0, err
	}
	if err := b.house.launch(ctx, a.ID); err != nil {
		return 0, err
	}
	r, err := b.house.follow(ctx, a.ID)
	if err != nil {
		return 0, err
	}
	if !r.Closes() || r.Accepted == 0 {
		return 0, errors.New("the appeal that was to warm up did not reach everybody; see what the worker says above")
	}
	if b.sink == nil {
		return 12 << 10, nil // a relay that is not ours does not say
	}
	c, err := b.sink.count()
	if err != nil || c.Messages == 0 {
		return 0, errors.Join(err, errors.New("the sink has no message"))
	}
	return int(c.Bytes / int64(c.Messages)), nil
}

// round measures once, the bare loop first or last.
func (b *bench) round(ctx context.Context, size int, bareFirst bool) (r Round, err error) {
	r.Size = size
	steps := []func() error{func() error { return b.fanout(ctx, &r) }, func() error { return b.bare(&r) }}
	if bareFirst {
		steps[0], steps[1] = steps[1], steps[0]
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return r, err
		}
	}
	return r, nil
}

// bare runs the bare loop over as many connections as all workers have together.
func (b *bench) bare(r *Round) error {
	before, err := b.spent(context.Background())
	if err != nil {
		return err
	}
	report, err := runBare(b.o.Self, BareOptions{Relay: b.out.relay, Conns: b.o.Conns * b.o.Workers, Messages: b.o.Members, Size: r.Size,
		Certificate: b.out.certificate})
	if err != nil {
		return err
	}
	after, err := b.spent(context.Background())
	if err != nil {
		return err
	}
	n := float64(report.Messages)
	r.BareRate, r.BareCPU = n/report.Seconds, float64(report.CPUMicros)/n
	r.BareSinkCPU = micros(after.sink-before.sink) / n
	return nil
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// fanout launches an appeal to everybody and follows it to its end.
func (b *bench) fanout(ctx context.Context, r *Round) error {
	a, err := b.house.draft(ctx, b.o.Tongues, 0, true)
	if err != nil {
		return err
	}
	before, err := b.spent(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := b.house.launch(ctx, a.ID); err != nil {
		return err
	}
	r.Launched = time.Since(began).Seconds()
	receipt, err := b.follow(ctx, a.ID)
	if err != nil {
		return err
	}
	after, err := b.spent(ctx)
	if err != nil {
		return err
	}
	if a, err = b.house.campaigns.Appeal(ctx, a.ID); err != nil {
		return err
	}
	if receipt.FirstAcceptedAt == nil || receipt.LastAcceptedAt == nil {
		return errors.New("nothing was accepted; see what the worker says above")
	}
	r.Closes = receipt.Closes()
	r.First, r.Last = receipt.FirstAcceptedAt.Sub(*a.LaunchedAt).Seconds(), receipt.LastAcceptedAt.Sub(*a.LaunchedAt).Seconds()
	n := float64(receipt.Accepted)
	r.Rate = n / r.Last
	r.WorkerCPU, r.DatabaseCPU, r.SinkCPU = micros(after.worker-before.worker)/n, micros(after.database-before.database)/n, micros(after.sink-before.sink)/n
	r.WAL, r.Ledger = (after.wal-before.wal)/n, float64(after.ledger-before.ledger)/n
	return nil
}

// follow waits for the end without looking at the ledger: counting it would be measured as well. What it shows is the sink's
// count.
func (b *bench) follow(ctx context.Context, id int64) (campaigns.Receipt, error) {
	var from int
	if b.sink != nil {
		c, err := b.sink.count()
		if err != nil {
			return campaigns.Receipt{}, err
		}
		from = c.Messages
	}
	watching, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, w := range b.workers {
		go func() {
			select {
			case <-w.ended:
				cancel(errors.New("a worker process has ended"))
			case <-watching.Done():
			}
		}()
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		a, err := b.house.campaigns.Appeal(watching, id)
		if err != nil {
			return campaigns.Receipt{}, errors.Join(err, context.Cause(watching))
		}
		if a.State == campaigns.AppealComplete {
			_, r, err := b.house.campaigns.Receipt(ctx, id)
			return r, err
		}
		if b.sink != nil {
			c, err := b.sink.count()
			if err != nil {
				return campaigns.Receipt{}, err
			}
			b.o.Show("messages", int64(c.Messages-from), int64(b.o.Members))
		}
		select {
		case <-watching.Done():
			return campaigns.Receipt{}, context.Cause(watching)
		case <-tick.C:
		}
	}
}

// spent is what everything has cost so far.
type spent struct {
	worker, database, sink time.Duration
	wal                    float64
	ledger                 int64
}

func (b *bench) spent(ctx context.Context) (s spent, err error) {
	var backend int
	if err := b.house.pool.QueryRow(ctx, spentSQL).Scan(&s.wal, &s.ledger, &backend); err != nil {
		return s, err
	}
	if b.server == 0 {
		if b.server, err = parent(backend); err != nil {
			return s, err
		}
	}
	if s.database, err = familyCPU(b.server); err != nil {
		return s, err
	}
	for _, w := range b.workers {
		t, err := cpu(w.cmd.Process.Pid, false)
		if err != nil {
			return s, err
		}
		s.worker += t
	}
	if b.sink != nil {
		s.sink, err = cpu(b.sink.cmd.Process.Pid, false)
	}
	return s, err
}

func (b *bench) close() error {
	var errs []error
	for _, w := range b.workers {
		errs = append(errs, w.stop(40*time.Second))
	}
	if b.sink != nil {
		b.sink.in.Close() // which ends it
		<-b.sink.ended
	}
	if b.house != nil {
		errs = append(errs, b.house.close())
	}
	return errors.Join(errs...)
}

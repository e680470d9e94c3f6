package trial

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/seal"
)

// DrillOptions say what a drill does. All fields are needed.
type DrillOptions struct {
	Self    string // this program's file
	Dir     string // an empty folder that the database server can enter; what is in it afterwards is the caller's to remove
	Members int
	Kills   int           // how often a worker is killed; the other faults come in proportion
	Faults  []string      // their names; see Faults
	Gap     time.Duration // from one to the next, on average: their moments are a Poisson process
	Workers int           // processes
	Seed    uint64
	Tell    func(string) // what takes more than a moment
	Show    func(what string, done, total int64)
}

// A drill has a distant relay, so that there is always something on its way, and hurries: a minute is three seconds.
const (
	hurry      = 20
	drillConns = 4 // of each worker process
	drillDelay = 10 * time.Millisecond
	lease      = time.Minute / hurry
	look       = 200 * time.Millisecond
	patience   = 6 * time.Minute // without anything settled: a batch that nobody looks after is missed after five (campaigns: unbegunCover)

	// recorderWrite is how many verdicts the recorder of a worker writes at once (worker: mostAtOnce).
	recorderWrite = 64
)

// drill is a drill as far as it has come.
type drill struct {
	o     DrillOptions
	house *house
	links campaigns.Links
	relay *farRelay
	crew  *crew
	ids   []int64          // of the members, in the order in which they were invented
	home  map[int64]string // their addresses

	doing  sync.WaitGroup
	busy   atomic.Int64 // faults that are being brought about
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	deeds    []deed
	launches []launched
	waiting  []recovery
	recover  []time.Duration
	urgent   []time.Duration
	goers    []int64 // members who may still leave
	newest   int64   // the last appeal to everybody
	live     []int64 // appeals that are not complete, as last read
	stopping map[int64]bool
	resumed  map[int64]bool
	database bool // somebody is at the database
	away     bool // the relay is
}

// Drill lets faults loose on the fan-out and judges what became of it from the sink's log and the ledger. The error is that of ctx, or
// says what of the drill itself did not work.
func Drill(ctx context.Context, o DrillOptions) (report DrillReport, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d := &drill{o: o, cancel: cancel, stopping: map[int64]bool{}, resumed: map[int64]bool{}}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.open(ctx); err != nil {
		return report, err
	}
	began := time.Now()
	if err := d.run(ctx); err != nil {
		return report, errors.Join(context.Cause(ctx), err)
	}
	took := time.Since(began)
	d.crew.close()
	d.relay.in.Close() // which ends it, and its log is whole
	<-d.relay.ended
	e, err := d.evidence(ctx)
	if err != nil {
		return report, err
	}
	return d.report(judge(e), took), nil
}

func (d *drill) open(ctx context.Context) error {
	var err error
	if d.house, err = openHouse(ctx, d.o.Dir, d.o.Tell); err != nil {
		return err
	}
	ring, err := seal.Open(d.house.keyFile)
	if err != nil {
		return err
	}
	if d.links, err = campaigns.NewLinks(ring); err != nil {
		return err
	}
	err = d.house.populate(ctx, d.o.Members, MaxTongues, func(done, total int) { d.o.Show("members join", int64(done), int64(total)) })
	if err != nil {
		return err
	}
	if err := d.readMembers(ctx); err != nil {
		return err
	}
	if d.relay, err = startRelay(d.o.Self, RelayOptions{Doors: d.o.Workers, Delay: drillDelay, Dir: d.o.Dir}); err != nil {
		return err
	}
	var envs [][]string
	for _, address := range d.relay.addresses {
		envs = append(envs, d.house.environment(outlet{relay: address, conns: drillConns}))
	}
	d.crew, err = startCrew(d.o.Self, d.o.Dir, envs, func(err error) { d.cancel(err) })
	return err
}

// sealedMember is a member as the table has them.
type sealedMember struct {
	ID            int64
	AddressSealed []byte
	NameSealed    []byte
}

// readMembers reads who the members are, by the number that stands in their address.
func (d *drill) readMembers(ctx context.Context) error {
	rows, err := d.house.pool.Query(ctx, sealedMembersSQL)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[sealedMember])
	if err != nil {
		return err
	}
	d.home = make(map[int64]string, len(all))
	byAddress := make(map[string]int64, len(all))
	for _, m := range all {
		contact, err := d.house.members.Open(m.ID, m.AddressSealed, m.NameSealed)
		if err != nil {
			return err
		}
		d.home[m.ID] = contact.Address.Mailbox()
		byAddress[d.home[m.ID]] = m.ID
	}
	for n := range d.o.Members {
		id, there := byAddress[addressOf(n)]
		if !there {
			return fmt.Errorf("member %d did not join", n)
		}
		d.ids = append(d.ids, id)
	}
	d.goers = slices.Clone(d.ids)
	return nil
}

// run lets one fault after another loose while appeals leave, and returns when everything rests.
func (d *drill) run(ctx context.Context) error {
	bag := fill(d.o)
	random := rand.New(rand.NewPCG(d.o.Seed, 0))
	total := int64(len(bag))
	ctx, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { d.watchWindows(ctx) })
	defer watch.Wait()
	defer stop()
	next := time.Now().Add(d.gap(random))
	tick := time.NewTicker(look)
	defer tick.Stop()
	quiet, left := time.Now(), int64(-1)
	for {
		idle := d.busy.Load() == 0 // asked first: what it has just launched is then among the open ones
		rest, err := d.rest(ctx)
		if err != nil {
			return err
		}
		if rest.left != left {
			quiet, left = time.Now(), rest.left
		}
		over := len(bag) == 0 && len(rest.open) == 0 || time.Since(quiet) > patience
		switch {
		case over && idle: // what is still open is for the judge
			return nil
		case len(bag) > 0 && rest.newest <= int64(len(d.ids)/10):
			if err := d.launchAll(ctx); err != nil {
				return err
			}
		}
		for len(bag) > 0 && !time.Now().Before(next) {
			bag = d.draw(ctx, bag, random)
			next = next.Add(d.gap(random))
			d.o.Show("faults", total-int64(len(bag)), total)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// draw does the first fault of the bag that can be done now. What cannot be done any more goes.
func (d *drill) draw(ctx context.Context, bag []Fault, random *rand.Rand) []Fault {
	for i, f := range bag {
		doIt := f.prepare(d, rand.New(rand.NewPCG(random.Uint64(), 1)))
		if doIt == nil {
			continue
		}
		d.busy.Add(1)
		d.doing.Go(func() {
			defer d.busy.Add(-1)
			if err := doIt(ctx); err != nil && ctx.Err() == nil {
				d.cancel(fmt.Errorf("the fault %s could not be brought about: %w", f.Name, err))
			}
		})
		return slices.Delete(bag, i, i+1)
	}
	return bag
}

// gap is the time to the next fault.
func (d *drill) gap(random *rand.Rand) time.Duration {
	return time.Duration(random.ExpFloat64() * float64(d.o.Gap))
}

// fill makes the bag of faults, shuffled: so many kills, and the others in proportion, each at least once.
func fill(o DrillOptions) []Fault {
	var bag []Fault
	for _, f := range Faults() {
		if !slices.Contains(o.Faults, f.Name) {
			continue
		}
		for range max(1, int(float64(o.Kills)*f.perKill)) {
			bag = append(bag, f)
		}
	}
	rand.New(rand.NewPCG(o.Seed, 2)).Shuffle(len(bag), func(i, j int) { bag[i], bag[j] = bag[j], bag[i] })
	return bag
}

// resting is how far the appeals have come.
type resting struct {
	open   []int64 // appeals that are not complete
	newest int64   // members whom the newest appeal to everybody has not settled yet
	left   int64   // deliveries of open appeals that are not settled
}

// rest asks how far the appeals have come.
func (d *drill) rest(ctx context.Context) (r resting, err error) {
	d.mu.Lock()
	newest := d.newest
	d.mu.Unlock()
	err = d.insist(ctx, func(ctx context.Context) error {
		return d.house.pool.QueryRow(ctx, restingSQL, newest).Scan(&r.open, &r.newest, &r.left)
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	d.live = r.open
	return r, err
}

// evidence gathers what the judge looks at.
func (d *drill) evidence(ctx context.Context) (e evidence, err error) {
	e = evidence{places: map[string]place{}, addresses: d.home, entries: map[place]entry{}, launches: d.launches, deeds: d.deeds}
	for door := range d.o.Workers {
		f, err := os.Open(doorLog(d.o.Dir, door))
		if err != nil {
			return e, err
		}
		all, err := readLog(door, f)
		f.Close()
		if err != nil {
			return e, err
		}
		e.sendings = append(e.sendings, all...)
	}
	for _, l := range d.launches {
		for _, member := range d.ids {
			e.places["b+"+d.links.Return.Make(l.id, member)+"@"+returnDomain] = place{l.id, member}
		}
	}
	rows, err := d.house.pool.Query(ctx, entriesSQL)
	if err != nil {
		return e, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[entry])
	for _, row := range all {
		e.entries[place{row.AppealID, row.MemberID}] = row
	}
	return e, err
}

func (d *drill) close() error {
	d.cancel(nil)
	d.doing.Wait()
	if d.crew != nil && !d.crew.closing.Load() {
		d.crew.close()
	}
	if d.relay != nil {
		d.relay.in.Close()
		<-d.relay.ended
	}
	if d.house == nil {
		return nil
	}
	return d.house.close()
}

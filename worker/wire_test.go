package worker_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/postgres"
	"holdfast/internal/smtpsink"
	"holdfast/worker"
)

// wire is a way to the database that a test can make slow, lossy or dead.
type wire struct {
	t        testing.TB
	listener net.Listener
	network  string // of the server
	address  string
	user     *url.Userinfo
	database string

	delay atomic.Int64 // of each piece, in each direction
	dead  atomic.Bool  // nothing passes; connections stay open
	lossy atomic.Bool  // now and then a connection breaks

	mu     sync.Mutex
	random *rand.Rand
	conns  []net.Conn
}

// newWire makes a way to the database of pool.
func newWire(t testing.TB, pool *pgxpool.Pool) *wire {
	t.Helper()
	to := pool.Config().ConnConfig
	network, address := pgconnAddress(to.Host, to.Port)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed of the wire: %d", seed)
	w := &wire{t: t, listener: listener, network: network, address: address, user: url.UserPassword(to.User, to.Password), database: to.Database,
		random: rand.New(rand.NewPCG(seed, 0))}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(conn) })
		}
	})
	t.Cleanup(func() {
		w.cut()
		all.Wait()
	})
	return w
}

// cut ends the wire for good.
func (w *wire) cut() {
	w.listener.Close()
	w.dead.Store(false)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}

func pgconnAddress(host string, port uint16) (network, address string) {
	if host[0] == '/' {
		return "unix", fmt.Sprintf("%s/.s.PGSQL.%d", host, port)
	}
	return "tcp", net.JoinHostPort(host, fmt.Sprint(port))
}

// pool opens a pool that goes over the wire.
func (w *wire) pool(s *shop, o postgres.Options) *pgxpool.Pool {
	w.t.Helper()
	address := (&url.URL{Scheme: "postgres", User: w.user, Host: w.listener.Addr().String(), Path: "/" + w.database, RawQuery: "sslmode=disable"}).String()
	pool, err := postgres.Open(s.ctx, address, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		w.cut() // or a connection that nothing comes through would never be given back
		pool.Close()
	})
	return pool
}

func (w *wire) carry(client net.Conn) {
	server, err := net.Dial(w.network, w.address)
	if err != nil {
		client.Close()
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, client, server)
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.pass(client, server) })
	both.Go(func() { w.pass(server, client) })
	both.Wait()
}

// pass carries one direction. Pieces are late, but not further apart than they were.
func (w *wire) pass(from, to net.Conn) {
	defer to.Close()
	type piece struct {
		due   time.Time
		bytes []byte
	}
	late := make(chan piece, 1024)
	defer close(late)
	go func() {
		for p := range late {
			time.Sleep(time.Until(p.due)) // the wire's slowness
			for w.dead.Load() {
				time.Sleep(10 * time.Millisecond) // the wire's silence
			}
			if _, err := to.Write(p.bytes); err != nil {
				from.Close()
			}
		}
	}()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			late <- piece{time.Now().Add(time.Duration(w.delay.Load())), append([]byte(nil), buffer[:n]...)}
		}
		if err != nil || w.breaks() {
			return
		}
	}
}

// breaks says whether a connection breaks now: one piece in two hundred, where the wire is lossy.
func (w *wire) breaks() bool {
	if !w.lossy.Load() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(200) == 0
}

// F14: the way to the database is slow, half a second there and back, then lossy. The rate falls, and nothing else.
func TestF14_ASlowAndLossyWayToTheDatabase(t *testing.T) {
	t.Parallel()
	const people = 300
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	line := newWire(t, s.pool)
	pool := line.pool(s, postgres.Options{MaxConns: 12})
	line.delay.Store(int64(250 * time.Millisecond))
	w := s.startWith(func(c *worker.Config) {
		c.Pool, c.RiverPool = pool, line.pool(s, postgres.Options{MaxConns: 6})
		c.Pace.Lease, c.Pace.Cover = 20*time.Second, 10*time.Second
		c.Pace.Filling = campaigns.Filling{SliceRows: 200, BatchRows: 50, Cover: 20 * time.Second}
	})
	a := s.launch()
	s.must(s.sink.Wait(s.ctx, 6)) // each window is one mail here: what was read at its claim is a second old when it begins
	t.Logf("six mails at half a second a round trip: %v", time.Since(*a.LaunchedAt))
	line.delay.Store(int64(5 * time.Millisecond))
	line.lossy.Store(true)
	r := s.until(a.ID, "completion", complete)
	line.lossy.Store(false)
	s.stop(w)
	if j := s.judge(); j.members != people || j.copies != 0 || r.Accepted != people {
		t.Errorf("of %d: %d reached, %d doubled, %d accepted (%d maybe twice)", people, j.members, j.copies, r.Accepted, r.Twice)
	}
}

// C3: an appeal is stopped while a worker cannot reach the database, and so cannot read it. It sends nothing more by itself, and
// "stopped" is said only once that holds.
func TestC3_AWorkerThatCannotReadTheStopDoesNotSend(t *testing.T) {
	t.Parallel()
	const people = 400
	var stopped atomic.Bool
	var after atomic.Int64
	hold := make(chan struct{})
	s := newShop(t, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Body && stopped.Load() {
			after.Add(1)
		}
		if e.Step == smtpsink.Data && e.Message > 12 {
			return smtpsink.Action{Until: hold}
		}
		return smtpsink.Action{}
	}})
	s.importMembers(people)
	line := newWire(t, s.pool)
	// The server ends what a dead worker left open in mid transaction.
	pool := line.pool(s, postgres.Options{MaxConns: 12, IdleInTransactionTimeout: time.Second})
	w := s.startWith(func(c *worker.Config) { c.Pool, c.RiverPool = pool, line.pool(s, postgres.Options{MaxConns: 6}) })
	a := s.launch()
	s.until(a.ID, "windows that wait for the relay", func(_ campaigns.Appeal, r campaigns.Receipt) bool {
		return r.Accepted >= 40 && int(r.Accepted) == s.sink.Count() && r.Sending > 0
	})
	line.dead.Store(true)
	state, err := s.store.Stop(s.ctx, audit.System(), a.ID)
	s.must(err)
	if state.Appeal.State != campaigns.AppealStopping || state.InFlight == 0 {
		t.Fatalf("with windows open at a worker that hears nothing, the stop answers %s with %d in flight", state.Appeal.State, state.InFlight)
	}
	// Its leases run out; whoever sweeps says stopped.
	other := s.start()
	r := s.until(a.ID, "the stop", func(a campaigns.Appeal, r campaigns.Receipt) bool {
		return a.State == campaigns.AppealStopped && r.Closes()
	})
	stopped.Store(true)
	at := s.sink.Count()
	close(hold) // the relay asks for the bodies now
	for !s.idle(&after) {
	}
	line.dead.Store(false)
	s.stop(other)
	s.stop(w)
	if after.Load() != 0 || s.sink.Count() != at {
		t.Errorf("%d bodies were begun after the stop, %d mails arrived; receipt %+v", after.Load(), s.sink.Count()-at, r)
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"holdfast/campaigns"
	"holdfast/inbound"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/letters"
	"holdfast/mailer"
	"holdfast/templates"
	"holdfast/web"
	"holdfast/worker"
)

// The ends of a site: the worker gives mails on their way 25 seconds, the pages theirs 20.
const endLimit = 30 * time.Second

// staffConns is how many of a relay's connections are for mail to staff, where pages are served.
const staffConns = 1

// The connections to the database: of the pages, of the queue, and of the worker beside one for every two to a relay, which spend
// most of their time with the relay.
const (
	pageConns   = 10
	queueConns  = 4
	workerConns = 6
	mostConns   = 60
)

// workerIdle is how long a transaction of a worker may wait for its program: no longer than people wait for a stop, because a
// machine that vanishes in the middle of filling a ledger leaves its appeal locked until the server ends the transaction.
const workerIdle = 10 * time.Second

// site is a house that runs: its pages, its worker, its way in for mail, or some of these. Not safe for concurrent use,
// but for the stores.
type site struct {
	settings settings
	log      *slog.Logger

	*house
	campaigns *campaigns.Store
	letters   *letters.Store
	pages     *web.Server
	metrics   *prometheus.Registry
	staffMail *mailer.Pool // sign-in links and test mails; apart from the worker's, which ends first

	worker     *worker.Worker
	relays     *mailer.Pool // of the worker, which closes it
	workerPool *pgxpool.Pool
	queuePool  *pgxpool.Pool

	serving context.Context // ends when the site does
	end     context.CancelFunc
	doors   sync.WaitGroup
	broken  chan error // why a door is shut that should be open
}

// openSite opens the rooms. Nothing is served, sent or taken in yet. Close it when done.
func openSite(ctx context.Context, s settings, ring *seal.Ring, log *slog.Logger) (*site, error) {
	x := &site{settings: s, log: log, broken: make(chan error, 8)}
	x.serving, x.end = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if x.house, err = openHouseWith(ctx, s, ring, pageConns); err != nil {
		return nil, err
	}
	jobs, err := worker.InsertOnly(x.pool)
	if err == nil {
		x.campaigns = &campaigns.Store{DB: x.db, Jobs: jobs, Capacity: s.capacity()}
		x.letters, err = letters.NewStore(x.db, ring, jobs)
	}
	if err == nil {
		x.staffMail, err = s.relayPool(func(conns int) int { return staffConns })
	}
	if err == nil {
		err = x.openPages()
	}
	if err != nil {
		x.close()
		return nil, err
	}
	return x, nil
}

// relayPool makes a pool in which each relay has the share of its connections that share says.
func (s settings) relayPool(share func(conns int) int) (*mailer.Pool, error) {
	relays := slices.Clone(s.relays)
	for i := range relays {
		relays[i].Conns = share(relays[i].Conns)
	}
	return mailer.NewPool(relays, mailer.Options{Hello: s.fromDomain})
}

// capacity is what the relays are set to take, by all processes together; connections are those of one.
func (s settings) capacity() campaigns.Capacity {
	var c campaigns.Capacity
	limited := true
	for _, relay := range s.relays {
		c.Connections += relay.Conns
		c.PerSecond += relay.Rate
		limited = limited && relay.Rate > 0
	}
	if !limited {
		c.PerSecond = 0
	}
	return c
}

// sender is who every mail is from.
func (s settings) sender() worker.Sender {
	return worker.Sender{From: s.from, ListID: s.listID, ListName: s.organisation, PublicURL: s.publicURL,
		ReturnDomain: s.returnDomain, ReplyDomain: s.replyDomain, Signers: s.signers}
}

func (s settings) letterhead() templates.Organisation {
	return templates.Organisation{Name: s.organisation, PostalAddress: s.postalAddress, Contact: s.contact}
}

func (x *site) openPages() error {
	if x.settings.listen != "" {
		templates.Check() // a page that cannot be parsed is found now, not by its reader; who only sends needs none
	}
	x.metrics = prometheus.NewRegistry()
	x.metrics.MustRegister(poolFigures{"pages", x.pool}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	post := worker.NewPost(x.campaigns, x.staffMail, x.settings.sender())
	var err error
	x.pages, err = web.New(web.Config{
		Campaigns: x.campaigns, Letters: x.letters, Members: x.members, Accounts: x.accounts, Links: x.links,
		Write: func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
			editions, err := templates.Editions(sheet, x.settings.letterhead(), x.settings.publicURL)
			if err != nil {
				return nil, err
			}
			return editions, x.settings.sender().Check(editions)
		},
		Post: post.Send, Ready: x.ready,
		Organisation: x.settings.letterhead(), Demo: x.settings.demo,
		PublicURL: x.settings.publicURL, AdminURL: x.settings.adminURL, TrustedProxies: x.settings.trustedProxies, AdminApart: x.settings.adminListen != "",
		Version: version(), Metrics: x.metrics, Log: x.log,
	})
	return err
}

// ready says why this process cannot do its work. Pages are served without a relay; a process that only sends is no use
// without one.
func (x *site) ready(ctx context.Context) error {
	if err := x.pool.Ping(ctx); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	if x.settings.listen != "" || x.relays == nil {
		return nil
	}
	for _, relay := range x.relays.Status() {
		if !relay.Down {
			return nil
		}
	}
	return mailer.ErrRelayDown
}

// startWorker begins to send. It ends with the site.
func (x *site) startWorker(ctx context.Context) error {
	conns := 0
	share := func(all int) int {
		if x.settings.listen != "" {
			all = max(all-staffConns, 1)
		}
		conns += all
		return all
	}
	var err error
	if x.relays, err = x.settings.relayPool(share); err != nil {
		return err
	}
	options := postgres.Options{MaxConns: int32(min(conns/2+workerConns, mostConns)), ApplicationName: "holdfast worker",
		IdleInTransactionTimeout: workerIdle}
	if x.workerPool, err = x.settings.openPool(ctx, options); err != nil {
		return err
	}
	if x.queuePool, err = x.settings.openDirect(ctx, postgres.Options{MaxConns: queueConns, ApplicationName: "holdfast queue"}); err != nil {
		return err
	}
	if x.settings.directURL != "" {
		// Jobs are promised on one way and taken up on the other.
		if err := postgres.Same(ctx, x.workerPool, x.queuePool); err != nil {
			return fmt.Errorf("HOLDFAST_DATABASE_URL and HOLDFAST_DATABASE_DIRECT_URL: %w", err)
		}
	}
	x.metrics.MustRegister(poolFigures{"worker", x.workerPool}, poolFigures{"queue", x.queuePool})
	x.worker, err = worker.Start(ctx, worker.Config{Pool: postgres.Rooms(x.workerPool, options), RiverPool: x.queuePool, Members: x.members, Links: x.links,
		Relays: x.relays, Sender: x.settings.sender(), Letterhead: x.settings.letterhead(), Conns: conns, Limits: x.settings.limits, Version: version(), Log: x.log, Metrics: x.metrics, Pace: x.settings.pace})
	return err
}

// serve answers HTTP on l until the site ends.
func (x *site) serve(l net.Listener, h http.Handler) {
	x.doors.Go(func() {
		if err := web.Serve(x.serving, l, h, x.log); err != nil {
			x.broken <- fmt.Errorf("%s no longer answers: %w", l.Addr(), err)
		}
	})
}

// receive takes in mail on l until the site ends.
func (x *site) receive(l net.Listener) {
	x.doors.Go(func() {
		if err := x.mailDesk().Serve(x.serving, l); err != nil {
			x.broken <- fmt.Errorf("%s no longer takes mail in: %w", l.Addr(), err)
		}
	})
}

// mailDesk is what takes mail in.
func (x *site) mailDesk() *inbound.Server {
	return inbound.New(inbound.Config{ReturnDomain: x.settings.returnDomain, ReplyDomain: x.settings.replyDomain, Links: x.links,
		Members: x.members, Letters: x.letters, LMTP: x.settings.inbound.lmtp, Log: x.log})
}

// wait returns when ctx ends, or with the reason why a door shut before.
func (x *site) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-x.broken:
		return err
	}
}

// close ends in good order: pages and worker at the same time, then what they stand on.
func (x *site) close() error {
	x.end()
	ctx, cancel := context.WithTimeout(context.Background(), endLimit)
	defer cancel()
	var pages sync.WaitGroup
	pages.Go(func() { x.closePages(ctx) })
	var err error
	switch {
	case x.worker != nil:
		err = x.worker.Stop(ctx)
	case x.relays != nil:
		x.relays.Close()
	}
	pages.Wait()
	for _, pool := range []*pgxpool.Pool{x.queuePool, x.workerPool, x.pool} {
		if pool != nil {
			pool.Close()
		}
	}
	return err
}

// closePages waits for the requests that are under way, and for the mails that some of them have brought about.
func (x *site) closePages(ctx context.Context) {
	x.doors.Wait()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		if x.pages != nil {
			x.pages.Finish()
		}
	}()
	select {
	case <-finished:
	case <-ctx.Done():
		x.log.Warn("some mails to staff were not sent in time")
	}
	if x.staffMail != nil {
		x.staffMail.Close()
	}
	<-finished
}

// listen opens a listener, or says what to do.
func listen(name, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, withHint(fmt.Errorf("%s%s: somebody listens on %s already", envPrefix, name, address), "end that program, or name another port")
	case errors.Is(err, syscall.EACCES):
		return nil, withHint(fmt.Errorf("%s%s: this user may not listen on %s", envPrefix, name, address), "ports below 1024 are for root; let the proxy listen there")
	case err != nil:
		return nil, fmt.Errorf("%s%s: %w", envPrefix, name, err)
	}
	return l, nil
}

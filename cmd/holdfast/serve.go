package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime/debug"

	"holdfast/worker"
)

// serveCommand serves the pages, and sends.
type serveCommand struct {
	NoWorker   bool `help:"Serve the pages only; somebody else runs holdfast work."`
	FreshPages bool `hidden:"" help:"Make each public page anew, for a bench."`
}

// Help says how it ends.
func (serveCommand) Help() string {
	return "Any number of these share one database. SIGTERM ends it in good order within 30 seconds: no new page, no new mail; mails on their way are waited for."
}

// Run serves until a signal.
func (s *serveCommand) Run(ctx context.Context, c *console) error {
	set, err := readSettings(c.getenv, serveSettings())
	if err != nil {
		return err
	}
	set.freshPages = s.FreshPages
	return runSite(ctx, c, set, !s.NoWorker)
}

// workCommand sends.
type workCommand struct {
	Hurry int `hidden:"" default:"1" help:"Divide leases, sweeps and the waits between attempts by this, for a drill."`
}

// Help says how it ends.
func (workCommand) Help() string {
	return "Any number of these share one database. SIGTERM ends it in good order within 30 seconds: no new mail; mails on their way are waited for. Health and metrics are at HOLDFAST_OPS_LISTEN."
}

// Run sends until a signal.
func (w *workCommand) Run(ctx context.Context, c *console) error {
	if w.Hurry < 1 || w.Hurry > 100 {
		return &hintedError{err: errors.New("--hurry must be from 1 to 100"), code: exitUsage}
	}
	set, err := readSettings(c.getenv, workSettings())
	if err != nil {
		return err
	}
	set.pace = worker.Pace{}.Hurried(w.Hurry)
	if c.getenv("GOGC") == "" {
		debug.SetGCPercent(senderGC)
	}
	return runSite(ctx, c, set, true)
}

// senderGC is the share of the living heap that may be garbage before it is collected, in percent. Of a mail hardly anything lives longer than a
// second, so collecting earlier keeps the memory small whatever the appeal's size (docs/performance.md).
const senderGC = 50

// doors are the listeners that the settings name, by the name of the setting.
type doors map[string]net.Listener

// openDoors opens every listener that the settings name, or none.
func openDoors(s settings) (doors, error) {
	open := doors{}
	for name, address := range map[string]string{"LISTEN": s.listen, "ADMIN_LISTEN": s.adminListen,
		"OPS_LISTEN": s.opsListen, "INBOUND_LISTEN": s.inbound.address} {
		if address == "" {
			continue
		}
		l, err := listen(name, address)
		if err != nil {
			open.close()
			return nil, err
		}
		open[name] = l
	}
	return open, nil
}

// close closes all of them; those that are closed already are fine.
func (d doors) close() {
	for _, l := range d {
		l.Close()
	}
}

// runSite runs what the settings have a listener for, and the worker, until ctx ends.
func runSite(ctx context.Context, c *console, s settings, works bool) error {
	log := c.log(s.log)
	logUnknown(log, c.environ())
	ring, err := openKeys(s.keyFile)
	if err != nil {
		return err
	}
	open, err := openDoors(s)
	if err != nil {
		return err
	}
	defer open.close()
	x, err := openSite(ctx, s, ring, log)
	if err != nil {
		return err
	}
	if works {
		if err := x.startWorker(ctx); err != nil {
			return errors.Join(err, x.close())
		}
	}
	x.keepHouse()
	for name, handler := range map[string]http.Handler{"LISTEN": x.pages.Public(), "ADMIN_LISTEN": x.pages.Admin(), "OPS_LISTEN": x.pages.Ops()} {
		if l := open[name]; l != nil {
			x.serve(l, handler)
		}
	}
	if l := open["INBOUND_LISTEN"]; l != nil {
		x.receive(l)
	}
	for name, l := range open {
		log.Info("listening", "setting", envPrefix+name, "address", l.Addr().String())
	}
	log.Info("ready", "version", version(), "worker", works)
	err = x.wait(ctx)
	log.Info("ending: nothing new is begun, what is on its way is waited for")
	err = errors.Join(err, x.close())
	log.Info("ended")
	return err
}

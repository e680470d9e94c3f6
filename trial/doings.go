package trial

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/members"
)

// note takes down what was done.
func (d *drill) note(done deed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deeds = append(d.deeds, done)
}

// begin sets a flag, and reports whether it was not set yet.
func (d *drill) begin(flag *bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := *flag
	*flag = true
	return !was
}

func (d *drill) end(flag *bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	*flag = false
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, t time.Duration) error {
	select {
	case <-time.After(t):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// insist does what may fail because the database is away until it is done. What is refused by a rule is not tried again.
func (d *drill) insist(ctx context.Context, do func(context.Context) error) error {
	for until := time.Now().Add(time.Minute); ; {
		err := do(ctx)
		if err == nil || failure.KindOf(err) != "" || time.Now().After(until) {
			return err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// launchAll launches an appeal to everybody.
func (d *drill) launchAll(ctx context.Context) error {
	_, err := d.launchTo(ctx, 0, false, 1)
	return err
}

// launchTo launches an appeal to the members of a group, or to everybody (0), and presses as often as that at once.
func (d *drill) launchTo(ctx context.Context, group int64, urgent bool, presses int) (id int64, err error) {
	var a campaigns.Appeal
	if err := d.insist(ctx, func(ctx context.Context) (err error) {
		a, err = d.house.draft(ctx, MaxTongues, group, urgent)
		return err
	}); err != nil {
		return 0, err
	}
	one := launched{id: a.ID, from: time.Now(), audience: d.ids}
	if group != 0 {
		one.audience = d.ids[:warmUpMembers]
	}
	errs := make([]error, presses)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			errs[i] = d.insist(ctx, func(ctx context.Context) error { return d.house.launch(ctx, a.ID) })
		})
	}
	all.Wait()
	one.to = time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.launches = append(d.launches, one)
	if group == 0 {
		d.newest = a.ID
	}
	return a.ID, errors.Join(errs...)
}

func prepareTwice(d *drill, _ *rand.Rand) func(context.Context) error {
	return func(ctx context.Context) error {
		from := time.Now()
		id, err := d.launchTo(ctx, d.house.warmUp, false, 20)
		d.note(deed{fault: "twice", door: -1, appeal: id, from: from, to: time.Now()})
		return err
	}
}

func prepareUrgent(d *drill, _ *rand.Rand) func(context.Context) error {
	return func(ctx context.Context) error {
		from := time.Now()
		id, err := d.launchTo(ctx, d.house.warmUp, true, 1)
		if err != nil {
			return err
		}
		d.note(deed{fault: "urgent", door: -1, appeal: id, from: from, to: time.Now()})
		for time.Since(from) < patience {
			var a campaigns.Appeal
			if err := d.insist(ctx, func(ctx context.Context) (err error) {
				a, err = d.house.campaigns.Appeal(ctx, id)
				return err
			}); err != nil {
				return err
			}
			if a.State == campaigns.AppealComplete {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.urgent = append(d.urgent, a.CompletedAt.Sub(*a.LaunchedAt))
				return nil
			}
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
		return nil // what holds it up is for the judge
	}
}

func prepareStop(d *drill, r *rand.Rand) func(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var may []int64
	for _, id := range d.live {
		if !d.stopping[id] {
			may = append(may, id)
		}
	}
	if len(may) == 0 {
		return nil
	}
	id, long := may[r.IntN(len(may))], between1(r, 3*time.Second)
	d.stopping[id] = true
	return func(ctx context.Context) error {
		defer func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			delete(d.stopping, id)
		}()
		return d.stopAndResume(ctx, id, long)
	}
}

// stopAndResume stops an appeal, waits until it says "stopped" and for a while after that, and lets it go on.
func (d *drill) stopAndResume(ctx context.Context, id int64, long time.Duration) error {
	ask := d.house.campaigns.Stop
	for pressed := time.Now(); ; {
		var state string
		err := d.insist(ctx, func(ctx context.Context) error {
			s, err := ask(ctx, audit.System(), id)
			state = s.Appeal.State
			return err
		})
		switch {
		case failure.Is(err, failure.Conflict):
			return nil // it was complete before the press
		case err != nil:
			return err
		case time.Since(pressed) > patience:
			return nil // what holds it up is for the judge
		}
		if state == campaigns.AppealStopped {
			break
		}
		ask = func(ctx context.Context, _ audit.Actor, id int64) (campaigns.Stopping, error) {
			return d.house.campaigns.Stopping(ctx, id)
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	stopped := time.Now()
	if err := pause(ctx, long); err != nil {
		return err
	}
	d.mu.Lock()
	d.resumed[id] = true
	d.mu.Unlock()
	d.note(deed{fault: "stop", door: -1, appeal: id, from: stopped, to: time.Now()})
	return d.insist(ctx, func(ctx context.Context) error {
		_, err := d.house.campaigns.Resume(ctx, audit.System(), id)
		return err
	})
}

func prepareLeave(d *drill, r *rand.Rand) func(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var going []int64
	for range min(1+r.IntN(10), len(d.goers)-1) {
		i := r.IntN(len(d.goers))
		going = append(going, d.goers[i])
		d.goers = slices.Delete(d.goers, i, i+1)
	}
	return func(ctx context.Context) error {
		for _, member := range going {
			from := time.Now()
			if err := d.insist(ctx, func(ctx context.Context) error {
				return d.house.members.Leave(ctx, audit.System(), member, members.ByPage)
			}); err != nil {
				return err
			}
			d.note(deed{fault: "leave", door: -1, member: member, from: from, to: time.Now()})
		}
		return nil
	}
}

func prepareChange(d *drill, r *rand.Rand) func(context.Context) error {
	n := r.IntN(len(d.ids))
	name, language := fmt.Sprintf("%s Other Example-%d", firstNames[r.IntN(len(firstNames))], n), languages[r.IntN(len(languages))]
	change := members.Change{Name: &name}
	if r.IntN(2) == 0 {
		change = members.Change{Language: &language}
	}
	return func(ctx context.Context) error {
		from := time.Now()
		err := d.insist(ctx, func(ctx context.Context) error {
			_, err := d.house.members.Update(ctx, audit.System(), d.ids[n], change)
			return err
		})
		d.note(deed{fault: "change", door: -1, member: d.ids[n], from: from, to: time.Now()})
		return err
	}
}

// preparePrune waits until no appeal is open that was resumed: its batches count as looked after for five minutes from then, whatever
// becomes of their jobs, and nobody wants to wait that long here.
func preparePrune(d *drill, _ *rand.Rand) func(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.stopping) > 0 || slices.ContainsFunc(d.live, func(id int64) bool { return d.resumed[id] }) {
		return nil
	}
	return func(ctx context.Context) error {
		from := time.Now()
		err := d.insist(ctx, func(ctx context.Context) error {
			_, err := d.house.pool.Exec(ctx, pruneSQL)
			return err
		})
		d.note(deed{fault: "prune", door: -1, from: from, to: time.Now()})
		return err
	}
}

// recovery is a kill, and the windows that were open then and are still.
type recovery struct {
	at   time.Time
	open []int64
}

// awaitRecovery has the time measured until no window is left that was open at a kill.
func (d *drill) awaitRecovery(ctx context.Context, at time.Time) {
	open, err := d.windows(ctx)
	if err != nil {
		return // the database is away: this one is not measured
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, recovery{at, open})
}

func (d *drill) windows(ctx context.Context) ([]int64, error) {
	rows, err := d.house.pool.Query(ctx, windowsSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// watchWindows measures until ctx ends.
func (d *drill) watchWindows(ctx context.Context) {
	for pause(ctx, 100*time.Millisecond) == nil {
		d.mu.Lock()
		none := len(d.waiting) == 0
		d.mu.Unlock()
		if none {
			continue
		}
		open, err := d.windows(ctx)
		if err != nil {
			continue
		}
		now := time.Now()
		d.mu.Lock()
		d.waiting = slices.DeleteFunc(d.waiting, func(w recovery) bool {
			over := !slices.ContainsFunc(w.open, func(id int64) bool { return slices.Contains(open, id) })
			if over {
				d.recover = append(d.recover, now.Sub(w.at))
			}
			return over
		})
		d.mu.Unlock()
	}
}

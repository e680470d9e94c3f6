package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/postgres"
)

// mostAtOnce is how many verdicts one write takes: it bounds what a kill can double.
const mostAtOnce = 64

// recorder writes verdicts down. It is the only one in the process, so that what is unwritten is bounded for all
// connections together. Safe for concurrent use.
type recorder struct {
	store *campaigns.Store
	waits []time.Duration
	meter *meters
	log   *slog.Logger

	in      chan verdict
	ending  chan struct{}   // closed when nothing more will be put
	ended   chan struct{}   // closed when all is written, or given up
	closing sync.WaitGroup  // windows being given back
	ctx     context.Context // ends when what is unwritten is given up
	giveUp  context.CancelFunc
}

type verdict struct {
	campaigns.Verdict
	window *openWindow
}

func startRecorder(store *campaigns.Store, waits []time.Duration, meter *meters, log *slog.Logger) *recorder {
	// The channel holds one write beyond the one under way: a connection that is ahead of the database waits here.
	r := &recorder{store: store, waits: waits, meter: meter, log: log, in: make(chan verdict, mostAtOnce), ending: make(chan struct{}), ended: make(chan struct{})}
	r.ctx, r.giveUp = context.WithCancel(context.Background())
	go r.run(r.ctx)
	return r
}

// put hands a verdict over. It blocks while the recorder is two writes behind. What comes after the end is dropped: the lease
// of its window runs out.
func (r *recorder) put(v verdict) {
	select {
	case r.in <- v:
	case <-r.ended:
		v.window.abandon()
	}
}

// unsent notes that one row of a window was not sent. Nothing is written of it by itself: when all the others are, the window is given back
// with it.
func (r *recorder) unsent(w *openWindow) {
	w.unsent.Store(true)
	w.settled(r.ctx, &r.closing)
}

// end writes what was put and returns, or gives up what is unwritten when ctx ends, and says so.
func (r *recorder) end(ctx context.Context) error {
	close(r.ending)
	select {
	case <-r.ended:
		return nil
	case <-ctx.Done():
		r.giveUp()
		<-r.ended
		return errors.New("some verdicts could not be written before the process ended; their rows become unknown")
	}
}

func (r *recorder) run(ctx context.Context) {
	defer close(r.ended)
	defer r.giveUp()
	defer r.closing.Wait()
	pending := make([]verdict, 0, mostAtOnce)
	for {
		pending = pending[:0]
		select {
		case v := <-r.in:
			pending = append(pending, v)
		case <-r.ending:
			select {
			case v := <-r.in: // put before the end
				pending = append(pending, v)
			default:
				return
			}
		}
		pending = r.gather(pending)
		began := time.Now()
		if err := r.write(ctx, pending); err != nil {
			pending = r.oneByOne(ctx, pending)
		}
		r.meter.wrote(began)
		for _, v := range pending {
			v.window.settled(ctx, &r.closing)
		}
	}
}

// gather takes what else is there, up to a write.
func (r *recorder) gather(pending []verdict) []verdict {
	for len(pending) < mostAtOnce {
		select {
		case v := <-r.in:
			pending = append(pending, v)
		default:
			return pending
		}
	}
	return pending
}

// write keeps at it until the database has taken the verdicts: what the relay accepted must not be forgotten because the
// database was away. If the process dies first, the leases run out and the rows become unknown. An error says that the
// database will never take them as they are, or that the process is ending.
func (r *recorder) write(ctx context.Context, pending []verdict) error {
	list := make([]campaigns.Verdict, len(pending))
	for i, v := range pending {
		list[i] = v.Verdict
	}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		attempt, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := r.store.Settle(attempt, list, r.waits)
		cancel()
		if err == nil || ctx.Err() != nil || postgres.IsRefusedData(err) {
			return err
		}
		r.log.Error("verdicts not written; trying again", "rows", len(list), "error", codeOf(err))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// oneByOne writes verdicts that were refused together each for itself, the refused ones once more without the relay's words.
// It returns those that are written; the others are left to their leases.
func (r *recorder) oneByOne(ctx context.Context, pending []verdict) []verdict {
	written := make([]verdict, 0, len(pending))
	for _, v := range pending {
		err := r.write(ctx, []verdict{v})
		if err != nil && ctx.Err() == nil {
			v.Reply = ""
			err = r.write(ctx, []verdict{v})
		}
		if err != nil {
			r.log.Error("a verdict could not be written; its row becomes unknown", "error", codeOf(err))
			v.window.abandon()
			continue
		}
		written = append(written, v)
	}
	return written
}

package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"holdfast/campaigns"
)

// mostAtOnce is how many verdicts one write takes: it bounds what a kill can double.
const mostAtOnce = 64

// recorder writes verdicts down. It is the only one in the process, so that what is unwritten is bounded for all
// connections together. Safe for concurrent use.
type recorder struct {
	store *campaigns.Store
	waits []time.Duration
	log   *slog.Logger

	in    chan verdict
	ended chan struct{}
}

type verdict struct {
	campaigns.Verdict
	window *openWindow
}

func startRecorder(store *campaigns.Store, waits []time.Duration, log *slog.Logger) *recorder {
	// The channel holds one write beyond the one under way: a connection that is ahead of the database waits here.
	r := &recorder{store: store, waits: waits, log: log, in: make(chan verdict, mostAtOnce), ended: make(chan struct{})}
	go r.run()
	return r
}

// put hands a verdict over. It blocks while the recorder is two writes behind.
func (r *recorder) put(v verdict) { r.in <- v }

// end writes what is left and returns. Nothing may be put after.
func (r *recorder) end() {
	close(r.in)
	<-r.ended
}

func (r *recorder) run() {
	defer close(r.ended)
	var closing sync.WaitGroup
	defer closing.Wait()
	pending := make([]verdict, 0, mostAtOnce)
	for first := range r.in {
		pending = append(pending[:0], first)
	gather:
		for len(pending) < mostAtOnce {
			select {
			case v, ok := <-r.in:
				if !ok {
					break gather
				}
				pending = append(pending, v)
			default:
				break gather
			}
		}
		r.write(pending)
		for _, v := range pending {
			v.window.settled(&closing)
		}
	}
}

// write keeps at it until the database has taken the verdicts: what the relay accepted must not be forgotten because the
// database was away. If the process dies first, the leases run out and the rows become unknown.
func (r *recorder) write(pending []verdict) {
	list := make([]campaigns.Verdict, len(pending))
	for i, v := range pending {
		list[i] = v.Verdict
	}
	wait := 50 * time.Millisecond
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		err := r.store.Settle(ctx, list, r.waits)
		cancel()
		if err == nil {
			return
		}
		r.log.Error("verdicts not written; trying again", "rows", len(list), "wait", wait, "error", codeOf(err))
		time.Sleep(wait)
		wait = min(2*wait, 5*time.Second)
	}
}

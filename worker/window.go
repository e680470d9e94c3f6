package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/postgres"
)

// openWindow is a claimed window on its way. It is given back when every row in it is settled and written.
type openWindow struct {
	campaigns.Window
	claimedAt int64 // on the process's monotonic clock, in nanoseconds since start
	unsettled atomic.Int64
	unsent    atomic.Bool  // some of it was not sent
	heldUntil atomic.Int64 // on the process's monotonic clock, in nanoseconds since start
	book      *windows
	turn      *sync.WaitGroup
}

// settled notes that one row needs nothing more; the last one gives the window back, aside, so that whoever tells goes on. ctx ends when nothing
// can be waited for any more.
func (w *openWindow) settled(ctx context.Context, closing *sync.WaitGroup) {
	if w.unsettled.Add(-1) == 0 {
		closing.Go(func() { w.book.giveBack(ctx, w) })
	}
}

// windowLife is how long after its claim a window may begin another mail. What was read at the claim (who has left, the
// deadline) is no older than this when a mail begins, however slow the relay is.
const windowLife = int64(time.Second)

// gate is asked of each mail twice, in order: before its envelope, and before its body. The first mail of a window is begun
// however long the claim took, or a slow database would let none go.
func (o *openWindow) gate(rows int) func(i int) bool {
	begun := make([]bool, rows)
	return func(i int) bool {
		if !o.book.may(o) {
			return false
		}
		if !begun[i] && i > 0 && o.book.now() > o.claimedAt+windowLife {
			return false
		}
		begun[i] = true
		return true
	}
}

// abandon leaves a window to its lease: nothing more is known of its rows here.
func (o *openWindow) abandon() {
	o.book.mu.Lock()
	delete(o.book.open, o.ID)
	o.book.mu.Unlock()
	o.heldUntil.Store(0)
	o.turn.Done()
}

// windows is the book of the process's open windows: it renews their leases and reads whether their appeals may go on.
// Safe for concurrent use.
type windows struct {
	store *campaigns.Store
	lease time.Duration
	began time.Time

	mu     sync.Mutex
	open   map[int64]*openWindow
	halted map[int64]bool // appeals that may not go on, as last read
	readAt atomic.Int64   // when that was read
	ending atomic.Bool    // the process is ending: nothing more is begun
}

// deafAfter is how old the last reading of the appeals may be: a worker that cannot read the flag does not send.
const deafAfter = 2 * time.Second

func newWindows(store *campaigns.Store, lease time.Duration) *windows {
	b := &windows{store: store, lease: lease, began: time.Now(), open: map[int64]*openWindow{}, halted: map[int64]bool{}}
	b.readAt.Store(b.now())
	return b
}

// now reads the monotonic clock, which goes on while the process is frozen.
func (b *windows) now() int64 { return int64(time.Since(b.began)) }

// add books a window that was claimed at claimed (a reading of now from before the claim was asked for).
func (b *windows) add(w campaigns.Window, rows int, claimed int64, turn *sync.WaitGroup) *openWindow {
	o := &openWindow{Window: w, claimedAt: claimed, book: b, turn: turn}
	o.unsettled.Store(int64(rows))
	o.heldUntil.Store(claimed + int64(b.lease))
	turn.Add(1)
	b.mu.Lock()
	b.open[w.ID] = o
	b.mu.Unlock()
	return o
}

// may reports whether another mail of the window may be begun.
func (b *windows) may(o *openWindow) bool {
	now := b.now()
	if b.ending.Load() || now > o.heldUntil.Load() || now > b.readAt.Load()+int64(deafAfter) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.halted[o.AppealID]
}

// halt begins no more mails of an appeal, until what the database says of it is read.
func (b *windows) halt(appealID int64) {
	b.mu.Lock()
	b.halted[appealID] = true
	b.mu.Unlock()
}

// giveBack keeps at it until the database has taken the window back: its lease is renewed meanwhile, or what was not sent of it would be taken
// for unknown.
func (b *windows) giveBack(ctx context.Context, o *openWindow) {
	defer o.turn.Done()
	give := b.store.CloseWindow
	if o.unsent.Load() {
		give = b.store.GiveBack
	}
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		attempt, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := give(attempt, o.Window)
		cancel()
		if err == nil || ctx.Err() != nil || postgres.IsRefusedData(err) {
			break
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	b.mu.Lock()
	delete(b.open, o.ID)
	b.mu.Unlock()
}

// keep renews the leases and reads the appeals until ctx ends.
func (b *windows) keep(ctx context.Context) {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	renewed := b.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		if b.now()-renewed > int64(b.lease)/4 {
			if began := b.now(); b.renew(ctx) {
				renewed = began // else again at the next look
			}
		}
		b.readHalts(ctx)
	}
}

func (b *windows) renew(ctx context.Context) (done bool) {
	ids, _ := b.list()
	if len(ids) == 0 {
		return true
	}
	asked := b.now()
	ctx, cancel := context.WithTimeout(ctx, b.lease/4)
	defer cancel()
	held, err := b.store.Renew(ctx, ids, b.lease)
	if err != nil {
		return false // the leases stand as they were; may says when they have run out
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	still := map[int64]bool{}
	for _, id := range held {
		still[id] = true
	}
	for _, id := range ids {
		o := b.open[id]
		switch {
		case o == nil:
		case still[id]:
			o.heldUntil.Store(asked + int64(b.lease))
		default:
			o.heldUntil.Store(0)
		}
	}
	return true
}

func (b *windows) readHalts(ctx context.Context) {
	_, appeals := b.list()
	asked := b.now()
	if len(appeals) > 0 {
		// No shorter, or where the database is half a second away each reading would be given up, with the connection
		// that had prepared it.
		ctx, cancel := context.WithTimeout(ctx, deafAfter)
		defer cancel()
		live, err := b.store.Live(ctx, appeals)
		if err != nil {
			return
		}
		b.mu.Lock()
		clear(b.halted)
		for _, id := range appeals {
			if !live[id] {
				b.halted[id] = true
			}
		}
		b.mu.Unlock()
	}
	b.readAt.Store(asked)
}

func (b *windows) list() (ids, appeals []int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[int64]bool{}
	for id, o := range b.open {
		ids = append(ids, id)
		if !seen[o.AppealID] {
			seen[o.AppealID] = true
			appeals = append(appeals, o.AppealID)
		}
	}
	return ids, appeals
}

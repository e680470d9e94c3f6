package web

import (
	"context"
	"sync"
	"time"

	"holdfast/accounts"
)

// What is done after the answer: how many such things at once, and how long each may take.
const (
	mostLater   = 32
	laterWithin = time.Minute
)

var errTooMuchLater error = &accounts.TryLater{Wait: 10 * time.Second, Text: "too much is waiting to be sent"}

// background is what is done after the answer. The zero value is ready.
type background struct {
	mu      sync.Mutex
	running int
	all     sync.WaitGroup
}

// later runs do after the answer, whether or not somebody waits for it. It returns TryLater where too much is under way.
func (s *Server) later(ctx context.Context, do func(context.Context)) error {
	b := &s.background
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running >= mostLater {
		return errTooMuchLater
	}
	b.running++
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), laterWithin)
	b.all.Go(func() {
		defer cancel()
		do(ctx)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.running--
	})
	return nil
}

// Finish waits until what is done after answers is done, a minute at most. Call it when no door is open any more.
func (s *Server) Finish() { s.background.all.Wait() }

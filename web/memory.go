package web

import (
	"context"
	"sync"
	"time"
)

// Freshness is how old a public page may be that is served from memory. A page takes well under half a second to make, so what everybody
// sees is gone or changed within a second after a stop, with nothing to be told of it.
const Freshness = 500 * time.Millisecond

// mostPages bounds the memory: beyond it the pages that are no longer fresh are dropped, and where none is, all of them.
const mostPages = 500

// memory keeps public pages for a moment, so that a crowd costs the database no more than one reader. However many ask at once, each page is
// made by one of them. It is in this process, and nothing has to be told to forget. Safe for concurrent use.
type memory struct {
	fresh time.Duration // 0: each page is made anew
	now   func() time.Time

	mu   sync.Mutex
	held map[string]*kept
}

// kept is a page that is there, or on its way.
type kept struct {
	made  chan struct{} // closed when page and err are set
	since time.Time     // when its making began: what it says may be as old as that
	page  []byte
	err   error
}

func newMemory(fresh time.Duration) *memory {
	return &memory{fresh: fresh, now: time.Now, held: map[string]*kept{}}
}

// page returns the page of this name, as it was made not longer ago than it may be, or as write makes it now. An error is not kept.
func (m *memory) page(ctx context.Context, name string, write func(context.Context) ([]byte, error)) ([]byte, error) {
	if m.fresh == 0 {
		return write(ctx)
	}
	m.mu.Lock()
	k := m.held[name]
	if k != nil && m.now().Sub(k.since) < m.fresh {
		m.mu.Unlock()
		select {
		case <-k.made:
			return k.page, k.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	k = &kept{made: make(chan struct{}), since: m.now()}
	if len(m.held) >= mostPages {
		m.makeRoom()
	}
	m.held[name] = k
	m.mu.Unlock()

	// Others wait for this page: it is made to its end, whether or not who asked first is still there.
	making, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	k.err = errPanic // unless write comes back
	defer func() {
		if k.err != nil {
			m.forget(name, k)
		}
		close(k.made)
	}()
	k.page, k.err = write(making)
	return k.page, k.err
}

// forget drops a page, unless another one has taken its place.
func (m *memory) forget(name string, k *kept) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held[name] == k {
		delete(m.held, name)
	}
}

// makeRoom drops what is no longer fresh. It is called with the lock held.
func (m *memory) makeRoom() {
	for name, k := range m.held {
		if m.now().Sub(k.since) >= m.fresh {
			delete(m.held, name)
		}
	}
	if len(m.held) >= mostPages {
		clear(m.held)
	}
}

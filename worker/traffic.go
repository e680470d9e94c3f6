package worker

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// errSlowed keeps a mail of a window from going to a provider that has just asked for less.
var errSlowed = errors.New("its provider is paused")

// traffic is what the process knows of the providers that mail goes to: who takes how much, and who asked for less. Where nothing is
// limited and nobody paused it costs a look at memory. Safe for concurrent use.
type traffic struct {
	store     *campaigns.Store
	limits    map[string]campaigns.Limit // by domain; never changed
	steps     []time.Duration
	book      *windows // for its clock
	log       *slog.Logger
	providers atomic.Pointer[providers] // as last read; nil where there is nothing to know

	// aside is what one goroutine writes to the database, so that no connection stands still for it.
	aside chan func(context.Context) error
}

// providers are those in a pause (until when, on the process's clock) and those whose pause is over, but not eased.
type providers struct {
	paused map[string]int64
	easing map[string]bool
}

func newTraffic(store *campaigns.Store, limits map[string]campaigns.Limit, steps []time.Duration, book *windows, log *slog.Logger) *traffic {
	return &traffic{store: store, limits: limits, steps: steps, book: book, log: log, aside: make(chan func(context.Context) error, 64)}
}

// provider is whose limit and whose pauses a domain shares.
func (t *traffic) provider(domain string) string {
	if limit, ok := t.limits[domain]; ok {
		return limit.Provider
	}
	return domain
}

// clear says how many rows of a batch, limit at most, a claim may take now, and puts off those that stand before them and may not go.
func (t *traffic) clear(ctx context.Context, b campaigns.Batch, lane mailer.Lane, limit int) (int, error) {
	known := t.providers.Load()
	paused := known != nil && len(known.paused) > 0
	if len(t.limits) == 0 && !paused {
		return limit, nil
	}
	return t.store.Pace(ctx, b, limit, campaigns.Pacing{Urgent: lane == mailer.Urgent, Limits: t.limits, Provider: t.provider, Paused: paused})
}

// slowed reports whether the recipient's provider is paused: asked of each mail when its turn in the window comes.
func (t *traffic) slowed(recipient string) bool {
	known := t.providers.Load()
	if known == nil || len(known.paused) == 0 {
		return false
	}
	return known.paused[t.provider(domainOf(recipient))] > t.book.now()
}

// heard takes in what a verdict says of the recipient's provider.
func (t *traffic) heard(recipient string, v mailer.Verdict) {
	if v.Outcome == mailer.Accepted {
		if known := t.providers.Load(); known != nil && len(known.easing) > 0 {
			if provider := t.provider(domainOf(recipient)); known.easing[provider] {
				t.change(func(p *providers) { delete(p.easing, provider) })
				t.later(func(ctx context.Context) error { return t.store.Ease(ctx, provider) })
			}
		}
		return
	}
	if !asksForLess(v) || t.slowed(recipient) {
		return
	}
	provider := t.provider(domainOf(recipient))
	t.change(func(p *providers) { p.paused[provider] = t.book.now() + int64(t.steps[0]) })
	enhanced := v.Enhanced
	if !strings.HasPrefix(enhanced, "4.") {
		enhanced = ""
	}
	t.later(func(ctx context.Context) error { return t.store.Slow(ctx, provider, v.Code, enhanced, t.steps) })
}

// change changes what this process knows at once; what the database says is read in a moment.
func (t *traffic) change(do func(*providers)) {
	for {
		old := t.providers.Load()
		next := &providers{paused: map[string]int64{}, easing: map[string]bool{}}
		if old != nil {
			maps.Copy(next.paused, old.paused)
			maps.Copy(next.easing, old.easing)
		}
		do(next)
		if t.providers.CompareAndSwap(old, next) {
			return
		}
	}
}

// asksForLess reports whether a reply is about how much we send to its provider, and not about one member, one mail or the relay
// itself (RFC 3463): 421 at a recipient, too many recipients, policy of a passing kind. Greylisting, which is 450 or 451 and 4.7.1 by
// custom, wants that one member's mail again, later.
func asksForLess(v mailer.Verdict) bool {
	if v.Outcome != mailer.Later || v.Step != mailer.AtRcpt && v.Step != mailer.AtData && v.Step != mailer.AtDot {
		return false
	}
	policy := strings.HasPrefix(v.Enhanced, "4.7.")
	switch v.Code {
	case 421:
		return policy || v.Enhanced == ""
	case 450, 451:
		return policy && v.Enhanced != "4.7.1" || v.Enhanced == "4.5.3"
	case 452:
		return policy || v.Enhanced == "4.5.3" || v.Enhanced == ""
	}
	return v.Code/100 == 4 && policy
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// later has do done aside. Where too much waits already it is dropped: the next verdict of the kind brings it again.
func (t *traffic) later(do func(context.Context) error) {
	select {
	case t.aside <- do:
	default:
	}
}

// keep writes what was put aside and reads who is paused, several times a second, until ctx ends.
func (t *traffic) keep(ctx context.Context) {
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case do := <-t.aside:
			err = do(ctx)
			if err == nil {
				err = t.read(ctx)
			}
		case <-look.C:
			err = t.read(ctx)
		}
		if err != nil && ctx.Err() == nil {
			t.log.Warn("how providers stand could not be read or written", "error", codeOf(err))
		}
	}
}

func (t *traffic) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	asked, old := t.book.now(), t.providers.Load()
	list, err := t.store.Paused(ctx)
	if err != nil {
		return err
	}
	var next *providers
	if len(list) > 0 {
		next = &providers{paused: map[string]int64{}, easing: map[string]bool{}}
	}
	for _, p := range list {
		if p.Left > 0 {
			next.paused[p.Provider] = asked + int64(p.Left)
		} else {
			next.easing[p.Provider] = true
		}
	}
	t.providers.CompareAndSwap(old, next) // unless somebody was paused meanwhile: then at the next look
	return nil
}

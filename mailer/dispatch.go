package mailer

import (
	"slices"
	"time"
)

// keptCapacity is the largest buffer that a connection keeps from one use to the next.
const keptCapacity = 1 << 20

// relay is the pool's side of a relay. Pool.mu guards it.
type relay struct {
	Relay
	idle     []*Conn // the last one used is the next one used, so that the others grow old and go
	lent     [2]int  // by lane
	dialing  int
	quitting int  // said goodbye to, and still open for a moment
	proven   bool // the last dial succeeded: more than one at a time is allowed
	failures int  // since a message went through
	stopped  bool // it refuses our password: nothing is sent until the pause is over
	retryAt  time.Time
	cause    *RelayError
	wake     *time.Timer // at retryAt
	messages int64

	// pass says who is next when several relays could serve: each use moves it on by messages/weight (stride
	// scheduling), so that shares follow the weights and not the number of connections or their speed.
	pass float64
	last float64 // messages of the last loan, the guess for the next
}

func (r *relay) open() int {
	return len(r.idle) + r.lent[Bulk] + r.lent[Urgent] + r.dialing + r.quitting
}

// bulkLimit is how many connections Bulk may have at once.
func (r *relay) bulkLimit() int {
	if r.Conns == 1 {
		return 1
	}
	return r.Conns - max(1, r.Conns/4)
}

func (r *relay) pausing(now time.Time) bool { return now.Before(r.retryAt) }

// serves reports whether somebody in a lane may have one more connection.
func (r *relay) serves(lane Lane, now time.Time) bool {
	return !(r.stopped && r.pausing(now)) && (lane == Urgent || r.lent[Bulk] < r.bulkLimit())
}

// down reports whether waiting for this relay is in vain.
func (r *relay) down(now time.Time) bool { return r.pausing(now) && (r.stopped || r.open() == 0) }

func (r *relay) mayDial(now time.Time) bool {
	return !r.pausing(now) && r.open() < r.Conns && (r.proven || r.dialing == 0)
}

// serve gives idle connections to those who wait, begins dialling for the rest, and tells them when there is no hope.
// Pool.mu is held.
func (p *Pool) serve() {
	if p.closed {
		return
	}
	now := time.Now()
	for _, lane := range [...]Lane{Urgent, Bulk} {
		for len(p.waiting[lane]) > 0 {
			r := p.choose(lane, now)
			if r == nil {
				break
			}
			w := p.waiting[lane][0]
			p.waiting[lane] = p.waiting[lane][1:]
			w.answer <- taken{conn: p.lend(r, lane)}
		}
	}
	hope := false
	for _, r := range p.relays {
		wanted := len(p.waiting[Urgent])
		if room := r.bulkLimit() - r.lent[Bulk]; room > 0 {
			wanted += min(room, len(p.waiting[Bulk]))
		}
		// Each relay dials for all who wait: the first connection ready serves the first of them.
		for r.dialing < wanted && r.mayDial(now) {
			r.dialing++
			p.running.Go(func() { p.connect(r) })
		}
		hope = hope || !r.down(now)
	}
	if !hope {
		p.dismiss(p.downError(now))
	}
}

// choose returns the relay with an idle connection for lane whose turn it is, or nil.
func (p *Pool) choose(lane Lane, now time.Time) *relay {
	var best *relay
	for _, r := range p.relays {
		if len(r.idle) > 0 && r.serves(lane, now) && (best == nil || r.pass < best.pass) {
			best = r
		}
	}
	return best
}

// lend takes an idle connection of r out.
func (p *Pool) lend(r *relay, lane Lane) *Conn {
	c := r.idle[len(r.idle)-1]
	r.idle = r.idle[:len(r.idle)-1]
	c.expiry.Stop()
	c.rested = time.Since(c.idleSince) > time.Second
	c.lane, c.before, c.expected = lane, c.messages, max(r.last, 1)
	r.lent[lane]++
	p.clock = r.pass
	r.pass += c.expected / float64(r.Weight)
	return c
}

// returned books what a loan has really used.
func (r *relay) returned(c *Conn) {
	used := float64(c.messages - c.before)
	r.lent[c.lane]--
	r.messages += int64(used)
	r.pass += (used - c.expected) / float64(r.Weight)
	r.last = used
}

// rest puts a connection among the idle ones, and closes it when it has been there too long.
func (p *Pool) rest(c *Conn, now time.Time) {
	r := c.relay
	if max(cap(c.body), cap(c.next)) > keptCapacity {
		c.body, c.next = nil, nil
	}
	c.idleSince = now
	r.idle = append(r.idle, c)
	c.expiry = time.AfterFunc(p.options.Idle, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if i := slices.Index(r.idle, c); i >= 0 && c.idleSince == now {
			r.idle = slices.Delete(r.idle, i, i+1)
			p.discard(c)
		}
	})
}

// discard forgets a connection. To one that lives it says goodbye, on a goroutine of its own.
func (p *Pool) discard(c *Conn) {
	if p.closed || c.broken != nil {
		delete(p.live, c)
		c.raw.Close()
		return
	}
	c.relay.quitting++
	p.running.Go(func() {
		c.quit()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.live, c)
		c.relay.quitting--
		p.serve()
	})
}

// connect dials r, on a goroutine of its own.
func (p *Pool) connect(r *relay) {
	c, err := p.dial(p.dialing, r)
	p.mu.Lock()
	defer p.mu.Unlock()
	r.dialing--
	switch {
	case p.closed:
		if c != nil {
			c.raw.Close()
		}
		return
	case err != nil:
		p.fail(r, err)
	default:
		if r.open() == 0 { // it was away: what the others sent meanwhile is not owed to it
			r.pass = max(r.pass, p.clock)
		}
		r.proven, r.stopped = true, false
		p.live[c] = struct{}{}
		p.rest(c, time.Now())
	}
	p.serve()
}

// fail begins a pause for r. Failures that were under way when it began do not make it longer.
func (p *Pool) fail(r *relay, cause *RelayError) {
	now := time.Now()
	r.cause, r.proven = cause, false
	if r.pausing(now) && !cause.refusesUs() {
		return
	}
	pause := p.options.Backoff << min(r.failures, 16)
	pause = min(pause, p.options.MaxBackoff)
	if cause.refusesUs() {
		pause = p.options.AuthBackoff
		r.stopped = true
		for _, c := range r.idle {
			c.expiry.Stop()
			p.discard(c)
		}
		r.idle = nil
	}
	r.failures++
	r.retryAt = now.Add(pause)
	if r.wake != nil {
		r.wake.Stop()
	}
	r.wake = time.AfterFunc(pause, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.serve()
	})
}

// dismiss tells all who wait that they wait in vain.
func (p *Pool) dismiss(err error) {
	for lane, line := range p.waiting {
		for _, w := range line {
			w.answer <- taken{err: err}
		}
		p.waiting[lane] = nil
	}
}

func (p *Pool) downError(now time.Time) *DownError {
	e := &DownError{}
	for i, r := range p.relays {
		if after := r.retryAt.Sub(now); i == 0 || after < e.After {
			e.After = after
		}
		e.Causes = append(e.Causes, r.cause)
	}
	return e
}

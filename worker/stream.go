package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"holdfast/campaigns"
	"holdfast/mailer"
)

// longestStream is how many rows one stream claims, more or less: what is kept of each until its end is a kilobyte.
const longestStream = 200

// stream sends one window after another over one connection without a silence in between: while one is being sent the next is claimed, so
// that a distant relay has the next envelope before it has answered for the last body. It belongs to the goroutine of its job.
type stream struct {
	d     *deliverBatch
	ctx   context.Context
	batch campaigns.Batch
	conn  *mailer.Conn
	lane  mailer.Lane
	until time.Time
	limit int // rows of the next window
	turn  *sync.WaitGroup

	parts   []part
	total   int       // rows of all parts
	ahead   chan part // the claim that is under way; nil where none is
	live    bool      // as of the last claim
	drained bool      // nothing is due in the batch any more
	starved bool      // the relay's budget had nothing for a while
	failed  error     // of a claim
}

// part is one window of a stream.
type part struct {
	first int // the number of its first row in the stream
	rows  []campaigns.Claimed
	mails []written // of the same rows
	open  *openWindow
	gate  func(i int) bool
	began time.Time // when its first mail was begun

	live    bool
	starved bool
	err     error
}

// send sends until nothing is due, the turn is over, the stream is long enough or the connection ends. It returns when each claimed row has its
// verdict; the recorder may still be writing. The error is that of a claim.
func (s *stream) send() error {
	envelopes := s.more(true)
	if len(envelopes) == 0 {
		return s.failed
	}
	err := s.conn.Send(s.ctx, mailer.Window{Envelopes: envelopes, More: s.more, Gate: s.gate, Done: s.done})
	if err != nil {
		s.d.log.Warn("a connection ended", "appeal", s.batch.AppealID, "error", codeOf(err))
	}
	if s.ahead != nil {
		s.giveBack(<-s.ahead)
	}
	return s.failed
}

// more hands over the next window.
func (s *stream) more(wait bool) []mailer.Envelope {
	if s.ahead == nil && wait {
		s.claimAhead()
	}
	if s.ahead == nil {
		return nil
	}
	var next part
	if wait {
		next = <-s.ahead
	} else {
		select {
		case next = <-s.ahead:
		default:
			return nil
		}
	}
	s.ahead = nil
	s.live, s.failed, s.starved = next.live, next.err, next.starved
	s.drained = next.live && next.err == nil && !next.starved && len(next.rows) == 0
	if len(next.rows) == 0 {
		return nil
	}
	next.first, s.total = s.total, s.total+len(next.rows)
	next.gate = next.open.gate(len(next.rows))
	s.parts = append(s.parts, next)
	envelopes := make([]mailer.Envelope, len(next.rows))
	for i := range next.mails {
		envelopes[i] = s.d.envelope(&next.mails[i])
	}
	return envelopes
}

// claimAhead begins to claim the next window, unless the stream is to end.
func (s *stream) claimAhead() {
	if !s.live || s.drained || s.starved || s.failed != nil || s.total >= longestStream || !time.Now().Before(s.until) || s.d.windows.ending.Load() {
		return
	}
	answer := make(chan part, 1)
	s.ahead = answer
	limit := s.limit
	go func() { answer <- s.claim(limit) }()
}

// claim claims a window of up to limit rows and writes its mails. It runs beside the sending.
func (s *stream) claim(limit int) (p part) {
	p.live = true
	grant, err := s.d.budgets.take(s.ctx, s.conn, s.lane, limit, s.until)
	if err != nil || grant == 0 {
		p.err, p.starved = err, true
		return p
	}
	defer func() {
		p.err = errors.Join(p.err, s.d.budgets.giveBack(s.ctx, s.conn, s.lane, grant-len(p.rows)))
	}()
	editions, err := s.d.press.of(s.ctx, s.batch.AppealID)
	if err == nil {
		limit, err = s.d.traffic.clear(s.ctx, s.batch, s.lane, grant)
	}
	if err != nil {
		p.err = err
		return p
	}
	claimed := s.d.windows.now()
	var w campaigns.Window
	w, p.rows, p.live, p.err = s.d.store.Claim(s.ctx, s.batch, limit, s.d.pace.Lease, func(rows []campaigns.Claimed) ([]campaigns.Prepared, error) {
		var prepared []campaigns.Prepared
		var err error
		p.mails, prepared, err = s.d.prepare(editions, s.batch.AppealID, rows)
		return prepared, err
	})
	if p.err != nil || len(p.rows) == 0 {
		p.rows = nil
		return p
	}
	// Written, but held by the claim, is not sent.
	mails := p.mails[:0]
	for i := range p.mails {
		if len(mails) < len(p.rows) && p.mails[i].member == p.rows[len(mails)].MemberID {
			mails = append(mails, p.mails[i])
		}
	}
	p.mails = mails
	p.open = s.d.windows.add(w, len(p.rows), claimed, s.turn)
	return p
}

// at is the window that row i of the stream belongs to.
func (s *stream) at(i int) *part {
	for n := len(s.parts) - 1; ; n-- {
		if p := &s.parts[n]; i >= p.first {
			return p
		}
	}
}

// gate says whether mail i may be begun. When the last window is more than half on its way the next one is claimed, as many rows as take
// windowTime at the speed of this one.
func (s *stream) gate(i int) bool {
	p := s.at(i)
	at := i - p.first
	if !p.gate(at) {
		return false
	}
	if p.began.IsZero() {
		p.began = time.Now()
	}
	if s.ahead == nil && p == &s.parts[len(s.parts)-1] && at >= len(p.rows)*6/10 {
		if at > 0 {
			s.limit = nextLimit(at, time.Since(p.began))
		} else if n := len(s.parts); n > 1 { // a window of one: the one before it tells
			s.limit = nextLimit(len(s.parts[n-2].rows), p.began.Sub(s.parts[n-2].began))
		}
		s.claimAhead()
	}
	return true
}

// done passes the verdict on row i to the recorder.
func (s *stream) done(i int, v mailer.Verdict) {
	p := s.at(i)
	address := p.mails[i-p.first].address
	if v = s.d.heard(s.batch.AppealID, address, v); v.Outcome == mailer.Unsent {
		s.d.record.unsent(p.open)
		return
	}
	s.d.record.put(verdict{settledAs(v, p.open.Window, p.rows[i-p.first].MemberID, address), p.open})
}

// giveBack returns a window that was claimed when the connection had ended: nothing of it was sent.
func (s *stream) giveBack(p part) {
	s.live = p.live
	for range p.rows {
		s.d.record.unsent(p.open)
	}
}

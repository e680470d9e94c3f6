package campaigns

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// Capacity is what the relays are set to take, as far as this process knows.
type Capacity struct {
	PerSecond   float64 // mails a second, by all relays together; 0 where one of them has no limit
	Connections int     // of one process; 0 where that is not known
}

// What a forecast's rate rests on.
const (
	BasisMeasured = "measured" // what the last appeals did
	BasisLimit    = "limit"    // what the relays are set to, which is less than the last appeals did
	BasisAssumed  = "assumed"  // nothing has been measured yet: a rate that an ordinary relay surpasses
)

// The rate that is assumed before anything was measured: one mail a second on each connection, and no more than five in all.
const (
	assumedPerConnection = 1.0
	assumedAtMost        = 5.0
)

// YesTooLate is the second yes of who launches an appeal that will not reach its last member in time.
const YesTooLate = "too_late"

// Forecast is when the last member of a draft would be reached if it were launched now.
type Forecast struct {
	Members   int64     `json:"members"`    // who would get it
	Ahead     int64     `json:"ahead"`      // mails of other appeals that are waiting and do not stand back for this one
	PerMinute int64     `json:"per_minute"` // mails accepted, as it is reckoned
	Basis     string    `json:"basis"`
	Measured  int       `json:"measured_appeals"` // how many were measured
	LastAt    time.Time `json:"last_at"`          // when the last member would be reached
	EndsAt    time.Time `json:"ends_at"`          // after which nothing is tried any more: the deadline, where it asks for letters
	TooLate   bool      `json:"too_late"`
}

// measure is how one appeal was accepted while it was being sent.
type measure struct {
	Mails   int64
	Seconds float64
}

// outlook is what a forecast is made from.
type outlook struct {
	now       time.Time
	endsAt    time.Time
	perSecond float64
	basis     string
	measured  int
}

// rate is what can be reckoned with: what was measured, and never more than the relays are set to.
func (c Capacity) rate(measured []measure) (perSecond float64, basis string) {
	var mails, seconds float64
	for _, m := range measured {
		mails, seconds = mails+float64(m.Mails), seconds+m.Seconds
	}
	basis, perSecond = BasisAssumed, assumedAtMost
	switch {
	case mails > 0:
		basis, perSecond = BasisMeasured, mails/max(seconds, 1)
	case c.Connections > 0:
		perSecond = min(perSecond, assumedPerConnection*float64(c.Connections))
	}
	if c.PerSecond > 0 && c.PerSecond < perSecond {
		perSecond = c.PerSecond
		if basis == BasisMeasured {
			basis = BasisLimit
		}
	}
	return perSecond, basis
}

// carries reports whether that many mails leave before the end.
func (o outlook) carries(mails int64) bool {
	return float64(mails) <= o.perSecond*o.endsAt.Sub(o.now).Seconds()
}

// mostForecast keeps a forecast within what a time can hold and a page can say.
const mostForecast = 10 * 365 * 24 * time.Hour

func (o outlook) forecast(members, ahead int64) Forecast {
	takes := mostForecast
	if seconds := float64(members+ahead) / o.perSecond; seconds < mostForecast.Seconds() {
		takes = time.Duration(seconds * float64(time.Second))
	}
	return Forecast{Members: members, Ahead: ahead, PerMinute: max(1, int64(math.Round(o.perSecond*60))), Basis: o.basis, Measured: o.measured,
		LastAt: o.now.Add(takes), EndsAt: o.endsAt, TooLate: members > 0 && !o.carries(members+ahead)}
}

func (s *Store) outlook(ctx context.Context, tx pgx.Tx, c Campaign, sheet Sheet) (outlook, error) {
	measured, err := measures(ctx, tx)
	if err != nil {
		return outlook{}, err
	}
	o := outlook{now: sheet.Now, endsAt: sheet.Now.Add(TriedFor), measured: len(measured)}
	o.perSecond, o.basis = s.Capacity.rate(measured)
	if sheet.Asking {
		o.endsAt = c.DeadlineAt
	}
	return o, nil
}

// Forecast says when the last member of a draft would be reached if it were launched now. Errors: NotFound; Conflict once it is
// launched: then its progress says it.
func (s *Store) Forecast(ctx context.Context, appealID int64) (Forecast, error) {
	var f Forecast
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, appealSQL, appealID)
		a, err := one[Appeal](rows, err, "appeal", appealID)
		if err != nil {
			return err
		}
		if a.State != AppealDraft {
			return failure.Clash("appeal %d is launched; how it goes on stands with its receipt", appealID)
		}
		rows, err = tx.Query(ctx, campaignSQL, a.CampaignID)
		c, err := one[Campaign](rows, err, "campaign", a.CampaignID)
		if err != nil {
			return err
		}
		sheet, err := sheetOf(ctx, tx, c, &a)
		if err != nil {
			return err
		}
		o, err := s.outlook(ctx, tx, c, sheet)
		if err != nil {
			return err
		}
		f, err = forecast(ctx, tx, a, c, o)
		return err
	})
	return f, err
}

func forecast(ctx context.Context, tx pgx.Tx, a Appeal, c Campaign, o outlook) (Forecast, error) {
	list, err := countReach(ctx, tx, a)
	if err != nil {
		return Forecast{}, err
	}
	var members int64
	for _, l := range list {
		members += l.Members
	}
	ahead, err := countAhead(ctx, tx, a.ID, c.Urgent)
	return o.forecast(members, ahead), err
}

// inTime refuses a launch that will not reach its last member in time, unless that yes was said; then it is put on record. A million
// members are only counted where it could be too late for all there are.
func (s *Store) inTime(ctx context.Context, tx pgx.Tx, by audit.Actor, a Appeal, c Campaign, sheet Sheet, yes []string) error {
	o, err := s.outlook(ctx, tx, c, sheet)
	if err != nil {
		return err
	}
	most, err := mostAhead(ctx, tx, a.ID, c.Urgent)
	if err != nil || o.carries(most) {
		return err
	}
	f, err := forecast(ctx, tx, a, c, o)
	if err != nil || !f.TooLate {
		return err
	}
	if !slices.Contains(yes, YesTooLate) {
		return f.refusal()
	}
	return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.launch_too_late", Subject: "appeal", SubjectID: a.ID, After: f})
}

func (f Forecast) refusal() error {
	const form = "2006-01-02 15:04 UTC"
	return &failure.Error{Kind: failure.Conflict,
		Text: fmt.Sprintf("the last of %d members would be reached about %s, and nothing is sent after %s; nothing has left", f.Members,
			f.LastAt.UTC().Format(form), f.EndsAt.UTC().Format(form)),
		Fields: []failure.Field{{Name: "yes", Reason: fmt.Sprintf("must name %q to launch all the same", YesTooLate)}}}
}

// Progress is how an appeal leaves at this moment.
type Progress struct {
	PerMinute int64      `json:"per_minute"` // mails accepted within the last minute
	LastAt    *time.Time `json:"last_at"`    // when the last one will be accepted if it goes on like this; null where nothing was accepted lately
	EndsAt    time.Time  `json:"ends_at"`    // after which nothing is tried any more
	TooLate   bool       `json:"too_late"`   // it will not reach everybody in time, if it goes on like this
}

// Progress is worked out from a receipt of the same moment. ok is false unless the appeal is issuing.
func (r Receipt) Progress(a Appeal, c Campaign, now time.Time) (p Progress, ok bool) {
	if a.State != AppealIssuing {
		return Progress{}, false
	}
	p.EndsAt = a.EndsAt(c)
	if since := now.Sub(*a.LaunchedAt); since > 0 {
		p.PerMinute = int64(float64(r.Lately) * float64(time.Minute) / float64(min(since, time.Minute)))
	}
	if p.PerMinute > 0 {
		waiting := r.Queued
		if r.Eligible != nil {
			waiting = max(waiting, *r.Eligible-r.Settled()) // the ledger may still be filled
		}
		last := now.Add(time.Duration(min(float64(waiting)/float64(p.PerMinute)*float64(time.Minute), float64(mostForecast))))
		p.LastAt = &last
		p.TooLate = waiting > 0 && last.After(p.EndsAt)
	}
	return p, true
}

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"holdfast/campaigns"
	"holdfast/mailer"
	"holdfast/members"
)

// A window is what one connection sends in windowTime, not a number of rows: so a stop finds little in flight on a slow
// relay, and claims are few on a fast one.
const (
	windowTime  = 250 * time.Millisecond
	firstWindow = 20
	largest     = 200
)

// deliverBatch keeps the promise of campaigns.DeliverBatch.
type deliverBatch struct {
	river.WorkerDefaults[campaigns.DeliverBatch]
	store   *campaigns.Store
	members *members.Store
	press   *press
	relays  *mailer.Pool
	windows *windows
	record  *recorder
	budgets *budgets
	traffic *traffic
	watch   *watch
	reports *reporter
	meters  *meters
	pace    Pace
	speed   *atomic.Int64 // how many rows one connection sends in windowTime, as seen last; 0 before anything was sent
	log     *slog.Logger
}

// Timeout is far beyond a turn: a mail whose dot is written waits for its answer for up to ten minutes (RFC 5321 4.5.3.2.6).
func (d *deliverBatch) Timeout(*river.Job[campaigns.DeliverBatch]) time.Duration {
	return d.pace.Turn + 12*time.Minute
}

// NextRetry is soon: what failed is the database or the network, and the ledger says what is left.
func (d *deliverBatch) NextRetry(*river.Job[campaigns.DeliverBatch]) time.Time {
	return time.Now().Add(5 * time.Second)
}

// Work sends what is due in the batch for one turn, then snoozes until more is due.
func (d *deliverBatch) Work(ctx context.Context, job *river.Job[campaigns.DeliverBatch]) error {
	b := campaigns.Batch(job.Args)
	if d.windows.ending.Load() {
		return river.JobSnooze(0)
	}
	if mine, err := d.store.BeginTurn(ctx, b, d.pace.Turn+d.pace.Cover); err != nil || !mine {
		return err // closed, or another job has it since
	}
	lane := mailer.Bulk
	if job.Queue == campaigns.QueueUrgent {
		lane = mailer.Urgent
	}
	for until := time.Now().Add(d.pace.Turn); ; {
		var turn sync.WaitGroup
		live, err := d.turn(ctx, b, lane, until, &turn)
		turn.Wait() // until every verdict of this turn is written
		if over, err := d.broken(ctx, b, live, err); over || err != nil {
			return err
		}
		state, err := d.store.EndTurn(ctx, b, d.pace.Cover)
		if err != nil || !state.Open {
			return err
		}
		if !d.linger(ctx, state.Wait, until) {
			return river.JobSnooze(state.Wait)
		}
	}
}

// broken says what becomes of a turn that ended before its time; over, that nothing else is to be done for now.
func (d *deliverBatch) broken(ctx context.Context, b campaigns.Batch, live bool, err error) (over bool, _ error) {
	var down *mailer.DownError
	switch {
	case errors.As(err, &down):
		// The relay's fault is nobody's attempt: the rows wait as they are, until the deadline.
		late, err := d.store.SkipLate(ctx, b)
		if err != nil || late {
			return false, err
		}
		return true, d.rest(ctx, b, max(down.After, time.Second))
	case errors.Is(err, errUnwritable):
		d.log.Error("an appeal is held: its mails cannot be written", "appeal", b.AppealID)
		return true, d.store.Hold(ctx, b.AppealID, campaigns.HeldUnwritable)
	case errors.Is(err, mailer.ErrClosed):
		return true, river.JobSnooze(0)
	case err == nil && !live:
		d.watch.forget(b.AppealID)
		return true, nil // stopped or complete; who resumes it promises the batch again
	}
	return false, err
}

// rest notes that somebody will come back to the batch, and when.
func (d *deliverBatch) rest(ctx context.Context, b campaigns.Batch, wait time.Duration) error {
	if mine, err := d.store.BeginTurn(ctx, b, wait+d.pace.Cover); err != nil || !mine {
		return err
	}
	return river.JobSnooze(wait)
}

// turn sends windows over one connection after another until the time is up or nothing is due.
func (d *deliverBatch) turn(ctx context.Context, b campaigns.Batch, lane mailer.Lane, until time.Time, turn *sync.WaitGroup) (live bool, err error) {
	limit := max(firstWindow, int(d.speed.Load()))
	for time.Now().Before(until) && !d.windows.ending.Load() {
		more, live, err := d.onOneConnection(ctx, b, lane, until, &limit, turn)
		if err != nil || !live || !more {
			return live, err
		}
	}
	return true, nil
}

// onOneConnection sends windows over one connection as long as it lives. more is false where nothing is due.
func (d *deliverBatch) onOneConnection(ctx context.Context, b campaigns.Batch, lane mailer.Lane, until time.Time, limit *int, turn *sync.WaitGroup) (more, live bool, err error) {
	conn, err := d.relays.Take(ctx, lane)
	if err != nil {
		return false, true, err
	}
	defer d.relays.Put(conn)
	for conn.Alive() && time.Now().Before(until) && !d.windows.ending.Load() {
		st := &stream{d: d, ctx: ctx, batch: b, conn: conn, lane: lane, until: until, limit: *limit, turn: turn, live: true}
		err := st.send()
		*limit = st.limit
		d.speed.Store(int64(st.limit))
		switch {
		case err != nil, !st.live, st.drained:
			return false, st.live, err
		case st.starved:
			return d.starved(ctx, b)
		}
	}
	return true, true, nil
}

// nextLimit is how many rows would have taken windowTime.
func nextLimit(sent int, took time.Duration) int {
	n := int(float64(sent) * float64(windowTime) / float64(max(took, time.Millisecond)))
	return min(max(n, 1), largest)
}

// written is one row's mail, as far as it is made before it is sent: what it has of its own, in the order of the rows.
type written struct {
	member  int64
	edition *edition
	sender  string
	address string
	utf8    bool
	own     mailer.Own
}

// envelope is the mail as the connection takes it.
func (d *deliverBatch) envelope(w *written) mailer.Envelope {
	return mailer.Envelope{Sender: w.sender, Recipient: w.address, UTF8: w.utf8, SameAs: w.own.Hash, NoDots: w.edition.composed.NoDots(),
		Message: func(dst []byte) ([]byte, mailer.Hash, error) { return d.join(dst, w) }}
}

// ownBytes is about what a mail has of its own: header fields, a name, three links twice.
const ownBytes = 1400

// prepare writes what each row's mail has of its own, to know its hash before anything of it is sent; what all have in common comes
// in at sending. A member whose mail cannot be written fails alone; if many cannot, or something of ours (a key that does
// not open, a language that was not frozen) fails before any was written, that is our fault and nobody's delivery: nothing is claimed,
// and the error is errUnwritable.
func (d *deliverBatch) prepare(editions map[string]*edition, appealID int64, rows []campaigns.Claimed) (mails []written, prepared []campaigns.Prepared, err error) {
	mails = make([]written, 0, len(rows))
	prepared = make([]campaigns.Prepared, len(rows))
	buffer := make([]byte, 0, len(rows)*ownBytes)
	theirs, ours := 0, 0
	for i, row := range rows {
		var mail written
		mail, buffer, err = d.write(editions[row.Language], appealID, row, buffer)
		switch {
		case err == nil:
			prepared[i].Hash = mail.own.Hash[:]
			mails = append(mails, mail)
			continue
		case errors.Is(err, mailer.ErrAddress):
			theirs++
		default:
			d.log.Error("a mail cannot be written", "appeal", appealID, "member", row.MemberID, "error", codeOf(err))
			ours++
		}
		prepared[i].Unwritable = true
	}
	if d.watch.wrote(appealID, len(mails), theirs, ours) {
		return nil, nil, errUnwritable
	}
	return mails, prepared, nil
}

// write writes what one row's mail has of its own behind buffer. A panic is an error of that row alone.
func (d *deliverBatch) write(e *edition, appealID int64, row campaigns.Claimed, buffer []byte) (mail written, grown []byte, err error) {
	grown = buffer
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("writing a mail of appeal %d: panic %T", appealID, value)
		}
	}()
	contact, err := d.members.Open(row.MemberID, row.AddressSealed, row.NameSealed)
	if err == nil && e == nil {
		err = errors.New("an edition is missing")
	}
	var to addressed
	if err == nil {
		to, err = d.press.address(e, appealID, row.MemberID, contact)
	}
	if err != nil {
		return written{}, grown, err
	}
	mail = written{member: row.MemberID, edition: e, sender: to.sender, address: to.copy.Address, utf8: to.utf8}
	grown, mail.own, err = e.composed.Encode(buffer, to.copy)
	return mail, grown, err
}

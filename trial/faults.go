package trial

import (
	"context"
	"math/rand/v2"
	"time"

	"holdfast/internal/smtpsink"
)

// Fault is something that befalls the fan-out.
type Fault struct {
	Name   string
	Proves string // the numbers of the faults and promises that it stands for
	What   string // a sentence without a full stop

	perKill float64 // how often it comes for each kill
	// prepare draws everything that is left to chance and returns what is to be done, nil where that is not possible now.
	prepare func(d *drill, r *rand.Rand) func(context.Context) error
}

// Faults are all faults of a drill.
func Faults() []Fault {
	return []Fault{
		{"kill", "F1", "SIGKILL to a worker, another begins at once", 1, prepareKill},
		{"term", "F4", "SIGTERM to one worker after the other, each followed by another", 0.025, prepareTerm},
		{"freeze", "F3", "SIGSTOP to a worker until its leases have run out, then SIGCONT", 0.05, prepareFreeze},
		{"database", "F6 F7", "the database server ends without a word and is away for up to three seconds", 0.02, prepareDatabase},
		{"relay-cut-after-dot", "M6 M7", "the relay takes a mail and cuts the connection before it says so", 0.1, orders("relay-cut-after-dot",
			func(*rand.Rand) order { return order{Step: smtpsink.Kept, Cut: true} })},
		{"relay-451", "M4 M10 M11", "the relay says 451 to a recipient, or after the dot, and takes it the next time", 0.05, orders("relay-451",
			func(r *rand.Rand) order {
				return order{Step: either(r, smtpsink.Rcpt, smtpsink.Dot), Reply: "451 4.7.1 come back in a while"}
			})},
		{"relay-421", "M5 M14", "the relay says 421 to MAIL, to RCPT or after the dot, and closes", 0.05, orders("relay-421",
			func(r *rand.Rand) order {
				return order{Step: either(r, smtpsink.Mail, smtpsink.Rcpt, smtpsink.Dot), Reply: "421 4.3.2 closing down", Cut: true}
			})},
		{"relay-refuse-550", "M12", "the relay refuses a recipient for good", 0.1, orders("relay-refuse-550",
			func(*rand.Rand) order { return order{Step: smtpsink.Rcpt, Reply: "550 5.1.1 no such mailbox"} })},
		{"relay-silent", "M3 M8", "the relay takes a mail and is silent for up to six seconds, twice the lease, before it says so", 0.05, orders("relay-silent",
			func(r *rand.Rand) order { return order{Step: smtpsink.Kept, Wait: between1(r, 6*time.Second)} })},
		{"relay-away", "M1", "the relay cuts all connections and refuses new ones for up to four seconds", 0.04, prepareAway},
		{"leave", "I5 C4", "members leave", 0.2, prepareLeave},
		{"change", "C4 C5", "a member changes name or language", 0.1, prepareChange},
		{"stop", "I4 C2", "stop is pressed; a while after the answer \"stopped\" resume is", 0.05, prepareStop},
		{"urgent", "I7 C9", "an urgent appeal to few is launched beside the others", 0.05, prepareUrgent},
		{"twice", "C1", "launch is pressed twenty times at once", 0.02, prepareTwice},
		{"prune", "C15", "the queue's tables are emptied by hand", 0.02, preparePrune},
	}
}

// FaultNames are the names of all faults.
func FaultNames() []string {
	var names []string
	for _, f := range Faults() {
		names = append(names, f.Name)
	}
	return names
}

func either(r *rand.Rand, steps ...smtpsink.Step) smtpsink.Step { return steps[r.IntN(len(steps))] }

// between1 is a time between a second and most.
func between1(r *rand.Rand, most time.Duration) time.Duration {
	return time.Second + time.Duration(r.Int64N(int64(most-time.Second)))
}

// orders is a fault of the relay that befalls the next few events.
func orders(name string, draw func(*rand.Rand) order) func(*drill, *rand.Rand) func(context.Context) error {
	return func(d *drill, r *rand.Rand) func(context.Context) error {
		told := draw(r)
		told.Times = 1 + r.IntN(10)
		return func(context.Context) error {
			d.note(deed{fault: name, door: -1, from: time.Now(), to: time.Now()})
			_, err := d.relay.tell(told)
			return err
		}
	}
}

func prepareAway(d *drill, r *rand.Rand) func(context.Context) error {
	if !d.begin(&d.away) {
		return nil
	}
	away := between1(r, 4*time.Second)
	return func(ctx context.Context) error {
		from := time.Now()
		_, err := d.relay.tell(order{Away: away})
		if err == nil {
			err = pause(ctx, away+2*time.Second) // it is back by then, and somebody has come
		}
		d.note(deed{fault: "relay-away", door: -1, from: from, to: from.Add(away)})
		d.end(&d.away)
		return err
	}
}

// post takes a worker that nobody does anything to at present; nil where there is none. Unlock it when done.
func (d *drill) post(r *rand.Rand) *post {
	for _, i := range r.Perm(len(d.crew.posts)) {
		if t := d.crew.posts[i]; t.TryLock() {
			return t
		}
	}
	return nil
}

func prepareKill(d *drill, r *rand.Rand) func(context.Context) error {
	t := d.post(r)
	if t == nil {
		return nil
	}
	return func(ctx context.Context) error {
		defer t.Unlock()
		from, to, err := t.kill()
		d.note(deed{fault: "kill", door: t.door, from: from, to: to})
		d.awaitRecovery(ctx, from)
		return err
	}
}

func prepareTerm(d *drill, _ *rand.Rand) func(context.Context) error {
	return func(context.Context) error {
		for _, t := range d.crew.posts {
			t.Lock()
			from := time.Now()
			err := t.term()
			d.note(deed{fault: "term", door: t.door, from: from, to: time.Now()})
			t.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func prepareFreeze(d *drill, r *rand.Rand) func(context.Context) error {
	t := d.post(r)
	if t == nil {
		return nil
	}
	long := lease + between1(r, 8*time.Second)
	return func(context.Context) error {
		defer t.Unlock()
		from := time.Now()
		err := t.freeze(long)
		d.note(deed{fault: "freeze", door: t.door, from: from, to: time.Now()})
		return err
	}
}

func prepareDatabase(d *drill, r *rand.Rand) func(context.Context) error {
	if !d.begin(&d.database) {
		return nil
	}
	away := time.Duration(r.Int64N(int64(3 * time.Second)))
	return func(ctx context.Context) error {
		from := time.Now()
		err := d.house.server.Crash(ctx, away)
		d.note(deed{fault: "database", door: -1, from: from, to: time.Now()})
		d.end(&d.database)
		return err
	}
}

package worker

import (
	"errors"
	"sync"
)

// An appeal is held when, of its last lately mails in this process, enough have failed for the same reason, and that is a share of them.
const (
	lately = 100
	enough = 10
	share  = 5 // one in five
)

// errUnwritable says that an appeal's mails cannot be written, so many of them that it is not the members' data.
var errUnwritable = errors.New("too many mails of the appeal cannot be written")

// watch looks at how each appeal does, in this process. Safe for concurrent use.
type watch struct {
	mu      sync.Mutex
	appeals map[int64]*tally
}

// tally is how the latest mails of one appeal did.
type tally struct {
	sent    ring // bad: refused because of us
	written ring // bad: could not be written
	good    int  // ever written
}

// watched is how many appeals the watch remembers at most.
const watched = 64

func (w *watch) of(appeal int64) *tally {
	if w.appeals == nil || len(w.appeals) >= watched && w.appeals[appeal] == nil {
		w.appeals = map[int64]*tally{}
	}
	if w.appeals[appeal] == nil {
		w.appeals[appeal] = &tally{}
	}
	return w.appeals[appeal]
}

// sent takes in one answer of a relay and reports whether the appeal is to be held.
func (w *watch) sent(appeal int64, us bool) (hold bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.of(appeal)
	t.sent.add(us)
	if !us || !t.sent.tooMany() {
		return false
	}
	t.sent = ring{}
	return true
}

// wrote takes in how the mails of one window were written: theirs failed by the member's own data, ours for any other reason. It reports
// whether the appeal is to be held, before any of the window leaves: because too many failed of late, or because something of ours
// failed and no mail of the appeal was ever written here.
func (w *watch) wrote(appeal int64, good, theirs, ours int) (hold bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.of(appeal)
	t.good += good
	for range good {
		t.written.add(false)
	}
	for range theirs + ours {
		t.written.add(true)
	}
	if theirs+ours == 0 || !t.written.tooMany() && (ours == 0 || t.good > 0) {
		return false
	}
	t.written = ring{}
	return true
}

// forget begins anew with an appeal: it was stopped, and whoever resumes it has seen to the reason.
func (w *watch) forget(appeal int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.appeals, appeal)
}

// ring is a row of the latest answers.
type ring struct {
	bad   [lately]bool
	n, at int
	sum   int
}

func (r *ring) add(bad bool) {
	if r.bad[r.at] {
		r.sum--
	}
	if r.bad[r.at] = bad; bad {
		r.sum++
	}
	r.at = (r.at + 1) % lately
	r.n = min(r.n+1, lately)
}

func (r *ring) tooMany() bool { return r.sum >= enough && r.sum*share >= r.n }

package trial

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// deed is something that was done in a drill, with when it began and when it was over. For a stop that is the stretch in which nothing
// may begin: from the answer "stopped" to the press of resume. For leaving, changing and launching it is the call.
type deed struct {
	fault  string
	door   int // of the worker that it was done to; -1 where it was done to none
	appeal int64
	member int64
	from   time.Time
	to     time.Time
}

// launch is an appeal that was launched between from and to, and whom it is for, whether they had left by then or not.
type launched struct {
	id       int64
	from, to time.Time
	audience []int64
}

// place is one place in the ledger.
type place struct{ appeal, member int64 }

// entry is one row of the ledger.
type entry struct {
	AppealID int64
	MemberID int64
	State    string
	Reason   *string
	Code     *int16
	Reply    *string
	Unknowns int16
}

// evidence is all that is known in the end.
type evidence struct {
	sendings  []*sending
	places    map[string]place // by envelope sender
	addresses map[int64]string // by member
	entries   map[place]entry
	launches  []launched
	deeds     []deed
}

// How long things may take before the judge asks why. A verdict is written within moments; two seconds are far more than two writes.
// What was read at a claim may be a second old when a mail begins (worker: windowLife); the slack is for a busy machine.
const (
	writeTime  = 2 * time.Second
	windowTime = time.Second
	slack      = time.Second
)

// verdict is what the judge says. What is not listed as allowed must be zero.
type verdict struct {
	Deliveries int            `json:"deliveries"`
	Accepted   int            `json:"accepted"`
	Refused    int            `json:"refused"`
	Left       int            `json:"skipped_left"`
	Unknown    int            `json:"unknown"`              // for a person to decide: two processes died over it, or two answers were lost
	NoCopy     int            `json:"unknown_without_copy"` // of these: nobody got one
	Lost       int            `json:"lost"`
	Allowed    map[string]int `json:"doubled_allowed"` // by what excuses it
	Doubled    int            `json:"doubled_not_allowed"`
	Stopped    int            `json:"after_stop"`
	Leaving    int            `json:"after_leaving"`
	Mixed      int            `json:"mixed_recipients"`
	Differs    int            `json:"ledger_differs"` // from what the sink has answered
	ByKill     []int          `json:"doubled_by_kill"`
	Findings   []string       `json:"findings,omitempty"`
}

// mostFindings is how many findings are told in full.
const mostFindings = 20

// judge compares the sink's log with the ledger. It asks nobody else.
func judge(e evidence) verdict {
	j := &judging{evidence: e, copies: map[place][]*sending{}, v: verdict{Allowed: map[string]int{}},
		left: map[int64]deed{}, stops: map[int64][]deed{}}
	slices.SortFunc(j.deeds, func(a, b deed) int { return a.from.Compare(b.from) })
	for _, d := range j.deeds {
		switch d.fault {
		case "kill":
			j.kills = append(j.kills, d)
			j.v.ByKill = append(j.v.ByKill, 0)
		case "leave":
			j.left[d.member] = d
		case "stop":
			j.stops[d.appeal] = append(j.stops[d.appeal], d)
		}
	}
	for _, s := range e.sendings {
		j.sending(s)
	}
	for _, l := range e.launches {
		j.everybody(l)
	}
	for p, copies := range j.copies {
		j.doubles(p, copies)
	}
	for _, row := range e.entries {
		j.entry(row)
	}
	return j.v
}

type judging struct {
	evidence
	v      verdict
	kills  []deed
	left   map[int64]deed       // by member; nobody leaves twice
	stops  map[int64][]deed     // by appeal
	copies map[place][]*sending // all sendings of a place
}

func (j *judging) find(count *int, p place, format string, args ...any) {
	*count++
	if len(j.v.Findings) < mostFindings {
		j.v.Findings = append(j.v.Findings, fmt.Sprintf("appeal %d, member %d: ", p.appeal, p.member)+fmt.Sprintf(format, args...)+j.story(p))
	}
}

// sending looks at one sending by itself: whose is it, may it have begun when it did?
func (j *judging) sending(s *sending) {
	p, known := j.places[s.sender]
	if !known {
		j.find(&j.v.Mixed, p, "an envelope of a sender that nobody has: %s", s.sender)
		return
	}
	j.copies[p] = append(j.copies[p], s)
	if s.recipient != "" && s.recipient != j.addresses[p.member] || s.foreign {
		j.find(&j.v.Mixed, p, "was sent to %s, or names somebody else", s.recipient)
	}
	if s.body.IsZero() {
		return
	}
	for _, d := range j.stops[p.appeal] {
		if s.body.After(d.from) && s.body.Before(d.to) {
			j.find(&j.v.Stopped, p, "a mail began at %s, while it was stopped from %s to %s", clock(s.body), clock(d.from), clock(d.to))
		}
	}
	if d, ever := j.left[p.member]; ever && s.body.After(d.to.Add(windowTime+slack+j.held(s, d.to))) {
		j.find(&j.v.Leaving, p, "a mail began at %s, and they had left at %s", clock(s.body), clock(d.to))
	}
}

// held is how long nothing could go on between since and the beginning of s: its worker was frozen, or the relay was silent after
// the mail before it, with the commands of this one behind that (RFC 2920). A stop is asked about once more before the body; who has left
// is not.
func (j *judging) held(s *sending, since time.Time) (sum time.Duration) {
	for _, d := range j.deeds {
		if d.fault == "freeze" && d.door == s.door && d.to.After(since) && d.from.Before(s.body) {
			sum += d.to.Sub(d.from)
		}
	}
	if s.before != nil && s.before.replied.After(since) {
		sum += s.before.replied.Sub(s.before.dot)
	}
	return sum
}

// everybody looks whether each member who should get an appeal stands in the ledger, by what the drill itself knows.
func (j *judging) everybody(l launched) {
	for _, member := range l.audience {
		p := place{l.id, member}
		left, ever := j.left[member]
		_, there := j.entries[p]
		switch {
		case ever && left.to.Before(l.from):
			if there {
				j.find(&j.v.Leaving, p, "is in the ledger and had left before the launch")
			}
		case ever && left.from.Before(l.to): // either is right
		case !there:
			j.find(&j.v.Lost, p, "is not in the ledger")
		}
	}
}

// doubles looks at the copies that the sink kept for one place.
func (j *judging) doubles(p place, all []*sending) {
	var kept []*sending
	for _, s := range all {
		if !s.kept.IsZero() {
			kept = append(kept, s)
		}
	}
	if len(kept) < 2 {
		return
	}
	slices.SortFunc(kept, func(a, b *sending) int { return a.dot.Compare(b.dot) })
	first, second := kept[0], kept[1]
	switch excuse, kill := j.excuse(first, second); {
	case len(kept) > 2:
		j.find(&j.v.Doubled, p, "%d copies", len(kept))
	case first.hash != second.hash || first.messageID != second.messageID:
		j.find(&j.v.Doubled, p, "two copies that are not the same")
	case excuse == "":
		j.find(&j.v.Doubled, p, "two copies, and nothing that excuses it")
	default:
		j.v.Allowed[excuse]++
		if kill >= 0 {
			j.v.ByKill[kill]++
		}
	}
}

// excuse says why it could not be known that first was kept when second began, "" where it could; and which of the kills it was, or -1.
func (j *judging) excuse(first, second *sending) (string, int) {
	if j.cut(first) {
		return "relay", -1
	}
	for i, d := range j.kills {
		if d.door == first.door && j.between(first, d) {
			return "kill", i
		}
	}
	for _, d := range j.deeds {
		switch {
		case d.fault == "freeze" && d.door == first.door && j.between(first, d):
			return d.fault, -1
		case d.fault == "freeze" && d.door == second.door && second.opened.Before(d.from) && second.dot.After(d.to) && second.body.Before(d.to.Add(slack)) &&
			(second.before == nil || second.before.body.Before(d.to)):
			return d.fault, -1 // it was frozen when it had looked whether this one may begin, and went on
		}
	}
	return "", -1
}

// between reports whether d befell the process whose connection this was before its verdict must have been written.
func (j *judging) between(s *sending, d deed) bool {
	if s.opened.After(d.to) || s.dot.After(d.to.Add(slack)) {
		return false
	}
	for _, other := range j.deeds {
		if (other.fault == "kill" || other.fault == "term") && other.door == d.door && other.from.After(s.opened) && other.to.Before(d.from) {
			return false // its process had ended before
		}
	}
	return s.replied.IsZero() || d.from.Sub(s.replied) <= writeTime+j.databaseAway(s.replied, d.from)
}

// databaseAway is how long nothing could be written between two moments, with the time that a database takes to be itself again.
func (j *judging) databaseAway(from, to time.Time) (sum time.Duration) {
	for _, d := range j.deeds {
		if d.fault == "database" && d.to.Add(writeTime).After(from) && d.from.Before(to) {
			sum += d.to.Sub(d.from) + writeTime
		}
	}
	return sum
}

// cut reports whether the sink ended the connection before its answer can have arrived for sure.
func (j *judging) cut(s *sending) bool {
	if s.cut {
		return true
	}
	for _, d := range j.deeds {
		if d.fault == "relay-away" && !s.ended.IsZero() && !s.ended.Before(d.from) && s.ended.Before(d.from.Add(slack)) &&
			(s.replied.IsZero() || d.from.Sub(s.replied) < slack) {
			return true
		}
	}
	return false
}

// entry looks whether the ledger says of one place what the sink says.
func (j *judging) entry(row entry) {
	p := place{row.AppealID, row.MemberID}
	kept, refused := 0, false
	for _, s := range j.copies[p] {
		if !s.kept.IsZero() {
			kept++
		}
		refused = refused || strings.HasPrefix(s.refusal, "5")
	}
	j.v.Deliveries++
	reason := ""
	if row.Reason != nil {
		reason = *row.Reason
	}
	switch row.State {
	case "accepted":
		j.v.Accepted++
		if kept == 0 {
			j.find(&j.v.Lost, p, "is accepted in the ledger, and the relay never kept it")
		} else if row.Code == nil || *row.Code != 250 || row.Reply == nil || !strings.Contains(*row.Reply, "kept") {
			j.find(&j.v.Differs, p, "is accepted in other words than the relay's")
		}
		return
	case "refused":
		j.v.Refused++
		if !refused {
			j.find(&j.v.Lost, p, "is refused in the ledger, and the relay never refused it")
		}
	case "skipped":
		j.v.Left++
		if reason != "left" || !j.was("leave", p) {
			j.find(&j.v.Lost, p, "is skipped for %s, and nobody brought that about", reason)
		}
	case "unknown":
		j.v.Unknown++
		if kept == 0 {
			j.v.NoCopy++
		}
		if !j.explained(p, reason) {
			j.find(&j.v.Lost, p, "is unknown for %s, and nobody brought that about", reason)
		}
	default:
		j.find(&j.v.Lost, p, "is still %s", row.State)
	}
	if kept > 0 && row.Unknowns == 0 {
		j.find(&j.v.Differs, p, "was kept by the relay, and the ledger says %s without a doubt", row.State)
	}
}

// was reports whether a fault befell the member of a place.
func (j *judging) was(fault string, p place) bool {
	return slices.ContainsFunc(j.deeds, func(d deed) bool { return d.fault == fault && d.member == p.member })
}

// explained reports whether something was done that can make a row unknown for this reason.
func (j *judging) explained(p place, reason string) bool {
	switch reason {
	case "bytes_changed":
		return j.was("change", p)
	case "silence":
		// A relay that cuts may not have read the dot that was written.
		return slices.ContainsFunc(j.copies[p], func(s *sending) bool {
			return s.refusal == "" && (j.cut(s) || !s.dot.IsZero() && s.replied.IsZero())
		})
	case "process":
		return slices.ContainsFunc(j.deeds, func(d deed) bool { return slices.Contains([]string{"kill", "freeze", "database"}, d.fault) })
	}
	return false
}

// story tells what the log says of a place, for a finding.
func (j *judging) story(p place) string {
	type moment struct {
		at   time.Time
		text string
	}
	var all []moment
	doors := map[int]bool{}
	for _, s := range j.evidence.sendings {
		if j.places[s.sender] != p {
			continue
		}
		doors[s.door] = true
		where := fmt.Sprintf("door %d, connection %d: ", s.door, s.number)
		for what, at := range map[string]time.Time{"opened": s.opened, "body": s.body, "dot": s.dot, "kept " + s.hash[:min(len(s.hash), 8)]: s.kept, "replied " + s.reply: s.replied, "ended": s.ended} {
			if !at.IsZero() {
				all = append(all, moment{at, where + what})
			}
		}
		if s.refusal != "" || s.cut {
			all = append(all, moment{cmp.Or(s.dot, s.opened), fmt.Sprintf("%srefused %q, cut %t", where, s.refusal, s.cut)})
		}
	}
	for _, d := range j.deeds {
		mine := d.member == p.member && d.member != 0 || d.appeal == p.appeal && d.appeal != 0 || doors[d.door] || d.fault == "database" || d.fault == "relay-away"
		if mine && len(all) > 0 && d.to.Add(20*time.Second).After(all[0].at) && d.from.Before(all[0].at.Add(time.Minute)) {
			all = append(all, moment{d.from, fmt.Sprintf("%s (worker %d, appeal %d, member %d) until %s", d.fault, d.door, d.appeal, d.member, clock(d.to))})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.at.Compare(b.at) })
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "\n    %s  %s", clock(m.at), m.text)
	}
	if row, there := j.entries[p]; there {
		fmt.Fprintf(&b, "\n    the ledger: %s, unknowns %d", row.State, row.Unknowns)
		if row.Reason != nil {
			fmt.Fprintf(&b, ", %s", *row.Reason)
		}
	}
	return b.String()
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000000") }

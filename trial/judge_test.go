package trial

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// dawn is when every hand-made log begins; moments are milliseconds after it.
var dawn = time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return dawn.Add(time.Duration(ms) * time.Millisecond) }

// door writes the log of one door by hand.
type door struct{ strings.Builder }

func (d *door) line(ms, connection int, event string, pairs ...string) {
	fmt.Fprintf(d, "0\t%s\t%d\t%s", at(ms).Format(logTime), connection, event)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(d, "\t%s=%q", pairs[i], pairs[i+1])
	}
	d.WriteString("\n")
}

// mail writes one mail of appeal 1 to a member, which begins at a moment and has its dot ten milliseconds later. how is kept, cut
// (after it was kept), refused, open (no reply any more) or bodiless.
func (d *door) mail(ms, connection, member int, how string) {
	d.connect(ms-1, connection)
	d.line(ms, connection, "mail", "line", "MAIL FROM:<"+senderOf(member)+">")
	d.line(ms, connection, "reply", "text", "250 2.1.0 ok")
	d.line(ms, connection, "rcpt", "line", "RCPT TO:<"+addressOf(member)+">")
	if how == "refused" {
		d.line(ms, connection, "reply", "text", "550 5.1.1 no such mailbox")
		d.line(ms, connection, "data", "line", "DATA")
		d.line(ms, connection, "reply", "text", "554 5.5.1 no valid recipients")
		return
	}
	d.line(ms, connection, "reply", "text", "250 2.1.5 ok")
	d.line(ms, connection, "data", "line", "DATA")
	d.line(ms, connection, "reply", "text", "354 go on")
	if how == "bodiless" {
		d.line(ms+1, connection, "end")
		return
	}
	d.line(ms, connection, "body")
	d.line(ms+10, connection, "dot")
	d.line(ms+10, connection, "accept", "number", "1", "recipients", addressOf(member), "hash", "abcdef0123456789", "message-id", fmt.Sprint(member))
	switch how {
	case "cut":
		d.line(ms+10, connection, "cut")
		d.line(ms+10, connection, "end")
	case "kept":
		d.line(ms+10, connection, "reply", "text", "250 2.0.0 kept")
	}
}

// more writes one more mail over the same connection.
func (d *door) more(ms, connection, member int) {
	next := &door{}
	next.mail(ms, connection, member, "kept")
	_, rest, _ := strings.Cut(next.String(), "\n") // without the line that says connect
	d.WriteString(rest)
}

func (d *door) connect(ms, connection int) { d.line(ms, connection, "connect", "line", "") }

func senderOf(member int) string { return fmt.Sprintf("b+%d@%s", member, returnDomain) }

// trialOf is evidence with members 1 to n, all of whom appeal 1 was for, launched at 0, and accepted.
func trialOf(t *testing.T, n int, doors ...*door) evidence {
	t.Helper()
	e := evidence{places: map[string]place{}, addresses: map[int64]string{}, entries: map[place]entry{}}
	l := launched{id: 1, from: at(0), to: at(1)}
	for i := 1; i <= n; i++ {
		member := int64(i)
		e.places[senderOf(i)], e.addresses[member] = place{1, member}, addressOf(i)
		l.audience = append(l.audience, member)
		e.set(member, "accepted", "", 0)
	}
	e.launches = []launched{l}
	for i, d := range doors {
		all, err := readLog(i, strings.NewReader(d.String()))
		if err != nil {
			t.Fatal(err)
		}
		e.sendings = append(e.sendings, all...)
	}
	return e
}

// set writes a row of the ledger.
func (e evidence) set(member int64, state, reason string, unknowns int16) {
	row := entry{AppealID: 1, MemberID: member, State: state, Unknowns: unknowns}
	if reason != "" {
		row.Reason = &reason
	}
	if state == "accepted" {
		code, reply := int16(250), "2.0.0 kept"
		row.Code, row.Reply = &code, &reply
	}
	e.entries[place{1, member}] = row
}

// The judge is judged by logs made by hand. Each case is evidence that something must be said about, or nothing.
func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members int
		write   func(a, b *door)  // the logs of two doors
		also    func(e *evidence) // what else is known
		want    func(*verdict)    // what the verdict has besides what all have
		holds   bool
	}{
		"all is well": {members: 2, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(10, 1, 2, "kept") },
			want:  func(v *verdict) { v.Accepted = 2 }},
		"lost: accepted, and the relay never had it": {members: 1,
			write: func(a, _ *door) { a.mail(10, 1, 1, "bodiless") },
			want:  func(v *verdict) { v.Accepted, v.Lost = 1, 1 }},
		"lost: not in the ledger": {members: 1,
			also: func(e *evidence) { delete(e.entries, place{1, 1}) },
			want: func(v *verdict) { v.Deliveries, v.Lost = 0, 1 }},
		"lost: still waiting": {members: 1,
			also: func(e *evidence) { e.set(1, "queued", "", 0) },
			want: func(v *verdict) { v.Lost = 1 }},
		"lost: refused by nobody": {members: 1,
			also: func(e *evidence) { e.set(1, "refused", "address", 0) },
			want: func(v *verdict) { v.Refused, v.Lost = 1, 1 }},
		"lost: skipped as left, and had not": {members: 1,
			also: func(e *evidence) { e.set(1, "skipped", "left", 0) },
			want: func(v *verdict) { v.Left, v.Lost = 1, 1 }},
		"lost: unknown, and nothing had happened": {members: 1,
			also: func(e *evidence) { e.set(1, "unknown", "process", 2) },
			want: func(v *verdict) { v.Unknown, v.NoCopy, v.Lost = 1, 1, 1 }},
		"refused": {members: 1, holds: true,
			write: func(a, _ *door) { a.mail(10, 1, 1, "refused") },
			also:  func(e *evidence) { e.set(1, "refused", "address", 0) },
			want:  func(v *verdict) { v.Refused = 1 }},
		"left before the launch, and is not in the ledger": {members: 1, holds: true,
			also: func(e *evidence) {
				delete(e.entries, place{1, 1})
				e.deeds = []deed{{fault: "leave", member: 1, from: at(-20), to: at(-10)}}
			},
			want: func(v *verdict) { v.Deliveries = 0 }},
		"doubled for nothing": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(4000, 1, 1, "kept") },
			want:  func(v *verdict) { v.Accepted, v.Doubled = 1, 1 }},
		"doubled by a cut": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "cut"); b.mail(4000, 1, 1, "kept") },
			want:  func(v *verdict) { v.Accepted = 1; v.Allowed["relay"] = 1 }},
		"doubled by a kill": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(4000, 1, 1, "kept") },
			also:  func(e *evidence) { e.deeds = []deed{{fault: "kill", door: 0, from: at(25), to: at(30)}} },
			want:  func(v *verdict) { v.Accepted, v.ByKill = 1, []int{1}; v.Allowed["kill"] = 1 }},
		"doubled by a kill while the relay was silent": {members: 1, holds: true,
			write: func(a, b *door) {
				a.mail(10, 1, 1, "open")
				a.line(6000, 1, "reply", "text", "250 2.0.0 kept")
				b.mail(9000, 1, 1, "kept")
			},
			also: func(e *evidence) { e.deeds = []deed{{fault: "kill", door: 0, from: at(5000), to: at(5010)}} },
			want: func(v *verdict) { v.Accepted, v.ByKill = 1, []int{1}; v.Allowed["kill"] = 1 }},
		"doubled while the relay was silent": {members: 1, // and the first worker lived: it should have waited
			write: func(a, b *door) {
				a.mail(10, 1, 1, "open")
				a.line(6000, 1, "reply", "text", "250 2.0.0 kept")
				b.mail(5000, 1, 1, "kept")
			},
			want: func(v *verdict) { v.Accepted, v.Doubled = 1, 1 }},
		"doubled, and the process after its own was killed": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(9000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "term", door: 0, from: at(500), to: at(900)}, {fault: "kill", door: 0, from: at(1000), to: at(1010)}}
			},
			want: func(v *verdict) { v.Accepted, v.Doubled, v.ByKill = 1, 1, []int{0} }},
		"doubled, and another worker was killed": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(4000, 1, 1, "kept") },
			also:  func(e *evidence) { e.deeds = []deed{{fault: "kill", door: 1, from: at(25), to: at(30)}} },
			want:  func(v *verdict) { v.Accepted, v.Doubled, v.ByKill = 1, 1, []int{0} }},
		"doubled, and its worker was killed long after": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(9000, 1, 1, "kept") },
			also:  func(e *evidence) { e.deeds = []deed{{fault: "kill", door: 0, from: at(5000), to: at(5010)}} },
			want:  func(v *verdict) { v.Accepted, v.Doubled, v.ByKill = 1, 1, []int{0} }},
		"doubled, and its worker was killed while nothing could be written": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(9000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "kill", door: 0, from: at(5000), to: at(5010)}, {fault: "database", door: -1, from: at(15), to: at(4500)}}
			},
			want: func(v *verdict) { v.Accepted, v.ByKill = 1, []int{1}; v.Allowed["kill"] = 1 }},
		"doubled, and the database was away": {members: 1, // which excuses nothing: the verdict waits in memory
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(9000, 1, 1, "kept") },
			also:  func(e *evidence) { e.deeds = []deed{{fault: "database", door: -1, from: at(15), to: at(4500)}} },
			want:  func(v *verdict) { v.Accepted, v.Doubled = 1, 1 }},
		"doubled, frozen before it could be written": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(4000, 1, 1, "kept") },
			also:  func(e *evidence) { e.deeds = []deed{{fault: "freeze", door: 0, from: at(21), to: at(5000)}} },
			want:  func(v *verdict) { v.Accepted = 1; v.Allowed["freeze"] = 1 }},
		"doubled, frozen before it was sent": {members: 1, holds: true,
			write: func(a, b *door) { a.connect(1, 1); a.mail(5001, 1, 1, "kept"); b.mail(4000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "freeze", door: 0, from: at(21), to: at(5000)}}
				e.sendings[0].opened = at(1)
			},
			want: func(v *verdict) { v.Accepted = 1; v.Allowed["freeze"] = 1 }},
		"doubled by a worker that was woken and went on with its window": {members: 2,
			write: func(a, b *door) {
				b.mail(3000, 1, 1, "kept")
				b.mail(3500, 2, 2, "kept")
				a.mail(5001, 1, 1, "kept")
				a.more(5020, 1, 2)
			},
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "freeze", door: 0, from: at(21), to: at(5000)}}
				e.sendings[0].opened = at(1)
			},
			want: func(v *verdict) { v.Accepted, v.Doubled = 2, 1; v.Allowed["freeze"] = 1 }},
		"three copies": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "cut"); b.mail(4000, 1, 1, "cut"); b.mail(8000, 2, 1, "kept") },
			want:  func(v *verdict) { v.Accepted, v.Doubled = 1, 1 }},
		"two copies with other bytes": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "cut"); b.mail(4000, 1, 1, "kept") },
			also:  func(e *evidence) { e.sendings[1].hash = "0123456789abcdef" },
			want:  func(v *verdict) { v.Accepted, v.Doubled = 1, 1 }},
		"two copies with other identities": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "cut"); b.mail(4000, 1, 1, "kept") },
			also:  func(e *evidence) { e.sendings[1].messageID = "another" },
			want:  func(v *verdict) { v.Accepted, v.Doubled = 1, 1 }},
		"after stop": {members: 1,
			write: func(a, _ *door) { a.mail(2000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "stop", door: -1, appeal: 1, from: at(1000), to: at(3000)}}
			},
			want: func(v *verdict) { v.Accepted, v.Stopped = 1, 1 }},
		"asked for the body after the stop, and closed without": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(2000, 1, 1, "bodiless"); b.mail(4000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "stop", door: -1, appeal: 1, from: at(1000), to: at(3000)}}
			},
			want: func(v *verdict) { v.Accepted = 1 }},
		"after the stop of another appeal": {members: 1, holds: true,
			write: func(a, _ *door) { a.mail(2000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "stop", door: -1, appeal: 2, from: at(1000), to: at(3000)}}
			},
			want: func(v *verdict) { v.Accepted = 1 }},
		"after leaving": {members: 1,
			write: func(a, _ *door) { a.mail(5000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "leave", door: -1, member: 1, from: at(990), to: at(1000)}}
			},
			want: func(v *verdict) { v.Accepted, v.Leaving = 1, 1 }},
		"in a window that was open when they left": {members: 1, holds: true,
			write: func(a, _ *door) { a.mail(1900, 1, 1, "kept") },
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "leave", door: -1, member: 1, from: at(990), to: at(1000)}}
			},
			want: func(v *verdict) { v.Accepted = 1 }},
		"behind a mail that the relay was silent about": {members: 2, holds: true,
			write: func(a, _ *door) {
				a.mail(900, 1, 2, "open")
				a.line(6000, 1, "reply", "text", "250 2.0.0 kept")
				a.more(6001, 1, 1)
			},
			also: func(e *evidence) {
				e.deeds = []deed{{fault: "leave", door: -1, member: 1, from: at(990), to: at(1000)}}
			},
			want: func(v *verdict) { v.Accepted = 2 }},
		"somebody else's mail": {members: 2,
			write: func(a, _ *door) { a.mail(10, 1, 1, "kept"); a.mail(30, 2, 2, "kept") },
			also:  func(e *evidence) { e.sendings[0].recipient = addressOf(2) },
			want:  func(v *verdict) { v.Accepted, v.Mixed = 2, 1 }},
		"two recipients": {members: 1,
			write: func(a, _ *door) { a.mail(10, 1, 1, "kept") },
			also:  func(e *evidence) { e.sendings[0].recipient += " " + addressOf(2) },
			want:  func(v *verdict) { v.Accepted, v.Mixed = 1, 1 }},
		"names somebody else": {members: 1,
			write: func(a, _ *door) { a.line(5, 1, "foreign", "number", "1"); a.mail(10, 1, 1, "kept") },
			want:  func(v *verdict) { v.Accepted, v.Mixed = 1, 1 }},
		"kept, and the ledger says no": {members: 1,
			write: func(a, _ *door) { a.mail(10, 1, 1, "kept"); a.mail(30, 2, 1, "refused") },
			also:  func(e *evidence) { e.set(1, "refused", "address", 0) },
			want:  func(v *verdict) { v.Refused, v.Differs = 1, 1 }},
		"accepted in words that nobody has said": {members: 1,
			write: func(a, _ *door) { a.mail(10, 1, 1, "kept") },
			also: func(e *evidence) {
				row, reply := e.entries[place{1, 1}], "2.0.0 thanks"
				row.Reply = &reply
				e.entries[place{1, 1}] = row
			},
			want: func(v *verdict) { v.Accepted, v.Differs = 1, 1 }},
		"unknown after a kill and a relay that went before it had read the dot": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "bodiless"); b.mail(4000, 1, 1, "bodiless") },
			also: func(e *evidence) {
				e.set(1, "unknown", "silence", 2)
				e.deeds = []deed{{fault: "kill", door: 0, from: at(10), to: at(11)}, {fault: "relay-away", door: -1, from: at(4000), to: at(6000)}}
			},
			want: func(v *verdict) { v.Unknown, v.NoCopy, v.ByKill = 1, 1, []int{0} }},
		"unknown for silence, and the relay had answered": {members: 1,
			write: func(a, b *door) { a.mail(10, 1, 1, "kept"); b.mail(4000, 1, 1, "kept") },
			also: func(e *evidence) {
				e.set(1, "unknown", "silence", 2)
				e.deeds = []deed{{fault: "kill", door: 0, from: at(21), to: at(22)}}
			},
			want: func(v *verdict) { v.Unknown, v.Lost, v.ByKill = 1, 1, []int{1}; v.Allowed["kill"] = 1 }},
		"unknown after two cuts": {members: 1, holds: true,
			write: func(a, b *door) { a.mail(10, 1, 1, "cut"); b.mail(4000, 1, 1, "cut") },
			also:  func(e *evidence) { e.set(1, "unknown", "silence", 2) },
			want:  func(v *verdict) { v.Unknown = 1; v.Allowed["relay"] = 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := &door{}, &door{}
			if c.write != nil {
				c.write(a, b)
			}
			e := trialOf(t, c.members, a, b)
			if c.also != nil {
				c.also(&e)
			}
			want := verdict{Deliveries: c.members, Allowed: map[string]int{}}
			c.want(&want)
			got := judge(e)
			if told := len(got.Findings) > 0; told == c.holds {
				t.Errorf("findings: %q", got.Findings)
			}
			got.Findings = nil
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("the judge says\n%+v, want\n%+v", got, want)
			}
			if r := (DrillReport{verdict: got}); r.Holds() != c.holds {
				t.Errorf("holds: %t, want %t", r.Holds(), c.holds)
			}
		})
	}
}

func TestDrillHoldsOnlyWithinTheLimits(t *testing.T) {
	t.Parallel()
	if r := (DrillReport{KillWorst: 133, KillLimit: 132}); r.Holds() {
		t.Error("more copies by one kill than connections and two writes")
	}
	if r := (DrillReport{Ended: 31}); r.Holds() {
		t.Error("more than 30 s after SIGTERM")
	}
}

// A relay that was away counts its connections from one again.
func TestLogOfARelayThatWasAway(t *testing.T) {
	t.Parallel()
	d := &door{}
	d.mail(10, 1, 1, "kept")
	d.line(30, 1, "end")
	d.mail(500, 1, 2, "kept")
	all, err := readLog(0, strings.NewReader(d.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].connection == all[1].connection || all[0].ended != at(30) || !all[1].ended.IsZero() {
		t.Errorf("read %+v", all)
	}
	if _, err := readLog(0, strings.NewReader("0\t2026-11-01T06:00:00.000000Z\t7\tmail\tline=\"MAIL FROM:<>\"\n")); err == nil {
		t.Error("a connection that was never opened is believed")
	}
}

func TestNamesOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"To: Ana Example-7 <member0000007@mail7.example>\r\n\r\nDear Ana Exam=\r\nple-7,":     true,
		"To: Ana Example-7 <member0000007@mail7.example>\r\n\r\nDear Bruno Example-8,":        false,
		"To: Ana Example-7 <member0000007@mail7.example>\r\n\r\nmember0000070@mail20.example": false,
		"To: somebody": false,
	} {
		if got := namesOnly(addressOf(7), []byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// The same seed draws the same faults in the same order; each fault comes at least once, and a kill as often as was asked for.
func TestBag(t *testing.T) {
	t.Parallel()
	names := func(seed uint64, kills int, of ...string) (all []string) {
		for _, f := range fill(DrillOptions{Kills: kills, Seed: seed, Faults: of}) {
			all = append(all, f.Name)
		}
		return all
	}
	one, again, other := names(1, 20, FaultNames()...), names(1, 20, FaultNames()...), names(2, 20, FaultNames()...)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Error("the seed does not decide the order")
	}
	for _, name := range FaultNames() {
		if !slices.Contains(one, name) {
			t.Errorf("%s never comes", name)
		}
	}
	if got := names(1, 20, "kill", "stop"); len(got) != 21 {
		t.Errorf("20 kills and a stop: %v", got)
	}
}

package worker_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/smtpsink"
)

// fastest returns how many messages too many the sink got in any stretch of time: more than rate brings in that time and slack on top.
func fastest(list []smtpsink.Message, rate float64, slack time.Duration) (tooMany float64) {
	for i := range list {
		for j := i; j < len(list); j++ {
			tooMany = max(tooMany, float64(j-i+1)-rate*(list[j].Time.Sub(list[i].Time)+slack).Seconds())
		}
	}
	return tooMany
}

// at are the messages to one domain.
func at(list []smtpsink.Message, domain string) []smtpsink.Message {
	var found []smtpsink.Message
	for _, m := range list {
		if strings.HasSuffix(m.Recipients[0], "@"+domain) {
			found = append(found, m)
		}
	}
	return found
}

// once fails the test unless every member has one attempt and the sink one message for each.
func (s *shop) once(id int64, n int) {
	s.t.Helper()
	var rows, tries int
	s.must(s.pool.QueryRow(s.ctx, "SELECT count(*), sum(attempts) FROM deliveries WHERE appeal_id = $1 AND state = 'accepted'", id).Scan(&rows, &tries))
	if rows != n || tries != n || s.sink.Count() != n {
		s.t.Errorf("%d accepted in %d attempts, %d at the sink; want %d of each", rows, tries, s.sink.Count(), n)
	}
}

func TestTheRateOfARelayIsThatOfAllProcessesTogether(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(300)
	s.relays = fmt.Sprintf("smtp+insecure://%s?conns=4&rate=50/s", s.sink.Addr())
	one, two := s.start(), s.start()
	a := s.launch()
	s.until(a.ID, "completion", complete)
	s.stop(one)
	s.stop(two)
	s.once(a.ID, 300)
	if n := fastest(s.sink.Messages(), 50, 1500*time.Millisecond); n > 0 {
		t.Errorf("%.0f messages more than 50 a second by the sink's clock", n)
	}
	list := s.sink.Messages()
	t.Logf("300 messages in %v", list[299].Time.Sub(list[0].Time))
}

func TestAnUrgentAppealOvertakesWhereTheBudgetIsSmall(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0, smtpsink.Options{})
	s.importAt("bulk.example", "fr", 900)
	s.importAt("urgent.example", "en", 200)
	s.relays = fmt.Sprintf("smtp+insecure://%s?conns=4&rate=50/s", s.sink.Addr())
	one, two := s.start(), s.start()
	bulk := s.launchTo(false, campaigns.Audience{Languages: []string{"fr"}})
	s.must(s.sink.Wait(s.ctx, 50))
	urgent := s.launchTo(true, campaigns.Audience{Languages: []string{"en"}})
	s.until(urgent.ID, "completion of the urgent one", complete)
	if _, r, err := s.store.Receipt(s.ctx, bulk.ID); err != nil || r.Queued < 500 {
		t.Errorf("when the urgent one was complete the other had %+v, %v; want most of it waiting", r, err)
	}
	s.stop(one)
	s.stop(two)
	mine := at(s.sink.Messages(), "urgent.example")
	between := 0
	for _, m := range s.sink.Messages() {
		if m.Number > mine[0].Number && m.Number < mine[199].Number && strings.HasSuffix(m.Recipients[0], "@bulk.example") {
			between++
		}
	}
	if len(mine) != 200 || between > 25 { // what was granted before somebody urgent asked: a window each way
		t.Errorf("%d urgent messages with %d others between them, want 200 and a window or two", len(mine), between)
	}
	if took := mine[199].Time.Sub(*urgent.LaunchedAt); took > 10*time.Second {
		t.Errorf("the urgent appeal took %v", took)
	}
	t.Logf("200 messages in %v from the launch, %d others between them", mine[199].Time.Sub(*urgent.LaunchedAt), between)
}

func TestG5_AProvidersLimitIsThatOfAllProcessesTogether(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0, smtpsink.Options{})
	s.importAt("slow.example", "en", 60)
	s.importAt("also-slow.example", "en", 40)
	s.importAt("fast.example", "en", 100)
	limit := campaigns.Limit{Provider: "slow.example", Rate: 20}
	s.limits = map[string]campaigns.Limit{"slow.example": limit, "also-slow.example": limit}
	one, two := s.start(), s.start()
	a := s.launch()
	s.until(a.ID, "completion", complete)
	s.stop(one)
	s.stop(two)
	s.once(a.ID, 200)
	list := s.sink.Messages()
	slow := append(at(list, "slow.example"), at(list, "also-slow.example")...)
	fast := at(list, "fast.example")
	var inOrder []smtpsink.Message
	for _, m := range list {
		if !strings.HasSuffix(m.Recipients[0], "@fast.example") {
			inOrder = append(inOrder, m)
		}
	}
	if n := fastest(inOrder, 20, 2*time.Second); n > 0 || len(slow) != 100 {
		t.Errorf("%d messages to the limited provider, %.0f more than 20 a second by the sink's clock", len(slow), n)
	}
	if last := fast[len(fast)-1].Number; last == len(list) || inOrder[len(inOrder)/2].Time.Before(fast[len(fast)/2].Time) {
		t.Errorf("the others waited for the limited provider: their last message was the %dth of %d", last, len(list))
	}
	t.Logf("100 messages at 20 a second in %v", inOrder[99].Time.Sub(inOrder[0].Time))
}

func TestM11_OneProvidersRateLimitSlowsThatProviderOnly(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{"452 4.5.3 too many recipients", "451 4.7.500 server busy", "421 4.7.28 unusual rate"} {
		t.Run(reply, func(t *testing.T) {
			t.Parallel()
			var open atomic.Bool
			var asked atomic.Int64
			s := newShop(t, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
				if e.Step == smtpsink.Rcpt && strings.HasSuffix(e.Recipient, "@slow.example") && !open.Load() {
					asked.Add(1)
					return smtpsink.Action{Reply: reply}
				}
				return smtpsink.Action{}
			}})
			s.importAt("slow.example", "en", 60)
			s.importAt("fast.example", "en", 60)
			s.waits, s.pauses = []time.Duration{100 * time.Millisecond}, []time.Duration{time.Hour}
			w := s.start()
			a := s.launch()
			r := s.until(a.ID, "everybody at the other provider", func(_ campaigns.Appeal, r campaigns.Receipt) bool {
				var slowed int // those who were told "later" come due once more, and are put off as well
				s.must(s.pool.QueryRow(s.ctx, "SELECT count(*) FROM deliveries WHERE state = 'deferred' AND reason = 'slowed'").Scan(&slowed))
				return r.Accepted == 60 && slowed == 60
			})
			engine, err := s.store.Engine(s.ctx)
			s.must(err)
			if len(engine.Pauses) != 1 || engine.Pauses[0].Provider != "slow.example" || fmt.Sprint(engine.Pauses[0].Code) != reply[:3] {
				t.Errorf("pauses %+v, want one with the reply's code", engine.Pauses)
			}
			// One on each connection, and what was pipelined behind it, had been asked.
			before := asked.Load()
			if before > 4*10 {
				t.Errorf("the provider was asked %d times, receipt %+v", before, r)
			}
			open.Store(true)
			dbtest.MoveClock(t, s.pool, 2*time.Hour)
			r = s.until(a.ID, "completion", complete)
			s.stop(w)
			var tries int64
			s.must(s.pool.QueryRow(s.ctx, "SELECT sum(attempts) FROM deliveries").Scan(&tries))
			if r.Accepted != 120 || r.Refused != 0 || tries > 120+before || s.sink.Count() != 120 {
				t.Errorf("receipt %+v with %d attempts; want all accepted, none of the attempts lost by waiting", r, tries)
			}
		})
	}
}

func TestM13_WhenTheRelaySaysItIsUsTheAppealIsHeld(t *testing.T) {
	t.Parallel()
	var trusted atomic.Bool
	var asked atomic.Int64
	s := newShop(t, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt && !trusted.Load() {
			asked.Add(1)
			return smtpsink.Action{Reply: "550 5.7.1 <" + e.Recipient + "> you are on a list"}
		}
		return smtpsink.Action{}
	}})
	s.importMembers(400)
	s.waits = []time.Duration{100 * time.Millisecond}
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "the stop", func(a campaigns.Appeal, r campaigns.Receipt) bool {
		return a.State == campaigns.AppealStopped && r.Closes()
	})
	got, err := s.store.Appeal(s.ctx, a.ID)
	s.must(err)
	var suppressed int
	s.must(s.pool.QueryRow(s.ctx, "SELECT count(*) FROM suppressions").Scan(&suppressed))
	if got.StopReason == nil || *got.StopReason != campaigns.HeldBlocked || r.Stopped != 400 || r.Refused != 0 || suppressed != 0 {
		t.Errorf("stopped for %v, receipt %+v, %d suppressed; want it blocked, all 400 waiting", got.StopReason, r, suppressed)
	}
	if n := asked.Load(); n < 10 || n > 200 {
		t.Errorf("%d were refused before the appeal was held", n)
	}
	t.Logf("held after %d refusals", asked.Load())
	trusted.Store(true)
	_, err = s.store.Resume(s.ctx, audit.System(), a.ID)
	s.must(err)
	r = s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 400 || s.sink.Count() != 400 {
		t.Errorf("after resuming: %+v, %d at the sink", r, s.sink.Count())
	}
}

func TestM19_ARelayThatRefusesOurPasswordIsLeftAloneAndShown(t *testing.T) {
	t.Parallel()
	var changed atomic.Bool
	var tries atomic.Int64
	s := newShop(t, 0, smtpsink.Options{User: "holdfast", Password: "secret", Fault: func(e smtpsink.Event) smtpsink.Action {
		switch {
		case !changed.Load():
		case e.Step == smtpsink.Auth:
			tries.Add(1)
			return smtpsink.Action{Reply: "535 5.7.8 wrong name or password"}
		case e.Step == smtpsink.Mail:
			return smtpsink.Action{Reply: "530 5.7.0 authentication required"}
		}
		return smtpsink.Action{}
	}, OnMessage: func(m smtpsink.Message) { changed.Store(m.Number >= 30) }})
	s.importMembers(200)
	s.relays = fmt.Sprintf("smtp+insecure://holdfast:secret@%s?conns=4", s.sink.Addr())
	w := s.start()
	a := s.launch()
	s.until(a.ID, "the alert", func(campaigns.Appeal, campaigns.Receipt) bool {
		engine, err := s.store.Engine(s.ctx)
		s.must(err)
		return len(engine.Relays) == 1 && engine.Relays[0].State == campaigns.RelayRefusesUs && engine.Relays[0].Connections == 0
	})
	engine, err := s.store.Engine(s.ctx)
	s.must(err)
	if r := engine.Relays[0]; r.Version != "test" || r.Code == nil || *r.Code != 535 && *r.Code != 530 {
		t.Errorf("report %+v, want the code with which it refused us", r)
	}
	r := s.until(a.ID, "quiet", func(_ campaigns.Appeal, r campaigns.Receipt) bool { return r.Sending == 0 })
	if r.Accepted != int64(s.sink.Count()) || r.Queued+r.Accepted != 200 || tries.Load() > 3 {
		t.Errorf("receipt %+v with %d at the sink, the password tried %d times; want the rest waiting, and three tries at most", r, s.sink.Count(), tries.Load())
	}
	s.stop(w)
	if engine, err = s.store.Engine(s.ctx); err != nil || len(engine.Relays) != 0 {
		t.Errorf("after the process has ended: %+v, %v", engine.Relays, err)
	}
}

func TestM22_OfTwoRelaysOneDiesAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0, smtpsink.Options{})
	other, err := smtpsink.Start(smtpsink.Options{})
	s.must(err)
	t.Cleanup(func() { other.Close() })
	s.importMembers(600)
	s.relays = fmt.Sprintf("smtp+insecure://%s?conns=2&weight=1 smtp+insecure://%s?conns=2&weight=2", s.sink.Addr(), other.Addr())
	w := s.start()
	a := s.launch()
	s.must(other.Wait(s.ctx, 150))
	s.must(other.Close())
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if other.Count() < 150 || s.sink.Count() < 50 {
		t.Errorf("%d and %d messages: want both relays to have served", s.sink.Count(), other.Count())
	}
	hashes, copies := map[string][32]byte{}, int64(0)
	for _, m := range append(s.sink.Messages(), other.Messages()...) {
		if before, again := hashes[m.Recipients[0]]; again {
			if copies++; before != m.Hash {
				t.Error("a second copy has other bytes")
			}
		}
		hashes[m.Recipients[0]] = m.Hash
	}
	t.Logf("%d and %d messages, %d of them second copies, %d maybe twice", s.sink.Count(), other.Count(), copies, r.Twice)
	if r.Accepted != 600 || len(hashes) != 600 || copies > r.Twice || copies > 2 {
		t.Errorf("receipt %+v, %d members reached, %d second copies; want all once, but for one on each dead connection", r, len(hashes), copies)
	}
}

// spoil makes the sealed addresses of some members unreadable.
func (s *shop) spoil(where string) {
	s.t.Helper()
	_, err := s.pool.Exec(s.ctx, "UPDATE members SET address_sealed = address_sealed || '\\x00' WHERE "+where)
	s.must(err)
}

func TestC7_AFewMailsThatCannotBeWrittenFailAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(200)
	s.spoil("id % 100 = 0")
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 198 || r.Skipped["unwritable"] != 2 {
		t.Errorf("receipt %+v, want two unwritable and the others accepted", r)
	}
}

func TestC7_IfNoneCanBeWrittenTheAppealIsHeldBeforeTheFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(100)
	s.spoil("true")
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "the stop", func(a campaigns.Appeal, r campaigns.Receipt) bool {
		return a.State == campaigns.AppealStopped && r.Closes()
	})
	s.stop(w)
	got, err := s.store.Appeal(s.ctx, a.ID)
	s.must(err)
	if got.StopReason == nil || *got.StopReason != campaigns.HeldUnwritable || r.Stopped != 100 || s.sink.Count() != 0 {
		t.Errorf("stopped for %v, receipt %+v, %d at the sink; want it unwritable, all waiting", got.StopReason, r, s.sink.Count())
	}
}

func TestM1_WhileTheRelayIsDownTheDeadlineStillEndsTheAppeal(t *testing.T) {
	t.Parallel()
	s := newShop(t, 10, smtpsink.Options{Fault: smtpsink.At(smtpsink.Connect, smtpsink.Action{Cut: true})})
	w := s.start()
	a := s.launch()
	s.until(a.ID, "the ledger", func(a campaigns.Appeal, r campaigns.Receipt) bool { return a.FilledAt != nil && r.Queued == 10 })
	dbtest.MoveClock(t, s.pool, 20*24*time.Hour)
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Skipped["too_late"] != 10 {
		t.Errorf("receipt %+v, want all ten too late", r)
	}
}

func TestM4_GreylistingHoldsUpNobodyElseAtTheProvider(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	var mu sync.Mutex
	s := newShop(t, 0, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		mu.Lock()
		defer mu.Unlock()
		if e.Step == smtpsink.Rcpt && !tried[e.Recipient] {
			tried[e.Recipient] = true
			return smtpsink.Action{Reply: "451 4.7.1 come back later"}
		}
		return smtpsink.Action{}
	}})
	s.importMembers(60)
	s.waits, s.pauses = []time.Duration{100 * time.Millisecond}, []time.Duration{time.Hour}
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Accepted != 60 || s.sink.Count() != 60 {
		t.Errorf("receipt %+v, want everybody on the second try", r)
	}
}

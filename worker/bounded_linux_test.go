package worker_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

// I8: from appeal to appeal nothing grows in a worker: no open file, no connection, no row beside the ledger.
func TestI8_NothingGrowsFromAppealToAppeal(t *testing.T) {
	t.Parallel()
	const people = 200
	s := newShop(t, 0, smtpsink.Options{})
	s.importMembers(people)
	p := s.process(time.Second)
	files := func() int {
		list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
		s.must(err)
		return len(list)
	}
	var first int
	for i := range 5 {
		a := s.launch()
		s.until(a.ID, "completion", complete)
		s.eventually("windows and batches are given back", func() bool {
			return s.count(`SELECT (SELECT count(*) FROM windows) + (SELECT count(*) FROM batches)`) == 0
		})
		if i == 1 {
			first = files()
		}
	}
	// A pool may open what it may; after the second appeal it has.
	if last := files(); last > first+12 {
		t.Errorf("%d open files after the second appeal, %d after the fifth", first, last)
	}
	if _, open := s.sink.Connections(); open > killedConns {
		t.Errorf("%d connections to the relay, at most %d", open, killedConns)
	}
	p.kill()
	if s.sink.Count() != 5*people {
		t.Errorf("%d mails, want %d", s.sink.Count(), 5*people)
	}
}

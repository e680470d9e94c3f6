package worker_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
	"holdfast/letters"
	"holdfast/members"
	"holdfast/templates"
	"holdfast/worker"
)

// settledThanks waits until every promise of thanks is kept or given up, and returns how many there were.
func (s *shop) settledThanks() int {
	s.t.Helper()
	client, err := river.NewClient(riverpgxv5.New(s.pool), &river.Config{})
	s.must(err)
	for {
		open, all := 0, 0
		list, err := client.JobList(s.ctx, river.NewJobListParams().Kinds("thank").First(100))
		s.must(err)
		for _, j := range list.Jobs {
			all++
			if j.State != rivertype.JobStateCompleted && j.State != rivertype.JobStateDiscarded {
				open++
			}
		}
		if open == 0 {
			return all
		}
		select {
		case <-s.ctx.Done():
			s.t.Fatal("thanks are still promised")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestB9_ThanksAreMarkedAutomaticAndGoOnceToWhoIsStillThere(t *testing.T) {
	t.Parallel()
	var thanking atomic.Bool
	s := newShop(t, 3, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Kept && strings.Contains(e.Recipient, "member2@") && thanking.Load() {
			return smtpsink.Action{Cut: true} // nobody can know whether these thanks arrived
		}
		return smtpsink.Action{}
	}})
	w := s.startWith(func(c *worker.Config) {
		c.Letterhead = templates.Organisation{Name: "RefNet", PostalAddress: "12 Example Street", Contact: "actions@refnet.example"}
	})
	a := s.launch()
	s.until(a.ID, "completion", complete)
	s.stop(w) // so that everything is promised before anything is sent
	jobs, err := worker.InsertOnly(s.pool)
	s.must(err)
	store, err := letters.NewStore(s.pool, s.ring, jobs)
	s.must(err)
	var ids []int64
	for i := range 3 {
		m, err := s.members.Find(s.ctx, "member"+string(rune('0'+i))+"@mail.example")
		s.must(err)
		ids = append(ids, m.ID)
		for range 2 {
			done, err := store.ReportSaid(s.ctx, letters.Writer{AppealID: a.ID, MemberID: m.ID}, letters.Said{Letters: 2, Channel: "post"})
			if err != nil || !done {
				t.Fatalf("%v, %v", done, err)
			}
		}
	}
	s.must(s.members.Leave(s.ctx, audit.Member(), ids[1], members.ByMail))
	thanking.Store(true)
	w = s.startWith(func(c *worker.Config) {
		c.Letters, c.Letterhead = store, templates.Organisation{Name: "RefNet", PostalAddress: "12 Example Street", Contact: "actions@refnet.example"}
	})
	if n := s.settledThanks(); n != 3 {
		t.Errorf("%d promises, want one for each", n)
	}
	s.stop(w)
	got := map[string]int{}
	for _, m := range s.sink.Messages()[3:] {
		got[m.Recipients[0]]++
		if m.Sender != "" || !bytes.Contains(m.Data, []byte("\r\nAuto-Submitted: auto-replied\r\n")) {
			t.Errorf("from %q:\n%s", m.Sender, m.Data)
		}
		if text := strings.ReplaceAll(string(m.Data), "=\r\n", ""); !strings.Contains(text, "/r/"+s.links.Report.Make(a.ID, ids[0])) && m.Recipients[0] == "member0@mail.example" {
			t.Errorf("no link to put it right:\n%s", text)
		}
	}
	if got["member0@mail.example"] != 1 || got["member1@mail.example"] != 0 || got["member2@mail.example"] != 1 {
		t.Errorf("thanked %v, want one to the first, none to who left, and one, not sent again, to the third", got)
	}
}

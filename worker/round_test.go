package worker_test

import (
	"sync/atomic"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
	"holdfast/members"
)

func TestARetryAndLateJoinersLeaveByTheSameRoadAsALaunch(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	s := newShop(t, 12, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Dot && !mended.Load() {
			return smtpsink.Action{Reply: "554 5.6.0 this content is not taken"}
		}
		return smtpsink.Action{}
	}})
	w := s.start()
	a := s.launch()
	if r := s.until(a.ID, "completion", complete); r.Refusals["content"] != 12 {
		t.Fatalf("receipt %+v, want all refused for their content", r)
	}
	mended.Store(true)
	round, err := s.store.Retry(s.ctx, audit.System(), a.ID, []string{campaigns.FailureContent})
	s.must(err)
	r := s.until(a.ID, "completion of the retry", complete)
	if round.Members != 12 || r.Accepted != 12 || r.Refused != 0 || r.Twice != 0 || !r.Closes() {
		t.Errorf("retried %d, receipt %+v; want all twelve accepted", round.Members, r)
	}
	_, err = s.members.Add(s.ctx, audit.System(), members.New{Address: "late@mail.example", Name: "Late", Language: "en",
		Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}})
	s.must(err)
	_, err = s.store.LetIn(s.ctx, audit.System(), a.CampaignID)
	s.must(err)
	r = s.until(a.ID, "completion of the late one", complete)
	s.stop(w)
	if *r.Eligible != 13 || r.Accepted != 13 || r.Late != 1 || !r.Closes() {
		t.Errorf("receipt %+v, want thirteen, one of them late", r)
	}
	copies := map[string]int{}
	for _, m := range s.sink.Messages() {
		copies[m.Recipients[0]]++
	}
	if len(copies) != 13 {
		t.Errorf("mail for %d members, want 13", len(copies))
	}
	for to, n := range copies {
		if n != 1 {
			t.Errorf("%s was sent %d copies", to, n)
		}
	}
}

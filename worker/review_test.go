package worker_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
	"holdfast/members"
)

func TestM16_AReplyOfOddLettersStopsNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, 12, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt {
			return smtpsink.Action{Reply: "550 5.1.1 Ⱥ <" + e.Recipient + ">» İ \xff\xfe MEMBER1"}
		}
		return smtpsink.Action{}
	}})
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	if r.Refused != 12 {
		t.Errorf("receipt %+v, want twelve refused", r)
	}
}

func TestI5_WhoLeavesWhileTheRelayIsSlowIsNotMailedLater(t *testing.T) {
	t.Parallel()
	slow := make(chan struct{})
	s := newShop(t, 12, smtpsink.Options{Fault: smtpsink.At(smtpsink.Mail, smtpsink.Action{Until: slow})}) // longer than a window lives
	w := s.start()
	a := s.launch()
	s.until(a.ID, "a window", func(_ campaigns.Appeal, r campaigns.Receipt) bool { return r.Sending > 0 })
	list, err := s.members.List(s.ctx, members.Filter{})
	s.must(err)
	for _, m := range list.Members {
		s.must(s.members.Leave(s.ctx, audit.System(), m.ID, members.ByPage))
	}
	time.AfterFunc(1500*time.Millisecond, func() { close(slow) }) // the relay's slowness, not a wait of this test
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	// One mail on each connection may have been begun; no more.
	if r.Accepted > 4 || r.Accepted+r.Skipped["left"] != 12 {
		t.Errorf("receipt %+v, want at most one a connection to leave after everybody left", r)
	}
}

package worker_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
	"holdfast/members"
)

// I6: what one member gets holds nothing of another: one recipient, its own name, and in every address and link a token that says this
// appeal and this member.
func TestI6_NothingOfOneMemberReachesAnother(t *testing.T) {
	t.Parallel()
	const people = 120
	s := newShop(t, people, smtpsink.Options{})
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	s.whole(people, r)
	for _, m := range s.sink.Messages() {
		var n int
		if _, err := fmt.Sscanf(m.Recipients[0], "member%d@mail.example", &n); err != nil {
			t.Fatal(err)
		}
		for i := range people {
			if i == n {
				continue
			}
			for _, mark := range []string{fmt.Sprintf("member%d@", i), fmt.Sprintf("Member %d\r", i), fmt.Sprintf("Member %d,", i), fmt.Sprintf("Member %d<", i)} {
				if bytes.Contains(m.Data, []byte(mark)) {
					t.Errorf("the mail to member %d holds %q", n, mark)
				}
			}
		}
		token, _, _ := strings.Cut(strings.TrimPrefix(m.Sender, "b+"), "@")
		appeal, member, err := s.links.Return.Read(token)
		if err != nil || appeal != a.ID {
			t.Fatalf("the sender of the mail to member %d says appeal %d, %v", n, appeal, err)
		}
		found, err := s.members.Find(s.ctx, m.Recipients[0])
		s.must(err)
		if found.ID != member {
			t.Errorf("the sender of the mail to member %d says member %d", found.ID, member)
		}
		own := s.links.Unsubscribe.Make(a.ID, member)
		text := strings.ReplaceAll(string(m.Data), "=\r\n", "")
		if strings.Count(text, "/u/"+own) == 0 || strings.Count(text, "/u/") != strings.Count(text, "/u/"+own) {
			t.Errorf("the mail to member %d has a link to leave that is not its own", n)
		}
	}
}

// I7: one appeal is stuck at its relay, with every connection that it may have; an urgent one begun after it reaches everybody meanwhile.
func TestI7_AnUrgentAppealIsNotHeldUpByOneThatIsStuck(t *testing.T) {
	t.Parallel()
	const people = 60
	var stuck atomic.Bool
	stuck.Store(true)
	goOn := make(chan struct{})
	waiting := make(chan struct{}, 2*people)
	s := newShop(t, people, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Dot && stuck.Load() {
			waiting <- struct{}{}
			return smtpsink.Action{Until: goOn}
		}
		return smtpsink.Action{}
	}})
	w := s.start()
	slow := s.launchTo(false, campaigns.Audience{})
	select {
	case <-waiting:
	case <-s.ctx.Done():
		t.Fatal("the first appeal never gets stuck")
	}
	s.until(slow.ID, "all that it may have being stuck", func(_ campaigns.Appeal, r campaigns.Receipt) bool { return r.Sending > 0 })
	stuck.Store(false) // for connections that are not stuck yet
	urgent := s.launchTo(true, campaigns.Audience{})
	r := s.until(urgent.ID, "completion beside an appeal that is stuck", complete)
	if int(r.Accepted) != people {
		t.Errorf("the urgent appeal's receipt %+v", r)
	}
	if a, _, err := s.store.Receipt(s.ctx, slow.ID); err != nil || a.State == campaigns.AppealComplete {
		t.Errorf("the appeal that is stuck is %s, %v", a.State, err)
	}
	close(goOn)
	r = s.until(slow.ID, "completion of the first", complete)
	s.stop(w)
	if int(r.Accepted) != people || s.sink.Count() != 2*people {
		t.Errorf("the first appeal's receipt %+v; %d mails in all", r, s.sink.Count())
	}
}

// C4, but for erasing: while an appeal is on its way, members leave, are suppressed, and change address and language. Who left or was
// suppressed before their claim gets nothing; a new address gets the mail and the old one does not; nobody gets two.
func TestC4_I5_MembersWhoChangeInMidFanOut(t *testing.T) {
	t.Parallel()
	const people = 100
	gate := make(chan struct{})
	s := newShop(t, people, smtpsink.Options{Fault: smtpsink.At(smtpsink.Mail, smtpsink.Action{Until: gate})})
	w := s.start()
	a := s.launch()
	s.until(a.ID, "windows that wait, and rows that wait for theirs", func(a campaigns.Appeal, r campaigns.Receipt) bool {
		return a.FilledAt != nil && r.Sending == 40 && r.Queued == people // a batch on each connection
	})
	list, err := s.store.Deliveries(s.ctx, a.ID, "queued", campaigns.Page{Limit: 20})
	s.must(err)
	none, moved := map[string]bool{}, map[string]string{}
	for i, d := range list[:20] {
		m, err := s.members.Get(s.ctx, d.MemberID)
		s.must(err)
		address := m.Address
		switch i % 4 {
		case 0:
			s.must(s.members.Leave(s.ctx, audit.System(), m.ID, members.ByPage))
			none[address.Mailbox()] = true
		case 1:
			s.must(s.members.Suppress(s.ctx, audit.System(), address, members.AskedStaff))
			none[address.Mailbox()] = true
		case 2:
			now := fmt.Sprintf("moved%d@elsewhere.example", i)
			_, err := s.members.Update(s.ctx, audit.System(), m.ID, members.Change{Address: &now})
			s.must(err)
			moved[address.Mailbox()] = now
		default:
			language := "fr"
			_, err := s.members.Update(s.ctx, audit.System(), m.ID, members.Change{Language: &language})
			s.must(err)
		}
	}
	close(gate)
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	got := map[string]int{}
	for _, m := range s.sink.Messages() {
		got[m.Recipients[0]]++
	}
	for to, n := range got {
		if n > 1 || none[to] || moved[to] != "" {
			t.Errorf("%s got %d mails; left or suppressed: %v; moved to %q", to, n, none[to], moved[to])
		}
	}
	for _, to := range moved {
		if got[to] != 1 {
			t.Errorf("the new address %s got %d mails, want one", to, got[to])
		}
	}
	if r.Skipped["left"] != 5 || r.Skipped["suppressed"] != 5 || int(r.Accepted) != people-10 || len(got) != people-10 {
		t.Errorf("receipt %+v with %d reached; want five left, five suppressed, the others reached", r, len(got))
	}
}

// M21: the mail is returned before the relay's answer is known here. The tokens in its envelope sender and its Message-ID lead to a row that is there
// already, with the mark of what was sent.
func TestM21_AReturnFasterThanTheAnswerFindsItsRow(t *testing.T) {
	t.Parallel()
	const people = 40
	var s *shop
	var found atomic.Int64
	s = newShop(t, people, smtpsink.Options{OnMessage: func(m smtpsink.Message) { // before the answer
		token, _, _ := strings.Cut(strings.TrimPrefix(m.Sender, "b+"), "@")
		appeal, member, err := s.links.Return.Read(token)
		if err != nil {
			t.Errorf("the envelope sender %s leads nowhere: %v", m.Sender, err)
			return
		}
		var state string
		var hash []byte
		if err := s.pool.QueryRow(s.ctx, `SELECT state, hash FROM deliveries WHERE appeal_id = $1 AND member_id = $2`, appeal, member).Scan(&state, &hash); err != nil {
			t.Errorf("the row of a mail that has arrived: %v", err)
			return
		}
		id, _, _ := strings.Cut(m.MessageID, "@")
		byID, ofMember, err := s.links.Message.Read(id)
		if err == nil && byID == appeal && ofMember == member && state == "sending" && len(hash) > 0 {
			found.Add(1)
		}
	}})
	w := s.start()
	a := s.launch()
	r := s.until(a.ID, "completion", complete)
	s.stop(w)
	s.whole(people, r)
	if found.Load() != people {
		t.Errorf("%d of %d mails had their row when they arrived", found.Load(), people)
	}
}

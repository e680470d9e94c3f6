package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/smtpsink"
	"holdfast/letters"
	"holdfast/members"
	"holdfast/templates"
	"holdfast/worker"
)

var letterhead = templates.Organisation{Name: "Refugee Network", PostalAddress: "12 Example Street\nOttawa", Contact: "office@refnet.example"}

// letterShop is a shop with a campaign whose office has an address, and members who got its appeal.
type letterShop struct {
	*shop
	letters  *letters.Store
	campaign campaigns.Campaign
	target   int64
	writers  []letters.Writer
}

func newLetterShop(t *testing.T, people int, o smtpsink.Options) *letterShop {
	t.Helper()
	s := &letterShop{shop: newShop(t, people, o)}
	jobs, err := worker.InsertOnly(s.pool)
	s.must(err)
	s.letters, err = letters.NewStore(s.pool, s.ring, jobs)
	s.must(err)
	s.letters.Pace = time.Millisecond
	a := s.launch()
	s.campaign, err = s.store.Campaign(s.ctx, a.CampaignID)
	s.must(err)
	s.must(s.pool.QueryRow(s.ctx, `UPDATE targets SET address = 'minister@gov.example', fax = '+1 613 555 0142' RETURNING id`).Scan(&s.target))
	_, err = s.store.FillSlice(s.ctx, a.ID, campaigns.Filling{SliceRows: 1000, BatchRows: 100, Cover: time.Hour})
	s.must(err)
	rows, err := s.store.Deliveries(s.ctx, a.ID, "", campaigns.Page{Limit: 200})
	s.must(err)
	for _, r := range rows {
		s.writers = append(s.writers, letters.Writer{AppealID: a.ID, MemberID: r.MemberID})
	}
	// The appeal itself is none of these tests' business.
	s.exec(`UPDATE appeals SET state = 'stopped', stopping_at = now_at(), stopped_at = now_at()`)
	s.exec(`DELETE FROM river_job`)
	return s
}

func (s *letterShop) with(c *worker.Config) {
	c.Letters, c.Letterhead = s.letters, letterhead
	c.Sender.ReplyDomain = "answers.refnet.example"
	c.Pace.Letters = []time.Duration{100 * time.Millisecond}
}

func (s *letterShop) work() *worker.Worker {
	s.t.Helper()
	return s.startWith(s.with)
}

func (s *letterShop) ask(w letters.Writer, text string) int64 {
	s.t.Helper()
	id, err := s.letters.Ask(s.ctx, w, letters.Handed{TargetID: s.target, PageLanguage: "en", Draft: letters.Draft{Name: `Ada "B." Ünal`, Town: "Kingston",
		Email: "visitor@mail.example", Language: "en", Subject: "Please wait: M.R. — « attente »", Text: text}})
	s.must(err)
	return id
}

func (s *letterShop) confirm(id int64) {
	s.t.Helper()
	m, err := s.letters.Mail(s.ctx, id)
	s.must(err)
	s.must(s.letters.Confirm(s.ctx, id, m.Version()))
}

func (s *letterShop) queued(w letters.Writer) int64 {
	s.t.Helper()
	id := s.ask(w, "Dear Minister,\n\nPlease wait.\n\nYours sincerely,")
	s.must(s.letters.WriterAsked(s.ctx, id))
	s.confirm(id)
	return id
}

// untilState waits until a letter is as wanted.
func (s *letterShop) untilState(id int64, state string) letters.LetterMail {
	s.t.Helper()
	var m letters.LetterMail
	s.eventually(fmt.Sprintf("letter %d is %s", id, state), func() bool {
		var err error
		m, err = s.letters.Mail(s.ctx, id)
		s.must(err)
		return m.State == state
	})
	return m
}

// to are the messages to an address.
func (s *letterShop) to(address string) (list []smtpsink.Message) {
	for _, m := range s.sink.Messages() {
		if m.Recipients[0] == address {
			list = append(list, m)
		}
	}
	return list
}

func bodyOf(t *testing.T, raw []byte) (*mail.Message, string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var body io.Reader = m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return m, strings.ReplaceAll(string(text), "\r\n", "\n")
}

var confirmLink = regexp.MustCompile(`https://refnet\.example/c/([a-z2-7]{53})`)

// W1 to W13, as far as they are about a letter: its raw bytes, from the question to the office.
func TestW_ALetterAsItLeavesForTheOffice(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 1, smtpsink.Options{})
	w := s.work()
	id := s.ask(s.writers[0], "Dear Minister,\n\n.\n..dots\nمن فضلكم\nlong "+strings.Repeat("word ", 300)+"\n\nYours sincerely,")
	s.must(s.sink.Wait(s.ctx, 1))
	question := s.to("member0@mail.example")
	if len(question) != 1 || question[0].Sender != "" {
		t.Fatalf("the question to the writer: %+v", s.sink.Messages())
	}
	raw := strings.ReplaceAll(string(question[0].Data), "=\r\n", "")
	link := confirmLink.FindStringSubmatch(raw)
	if link == nil || !strings.Contains(raw, "Auto-Submitted: auto-generated") || strings.Contains(raw, "Ada") || strings.Contains(raw, "List-") {
		t.Fatalf("the question: %s", raw)
	}
	if letter, target, err := s.letters.Links.Confirm.Read(link[1]); err != nil || letter != id || target != s.target {
		t.Errorf("its link says letter %d, target %d, %v", letter, target, err)
	}
	s.confirm(id)
	s.untilState(id, letters.MailSent)
	s.stop(w)
	got := s.to("minister@gov.example")
	if len(got) != 1 || len(got[0].Recipients) != 1 {
		t.Fatalf("%d letters at the office", len(got))
	}
	token := s.letters.Links.Letter.Make(id, s.target)
	m, text := bodyOf(t, got[0].Data)
	from, err := m.Header.AddressList("From")
	s.must(err)
	if from[0].Name != `Ada "B." Ünal via Refugee Network` || from[0].Address != "alerts@refnet.example" {
		t.Errorf("from %v", from)
	}
	if got[0].Sender != "l+"+token+"@return.refnet.example" || m.Header.Get("Reply-To") != "<l+"+token+"@answers.refnet.example>" ||
		m.Header.Get("Message-Id") != "<"+token+"@refnet.example>" {
		t.Errorf("sender %s, header %v", got[0].Sender, m.Header)
	}
	for name := range m.Header {
		if strings.HasPrefix(name, "List-") || name == "Auto-Submitted" || name == "Precedence" || name == "X-Mailer" || name == "User-Agent" || name == "Bcc" {
			t.Errorf("the letter has a field %s", name)
		}
	}
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-Id", "Mime-Version"} {
		if len(m.Header[name]) != 1 {
			t.Errorf("%d fields %s", len(m.Header[name]), name)
		}
	}
	if ct := m.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/plain;") || !strings.Contains(strings.ToLower(ct), "utf-8") {
		t.Errorf("Content-Type %s", ct)
	}
	if !strings.Contains(text, "Dear Minister,\n\n.\n..dots\nمن فضلكم\n") || !strings.Contains(text, "\n\nAda \"B.\" Ünal\nKingston\n\n-- \n") || !strings.Contains(text, "Refugee Network") {
		t.Errorf("the text is\n%s", text)
	}
	for _, none := range []string{"http", "refnet.example", "member0"} {
		if strings.Contains(text, none) {
			t.Errorf("the text holds %q", none)
		}
	}
	for line := range strings.SplitSeq(string(got[0].Data), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("a line of %d octets: %.80q", len(line), line)
		}
	}
	var code int
	var reply string
	s.must(s.pool.QueryRow(s.ctx, `SELECT code, reply FROM letter_mails WHERE letter_id = $1`, id).Scan(&code, &reply))
	if code != 250 || reply == "" {
		t.Errorf("of the relay's answer %d %q is kept", code, reply)
	}
}

func TestTwoWorkersSendOneCopy(t *testing.T) {
	t.Parallel()
	const people = 12
	s := newLetterShop(t, people, smtpsink.Options{})
	var ids []int64
	for _, w := range s.writers {
		ids = append(ids, s.queued(w))
	}
	one, two := s.work(), s.work()
	for _, id := range ids {
		s.untilState(id, letters.MailSent)
	}
	s.stop(one)
	s.stop(two)
	if got := s.to("minister@gov.example"); len(got) != people {
		t.Errorf("%d letters at the office, want %d", len(got), people)
	}
	seen := map[string]bool{}
	for _, m := range s.to("minister@gov.example") {
		if seen[m.MessageID] {
			t.Errorf("%s came twice", m.MessageID)
		}
		seen[m.MessageID] = true
	}
}

// SIGKILL while the relay thinks about the final dot: the office may have it. It is held as unknown, its writer is told, and it never leaves again.
func TestF1_KilledWithALetterOnItsWayItIsHeldAndNotResent(t *testing.T) {
	dot := make(chan struct{}, 1)
	never := make(chan struct{})
	var once sync.Once
	s := newLetterShop(t, 1, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Kept && e.Recipient == "minister@gov.example" {
			once.Do(func() { dot <- struct{}{} })
			return smtpsink.Action{Until: never}
		}
		return smtpsink.Action{}
	}})
	t.Cleanup(func() { close(never) })
	id := s.queued(s.writers[0])
	p := s.process(10 * time.Second)
	select {
	case <-dot:
	case <-s.ctx.Done():
		m, err := s.letters.Mail(context.Background(), id)
		t.Fatalf("the letter never leaves: %s, tried %d times, %v", m.Became(), m.Attempts, err)
	}
	p.kill()
	w := s.work()
	m := s.untilState(id, letters.MailUnknown)
	if *m.Reason != "process" {
		t.Errorf("it is unknown because of %s", *m.Reason)
	}
	s.eventually("the writer is told", func() bool { return len(s.to("member0@mail.example")) == 1 })
	for range 5 { // sweeps later
		_, err := s.letters.Sweep(s.ctx, 0)
		s.must(err)
	}
	s.stop(w)
	if got := s.to("minister@gov.example"); len(got) != 1 {
		t.Errorf("the office has %d copies", len(got))
	}
	raw := strings.ReplaceAll(string(s.to("member0@mail.example")[0].Data), "=\r\n", "")
	if !strings.Contains(raw, "/c/") || !strings.Contains(raw, "Fax") {
		t.Errorf("the note names no other way:\n%s", raw)
	}
	if own := "/r/" + s.links.Report.Make(*m.AppealID, *m.MemberID); !strings.Contains(raw, own) || strings.Contains(raw, "/a/") {
		t.Errorf("the note does not lead a member to their own page:\n%s", raw)
	}
}

func TestCutOffAfterTheDotIsHeldAndNotResent(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 1, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		return smtpsink.Action{Cut: e.Step == smtpsink.Kept && e.Recipient == "minister@gov.example"}
	}})
	id := s.queued(s.writers[0])
	w := s.work()
	if m := s.untilState(id, letters.MailUnknown); *m.Reason != "silence" {
		t.Errorf("it is unknown because of %s", *m.Reason)
	}
	s.eventually("the writer is told", func() bool { return len(s.to("member0@mail.example")) == 1 })
	s.stop(w)
	if got := s.to("minister@gov.example"); len(got) != 1 {
		t.Errorf("the office has %d copies", len(got))
	}
}

func TestRefusedForGoodAndLaterAreToldApart(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	busy := 2
	s := newLetterShop(t, 2, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		mu.Lock()
		defer mu.Unlock()
		if e.Step != smtpsink.Rcpt || e.Recipient != "minister@gov.example" {
			return smtpsink.Action{}
		}
		if busy--; busy >= 0 {
			return smtpsink.Action{Reply: "451 4.3.0 minister@gov.example is busy"}
		}
		return smtpsink.Action{}
	}})
	w := s.work()
	id := s.queued(s.writers[0])
	if m := s.untilState(id, letters.MailSent); m.Attempts < 2 {
		t.Errorf("sent at attempt %d", m.Attempts)
	}
	s.stop(w)
	s2 := newLetterShop(t, 1, smtpsink.Options{Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt && e.Recipient == "minister@gov.example" {
			return smtpsink.Action{Reply: "550 5.1.1 <minister@gov.example>: no such mailbox"}
		}
		return smtpsink.Action{}
	}})
	id = s2.queued(s2.writers[0])
	w = s2.work()
	m := s2.untilState(id, letters.MailRefused)
	s2.eventually("the writer is told", func() bool { return len(s2.to("member0@mail.example")) == 1 })
	s2.stop(w)
	var reply string
	s2.must(s2.pool.QueryRow(s2.ctx, `SELECT reply FROM letter_mails WHERE letter_id = $1`, id).Scan(&reply))
	if *m.Reason != "address" || strings.Contains(reply, "minister@") {
		t.Errorf("refused because of %s: %s", *m.Reason, reply)
	}
	if marks, err := s2.letters.Marks(s2.ctx, s2.target); err != nil || len(marks) != 1 {
		t.Errorf("marks %+v, %v", marks, err)
	}
}

// heldAtTheEnvelope is a shop whose office takes no envelope before goOn is closed; comes waits until one is there.
func heldAtTheEnvelope(t *testing.T) (s *letterShop, comes func(), goOn chan struct{}) {
	t.Helper()
	at, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s = newLetterShop(t, 1, smtpsink.Options{Extensions: []string{}, Fault: func(e smtpsink.Event) smtpsink.Action {
		if e.Step == smtpsink.Rcpt && e.Recipient == "minister@gov.example" {
			once.Do(func() { close(at) })
			return smtpsink.Action{Until: goOn}
		}
		return smtpsink.Action{}
	}})
	return s, func() {
		t.Helper()
		select {
		case <-at:
		case <-s.ctx.Done():
			t.Fatal("the letter never comes to its envelope")
		}
	}, goOn
}

// The campaign is stopped while the connection is at the envelope: the body does not leave; resumed, it does, once.
func TestR4_AStopWhileALetterIsAtItsEnvelope(t *testing.T) {
	t.Parallel()
	s, comes, goOn := heldAtTheEnvelope(t)
	id := s.queued(s.writers[0])
	w := s.work()
	comes()
	s.exec(`UPDATE campaigns SET state = 'stopped'`)
	close(goOn)
	s.untilState(id, letters.MailQueued)
	_, err := s.letters.Sweep(s.ctx, time.Minute)
	s.must(err)
	if n := len(s.to("minister@gov.example")); n != 0 {
		t.Fatalf("%d letters left after the stop", n)
	}
	s.exec(`UPDATE campaigns SET state = 'active'`)
	s.untilState(id, letters.MailSent)
	s.stop(w)
	if n := len(s.to("minister@gov.example")); n != 1 {
		t.Errorf("%d letters at the office", n)
	}
}

// What was asked for before anybody worked, or when a job was lost, is found by the sweep.
func TestTheSweepPromisesWhatNoJobCovers(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 2, smtpsink.Options{})
	sends := s.queued(s.writers[0])
	s.ask(s.writers[1], "Dear Minister,")
	s.exec(`DELETE FROM river_job`)
	w := s.work()
	s.untilState(sends, letters.MailSent)
	s.eventually("the other writer is asked", func() bool { return len(s.to("member1@mail.example")) == 1 })
	s.stop(w)
	if n := s.sink.Count(); n != 2 {
		t.Errorf("%d mails, want a letter and a question", n)
	}
}

// Nobody is mailed whose address is suppressed, whatever is asked for in their name.
func TestASuppressedAddressIsNotAsked(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 1, smtpsink.Options{})
	address, err := members.ParseAddress("visitor@mail.example")
	s.must(err)
	s.must(s.members.Suppress(s.ctx, audit.System(), address, members.AskedStaff))
	visitor, err := s.letters.Visit(s.ctx, s.campaign.ID, "192.0.2.7")
	s.must(err)
	quiet, asked := s.ask(visitor, "Dear Minister,"), s.ask(s.writers[0], "Dear Minister,")
	w := s.work()
	s.eventually("both are seen to", func() bool {
		return s.count(`SELECT count(*) FROM letter_mails WHERE asked_mailed AND letter_id = ANY ($1)`, []int64{quiet, asked}) == 2
	})
	s.stop(w)
	if len(s.to("visitor@mail.example")) != 0 || len(s.to("member0@mail.example")) != 1 {
		t.Errorf("%d mails", s.sink.Count())
	}
}

// Who had the house mail a letter hears of the answer once a person has read it, and what the office wrote is in no mail. Who has left hears nothing.
func TestTheWriterIsToldOfTheAnswerOnceAPersonHasReadIt(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 2, smtpsink.Options{})
	s.work()
	var sent []int64
	for _, w := range s.writers {
		id := s.queued(w)
		s.untilState(id, letters.MailSent)
		sent = append(sent, id)
	}
	s.must(s.members.Leave(s.ctx, audit.System(), s.writers[1].MemberID, members.ByStaff))
	var reply int64
	for _, id := range sent {
		var err error
		reply, err = s.letters.TakeAnswer(s.ctx, id, s.target, letters.Mail{Key: "k", From: "office@gov.example", Subject: "Your letter", Text: "The Minister agrees."})
		s.must(err)
	}
	before := s.sink.Count()
	s.must(s.letters.SettleReply(s.ctx, audit.System(), reply, letters.Settlement{Kind: "substantive", TargetID: s.target, CampaignID: s.campaign.ID,
		AnsweredOn: campaigns.DayOf(time.Now().UTC())}))
	s.eventually("nothing is left to tell", func() bool {
		var open int
		s.must(s.pool.QueryRow(s.ctx, `SELECT count(*) FROM river_job WHERE kind = 'tell_answer' AND state <> 'completed'`).Scan(&open))
		return open == 0
	})
	told := s.sink.Messages()[before:]
	if len(told) != 1 {
		t.Fatalf("%d mails, want one to the member who stayed", len(told))
	}
	m, body := bodyOf(t, told[0].Data)
	if !strings.Contains(body, "was answered") || !strings.Contains(body, "/c/") || strings.Contains(body, "agrees") || m.Header.Get("Auto-Submitted") == "" {
		t.Errorf("the mail:\n%s", told[0].Data)
	}
	answers, err := s.letters.AnswersTo(s.ctx, sent[0])
	s.must(err)
	if len(answers) != 1 || answers[0].Text != "The Minister agrees." {
		t.Errorf("the writer's page has %+v", answers)
	}
}

// What became of a letter is told to who may be mailed now, where they are now: not to who left since, and not at an address that is no longer theirs.
func TestP2_WhatBecameOfALetterIsToldToNobodyWhoHasLeft(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 3, smtpsink.Options{})
	var ids []int64
	for _, w := range s.writers {
		id := s.queued(w)
		ids = append(ids, id)
		s.exec(`UPDATE letter_mails SET due_at = now_at() WHERE letter_id = $1`, id)
		var c letters.Claimed
		s.eventually("the letter has its turn", func() (ok bool) {
			var err error
			c, _, ok, err = s.letters.Claim(s.ctx, id, time.Minute)
			s.must(err)
			s.exec(`UPDATE letter_mails SET due_at = now_at() WHERE letter_id = $1`, id)
			return ok
		})
		s.must(s.letters.Settle(s.ctx, letters.MailVerdict{Claimed: c, Outcome: campaigns.Refused, Reason: "content", Code: 554, Reply: "no"}, letters.LetterWaits))
	}
	byAddress := func(address string) int64 {
		m, err := s.members.Find(s.ctx, address)
		s.must(err)
		return m.ID
	}
	left, moved := byAddress("member0@mail.example"), byAddress("member1@mail.example")
	s.must(s.members.Leave(s.ctx, audit.Member(), left, members.ByPage))
	address := "elsewhere@mail.example"
	_, err := s.members.Update(s.ctx, audit.System(), moved, members.Change{Address: &address})
	s.must(err)
	w := s.work()
	s.eventually("all are seen to", func() bool {
		return s.count(`SELECT count(*) FROM letter_mails WHERE told_at IS NOT NULL AND letter_id = ANY ($1)`, ids) == 3
	})
	s.stop(w)
	if a, b, c, d := len(s.to("member0@mail.example")), len(s.to("member1@mail.example")), len(s.to(address)), len(s.to("member2@mail.example")); a != 0 || b != 0 || c != 1 || d != 1 {
		t.Errorf("%d to who left, %d to an old address, %d to the new one, %d to who stayed", a, b, c, d)
	}
}

// That the database cannot be read for a moment is no refusal: between the claim and the sending nothing has left, so the letter is given back.
func TestADatabaseThatCannotBeReadRefusesNoLetter(t *testing.T) {
	t.Parallel()
	s := newLetterShop(t, 1, smtpsink.Options{})
	s.exec(`ALTER TABLE targets RENAME COLUMN fax TO fax_away`) // read for the letter, and not for the claim
	id := s.queued(s.writers[0])
	s.work()
	s.eventually("it is claimed", func() bool {
		return s.count(`SELECT count(*) FROM letter_mails WHERE claim > 0 AND state <> 'sending'`) == 1
	})
	s.exec(`ALTER TABLE targets RENAME COLUMN fax_away TO fax`)
	if m, err := s.letters.Mail(s.ctx, id); err != nil || m.State == letters.MailRefused {
		t.Fatalf("it is %s: %v", m.State, err)
	}
	s.untilState(id, letters.MailSent)
}

// A process that stood still is taken for dead while it is at the envelope. Once it goes on it knows that nothing has left, and says so: the letter
// leaves after all, once.
func TestALetterWhoseSenderWasTakenForDeadLeavesOnce(t *testing.T) {
	t.Parallel()
	s, comes, goOn := heldAtTheEnvelope(t)
	id := s.queued(s.writers[0])
	one := s.work()
	comes()
	s.eventually("it is taken for lost", func() bool { // again, where its claim was renewed in between
		s.exec(`UPDATE letter_mails SET lease_until = now_at() - interval '1 second' WHERE state = 'sending'`)
		_, err := s.letters.Sweep(s.ctx, 0)
		s.must(err)
		return s.count(`SELECT count(*) FROM letter_mails WHERE state = 'unknown' AND reason = 'process'`) == 1
	})
	two := s.work()
	close(goOn)
	s.untilState(id, letters.MailSent)
	s.stop(one)
	s.stop(two)
	if n := len(s.to("minister@gov.example")); n != 1 {
		t.Errorf("%d letters at the office", n)
	}
}

package letters_test

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/letters"
)

// A write whose answer was lost on the way is made again. By then the letter may be somebody else's.
func TestGivingBackTwiceTakesNobodyElsesClaim(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	mine := d.claim(d.queued(d.writers[0], d.targets[0]))
	d.must(d.store.Unclaim(d.ctx, mine, 0))
	theirs := d.claim(mine.LetterID)
	d.must(d.store.Unclaim(d.ctx, mine, 0))
	if may, err := d.store.StillMay(d.ctx, theirs); err != nil || !may {
		t.Errorf("the letter that another process sends was given back for it: %v, %v", d.mail(mine.LetterID).State, err)
	}
	if ok, err := d.store.Renew(d.ctx, mine, lease); err != nil || ok {
		t.Errorf("a claim given back is renewed: %v", err)
	}
	d.settle(mine, campaigns.Refused, "content", 554)
	if m := d.mail(mine.LetterID); m.State != letters.MailSending {
		t.Errorf("settled by who had given it back: %s", m.State)
	}
	d.settle(theirs, campaigns.Refused, "content", 554)
	again := d.claim(d.queued(d.writers[0], d.targets[0])) // its writer asks anew
	d.settle(theirs, campaigns.Refused, "content", 554)
	if m := d.mail(again.LetterID); m.State != letters.MailSending || m.Attempts != 1 {
		t.Errorf("an old verdict is taken for that of the new letter: %+v", m)
	}
}

// A process that was taken for dead, and knows that nothing left, says so: nobody else can have sent the letter meanwhile.
func TestAnUnknownOfWhichNothingLeftIsGivenBack(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	c := d.claim(d.queued(d.writers[0], d.targets[0]))
	d.lost(c)
	if m := d.unclaimable(c.LetterID); m.State != letters.MailUnknown {
		t.Fatalf("it is %s", m.State)
	}
	d.must(d.store.WriterTold(d.ctx, c.LetterID))
	d.must(d.store.Unclaim(d.ctx, c, 0))
	m := d.mail(c.LetterID)
	if m.State != letters.MailQueued || m.Reason != nil || m.SettledAt != nil || m.ToldAt != nil || m.Attempts != 0 {
		t.Fatalf("given back it is %+v", m)
	}
	next := d.claim(c.LetterID)
	d.settle(next, campaigns.Unknown, "", 0)
	d.must(d.store.Unclaim(d.ctx, c, 0))
	d.must(d.store.Unclaim(d.ctx, next, 0))
	if m := d.mail(c.LetterID); m.State != letters.MailUnknown || *m.Reason != "silence" {
		t.Errorf("what may have left is given back: %+v", m)
	}
}

// The office gets the letter where it is now, or not at all.
func TestR4_ATargetThatHasMovedGetsNothingAtItsOldAddress(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	c := d.claim(d.queued(d.writers[0], d.targets[0]))
	d.exec(`UPDATE targets SET address = 'new@gov.example'`)
	if may, err := d.store.StillMay(d.ctx, c); err != nil || may {
		t.Errorf("it may leave for %s: %v", c.To, err)
	}
	d.must(d.store.Unclaim(d.ctx, c, 0))
	if c := d.claim(c.LetterID); c.To != "new@gov.example" {
		t.Errorf("it leaves for %s", c.To)
	}
}

// Whoever sent the same letter themselves between asking and the yes has written it: the office does not get it from us as well.
func TestR13_WhatWasReportedBeforeTheYesIsNotMailedAsWell(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 2)
	id := d.ask(d.writers[0], d.targets[0])
	r := d.report(1, d.targets[0])
	r.Channel = "email"
	d.must(d.store.Report(d.ctx, d.writers[0], r))
	if err := d.store.Confirm(d.ctx, id, d.mail(id).Version()); whyNot(err) != letters.WhyReported {
		t.Errorf("confirmed after a report: %v", err)
	}
	d.must(d.store.Withdraw(d.ctx, d.writers[0], id))
	if err := d.store.Confirm(d.ctx, id, d.mail(id).Version()); whyNot(err) != letters.WhyOver {
		t.Errorf("confirmed after it was withdrawn: %v", err)
	}
	// A copy of a letter sent by themselves proves that the office has it; what waits here is taken back.
	other := d.queued(d.writers[1], d.targets[0])
	d.must(d.store.CopyArrived(d.ctx, d.writers[1].AppealID, d.targets[0], d.writers[1].MemberID, "m1@mail.example"))
	if m := d.unclaimable(other); m.State != letters.MailWithdrawn {
		t.Errorf("with a copy of their own it is %s", m.State)
	}
	if got := d.totals(); len(got) != 1 || got[0].Grade != letters.Confirmed || got[0].Letters != 1 {
		t.Errorf("totals %+v", got)
	}
}

// Two dozen workers whose leases run out under them, with sweeps, verdicts that come late or twice, withdrawals and stops beside: of each letter at
// most one copy leaves, and what the ledger says of it is not less than what is known.
func TestUnderAnyLeaseNoLetterLeavesTwice(t *testing.T) {
	t.Parallel()
	const people, rounds = 12, 40
	d := newMailing(t, people)
	d.store.Pace = time.Microsecond
	var ids []int64
	left := map[int64]*atomic.Int64{}
	for i, w := range d.writers {
		id := d.queued(w, d.targets[i%2])
		ids = append(ids, id)
		left[id] = &atomic.Int64{}
	}
	var wg sync.WaitGroup
	try := func(id int64) (c letters.Claimed, given bool) {
		c, _, ok, err := d.store.Claim(d.ctx, id, time.Duration(rand.IntN(3))*time.Millisecond)
		var may bool
		if err == nil && ok {
			may, err = d.store.StillMay(d.ctx, c)
		}
		switch {
		case err != nil || !ok:
		case may && rand.IntN(6) == 0:
			left[id].Add(1)
			runtime.Gosched()
			v := letters.MailVerdict{Claimed: c, Outcome: campaigns.Accepted, Code: 250, Reply: "taken"}
			err = errors.Join(d.store.Settle(d.ctx, v, letters.LetterWaits), d.store.Settle(d.ctx, v, letters.LetterWaits))
		default:
			given, err = true, d.store.Unclaim(d.ctx, c, 0)
		}
		if err != nil {
			t.Error(err)
		}
		return c, given
	}
	for range 12 {
		wg.Go(func() {
			var old []letters.Claimed
			for range rounds {
				if c, given := try(ids[rand.IntN(people)]); given {
					old = append(old, c)
				}
				for _, c := range old { // as one whose first answer was lost does
					if err := d.store.Unclaim(d.ctx, c, 0); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range rounds {
				if _, err := d.store.Sweep(d.ctx, 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range rounds {
			if _, err := d.store.StopLine(d.ctx, audit.System(), d.targets[0]); err != nil {
				t.Error(err)
			}
			if _, err := d.store.ResumeLine(d.ctx, audit.System(), d.targets[0]); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	for _, id := range ids {
		m, n := d.mail(id), left[id].Load()
		if n > 1 || (n == 1) != (m.State == letters.MailSent) {
			t.Errorf("letter %d left %d times, and is %s", id, n, m.State)
		}
	}
}

// An answer that somebody looks at again is not a new one to who was told of it.
func TestAnAnswerIsToldOnceHoweverOftenItIsSettled(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	id := d.queued(d.writers[0], d.targets[0])
	d.settle(d.claim(id), campaigns.Accepted, "", 250)
	reply, err := d.store.TakeAnswer(d.ctx, id, d.targets[0], letters.Mail{Key: "k", Text: "We have read it."})
	d.must(err)
	for i, step := range []struct {
		kind string
		told int
	}{{"returned", 0}, {"substantive", 1}, {"acknowledgement", 0}} {
		d.must(d.store.SettleReply(d.ctx, audit.System(), reply, letters.Settlement{Kind: step.kind, TargetID: d.targets[0], CampaignID: d.campaign.ID,
			AnsweredOn: campaigns.DayOf(time.Now().UTC())}))
		if told := d.jobs("tell_answer", id); told != step.told {
			t.Errorf("settled %d times: %d promises to tell, want %d", i+1, told, step.told)
		}
		d.exec(`DELETE FROM river_job`)
		d.must(d.store.SetReplyState(d.ctx, audit.System(), reply, letters.ReplyUnread))
	}
}

// A letter withdrawn by the link of the appeal is withdrawn here too, at once, asked for or confirmed: no sweep has to find it, and a report of the same
// letter afterwards does not let it go.
func TestR4_AWithdrawalTakesTheMailAlongWhateverIsReportedThen(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 2)
	asked, queued := d.ask(d.writers[0], d.targets[0]), d.queued(d.writers[1], d.targets[0])
	for i, id := range []int64{asked, queued} {
		d.must(d.store.Withdraw(d.ctx, d.writers[i], id))
		if m := d.mail(id); m.State != letters.MailWithdrawn || m.SettledAt == nil {
			t.Errorf("withdrawn, the mail is %s", m.State)
		}
		r := d.report(1, d.targets[0])
		r.Channel = "email"
		d.must(d.store.Report(d.ctx, d.writers[i], r))
		d.unclaimable(id)
		if err := d.store.Confirm(d.ctx, id, d.mail(id).Version()); whyNot(err) != letters.WhyOver {
			t.Errorf("confirmed: %v", err)
		}
	}
}

// Reported as one of three, the letter that we sent has left as well: nobody takes it back.
func TestWhatHasLeftIsNotTakenBackHoweverManyWereReported(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	c := d.claim(d.queued(d.writers[0], d.targets[0]))
	r := d.report(3, d.targets[0])
	r.Channel = "email"
	d.must(d.store.Report(d.ctx, d.writers[0], r))
	d.settle(c, campaigns.Accepted, "", 250)
	if err := d.store.Withdraw(d.ctx, d.writers[0], c.LetterID); !failure.Is(err, failure.Conflict) {
		t.Errorf("taken back: %v", err)
	}
	if l := d.letter(c.LetterID); l.State != letters.Counted || l.Copies != 3 {
		t.Errorf("it is %+v", l)
	}
}

// A writer who was told that nobody can know hears of the relay's refusal, which came late.
func TestALateAnswerIsToldToWhoHeardOfSilence(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	c := d.claim(d.queued(d.writers[0], d.targets[0]))
	d.lost(c)
	d.must(d.store.WriterTold(d.ctx, c.LetterID))
	d.settle(c, campaigns.Refused, "address", 550)
	if m := d.mail(c.LetterID); m.State != letters.MailRefused || m.ToldAt != nil || d.jobs("tell_writer", c.LetterID) == 0 {
		t.Errorf("refused late, it is %+v, with %d jobs that tell", m, d.jobs("tell_writer", c.LetterID))
	}
}

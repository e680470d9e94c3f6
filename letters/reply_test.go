package letters_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/letters"
)

// letterBy is the letter of a writer to a target by a channel, reported.
func (d *desk) letterBy(writer, target int, channel string) letters.Letter {
	d.t.Helper()
	r := d.report(1, d.targets[target])
	r.Channel = channel
	d.must(d.store.Report(d.ctx, d.writers[writer], r))
	own, err := d.store.Of(d.ctx, d.writers[writer])
	d.must(err)
	for _, l := range own {
		if l.TargetID == d.targets[target] && l.Channel == channel {
			return l
		}
	}
	d.t.Fatal("no letter")
	return letters.Letter{}
}

func (d *desk) linksOf(reply int64) map[int64]string {
	d.t.Helper()
	list, err := d.store.ReplyLinks(d.ctx, reply)
	d.must(err)
	found := map[int64]string{}
	for _, l := range list {
		found[l.LetterID] = l.How + " " + l.State
	}
	return found
}

func TestAnAnswerThatQuotesThePrintedCodeProvesTheLetterOnPaper(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	printed, other := d.letterBy(0, 0, "post"), d.letterBy(1, 0, "post")
	for id, code := range map[int64]string{printed.ID: "7K3M9XQ2", other.ID: "ABCD2345"} {
		_, err := d.db.Exec(d.ctx, printCodeSQL, id, code)
		d.must(err)
	}
	id, err := d.store.AddScan(d.ctx, audit.System(), letters.Scan{TargetID: d.targets[0], Text: "Our file; your code 7k3m-9xq2, not 0000-0000."})
	d.must(err)
	if got := d.linksOf(id); len(got) != 1 || got[printed.ID] != "code linked" {
		t.Errorf("links %v", got)
	}
	own, err := d.store.Of(d.ctx, d.writers[0])
	d.must(err)
	if own[0].Grade != letters.Paper {
		t.Errorf("the letter is %s, want paper", own[0].Grade)
	}
	if own, err = d.store.Of(d.ctx, d.writers[1]); err != nil || own[0].Grade != letters.Reported {
		t.Errorf("the other letter is %s, %v", own[0].Grade, err)
	}
}

// What somebody writes to us proves no letter that they cannot have been told of: not those of others, nor those to another office.
func TestACodeProvesNothingInTheMailOfWhoCannotKnowIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	own, others, elsewhere := d.letterBy(0, 0, "post"), d.letterBy(1, 0, "post"), d.letterBy(1, 1, "post")
	for id, code := range map[int64]string{own.ID: "7K3M9XQ2", others.ID: "ABCD2345", elsewhere.ID: "BCDE3456"} {
		_, err := d.db.Exec(d.ctx, printCodeSQL, id, code)
		d.must(err)
	}
	const all = "7K3M-9XQ2 ABCD-2345 BCDE-3456"
	id, err := d.store.TakeFromMember(d.ctx, d.writers[0], letters.CameByAlert, letters.Mail{Key: "1", From: "m0@mail.example", Text: all})
	d.must(err)
	if got := d.linksOf(id); len(got) != 1 || got[own.ID] != "code linked" {
		t.Errorf("of a member: %v", got)
	}
	if id, err = d.store.TakeAnswer(d.ctx, others.ID, d.targets[0], letters.Mail{Key: "2", From: "office@gov.example", Text: all}); err != nil {
		t.Fatal(err)
	}
	if got := d.linksOf(id); len(got) != 2 || got[elsewhere.ID] != "" {
		t.Errorf("of an office: %v", got)
	}
	for _, l := range []struct {
		writer int
		id     int64
		want   string
	}{{0, own.ID, letters.Paper}, {1, others.ID, letters.Paper}, {1, elsewhere.ID, letters.Reported}} {
		list, err := d.store.Of(d.ctx, d.writers[l.writer])
		d.must(err)
		for _, one := range list {
			if one.ID == l.id && one.Grade != l.want {
				t.Errorf("letter %d is %s, want %s", l.id, one.Grade, l.want)
			}
		}
	}
}

func TestAForwardedAnswerIsSuggestedByTheCampaignThatItNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	own, foreign := d.letterBy(0, 0, "email"), d.letterBy(1, 0, "email")
	reference := strings.Replace(d.campaign.Reference(), "UA", "AU", 1) // as French has it
	for i, text := range []string{"About " + reference + ": no.", "About nothing."} {
		id, err := d.store.TakeFromMember(d.ctx, d.writers[0], letters.CameByForward, letters.Mail{Key: reference + text, From: "m0@mail.example", Subject: "Fwd", Text: text})
		d.must(err)
		if got := d.linksOf(id); len(got) != 1 || got[own.ID] != "guess suggested" || got[foreign.ID] != "" {
			t.Errorf("%d: links %v", i, got)
		}
	}
}

func TestOneAnswerIsLinkedToAllWhoWroteInOnePressAndARejectionStays(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 5)
	var ids []int64
	for i := range 5 {
		ids = append(ids, d.letterBy(i, 0, "email").ID)
	}
	d.letterBy(0, 1, "email")
	d.must(d.store.Withdraw(d.ctx, d.writers[4], ids[4]))
	id, err := d.store.TakeAnswer(d.ctx, ids[0], d.targets[0], letters.Mail{Key: "k", From: "o@gov.example", Subject: "x", Text: "Dear all"})
	d.must(err)
	d.must(d.store.Link(d.ctx, audit.System(), id, ids[1]))
	d.must(d.store.Unlink(d.ctx, audit.System(), id, ids[1]))
	n, err := d.store.LinkAll(d.ctx, audit.System(), id, d.campaign.ID, d.targets[0])
	d.must(err)
	got := d.linksOf(id)
	if n != 2 || len(got) != 4 || !strings.HasSuffix(got[ids[1]], "rejected") || !strings.HasSuffix(got[ids[2]], "linked") || got[ids[4]] != "" {
		t.Errorf("%d were linked: %v", n, got)
	}
	if err := d.store.Unlink(d.ctx, audit.System(), id, 4711); !failure.Is(err, failure.NotFound) {
		t.Errorf("a letter that is not there: %v", err)
	}
}

func TestAReplyIsSettledWithWhatIsRightAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 1)
	l := d.letterBy(0, 0, "email")
	id, err := d.store.TakeAnswer(d.ctx, l.ID, d.targets[0], letters.Mail{Key: "k", Text: "x"})
	d.must(err)
	good := letters.Settlement{Kind: letters.Substantive, TargetID: d.targets[0], CampaignID: d.campaign.ID, AnsweredOn: campaigns.DayOf(time.Now().UTC())}
	for field, change := range map[string]func(*letters.Settlement){
		"kind":        func(s *letters.Settlement) { s.Kind = "poem" },
		"target":      func(s *letters.Settlement) { s.TargetID = d.targets[2] }, // which the campaign does not write to
		"answered_on": func(s *letters.Settlement) { s.AnsweredOn = campaigns.DayOf(time.Now().AddDate(0, 0, 3)) },
	} {
		bad := good
		change(&bad)
		if err := d.store.SettleReply(d.ctx, audit.System(), id, bad); !failure.Is(err, failure.Invalid) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	d.must(d.store.SettleReply(d.ctx, audit.System(), id, good))
	r, err := d.store.Reply(d.ctx, id)
	d.must(err)
	if r.State != letters.ReplySettled || *r.Kind != letters.Substantive || r.SettledAt == nil {
		t.Errorf("%+v", r)
	}
}

func TestB6_ALetterReturnsOnceAndAWithdrawnOneStaysWithdrawn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, dbtest.Pool(t), 2)
	first, second, paper := d.letterBy(0, 0, "email"), d.letterBy(1, 0, "email"), d.letterBy(1, 0, "post")
	d.must(d.store.Withdraw(d.ctx, d.writers[1], second.ID))
	for range 2 {
		for _, id := range []int64{first.ID, second.ID, paper.ID} {
			d.must(d.store.LetterReturned(d.ctx, id, "5.1.1"))
		}
	}
	own, err := d.store.Of(d.ctx, d.writers[0])
	d.must(err)
	if own[0].State != letters.Returned || own[0].ReturnedAt == nil {
		t.Errorf("%+v", own[0])
	}
	if own, err = d.store.Of(d.ctx, d.writers[1]); err != nil || own[0].State != letters.Withdrawn || own[1].State != letters.Counted {
		t.Errorf("%+v, %v", own, err)
	}
	if err := d.store.LetterReturned(d.ctx, 4711, "5.1.1"); !failure.Is(err, failure.NotFound) {
		t.Errorf("a letter that is not there: %v", err)
	}
}

// A visitor is known by nothing but what they signed; the answer to it shows nobody that.
func TestAnAnswerToAVisitorShowsNobodyWhoWrote(t *testing.T) {
	t.Parallel()
	d := newMailing(t, 1)
	letter := d.queued(d.visitor(), d.targets[0])
	id, err := d.store.TakeAnswer(d.ctx, letter, d.targets[0], letters.Mail{Key: "k", Subject: "For Ada B. of Kingston", Text: "ada b. wrote from ada@mail.example."})
	d.must(err)
	reply, err := d.store.Reply(d.ctx, id)
	d.must(err)
	if said := strings.ToLower(reply.Shown.Subject + reply.Shown.Text); strings.Contains(said, "ada") {
		t.Errorf("shown: %+v", reply.Shown)
	}
}

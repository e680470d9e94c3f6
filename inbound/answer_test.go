package inbound

import (
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/letters"
)

const ministry = `From: "Office of the Minister" <minister@ministry.example>
To: whoever@answers.refnet.example
Subject: Your letter
Message-ID: <1@ministry.example>

Dear Ms. Lindqvist,

We acknowledge receipt of your letter of 24 November.
Write to m0@mail.example? No: to us.

12 Example Street, Ottawa ON  K1A 0Z9
`

func TestAnAnswerOfAnOfficeIsLinkedToItsLetterAndShowsNoWriter(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	id, address := d.letter(t, 0, 0)
	if got := d.mail(t, "minister@ministry.example", address, ministry); got != "" {
		t.Fatalf("refused: %s", got)
	}
	list := d.replies(t)
	if len(list) != 1 {
		t.Fatalf("%d replies", len(list))
	}
	r := list[0]
	if r.Came != letters.CameByMail || r.State != letters.ReplyUnread || *r.TargetID != d.targets[0] || *r.CampaignID != d.campaign.ID || r.Letters != 1 ||
		r.KindGuessed == nil || *r.KindGuessed != letters.Acknowledgement || r.Automatic || r.AnsweredOn == nil {
		t.Errorf("reply %+v", r)
	}
	for _, secret := range []string{"Lindqvist", "m0@mail.example", "K1A"} {
		if strings.Contains(r.Shown.Text, secret) {
			t.Errorf("others see %q:\n%s", secret, r.Shown.Text)
		}
	}
	if links := d.linked(t, r.ID); len(links) != 1 || links[0].LetterID != id || links[0].How != "address" || links[0].State != "linked" {
		t.Errorf("links %+v", links)
	}
	whole, err := d.letters.OpenReply(d.ctx, audit.System(), r.ID)
	if err != nil || !strings.Contains(whole.Text, "Dear Ms. Lindqvist") || whole.From != "Office of the Minister <minister@ministry.example>" {
		t.Errorf("whole %+v, %v", whole, err)
	}
}

func TestTheSameAnswerTwiceIsOneRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2, 1)
	_, address := d.letter(t, 0, 0)
	second, other := d.letter(t, 0, 1)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if got := d.mail(t, "a@ministry.example", address, "Received: from x by hop"+strings.Repeat("x", i)+"\n"+ministry); got != "" {
				t.Errorf("refused: %s", got)
			}
		})
	}
	all.Wait()
	if got := d.mail(t, "a@ministry.example", other, ministry); got != "" {
		t.Errorf("to the other letter: %s", got)
	}
	list := d.replies(t)
	if len(list) != 1 || list[0].Letters != 2 {
		t.Fatalf("replies %+v, want one to two letters", list)
	}
	if links := d.linked(t, list[0].ID); links[1].LetterID != second {
		t.Errorf("links %+v", links)
	}
	if got := d.mail(t, "a@ministry.example", address, strings.Replace(ministry, "acknowledge", "do not acknowledge", 1)); got != "" || len(d.replies(t)) != 2 {
		t.Errorf("another text with the same Message-ID is another answer: %s, %d replies", got, len(d.replies(t)))
	}
}

func TestAForgedTokenIsRefusedAndNothingIsKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	id, address := d.letter(t, 0, 0)
	token := d.letters.Links.Letter.Make(id, d.targets[0])
	for name, to := range map[string]string{
		"altered":          strings.Replace(address, token[:4], "zzzz", 1),
		"of a copy":        "l+" + d.letters.Links.Copy.Make(id, d.targets[0]) + "@" + replyDomain,
		"a copy's":         "c+" + token + "@" + replyDomain,
		"an alert's":       "r+" + token + "@" + replyDomain,
		"no such letter":   "l+" + d.letters.Links.Letter.Make(id+1, d.targets[0]) + "@" + replyDomain,
		"no such alert":    "r+" + d.links.Reply.Make(d.appeal, 4711) + "@" + replyDomain,
		"another member's": "c+" + d.letters.Links.Copy.Make(letters.Pair(d.appeal, d.targets[0]), 4711) + "@" + replyDomain,
	} {
		if got := d.mail(t, "a@b.example", to, "From: a@b.example\nTo: "+officeAddress+"\nSubject: x\n\nsent 1 letter"); got != "550 5.1.1" {
			t.Errorf("%s: %q, want 550 5.1.1", name, got)
		}
	}
	if n := len(d.replies(t)); n > 0 {
		t.Errorf("%d replies", n)
	}
}

func TestAVacationReplyIsFlaggedAutomaticAndReturnsNoLetter(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	_, address := d.letter(t, 0, 0)
	for _, text := range []string{"From: minister@ministry.example\nAuto-Submitted: auto-replied\nSubject: Re: letter\n\nThe office is closed.",
		"From: minister@ministry.example\nSubject: Automatic reply: letter\n\nI am away. Error 5.1.1 is not meant."} {
		if got := d.mail(t, "", address, text); got != "" {
			t.Errorf("refused: %s", got)
		}
	}
	list := d.replies(t)
	if len(list) != 2 || !list[0].Automatic || !list[1].Automatic {
		t.Errorf("replies %+v", list)
	}
	if l := d.of(t, 0)[0]; l.State != letters.Counted {
		t.Errorf("the letter is %s", l.State)
	}
}

func report(recipient, action, status string) string {
	return `From: MAILER-DAEMON@relay.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; ` + recipient + `
Action: ` + action + `
Status: ` + status + `
--b--
`
}

func TestB5_AReportReturnsTheLetterOfItsAddressAndNoOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2, 1)
	first, address := d.letter(t, 0, 0)
	second, other := d.letter(t, 0, 1)
	for name, text := range map[string]string{"delayed": report(officeAddress, "delayed", "4.4.1"), "delivered": report(officeAddress, "delivered", "2.0.0"),
		"failed with a success": report(officeAddress, "failed", "2.0.0")} {
		if got := d.mail(t, "", address, text); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if l := d.of(t, 0)[0]; l.State != letters.Counted {
		t.Fatalf("B3: a delay or a success made the letter %s", l.State)
	}
	if got := d.mail(t, "", other, report("somebody.else@far.example", "failed", "5.1.1")); got != "" {
		t.Errorf("of somebody else: %s", got)
	}
	for range 2 { // B6
		if got := d.mail(t, "", address, report("Minister@Ministry.example", "failed", "5.1.1")); got != "" {
			t.Errorf("refused: %s", got)
		}
	}
	states := map[int64]string{}
	for _, l := range d.of(t, 0) {
		states[l.ID] = l.State
	}
	if states[first] != letters.Returned || states[second] != letters.Counted {
		t.Errorf("states %v", states)
	}
	if list := d.replies(t); len(list) != 1 || *list[0].KindGuessed != letters.CameBack {
		t.Errorf("the report that names somebody else waits for a person: %+v", list)
	}
	if n := countMarks(t, d.pool, d.targets[0]); n != 1 {
		t.Errorf("%d marks on the channel, want 1", n)
	}
	// One that is no report by its form.
	_, third := d.letter(t, 0, 1)
	if got := d.mail(t, "", third, "From: MAILER-DAEMON@x.example\nSubject: Mail delivery failed: returning message to sender\n\n550 5.1.1 no such user"); got != "" {
		t.Errorf("refused: %s", got)
	}
	for _, l := range d.of(t, 0) {
		if l.ID == second && l.State != letters.Returned {
			t.Errorf("the second letter is %s", l.State)
		}
	}
}

// A server that has tried for days and ends so says "failed" with a code that begins with 4: the letter never arrived, and nobody will say so again.
func TestB4_ALetterThatWasGivenUpOnItsWayCameBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	_, address := d.letter(t, 0, 0)
	if got := d.mail(t, "", address, report("somebody.else@far.example", "failed", "4.4.7")); got != "" {
		t.Errorf("of somebody else: %s", got)
	}
	if l := d.of(t, 0)[0]; l.State != letters.Counted {
		t.Fatalf("that of somebody else made the letter %s", l.State)
	}
	if got := d.mail(t, "", address, report(officeAddress, "failed", "4.4.7")); got != "" {
		t.Errorf("refused: %s", got)
	}
	if l := d.of(t, 0)[0]; l.State != letters.Returned {
		t.Errorf("the letter is %s", l.State)
	}
}

func TestAMemberWhoAnswersTheAlertIsCountedAndThankedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 2)
	for range 3 {
		if got := d.mail(t, "m0@mail.example", d.alert(0), "From: m0@mail.example\nSubject: Re: UA\n\nsent, 2 letters\n\n> please write"); got != "" {
			t.Fatalf("refused: %s", got)
		}
	}
	list := d.of(t, 0)
	if len(list) != 1 || list[0].Copies != 2 || list[0].Channel != letters.Unsaid || list[0].Grade != letters.Reported || list[0].State != letters.Counted {
		t.Errorf("letters %+v", list)
	}
	if n := countThanks(t, d.pool); n != 1 {
		t.Errorf("thanked %d times, want once", n)
	}
	if got := d.mail(t, "x@mail.example", d.alert(1), "From: x@mail.example\nSubject: Re: UA\n\nJ'ai envoyé un courriel"); got != "" {
		t.Errorf("refused: %s", got)
	}
	if list := d.of(t, 1); len(list) != 1 || list[0].Channel != "email" {
		t.Errorf("letters %+v", list)
	}
	if n := countThanks(t, d.pool); n != 2 {
		t.Errorf("thanked %d times, want twice", n)
	}
	dbtest.MoveClock(t, d.pool, 8*24*time.Hour)
	if got := d.mail(t, "m0@mail.example", d.alert(0), "From: m0@mail.example\n\nsent"); got != "" {
		t.Errorf("refused: %s", got)
	}
	if n := countThanks(t, d.pool); n != 3 {
		t.Errorf("thanked %d times after a week, want 3", n)
	}
	if n := len(d.replies(t)); n > 0 {
		t.Errorf("%d replies for a person", n)
	}
}

func TestLettersOfAnAnswerToTheAlertAreOneEachOrWaitForAPerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2, 2)
	if got := d.mail(t, "m0@mail.example", d.alert(0), "From: m0@mail.example\nSubject: Re\n\nsent two letters by post"); got != "" {
		t.Fatal(got)
	}
	if list := d.of(t, 0); len(list) != 2 || list[0].Copies != 1 || list[1].Channel != "post" {
		t.Errorf("letters %+v", list)
	}
	if got := d.mail(t, "m1@mail.example", d.alert(1), "From: m1@mail.example\nSubject: Re\n\nsent 3 letters"); got != "" {
		t.Fatal(got)
	}
	list := d.replies(t)
	if len(d.of(t, 1)) != 0 || len(list) != 1 || list[0].Came != letters.CameByAlert || *list[0].MemberID != d.writers[1].MemberID {
		t.Errorf("letters %+v, replies %+v", d.of(t, 1), list)
	}
}

func TestB9_AnAutomaticAnswerOfAMemberChangesNothingAndIsNotThanked(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	for _, c := range [][2]string{{"", "Subject: Re: UA"}, {"m0@mail.example", "Auto-Submitted: auto-replied"}, {"m0@mail.example", "List-Id: <x.example>"},
		{"m0@mail.example", "Precedence: bulk"}, {"m0@mail.example", "X-Auto-Response-Suppress: All"}} {
		if got := d.mail(t, c[0], d.alert(0), "From: m0@mail.example\n"+c[1]+"\n\nsent 2 letters"); got != "" {
			t.Errorf("%v: %s", c, got)
		}
	}
	if len(d.of(t, 0)) > 0 || len(d.replies(t)) > 0 || countThanks(t, d.pool) > 0 {
		t.Errorf("letters %v, replies %v, thanks %d", d.of(t, 0), d.replies(t), countThanks(t, d.pool))
	}
}

func TestAForwardedAnswerIsSuggestedForTheLettersOfWhoPassedItOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2, 2)
	first, _ := d.letter(t, 0, 0)
	d.letter(t, 0, 1)
	d.letter(t, 1, 0)
	text := "From: m0@mail.example\nSubject: Fwd: answer\n\nLook what came.\n\n---------- Forwarded message ---------\nFrom: Office <unit7@ministry.example>\nSubject: Your letter\n\n" +
		"Your letter has been forwarded to the Minister of Immigration.\n"
	if got := d.mail(t, "m0@mail.example", d.alert(0), text); got != "" {
		t.Fatal(got)
	}
	list := d.replies(t)
	if len(list) != 1 || list[0].Came != letters.CameByForward || list[0].Suggested != 1 || list[0].Letters != 0 || list[0].KindGuessed == nil || *list[0].KindGuessed != letters.Referral {
		t.Fatalf("replies %+v", list)
	}
	links := d.linked(t, list[0].ID)
	if len(links) != 1 || links[0].LetterID != first || links[0].State != "suggested" || links[0].How != "guess" {
		t.Errorf("links %+v", links)
	}
}

func TestABlindCopyProvesALetterOnceAndCostsItsToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	member := d.writers[0].MemberID
	copied := "From: \"Marie\" <other@mail.example>\nTo: Minister <MINISTER@ministry.example>\nSubject: Stop\n\nDear Minister,\n"
	for range 2 {
		if got := d.mail(t, "other@mail.example", d.copy(0, member), copied); got != "" {
			t.Fatal(got)
		}
	}
	if list := d.of(t, 0); len(list) != 1 || list[0].Grade != letters.Confirmed || list[0].State != letters.Counted || list[0].Copies != 1 {
		t.Errorf("letters %+v", list)
	}
	for name, text := range map[string]string{
		"not to the office": strings.Replace(copied, "MINISTER@ministry", "someone@elsewhere", 1),
		"sent by a machine": "Auto-Submitted: auto-generated\n" + copied,
		"of nobody":         strings.Replace(copied, "From: \"Marie\" <other@mail.example>\n", "", 1),
	} {
		if got := d.mail(t, "x@mail.example", d.copy(0, 0), text); got != "550 5.7.1" {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, from := range []string{"v1@mail.example", "V1@mail.example", "v2@mail.example"} {
		if got := d.mail(t, from, d.copy(0, 0), strings.Replace(copied, "other@mail.example", from, 1)); got != "" {
			t.Error(got)
		}
	}
	totals, err := d.letters.Totals(d.ctx, d.campaign.ID)
	if err != nil || len(totals) != 2 || totals[0].Letters != 1 || totals[0].Anonymous || totals[1].Letters != 2 || !totals[1].Anonymous || totals[1].Grade != letters.Confirmed {
		t.Errorf("totals %+v, %v; want one letter of the member and two of visitors", totals, err)
	}
	if len(d.replies(t)) > 0 {
		t.Error("something of a copy was kept")
	}
}

func TestAnAnswerThatCannotBeWrittenDownIsNotTaken(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	_, address := d.letter(t, 0, 0)
	alert, blind := d.alert(0), d.copy(0, d.writers[0].MemberID)
	d.letters.DB = gone(t)
	for _, to := range []string{address, alert, blind} {
		if got := d.mail(t, "a@b.example", to, "From: a@b.example\nTo: "+officeAddress+"\nSubject: x\n\nsent 1 letter"); got != "451 4.3.0" {
			t.Errorf("without a database: %q, want 451 4.3.0", got)
		}
	}
	d.letters.DB = d.pool
	if got := d.mail(t, "a@b.example", address, ministry); got != "" || len(d.replies(t)) != 1 {
		t.Errorf("the next attempt: %s", got)
	}
	for _, secret := range []string{"a@b.example", "Lindqvist", strings.TrimPrefix(strings.Split(address, "@")[0], "l+")} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestB11_FiftyMegabytesAreRefusedInBoundedMemory(t *testing.T) {
	d := newDesk(t, 1, 1)
	_, address := d.letter(t, 0, 0)
	client := d.dial(t)
	if err := client.Mail("a@b.example", &smtp.MailOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.Rcpt(address, nil); err != nil {
		t.Fatal(err)
	}
	data, err := client.Data()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	line := []byte(strings.Repeat("x", 76) + "\r\n")
	for range (50 << 20) / len(line) {
		if _, err = data.Write(line); err != nil {
			break
		}
	}
	if err == nil {
		err = data.Close()
	}
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("taken")
	} else if got := code(err); got != "" && got != "552 5.3.4" {
		t.Errorf("answered %q", got)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("%d MB were asked for", used>>20)
	}
	if n := d.server.held.Load(); n != 0 {
		t.Errorf("%d octets are still held", n)
	}
	if got := d.mail(t, "a@b.example", address, ministry); got != "" {
		t.Errorf("the next mail: %s", got)
	}
}

// Anybody has the address for the copy of a letter; what is attached there is not even looked at.
func TestB11_FilesAreOpenedOnlyWhereTheyAreKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	const text = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nDear Minister\r\n--x\r\nContent-Type: application/pdf\r\n" +
		"Content-Disposition: attachment\r\n\r\n%PDF-1.7 a scan\r\n--x--\r\n"
	for door, want := range map[Door]int{Copy: 0, Reply: 1, Letter: 1} {
		got, refusal := d.server.receive(strings.NewReader(text), place{door: Copy}, place{door: door})
		if refusal != nil || len(got.files) != want || got.dropped != 0 || got.incoming.Text != "Dear Minister" {
			t.Errorf("at %s: %d files, want %d; %v", door, len(got.files), want, refusal)
		}
	}
}

func TestB11_NoMoreIsHeldThanThereIsRoomFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1, 1)
	_, address := d.letter(t, 0, 0)
	d.server.held.Store(mostHeld - heldChunk/2)
	if got := d.mail(t, "a@b.example", address, ministry); got != "452 4.3.1" {
		t.Errorf("with no room the answer is %q, want 452 4.3.1", got)
	}
	d.server.held.Store(0)
	err := d.server.Deliver(d.ctx, "a@b.example", address, io.MultiReader(strings.NewReader(ministry), cut{}))
	if refusal, ok := err.(*Refusal); !ok || refusal.Code != 451 || d.server.held.Load() != 0 || len(d.replies(t)) > 0 {
		t.Errorf("a mail that was cut: %v, %d octets held", err, d.server.held.Load())
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

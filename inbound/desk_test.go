package inbound

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/letters"
	"holdfast/members"
)

const officeAddress = "minister@ministry.example"

// desk is a house with a launched campaign to so many offices, and members who got its first appeal.
type desk struct {
	*house
	ctx      context.Context
	campaign campaigns.Campaign
	appeal   int64
	targets  []int64
	writers  []letters.Writer
}

func newDesk(t testing.TB, offices, people int) *desk {
	t.Helper()
	d := &desk{house: newHouse(t, false), ctx: context.Background()}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := river.NewClient(riverpgxv5.New(d.pool), &river.Config{})
	must(err)
	for i := range people {
		_, err := d.members.Add(d.ctx, audit.System(), members.New{Address: fmt.Sprintf("m%d@mail.example", i), Name: "Marie Lindqvist", Language: "fr",
			Consent: members.Consent{Source: "test", GivenOn: time.Now().AddDate(0, -1, 0), Words: "Write to me."}})
		must(err)
	}
	room := &campaigns.Store{DB: d.pool, Jobs: jobs}
	for i := range offices {
		address := officeAddress
		if i > 0 {
			address = fmt.Sprintf("office@agency%d.example", i)
		}
		target, err := room.AddTarget(d.ctx, audit.System(), campaigns.NewTarget{Code: fmt.Sprintf("CA-%d", i), Kind: "minister", Country: "CA", Power: campaigns.PowerDecides,
			Office: campaigns.Texts{"en": "Minister"}, Address: address})
		must(err)
		d.targets = append(d.targets, target.ID)
	}
	d.campaign, err = room.AddCampaign(d.ctx, audit.System(), campaigns.NewCampaign{Title: "x", TargetIDs: d.targets,
		Deadline: campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Now().AddDate(0, 0, 9)), DeadlineZone: "UTC", DeadlineInclusive: true},
		Asks:     []campaigns.NewAsk{{Code: "a1", Texts: campaigns.Texts{"en": "Ask."}}}})
	must(err)
	a, err := room.AddAppeal(d.ctx, audit.System(), d.campaign.ID, campaigns.NewAppeal{Kind: campaigns.KindFirst,
		Texts: []campaigns.Text{{Language: "en", Subject: "s", Headline: "h", Body: "b"}}})
	must(err)
	d.appeal = a.ID
	_, err = room.Launch(d.ctx, audit.System(), a.ID, func(campaigns.Sheet) ([]campaigns.Edition, error) {
		return []campaigns.Edition{{Language: "en", TextLanguage: "en", Subject: "s", Text: "t", HTML: "h", Mark: "h0123456789abcdef"}}, nil
	})
	must(err)
	_, err = room.FillSlice(d.ctx, a.ID, campaigns.Filling{SliceRows: 1000, BatchRows: 100, Cover: time.Minute})
	must(err)
	rows, err := room.Deliveries(d.ctx, a.ID, "", campaigns.Page{Limit: 200})
	must(err)
	for _, r := range rows {
		d.writers = append(d.writers, letters.Writer{AppealID: a.ID, MemberID: r.MemberID})
	}
	return d
}

// letter is a letter by e-mail of a writer to a target, and the address where what comes of it goes.
func (d *desk) letter(t testing.TB, writer, target int) (id int64, address string) {
	t.Helper()
	err := d.letters.Report(d.ctx, d.writers[writer], letters.Report{TargetIDs: []int64{d.targets[target]}, Channel: "email", Copies: 1, WrittenOn: campaigns.DayOf(time.Now().UTC())})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range d.of(t, writer) {
		if l.TargetID == d.targets[target] && l.Channel == "email" {
			return l.ID, "l+" + d.letters.Links.Letter.Make(l.ID, l.TargetID) + "@" + replyDomain
		}
	}
	t.Fatal("no letter")
	return 0, ""
}

func (d *desk) of(t testing.TB, writer int) []letters.Letter {
	t.Helper()
	list, err := d.letters.Of(d.ctx, d.writers[writer])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (d *desk) alert(writer int) string {
	w := d.writers[writer]
	return "r+" + d.links.Reply.Make(w.AppealID, w.MemberID) + "@" + replyDomain
}

func (d *desk) copy(target int, member int64) string {
	return "c+" + d.letters.Links.Copy.Make(letters.Pair(d.appeal, d.targets[target]), member) + "@" + returnDomain
}

// mail sends one mail over SMTP and returns the answer, "" for taken.
func (d *desk) mail(t testing.TB, from, to, text string) string {
	t.Helper()
	client := d.dial(t)
	if err := client.Hello("mail.elsewhere.example"); err != nil {
		t.Fatal(err)
	}
	if err := client.Mail(from, &smtp.MailOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.Rcpt(to, nil); err != nil {
		return code(err)
	}
	return code(finish(client, strings.ReplaceAll(text, "\n", "\r\n")))
}

func (d *desk) replies(t testing.TB) []letters.Reply {
	t.Helper()
	list, err := d.letters.Replies(d.ctx, letters.ReplyFilter{}, campaigns.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (d *desk) linked(t testing.TB, id int64) []letters.ReplyLink {
	t.Helper()
	list, err := d.letters.ReplyLinks(d.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

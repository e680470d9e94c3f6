package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/campaigns"
	"holdfast/demo"
	"holdfast/internal/audit"
	"holdfast/members"
	"holdfast/templates"
)

// demoReport is how the demo ended, for machines.
type demoReport struct {
	URL       string            `json:"url"`
	Mailbox   string            `json:"mailbox"` // where it takes mail by SMTP
	Folder    string            `json:"folder"`
	Database  string            `json:"database"`
	Campaign  string            `json:"campaign"`
	Page      string            `json:"page"`
	AppealID  int64             `json:"appeal_id"`
	State     string            `json:"state"`
	Receipt   campaigns.Receipt `json:"receipt"`
	Closes    bool              `json:"closes"`
	FirstMail float64           `json:"first_mail_seconds"` // from the launch
	LastMail  float64           `json:"last_mail_seconds"`
	SignIn    string            `json:"sign_in,omitempty"`
}

// watchEvery is how often the receipt is looked at while the appeal leaves.
const watchEvery = 100 * time.Millisecond

// play launches the appeal unless an earlier demo has, follows it to its end and prints the receipt.
func (s *stage) play(ctx context.Context) (demoReport, error) {
	id := s.seeded.ToLaunch()
	sheet, err := s.site.campaigns.Sheet(ctx, id)
	if err != nil {
		return demoReport{}, err
	}
	before, err := s.site.campaigns.Appeal(ctx, id)
	if err != nil {
		return demoReport{}, err
	}
	if before.State != campaigns.AppealDraft {
		s.mailbox.SayEarlier()
	}
	headline, _ := sheet.Text("en") // the demo's appeals all have one
	switch before.State {
	case campaigns.AppealDraft:
		if err := s.launch(ctx, id); err != nil {
			return demoReport{}, err
		}
		s.tell("launched", "%s: %s", sheet.Reference, headline.Subject)
	case campaigns.AppealIssuing, campaigns.AppealStopping:
		s.tell("going on", "%s was launched by an earlier demo and had not ended: %s", sheet.Reference, headline.Subject)
	default:
		s.tell("launched", "%s, by an earlier demo on this folder: %s", sheet.Reference, headline.Subject)
	}
	appeal, receipt, err := s.follow(ctx, id)
	if err != nil {
		return demoReport{}, err
	}
	book := receiptBook(sheet, appeal, receipt)
	text, err := templates.ReceiptText(book, "en")
	if err != nil {
		return demoReport{}, err
	}
	fmt.Fprintf(s.out, "\n%s\n", indent(text))
	if err := demo.Write(ctx, demo.Desk{Members: s.site.members, Campaigns: s.site.campaigns, Letters: s.site.letters}, s.seeded); err != nil {
		return demoReport{}, fmt.Errorf("the demo's letters: %w", err)
	}
	return demoReport{URL: s.site.settings.publicURL, Mailbox: s.mailbox.Addr(), Folder: s.dir, Database: s.server.Programs().String(), Campaign: sheet.Reference,
		Page: s.site.settings.publicURL + "/a/" + sheet.Slug, AppealID: id, State: appeal.State, Receipt: receipt, Closes: receipt.Closes(),
		FirstMail: book.FirstAfter.Seconds(), LastMail: book.LastAfter.Seconds()}, nil
}

// launch lets the appeal leave. Two members change their mind while it does, so that a receipt shows that, too.
func (s *stage) launch(ctx context.Context, id int64) error {
	x := s.site
	_, err := x.campaigns.Launch(ctx, audit.Account(s.seeded.Coordinators[0].ID), id, func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
		return templates.Editions(sheet, x.settings.letterhead(), x.settings.publicURL)
	})
	if err != nil {
		return err
	}
	for _, member := range s.seeded.MayLeave {
		if err := x.members.Leave(ctx, audit.Member(), member, members.ByPage); err != nil {
			return err
		}
	}
	return nil
}

// follow shows how far the appeal has come until it has ended.
func (s *stage) follow(ctx context.Context, id int64) (campaigns.Appeal, campaigns.Receipt, error) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	began := time.Now()
	defer s.console.progress.end()
	for {
		appeal, receipt, err := s.site.campaigns.Receipt(ctx, id)
		if err != nil {
			return appeal, receipt, err
		}
		if appeal.State != campaigns.AppealIssuing && appeal.State != campaigns.AppealStopping {
			return appeal, receipt, nil
		}
		s.console.progress.show(sendingLine(receipt, time.Since(began)))
		select {
		case <-ctx.Done():
			return appeal, receipt, ctx.Err()
		case err := <-s.site.broken:
			return appeal, receipt, err
		case <-tick.C:
		}
	}
}

// barWidth is how many characters the bar of an appeal has.
const barWidth = 30

// sendingLine is the bar with its figures: the parts in the order accepted, skipped, refused, unknown, stopped, waiting, each
// with a sign of its own, so that it is read without colour; then the rate and the forecast.
func sendingLine(r campaigns.Receipt, took time.Duration) string {
	settled := r.Settled()
	whole := settled + r.Queued
	if r.Eligible != nil {
		whole = max(whole, *r.Eligible)
	}
	line := fmt.Sprintf("  sending    %s  %s of %s", segments(r, whole), count(settled), count(whole))
	if took < time.Second || settled == 0 {
		return line
	}
	rate := float64(settled) / took.Seconds()
	left := time.Duration(float64(whole-settled) / rate * float64(time.Second)).Round(time.Second)
	return line + fmt.Sprintf("  %s/s  %s left", count(int64(rate)), left)
}

// segments draws the bar. What is not nothing has a sign at least: one refusal in thousands is seen.
func segments(r campaigns.Receipt, whole int64) string {
	parts := []struct {
		sign string
		n    int64
	}{{"█", r.Accepted}, {"▒", sum(r.Skipped)}, {"×", r.Refused}, {"?", r.Unknown}, {"-", r.Stopped}, {"·", whole - r.Settled()}}
	widths := make([]int, len(parts))
	room := barWidth
	for i := len(parts) - 1; i > 0; i-- {
		if parts[i].n > 0 {
			widths[i] = max(int(parts[i].n*barWidth/whole), 1)
		}
		room -= widths[i]
	}
	widths[0] = room
	var drawn strings.Builder
	for i, p := range parts {
		if whole == 0 {
			p.sign = "·"
		}
		drawn.WriteString(strings.Repeat(p.sign, max(widths[i], 0)))
	}
	return drawn.String()
}

func sum(reasons map[string]int64) (total int64) {
	for _, n := range reasons {
		total += n
	}
	return total
}

// receiptBook sets a receipt for print.
func receiptBook(sheet campaigns.Sheet, a campaigns.Appeal, r campaigns.Receipt) templates.Receipt {
	book := templates.Receipt{Number: templates.NumberOf(sheet), Kind: a.Kind, Accepted: r.Accepted, MaybeTwice: r.Twice,
		Refused: counts(r.Refusals), Skipped: counts(r.Skipped), Stopped: r.Stopped, Unknown: r.Unknown, Waiting: r.Queued}
	if r.Eligible != nil {
		book.Counted, book.Eligible = true, *r.Eligible
	}
	if a.LaunchedAt != nil && r.FirstAcceptedAt != nil && r.LastAcceptedAt != nil {
		book.FirstAfter, book.LastAfter = r.FirstAcceptedAt.Sub(*a.LaunchedAt), r.LastAcceptedAt.Sub(*a.LaunchedAt)
	}
	return book
}

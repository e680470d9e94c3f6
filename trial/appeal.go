package trial

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/templates"
)

// Who sends. All invented.
const (
	domain       = "refnet.example"
	returnDomain = "returns.refnet.example"
	publicURL    = "https://act.refnet.example"
)

var organisation = templates.Organisation{Name: "Trial Network", PostalAddress: "1 Example Street, Winterhaven", Contact: "office@" + domain}

// paragraphs is how many the text has: enough for a message of about 12 kB, text and HTML.
const paragraphs = 9

// paragraph is one of them, in words that need encoding.
const paragraph = "The person whom this is about has lived here for years – with a residence permit, a job and a family – and has never " +
	"been told what the decision rests on. Those who were sent back before were met at the airport, questioned for days, and « nobody » has " +
	"heard of three of them since. The Convention against Torture allows no exception: *no State Party* shall send anybody there."

func bodyOf(language string) string {
	var b strings.Builder
	for i := range paragraphs {
		fmt.Fprintf(&b, "(%s, %d) %s\n\n", language, i+1, paragraph)
	}
	return b.String()
}

// draft opens a campaign and drafts its first appeal, to the members of one group or to all of them (0).
func (h *house) draft(ctx context.Context, tongues int, group int64, urgent bool) (campaigns.Appeal, error) {
	by := audit.System()
	targets, err := h.campaigns.Targets(ctx, campaigns.Page{Limit: 1})
	if err != nil {
		return campaigns.Appeal{}, err
	}
	if len(targets) == 0 {
		t, err := h.campaigns.AddTarget(ctx, by, campaigns.NewTarget{Code: "CA-PS", Kind: "minister", Country: "CA", Power: campaigns.PowerDecides,
			Office: campaigns.Texts{"en": "Minister of Public Safety"}, PostalAddress: "1 Example Street"})
		if err != nil {
			return campaigns.Appeal{}, err
		}
		targets = append(targets, t)
	}
	n := campaigns.NewCampaign{Title: "A trial of the fan-out, with invented people", Urgent: &urgent, TargetIDs: []int64{targets[0].ID},
		Deadline: campaigns.Deadline{DeadlineDay: campaigns.DayOf(time.Now().AddDate(0, 0, 10)), DeadlineZone: "America/Toronto", DeadlineInclusive: true},
		Asks:     []campaigns.NewAsk{{Code: "a1", Texts: campaigns.Texts{"en": "Ask the minister to stop the removal."}}}}
	c, err := h.campaigns.AddCampaign(ctx, by, n)
	if err != nil {
		return campaigns.Appeal{}, err
	}
	appeal := campaigns.NewAppeal{Kind: campaigns.KindFirst}
	if group != 0 {
		appeal.Audience.Groups = []int64{group}
	}
	for _, l := range languages[:tongues] {
		appeal.Texts = append(appeal.Texts, campaigns.Text{Language: l, Subject: "Urgent: a removal is to be stopped",
			Headline: "Somebody is to be sent back to torture", Body: bodyOf(l)})
	}
	return h.campaigns.AddAppeal(ctx, by, c.ID, appeal)
}

// launch lets an appeal leave, as the pages do.
func (h *house) launch(ctx context.Context, id int64) error {
	_, err := h.campaigns.Launch(ctx, audit.System(), id, func(sheet campaigns.Sheet) ([]campaigns.Edition, error) {
		return templates.Editions(sheet, organisation, publicURL)
	})
	return err
}

// follow returns the receipt of an appeal once it has ended.
func (h *house) follow(ctx context.Context, id int64) (campaigns.Receipt, error) {
	for {
		a, r, err := h.campaigns.Receipt(ctx, id)
		if err != nil || a.State != campaigns.AppealIssuing && a.State != campaigns.AppealStopping {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, fmt.Errorf("appeal %d was still %s: %w", id, a.State, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

// listLettersPage lists reports, the newest first, of one campaign or of all, with their totals.
func (s *Server) listLettersPage(c *gin.Context) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "letters")
	chosen, _ := strconv.ParseInt(trimmedQuery(c, "campaign"), 10, 64) // what is none filters nothing
	chosen = max(chosen, 0)
	var body templates.Letters
	known, err := s.launchedCampaigns(ctx)
	if err == nil {
		body.Totals, err = s.totalsOf(ctx, chosen, head.Lang)
	}
	if err == nil {
		body.Matching, err = s.Letters.Count(ctx, chosen)
	}
	var found []letters.Letter
	if err == nil {
		found, err = s.Letters.List(ctx, chosen, campaigns.Page{After: after(c), Limit: pageLimit + 1})
	}
	if len(found) > pageLimit {
		found = found[:pageLimit]
		body.Next = nextPage(c, found[pageLimit-1].ID)
	}
	if err == nil {
		body.Rows, err = s.letterRows(ctx, found, known, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, one := range known {
		body.Campaigns = append(body.Campaigns, templates.Choice{Value: idText(one.ID), Label: numberOf(one).In(head.Lang) + ": " + one.Title, Chosen: one.ID == chosen})
	}
	show(s, c, http.StatusOK, head, body)
}

// launchedCampaigns are the campaigns that letters can be about, the newest first.
func (s *Server) launchedCampaigns(ctx context.Context) ([]campaigns.Campaign, error) {
	var list []campaigns.Campaign
	page := campaigns.Page{Limit: 200}
	for {
		found, err := s.Campaigns.Campaigns(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if one.State != campaigns.CampaignDraft {
				list = append(list, one)
			}
		}
		if len(found) < page.Limit {
			return list, nil
		}
		page.After = found[len(found)-1].ID
	}
}

func (s *Server) letterRows(ctx context.Context, found []letters.Letter, known []campaigns.Campaign, lang string) ([]templates.LetterRow, error) {
	offices, err := s.officesOf(ctx, lang)
	if err != nil {
		return nil, err
	}
	numbers := map[int64]templates.Number{}
	for _, one := range known {
		numbers[one.ID] = numberOf(one)
	}
	var list []templates.LetterRow
	for _, l := range found {
		list = append(list, templates.LetterRow{Number: numbers[l.CampaignID], CampaignID: idText(l.CampaignID), Office: offices[l.TargetID].Office,
			Lang: offices[l.TargetID].Lang, Channel: l.Channel, Copies: int64(l.Copies), Day: l.WrittenOn.Time, ReportedAt: l.ReportedAt,
			Corrected: l.CorrectedAt != nil, Withdrawn: l.WithdrawnAt != nil})
	}
	return list, nil
}

// officesOf are all offices by id, set in lang.
func (s *Server) officesOf(ctx context.Context, lang string) (map[int64]templates.Target, error) {
	all, err := s.allTargets(ctx)
	offices := map[int64]templates.Target{}
	for i, t := range targetsIn(all, lang) {
		offices[all[i].ID] = t
	}
	return offices, err
}

// totalsOf sums letters by office and channel, of one campaign or of all (0), with how they are known. A channel that nobody
// used has no column.
func (s *Server) totalsOf(ctx context.Context, campaign int64, lang string) (templates.LetterTotals, error) {
	sums, err := s.Letters.Totals(ctx, campaign)
	if err != nil || len(sums) == 0 {
		return templates.LetterTotals{}, err
	}
	offices, err := s.officesOf(ctx, lang)
	if err != nil {
		return templates.LetterTotals{}, err
	}
	t := templates.LetterTotals{Method: sums[0].Grade}
	for _, channel := range letters.Channels {
		if slices.ContainsFunc(sums, func(sum letters.Total) bool { return sum.Channel == channel }) {
			t.Channels = append(t.Channels, channel)
		}
	}
	t.Sums = make([]int64, len(t.Channels))
	rows := map[int64]int{}
	for _, sum := range sums {
		at, there := rows[sum.TargetID]
		if !there {
			at = len(t.Rows)
			rows[sum.TargetID] = at
			t.Rows = append(t.Rows, templates.LetterTotal{Office: offices[sum.TargetID].Office, Lang: offices[sum.TargetID].Lang, Counts: make([]int64, len(t.Channels))})
		}
		column := slices.Index(t.Channels, sum.Channel)
		t.Rows[at].Counts[column] += sum.Letters
		t.Rows[at].Sum += sum.Letters
		t.Sums[column] += sum.Letters
		t.Total += sum.Letters
	}
	t.Writers, err = s.Letters.Writers(ctx, campaign)
	return t, err
}

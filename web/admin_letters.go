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
		body.Totals, err = s.totalsOf(ctx, chosen, head.Lang, who(c))
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
	groups := map[int64]string{}
	if slices.ContainsFunc(found, func(l letters.Letter) bool { return l.GroupID != nil }) {
		known, err := s.Members.Groups(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range known {
			groups[g.ID] = g.Name
		}
	}
	var list []templates.LetterRow
	for _, l := range found {
		list = append(list, templates.LetterRow{ID: idText(l.ID), Number: numbers[l.CampaignID], CampaignID: idText(l.CampaignID), Office: offices[l.TargetID].Office,
			Lang: offices[l.TargetID].Lang, Channel: l.Channel, Copies: int64(l.Copies), Day: l.WrittenOn.Time, ReportedAt: l.ReportedAt,
			Corrected: l.CorrectedAt != nil, Grade: columnOf(l.Grade, l.VisitorID != nil), State: l.State, Why: orZero(l.SetAside),
			Group: groups[orZero(l.GroupID)], MemberID: idText(orZero(l.MemberID)), Visitor: l.VisitorID != nil})
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

package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/templates"
)

// foresee says on the launch page when the last member would be reached, and who is left out.
func (s *Server) foresee(ctx context.Context, d appealDesk, sheet campaigns.Sheet, body *templates.Launch) error {
	f, err := s.Campaigns.Forecast(ctx, d.appeal.ID)
	if err != nil {
		return err
	}
	body.Forecast = templates.LaunchForecast{Rate: f.PerMinute, Basis: f.Basis, Measured: f.Measured, Ahead: f.Ahead, Takes: f.LastAt.Sub(sheet.Now),
		LastAt: f.LastAt, EndsAt: f.EndsAt, Asking: sheet.Asking, TooLate: f.TooLate}
	if d.appeal.LeaveOutCase || len(d.appeal.LeaveOutCampaigns) > 0 {
		reach, err := s.Campaigns.Reach(ctx, d.appeal.ID)
		if err != nil {
			return err
		}
		body.LeftOut = reach.LeftOut
	}
	return nil
}

// offerRounds says to whom an appeal can be sent once more.
func (s *Server) offerRounds(ctx context.Context, d appealDesk, seen sight, body *templates.Appeal) error {
	if seen.appeal.State == campaigns.AppealComplete {
		failed, err := s.Campaigns.Failed(ctx, d.appeal.ID)
		if err != nil {
			return err
		}
		for _, f := range campaigns.Failures() {
			if failed[f] > 0 {
				body.Failed = append(body.Failed, templates.Count{Reason: f, N: failed[f]})
			}
		}
	}
	late, err := s.Campaigns.LateJoiners(ctx, d.campaign.ID)
	if err == nil && late.AppealID == d.appeal.ID {
		body.Late = late.Members
	}
	return err
}

// mostOthers is how many campaigns are offered to leave their readers out.
const mostOthers = 50

// leaveOutChoices offers the last campaigns that were launched, and those chosen whatever they are.
func (s *Server) leaveOutChoices(ctx context.Context, c campaigns.Campaign, body *templates.Compose, a campaigns.Audience) error {
	body.OnCase, body.NotCase = c.CaseID != nil, a.WithoutCase
	offered, err := s.Campaigns.Campaigns(ctx, campaigns.Page{Limit: mostOthers})
	if err != nil {
		return err
	}
	for _, id := range a.WithoutCampaigns {
		if slices.ContainsFunc(offered, func(o campaigns.Campaign) bool { return o.ID == id }) {
			continue
		}
		chosen, err := s.Campaigns.Campaign(ctx, id)
		if isMissing(err) {
			continue // the form says so when it is sent
		}
		if err != nil {
			return err
		}
		offered = append(offered, chosen)
	}
	for _, o := range offered {
		if o.ID != c.ID && o.State != campaigns.CampaignDraft {
			body.Others = append(body.Others, templates.Choice{Value: idText(o.ID), Label: o.Reference() + " " + o.Title,
				Chosen: slices.Contains(a.WithoutCampaigns, o.ID)})
		}
	}
	return nil
}

// retryAppeal sends a complete appeal once more to those to whom it failed in the ways that were ticked.
func (s *Server) retryAppeal(c *gin.Context) {
	d, ok := s.appealDesk(c)
	if !ok {
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	if len(f.chosen("failures")) == 0 {
		c.Redirect(http.StatusSeeOther, d.path())
		return
	}
	round, err := s.Campaigns.Retry(c.Request.Context(), by(c), d.appeal.ID, f.chosen("failures"))
	s.roundBegun(c, round, err)
}

// letInLateJoiners sends the current appeal of a campaign to those who joined since.
func (s *Server) letInLateJoiners(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var round campaigns.Round
	if err == nil {
		round, err = s.Campaigns.LetIn(c.Request.Context(), by(c), id)
	}
	s.roundBegun(c, round, err)
}

// roundBegun leads to the appeal that goes on. Where there was nobody to send it to, its page offers nothing any more.
func (s *Server) roundBegun(c *gin.Context, round campaigns.Round, err error) {
	to := "/admin/appeals/" + idText(round.Appeal.ID)
	switch {
	case err != nil:
		s.fail(c, err)
	case round.Members == 0:
		c.Redirect(http.StatusSeeOther, to)
	default:
		s.leadTo(c, to, templates.NoticeResumed)
	}
}

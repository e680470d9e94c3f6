package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/members"
	"holdfast/templates"
)

// appealDesk is an appeal with the campaign that it belongs to.
type appealDesk struct {
	appeal   campaigns.Appeal
	campaign campaigns.Campaign
}

func (d appealDesk) path() string { return "/admin/appeals/" + idText(d.appeal.ID) }

func (d appealDesk) crumb() templates.Crumb {
	return templates.Crumb{ID: idText(d.campaign.ID), Title: d.campaign.Title}
}

// appealDesk reads the appeal in the path. ok is false where the answer has been given already.
func (s *Server) appealDesk(c *gin.Context) (d appealDesk, ok bool) {
	id, err := pathNumber(c, "id")
	if err == nil {
		d.appeal, err = s.Campaigns.Appeal(c.Request.Context(), id)
	}
	if err == nil {
		d.campaign, err = s.Campaigns.Campaign(c.Request.Context(), d.appeal.CampaignID)
	}
	if err != nil {
		s.fail(c, err)
		return d, false
	}
	return d, true
}

// back is the page above an appeal's previews: where it is written or followed; for a draft, to who may not write it, the
// campaign.
func (d appealDesk) back(p accounts.Principal) string {
	switch {
	case d.appeal.State != campaigns.AppealDraft:
		return d.path()
	case p.May(accounts.EditTexts):
		return d.path() + "/compose"
	}
	return "/admin/campaigns/" + idText(d.campaign.ID)
}

// appealPage shows how an appeal leaves, and what became of it. A draft is shown where it is written.
func (s *Server) appealPage(c *gin.Context) {
	d, ok := s.appealDesk(c)
	if !ok {
		return
	}
	if d.appeal.State == campaigns.AppealDraft {
		c.Redirect(http.StatusSeeOther, d.back(who(c)))
		return
	}
	body, err := s.appealBodyOf(c, d)
	if err != nil {
		s.fail(c, err)
		return
	}
	head := s.staffHead(c, "campaigns")
	head.Zone = d.campaign.DeadlineZone
	show(s, c, http.StatusOK, head, body)
}

func (s *Server) appealBodyOf(c *gin.Context, d appealDesk) (templates.Appeal, error) {
	ctx := c.Request.Context()
	body := templates.Appeal{ID: idText(d.appeal.ID), Campaign: d.crumb(), Kind: d.appeal.Kind, Filter: filterOf(c, "state", deliveryStates()...)}
	texts, err := s.Campaigns.Texts(ctx, d.appeal.ID)
	if err != nil {
		return body, err
	}
	for _, t := range texts {
		body.Languages = append(body.Languages, t.Language)
	}
	seen, err := s.lookAt(ctx, d.appeal.ID)
	if err != nil {
		return body, err
	}
	body.Progress = seen.progress(d.campaign)
	if who(c).May(accounts.LaunchAppeals) {
		if err := s.offerRounds(ctx, d, seen, &body); err != nil {
			return body, err
		}
	}
	if !who(c).May(accounts.ReadMembers) {
		return body, nil
	}
	rows, err := s.Campaigns.Deliveries(ctx, d.appeal.ID, body.Filter, campaigns.Page{After: after(c), Limit: pageLimit + 1})
	if err != nil {
		return body, err
	}
	if len(rows) > pageLimit {
		rows = rows[:pageLimit]
		body.Next = nextPage(c, rows[pageLimit-1].MemberID) + "#deliveries"
	}
	if body.Matching, err = s.Campaigns.CountDeliveries(ctx, d.appeal.ID, body.Filter); err != nil {
		return body, err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.MemberID
	}
	people, err := s.Members.Some(ctx, ids)
	body.Deliveries = deliveryRows(rows, people)
	return body, err
}

func deliveryRows(rows []campaigns.Delivery, people []members.Member) []templates.DeliveryRow {
	masked := map[int64]string{}
	for _, m := range people {
		masked[m.ID] = m.Address.Masked()
	}
	list := make([]templates.DeliveryRow, len(rows))
	for i, row := range rows {
		list[i] = templates.DeliveryRow{MemberID: idText(row.MemberID), Masked: masked[row.MemberID], Language: row.Language, State: row.State,
			Reason: orZero(row.Reason), Code: int(orZero(row.Code)), Attempts: int(row.Attempts), SettledAt: orZero(row.SettledAt)}
		if list[i].Masked == "" {
			list[i].Masked = "…" // erased since
		}
	}
	return list
}

// stopAppeal stops an appeal with one press. The page then says what is still in flight.
func (s *Server) stopAppeal(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var stopping campaigns.Stopping
	if err == nil {
		stopping, err = s.Campaigns.Stop(c.Request.Context(), by(c), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	notice := templates.NoticeStopped
	if stopping.Appeal.State == campaigns.AppealStopping {
		notice = templates.NoticeStopping
	}
	s.leadTo(c, "/admin/appeals/"+idText(id), notice)
}

func (s *Server) resumeAppeal(c *gin.Context) {
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = s.Campaigns.Resume(c.Request.Context(), by(c), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/appeals/"+idText(id), templates.NoticeResumed)
}

// newAppealDraft begins an appeal of a campaign; it is written on the page that follows. A draft of the same kind on which
// nobody has written yet is taken up.
func (s *Server) newAppealDraft(c *gin.Context) {
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	ctx, kind := c.Request.Context(), f.line("kind")
	to, err := s.once(c, f, func() (string, error) {
		appeals, err := s.Campaigns.Appeals(ctx, d.campaign.ID)
		if err != nil {
			return "", err
		}
		for _, a := range appeals {
			texts, err := s.Campaigns.Texts(ctx, a.ID)
			if err != nil {
				return "", err
			}
			if a.Kind == kind && a.State == campaigns.AppealDraft && len(texts) == 0 && !a.AudienceNamed {
				return "/admin/appeals/" + idText(a.ID) + "/compose", nil
			}
		}
		added, err := s.Campaigns.AddAppeal(ctx, by(c), d.campaign.ID, campaigns.NewAppeal{Kind: kind})
		return "/admin/appeals/" + idText(added.ID) + "/compose", err
	})
	s.answered(c, err, to, templates.NoticeCreated, nil, func(status int, problems []templates.Problem) {
		s.showCampaign(c, status, problems, templates.Campaign{})
	})
}

// numberOf is the number that a campaign is known by.
func numberOf(c campaigns.Campaign) templates.Number {
	return templates.Number{Series: c.Series, Sequence: c.Number, Year: c.Year}
}

// clockOf is what is to be said of time, of a campaign and of the case it is on, where it is on one.
func clockOf(c campaigns.Campaign, theCase *campaigns.Case, sheet campaigns.Sheet) templates.Clock {
	sheet.Deadline, sheet.DeadlineAt = c.Deadline, c.DeadlineAt
	if theCase != nil {
		sheet.Removal, sheet.RemovingCountry = removalOf(*theCase), theCase.RemovingCountry
	}
	return templates.ClockOf(sheet)
}

func removalOf(c campaigns.Case) campaigns.Removal {
	return campaigns.Removal{Timing: c.RemovalTiming, At: c.RemovalAt, Until: c.RemovalUntil, Zone: orZero(c.RemovalZone)}
}

package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// asidePage lists what is set aside and waits for a look, the newest first.
func (s *Server) asidePage(c *gin.Context) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "letters")
	var body templates.AsideLetters
	aside, err := s.Letters.Aside(ctx, 0)
	body.Refused = aside.Refused
	var found []letters.Letter
	if err == nil {
		found, err = s.Letters.ListAside(ctx, campaigns.Page{After: after(c), Limit: pageLimit + 1})
	}
	if len(found) > pageLimit {
		found = found[:pageLimit]
		body.Next = nextPage(c, found[pageLimit-1].ID)
	}
	var known []campaigns.Campaign
	if err == nil {
		known, err = s.launchedCampaigns(ctx)
	}
	if err == nil {
		body.Rows, err = s.letterRows(ctx, found, known, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, http.StatusOK, head, body)
}

// reviewAside takes down a person's look at what was set aside.
func (s *Server) reviewAside(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	verdict := f.line("verdict")
	if err == nil && verdict != "accept" && verdict != "refuse" {
		err = failure.Wrong("verdict", "must be accept or refuse")
	}
	if err == nil {
		err = s.Letters.Review(c.Request.Context(), by(c), id, verdict == "accept")
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/letters/aside", templates.NoticeSaved)
}

// eveningsPage is where staff record what groups tell them of their evenings.
func (s *Server) eveningsPage(c *gin.Context) {
	s.showEvenings(c, http.StatusOK, nil, func(*templates.Evenings) {})
}

// showEvenings shows the evenings of the campaign in the path; retype puts back what was typed.
func (s *Server) showEvenings(c *gin.Context, status int, problems []templates.Problem, retype func(*templates.Evenings)) {
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	ctx, one := c.Request.Context(), d.campaign
	if one.State == campaigns.CampaignDraft {
		s.fail(c, errNoRoute)
		return
	}
	head := s.staffHead(c, "campaigns")
	head.Problems = problems
	now, err := s.Campaigns.Now(ctx)
	term := letters.Term{Now: now, DeadlineAt: one.DeadlineAt, AfterDeadline: one.AfterDeadline, StoppedAt: one.StoppedAt, ClosedAt: one.ClosedAt}
	body := templates.Evenings{CampaignID: idText(one.ID), Number: numberOf(one), Title: one.Title, MaxCopies: letters.MostBatch,
		LastDay: term.LastDay().Time, Over: !term.Takes(), Form: templates.ReportForm{Day: now.Format(time.DateOnly)}}
	groups := map[int64]string{}
	if err == nil {
		known, failed := s.Members.Groups(ctx)
		for _, g := range known {
			groups[g.ID] = g.Name
			body.Groups = append(body.Groups, templates.Choice{Value: idText(g.ID), Label: g.Name})
		}
		err = failed
	}
	if err == nil {
		found, failed := s.Campaigns.CampaignTargets(ctx, one.ID)
		for i, t := range templates.TargetsOf(campaigns.Sheet{Targets: found, FallbackLanguage: one.FallbackLanguage}, head.Lang) {
			if found[i].Agreed() {
				body.Targets = append(body.Targets, templates.Choice{Value: t.ID, Label: t.Office, Lang: t.Lang})
			}
		}
		err = failed
	}
	if err == nil {
		body.Rows, err = s.eveningRows(c, one.ID, groups, head.Lang)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	retype(&body)
	show(s, c, status, head, body)
}

func (s *Server) eveningRows(c *gin.Context, campaign int64, groups map[int64]string, lang string) ([]templates.EveningRow, error) {
	ctx := c.Request.Context()
	offices, err := s.officesOf(ctx, lang)
	if err != nil {
		return nil, err
	}
	found, err := s.Letters.Evenings(ctx, campaign, 0)
	var list []templates.EveningRow
	for _, l := range found {
		row := templates.EveningRow{ID: idText(l.ID), Group: groups[orZero(l.GroupID)], Office: offices[l.TargetID].Office, Lang: offices[l.TargetID].Lang,
			Channel: l.Channel, Copies: int64(l.Copies), Day: l.WrittenOn.Time, State: l.State}
		if l.MemberID == nil {
			if row.AnsweredBy, err = s.accountName(ctx, l.RecordedBy); err != nil {
				return nil, err
			}
		}
		list = append(list, row)
	}
	return list, err
}

// recordEvening takes down what a group told staff.
func (s *Server) recordEvening(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err != nil {
		s.fail(c, err)
		return
	}
	form := templates.ReportForm{Channel: f.line("channel"), Day: f.line("day"), Copies: f.line("copies")}
	group, targets := f.id("group"), f.ids("target")
	report := letters.Report{TargetIDs: targets, Channel: form.Channel, Copies: wholeNumber(form.Copies), WrittenOn: dayOf(form.Day)}
	again := func(status int, problems []templates.Problem) {
		s.showEvenings(c, status, problems, func(body *templates.Evenings) {
			body.Form = form
			for i := range body.Groups {
				body.Groups[i].Chosen = body.Groups[i].Value == idText(group)
			}
			for i := range body.Targets {
				for _, t := range targets {
					body.Targets[i].Chosen = body.Targets[i].Chosen || body.Targets[i].Value == strconv.FormatInt(t, 10)
				}
			}
		})
	}
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	err = s.Letters.RecordEvening(c.Request.Context(), by(c), id, group, report)
	s.answered(c, err, "/admin/campaigns/"+idText(id)+"/evenings", templates.NoticeSaved, names{"written_on": "day"}, again)
}

// takeEveningBack withdraws an evening of a campaign.
func (s *Server) takeEveningBack(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var letter int64
	if err == nil {
		letter, err = pathNumber(c, "letter")
	}
	if err == nil {
		err = s.Letters.WithdrawEvening(c.Request.Context(), by(c), id, 0, letter)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/campaigns/"+idText(id)+"/evenings", templates.NoticeWithdrawn)
}

// setCounterByForm says from how many letters on the public page tells their number.
func (s *Server) setCounterByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	from := f.number("counter_from", 1_000_000)
	s.changeCampaign(c, f, nil, func(id int64) error {
		return s.Campaigns.SetCounter(c.Request.Context(), by(c), id, from)
	}, func(body *templates.CampaignChange) { body.CounterFrom = f.line("counter_from") })
}

package web

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/templates"
)

// campaignDesk is a campaign with the case that it is on.
type campaignDesk struct {
	campaign campaigns.Campaign
	theCase  *campaigns.Case // nil for a policy matter
}

func (d campaignDesk) path() string { return "/admin/campaigns/" + idText(d.campaign.ID) }

// campaignDesk reads the campaign in the path. ok is false where the answer has been given already.
func (s *Server) campaignDesk(c *gin.Context) (d campaignDesk, ok bool) {
	id, err := pathNumber(c, "id")
	if err == nil {
		d.campaign, err = s.Campaigns.Campaign(c.Request.Context(), id)
	}
	if err == nil {
		d.theCase, err = s.caseOf(c.Request.Context(), d.campaign)
	}
	if err != nil {
		s.fail(c, err)
		return d, false
	}
	return d, true
}

func (s *Server) campaignPage(c *gin.Context) {
	s.showCampaign(c, http.StatusOK, nil, templates.Campaign{})
}

// showCampaign shows the campaign in the path; body holds what was typed into one of its forms.
func (s *Server) showCampaign(c *gin.Context, status int, problems []templates.Problem, body templates.Campaign) {
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	head := s.staffHead(c, "campaigns")
	head.Problems, head.Zone = problems, d.campaign.DeadlineZone
	if err := s.fillCampaign(c, d, &body, head.Lang); err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, status, head, body)
}

func (s *Server) fillCampaign(c *gin.Context, d campaignDesk, body *templates.Campaign, lang string) error {
	ctx, one, p := c.Request.Context(), d.campaign, who(c)
	body.ID, body.Number, body.Title, body.State, body.Urgent = idText(one.ID), numberOf(one), one.Title, one.State, one.Urgent
	if !body.Close.Tried { // nobody knows yet, until somebody says so
		body.Close.Durability, body.Close.Contribution = "unknown", "unknown"
	}
	body.Fallback, body.AfterDeadline, body.Key = one.FallbackLanguage, one.AfterDeadline, newID()
	if one.State != campaigns.CampaignDraft {
		body.PublicURL = s.PublicURL + "/a/" + one.Slug
	}
	if one.State == campaigns.CampaignClosed {
		body.Closed = templates.Outcome{Word: orZero(one.Outcome), Note: one.OutcomeNote, Durability: orZero(one.Durability)}
	}
	now, err := s.Campaigns.Now(ctx)
	if err != nil {
		return err
	}
	body.Clock = clockOf(one, d.theCase, campaigns.Sheet{Now: now})
	if body.Case, err = s.factsOf(ctx, d.theCase, p); err != nil {
		return err
	}
	asks, err := s.Campaigns.Asks(ctx, one.ID)
	if err != nil {
		return err
	}
	if body.Targets, err = s.campaignTargetsOf(ctx, one, lang, p); err != nil {
		return err
	}
	for _, ask := range asks {
		set := askTextsOf(ask, one.FallbackLanguage)
		for _, t := range body.Targets {
			if len(ask.TargetIDs) > 0 && slices.ContainsFunc(ask.TargetIDs, func(id int64) bool { return idText(id) == t.ID }) {
				set.Offices = append(set.Offices, t.Office)
			}
		}
		body.Asks = append(body.Asks, set)
	}
	if err := s.fillAppeals(ctx, one, body); err != nil {
		return err
	}
	if !p.May(accounts.ReadLetters) {
		return nil
	}
	body.MayRecord = p.May(accounts.EditLetters)
	if one.State != campaigns.CampaignDraft {
		body.AnswersURL = "/admin/replies?state=&campaign=" + body.ID
	}
	if body.Letters, err = s.totalsOf(ctx, one.ID, lang, p); err != nil || len(body.Letters.Offices) == 0 {
		return err
	}
	body.Days, err = s.daysPlot(ctx, one)
	if body.Days != nil {
		body.Days.Small, body.Days.Href = true, "/admin/reports?by=day&campaign="+body.ID
	}
	return err
}

// factsOf is what a campaign's page says of its case. Who may not read cases is told what is public alone.
func (s *Server) factsOf(ctx context.Context, theCase *campaigns.Case, p accounts.Principal) (*templates.CaseFacts, error) {
	if theCase == nil {
		return nil, nil
	}
	persons, err := s.Campaigns.Persons(ctx, theCase.ID)
	facts := templates.CaseFacts{Headline: theCase.Headline, Removing: theCase.RemovingCountry, Receiving: theCase.ReceivingCountry,
		OriginStateKnows: theCase.OriginStateKnows}
	for _, person := range persons {
		facts.Persons = append(facts.Persons, person.PublishedAs)
	}
	if p.May(accounts.ReadCases) {
		facts.CaseID, facts.Ref, facts.Nationality = idText(theCase.ID), theCase.Ref, orZero(theCase.NationalityCountry)
		facts.OriginStateReason = orZero(theCase.OriginStateReason)
	}
	return &facts, err
}

// askTextsOf is an ask in every language that it has, the fallback first.
func askTextsOf(ask campaigns.Ask, fallback string) templates.AskTexts {
	set := templates.AskTexts{Code: ask.Code}
	for _, l := range slices.Sorted(maps.Keys(ask.Texts)) {
		text := templates.Ask{Code: ask.Code, Text: ask.Texts[l], Lang: l}
		if l == fallback {
			set.Texts = slices.Insert(set.Texts, 0, text)
		} else {
			set.Texts = append(set.Texts, text)
		}
	}
	return set
}

func (s *Server) campaignTargetsOf(ctx context.Context, one campaigns.Campaign, lang string, p accounts.Principal) ([]templates.CampaignTarget, error) {
	found, err := s.Campaigns.CampaignTargets(ctx, one.ID)
	if err != nil {
		return nil, err
	}
	hints, err := s.hintsOf(ctx, p, one.ID)
	if err != nil {
		return nil, err
	}
	var list []templates.CampaignTarget
	for i, t := range templates.TargetsOf(campaigns.Sheet{Targets: found, FallbackLanguage: one.FallbackLanguage}, lang) {
		set := templates.CampaignTarget{Target: t, NeedsYes: !found[i].Agreed(), MayAgree: mayAgree(p, found[i]), Hint: hints[t.ID]}
		if set.AddedBy, err = s.accountName(ctx, found[i].AddedBy); err != nil {
			return nil, err
		}
		if set.AgreedBy, err = s.accountName(ctx, found[i].AgreedBy); err != nil {
			return nil, err
		}
		list = append(list, set)
	}
	return list, nil
}

// accountName is what an account is called; the system has no name.
func (s *Server) accountName(ctx context.Context, id *int64) (string, error) {
	if id == nil {
		return "", nil
	}
	a, err := s.Accounts.Find(ctx, *id)
	return a.Name, err
}

// fillAppeals lists a campaign's appeals, the newest first, and the kinds that may be written now.
func (s *Server) fillAppeals(ctx context.Context, one campaigns.Campaign, body *templates.Campaign) error {
	appeals, err := s.Campaigns.Appeals(ctx, one.ID)
	if err != nil {
		return err
	}
	hasFirst := false
	for _, a := range slices.Backward(appeals) {
		hasFirst = hasFirst || a.Kind == campaigns.KindFirst
		row := templates.AppealRow{ID: idText(a.ID), Kind: a.Kind, State: a.State, LaunchedAt: orZero(a.LaunchedAt)}
		texts, err := s.Campaigns.Texts(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, t := range texts {
			row.Languages = append(row.Languages, t.Language)
		}
		if a.State != campaigns.AppealDraft {
			of, receipt, err := s.Campaigns.Receipt(ctx, a.ID)
			if err != nil {
				return err
			}
			row.State, row.Receipt = of.State, receiptOf(one, of, receipt)
		}
		body.Appeals = append(body.Appeals, row)
	}
	switch {
	case !hasFirst && one.State != campaigns.CampaignClosed:
		body.NewKinds = []string{campaigns.KindFirst}
	case one.State == campaigns.CampaignActive, one.State == campaigns.CampaignStopped:
		body.NewKinds = []string{campaigns.KindUpdate, campaigns.KindStopAction, campaigns.KindOutcome, campaigns.KindCorrection}
	case one.State == campaigns.CampaignClosed:
		body.NewKinds = []string{campaigns.KindOutcome, campaigns.KindCorrection}
	}
	return nil
}

// agreeTarget is the second account's yes to an office of the receiving side (R2).
func (s *Server) agreeTarget(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var target int64
	if err == nil {
		target, err = pathNumber(c, "target")
	}
	if err == nil {
		err = s.Campaigns.Agree(c.Request.Context(), by(c), id, target)
	}
	s.answered(c, err, "/admin/campaigns/"+c.Param("id"), templates.NoticeAgreed, nil, func(status int, problems []templates.Problem) {
		s.showCampaign(c, status, problems, templates.Campaign{})
	})
}

// campaignOriginState records, from a campaign's page, that the state of origin knows already.
func (s *Server) campaignOriginState(c *gin.Context) {
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	if d.theCase == nil {
		s.fail(c, errNoRoute)
		return
	}
	reason := f.line("origin_state_reason")
	_, err := s.Campaigns.RecordOriginStateKnows(c.Request.Context(), by(c), d.theCase.ID, reason)
	s.answered(c, err, d.path(), templates.NoticeSaved, names{"reason": "origin_state_reason"}, func(status int, problems []templates.Problem) {
		s.showCampaign(c, status, problems, templates.Campaign{Reason: reason})
	})
}

func (s *Server) closeCampaignByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	n := campaigns.Closing{Outcome: f.line("outcome"), Note: f.text("outcome_note"), Durability: f.line("durability"), Contribution: f.line("contribution")}
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = s.Campaigns.CloseCampaign(c.Request.Context(), by(c), id, n)
	}
	s.answered(c, err, "/admin/campaigns/"+c.Param("id"), templates.NoticeClosed, names{"note": "outcome_note"}, func(status int, problems []templates.Problem) {
		s.showCampaign(c, status, problems, templates.Campaign{Close: templates.CloseForm{Tried: true, Outcome: n.Outcome, Note: n.Note,
			Durability: n.Durability, Contribution: n.Contribution}})
	})
}

// stopCampaignByForm stops a campaign with one press. The appeals that stop with it say on their own pages what is in flight.
func (s *Server) stopCampaignByForm(c *gin.Context) {
	s.moveCampaignByForm(c, s.Campaigns.StopCampaign, templates.NoticeCampaignStopped)
}

func (s *Server) resumeCampaignByForm(c *gin.Context) {
	s.moveCampaignByForm(c, s.Campaigns.ResumeCampaign, templates.NoticeCampaignResumed)
}

func (s *Server) moveCampaignByForm(c *gin.Context, move func(context.Context, audit.Actor, int64) (campaigns.Campaign, error), notice string) {
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = move(c.Request.Context(), by(c), id)
	}
	s.answered(c, err, "/admin/campaigns/"+c.Param("id"), notice, nil, func(status int, problems []templates.Problem) {
		s.showCampaign(c, status, problems, templates.Campaign{})
	})
}

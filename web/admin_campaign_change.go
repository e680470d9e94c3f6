package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// campaignChangePage is where deadline, asks and offices of a campaign are changed.
func (s *Server) campaignChangePage(c *gin.Context) {
	s.showCampaignChange(c, http.StatusOK, nil, func(*templates.CampaignChange) {})
}

// showCampaignChange shows the campaign in the path as it is stored, but for what retype puts back as it was typed.
func (s *Server) showCampaignChange(c *gin.Context, status int, problems []templates.Problem, retype func(*templates.CampaignChange)) {
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	ctx, one := c.Request.Context(), d.campaign
	head := s.staffHead(c, "campaigns")
	head.Problems = problems
	body := templates.CampaignChange{ID: idText(one.ID), Number: numberOf(one), Title: one.Title, DeadlineDay: one.DeadlineDay.String(),
		DeadlineTime: one.DeadlineTime, DeadlineZone: one.DeadlineZone, DeadlineInclusive: one.DeadlineInclusive,
		Languages: askLanguages(one.FallbackLanguage), Key: newID()}
	if one.CounterFrom != nil {
		body.CounterFrom = strconv.Itoa(*one.CounterFrom)
	}
	asks, err := s.Campaigns.Asks(ctx, one.ID)
	if err != nil {
		s.fail(c, err)
		return
	}
	samples, err := s.Campaigns.SampleLetters(ctx, one.ID)
	if err != nil {
		s.fail(c, err)
		return
	}
	for l := range samples {
		body.Languages = union(body.Languages, []string{l})
	}
	for _, ask := range asks {
		for l := range ask.Texts { // whatever is written is shown, in a language of the house or not
			body.Languages = union(body.Languages, []string{l})
		}
	}
	chosen, err := s.Campaigns.CampaignTargets(ctx, one.ID)
	if err != nil {
		s.fail(c, err)
		return
	}
	body.Targets = templates.TargetsOf(campaigns.Sheet{Targets: chosen, FallbackLanguage: one.FallbackLanguage}, head.Lang)
	for _, ask := range asks {
		form := askForm(ask.Code, ask.Texts, body.Languages)
		form.Offices = askOffices(body.Targets, ask.TargetIDs)
		body.Asks = append(body.Asks, form)
	}
	body.NewAsk, body.Samples = askForm("", nil, body.Languages), samplesIn(samples, body.Languages)
	body.NewAsk.Offices = askOffices(body.Targets, nil)
	all, err := s.allTargets(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, t := range targetsIn(all, head.Lang) {
		if !slices.ContainsFunc(chosen, func(has campaigns.CampaignTarget) bool { return idText(has.ID) == t.ID }) {
			body.Others = append(body.Others, templates.Choice{Value: t.ID, Label: t.Office, Lang: t.Lang})
		}
	}
	retype(&body)
	show(s, c, status, head, body)
}

// changeCampaign carries out a change of the campaign in the path, unless something in the form is wrong already.
func (s *Server) changeCampaign(c *gin.Context, f *typed, n names, change func(id int64) error, retype func(*templates.CampaignChange)) {
	again := func(status int, problems []templates.Problem) { s.showCampaignChange(c, status, problems, retype) }
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = change(id)
	}
	s.answered(c, err, "/admin/campaigns/"+c.Param("id")+"/change", templates.NoticeSaved, n, again)
}

func (s *Server) moveDeadlineByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	d := deadlineTyped(f)
	s.changeCampaign(c, f, nil, func(id int64) error {
		_, err := s.Campaigns.MoveDeadline(c.Request.Context(), by(c), id, d)
		return err
	}, func(body *templates.CampaignChange) {
		body.DeadlineDay, body.DeadlineTime, body.DeadlineZone = f.line("deadline_day"), f.line("deadline_time"), f.line("deadline_zone")
		body.DeadlineInclusive = f.yes("deadline_inclusive")
	})
}

// askOffices are the offices that a point may be for alone, those that it is for ticked; nil where there is no choice.
func askOffices(targets []templates.Target, ticked []int64) []templates.Choice {
	if len(targets) < 2 {
		return nil
	}
	var list []templates.Choice
	for _, t := range targets {
		list = append(list, templates.Choice{Value: t.ID, Label: t.Office, Lang: t.Lang,
			Chosen: slices.ContainsFunc(ticked, func(id int64) bool { return idText(id) == t.ID })})
	}
	return list
}

// askTyped reads the texts of one ask from fields whose names begin with prefix.
func askTyped(f *typed, prefix string) campaigns.Texts {
	texts := campaigns.Texts{}
	for name := range f.values {
		if lang, found := strings.CutPrefix(name, prefix+"."); found && f.line(name) != "" && len(texts) < mostTexts {
			texts[lang] = f.line(name)
		}
	}
	return texts
}

// addAskByForm adds a point with a code of its own: the next of a1, a2, …
func (s *Server) addAskByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	ctx, texts, ticked := c.Request.Context(), askTyped(f, "texts"), f.ids("target_ids")
	s.changeCampaign(c, f, names{"texts": "texts.en"}, func(id int64) error {
		_, err := s.once(c, f, func() (string, error) {
			asks, err := s.Campaigns.Asks(ctx, id)
			if err != nil {
				return "", err
			}
			return "", s.Campaigns.AddAsk(ctx, by(c), id, campaigns.NewAsk{Code: nextCode(asks), Texts: texts, TargetIDs: ticked})
		})
		return err
	}, func(body *templates.CampaignChange) {
		body.NewAsk = askForm("", texts, body.Languages)
		body.NewAsk.Offices = askOffices(body.Targets, ticked)
	})
}

// samplesIn are the sample letters in the order of languages.
func samplesIn(samples campaigns.Texts, languages []string) []string {
	list := make([]string, len(languages))
	for i, l := range languages {
		list[i] = samples[l]
	}
	return list
}

// setSamplesByForm gives the campaign sample letters, and takes back those that were emptied.
func (s *Server) setSamplesByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	texts := campaigns.Texts{}
	for name := range f.values {
		if lang, found := strings.CutPrefix(name, "sample."); found && len(texts) < mostTexts {
			texts[lang] = f.text(name)
		}
	}
	s.changeCampaign(c, f, nil, func(id int64) error {
		return s.Campaigns.SetSampleLetters(c.Request.Context(), by(c), id, texts)
	}, func(body *templates.CampaignChange) { body.Samples = samplesIn(texts, body.Languages) })
}

func nextCode(asks []campaigns.Ask) string {
	last := 0
	for _, ask := range asks {
		if n, err := strconv.Atoi(strings.TrimPrefix(ask.Code, "a")); err == nil {
			last = max(last, n)
		}
	}
	return "a" + strconv.Itoa(last+1)
}

func (s *Server) changeAskByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	d, ok := s.campaignDesk(c)
	if !ok {
		return
	}
	ctx, code := c.Request.Context(), c.Param("code")
	asks, err := s.Campaigns.Asks(ctx, d.campaign.ID)
	if err != nil {
		s.fail(c, err)
		return
	}
	i := slices.IndexFunc(asks, func(a campaigns.Ask) bool { return a.Code == code })
	if i < 0 {
		s.fail(c, failure.Missing("ask", code))
		return
	}
	prefix, offices := "asks."+strconv.Itoa(i)+".texts", "asks."+strconv.Itoa(i)+".target_ids"
	texts, ticked := askTyped(f, prefix), append([]int64{}, f.ids(offices)...) // none ticked is every office
	n := names{"texts": prefix + "." + d.campaign.FallbackLanguage, "texts.": prefix + ".", "target_ids": offices}
	s.changeCampaign(c, f, n, func(id int64) error {
		return s.Campaigns.ChangeAsk(ctx, by(c), id, campaigns.NewAsk{Code: code, Texts: texts, TargetIDs: ticked})
	}, func(body *templates.CampaignChange) {
		body.Asks[i] = askForm(code, texts, body.Languages)
		body.Asks[i].Offices = askOffices(body.Targets, ticked)
	})
}

func (s *Server) addTargetToCampaign(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	target := f.id("targets")
	s.changeCampaign(c, f, nil, func(id int64) error {
		if target == 0 {
			return failure.Wrong("targets", "is missing: choose an office")
		}
		return s.Campaigns.AddCampaignTarget(c.Request.Context(), by(c), id, target)
	}, func(body *templates.CampaignChange) {
		for i := range body.Others {
			body.Others[i].Chosen = body.Others[i].Value == idText(target)
		}
	})
}

func (s *Server) takeTargetOff(c *gin.Context) {
	s.changeCampaign(c, &typed{}, nil, func(id int64) error {
		target, err := pathNumber(c, "target")
		if err != nil {
			return err
		}
		return s.Campaigns.RemoveCampaignTarget(c.Request.Context(), by(c), id, target)
	}, func(*templates.CampaignChange) {})
}

package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/templates"
)

// campaignsOnPage is how long a page of the list is: each of them is looked at closely.
const campaignsOnPage = 20

func campaignStates() []string {
	return []string{campaigns.CampaignDraft, campaigns.CampaignActive, campaigns.CampaignStopped, campaigns.CampaignClosed}
}

func (s *Server) listCampaignsPage(c *gin.Context) {
	ctx := c.Request.Context()
	body := templates.Campaigns{State: filterOf(c, "state", campaignStates()...)}
	found, err := s.Campaigns.CampaignsIn(ctx, body.State, campaigns.Page{After: after(c), Limit: campaignsOnPage + 1})
	if err == nil {
		body.Total, err = s.Campaigns.CountCampaigns(ctx, body.State)
	}
	if len(found) > campaignsOnPage {
		found = found[:campaignsOnPage]
		body.Next = nextPage(c, found[campaignsOnPage-1].ID)
	}
	sheet := campaigns.Sheet{}
	if err == nil {
		sheet.Now, err = s.Campaigns.Now(ctx)
	}
	for _, one := range found {
		if err != nil {
			break
		}
		var row templates.CampaignRow
		row, err = s.campaignRow(ctx, one, sheet)
		body.Rows = append(body.Rows, row)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, http.StatusOK, s.staffHead(c, "campaigns"), body)
}

func (s *Server) campaignRow(ctx context.Context, c campaigns.Campaign, now campaigns.Sheet) (templates.CampaignRow, error) {
	row := templates.CampaignRow{ID: idText(c.ID), Number: numberOf(c), Title: c.Title, State: c.State}
	theCase, err := s.caseOf(ctx, c)
	if err != nil {
		return row, err
	}
	row.Clock = clockOf(c, theCase, now)
	appeals, err := s.Campaigns.Appeals(ctx, c.ID)
	if err != nil {
		return row, err
	}
	var latest *campaigns.Appeal
	for i, a := range appeals {
		if a.LaunchedAt != nil && (latest == nil || !a.LaunchedAt.Before(*latest.LaunchedAt)) {
			latest = &appeals[i]
		}
	}
	if latest != nil {
		a, receipt, err := s.Campaigns.Receipt(ctx, latest.ID)
		if err != nil {
			return row, err
		}
		set := receiptOf(c, a, receipt)
		row.Latest, row.Live = &set, a.State == campaigns.AppealIssuing || a.State == campaigns.AppealStopping
	}
	count, err := s.Letters.Counter(ctx, c.ID)
	row.Letters = templates.LetterCount(count)
	return row, err
}

// caseOf is the case that a campaign is on, nil for one on a policy matter.
func (s *Server) caseOf(ctx context.Context, c campaigns.Campaign) (*campaigns.Case, error) {
	if c.CaseID == nil {
		return nil, nil
	}
	found, err := s.Campaigns.Case(ctx, *c.CaseID)
	return &found, err
}

// newCampaignPage asks for what a campaign begins with.
func (s *Server) newCampaignPage(c *gin.Context) {
	s.showNewCampaign(c, http.StatusOK, nil, templates.CampaignForm{CaseID: strings.TrimSpace(c.Query("case")), Series: "UA", Urgent: true,
		Fallback: "en", DeadlineInclusive: true, AfterDeadline: "ask_coordinator"}, nil)
}

// leastAsks is how many asks there is room for on an empty form.
const leastAsks = 2

// askLanguages are those in which asks may be written, the fallback and those of the staff first.
func askLanguages(fallback string) []string {
	return union(shownLanguages(fallback, nil), templates.PublicLanguages())
}

// showNewCampaign shows the form; chosen are the offices ticked.
func (s *Server) showNewCampaign(c *gin.Context, status int, problems []templates.Problem, body templates.CampaignForm, chosen map[string]bool) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "campaigns")
	head.Problems = problems
	cases, err := s.openCases(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, one := range cases {
		if idText(one.ID) == body.CaseID && status == http.StatusOK && body.DeadlineZone == "" {
			body.DeadlineZone = orZero(one.RemovalZone) // most deadlines are those of the place
		}
		body.Cases = append(body.Cases, templates.Choice{Value: idText(one.ID), Label: one.Ref + ": " + one.Headline, Chosen: idText(one.ID) == body.CaseID})
	}
	targets, err := s.allTargets(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	hints, err := s.hintsOf(ctx, who(c), 0)
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, t := range targetsIn(targets, head.Lang) {
		body.Targets = append(body.Targets, templates.TargetChoice{Target: t, Chosen: chosen[t.ID], Hint: hints[t.ID]})
	}
	if body.Languages == nil {
		body.Languages = askLanguages("en")
	}
	for len(body.Asks) < leastAsks || status != http.StatusOK && !isEmpty(body.Asks[len(body.Asks)-1]) {
		body.Asks = append(body.Asks, templates.AskForm{Texts: make([]string, len(body.Languages))})
	}
	if body.Key == "" {
		body.Key = newID()
	}
	show(s, c, status, head, body)
}

func isEmpty(a templates.AskForm) bool { return strings.Join(a.Texts, "") == "" }

// openCases are the cases that a campaign may be on.
func (s *Server) openCases(ctx context.Context) ([]campaigns.Case, error) {
	var list []campaigns.Case
	page := campaigns.Page{Limit: 200}
	for {
		found, err := s.Campaigns.Cases(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			if one.State != "closed" {
				list = append(list, one)
			}
		}
		if len(found) < page.Limit {
			return list, nil
		}
		page.After = found[len(found)-1].ID
	}
}

// allTargets are all offices: there are some hundreds at most.
func (s *Server) allTargets(ctx context.Context) ([]campaigns.Target, error) {
	var list []campaigns.Target
	page := campaigns.Page{Limit: 200}
	for {
		found, err := s.Campaigns.Targets(ctx, page)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
		if len(found) < page.Limit {
			return list, nil
		}
		page.After = found[len(found)-1].ID
	}
}

// targetsIn sets offices for a page in lang.
func targetsIn(list []campaigns.Target, lang string) []templates.Target {
	sheet := campaigns.Sheet{FallbackLanguage: "en"}
	for _, t := range list {
		sheet.Targets = append(sheet.Targets, campaigns.CampaignTarget{Target: t})
	}
	return templates.TargetsOf(sheet, lang)
}

// mostAsks is how many asks one form is read for.
const mostAsks = 20

func (s *Server) addCampaignByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	body, n, chosen := campaignTyped(f)
	again := func(status int, problems []templates.Problem) { s.showNewCampaign(c, status, problems, body, chosen) }
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	to, err := s.once(c, f, func() (string, error) {
		added, err := s.Campaigns.AddCampaign(c.Request.Context(), by(c), n)
		return "/admin/campaigns/" + idText(added.ID), err
	})
	s.answered(c, err, to, templates.NoticeCreated, nil, again)
}

// campaignTyped reads a campaign as it was typed, to be shown again and to be opened. Asks get their codes here, in their
// order; one without any text is not there.
func campaignTyped(f *typed) (templates.CampaignForm, campaigns.NewCampaign, map[string]bool) {
	body := templates.CampaignForm{CaseID: f.line("case_id"), Title: f.line("title"), Series: f.line("series"), Sequence: f.line("number"), Year: f.line("year"),
		Urgent: f.yes("urgent"), Fallback: f.line("fallback_language"), DeadlineDay: f.line("deadline_day"), DeadlineTime: f.line("deadline_time"),
		DeadlineZone: f.line("deadline_zone"), DeadlineInclusive: f.yes("deadline_inclusive"), AfterDeadline: f.line("after_deadline"), Key: f.line(formKey)}
	body.Languages = askLanguages("en")
	n := campaigns.NewCampaign{Series: body.Series, Number: f.number("number", 9999), Year: f.number("year", 9999), Title: body.Title, Urgent: &body.Urgent,
		FallbackLanguage: body.Fallback, Deadline: deadlineTyped(f), AfterDeadline: body.AfterDeadline, TargetIDs: f.ids("targets")}
	if id := f.id("case_id"); id != 0 {
		n.CaseID = &id
	}
	for i := range mostAsks {
		prefix := "asks." + idText(int64(i)) + ".texts"
		texts := f.texts(prefix, body.Languages)
		if len(texts) == 0 {
			continue
		}
		n.Asks = append(n.Asks, campaigns.NewAsk{Code: "a" + idText(int64(len(n.Asks)+1)), Texts: texts})
		body.Asks = append(body.Asks, askForm("", texts, body.Languages))
	}
	chosen := map[string]bool{}
	for _, id := range f.chosen("targets") {
		chosen[id] = true
	}
	return body, n, chosen
}

func askForm(code string, texts campaigns.Texts, languages []string) templates.AskForm {
	form := templates.AskForm{Code: code}
	for _, l := range languages {
		form.Texts = append(form.Texts, texts[l])
	}
	return form
}

func deadlineTyped(f *typed) campaigns.Deadline {
	return campaigns.Deadline{DeadlineDay: f.day("deadline_day"), DeadlineTime: f.line("deadline_time"), DeadlineZone: f.line("deadline_zone"),
		DeadlineInclusive: f.yes("deadline_inclusive")}
}

// mayAgree reports whether whoever is signed in can be the second to say yes to an office.
func mayAgree(p accounts.Principal, t campaigns.CampaignTarget) bool {
	return p.May(accounts.AgreeAsSecond) && (t.AddedBy == nil || *t.AddedBy != p.AccountID)
}

package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// takeAction is the public page of a campaign. It is the same for everybody who reads its language, so it is served from memory.
func (s *Server) takeAction(c *gin.Context) {
	head, slug := s.publicHead(c), c.Param("slug")
	page, err := s.pages.page(c.Request.Context(), head.Lang+" "+slug, func(ctx context.Context) ([]byte, error) {
		return s.actionPage(ctx, slug, head)
	})
	switch {
	case failure.Is(err, failure.NotFound):
		show(s, c, http.StatusNotFound, head, templates.Sorry{Word: "not_found"})
	case err != nil:
		s.fail(c, err)
	default:
		c.Header("Content-Language", head.Lang)
		c.Data(http.StatusOK, "text/html; charset=utf-8", page)
	}
}

// actionPage writes the public page of a campaign. Nothing in it may depend on who asks, but for the language in head.
func (s *Server) actionPage(ctx context.Context, slug string, head templates.Head) ([]byte, error) {
	sheet, err := s.Campaigns.PublicSheet(ctx, slug)
	if err != nil {
		return nil, err
	}
	head.Languages = templates.PublicLanguages()
	body, err := s.actionOf(sheet, head.Lang)
	if err != nil {
		return nil, err
	}
	if body.Count, err = s.counterOf(ctx, sheet); err != nil {
		return nil, err
	}
	if letters.TermOf(sheet).Takes() {
		body.ReportURL = "/a/" + slug + "/report?lang=" + head.Lang
	}
	return templates.Render(head, body)
}

func (s *Server) actionOf(sheet campaigns.Sheet, lang string) (templates.TakeAction, error) {
	text, _ := sheet.Text(lang)
	number, clock := templates.NumberOf(sheet), templates.ClockOf(sheet)
	page := templates.TakeAction{Number: number, Urgent: sheet.Urgent, State: sheet.CampaignState, Kind: sheet.Kind, TextLang: text.Language,
		Removing: sheet.RemovingCountry, Receiving: sheet.ReceivingCountry, Clock: clock, AfterDeadline: sheet.AfterDeadline, Asks: templates.AsksOf(sheet, text.Language),
		Targets: templates.TargetsOf(sheet, text.Language), PublicURL: s.PublicURL + "/a/" + sheet.Slug}
	if sheet.LaunchedAt != nil {
		page.Issued = *sheet.LaunchedAt
	}
	if sheet.Outcome != nil {
		page.Outcome = templates.Outcome{Word: *sheet.Outcome}
	}
	var err error
	if page.Headline, err = templates.FillText("headline", text.Headline, text.Language, number, clock); err != nil {
		return page, err
	}
	page.Body, err = templates.BodyHTML(text.Body, text.Language, number, clock)
	return page, err
}

package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// takeAction is the public page of a campaign.
func (s *Server) takeAction(c *gin.Context) {
	sheet, err := s.Campaigns.PublicSheet(c.Request.Context(), c.Param("slug"))
	head := s.publicHead(c)
	if failure.Is(err, failure.NotFound) {
		show(s, c, http.StatusNotFound, head, templates.Sorry{Word: "not_found"})
		return
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	head.Languages = templates.PublicLanguages()
	body, err := s.actionOf(sheet, head.Lang)
	if err == nil {
		body.Count, err = s.counterOf(c.Request.Context(), sheet)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, http.StatusOK, head, body)
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

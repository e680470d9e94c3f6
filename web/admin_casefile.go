package web

import (
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/templates"
)

// makeCaseFile makes the case file of a campaign, which is put on record (R19), and hands it out.
func (s *Server) makeCaseFile(c *gin.Context) {
	ctx := c.Request.Context()
	id, err := pathNumber(c, "id")
	if err != nil {
		s.fail(c, err)
		return
	}
	campaign, err := s.Campaigns.Campaign(ctx, id)
	if err != nil {
		s.fail(c, err)
		return
	}
	file, err := s.Letters.MakeCaseFile(ctx, by(c), id)
	if err != nil {
		s.fail(c, err)
		return
	}
	lang := s.staffHead(c, "campaigns").Lang
	pdf, err := s.inTurn(ctx, func() ([]byte, error) { return templates.PrintCaseFile(file, lang) })
	if err != nil {
		s.fail(c, err)
		return
	}
	sendPDF(c, fmt.Sprintf("case-file-%s-%d-%d.pdf", strings.ToLower(campaign.Series), campaign.Number, campaign.Year), pdf)
}

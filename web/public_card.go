package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/internal/failure"
	"holdfast/templates"
)

// card is the picture that shows where the address of a campaign is passed on: the number, that it is urgent, until when, and who says so. Nothing
// of the case is on it, since such pictures are kept by others for as long as they like. Drawing one costs as much as setting a page for print, and
// every program that meets the address asks for it: it is served from memory, and drawn in turn.
func (s *Server) card(c *gin.Context) {
	head, slug := s.publicHead(c), c.Param("slug")
	picture, err := s.pages.page(c.Request.Context(), "card "+head.Lang+" "+slug, func(ctx context.Context) ([]byte, error) {
		sheet, err := s.Campaigns.PublicSheet(ctx, slug)
		if err != nil {
			return nil, err
		}
		return s.inTurn(ctx, func() ([]byte, error) { return templates.Card(head.Lang, s.Organisation.Name, sheet) })
	})
	if failure.Is(err, failure.NotFound) {
		show(s, c, http.StatusNotFound, head, templates.Sorry{Word: "not_found"})
		return
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Cross-Origin-Resource-Policy", "cross-origin") // it is made to be shown elsewhere
	c.Data(http.StatusOK, "image/png", picture)
}

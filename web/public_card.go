package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/internal/failure"
	"holdfast/templates"
)

// card is the picture that shows where the address of a campaign is passed on: the number, that it is urgent, until when, and who says so. Nothing
// of the case is on it, since such pictures are kept by others for as long as they like.
func (s *Server) card(c *gin.Context) {
	sheet, err := s.Campaigns.PublicSheet(c.Request.Context(), c.Param("slug"))
	if failure.Is(err, failure.NotFound) {
		show(s, c, http.StatusNotFound, s.publicHead(c), templates.Sorry{Word: "not_found"})
		return
	}
	var picture []byte
	if err == nil {
		picture, err = templates.Card(s.publicHead(c).Lang, s.Organisation.Name, sheet)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Cross-Origin-Resource-Policy", "cross-origin") // it is made to be shown elsewhere
	c.Data(http.StatusOK, "image/png", picture)
}

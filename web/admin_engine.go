package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/templates"
)

// engineRoutes are the page that tells how sending stands.
func (s *Server) engineRoutes() []route {
	return []route{
		look("/admin/engine", accounts.ReadCampaigns, s.enginePage),
		look("/admin/engine/events", accounts.ReadCampaigns, s.engineEvents).streams(),
	}
}

func (s *Server) enginePage(c *gin.Context) {
	state, err := s.engineState(c.Request.Context(), who(c).May(accounts.LaunchAppeals))
	if err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, http.StatusOK, s.staffHead(c, "engine"), templates.Engine{State: state})
}

// engineEvents tells the page what has changed, as appealEvents does.
func (s *Server) engineEvents(c *gin.Context) {
	head, resume := s.deskHead(c, who(c).Language), who(c).May(accounts.LaunchAppeals)
	s.keepTelling(c, engineEvery, func(ctx context.Context) (part []byte, over bool, err error) {
		state, err := s.engineState(ctx, resume)
		if err != nil {
			return nil, false, err
		}
		part, err = templates.Render(head, state)
		return part, false, err
	})
}

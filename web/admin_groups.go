package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/internal/failure"
	"holdfast/members"
	"holdfast/templates"
)

func (s *Server) listGroupsPage(c *gin.Context) { s.showGroups(c, http.StatusOK, nil, "", "") }

func (s *Server) showGroups(c *gin.Context, status int, problems []templates.Problem, name, city string) {
	groups, err := s.Members.Groups(c.Request.Context())
	if err != nil {
		s.fail(c, err)
		return
	}
	body := templates.Groups{Name: name, City: city}
	for _, g := range groups {
		body.Rows = append(body.Rows, templates.GroupRow{ID: idText(g.ID), Name: g.Name, City: g.City, Members: g.Members})
	}
	head := s.staffHead(c, "groups")
	head.Problems = problems
	show(s, c, status, head, body)
}

func (s *Server) addGroupByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	_, err := s.Members.AddGroup(c.Request.Context(), by(c), f.line("name"), f.line("city"))
	s.answered(c, err, "/admin/groups", templates.NoticeCreated, nil, func(status int, problems []templates.Problem) {
		s.showGroups(c, status, problems, f.line("name"), f.line("city"))
	})
}

// groupOfPath is the group in the path.
func (s *Server) groupOfPath(c *gin.Context) (members.Group, error) {
	id, err := pathNumber(c, "id")
	if err != nil {
		return members.Group{}, err
	}
	groups, err := s.Members.Groups(c.Request.Context())
	if err != nil {
		return members.Group{}, err
	}
	i := slices.IndexFunc(groups, func(g members.Group) bool { return g.ID == id })
	if i < 0 {
		return members.Group{}, failure.Missing("group", id)
	}
	return groups[i], nil
}

func (s *Server) groupPage(c *gin.Context) {
	g, err := s.groupOfPath(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showGroup(c, http.StatusOK, nil, g.Name, g.City)
}

func (s *Server) showGroup(c *gin.Context, status int, problems []templates.Problem, name, city string) {
	head := s.staffHead(c, "groups")
	head.Problems = problems
	show(s, c, status, head, templates.GroupForm{ID: c.Param("id"), Name: name, City: city})
}

func (s *Server) renameGroup(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	g, err := s.groupOfPath(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	_, err = s.Members.RenameGroup(c.Request.Context(), by(c), g.ID, f.line("name"), f.line("city"))
	s.answered(c, err, "/admin/groups", templates.NoticeSaved, nil, func(status int, problems []templates.Problem) {
		s.showGroup(c, status, problems, f.line("name"), f.line("city"))
	})
}

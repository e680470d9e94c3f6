package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/internal/audit"
	"holdfast/members"
	"holdfast/templates"
)

// leavePage shows one button and changes nothing: programs that look at links open this too (R7). It reads nothing but
// the token, so it cannot tell a stranger who is a member.
func (s *Server) leavePage(c *gin.Context) {
	if _, _, err := s.Links.Unsubscribe.Read(c.Param("token")); err != nil {
		s.wrongLink(c)
		return
	}
	s.showLeaving(c, false)
}

// leave takes the member off at once. It is what the page's button sends, and what a mail program sends by itself:
// List-Unsubscribe=One-Click, urlencoded or multipart, without cookie, Referer or anything else (RFC 8058 3.2). Some send no
// body at all; the token alone is enough. Members unknown, erased or gone already get the same answer by the same statements.
func (s *Server) leave(c *gin.Context) {
	_, member, err := s.Links.Unsubscribe.Read(c.Param("token"))
	if err != nil {
		s.wrongLink(c)
		return
	}
	how := members.OneClick
	if c.PostForm("how") == "page" {
		how = members.ByPage
	}
	if err := s.Members.Leave(c.Request.Context(), audit.Member(), member, how); err != nil {
		s.fail(c, err) // not 200: the mail program may try again
		return
	}
	s.showLeaving(c, true)
}

func (s *Server) showLeaving(c *gin.Context, done bool) {
	head := s.publicHead(c)
	head.Languages = templates.PublicLanguages()
	show(s, c, http.StatusOK, head, templates.Unsubscribe{Action: "/u/" + c.Param("token"), Done: done})
}

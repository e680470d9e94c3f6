package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"

	"holdfast/internal/failure"
	"holdfast/templates"
)

// assets is where the pages' style sheet and script are.
const assets = "/static/{file}"

// publicRoutes are the pages that anybody can open. They need no cookie and no script, and a GET changes nothing (U2).
func (s *Server) publicRoutes() []route {
	read := func(pattern string, page gin.HandlerFunc) route {
		return route{door: public, method: "GET", pattern: pattern, permission: Anybody, page: page}
	}
	act := func(pattern string, page gin.HandlerFunc) route {
		return route{door: public, method: "POST", pattern: pattern, permission: Anybody, page: page}
	}
	return append(s.deskRoutes(), []route{
		// What every page asks for
		read(assets, s.asset),

		// A campaign, for anybody
		read("/a/{slug}", s.takeAction),
		read("/a/{slug}/card.png", s.card),

		// A campaign, for a member by their own link
		read("/r/{token}", s.memberAction),

		// What was written, said by a member with their own link. The link itself takes a report too, as it did before it led to the action.
		act("/r/{token}", s.report),
		read("/r/{token}/report", s.reportPage),
		act("/r/{token}/report", s.report),
		act("/r/{token}/report/letters/{id}", s.correctReport),
		act("/r/{token}/report/letters/{id}/withdraw", s.withdrawReport),
		read("/r/{token}/evening", s.eveningPage),
		act("/r/{token}/evening", s.reportEvening),
		act("/r/{token}/evening/{id}/withdraw", s.withdrawEvening),

		// What was written, said by a visitor: at the public page first, then with a link of their own
		read("/a/{slug}/report", s.reportPage),
		act("/a/{slug}/report", s.reportOfVisitor),
		read("/w/{token}", s.reportPage),
		act("/w/{token}", s.report),
		act("/w/{token}/letters/{id}", s.correctReport),
		act("/w/{token}/letters/{id}/withdraw", s.withdrawReport),

		// A letter that the house mails for its writer, who says yes by the link in a mail
		read("/c/{token}", s.letterPage),
		act("/c/{token}", s.confirmLetter),
		act("/c/{token}/withdraw", s.withdrawLetter),

		// A member's own link to leave; the POST is also what a mail program sends by itself (RFC 8058)
		read("/u/{token}", s.leavePage),
		{door: public, method: "POST", pattern: "/u/{token}", permission: Anybody, page: s.leave, unmetered: true}, // for thousands, from one provider
	}...)
}

// asset serves a file of the pages. Its name holds a hash of its content, so it may be kept for ever.
func (s *Server) asset(c *gin.Context) {
	for _, a := range templates.Assets() {
		if a.Path == "/static/"+c.Param("file") {
			c.Header("Cache-Control", "public, max-age=31536000, immutable")
			c.Data(http.StatusOK, a.ContentType, a.Content)
			return
		}
	}
	s.fail(c, errNoRoute)
}

// publicHead is the head of a page for anybody, in the language asked for by ?lang=, else in the first of wanted that
// there is, else in one that the browser takes.
func (s *Server) publicHead(c *gin.Context, wanted ...string) templates.Head {
	if asked := c.Query("lang"); asked != "" {
		wanted = append([]string{asked}, wanted...)
	}
	tags, _, err := language.ParseAcceptLanguage(c.GetHeader("Accept-Language"))
	if err == nil {
		for _, tag := range tags {
			base, _ := tag.Base()
			wanted = append(wanted, tag.String(), base.String())
		}
	}
	return templates.Head{Lang: templates.PublicLanguage(wanted...), Organisation: s.Organisation, Demo: s.Demo, Zone: "UTC"}
}

// show answers with a page for anybody.
func show[T templates.Body](s *Server, c *gin.Context, status int, head templates.Head, body T) {
	page, err := templates.Render(head, body)
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Language", head.Lang)
	c.Data(status, "text/html; charset=utf-8", page)
}

// wrongLink answers to a link whose token was not made by this house for this purpose, with an honest error that is the same for all.
func (s *Server) wrongLink(c *gin.Context) {
	show(s, c, http.StatusNotFound, s.publicHead(c), templates.Sorry{Word: "bad_link"})
}

// problems are the wrong fields of err as a page shows them; ok is false where err is of another kind.
func problemsOf(err error) (list []templates.Problem, ok bool) {
	var e *failure.Error
	if !errors.As(err, &e) || e.Kind != failure.Invalid {
		return nil, false
	}
	for _, f := range e.Fields {
		list = append(list, templates.Problem{Field: f.Name, Text: f.Reason})
	}
	return list, true
}

// pathNumber reads a part of the path that is a number.
func pathNumber(c *gin.Context, name string) (int64, error) {
	id, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, errNoRoute
	}
	return id, nil
}

// sorryWord is the page that tells a problem of each status.
func sorryWord(status int) string {
	switch {
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return "not_found"
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return "forbidden"
	case status == http.StatusConflict:
		return "conflict"
	case status == http.StatusTooManyRequests:
		return "too_many"
	case status == http.StatusRequestEntityTooLarge, status == http.StatusRequestURITooLong:
		return "too_large"
	case status >= 500:
		return "fault"
	default:
		return "invalid"
	}
}

// sorry is the page of everything that did not work. Of a fault of ours it shows the id under which it was logged, and no more (P11).
func (s *Server) sorry(c *gin.Context, p problem) {
	body := templates.Sorry{Word: sorryWord(p.Status), Rule: p.Rule}
	switch {
	case p.Status >= 500:
		body.ID = p.Instance
	case p.Status == http.StatusForbidden, p.Status == http.StatusConflict, p.Status == http.StatusUnprocessableEntity:
		body.Text = p.Detail
	}
	page, err := templates.Render(s.publicHead(c), body)
	if err != nil {
		plainErrorPage(c, p)
		return
	}
	c.Data(p.Status, "text/html; charset=utf-8", page)
}

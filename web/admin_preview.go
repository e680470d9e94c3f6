package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"holdfast/templates"
)

// previewPage shows an appeal as the readers of one language get it, or got it: as text, or as HTML in a frame.
func (s *Server) previewPage(c *gin.Context) {
	d, ok := s.appealDesk(c)
	if !ok {
		return
	}
	lang := c.Param("language")
	e, err := s.edition(c.Request.Context(), d.appeal.ID, lang)
	if err != nil {
		s.fail(c, err)
		return
	}
	head := s.staffHead(c, "campaigns")
	here := d.path() + "/preview/" + url.PathEscape(lang)
	body := templates.MailView{Back: d.back(who(c)), BackText: numberOf(d.campaign).In(head.Lang), From: s.Organisation.Name,
		To: templates.LanguageChoices(head.Lang, []string{e.Language})[0].Label, Subject: e.Subject, Lang: e.TextLanguage, View: "html",
		Views: []templates.MailLink{{View: "html", URL: here}, {View: "text", URL: here + "?view=text"}}, FrameURL: here + "/html"}
	if c.Query("view") == "text" {
		body.View, body.Text = "text", s.standIns(e).Replace(e.Text)
	}
	show(s, c, http.StatusOK, head, body)
}

// previewFrame is the HTML of a mail, under a policy of its own: the styles written in it and nothing else, for a frame of
// a page of ours.
func (s *Server) previewFrame(c *gin.Context) {
	d, ok := s.appealDesk(c)
	if !ok {
		return
	}
	e, err := s.edition(c.Request.Context(), d.appeal.ID, c.Param("language"))
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Security-Policy", templates.MailSecurityPolicy)
	c.Header("X-Frame-Options", "SAMEORIGIN")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(s.standIns(e).Replace(e.HTML)))
}

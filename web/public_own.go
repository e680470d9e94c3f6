package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// ownMail hands the letter over to the writer's own mail program. Nothing is kept of it: that it left is proved by the blind copy.
func (s *Server) ownMail(c *gin.Context) {
	w, d, ok := s.letterOnDesk(c)
	if !ok {
		return
	}
	if w.target.Address == "" {
		s.fail(c, failure.Clash("this office has no address of e-mail; the desk shows how else to reach it"))
		return
	}
	page, err := s.deskOf(c.Request.Context(), w, d)
	if err != nil {
		s.fail(c, err)
		return
	}
	own := templates.OwnMail{DeskURL: w.base + askedLanguage(c), ReportURL: page.ReportURL + askedLanguage(c), Draft: page.Draft, Number: page.Number,
		Office: page.Office, Language: d.Language, To: w.target.Address, Subject: d.Subject, Body: signed(d)}
	if s.ReplyDomain != "" {
		own.Copy = "c+" + s.Letters.Links.Copy.Make(letters.Pair(appealOf(w), w.target.ID), w.member) + "@" + s.ReplyDomain
	}
	own.Mailto, own.Rest = templates.MailtoLink(own.To, own.Copy, own.Subject, own.Body)
	head := s.publicHead(c)
	head.Lang = w.lang
	show(s, c, http.StatusOK, head, own)
}

// appealOf is the appeal that a letter answers: the one whose link a member came with, else the one whose text the page shows.
func appealOf(w writing) int64 {
	if w.member != 0 {
		return w.writer.AppealID
	}
	return w.sheet.AppealID
}

// signed is the letter with name and town under it.
func signed(d letters.Draft) string {
	under := d.Name
	if d.Town != "" {
		under += "\n" + d.Town
	}
	return strings.TrimSpace(d.Text) + "\n\n" + under
}

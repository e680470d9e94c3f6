package web

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// writing is one request by somebody who writes a letter to one office: a member by their own link, or anybody from the public page.
type writing struct {
	sheet  campaigns.Sheet
	target campaigns.CampaignTarget
	lang   string         // of the page
	base   string         // the path of this desk, without a slash at its end; forms are sent below it
	writer letters.Writer // zero for anybody: a visitor is written down when something is to be kept, by visit
	member int64          // 0 for anybody
}

// writingTo reads who writes what to whom from the path. ok is false where the answer has been given already.
func (s *Server) writingTo(c *gin.Context) (w writing, ok bool) {
	ctx := c.Request.Context()
	var err error
	var wanted string
	if token := c.Param("token"); token != "" {
		appeal, member, bad := s.Links.Report.Read(token)
		if bad != nil {
			s.wrongLink(c)
			return w, false
		}
		w.writer, w.member = letters.Writer{AppealID: appeal, MemberID: member}, member
		w.sheet, wanted, err = s.Campaigns.SheetFor(ctx, appeal, member)
		w.base = "/r/" + token
	} else {
		w.sheet, err = s.Campaigns.PublicSheet(ctx, c.Param("slug"))
		w.base = "/a/" + c.Param("slug")
	}
	w.lang = s.publicHead(c, wanted).Lang
	if err == nil {
		err = failure.Missing("office", "in this campaign")
		for _, t := range w.sheet.Targets {
			if strconv.FormatInt(t.ID, 10) == c.Param("target") {
				w.target, err = t, nil
			}
		}
	}
	w.base += "/write/" + c.Param("target")
	switch {
	case failure.Is(err, failure.NotFound) && c.Param("token") != "":
		s.wrongLink(c)
	case failure.Is(err, failure.NotFound):
		show(s, c, 404, s.publicHead(c), templates.Sorry{Word: "not_found"})
	case err != nil:
		s.fail(c, err)
	}
	return w, err == nil
}

// visit writes a visitor down, unless a member writes.
func (s *Server) visit(c *gin.Context, w *writing) error {
	if w.member != 0 {
		return nil
	}
	var err error
	w.writer, err = s.Letters.Visit(c.Request.Context(), w.sheet.CampaignID, s.sourceOf(c.Request))
	return err
}

// draftIn reads a letter from a form that has been read.
func draftIn(c *gin.Context) letters.Draft {
	line := func(name string) string { return strings.Join(strings.Fields(c.PostForm(name)), " ") }
	d := letters.Draft{Name: line("name"), Town: line("town"), Postal: c.PostForm("postal"), Email: strings.TrimSpace(c.PostForm("email")),
		Language: c.PostForm("language"), Subject: line("subject"), Text: strings.ReplaceAll(c.PostForm("text"), "\r\n", "\n"),
		Short: strings.ReplaceAll(c.PostForm("short"), "\r\n", "\n")}
	return d.Plain()
}

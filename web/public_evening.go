package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// evening reads a request about a letter evening by a member's own link. ok is false where the answer has been given already.
func (s *Server) evening(c *gin.Context) (r reporting, page templates.Evening, ok bool) {
	if r, ok = s.reporting(c); !ok {
		return r, page, false
	}
	ctx := c.Request.Context()
	base := strings.TrimSuffix(r.base, "/report")
	r.page.Action, r.page.MaxCopies, r.page.Form.Copies = base+"/evening", letters.MostBatch, ""
	page = templates.Evening{BackURL: base + "/report"}
	var err error
	if page.Group, _, err = s.Letters.GroupOf(ctx, r.writer); err == nil {
		var own []letters.Letter
		if own, err = s.Letters.Evenings(ctx, r.sheet.CampaignID, r.writer.MemberID); err == nil {
			r.page.Reported, err = s.reportedOf(ctx, r.sheet, r.page.TextLang, own)
		}
	}
	if err != nil {
		s.fail(c, err)
		return r, page, false
	}
	page.Report = r.page
	if page.WritingHelps() {
		page.SheetURL = "/a/" + r.sheet.Slug + "/evening.pdf?lang=" + r.head.Lang
	}
	return r, page, true
}

// eveningPage is where a member says what their group wrote on one evening.
func (s *Server) eveningPage(c *gin.Context) {
	if r, page, ok := s.evening(c); ok {
		switch done := c.Query("done"); done {
		case templates.NoticeReported:
			page.Thanks = true
		case templates.NoticeWithdrawn:
			r.head.Notice = templates.Notice{Word: done}
		}
		show(s, c, http.StatusOK, r.head, page)
	}
}

// reportEvening takes an evening down.
func (s *Server) reportEvening(c *gin.Context) {
	r, page, ok := s.evening(c)
	if !ok || !s.readForm(c) {
		return
	}
	report := reportIn(c, &page.Report)
	err := s.Letters.ReportEvening(c.Request.Context(), r.writer, report)
	problems, invalid := problemsOf(err)
	switch {
	case err == nil:
		s.leadBack(c, r, templates.NoticeReported)
	case invalid:
		r.head.Problems = reportProblems(c, problems, "", page.Report)
		show(s, c, http.StatusUnprocessableEntity, r.head, page)
	case failure.Is(err, failure.Conflict):
		page.Another = page.Group != "" && !page.Over
		show(s, c, http.StatusConflict, r.head, page)
	default:
		s.fail(c, err)
	}
}

// withdrawEvening takes one evening back that the member answers for.
func (s *Server) withdrawEvening(c *gin.Context) {
	r, _, ok := s.evening(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.WithdrawEvening(c.Request.Context(), audit.Member(), r.sheet.CampaignID, r.writer.MemberID, id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.leadBack(c, r, templates.NoticeWithdrawn)
}

package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// reporting is one request by somebody who says what they wrote: a member by their own link, a visitor by theirs, or somebody at the public
// page who is not known yet.
type reporting struct {
	writer letters.Writer // zero at the public page
	sheet  campaigns.Sheet
	term   letters.Term
	base   string // the path of the page; its forms are sent there and below it
	lang   string // that a member reads
	head   templates.Head
	page   templates.Report
}

// reporting reads who comes and what about. ok is false where the answer has been given already.
func (s *Server) reporting(c *gin.Context) (r reporting, ok bool) {
	r, err := s.comesToReport(c)
	switch {
	case failure.Is(err, failure.NotFound) && c.Param("token") != "":
		s.wrongLink(c)
		return r, false
	case failure.Is(err, failure.NotFound):
		show(s, c, http.StatusNotFound, s.publicHead(c), templates.Sorry{Word: "not_found"})
		return r, false
	case err != nil:
		s.fail(c, err)
		return r, false
	}
	r.term = letters.TermOf(r.sheet)
	r.head = s.publicHead(c, r.lang)
	r.head.Languages = templates.PublicLanguages()
	if r.page, err = s.reportOf(c.Request.Context(), r); err != nil {
		s.fail(c, err)
		return r, false
	}
	if c.Query("lang") != "" {
		r.page.Asked = r.head.Lang
	}
	return r, true
}

// comesToReport reads the path. Errors: NotFound for a link that was not made by this house for this, and for a campaign that is not public.
func (s *Server) comesToReport(c *gin.Context) (r reporting, err error) {
	ctx, token := c.Request.Context(), c.Param("token")
	switch pattern := routeOf(c).pattern; {
	case strings.HasPrefix(pattern, "/a/"):
		r.base = "/a/" + c.Param("slug") + "/report"
		r.sheet, err = s.Campaigns.PublicSheet(ctx, c.Param("slug"))
	case strings.HasPrefix(pattern, "/w/"):
		r.base = "/w/" + token
		visitor, campaign, bad := s.Letters.Links.Visitor.Read(token)
		if bad != nil {
			return r, failure.Missing("visitor", "for this link")
		}
		r.writer = letters.Writer{VisitorID: visitor}
		if r.sheet, err = s.Campaigns.PublicSheetOf(ctx, campaign); err == nil {
			_, err = s.Letters.CampaignOf(ctx, r.writer)
		}
	default:
		r.base = "/r/" + token + "/report"
		appeal, member, bad := s.Links.Report.Read(token)
		if bad != nil {
			return r, failure.Missing("delivery", "for this link")
		}
		r.writer = letters.Writer{AppealID: appeal, MemberID: member}
		r.sheet, r.lang, err = s.Campaigns.SheetFor(ctx, appeal, member)
	}
	return r, err
}

// action is the path of the page of the campaign: a member's own, by their link.
func (r reporting) action() string {
	if r.writer.MemberID != 0 {
		return strings.TrimSuffix(r.base, "/report")
	}
	return "/a/" + r.sheet.Slug
}

func (s *Server) reportOf(ctx context.Context, r reporting) (templates.Report, error) {
	text, _ := r.sheet.Text(r.head.Lang)
	number, clock := templates.NumberOf(r.sheet), templates.ClockOf(r.sheet)
	headline, err := templates.FillText("headline", text.Headline, text.Language, number, clock)
	if err != nil {
		return templates.Report{}, err
	}
	today := r.sheet.Now
	if zone, err := time.LoadLocation(r.sheet.Deadline.DeadlineZone); err == nil {
		today = today.In(zone)
	}
	last := today
	if _, over := r.term.Ended(); over && r.term.LastDay().Before(last) {
		last = r.term.LastDay().Time
	}
	page := templates.Report{Action: r.base, Number: number, Headline: headline, TextLang: text.Language, State: r.sheet.CampaignState, Clock: clock,
		ReadURL: r.action(), AfterDeadline: r.sheet.AfterDeadline, MaxCopies: letters.MostCopies, Today: today, LastDay: last, Over: !r.term.Takes(),
		Form: templates.ReportForm{Day: last.Format(time.DateOnly), Copies: "1"}, Visitor: r.writer.MemberID == 0}
	for _, t := range templates.TargetsOf(r.sheet, text.Language) {
		page.Targets = append(page.Targets, templates.Choice{Value: t.ID, Label: t.Office, Lang: t.Lang, Chosen: len(r.sheet.Targets) == 1})
	}
	switch {
	case r.writer.VisitorID != 0:
		page.KeepURL = s.PublicURL + r.base
	case r.writer.MemberID != 0:
		_, inGroup, err := s.Letters.GroupOf(ctx, r.writer)
		if err != nil {
			return page, err
		}
		if inGroup {
			page.EveningURL = strings.TrimSuffix(r.base, "/report") + "/evening"
		}
	default:
		page.Key = newID()
		return page, nil
	}
	own, err := s.Letters.Of(ctx, r.writer)
	if err != nil {
		return page, err
	}
	page.Reported, err = s.reportedOf(ctx, r.sheet, text.Language, own)
	return page, err
}

// reportedOf says of letters what their writer may know. What is only being written is no letter yet.
func (s *Server) reportedOf(ctx context.Context, sheet campaigns.Sheet, lang string, own []letters.Letter) ([]templates.Reported, error) {
	offices := map[int64]templates.Target{}
	for i, t := range templates.TargetsOf(sheet, lang) {
		offices[sheet.Targets[i].ID] = t
	}
	var list []templates.Reported
	for _, l := range own {
		if l.State == letters.Made {
			continue
		}
		office, known := offices[l.TargetID]
		if !known { // taken off the campaign since
			t, err := s.Campaigns.Target(ctx, l.TargetID)
			if err != nil {
				return nil, err
			}
			office = templates.Target{Office: t.Office.In(lang, sheet.FallbackLanguage)}
		}
		list = append(list, templates.Reported{ID: strconv.FormatInt(l.ID, 10), Office: office.Office, OfficeLang: office.Lang, Channel: l.Channel,
			Day: l.WrittenOn.Time, Copies: l.Copies, Withdrawn: l.WithdrawnAt != nil, Grade: l.Grade, State: tallyState(l)})
	}
	return list, nil
}

// tallyState is what a writer is told of how a letter of theirs counts.
func tallyState(l letters.Letter) string {
	switch {
	case l.State == letters.Returned:
		return "returned"
	case l.State == letters.SetAside && l.ReviewedAt != nil:
		return "refused"
	case l.State == letters.SetAside:
		return "waiting"
	}
	return "counted"
}

// reportPage is where somebody says what they wrote.
func (s *Server) reportPage(c *gin.Context) {
	if r, ok := s.reporting(c); ok {
		switch done := c.Query("done"); done {
		case templates.NoticeReported:
			r.page.Thanks = true
		case templates.NoticeCorrected, templates.NoticeWithdrawn:
			r.head.Notice = templates.Notice{Word: done}
		}
		show(s, c, http.StatusOK, r.head, r.page)
	}
}

// report takes a report down.
func (s *Server) report(c *gin.Context) {
	r, ok := s.reporting(c)
	if !ok || !s.readForm(c) {
		return
	}
	report := reportIn(c, &r.page)
	s.reported(c, r, templates.NoticeReported, "", s.Letters.Report(c.Request.Context(), r.writer, report))
}

// reportOfVisitor takes down what somebody says at the public page, and leads to the page that is theirs from now on.
func (s *Server) reportOfVisitor(c *gin.Context) {
	r, ok := s.reporting(c)
	if !ok || !s.readForm(c) {
		return
	}
	report, key := reportIn(c, &r.page), c.PostForm(formKey)
	if len(key) > 0 && len(key) <= 100 {
		r.page.Key = key // sent again, put right, it is still the same form
	}
	w, err := s.Letters.ReportOfVisitor(c.Request.Context(), r.sheet.CampaignID, s.sourceOf(c.Request), r.page.Key, report)
	if err == nil {
		r.page.Action = "/w/" + s.Letters.Links.Visitor.Make(w.VisitorID, r.sheet.CampaignID)
	}
	s.reported(c, r, templates.NoticeReported, "", err)
}

// reportIn reads a report from a form that has been read, and puts what was typed onto the page.
func reportIn(c *gin.Context, page *templates.Report) letters.Report {
	chosen := c.PostFormArray("target")
	page.Form = templates.ReportForm{Channel: c.PostForm("channel"), Day: c.PostForm("day"), Copies: c.PostForm("copies")}
	for i := range page.Targets {
		page.Targets[i].Chosen = slices.Contains(chosen, page.Targets[i].Value)
	}
	report := letters.Report{Channel: page.Form.Channel, Copies: wholeNumber(page.Form.Copies), WrittenOn: dayOf(page.Form.Day)}
	for _, value := range chosen {
		id, _ := strconv.ParseInt(value, 10, 64) // what is no number is no target of the campaign
		report.TargetIDs = append(report.TargetIDs, id)
	}
	return report
}

// correctReport changes the day and the number of one report.
func (s *Server) correctReport(c *gin.Context) {
	r, ok := s.reporting(c)
	if !ok || !s.readForm(c) {
		return
	}
	id, err := pathNumber(c, "id")
	if err != nil {
		s.fail(c, err)
		return
	}
	for i := range r.page.Reported {
		if r.page.Reported[i].ID == c.Param("id") {
			r.page.Reported[i].FormDay, r.page.Reported[i].FormCopies = c.PostForm("day"), c.PostForm("copies")
		}
	}
	err = s.Letters.Correct(c.Request.Context(), r.writer, id, dayOf(c.PostForm("day")), wholeNumber(c.PostForm("copies")))
	s.reported(c, r, templates.NoticeCorrected, "r"+c.Param("id")+".", err)
}

// withdrawReport takes one report back.
func (s *Server) withdrawReport(c *gin.Context) {
	r, ok := s.reporting(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.Withdraw(c.Request.Context(), r.writer, id)
	}
	s.reported(c, r, templates.NoticeWithdrawn, "", err)
}

// reported leads back to the page, which says what was done, or shows what is wrong beside what was typed. fields is what
// the names of the form's fields begin with.
func (s *Server) reported(c *gin.Context, r reporting, done, fields string, err error) {
	problems, invalid := problemsOf(err)
	switch {
	case err == nil:
		s.leadBack(c, r, done)
	case invalid:
		r.head.Problems = reportProblems(c, problems, fields, r.page)
		show(s, c, http.StatusUnprocessableEntity, r.head, r.page)
	default:
		s.fail(c, err)
	}
}

// leadBack leads to the page, which says what was done.
func (s *Server) leadBack(c *gin.Context, r reporting, done string) {
	to := r.page.Action + "?done=" + done
	if r.page.Asked != "" {
		to += "&lang=" + r.page.Asked
	}
	c.Redirect(http.StatusSeeOther, to)
}

func reportProblems(c *gin.Context, problems []templates.Problem, fields string, page templates.Report) []templates.Problem {
	var list []templates.Problem
	for _, p := range problems {
		name := strings.Replace(p.Field, "written_on", "day", 1)
		list = append(list, templates.Problem{Field: fields + name, Word: reportProblem(c, name, page)})
	}
	return list
}

// reportProblem says in the reader's language what the room said of a field in English: the word follows from what was typed.
func reportProblem(c *gin.Context, field string, page templates.Report) string {
	typed := strings.TrimSpace(c.PostForm(field))
	switch {
	case field == "target":
		return templates.ProblemChooseTarget
	case typed == "":
		return templates.ProblemMissing
	case field == "copies" && wholeNumber(typed) > page.MaxCopies && page.MaxCopies == letters.MostBatch:
		return templates.ProblemTooManyBatch
	case field == "copies" && wholeNumber(typed) > page.MaxCopies:
		return templates.ProblemTooMany
	case field == "copies":
		return templates.ProblemNotANumber
	case field != "day":
		return templates.ProblemNotOffered
	}
	switch day := dayOf(typed); {
	case day.IsZero():
		return templates.ProblemNotADate
	case day.After(page.Today):
		return templates.ProblemFuture
	case day.After(page.LastDay):
		return templates.ProblemAfterEnd
	default:
		return templates.ProblemTooEarly
	}
}

// readForm reads a form of either encoding. ok is false where the answer has been given already.
func (s *Server) readForm(c *gin.Context) (ok bool) {
	err := c.Request.ParseMultipartForm(1 << 20)
	if err != nil && err != http.ErrNotMultipart {
		s.fail(c, bodyError(err))
		return false
	}
	return true
}

// wholeNumber reads a number that somebody typed; what is none is 0, which no form takes.
func wholeNumber(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	return n
}

// dayOf reads a day that somebody typed; what is none is no day, which no form takes.
func dayOf(text string) campaigns.Day {
	day, err := campaigns.ParseDay(strings.TrimSpace(text))
	if err != nil {
		return campaigns.Day{}
	}
	return day
}

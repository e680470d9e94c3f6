package web

import (
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

// reporting is one request by a member's own link to report letters.
type reporting struct {
	writer letters.Writer
	sheet  campaigns.Sheet
	head   templates.Head
	page   templates.Report
}

// reporting reads the link. ok is false where the answer has been given already.
func (s *Server) reporting(c *gin.Context) (r reporting, ok bool) {
	appeal, member, err := s.Links.Report.Read(c.Param("token"))
	if err != nil {
		s.wrongLink(c)
		return r, false
	}
	r.writer = letters.Writer{AppealID: appeal, MemberID: member}
	sheet, lang, err := s.Campaigns.SheetFor(c.Request.Context(), appeal, member)
	switch {
	case failure.Is(err, failure.NotFound):
		s.wrongLink(c)
		return r, false
	case err != nil:
		s.fail(c, err)
		return r, false
	}
	r.sheet = sheet
	r.head = s.publicHead(c, lang)
	r.head.Languages = templates.PublicLanguages()
	r.page, err = s.reportOf(c, r)
	if err != nil {
		s.fail(c, err)
		return r, false
	}
	return r, true
}

func (s *Server) reportOf(c *gin.Context, r reporting) (templates.Report, error) {
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
	action := "/r/" + c.Param("token")
	page := templates.Report{Action: action, Number: number, Headline: headline, TextLang: text.Language, State: r.sheet.CampaignState, Clock: clock,
		ReadURL: "/a/" + r.sheet.Slug, AfterDeadline: r.sheet.AfterDeadline, MaxCopies: letters.MostCopies, Today: today,
		Form: templates.ReportForm{Day: today.Format(time.DateOnly), Copies: "1"}}
	offices := map[int64]templates.Target{}
	for i, t := range templates.TargetsOf(r.sheet, text.Language) {
		offices[r.sheet.Targets[i].ID] = t
		page.Targets = append(page.Targets, templates.Choice{Value: t.ID, Label: t.Office, Lang: t.Lang, Chosen: len(r.sheet.Targets) == 1})
	}
	own, err := s.Letters.Of(c.Request.Context(), r.writer)
	for _, l := range own {
		office, lang := offices[l.TargetID].Office, offices[l.TargetID].Lang
		if office == "" { // taken off the campaign since
			if t, err := s.Campaigns.Target(c.Request.Context(), l.TargetID); err == nil {
				office, lang = t.Office.In(text.Language, r.sheet.FallbackLanguage), ""
			}
		}
		page.Reported = append(page.Reported, templates.Reported{ID: strconv.FormatInt(l.ID, 10), Office: office, OfficeLang: lang, Channel: l.Channel,
			Day: l.WrittenOn.Time, Copies: l.Copies, Withdrawn: l.WithdrawnAt != nil})
	}
	return page, err
}

// reportPage is where a member says what they wrote.
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
	chosen := c.PostFormArray("target")
	r.page.Form = templates.ReportForm{Channel: c.PostForm("channel"), Day: c.PostForm("day"), Copies: c.PostForm("copies")}
	for i := range r.page.Targets {
		r.page.Targets[i].Chosen = slices.Contains(chosen, r.page.Targets[i].Value)
	}
	report := letters.Report{Channel: r.page.Form.Channel, Copies: wholeNumber(r.page.Form.Copies), WrittenOn: dayOf(r.page.Form.Day)}
	for _, value := range chosen {
		id, _ := strconv.ParseInt(value, 10, 64) // what is no number is no target of the campaign
		report.TargetIDs = append(report.TargetIDs, id)
	}
	s.reported(c, r, templates.NoticeReported, "", s.Letters.Report(c.Request.Context(), r.writer, report))
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
		to := r.page.Action + "/report?done=" + done
		if asked := c.Query("lang"); asked != "" {
			to += "&lang=" + r.head.Lang
		}
		c.Redirect(http.StatusSeeOther, to)
	case invalid:
		for _, p := range problems {
			name := strings.Replace(p.Field, "written_on", "day", 1)
			r.head.Problems = append(r.head.Problems, templates.Problem{Field: fields + name, Word: reportProblem(c, name, r.page)})
		}
		show(s, c, http.StatusUnprocessableEntity, r.head, r.page)
	default:
		s.fail(c, err)
	}
}

// reportProblem says in the reader's language what the room said of a field in English: the word follows from what was typed.
func reportProblem(c *gin.Context, field string, page templates.Report) string {
	typed := strings.TrimSpace(c.PostForm(field))
	switch {
	case field == "target":
		return "choose_target"
	case typed == "":
		return "missing"
	case field == "copies" && wholeNumber(typed) > page.MaxCopies:
		return "too_many"
	case field == "copies":
		return "not_a_number"
	case field != "day":
		return "not_offered"
	}
	switch day := dayOf(typed); {
	case day.IsZero():
		return "not_a_date"
	case day.After(page.Today):
		return "future"
	default:
		return "too_early"
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

package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// takeAction is the page of a campaign for anybody. It is the same for everybody who reads its language, so it is served from memory.
func (s *Server) takeAction(c *gin.Context) {
	head, slug, query := s.publicHead(c), c.Param("slug"), askedLanguage(c)
	page, err := s.pages.page(c.Request.Context(), head.Lang+" "+strconv.FormatBool(query != "")+" "+slug, func(ctx context.Context) ([]byte, error) {
		sheet, err := s.Campaigns.PublicSheet(ctx, slug)
		if err != nil {
			return nil, err
		}
		return s.actionPage(ctx, head, sheet, "/a/"+sheet.Slug, query, reader{})
	})
	if failure.Is(err, failure.NotFound) {
		show(s, c, http.StatusNotFound, head, templates.Sorry{Word: "not_found"})
		return
	}
	s.sendPage(c, head, page, err)
}

// memberAction is the page of a campaign for a member, by the link in their mail: with what they wrote already.
func (s *Server) memberAction(c *gin.Context) {
	appeal, member, err := s.Links.Report.Read(c.Param("token"))
	if err != nil {
		s.wrongLink(c)
		return
	}
	ctx := c.Request.Context()
	sheet, wanted, err := s.Campaigns.SheetFor(ctx, appeal, member)
	if failure.Is(err, failure.NotFound) {
		s.wrongLink(c)
		return
	}
	head := s.publicHead(c, wanted)
	me, writer := reader{member: member}, letters.Writer{AppealID: appeal, MemberID: member}
	if err == nil {
		me.wrote, err = s.Letters.Of(ctx, writer)
	}
	if err == nil {
		_, me.inGroup, err = s.Letters.GroupOf(ctx, writer)
	}
	if err == nil {
		me.silent, err = s.Letters.Unanswered(ctx, writer, letters.PatienceDays)
	}
	var page []byte
	if err == nil {
		page, err = s.actionPage(ctx, head, sheet, "/r/"+c.Param("token"), askedLanguage(c), me)
	}
	s.sendPage(c, head, page, err)
}

// sendPage answers with a page that is written, or with what went wrong.
func (s *Server) sendPage(c *gin.Context, head templates.Head, page []byte, err error) {
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Language", head.Lang)
	c.Data(http.StatusOK, "text/html; charset=utf-8", page)
}

// reader is who reads the page of a campaign: a member with what they wrote, and what of it nobody has answered; zero for anybody.
type reader struct {
	member  int64
	inGroup bool
	wrote   []letters.Letter
	silent  []letters.Unanswered
}

// actionPage writes the page of a campaign whose own pages begin with base. For anybody nothing in it may depend on who asks, but for the
// language in head and whether it was asked for, in query.
func (s *Server) actionPage(ctx context.Context, head templates.Head, sheet campaigns.Sheet, base, query string, me reader) ([]byte, error) {
	head.Languages = templates.PublicLanguages()
	body, err := s.actionOf(sheet, head.Lang)
	if err == nil {
		err = s.setPosting(ctx, sheet, me.member, &body)
	}
	if err == nil {
		body.Count, err = s.counterOf(ctx, sheet)
	}
	if err != nil {
		return nil, err
	}
	for i := range body.Targets {
		body.Targets[i].WriteURL = base + "/write/" + body.Targets[i].ID + query
	}
	if body.WritingHelps() {
		body.SheetURL = "/a/" + sheet.Slug + "/evening.pdf?lang=" + head.Lang
	}
	if letters.TermOf(sheet).Takes() {
		body.ReportURL = base + "/report" + query
		if me.inGroup {
			body.EveningURL = base + "/evening" + query
		}
	}
	body.Member = me.member != 0
	for _, u := range me.silent {
		silent := templates.Silent{Days: u.Waited}
		silent.Office, silent.OfficeLang = s.officeIn(ctx, body, sheet, u.TargetID)
		for _, t := range body.Targets {
			if t.ID == idText(u.TargetID) && body.WritingHelps() {
				silent.WriteURL = t.WriteURL
			}
		}
		body.Silent = append(body.Silent, silent)
	}
	for _, l := range me.wrote {
		if l.State == letters.Withdrawn {
			continue
		}
		written := templates.Written{Channel: l.Channel, State: l.State, Day: l.WrittenOn.Time}
		if l.Channel == letters.Unsaid {
			written.Channel = ""
		}
		written.Office, written.OfficeLang = s.officeIn(ctx, body, sheet, l.TargetID)
		body.Wrote = append(body.Wrote, written)
	}
	return templates.Render(head, body)
}

// officeIn is what an office is called on the page, also one that was taken off the campaign since.
func (s *Server) officeIn(ctx context.Context, page templates.TakeAction, sheet campaigns.Sheet, id int64) (office, lang string) {
	for _, t := range page.Targets {
		if t.ID == idText(id) {
			return t.Office, t.Lang
		}
	}
	t, err := s.Campaigns.Target(ctx, id)
	if err != nil {
		return idText(id), "" // no target is ever deleted: a fault, which need not take the page with it
	}
	return t.Office.In(page.TextLang, sheet.FallbackLanguage), ""
}

// setPosting adds the last day on which a letter on paper still arrives at any of the offices.
func (s *Server) setPosting(ctx context.Context, sheet campaigns.Sheet, member int64, page *templates.TakeAction) error {
	from, err := s.countryOf(ctx, member)
	if err != nil {
		return err
	}
	reaches, err := s.Letters.Reaches(ctx, sheet.Targets, from)
	for _, t := range sheet.Targets {
		_, last := letters.Ways(t, reaches[t.ID], sheet.Now, letters.LettersEnd(sheet), deadlineZone(sheet))
		if last.After(page.Clock.LastPosting) {
			page.Clock.LastPosting = last.Time
		}
	}
	return err
}

func (s *Server) actionOf(sheet campaigns.Sheet, lang string) (templates.TakeAction, error) {
	text, _ := sheet.Text(lang)
	number, clock := templates.NumberOf(sheet), templates.ClockOf(sheet)
	page := templates.TakeAction{Number: number, Urgent: sheet.Urgent, State: sheet.CampaignState, Kind: sheet.Kind, TextLang: text.Language,
		Removing: sheet.RemovingCountry, Receiving: sheet.ReceivingCountry, Clock: clock, AfterDeadline: sheet.AfterDeadline, Asks: templates.AsksOf(sheet, text.Language),
		Targets: templates.TargetsOf(sheet, text.Language), PublicURL: s.PublicURL + "/a/" + sheet.Slug}
	if sheet.LaunchedAt != nil {
		page.Issued = *sheet.LaunchedAt
	}
	if sheet.Outcome != nil {
		page.Outcome = templates.Outcome{Word: *sheet.Outcome}
	}
	var err error
	if page.Headline, err = templates.FillText("headline", text.Headline, text.Language, number, clock); err != nil {
		return page, err
	}
	page.Body, err = templates.BodyHTML(text.Body, text.Language, number, clock)
	return page, err
}

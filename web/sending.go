package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/members"
	"holdfast/templates"
)

// sendByHouse takes a letter down that the house is to mail, and has its writer asked by mail whether it may leave.
func (s *Server) sendByHouse(c *gin.Context) {
	w, draft, ok := s.letterOnDesk(c)
	if !ok {
		return
	}
	address, lang, err := s.askedAt(c, w, draft)
	if err == nil {
		err = s.visit(c, &w)
	}
	if err == nil {
		_, err = s.Letters.Ask(c.Request.Context(), w.writer, letters.Handed{TargetID: w.target.ID, Draft: draft, PageLanguage: lang})
	}
	page := templates.LetterAsked{Address: address.Masked(), BackURL: strings.TrimSuffix(w.base, "/write/"+idText(w.target.ID)) + askedLanguage(c)}
	status := http.StatusOK
	var not *letters.Unmailable
	switch {
	case errors.As(err, &not) && not.Theirs && w.member == 0:
		// The same page as where a mail is sent, which says when none comes: nobody learns here whether somebody else has written.
	case errors.As(err, &not):
		page.Why, status = not.Why, http.StatusConflict
	case failure.Is(err, failure.Invalid):
		s.showDesk(c, w, http.StatusUnprocessableEntity, draft, false, letterProblems(err, draft))
		return
	case err != nil:
		s.fail(c, err)
		return
	}
	show(s, c, status, s.publicHead(c, lang), page)
}

// askedAt is where the writer of a letter is asked, and in which language: a member as the house knows them, anybody else as they say.
func (s *Server) askedAt(c *gin.Context, w writing, d letters.Draft) (address members.Address, lang string, err error) {
	if w.member == 0 {
		if address, err = members.ParseAddress(d.Email); err != nil {
			err = failure.Wrong("email", "is not an address that mail can be sent to")
		}
		return address, w.lang, err
	}
	m, err := s.Members.Get(c.Request.Context(), w.member)
	if failure.Is(err, failure.NotFound) {
		return address, w.lang, &letters.Unmailable{Why: "writer_left"}
	}
	return m.Address, s.publicHead(c, m.Language).Lang, err
}

// letterOf reads the letter that a link of /c/ says. ok is false where the answer has been given already.
func (s *Server) letterOf(c *gin.Context) (id int64, ok bool) {
	id, _, err := s.Letters.Links.Confirm.Read(c.Param("token"))
	if err != nil {
		s.wrongLink(c)
		return 0, false
	}
	return id, true
}

// letterPage shows a letter as it will leave, or what has become of it. Programs that look at links open it too: it changes nothing.
func (s *Server) letterPage(c *gin.Context) {
	if id, ok := s.letterOf(c); ok {
		s.showLetter(c, id, http.StatusOK, "")
	}
}

// confirmLetter is the writer's yes to the words that the page showed.
func (s *Server) confirmLetter(c *gin.Context) {
	s.actOnLetter(c, func(ctx context.Context, id int64) error { return s.Letters.Confirm(ctx, id, c.PostForm("version")) })
}

// withdrawLetter takes a letter back that has not left.
func (s *Server) withdrawLetter(c *gin.Context) { s.actOnLetter(c, s.Letters.WithdrawMail) }

func (s *Server) actOnLetter(c *gin.Context, act func(context.Context, int64) error) {
	id, ok := s.letterOf(c)
	if !ok {
		return
	}
	err := act(c.Request.Context(), id)
	var not *letters.Unmailable
	switch {
	case errors.As(err, &not):
		s.showLetter(c, id, http.StatusConflict, not.Why)
	case failure.Is(err, failure.NotFound):
		s.wrongLink(c)
	case err != nil:
		s.fail(c, err)
	default:
		c.Redirect(http.StatusSeeOther, "/c/"+c.Param("token"))
	}
}

func (s *Server) showLetter(c *gin.Context, id int64, status int, why string) {
	ctx := c.Request.Context()
	m, err := s.Letters.Mail(ctx, id)
	var campaign campaigns.Campaign
	var target campaigns.Target
	if err == nil {
		campaign, err = s.Campaigns.Campaign(ctx, m.CampaignID)
	}
	if err == nil {
		target, err = s.Campaigns.Target(ctx, m.TargetID)
	}
	var when time.Time
	if err == nil {
		when, err = s.leavesAt(ctx, m)
	}
	switch {
	case failure.Is(err, failure.NotFound):
		s.wrongLink(c)
		return
	case err != nil:
		s.fail(c, err)
		return
	}
	head := s.publicHead(c, m.Writer.Language)
	head.Languages = templates.PublicLanguages()
	office := targetsIn([]campaigns.Target{target}, head.Lang)[0]
	page := templates.LetterMail{Action: "/c/" + c.Param("token"), Number: numberOf(campaign), Office: office.Office, OfficeLang: office.Lang,
		Subject: m.Subject, TextLang: head.Lang, State: m.Became(), Why: why, Version: m.Version(), When: when,
		Zone: campaign.DeadlineZone, Held: campaign.State == campaigns.CampaignStopped || m.LineStopped, ActionURL: s.writersPage(m, campaign) + "?lang=" + head.Lang}
	if m.Language != nil {
		page.TextLang = *m.Language
	}
	if m.Text != "" {
		page.From, err = templates.LetterFrom(page.TextLang, m.Writer.Name, s.Organisation.Name)
		if err == nil {
			page.Text, err = templates.LetterText(page.TextLang, m.Text, m.Writer.Name, m.Writer.Town, s.Organisation.Name)
		}
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	if m.State == letters.MailLapsed && m.Reason != nil {
		page.Reason = *m.Reason
	}
	answers, err := s.Letters.AnswersTo(ctx, id)
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, a := range answers {
		page.Answers = append(page.Answers, templates.LetterAnswer{Day: a.On.Time, Subject: a.Subject, Text: a.Text})
	}
	if campaign.State == campaigns.CampaignActive {
		page.Others = letters.OtherChannels(target)
	}
	if page.Held {
		page.Others = nil
	}
	show(s, c, status, head, page)
}

// writersPage is where the writer of a letter goes on: a member at their own page of the action, where all that they write counts as theirs, anybody
// else at the public one. Once the words of the letter are erased, its link opens nothing else of the member's either.
func (s *Server) writersPage(m letters.LetterMail, campaign campaigns.Campaign) string {
	if m.AppealID == nil || m.MemberID == nil || m.Text == "" {
		return "/a/" + campaign.Slug
	}
	return "/r/" + s.Links.Report.Make(*m.AppealID, *m.MemberID)
}

// leavesAt is about when a letter leaves, or when it left; zero where nobody can say.
func (s *Server) leavesAt(ctx context.Context, m letters.LetterMail) (time.Time, error) {
	switch {
	case m.State == letters.MailUnconfirmed:
		return s.Letters.NextPlace(ctx, m.TargetID)
	case m.State == letters.MailQueued && m.DueAt != nil:
		return *m.DueAt, nil
	case m.State == letters.MailSent && m.SettledAt != nil:
		return *m.SettledAt, nil
	}
	return time.Time{}, nil
}

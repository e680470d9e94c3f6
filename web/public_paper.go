package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// How many PDFs one source may have made: a class room behind one address at once, and one in two seconds after that.
const (
	printsAtOnce = 40
	printsEvery  = 0.5
)

// pressesAtOnce is how many PDFs are set at once: each costs about 40 ms of a processor and 20 MB for as long. More wait.
const pressesAtOnce = 4

// How often one source may enter a code that there is none of: at once, and a second.
const (
	wrongCodesAtOnce = 30
	wrongCodesEvery  = 1.0 / 6
)

// And how often one that there is: all letters of an evening at once. Whoever prints letters may enter their codes without having posted any, and that is
// better evidence than a word, so it is no faster to make.
const (
	rightCodesAtOnce = 100
	rightCodesEvery  = 1.0 / 30
)

// languageTag is what a letter can say of its language (the common subset of BCP 47).
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// paperRoutes are letters on paper: the letter, its address, the code on it, and the sheet of an evening.
func (s *Server) paperRoutes() []route {
	return []route{
		{door: public, method: "GET", pattern: "/a/{slug}/labels/{file}", permission: Anybody, page: s.printLabels},
		{door: public, method: "GET", pattern: "/a/{slug}/evening.pdf", permission: Anybody, page: s.printEvening},
		{door: public, method: "GET", pattern: "/code", permission: Anybody, page: s.codePage},
		{door: public, method: "POST", pattern: "/code", permission: Anybody, page: s.enterCode},
	}
}

// printLetter makes the letter that was typed a PDF for a window envelope, and begins it: it counts once its code is entered. Nothing of what was
// typed is kept.
func (s *Server) printLetter(c *gin.Context) {
	w, draft, ok := s.letterOnDesk(c)
	if !ok {
		return
	}
	pdf, err := s.paperOf(c, w, draft)
	switch {
	case failure.Is(err, failure.Invalid):
		s.showDesk(c, w, http.StatusUnprocessableEntity, draft, false, letterProblems(err, draft))
	case err != nil:
		s.fail(c, err)
	default:
		sendPDF(c, fmt.Sprintf("letter-%s-%d-%d.pdf", strings.ToLower(w.sheet.Series), w.sheet.Number, w.sheet.Year), pdf)
	}
}

// paperOf begins a letter and returns it as a PDF. What cannot be printed begins nothing.
func (s *Server) paperOf(c *gin.Context, w writing, draft letters.Draft) ([]byte, error) {
	ctx := c.Request.Context()
	if err := s.limits.prints.take(s.sourceOf(c.Request)); err != nil {
		return nil, err
	}
	from, err := s.countryOf(ctx, w.member)
	if err != nil {
		return nil, err
	}
	reaches, err := s.Letters.Reaches(ctx, []campaigns.CampaignTarget{w.target}, from)
	if err != nil {
		return nil, err
	}
	paper := s.paper(w, draft, reaches[w.target.ID].Post)
	if _, err := s.inTurn(ctx, func() ([]byte, error) { return nil, templates.CheckPaperLetter(paper) }); err != nil {
		return nil, err
	}
	if err := s.visit(c, &w); err != nil {
		return nil, err
	}
	letter, err := s.Letters.BeginPaper(ctx, w.writer, w.sheet.CampaignID, w.target.ID, paper.Language)
	if err != nil {
		return nil, err
	}
	paper.Code = letters.ShownCode(*letter.Code)
	return s.inTurn(ctx, func() ([]byte, error) { return templates.PrintLetter(paper) })
}

// inTurn waits for one of the places in which PDFs are set, as long as ctx allows.
func (s *Server) inTurn(ctx context.Context, set func() ([]byte, error)) ([]byte, error) {
	select {
	case s.presses <- struct{}{}:
		defer func() { <-s.presses }()
		return set()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// paper is a draft as it will be printed, with a code in place of its own.
func (s *Server) paper(w writing, draft letters.Draft, post letters.Post) templates.PaperLetter {
	if !languageTag.MatchString(draft.Language) { // it comes from a form, and stands in the file
		draft.Language = w.lang
	}
	zone := deadlineZone(w.sheet)
	last := letters.LastPosting(letters.LettersEnd(w.sheet), post.Days, zone)
	today := campaigns.DayOf(w.sheet.Now.In(zone))
	return templates.PaperLetter{Language: draft.Language, Name: draft.Name, Town: draft.Town, Postal: draft.Postal, Day: today.Time,
		Address: s.addressOf(w.sheet, w.target.ID, draft.Language), Country: post.To, Subject: draft.Subject, Text: draft.Text,
		Code: letters.ShownCode("00000000"), MadeAt: w.sheet.Now,
		Advice: templates.Postage{Language: w.lang, Free: w.target.PostageFree, Words: post.Postage, From: post.From, To: post.To, LastDay: last.Time,
			TooLate: !last.IsZero() && today.After(last.Time), Suspended: post.Suspended, Transit: post.Days, Assumed: post.Assumed, KnowsSpeed: true,
			EnterURL: s.PublicURL + "/code"}}
}

// addressOf is an office's address for an envelope; nil where it has none. The post reads the letters that its address is in: where they are
// Latin, titles in Arabic or Persian would not help it.
func (s *Server) addressOf(sheet campaigns.Sheet, target int64, lang string) []string {
	if templates.Direction(lang) == "rtl" {
		lang = sheet.FallbackLanguage
	}
	for _, t := range templates.TargetsOf(sheet, lang) {
		if t.ID == idText(target) && t.PostalAddress != "" {
			return templates.AddressOf(t)
		}
	}
	return nil
}

// printLabels prints an office's address for an envelope: /a/{slug}/labels/{id}.pdf, on labels or on the envelope itself as ?size= says.
func (s *Server) printLabels(c *gin.Context) {
	sheet, ok := s.openSheet(c)
	if !ok {
		return
	}
	size := c.DefaultQuery("size", "a4-24")
	number, isPDF := strings.CutSuffix(c.Param("file"), ".pdf")
	lang := s.publicHead(c).Lang
	var address []string
	for _, t := range sheet.Targets {
		if idText(t.ID) == number && isPDF {
			address = s.addressOf(sheet, t.ID, lang)
		}
	}
	if address == nil || !slices.Contains(templates.LabelSizes(), size) {
		s.fail(c, errNoRoute)
		return
	}
	pdf, err := s.inTurn(c.Request.Context(), func() ([]byte, error) { return templates.PrintLabels(size, lang, address, sheet.Now) })
	if err != nil {
		s.fail(c, err)
		return
	}
	sendPDF(c, "address-"+number+".pdf", pdf)
}

// printEvening prints the sheet for an evening of letters.
func (s *Server) printEvening(c *gin.Context) {
	sheet, ok := s.openSheet(c)
	if !ok {
		return
	}
	lang := s.publicHead(c).Lang
	text, _ := sheet.Text(lang)
	number, clock := templates.NumberOf(sheet), templates.ClockOf(sheet)
	headline, err := templates.FillText("headline", text.Headline, text.Language, number, clock)
	if err != nil {
		s.fail(c, err)
		return
	}
	body, err := templates.FillText("body", text.Body, text.Language, number, clock)
	if err != nil {
		s.fail(c, err)
		return
	}
	asks := templates.AsksOf(sheet, text.Language)
	for i := range asks {
		if asks[i].Text, err = templates.FillText("asks", asks[i].Text, asks[i].Lang, number, clock); err != nil {
			s.fail(c, err)
			return
		}
	}
	evening := templates.EveningSheet{Language: lang, Number: number, Headline: headline, Body: body, TextLanguage: text.Language,
		Clock: clock, Asks: asks, Targets: templates.TargetsOf(sheet, text.Language), Contact: s.Organisation.Contact,
		PublicURL: s.PublicURL + "/a/" + sheet.Slug, MadeAt: sheet.Now}
	pdf, err := s.inTurn(c.Request.Context(), func() ([]byte, error) { return templates.PrintEvening(evening) })
	if err != nil {
		s.fail(c, err)
		return
	}
	sendPDF(c, fmt.Sprintf("letter-evening-%s-%d-%d.pdf", strings.ToLower(sheet.Series), sheet.Number, sheet.Year), pdf)
}

// openSheet reads the campaign of a page that is of use only while letters are wanted (R13), and counts what its source asks for. ok is false
// where the answer has been given already.
func (s *Server) openSheet(c *gin.Context) (sheet campaigns.Sheet, ok bool) {
	if err := s.limits.prints.take(s.sourceOf(c.Request)); err != nil {
		s.fail(c, err)
		return sheet, false
	}
	sheet, err := s.Campaigns.PublicSheet(c.Request.Context(), c.Param("slug"))
	if err != nil {
		s.fail(c, err)
		return sheet, false
	}
	wanted := templates.TakeAction{State: sheet.CampaignState, Clock: templates.ClockOf(sheet), AfterDeadline: sheet.AfterDeadline}
	if !wanted.WritingHelps() {
		show(s, c, http.StatusGone, s.publicHead(c), templates.Sorry{Word: templates.SorryGone})
		return sheet, false
	}
	return sheet, true
}

// sendPDF hands out a file to be kept, not shown: what is in it was typed by somebody.
func sendPDF(c *gin.Context, name string, pdf []byte) {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Data(http.StatusOK, "application/pdf", pdf)
}

func (s *Server) codePage(c *gin.Context) {
	head := s.publicHead(c)
	head.Languages = templates.PublicLanguages()
	show(s, c, http.StatusOK, head, templates.EnterCode{})
}

// enterCode takes a code. A wrong one gets the same answer whatever is wrong with it, and counts against where it came from.
func (s *Server) enterCode(c *gin.Context) {
	if !s.readForm(c) {
		return
	}
	ctx, source := c.Request.Context(), s.sourceOf(c.Request)
	if err := cmp.Or(s.limits.codes.empty(source), s.limits.entered.empty(source)); err != nil {
		s.fail(c, err)
		return
	}
	head := s.publicHead(c)
	head.Languages = templates.PublicLanguages()
	letter, err := s.Letters.EnterCode(ctx, c.PostForm("code"))
	if err == nil {
		err = s.limits.entered.take(source)
	}
	var known *failure.Error
	switch {
	case errors.As(err, &known) && known.Kind == failure.NotFound:
		if err := s.limits.codes.take(source); err != nil {
			s.fail(c, err)
			return
		}
		show(s, c, http.StatusUnprocessableEntity, head, templates.EnterCode{Code: strings.ToValidUTF8(c.PostForm("code"), "?"), Unknown: true})
	case err != nil:
		s.fail(c, err)
	case letter.State == letters.Withdrawn:
		show(s, c, http.StatusConflict, head, templates.EnterCode{Withdrawn: true})
	default:
		target, err := s.Campaigns.Target(ctx, letter.TargetID)
		var campaign campaigns.Campaign
		if err == nil {
			campaign, err = s.Campaigns.Campaign(ctx, letter.CampaignID)
		}
		if err != nil {
			s.fail(c, err)
			return
		}
		show(s, c, http.StatusOK, head, templates.EnterCode{Office: target.Office.In(head.Lang, "en"), ActionURL: "/a/" + campaign.Slug + "?lang=" + head.Lang})
	}
}

package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
	"holdfast/templates"
)

// deskRoutes are the writing desk of each office, for members by their link and for anybody.
func (s *Server) deskRoutes() []route {
	var list []route
	for _, base := range []string{"/a/{slug}/write/{target}", "/r/{token}/write/{target}"} {
		read := func(path string, page gin.HandlerFunc) {
			list = append(list, route{door: public, method: "GET", pattern: base + path, permission: Anybody, page: page})
		}
		act := func(path string, page gin.HandlerFunc) {
			list = append(list, route{door: public, method: "POST", pattern: base + path, permission: Anybody, page: page})
		}
		read("", s.deskPage)
		act("/check", s.checkLetter)
		read("/check", s.backToDesk)
		act("/own", s.ownMail)
		read("/own", s.backToDesk)
		act("/send", s.sendByHouse)
		read("/send", s.backToDesk)
		act("/paper", s.printLetter)
		read("/paper", s.backToDesk)
	}
	return list
}

// deskPage is an empty sheet of paper at the desk of an office.
func (s *Server) deskPage(c *gin.Context) {
	w, ok := s.writingTo(c)
	if !ok {
		return
	}
	d, err := s.freshDraft(c.Request.Context(), w)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showDesk(c, w, http.StatusOK, d, true, nil)
}

// backToDesk is for who opens the address of a page that only a form leads to.
func (s *Server) backToDesk(c *gin.Context) {
	if w, ok := s.writingTo(c); ok {
		c.Redirect(http.StatusSeeOther, w.base+askedLanguage(c))
	}
}

// askedLanguage is what follows a path so that the next page is in the language that was asked for.
func askedLanguage(c *gin.Context) string {
	if asked := c.Query("lang"); slices.Contains(templates.PublicLanguages(), asked) {
		return "?lang=" + asked
	}
	return ""
}

// freshDraft is a letter in which only the salutation stands. A member's name and town are known by their link.
func (s *Server) freshDraft(ctx context.Context, w writing) (letters.Draft, error) {
	lang := firstLanguage(w)
	d := letters.Draft{Language: lang, Subject: templates.NumberOf(w.sheet).In(lang), Text: opening(w, lang)}
	if w.member == 0 {
		return d, nil
	}
	m, err := s.Members.Get(ctx, w.member)
	if failure.Is(err, failure.NotFound) {
		return d, nil // erased since: the link still opens the page
	}
	if err == nil {
		d.Name = m.Name
		d.Town, err = s.Members.Town(ctx, w.member)
	}
	return d, err
}

// firstLanguage is what a letter is begun in: the reader's own where the office reads it, or where that is not known; else the first that it reads
// and the points are written in; else the reader's own, which is better than none.
func firstLanguage(w writing) string {
	reads := w.target.Languages
	if len(reads) == 0 || slices.Contains(reads, w.lang) {
		return w.lang
	}
	for _, lang := range reads {
		if !slices.ContainsFunc(w.sheet.AsksFor(w.target.ID), func(a campaigns.Ask) bool { return a.Texts[lang] == "" }) {
			return lang
		}
	}
	return w.lang
}

func opening(w writing, lang string) string {
	if salutation := templates.Salutation(w.target.Target, lang); salutation != "" {
		return salutation + "\n\n"
	}
	return ""
}

// letterLanguages are those that a letter may be written in: those the office reads, then the writer's own.
func letterLanguages(w writing) []string {
	return union(union(nil, w.target.Languages), []string{w.lang, w.sheet.FallbackLanguage})
}

// deskDraft reads the letter that a form of the desk has sent. ok is false where the answer has been given already.
func (s *Server) deskDraft(c *gin.Context, w writing) (d letters.Draft, ok bool) {
	source := s.sourceOf(c.Request)
	if err := cmp.Or(s.limits.hits.empty(source), s.limits.checks.take(source)); err != nil {
		s.fail(c, err)
		return d, false
	}
	if _, ok := s.typed(c); !ok {
		return d, false
	}
	d = draftIn(c)
	languages := letterLanguages(w)
	if !slices.Contains(languages, d.Language) {
		d.Language = languages[0]
	}
	// Another language was chosen before anything was written.
	for _, lang := range languages {
		if strings.TrimSpace(d.Text) == strings.TrimSpace(opening(w, lang)) {
			d.Text = opening(w, d.Language)
		}
	}
	if !s.lettersWanted(w) {
		s.showDesk(c, w, http.StatusConflict, d, false, nil)
		return d, false
	}
	return d, true
}

// lettersWanted reports whether a letter may still be begun (R13).
func (s *Server) lettersWanted(w writing) bool {
	return w.sheet.CampaignState == campaigns.CampaignActive && (w.sheet.Now.Before(w.sheet.DeadlineAt) || w.sheet.AfterDeadline == "open")
}

// checkLetter reads the letter over and shows the desk again with all that was typed.
func (s *Server) checkLetter(c *gin.Context) {
	w, ok := s.writingTo(c)
	if !ok {
		return
	}
	d, ok := s.deskDraft(c, w)
	if !ok {
		return
	}
	var problems []templates.Problem
	for _, p := range letterProblems(d.Check(), d) {
		if p.Word != templates.ProblemMissing { // it is still being written
			problems = append(problems, p)
		}
	}
	s.showDesk(c, w, http.StatusOK, d, false, problems)
}

// letterProblems are the wrong fields of a letter, in the reader's language.
func letterProblems(err error, d letters.Draft) []templates.Problem {
	problems, _ := problemsOf(err)
	typed := map[string]string{"name": d.Name, "subject": d.Subject, "text": d.Text, "town": d.Town, "postal": d.Postal, "email": d.Email, "short": d.Short}
	for i, p := range problems {
		switch {
		case strings.TrimSpace(typed[p.Field]) == "":
			problems[i] = templates.Problem{Field: p.Field, Word: templates.ProblemMissing}
		case strings.HasPrefix(p.Text, "is longer"):
			problems[i] = templates.Problem{Field: p.Field, Word: templates.ProblemTooLong}
		case p.Field == "email":
			problems[i] = templates.Problem{Field: p.Field, Word: templates.ProblemAddress}
		case p.Field == "name":
			problems[i] = templates.Problem{Field: p.Field, Word: templates.ProblemNoName}
		}
	}
	return problems
}

// letterOnDesk reads a letter that is to leave by one of the ways of the desk. ok is false where the answer has been given already: nobody writes there,
// letters are not wanted, or the desk is shown again because the letter may not leave as it is.
func (s *Server) letterOnDesk(c *gin.Context) (w writing, d letters.Draft, ok bool) {
	if w, ok = s.writingTo(c); !ok {
		return w, d, false
	}
	if d, ok = s.deskDraft(c, w); !ok {
		return w, d, false
	}
	return w, d, !s.refuseUnspoken(c, w, d)
}

// refuseUnspoken shows the desk again where the letter names what must stay out, or misses what every letter needs. refused is true where the
// answer has been given: whoever lets a letter leave asks this first.
func (s *Server) refuseUnspoken(c *gin.Context, w writing, d letters.Draft) (refused bool) {
	problems := letterProblems(d.Check(), d)
	err := s.Letters.MayLeave(c.Request.Context(), w.sheet.CampaignID, d)
	if err != nil && !failure.Is(err, failure.Invalid) {
		s.fail(c, err)
		return true
	}
	if len(problems) == 0 && err == nil {
		return false
	}
	s.showDesk(c, w, http.StatusUnprocessableEntity, d, false, problems)
	return true
}

// showDesk shows the desk with a letter on it, which is read over unless it is fresh.
func (s *Server) showDesk(c *gin.Context, w writing, status int, d letters.Draft, fresh bool, problems []templates.Problem) {
	page, err := s.deskOf(c.Request.Context(), w, d)
	if err == nil && !fresh && !slices.ContainsFunc(problems, func(p templates.Problem) bool { return p.Field == "text" }) {
		err = s.readOver(c, w, d, &page)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	page.Fresh, page.Query = fresh, askedLanguage(c)
	page.Refused = status == http.StatusUnprocessableEntity && slices.ContainsFunc(slices.Concat(page.Hints, page.ShortHints), templates.DeskHint.Stops)
	page.BackURL += page.Query
	page.ReportURL += page.Query
	head := s.publicHead(c)
	head.Lang, head.Problems = w.lang, problems
	if fresh {
		head.Languages = templates.PublicLanguages() // later it would lose what was typed
	}
	show(s, c, status, head, page)
}

// deskOf sets out the desk of an office for one letter.
func (s *Server) deskOf(ctx context.Context, w writing, d letters.Draft) (templates.Desk, error) {
	sheet := w.sheet
	text, _ := sheet.Text(w.lang)
	number, clock := templates.NumberOf(sheet), templates.ClockOf(sheet)
	above := strings.TrimSuffix(w.base, "/write/"+idText(w.target.ID))
	page := templates.Desk{Action: w.base, BackURL: above, ReportURL: above + "/report", Draft: draftName(w.base), Number: number,
		TextLang: text.Language, State: sheet.CampaignState, AfterDeadline: sheet.AfterDeadline, Member: w.member != 0,
		Name: d.Name, Town: d.Town, Email: d.Email, Postal: d.Postal, Subject: d.Subject, Text: d.Text, Short: d.Short, Language: d.Language, Reads: w.target.Languages,
		Salutation: templates.Salutation(w.target.Target, d.Language), Closing: templates.LetterClosing(w.target.Target, d.Language)}
	if s.addressOf(sheet, w.target.ID, w.lang) != nil {
		page.LabelsURL = "/a/" + sheet.Slug + "/labels/" + idText(w.target.ID) + ".pdf"
	}
	sheet.Targets, sheet.Asks = []campaigns.CampaignTarget{w.target}, sheet.AsksFor(w.target.ID)
	page.Office = templates.TargetsOf(sheet, w.lang)[0]
	for _, lang := range letterLanguages(w) {
		page.Languages = append(page.Languages, templates.Choice{Value: lang, Chosen: lang == d.Language})
	}
	theirs := templates.AsksOf(sheet, d.Language)
	for i, ask := range templates.AsksOf(sheet, w.lang) {
		point := templates.DeskAsk{Ask: ask}
		if theirs[i].Lang == d.Language && ask.Lang != d.Language {
			point.Theirs = theirs[i].Text
		}
		page.Asks = append(page.Asks, point)
	}
	samples, err := s.Campaigns.SampleLetters(ctx, sheet.CampaignID)
	if err != nil {
		return page, err
	}
	page.Sample, page.SampleLang = samples[d.Language], d.Language
	if page.Headline, err = templates.FillText("headline", text.Headline, text.Language, number, clock); err != nil {
		return page, err
	}
	if page.Case, err = templates.BodyHTML(text.Body, text.Language, number, clock); err != nil {
		return page, err
	}
	return page, s.setWays(ctx, w, clock, &page)
}

// draftName is the name under which a browser keeps the draft of one desk: of one office, and of one member where it is theirs, so that two who share
// a browser do not find each other's letter. It tells nothing of the link.
func draftName(base string) string {
	sum := sha256.Sum256([]byte(base))
	return hex.EncodeToString(sum[:10])
}

// setWays puts the ways to the office on the desk, with the time that is left.
func (s *Server) setWays(ctx context.Context, w writing, clock templates.Clock, page *templates.Desk) error {
	from, err := s.countryOf(ctx, w.member)
	if err != nil {
		return err
	}
	reaches, err := s.Letters.Reaches(ctx, []campaigns.CampaignTarget{w.target}, from)
	if err != nil {
		return err
	}
	reach := reaches[w.target.ID]
	ways, last := letters.Ways(w.target, reach, w.sheet.Now, letters.LettersEnd(w.sheet), deadlineZone(w.sheet))
	clock.LastPosting = last.Time
	page.Clock, page.Days, page.Assumed, page.Postage = clock, reach.Post.Days, reach.Post.Assumed, reach.Post.Postage
	for _, way := range ways {
		page.Ways = append(page.Ways, templates.DeskWay{Channel: way.Channel, Flags: way.Flags, Works: way.Works(), ByHouse: way.ByHouse()})
	}
	return nil
}

// countryOf is where a member posts letters; "" where that is not known, and for anybody.
func (s *Server) countryOf(ctx context.Context, member int64) (string, error) {
	if member == 0 {
		return "", nil
	}
	m, err := s.Members.Get(ctx, member)
	if failure.Is(err, failure.NotFound) {
		return "", nil
	}
	return m.Country, err
}

// deadlineZone is the zone that the days of a campaign are told in.
func deadlineZone(sheet campaigns.Sheet) *time.Location {
	if zone, err := time.LoadLocation(sheet.Deadline.DeadlineZone); err == nil {
		return zone
	}
	return time.UTC
}

// How many letters from one source may name what must stay out: at once, and a second. Each says of a whole list of names that one of them is the
// right one, so whoever tries is stopped long before the list is through; who writes in good faith meets it once.
const (
	hitsAtOnce = 20
	hitsEvery  = 1.0 / 300
)

// mostNamed is how many of the words that must stay out a member is told at once. Somebody who is not known is told none: a letter that holds
// every name of a town would have them read out.
const mostNamed = 3

// readOver adds to the desk what can be said of the letter on it.
func (s *Server) readOver(c *gin.Context, w writing, d letters.Draft, page *templates.Desk) error {
	ctx := c.Request.Context()
	samples, err := s.Campaigns.SampleLetters(ctx, w.sheet.CampaignID)
	if err != nil {
		return err
	}
	m := letters.Matter{Asks: w.sheet.AsksFor(w.target.ID), Printed: templates.NumberOf(w.sheet).In(d.Language)}
	for _, text := range samples {
		m.Samples = append(m.Samples, text)
	}
	for _, ask := range w.sheet.Asks { // a point for another office may be spoken of
		m.Printed += "\n" + ask.Texts[d.Language]
	}
	for _, text := range w.sheet.Texts {
		m.Printed += "\n" + text.Headline + "\n" + text.Body
	}
	advice, err := s.Letters.Advise(ctx, w.writer, w.sheet.CampaignID, w.target.ID, d, m)
	if err != nil {
		return err
	}
	page.Checked, page.Words = true, advice.Words
	for i, seen := range advice.Asks {
		page.Asks[i].Covered, page.Asks[i].Readable = seen.Covered, seen.Readable
	}
	if advice.Names() {
		s.Log.InfoContext(ctx, "a letter names what must stay out", "campaign", w.sheet.CampaignID, "member", w.member != 0)
		if err := s.limits.hits.take(s.sourceOf(c.Request)); err != nil {
			return err
		}
	}
	page.Hints, page.ShortHints = deskHints(advice.Hints, w), deskHints(advice.Short, w)
	return nil
}

// deskHints are hints as the writer may see them.
func deskHints(hints []letters.Hint, w writing) (list []templates.DeskHint) {
	for _, h := range hints {
		if h.Word == letters.HintUnspoken {
			h.Names = h.Names[:min(len(h.Names), mostNamed)]
			if w.member == 0 {
				h.Names = nil
			}
		}
		list = append(list, templates.DeskHint{Word: h.Word, Names: h.Names, Percent: h.Percent})
	}
	return list
}

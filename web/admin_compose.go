package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// draftForm is an appeal's draft as it stands, or as it was typed.
type draftForm struct {
	texts     []campaigns.Text
	audience  campaigns.Audience
	onUnknown string
	saved     bool
}

// draftDesk reads the draft in the path. ok is false where the answer has been given already: an appeal that has left is
// shown where it is followed.
func (s *Server) draftDesk(c *gin.Context) (d appealDesk, ok bool) {
	if d, ok = s.appealDesk(c); !ok {
		return d, false
	}
	if d.appeal.State != campaigns.AppealDraft {
		c.Redirect(http.StatusSeeOther, d.path())
		return d, false
	}
	return d, true
}

func (s *Server) storedDraft(ctx context.Context, a campaigns.Appeal) (draftForm, error) {
	texts, err := s.Campaigns.Texts(ctx, a.ID)
	return draftForm{texts: texts, audience: campaigns.Audience{Groups: a.AudienceGroups, Languages: a.AudienceLanguages,
		Countries: a.AudienceCountries, WithoutCampaigns: a.LeaveOutCampaigns, WithoutCase: a.LeaveOutCase}, onUnknown: a.OnUnknown, saved: len(texts) > 0}, err
}

// composePage is where an appeal is written.
func (s *Server) composePage(c *gin.Context) {
	d, ok := s.draftDesk(c)
	if !ok {
		return
	}
	stored, err := s.storedDraft(c.Request.Context(), d.appeal)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showCompose(c, http.StatusOK, nil, d, stored)
}

func (s *Server) showCompose(c *gin.Context, status int, problems []templates.Problem, d appealDesk, form draftForm) {
	head := s.staffHead(c, "campaigns")
	head.Problems = problems
	body, err := s.composeOf(c, d, form, head.Lang)
	if err != nil {
		s.fail(c, err)
		return
	}
	show(s, c, status, head, body)
}

func (s *Server) composeOf(c *gin.Context, d appealDesk, form draftForm, lang string) (templates.Compose, error) {
	ctx := c.Request.Context()
	body := templates.Compose{ID: idText(d.appeal.ID), Campaign: d.crumb(), Number: numberOf(d.campaign), Kind: d.appeal.Kind,
		Fallback: d.campaign.FallbackLanguage, FirstKind: d.appeal.Kind == campaigns.KindFirst, OnUnknown: form.onUnknown, Saved: form.saved}
	stored, err := s.Campaigns.Texts(ctx, d.appeal.ID)
	if err != nil {
		return body, err
	}
	isStored := map[string]bool{}
	for _, t := range stored {
		isStored[t.Language] = true
	}
	shown := shownLanguages(d.campaign.FallbackLanguage, form.texts)
	for _, l := range shown {
		text := templates.TextForm{Lang: l, Stored: isStored[l]}
		if i := slices.IndexFunc(form.texts, func(t campaigns.Text) bool { return t.Language == l }); i >= 0 {
			text.Subject, text.Headline, text.Body = form.texts[i].Subject, form.texts[i].Headline, form.texts[i].Body
		}
		body.Texts = append(body.Texts, text)
	}
	for _, l := range templates.PublicLanguages() {
		if !slices.Contains(shown, l) {
			body.More = append(body.More, l)
		}
	}
	account, err := s.Accounts.Find(ctx, who(c).AccountID)
	if err != nil {
		return body, err
	}
	body.TestAddress, body.TestLanguage = account.Address, account.Language
	if !body.FirstKind {
		body.Named, err = s.Campaigns.Named(ctx, d.appeal.ID)
		return body, err
	}
	if err := s.audienceChoices(ctx, &body, form.audience, lang); err != nil {
		return body, err
	}
	err = s.leaveOutChoices(ctx, d.campaign, &body, form.audience)
	return body, err
}

// shownLanguages are those that a draft has fields for: the fallback, those of the staff, and those written.
func shownLanguages(fallback string, texts []campaigns.Text) []string {
	shown := []string{fallback}
	for _, l := range templates.StaffLanguages() {
		if !slices.Contains(shown, l) {
			shown = append(shown, l)
		}
	}
	for _, t := range texts {
		if !slices.Contains(shown, t.Language) {
			shown = append(shown, t.Language)
		}
	}
	return shown
}

// audienceChoices offers the groups, languages and countries that members have, and those chosen whatever they are.
func (s *Server) audienceChoices(ctx context.Context, body *templates.Compose, a campaigns.Audience, lang string) error {
	groups, err := s.Members.Groups(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		body.Groups = append(body.Groups, templates.Choice{Value: idText(g.ID), Label: g.Name, Chosen: slices.Contains(a.Groups, g.ID)})
	}
	languages, countries, err := s.Members.InUse(ctx)
	body.Languages = templates.LanguageChoices(lang, union(languages, a.Languages), a.Languages...)
	body.Countries = templates.CountryChoices(lang, union(countries, a.Countries), a.Countries...)
	return err
}

func union(list, more []string) []string {
	for _, item := range more {
		if !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}

// mostTexts is in how many languages one form is read.
const mostTexts = 40

// draftTyped reads a draft as it was typed. A language whose fields are all empty has no text.
func draftTyped(f *typed, stored draftForm, p accounts.Principal) draftForm {
	form := draftForm{onUnknown: f.line("on_unknown"), audience: campaigns.Audience{Groups: f.ids("audience.groups"),
		Languages: f.chosen("audience.languages"), Countries: f.chosen("audience.countries"),
		WithoutCampaigns: f.ids("audience.without_campaigns"), WithoutCase: f.yes("audience.without_case")}}
	if !p.May(accounts.EditCampaigns) { // a translator writes texts, and changes nothing else
		form.onUnknown, form.audience = stored.onUnknown, stored.audience
	}
	var languages []string
	for name := range f.values {
		if lang, found := strings.CutSuffix(name, ".subject"); found && len(languages) < mostTexts {
			if lang, found = strings.CutPrefix(lang, "texts."); found && lang != f.line("drop") {
				languages = append(languages, lang)
			}
		}
	}
	slices.Sort(languages)
	for _, l := range languages {
		t := campaigns.Text{Language: l, Subject: f.line("texts." + l + ".subject"), Headline: f.line("texts." + l + ".headline"), Body: f.text("texts." + l + ".body")}
		if t.Subject+t.Headline+t.Body != "" {
			form.texts = append(form.texts, t)
		}
	}
	return form
}

// compose saves a draft as a whole, or shows it with fields for one more language.
func (s *Server) compose(c *gin.Context) {
	d, ok := s.draftDesk(c)
	if !ok {
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	ctx := c.Request.Context()
	stored, err := s.storedDraft(ctx, d.appeal)
	if err != nil {
		s.fail(c, err)
		return
	}
	form := draftTyped(f, stored, who(c))
	if added := f.line("add_language"); f.values.Has("add") && slices.Contains(templates.PublicLanguages(), added) {
		form.texts = append(form.texts, campaigns.Text{Language: added})
		s.showCompose(c, http.StatusOK, f.problems, d, form)
		return
	}
	if len(f.problems) > 0 {
		s.showCompose(c, http.StatusUnprocessableEntity, f.problems, d, form)
		return
	}
	err = s.checkTexts(ctx, d, form.texts)
	if err == nil {
		err = s.Campaigns.Revise(ctx, by(c), d.appeal.ID, campaigns.NewAppeal{OnUnknown: form.onUnknown, Audience: form.audience, Texts: form.texts})
	}
	s.answered(c, err, d.path()+"/compose", templates.NoticeSaved, nil, func(status int, problems []templates.Problem) {
		s.showCompose(c, status, problems, d, form)
	})
}

// checkTexts looks at texts as they will be rendered, so that what cannot be is said while it is written.
func (s *Server) checkTexts(ctx context.Context, d appealDesk, texts []campaigns.Text) error {
	sheet, err := s.Campaigns.Sheet(ctx, d.appeal.ID)
	if err != nil {
		return err
	}
	number, clock := templates.NumberOf(sheet), templates.ClockOf(sheet)
	var check failure.Check
	for _, t := range texts {
		at := "texts." + t.Language + "."
		for _, part := range []struct {
			name, text string
			look       func(field, text string) error
		}{{"subject", t.Subject, templates.CheckLine}, {"headline", t.Headline, templates.CheckLine}, {"body", t.Body, templates.CheckMarkdown}} {
			err := part.look(at+part.name, part.text)
			if err == nil {
				_, err = templates.FillText(at+part.name, part.text, t.Language, number, clock)
			}
			if err := check.Join("", err); err != nil {
				return err
			}
		}
	}
	return check.Err()
}

// sendTestMail sends the draft as it is stored to whoever asks, and to nobody else.
func (s *Server) sendTestMail(c *gin.Context) {
	d, ok := s.draftDesk(c)
	if !ok {
		return
	}
	f, ok := s.typed(c)
	if !ok {
		return
	}
	ctx := c.Request.Context()
	e, err := s.edition(ctx, d.appeal.ID, f.line("test.language"))
	var account accounts.Account
	if err == nil {
		account, err = s.Accounts.Find(ctx, who(c).AccountID)
	}
	if err == nil {
		if posting := s.Post(ctx, account.Address, e); posting != nil {
			s.Log.WarnContext(ctx, "a test was not sent", "id", requestID(c), "error", withoutData(posting))
			err = failure.Clash("%s", errNotPosted.Error())
		}
	}
	s.answered(c, err, d.path()+"/compose", templates.NoticeTestSent, names{"language": "test.language"}, func(status int, problems []templates.Problem) {
		stored, err := s.storedDraft(ctx, d.appeal)
		if err != nil {
			s.fail(c, err)
			return
		}
		s.showCompose(c, status, problems, d, stored)
	})
}

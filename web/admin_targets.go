package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/templates"
)

// staleAfter is the age at which an office's address is no longer to be trusted: ministries move, and change their forms.
const staleAfter = 180 * 24 * time.Hour

func (s *Server) listTargetsPage(c *gin.Context) {
	ctx := c.Request.Context()
	found, err := s.allTargets(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	now, err := s.Campaigns.Now(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	hints, err := s.hintsOf(ctx, who(c), 0)
	if err != nil {
		s.fail(c, err)
		return
	}
	head := s.staffHead(c, "targets")
	var body templates.Targets
	for i, t := range targetsIn(found, head.Lang) {
		row := templates.TargetRow{Target: t, Code: found[i].Code, Kind: found[i].Kind, Hint: hints[t.ID]}
		if found[i].VerifiedOn != nil {
			row.VerifiedOn = found[i].VerifiedOn.Time
			row.Stale = now.Sub(row.VerifiedOn) > staleAfter
		}
		body.Rows = append(body.Rows, row)
	}
	show(s, c, http.StatusOK, head, body)
}

func (s *Server) newTargetPage(c *gin.Context) {
	yes := true
	s.showTarget(c, http.StatusOK, nil, 0, campaigns.NewTarget{TakesMassLetters: &yes}, "")
}

func (s *Server) targetPage(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var t campaigns.Target
	if err == nil {
		t, err = s.Campaigns.Target(c.Request.Context(), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	verified := ""
	if t.VerifiedOn != nil {
		verified = t.VerifiedOn.String()
	}
	s.showTarget(c, http.StatusOK, nil, id, campaigns.NewTarget{Code: t.Code, Kind: t.Kind, Country: orZero(t.Country), Power: t.Power, Office: t.Office,
		Institution: t.Institution, Salutation: t.Salutation, Languages: t.Languages, Gender: t.Gender, PostalAddress: t.PostalAddress,
		PostalCountry: orZero(t.PostalCountry), Address: t.Address, Fax: t.Fax, Phone: t.Phone,
		FormURL: t.FormURL, SocialURLs: t.SocialURLs, PostageFree: t.PostageFree, LettersArePublicRecords: t.LettersArePublicRecords, TakesMassLetters: &t.TakesMassLetters,
		VerifiedSource: t.VerifiedSource}, verified)
}

// showTarget shows the form of an office: of a new one where id is 0. verified is the day as it was typed.
func (s *Server) showTarget(c *gin.Context, status int, problems []templates.Problem, id int64, n campaigns.NewTarget, verified string) {
	body := templates.TargetForm{Action: "/admin/targets", New: id == 0, Code: n.Code, Kind: n.Kind, Country: n.Country, Power: n.Power,
		Languages: strings.Join(n.Languages, " "), Gender: n.Gender, PostalAddress: n.PostalAddress, PostalCountry: n.PostalCountry, Email: n.Address, Fax: n.Fax, Phone: n.Phone, FormURL: n.FormURL,
		SocialURLs: strings.Join(n.SocialURLs, "\n"), PostageFree: n.PostageFree,
		PublicRecords: n.LettersArePublicRecords, MassLetters: orZero(n.TakesMassLetters), VerifiedOn: verified, VerifiedSource: n.VerifiedSource}
	if id != 0 {
		body.Action += "/" + idText(id)
	}
	for _, l := range officeLanguages(n) {
		body.Texts = append(body.Texts, templates.TargetText{Lang: l, Office: n.Office[l], Institution: n.Institution[l], Salutation: n.Salutation[l],
			ToWoman: n.Salutation[l+"-f"], ToMan: n.Salutation[l+"-m"]})
	}
	head := s.staffHead(c, "targets")
	head.Problems = problems
	show(s, c, status, head, body)
}

// officeLanguages are those that the form of an office has fields for: those of the house, and those it is written in.
func officeLanguages(n campaigns.NewTarget) []string {
	languages := templates.PublicLanguages()
	for _, texts := range []campaigns.Texts{n.Office, n.Institution, n.Salutation} {
		for key := range texts {
			l, _ := campaigns.CutGender(key)
			languages = union(languages, []string{l})
		}
	}
	return languages
}

// targetTyped reads an office as it was typed.
func targetTyped(f *typed) campaigns.NewTarget {
	mass := f.yes("takes_mass_letters")
	n := campaigns.NewTarget{Code: f.line("code"), Kind: f.line("kind"), Country: f.line("country"), Power: f.line("power"),
		Office: askTyped(f, "office"), Institution: askTyped(f, "institution"), Salutation: askTyped(f, "salutation"),
		Languages: strings.FieldsFunc(f.line("languages"), func(r rune) bool { return r == ',' || r == ' ' }), Gender: f.line("gender"),
		PostalAddress: f.text("postal_address"), PostalCountry: f.line("postal_country"),
		Address: f.line("address"), Fax: f.line("fax"), Phone: f.line("phone"), FormURL: f.line("form_url"), SocialURLs: strings.Fields(f.text("social_urls")), PostageFree: f.yes("postage_free"),
		LettersArePublicRecords: f.yes("letters_are_public_records"), TakesMassLetters: &mass, VerifiedSource: f.line("verified_source")}
	if day := f.day("verified_on"); !day.IsZero() {
		n.VerifiedOn = &day
	}
	return n
}

func (s *Server) addTargetByForm(c *gin.Context) { s.putTarget(c, 0) }

func (s *Server) changeTargetByForm(c *gin.Context) {
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = s.Campaigns.Target(c.Request.Context(), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.putTarget(c, id)
}

// putTarget lists an office, or changes the one with the id.
func (s *Server) putTarget(c *gin.Context, id int64) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	n := targetTyped(f)
	again := func(status int, problems []templates.Problem) {
		s.showTarget(c, status, problems, id, n, f.line("verified_on"))
	}
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	notice := templates.NoticeSaved
	var err error
	if id == 0 {
		_, err = s.Campaigns.AddTarget(c.Request.Context(), by(c), n)
		notice = templates.NoticeCreated
	} else {
		_, err = s.Campaigns.ChangeTarget(c.Request.Context(), by(c), id, n)
	}
	s.answered(c, err, "/admin/targets", notice, names{"office": "office.en"}, again)
}

package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/templates"
)

func (s *Server) listCasesPage(c *gin.Context) {
	ctx := c.Request.Context()
	found, err := s.Campaigns.Cases(ctx, campaigns.Page{After: after(c), Limit: pageLimit + 1})
	if err != nil {
		s.fail(c, err)
		return
	}
	now, err := s.Campaigns.Now(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	var body templates.Cases
	if len(found) > pageLimit {
		found = found[:pageLimit]
		body.Next = nextPage(c, found[pageLimit-1].ID)
	}
	for _, one := range found {
		body.Rows = append(body.Rows, templates.CaseRow{ID: idText(one.ID), Ref: one.Ref, Headline: one.Headline, Removing: one.RemovingCountry,
			Receiving: one.ReceivingCountry, Clock: templates.ClockOf(campaigns.Sheet{Now: now, Removal: removalOf(one), RemovingCountry: one.RemovingCountry})})
	}
	show(s, c, http.StatusOK, s.staffHead(c, "campaigns"), body)
}

func (s *Server) newCasePage(c *gin.Context) {
	s.showNewCase(c, http.StatusOK, nil, templates.CaseForm{RemovalForm: templates.RemovalForm{Timing: campaigns.RemovalExact}})
}

func (s *Server) showNewCase(c *gin.Context, status int, problems []templates.Problem, body templates.CaseForm) {
	head := s.staffHead(c, "campaigns")
	head.Problems = problems
	show(s, c, status, head, body)
}

// caseNames are the fields of a case that its form calls otherwise.
func caseNames() names {
	return names{"removal_at": "removal_day", "removal_until": "removal_until_day", "persons.published_as": "persons", "reason": "origin_state_reason"}
}

// addCaseByForm opens a case. That the state of origin knows already is recorded on the page that follows, by an act of its own.
func (s *Server) addCaseByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	body := templates.CaseForm{Ref: f.line("ref"), Headline: f.line("headline"), Concerns: f.text("concerns"), Removing: f.line("removing_country"),
		Receiving: f.line("receiving_country"), Nationality: f.line("nationality_country"), RemovalForm: removalTyped(f), Persons: f.text("persons")}
	n := campaigns.NewCase{Ref: body.Ref, Headline: body.Headline, Concerns: f.lines("concerns"), RemovingCountry: body.Removing,
		ReceivingCountry: body.Receiving, NationalityCountry: body.Nationality, Removal: removalFrom(f, body.RemovalForm)}
	for _, name := range f.lines("persons") {
		n.Persons = append(n.Persons, campaigns.Person{PublishedAs: name})
	}
	again := func(status int, problems []templates.Problem) { s.showNewCase(c, status, problems, body) }
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	added, err := s.Campaigns.AddCase(c.Request.Context(), by(c), n)
	s.answered(c, err, "/admin/cases/"+idText(added.ID), templates.NoticeCreated, caseNames(), again)
}

func removalTyped(f *typed) templates.RemovalForm {
	return templates.RemovalForm{Timing: f.line("removal_timing"), Day: f.line("removal_day"), Hour: f.line("removal_time"),
		UntilDay: f.line("removal_until_day"), Zone: f.line("removal_zone")}
}

// removalFrom makes instants of days and an hour, which are those of the zone. A day alone begins at its first moment; a
// window ends with its last day.
func removalFrom(f *typed, form templates.RemovalForm) campaigns.Removal {
	r := campaigns.Removal{Timing: form.Timing, Zone: form.Zone}
	place, err := time.LoadLocation(form.Zone)
	if err != nil || form.Zone == "" || form.Zone == "Local" {
		place = time.UTC // the room refuses the zone
	}
	if day := f.day("removal_day"); !day.IsZero() {
		var hour time.Time // midnight
		if form.Hour != "" {
			if hour, err = time.Parse("15:04", form.Hour); err != nil {
				f.problems = append(f.problems, templates.Problem{Field: "removal_time", Text: "want a time such as 17:00"})
			}
		}
		at := time.Date(day.Year(), day.Month(), day.Day(), hour.Hour(), hour.Minute(), 0, 0, place)
		r.At = &at
	} else if form.Hour != "" && form.Day == "" {
		f.wrong("removal_day", templates.ProblemMissing)
	}
	if form.Timing == campaigns.RemovalExact && form.Hour == "" {
		f.wrong("removal_time", templates.ProblemMissing)
	}
	if day := f.day("removal_until_day"); !day.IsZero() {
		until := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, place).Add(-time.Minute)
		r.Until = &until
	}
	if r.At == nil && form.Day == "" {
		r.Zone = "" // a zone that was filled in beforehand says nothing without a day
	}
	return r
}

// removalForm is a removal as it is stored, to be typed over.
func removalForm(c campaigns.Case) templates.RemovalForm {
	form := templates.RemovalForm{Timing: c.RemovalTiming, Zone: orZero(c.RemovalZone)}
	place, err := time.LoadLocation(form.Zone)
	if err != nil {
		place = time.UTC
	}
	if c.RemovalAt != nil {
		at := c.RemovalAt.In(place)
		form.Day, form.Hour = at.Format(time.DateOnly), at.Format("15:04")
	}
	if c.RemovalUntil != nil {
		form.UntilDay = c.RemovalUntil.In(place).Format(time.DateOnly)
	}
	return form
}

func (s *Server) casePage(c *gin.Context) {
	s.showCase(c, http.StatusOK, nil, func(*templates.Case) {})
}

// showCase shows the case in the path as it is stored, but for what retype puts back as it was typed.
func (s *Server) showCase(c *gin.Context, status int, problems []templates.Problem, retype func(*templates.Case)) {
	ctx := c.Request.Context()
	id, err := pathNumber(c, "id")
	var one campaigns.Case
	if err == nil {
		one, err = s.Campaigns.Case(ctx, id)
	}
	var facts *templates.CaseFacts
	if err == nil {
		facts, err = s.factsOf(ctx, &one, who(c))
	}
	sheet := campaigns.Sheet{Removal: removalOf(one), RemovingCountry: one.RemovingCountry}
	if err == nil {
		sheet.Now, err = s.Campaigns.Now(ctx)
	}
	var on []campaigns.Campaign
	if err == nil {
		on, err = s.Campaigns.CampaignsOn(ctx, id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	body := templates.Case{ID: idText(one.ID), CaseFacts: *facts, Concerns: one.Concerns, Clock: templates.ClockOf(sheet), RemovalForm: removalForm(one)}
	for _, campaign := range on {
		body.Campaigns = append(body.Campaigns, templates.CaseCampaign{ID: idText(campaign.ID), Number: numberOf(campaign), Title: campaign.Title, State: campaign.State})
	}
	head := s.staffHead(c, "campaigns")
	if head.May.EditCases {
		list, err := s.Letters.Unspoken(ctx, id)
		if err != nil {
			s.fail(c, err)
			return
		}
		for _, u := range list {
			body.Unspoken = append(body.Unspoken, templates.UnspokenRow{ID: idText(u.ID), Words: u.Words})
		}
	}
	retype(&body)
	head.Problems = problems
	show(s, c, status, head, body)
}

// addUnspokenByForm adds what no letter about the case may name.
func (s *Server) addUnspokenByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		err = s.Letters.AddUnspoken(c.Request.Context(), by(c), id, f.line("unspoken"))
	}
	s.answered(c, err, "/admin/cases/"+c.Param("id"), templates.NoticeSaved, nil, func(status int, problems []templates.Problem) {
		s.showCase(c, status, problems, func(body *templates.Case) { body.NewUnspoken = f.line("unspoken") })
	})
}

func (s *Server) removeUnspokenByForm(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var word int64
	if err == nil {
		word, err = pathNumber(c, "word")
	}
	if err == nil {
		err = s.Letters.RemoveUnspoken(c.Request.Context(), by(c), id, word)
	}
	s.answered(c, err, "/admin/cases/"+c.Param("id"), templates.NoticeSaved, nil, func(status int, problems []templates.Problem) {
		s.showCase(c, status, problems, func(*templates.Case) {})
	})
}

func (s *Server) moveRemovalByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	form := removalTyped(f)
	removal := removalFrom(f, form)
	again := func(status int, problems []templates.Problem) {
		s.showCase(c, status, problems, func(body *templates.Case) { body.RemovalForm = form })
	}
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = s.Campaigns.MoveRemoval(c.Request.Context(), by(c), id, removal)
	}
	s.answered(c, err, "/admin/cases/"+c.Param("id"), templates.NoticeSaved, caseNames(), again)
}

func (s *Server) caseOriginState(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	reason := f.line("origin_state_reason")
	id, err := pathNumber(c, "id")
	if err == nil {
		_, err = s.Campaigns.RecordOriginStateKnows(c.Request.Context(), by(c), id, reason)
	}
	s.answered(c, err, "/admin/cases/"+c.Param("id"), templates.NoticeSaved, caseNames(), func(status int, problems []templates.Problem) {
		s.showCase(c, status, problems, func(body *templates.Case) { body.Reason = strings.TrimSpace(reason) })
	})
}

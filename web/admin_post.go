package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/campaigns"
	"holdfast/letters"
	"holdfast/templates"
)

func (s *Server) postalRoutesPage(c *gin.Context) {
	s.showPostalRoutes(c, http.StatusOK, nil, templates.PostalRouteForm{})
}

func (s *Server) showPostalRoutes(c *gin.Context, status int, problems []templates.Problem, form templates.PostalRouteForm) {
	ctx := c.Request.Context()
	list, err := s.Letters.Routes(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	now, err := s.Campaigns.Now(ctx)
	if err != nil {
		s.fail(c, err)
		return
	}
	body := templates.PostalRoutes{Domestic: letters.DomesticDays, Abroad: letters.AbroadDays, Form: form}
	for _, r := range list {
		verified := orZero(r.VerifiedOn).Time
		body.Rows = append(body.Rows, templates.PostalRoute{From: r.FromCountry, To: r.ToCountry, Days: r.TransitDays, Postage: r.Postage,
			SuspendedFrom: orZero(r.SuspendedFrom).Time, SuspendedUntil: orZero(r.SuspendedUntil).Time, Verified: verified,
			HasSuspension: r.SuspendedFrom != nil || r.SuspendedUntil != nil, NotKnown: r.VerifiedOn == nil, Stale: now.Sub(verified) > staleAfter})
	}
	head := s.staffHead(c, "targets")
	head.Problems = problems
	show(s, c, status, head, body)
}

func (s *Server) putPostalRoute(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	form := templates.PostalRouteForm{From: f.line("from_country"), To: f.line("to_country"), Days: f.line("transit_days"), Postage: f.line("postage"),
		SuspendedFrom: f.line("suspended_from"), SuspendedUntil: f.line("suspended_until"), VerifiedOn: f.line("verified_on")}
	r := letters.Route{FromCountry: form.From, ToCountry: form.To, TransitDays: f.number("transit_days", 1000), Postage: form.Postage,
		SuspendedFrom: f.dayOrNone("suspended_from"), SuspendedUntil: f.dayOrNone("suspended_until"), VerifiedOn: f.dayOrNone("verified_on")}
	again := func(status int, problems []templates.Problem) { s.showPostalRoutes(c, status, problems, form) }
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	s.answered(c, s.Letters.PutRoute(c.Request.Context(), by(c), r), "/admin/postal-routes", templates.NoticeSaved, nil, again)
}

// dayOrNone reads a day that may be left out.
func (f *typed) dayOrNone(name string) *campaigns.Day {
	day := f.day(name)
	if day.IsZero() {
		return nil
	}
	return &day
}

package web

import (
	"holdfast/campaigns"
	"holdfast/letters"
)

// routeBody is what is known of the post from one country to another, both of which stand in the path.
type routeBody struct {
	TransitDays    int            `json:"transit_days"`
	Postage        string         `json:"postage"`
	SuspendedFrom  *campaigns.Day `json:"suspended_from"`
	SuspendedUntil *campaigns.Day `json:"suspended_until"`
	VerifiedOn     *campaigns.Day `json:"verified_on"`
}

func (s *Server) listPostalRoutes(r *call) (answer, error) {
	found, err := s.Letters.Routes(r.ctx())
	return ok(whole(found)), err
}

func (s *Server) putRoute(r *call, n routeBody) (answer, error) {
	route := letters.Route{FromCountry: r.gin.Param("from"), ToCountry: r.gin.Param("to"), TransitDays: n.TransitDays, Postage: n.Postage,
		SuspendedFrom: n.SuspendedFrom, SuspendedUntil: n.SuspendedUntil, VerifiedOn: n.VerifiedOn}
	return ok(route), s.Letters.PutRoute(r.ctx(), r.by(), route)
}

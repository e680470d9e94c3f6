package templates

import "time"

// PostalRoutes is the page at /admin/postal-routes: what the post takes from one country to another. Its form: POST /admin/postal-routes with
// from_country, to_country, transit_days, postage, suspended_from, suspended_until, verified_on; what was known of the two is replaced.
type PostalRoutes struct {
	Rows             []PostalRoute
	Domestic, Abroad int // days, where nothing is written down
	Form             PostalRouteForm
}

// PostalRoute is one row.
type PostalRoute struct {
	From, To                       string // ISO codes
	Days                           int
	Postage                        string
	SuspendedFrom, SuspendedUntil  time.Time // zero where none is given
	Verified                       time.Time
	HasSuspension, Stale, NotKnown bool // NotKnown: never verified
}

// PostalRouteForm is the form as it was typed.
type PostalRouteForm struct {
	From, To, Days, Postage, SuspendedFrom, SuspendedUntil, VerifiedOn string
}

func (PostalRoutes) spec() spec {
	return spec{file: "postal_routes", layout: staffLayout, partials: []string{"form"}}
}

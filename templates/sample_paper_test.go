package templates

// paperSamples are the pages about letters on paper.
func paperSamples(lang string) []sample {
	head := publicHead(lang)
	list := []sample{
		of("code", head, EnterCode{}), of("code-unknown", head, EnterCode{Code: "K7QM-2XPB", Unknown: true}),
		of("code-withdrawn", head, EnterCode{Code: "K7QM-2XPA", Withdrawn: true}), of("code-thanks", head, EnterCode{Office: "Minister of Public Safety", OfficeLang: "en", ActionURL: "/a/k7q2mzv4xw3bnd5t?lang=" + lang}),
	}
	if StaffLanguage(lang) != lang {
		return list
	}
	staff := staffHead(lang, "targets")
	none := staff
	none.May = Powers{}
	wrong := staff
	wrong.Problems = []Problem{{Field: "transit_days", Text: "must be from 1 to 120"}}
	routes := PostalRoutes{Domestic: 5, Abroad: 12, Rows: []PostalRoute{{From: "CA", To: "CA", Days: 4, Postage: "$1.44", Verified: sampleNow},
		{From: "CA", To: "TR", Days: 20, HasSuspension: true, SuspendedFrom: sampleNow, SuspendedUntil: sampleNow, Verified: sampleNow, Stale: true},
		{From: "SE", To: "CA", Days: 9, HasSuspension: true, NotKnown: true}}}
	typed := PostalRoutes{Domestic: 5, Abroad: 12, Form: PostalRouteForm{From: "CA", To: "SE", Days: "0", Postage: "?", SuspendedFrom: "2026-12-01"}}
	return append(list, of("postal-routes", staff, routes), of("postal-routes-none", none, PostalRoutes{}), of("postal-routes-wrong", wrong, typed))
}

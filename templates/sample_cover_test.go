package templates

import "time"

// coverSamples are the pages in states that are rare: they exist so that every branch of every template is executed.
func coverSamples(lang string) []sample {
	head := staffHead(lang, "campaigns")
	limited := head
	limited.May = Powers{EditTexts: true}
	out := Head{Lang: lang, Organisation: sampleOrganisation(), Languages: StaffLanguages()}
	wrong := func(fields ...string) Head {
		h := head
		for _, field := range fields {
			h.Problems = append(h.Problems, Problem{Field: field, Text: "must not be empty"})
		}
		return h
	}
	crumb := Crumb{ID: "5", Title: "Stop the removal"}

	bare := Campaign{ID: "5", Number: sampleNumber(), Title: "Stop the removal", State: "active", Clock: slowClock(), Fallback: "en", AfterDeadline: "open",
		Case: &CaseFacts{CaseID: "5", Ref: "2026-005", Headline: "x", Removing: "CA", Receiving: "IR", Persons: []string{"M.R.", "A.R."}}, Reason: "x"}
	bare.Close.Tried = true

	reading := bare
	reading.Appeals = []AppealRow{{ID: "8", Kind: "update", State: "draft"}}
	none := head
	none.May = Powers{}

	gone := Member{MemberRow: MemberRow{ID: "12", Masked: "b…@mail.example", Language: "fa", State: "left", Since: sampleNow}}
	return []sample{
		of("campaign-bare", wrong("origin_state_reason"), bare),
		of("campaign-read", none, reading),
		of("campaign-form-bare", wrong("urgent"), CampaignForm{}),
		of("compose-language", limited, Compose{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "first", Fallback: "en", FirstKind: true,
			Texts: []TextForm{{Lang: "en"}}, More: []string{"fr", "fa"}, Saved: true}),
		of("launch-changed", head, Launch{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "update", Members: 2498, Was: 2500}),
		of("appeal-counting", head, Appeal{ID: "7", Campaign: crumb, Kind: "first", Progress: AppealProgress{State: "issuing", LaunchedAt: sampleNow}}),
		of("launch-lacking", wrong("yes"), Launch{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "first", Members: 2498, Written: 1, Lacks: []string{"en", "fr"}}),
		of("launch-one-language", head, Launch{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "first", Members: 2498, Written: 1, Lacks: []string{"fr"}}),
		of("launch-too-late", head, Launch{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "first", Members: 2498, Written: 1,
			Forecast: LaunchForecast{Rate: 60, Basis: "limit", Measured: 1, Takes: 48 * time.Hour, LastAt: sampleNow.Add(48 * time.Hour), EndsAt: sampleNow.Add(time.Hour),
				Asking: true, TooLate: true}}),
		of("launch-assumed", head, Launch{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "outcome", Members: 2498, Written: 1,
			Forecast: LaunchForecast{Rate: 300, Basis: "assumed", Takes: time.Hour, LastAt: sampleNow.Add(time.Hour), EndsAt: sampleNow.Add(336 * time.Hour)}}),
		of("member-change", head, MemberForm{ID: "12", Language: "fa"}),
		of("member-rejoin", wrong("consent.words"), gone), of("member-left", head, gone),
		of("sign-in-dead", out, SignIn{LinkDead: true}),
		of("sign-in-link-wrong", wrong("new_password"), SignInLink{Action: "/sign-in/link/abc"}),
	}
}

package templates

import "time"

func everyPower() Powers {
	return Powers{EditCampaigns: true, EditTexts: true, Launch: true, Stop: true, ReadCases: true, EditCases: true, EditTargets: true,
		ReadMembers: true, EditMembers: true, ImportMembers: true, ExportMembers: true, SeeEngine: true}
}

// deskSamples are the pages of what was built last: cases, changes, accounts.
func deskSamples(lang string) []sample {
	head := staffHead(lang, "campaigns")
	none := head
	none.May = Powers{}
	facts := CaseFacts{CaseID: "5", Ref: "2026-005", Headline: "Removal to Iran", Removing: "CA", Receiving: "IR", Nationality: "IR", Persons: []string{"M.R.", "A.R."}}
	one := Case{ID: "5", CaseFacts: facts, Concerns: []string{"torture", "detention"}, Clock: urgentClock(),
		Campaigns:   []CaseCampaign{{ID: "5", Number: sampleNumber(), Title: "Stop the removal", State: "active"}},
		RemovalForm: RemovalForm{Timing: RemovalExact, Day: "2026-11-27", Hour: "07:40", Zone: "America/Toronto"}}
	known := one
	known.OriginStateKnows, known.OriginStateReason, known.Nationality, known.Campaigns, known.Persons, known.Concerns = true, "Its embassy wrote.", "", nil, nil, nil
	known.Unspoken = []UnspokenRow{{ID: "3", Words: "Parvin K."}}
	one.Unspoken = known.Unspoken
	wrong := one
	wrong.NewUnspoken = "x"
	wrong.Reason = "a\x01"
	wrongHead := head
	wrongHead.Problems = []Problem{{Field: "origin_state_reason", Text: "holds a control character"}}

	change := CampaignChange{ID: "5", Number: sampleNumber(), Title: "Stop the removal", DeadlineDay: "2026-12-31", DeadlineZone: "America/Toronto", DeadlineInclusive: true,
		Languages: []string{"en", "fr", "fa"}, NewAsk: AskForm{Texts: []string{"", "", ""}, Offices: []Choice{{Value: "1", Label: "Minister"}, {Value: "2", Label: "Ambassador"}}}, Samples: []string{"", "Monsieur le Ministre,", ""}, Targets: sampleTargets(lang), Others: []Choice{{Value: "9", Label: "Ambassador"}},
		Asks: []AskForm{{Code: "a1", Texts: []string{"ask", "", ""}, Offices: []Choice{{Value: "1", Label: "Minister", Chosen: true}, {Value: "2", Label: "Ambassador"}}}, {Code: "a2", Texts: []string{"ask", "demandez", "بخواهید"}}}}
	bare := change
	bare.Asks, bare.Targets, bare.Others, bare.Languages, bare.NewAsk, bare.Samples = nil, nil, nil, []string{"en"}, AskForm{Texts: []string{""}}, []string{""}
	changeHead := head
	changeHead.Problems = []Problem{{Field: "deadline_day", Word: ProblemNotADate}}

	row := AccountRow{ID: "3", Name: "Sami Example", Address: "sami@refuge.example", Roles: []string{"reviewer", "tracker"}, CreatedAt: sampleNow}
	roles := []Choice{{Value: "reviewer", Label: "reviewer", Chosen: true}, {Value: "tracker", Label: "tracker"}}
	shut := row
	shut.Disabled = true
	accounts := staffHead(lang, "accounts")
	accountsWrong := accounts
	accountsWrong.Problems = []Problem{{Field: "roles", Text: "an account needs at least one role"}}
	own := OwnAccount{Name: "Noor Example", Address: "noor@refuge.example", Roles: []string{"coordinator", "caseworker"}, HasPassword: true,
		Sessions: []SessionRow{{ID: "a", BeganAt: sampleNow.Add(-time.Hour), LastSeen: sampleNow, IsCurrent: true}, {ID: "b", BeganAt: sampleNow.AddDate(0, 0, -1), LastSeen: sampleNow}}}
	byLink := own
	byLink.HasPassword, byLink.Sessions = false, own.Sessions[:1]
	groups := staffHead(lang, "groups")
	groupWrong := groups
	groupWrong.Problems = []Problem{{Field: "name", Word: ProblemMissing}}
	return []sample{
		of("cases", head, Cases{Rows: []CaseRow{{ID: "5", Ref: "2026-005", Headline: "Removal to Iran", Removing: "CA", Receiving: "IR", Clock: urgentClock()}}, Next: "/admin/cases?after=5"}),
		of("cases-none", none, Cases{}), of("case", head, one), of("case-known", none, known), of("case-wrong", wrongHead, wrong),
		of("campaigns-counting", head, Campaigns{Rows: []CampaignRow{{ID: "5", Number: sampleNumber(), Title: "Stop the removal", State: "active", Latest: &Receipt{}, Live: true}}}),
		of("campaign-counting", head, Campaign{ID: "5", Number: sampleNumber(), Title: "Stop the removal", State: "active", Fallback: "en", AfterDeadline: "open",
			Appeals: []AppealRow{{ID: "7", Kind: "first", State: "issuing", LaunchedAt: sampleNow}}}),
		of("launch-nobody", head, Launch{ID: "7", Number: sampleNumber(), Kind: "first"}),
		of("launch-unwritten", head, Launch{ID: "7", Number: sampleNumber(), Kind: "first", Members: 1, Languages: []LaunchLanguage{{Lang: "en", Members: 1}}}),
		of("campaign-change", head, change), of("campaign-change-bare", changeHead, bare),
		of("account", accounts, Account{AccountRow: row, Language: "fr", Choices: roles}), of("account-shut", accountsWrong, Account{AccountRow: shut, Language: "en", Choices: roles}),
		of("account-own", accounts, Account{AccountRow: row, Language: "en", IsOwn: true}),
		of("account-form", accounts, AccountForm{Language: "en", Languages: StaffLanguages(), Roles: roles}), of("account-form-wrong", accountsWrong, AccountForm{Languages: StaffLanguages(), Roles: roles}),
		of("own-account", head, own), of("own-account-link", head, byLink),
		of("group-form", groups, GroupForm{ID: "1", Name: "Vancouver", City: "Vancouver"}), of("group-form-wrong", groupWrong, GroupForm{ID: "1"}),
	}
}

package templates

import "time"

func sampleReceipt() Receipt {
	return Receipt{
		Number: sampleNumber(), Kind: "first", Counted: true, Eligible: 2500, Accepted: 2489, MaybeTwice: 3,
		Skipped: []Count{{"left", 5}, {"suppressed", 2}}, Refused: []Count{{"address", 3}}, Unknown: 1,
		LateJoiners: 2, FirstAfter: 1300 * time.Millisecond, LastAfter: 4*time.Minute + 12*time.Second,
	}
}

func liveReceipt() Receipt {
	return Receipt{
		Number: sampleNumber(), Kind: "first", Counted: true, Eligible: 2500, Accepted: 1412, Skipped: []Count{{"left", 4}},
		Refused: []Count{{"address", 2}}, Unknown: 1, Waiting: 1081, FirstAfter: 1300 * time.Millisecond, LastAfter: 141 * time.Second,
	}
}

func sampleTotals(lang string) LetterTotals {
	t := sampleTargets(lang)
	return LetterTotals{Columns: TallyColumns(), Offices: []LetterTotal{
		{Office: t[0].Office, Lang: t[0].Lang, Lines: []LetterLine{
			{Channel: "email", Counts: []int64{1204, 96, 0, 388, 0, 41}, Sum: 1729}, {Channel: "post", Counts: []int64{0, 0, 37, 112, 146, 3}, Sum: 298},
			{Channel: "phone", Counts: []int64{0, 0, 0, 18, 0, 0}, Sum: 18}}, Counts: []int64{1204, 96, 37, 518, 146, 44}, Sum: 2045},
		{Office: t[1].Office, Lang: t[1].Lang, Lines: []LetterLine{{Channel: "unsaid", Counts: []int64{0, 0, 0, 41, 0, 0}, Sum: 41}}, Counts: []int64{0, 0, 0, 41, 0, 0}, Sum: 41},
	}, Sums: []int64{1204, 96, 37, 559, 146, 44}, Total: 2086, Members: 1644, Visitors: 52, Groups: 3, ProvenAnonymous: 12, Waiting: 2, Refused: 1, MayReview: true}
}

func campaignSamples(lang string) []sample {
	head := staffHead(lang, "campaigns")
	live, done := liveReceipt(), sampleReceipt()
	text := sampleTextIn(lang)
	rows := []CampaignRow{
		{ID: "5", Number: sampleNumber(), Title: text.headline, State: "active", Clock: urgentClock(), Latest: &live, Live: true},
		{ID: "4", Number: Number{"UA", 11, 2026}, Title: "Canada: risk assessment without a hearing", State: "active", Clock: slowClock(), Latest: &done, Letters: sampleCount()},
		{ID: "3", Number: Number{"UA", 9, 2026}, Title: "Türkiye: a writer pressed to sign a return form", State: "draft",
			Clock: Clock{Now: sampleNow, Removal: Removal{Timing: RemovalAnyTime}}, Letters: LetterCount{Reported: 1}},
	}
	list := Campaigns{State: "active", Rows: rows, Total: 3, Next: "/admin/campaigns?after=3"}

	asks := []AskTexts{}
	for i, ask := range sampleAsks("en") {
		asks = append(asks, AskTexts{Code: ask.Code, Texts: []Ask{ask, sampleAsks("fr")[i]}, Offices: ask.Offices})
	}
	targets := []CampaignTarget{}
	for _, t := range sampleTargets(lang) {
		targets = append(targets, CampaignTarget{Target: t, AddedBy: "Noor Example"})
	}
	embassy := Target{ID: "9", Office: "Ambassador of Iran", Lang: "en", Country: "IR", Side: "receiving", Power: "can_influence"}
	targets = append(targets, CampaignTarget{Target: embassy, AddedBy: "Noor Example", NeedsYes: true, MayAgree: true},
		CampaignTarget{Target: embassy, AddedBy: "Noor Example", NeedsYes: true}, CampaignTarget{Target: embassy, AddedBy: "Noor Example", AgreedBy: "Sami Example"})
	one := Campaign{
		ID: "5", Number: sampleNumber(), Title: text.headline, State: "active", Urgent: true, Clock: urgentClock(), Fallback: "en",
		PublicURL: "https://act.refuge.example/a/k7q2mzv4xw3bnd5t",
		Case: &CaseFacts{Ref: "2026-005", Headline: "Removal to Iran despite a request of the UN Committee against Torture", Removing: "CA", Receiving: "IR", Nationality: "IR",
			Persons: []string{"M.R."}},
		AfterDeadline: "ask_coordinator", Asks: asks, Targets: targets,
		Appeals: []AppealRow{
			{ID: "8", Kind: "update", State: "draft", Languages: []string{"en", "fr"}},
			{ID: "7", Kind: "first", State: "issuing", Languages: []string{"en", "fr", "fa"}, LaunchedAt: sampleNow, Receipt: live},
		},
		NewKinds: []string{"update", "stop_action", "outcome", "correction"}, Letters: sampleTotals(lang),
	}
	stopped := one
	stopped.State, stopped.Urgent, stopped.Case, stopped.Appeals, stopped.Letters, stopped.PublicURL = "stopped", false, nil, nil, LetterTotals{}, ""
	stopped.NewKinds = []string{"first"}
	stoppedHead := head
	stoppedHead.Problems = []Problem{{Field: "outcome", Text: "choose how the campaign ended"}}
	closed := one
	closed.State, closed.NewKinds = "closed", nil
	closed.Case = &CaseFacts{Ref: "2026-001", Headline: "x", Removing: "CA", Receiving: "LK", OriginStateKnows: true, OriginStateReason: "The embassy wrote to the court."}
	closed.Closed = Outcome{Word: "stay_granted", Note: "The Federal Court has stayed the removal.", NoteLang: "en", Durability: "temporary"}
	closedPlain := closed
	closedPlain.Closed = Outcome{Word: "unknown"}

	form := CampaignForm{Cases: []Choice{{Value: "5", Label: "2026-005", Chosen: true}}, Series: "UA", Sequence: "13", Year: "2026", Fallback: "en", Urgent: true,
		DeadlineDay: "2026-12-31", DeadlineZone: "America/Toronto", AfterDeadline: "ask_coordinator", Languages: []string{"en", "fr", "fa"},
		Asks: []AskForm{{Texts: []string{"ask the Minister to stop the removal", "", ""}}, {Texts: []string{"", "", ""}}}}
	for _, t := range sampleTargets(lang) {
		form.Targets = append(form.Targets, TargetChoice{Target: t, Chosen: true})
	}
	formHead := head
	formHead.Problems = []Problem{{Field: "title", Word: ProblemMissing}, {Field: "asks.1.texts.fr", Text: "must not be empty where another language is given"},
		{Field: "nowhere", Text: "is not known"}}
	caseForm := CaseForm{Ref: "2026-006", RemovalForm: RemovalForm{Timing: RemovalExact, Zone: "America/Toronto"}, Removing: "CA", Receiving: "CO"}
	caseHead := head
	caseHead.Problems = []Problem{{Field: "headline", Word: ProblemMissing}}
	return []sample{
		of("campaigns", head, list), of("campaigns-empty", head, Campaigns{}),
		of("campaign", head, one), of("campaign-stopped", stoppedHead, stopped), of("campaign-closed", head, closed), of("campaign-closed-plain", head, closedPlain),
		of("campaign-form", head, form), of("campaign-form-wrong", formHead, form), of("case-form", head, caseForm), of("case-form-wrong", caseHead, caseForm),
	}
}

func appealSamples(lang string) []sample {
	head := staffHead(lang, "campaigns")
	crumb := Crumb{ID: "5", Title: sampleTextIn(lang).headline}
	compose := Compose{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "first", Fallback: "en", FirstKind: true, OnUnknown: "resend",
		Groups:    []Choice{{Value: "1", Label: "Vancouver"}, {Value: "2", Label: "Montréal"}},
		Languages: []Choice{{Value: "en"}, {Value: "fr", Chosen: true}}, Countries: []Choice{{Value: "CA"}},
		Others: []Choice{{Value: "4", Label: "UA 11/26 Let them stay", Chosen: true}}, OnCase: true, NotCase: true,
		TestAddress: "noor@refuge.example", TestLanguage: "fr", Saved: true}
	for _, l := range []string{"en", "fr", "fa"} {
		t := sampleTextIn(l)
		compose.Texts = append(compose.Texts, TextForm{Lang: l, Subject: t.headline, Headline: t.headline, Body: t.body, Stored: true})
	}
	update := compose
	update.Kind, update.FirstKind, update.Saved = "update", false, false
	update.Texts = []TextForm{{Lang: "en", Body: "See ![a picture](x.png)"}, {Lang: "fr"}}
	updateHead := head
	updateHead.Problems = []Problem{{Field: "texts.en.subject", Word: ProblemMissing},
		{Field: "texts.en.body", Text: "line 1, column 5: pictures are not sent; say it in words, or link to a page that shows it"}}

	launch := Launch{ID: "7", Campaign: crumb, Number: sampleNumber(), Kind: "first", Members: 2498, Written: 3, Clock: urgentClock(), LeftOut: 12,
		Forecast: LaunchForecast{Rate: 612, Basis: "measured", Measured: 3, Ahead: 100, Takes: 4 * time.Minute, LastAt: sampleNow.Add(4 * time.Minute),
			EndsAt: sampleNow.Add(48 * time.Hour), Asking: true},
		Languages: []LaunchLanguage{{"en", "en", 1512}, {"fr", "fr", 611}, {"fa", "fa", 204}, {"es", "en", 120}, {"ar", "en", 51}}}
	for _, t := range sampleTargets(lang) {
		launch.Targets = append(launch.Targets, CampaignTarget{Target: t})
	}
	blocked := launch
	blocked.Blocks = []string{"the office IR-EMB is of the receiving state and needs the yes of a second account (R2)"}
	blocked.Targets = []CampaignTarget{{Target: Target{Office: "Ambassador of Iran", Lang: "en", Side: "receiving"}, NeedsYes: true}}

	progress := AppealProgress{State: "issuing", Receipt: liveReceipt(), LaunchedAt: sampleNow, InFlight: 16, Rate: 612, Forecast: 106 * time.Second, LastAt: sampleNow.Add(106 * time.Second),
		EndsAt: sampleNow.Add(48 * time.Hour), Zone: "America/Toronto"}
	live := Appeal{ID: "7", Campaign: crumb, Kind: "first", Languages: []string{"en", "fr", "fa"}, Progress: progress, Matching: 2500, Next: "/admin/appeals/7?after=50",
		Deliveries: []DeliveryRow{
			{MemberID: "11", Masked: "a…@mail.example", Language: "en", State: "accepted", Code: 250, Attempts: 1, SettledAt: sampleNow.Add(2 * time.Second)},
			{MemberID: "12", Masked: "b…@post.example", Language: "fa", State: "refused", Reason: "address", Code: 550, Attempts: 1, SettledAt: sampleNow.Add(3 * time.Second)},
			{MemberID: "13", Masked: "c…@mail.example", Language: "fr", State: "skipped", Reason: "left", SettledAt: sampleNow.Add(3 * time.Second)},
			{MemberID: "14", Masked: "d…@mail.example", Language: "es", State: "deferred", Code: 451, Attempts: 2},
			{MemberID: "15", Masked: "e…@mail.example", Language: "en", State: "queued"},
		}}
	starting := live
	starting.Progress = AppealProgress{State: "issuing", Receipt: Receipt{Number: sampleNumber()}, LaunchedAt: sampleNow, Warning: "the relay has not answered for 3 minutes"}
	starting.Deliveries, starting.Matching, starting.Next, starting.Filter = nil, 0, "", "refused"
	late := live
	late.Progress.TooLate = true
	late.Progress.Receipt.Skipped = []Count{{Reason: "left", N: 3}, {Reason: "too_late", N: 40}}
	stopping := live
	stopping.Progress.State = "stopping"
	stopped := live
	stopped.Progress.State, stopped.Progress.StoppedAt = "stopped", sampleNow.Add(time.Minute)
	stopped.Progress.Receipt.Stopped, stopped.Progress.Receipt.Waiting = 1081, 0
	held := stopped
	held.Progress.StopReason = "blocked"
	complete := live
	complete.Progress = AppealProgress{State: "complete", Receipt: sampleReceipt(), LaunchedAt: sampleNow}
	complete.Progress.Receipt.LetIn, complete.Late = 2, 4
	complete.Failed = []Count{{Reason: "gave_up", N: 2}, {Reason: "unknown", N: 1}}
	odd := complete
	odd.Late = 0
	odd.Progress.Receipt.Eligible, odd.Progress.Receipt.LastAfter = 2502, 0
	return []sample{
		of("compose", head, compose), of("compose-wrong", updateHead, update), of("launch", head, launch), of("launch-blocked", head, blocked),
		of("appeal", head, live), of("appeal-starting", head, starting), of("appeal-late", head, late), of("appeal-stopping", head, stopping), of("appeal-stopped", head, stopped), of("appeal-held", head, held),
		of("appeal-complete", head, complete), of("appeal-odd", head, odd), of("appeal-progress", head, progress),
	}
}

func memberSamples(lang string) []sample {
	head := staffHead(lang, "members")
	groups := []Choice{{Value: "1", Label: "Vancouver", Chosen: true}, {Value: "2", Label: "Montréal"}}
	rows := []MemberRow{
		{ID: "11", Masked: "a…@mail.example", Language: "en", Country: "CA", Group: "Vancouver", State: "subscribed", Since: sampleNow.AddDate(-2, 0, 0)},
		{ID: "12", Masked: "ب…@post.example", Language: "fa", State: "suppressed", Since: sampleNow.AddDate(-1, 0, 0)},
		{ID: "13", Masked: "c…@mail.example", Language: "fr", Country: "CA", Group: "Montréal", State: "left", Since: sampleNow.AddDate(0, -3, 0)},
	}
	one := Member{MemberRow: rows[0], Name: "P…", Consents: []Consent{{Source: "sign-up sheet, spring meeting", GivenOn: sampleNow.AddDate(-2, 0, 0),
		Words: "Yes, send me urgent actions by e-mail. I can leave at any time.", JoinedAt: sampleNow.AddDate(-2, 0, 1)},
		{Source: "web", GivenOn: sampleNow.AddDate(-4, 0, 0), Words: "Yes.", JoinedAt: sampleNow.AddDate(-4, 0, 0), LeftAt: sampleNow.AddDate(-3, 0, 0), LeftHow: "one_click"}},
		Deliveries: []MemberDelivery{{AppealID: "7", Number: sampleNumber(), Kind: "first", State: "accepted", At: sampleNow},
			{AppealID: "6", Number: sampleNumber(), Kind: "update", State: "skipped", Reason: "left"}}}
	gone := Member{MemberRow: rows[1], Suppressed: "complaint"}
	form := MemberForm{Address: "not an address", Language: "fa", Groups: groups, GivenOn: "2026-11-01"}
	formHead := head
	formHead.Problems = []Problem{{Field: "address", Word: ProblemAddress}, {Field: "consent.words", Word: ProblemMissing}}
	report := ImportReport{File: "members.csv", Rows: 10004, Added: 9981, Known: 7, KeptOut: 3, Departed: 11, Faulty: 2,
		Faults: []ImportFault{{Line: 17, Column: "email", Reason: "is not an e-mail address"}, {Line: 9002, Reason: "has 3 columns instead of 5"}}}
	clean := report
	clean.Faults = nil
	wrong := head
	wrong.Problems = []Problem{{Field: "file", Text: "is not UTF-8; save it as CSV UTF-8"}}
	return []sample{
		of("members", head, Members{Groups: groups, Languages: []Choice{{Value: "en"}}, Country: "CA", State: "subscribed", Rows: rows, Total: 2498, Next: "/admin/members?after=13"}),
		of("members-empty", formHead, Members{Query: "nobody@mail.example"}),
		of("member", head, one), of("member-gone", head, gone), of("member-form", head, MemberForm{Groups: groups}), of("member-form-wrong", formHead, form),
		of("member-import", head, MemberImport{}), of("member-import-wrong", wrong, MemberImport{Source: "old list"}),
		of("member-import-done", head, MemberImport{Report: &report}), of("member-import-clean", head, MemberImport{Report: &clean}),
	}
}

func otherStaffSamples(lang string) []sample {
	out := Head{Lang: lang, Organisation: sampleOrganisation(), Languages: StaffLanguages(), Demo: true}
	wrong := out
	wrong.Problems = []Problem{{Word: ProblemSignIn}}
	noticed := staffHead(lang, "letters")
	noticed.Notice, noticed.Sections = Notice{Word: NoticeSaved}, []string{"campaigns", "letters"}
	inWords := noticed
	inWords.Notice, inWords.Languages, inWords.Demo = Notice{Text: "The relay answers again."}, nil, true
	targets := staffHead(lang, "targets")
	t := sampleTargets(lang)
	letters := Letters{Campaigns: []Choice{{Value: "5", Label: "UA 12/26", Chosen: true}}, Totals: sampleTotals(lang), Matching: 3, Next: "/admin/letters?after=3", Rows: []LetterRow{
		{ID: "91", Number: sampleNumber(), CampaignID: "5", Office: t[0].Office, Lang: t[0].Lang, Channel: "phone", Copies: 1, Day: sampleNow, ReportedAt: sampleNow, Grade: "visitors", State: "counted"},
		{Number: sampleNumber(), CampaignID: "5", Office: t[0].Office, Lang: t[0].Lang, Channel: "post", Copies: 12, Day: sampleNow, Grade: "reported", State: "counted", ReportedAt: sampleNow},
		{Number: sampleNumber(), CampaignID: "5", Office: t[1].Office, Lang: t[1].Lang, Channel: "email", Copies: 1, Day: sampleNow, Grade: "reported", State: "counted", ReportedAt: sampleNow, Corrected: true},
		{Number: sampleNumber(), CampaignID: "5", Office: t[1].Office, Lang: t[1].Lang, Channel: "email", Copies: 2, Day: sampleNow, Grade: "reported", State: "withdrawn", ReportedAt: sampleNow},
	}}
	form := TargetForm{Action: "/admin/targets", New: true, Power: "can_direct", MassLetters: true, Texts: []TargetText{{Lang: "en"}, {Lang: "fr", ToWoman: "Madame la Ministre,"}, {Lang: "ar"}},
		Languages: "en fr", Gender: "female", PostalCountry: "CA"}
	old := TargetForm{Action: "/admin/targets/1", Code: "CA-PS", Kind: "minister", Country: "CA", Power: "decides", PostalAddress: t[0].PostalAddress, Email: t[0].Email}
	formHead := targets
	formHead.Problems = []Problem{{Field: "office.fr", Word: ProblemMissing}}
	rows := []TargetRow{
		{Target: t[0], Code: "CA-PS", Kind: "minister", VerifiedOn: sampleNow.AddDate(0, 0, -20)},
		{Target: t[1], Code: "CA-FA", Kind: "minister", VerifiedOn: sampleNow.AddDate(-1, 0, 0), Stale: true},
		{Target: Target{ID: "3", Office: "Special Rapporteur on torture", Lang: "en", Power: "can_influence"}, Code: "UN-SRT", Kind: "intergovernmental"},
	}
	mail := MailView{Back: "/mailbox", From: "Maple Refuge Network <actions@refuge.example>", To: "Parisa <parisa@mail.example>", Subject: "کانادا: خطر بازگرداندن اجباری یک مرد به ایران",
		Lang: "fa", SentAt: sampleNow, View: "text", Views: []MailLink{{"text", "/mailbox/1"}, {"html", "/mailbox/1?view=html"}, {"source", "/mailbox/1?view=source"}},
		Text: "سلام \u2068پریسا\u2069،\n\nمتن نامه\nhttps://act.refuge.example/r/abcdefghijklmnop\n", Links: []string{"https://act.refuge.example/r/abcdefghijklmnop"}}
	framed := mail
	framed.View, framed.FrameURL, framed.BackText, framed.Links = "html", "/mailbox/1/html", "UA 12/26", nil
	source := mail
	source.View, source.Text, source.SentAt = "source", "From: Maple Refuge Network <actions@refuge.example>\r\nSubject: =?UTF-8?q?...?=\r\n", time.Time{}
	noLang := mail
	noLang.Lang = ""
	asOffice, asMember, taken := noLang, mail, noLang
	asOffice.Answer = &MailAnswer{Action: "/mailbox/1/answer", As: "office", From: "minister@gov.example", Lang: "fr"}
	asMember.Answer = &MailAnswer{Action: "/mailbox/1/answer", As: "member", From: "parisa@mail.example", Lang: "fa", Text: "فرستادم، ۲ نامه"}
	taken.Fates = []MailFate{{To: "l+abc@answers.refuge.example"}, {To: "c+abc@answers.refuge.example", Refused: "550 5.1.1 there is no such mailbox here"}}
	own := OwnProgram{From: "you@mail.example", To: "minister@gov.example", Blind: "c+abc@answers.refuge.example", Subject: "UA 12/26", Text: "Dear Minister,"}
	missing := out
	missing.Problems = []Problem{{Field: "text", Word: ProblemMissing}}
	return []sample{
		of("sign-in", out, SignIn{}), of("sign-in-wrong", wrong, SignIn{Address: "noor@refuge.example", Next: "/admin/members"}),
		of("sign-in-asked", out, SignIn{LinkAsked: true}), of("sign-in-link", out, SignInLink{Action: "/sign-in/link/abc"}),
		of("letters", noticed, letters), of("letters-none", inWords, Letters{}),
		of("groups", staffHead(lang, "groups"), Groups{Rows: []GroupRow{{"1", "Vancouver", "Vancouver", 412}, {"2", "Montréal", "Montréal", 1203}}}),
		of("groups-none", staffHead(lang, "groups"), Groups{}),
		of("targets", targets, Targets{Rows: rows}), of("targets-none", targets, Targets{}), of("target-form", formHead, form), of("target-form-old", targets, old),
		of("accounts", staffHead(lang, "accounts"), Accounts{Rows: []AccountRow{
			{Name: "Noor Example", Address: "noor@refuge.example", Roles: []string{"coordinator", "administrator"}, CreatedAt: sampleNow},
			{Name: "Sami Example", Address: "sami@refuge.example", Roles: []string{"reviewer"}, CreatedAt: sampleNow, Disabled: true}}}),
		of("accounts-none", staffHead(lang, "accounts"), Accounts{}),
		of("mailbox", out, Mailbox{Rows: []MailRow{{"/mailbox/1", "Parisa", "parisa@mail.example", mail.Subject, "fa", "alert", sampleNow}, {"/mailbox/2", "", "parisa@mail.example", "x", "", "note", sampleNow}},
			Query: "parisa", Language: "fa", What: "alert", Choices: PublicLanguages(), Lang: "fr", Total: 2, Next: "/mailbox?after=1"}),
		of("mailbox-empty", out, Mailbox{Earlier: true}), of("mailbox-none", out, Mailbox{Query: "x"}), of("mail-text", out, mail), of("mail-html", out, framed), of("mail-source", out, source), of("mail-text-plain", out, noLang),
		of("mail-answer-office", missing, asOffice), of("mail-answer-member", out, asMember), of("mail-taken", out, taken), of("own-program", out, own), of("own-program-wrong", missing, OwnProgram{}),
	}
}

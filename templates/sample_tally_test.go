package templates

func sampleCount() LetterCount {
	return LetterCount{Sent: 1204, Confirmed: 96, Paper: 37, Reported: 559, Batch: 146, Visitors: 44}
}

// tallySamples are the public pages on which letters are reported and counted.
func tallySamples(lang string) []sample {
	head := publicHead(lang)
	text, targets := sampleTextIn(lang), sampleTargets(lang)
	body := Report{
		Action: "/a/k7q2mzv4xw3bnd5t/report", Number: sampleNumber(), Headline: text.headline, TextLang: text.lang, State: "active",
		Clock: urgentClock(), ReadURL: "/a/k7q2mzv4xw3bnd5t", AfterDeadline: "forbidden",
		Targets: []Choice{{Value: "1", Label: targets[0].Office, Lang: targets[0].Lang}, {Value: "2", Label: targets[1].Office, Lang: targets[1].Lang}},
		Form:    ReportForm{Day: "2026-11-25", Copies: "1"}, MaxCopies: 50, Today: sampleNow, LastDay: sampleNow, Visitor: true, Key: "k",
	}
	known := []Reported{
		{ID: "71", Office: targets[0].Office, OfficeLang: targets[0].Lang, Channel: "email", Day: sampleNow, Copies: 1, Grade: "sent", State: "returned"},
		{ID: "72", Office: targets[1].Office, OfficeLang: targets[1].Lang, Channel: "post", Day: sampleNow, Copies: 1, Grade: "paper", State: "counted"},
		{ID: "73", Office: targets[1].Office, OfficeLang: targets[1].Lang, Channel: "unsaid", Day: sampleNow, Copies: 45, Grade: "reported", State: "waiting"},
	}
	own := body
	own.Asked = lang
	own.Action, own.Key, own.KeepURL, own.Thanks, own.Reported = "/w/abcdefghijklmnop", "", "https://act.refuge.example/w/abcdefghijklmnop", true, known

	member := body
	member.Action, member.Visitor, member.Key, member.Reported, member.EveningURL = "/r/abcdefghijklmnop/report", false, "", known, "/r/abcdefghijklmnop/evening"

	over := member
	over.State, over.Over = "closed", true

	evening := Evening{Report: body, Group: "Ottawa", BackURL: "/r/abcdefghijklmnop/report", SheetURL: "/a/k7q2mzv4xw3bnd5t/evening.pdf?lang=" + lang}
	evening.Action, evening.MaxCopies, evening.Visitor, evening.Key = "/r/abcdefghijklmnop/evening", 5000, false, ""
	told := evening
	told.Thanks = true
	told.Reported = []Reported{
		{ID: "81", Office: targets[0].Office, OfficeLang: targets[0].Lang, Channel: "post", Day: sampleNow, Copies: 46, Grade: "batch", State: "counted"},
		{ID: "82", Office: targets[0].Office, OfficeLang: targets[0].Lang, Channel: "post", Day: sampleNow, Copies: 46, Grade: "batch", State: "counted", Withdrawn: true},
	}
	another := evening
	another.Another = true
	wrong := head
	wrong.Problems = []Problem{{Field: "copies", Word: ProblemTooManyBatch}, {Field: "day", Word: ProblemAfterEnd}}
	alone := evening
	alone.Group = ""
	late := evening
	late.Over = true

	counted := sampleAction(lang)
	counted.Count = sampleCount()
	return []sample{of("report-visitor", head, body), of("report-visitor-own", head, own), of("report-known", head, member), of("report-closed", head, over),
		of("evening", wrong, evening), of("evening-told", head, told), of("evening-another", head, another), of("evening-alone", head, alone), of("evening-late", head, late),
		of("action-counted", head, counted)}
}

// tallyStaffSamples are the pages of staff about letters that are set aside, and about evenings.
func tallyStaffSamples(lang string) []sample {
	head := staffHead(lang, "letters")
	t := sampleTargets(lang)
	row := LetterRow{ID: "91", Number: sampleNumber(), CampaignID: "5", Office: t[0].Office, Lang: t[0].Lang, Channel: "post", Copies: 212, Day: sampleNow,
		ReportedAt: sampleNow, Grade: "batch", State: "set_aside", Why: "many", Group: "Ottawa"}
	visitor, member := row, row
	visitor.Group, visitor.Visitor, visitor.Why, visitor.Copies = "", true, "burst", 1
	member.Group, member.MemberID, member.Copies = "", "12", 45
	evening := EveningRow{ID: "81", Group: "Ottawa", Office: t[0].Office, Lang: t[0].Lang, Channel: "post", Copies: 46, Day: sampleNow, State: "counted"}
	aside, gone := evening, evening
	aside.State, aside.Copies, aside.AnsweredBy = "set_aside", 212, "Noor Example"
	gone.State = "withdrawn"
	body := Evenings{CampaignID: "5", Number: sampleNumber(), Title: "Stop the removal", Groups: []Choice{{Value: "1", Label: "Ottawa"}},
		Targets: []Choice{{Value: "1", Label: t[0].Office, Lang: t[0].Lang}}, MaxCopies: 5000, LastDay: sampleNow, Rows: []EveningRow{evening, aside, gone}}
	empty := body
	empty.Rows, empty.Over = nil, true
	wrong := head
	wrong.Problems = []Problem{{Field: "group", Word: ProblemMissing}}
	all := Campaign{ID: "5", Number: sampleNumber(), Title: "Stop the removal", State: "active", Clock: slowClock(), Fallback: "en", AfterDeadline: "open", Letters: sampleTotals(lang), MayRecord: true, AnswersURL: "/admin/replies?state=&campaign=5"}
	return []sample{of("aside", head, AsideLetters{Rows: []LetterRow{row, visitor, member}, Refused: 2, Next: "/admin/letters/aside?after=3"}), of("aside-none", head, AsideLetters{}),
		of("evenings", wrong, body), of("evenings-over", head, empty), of("campaign-letters", head, all)}
}

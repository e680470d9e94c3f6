package templates

import (
	"time"

	"holdfast/letters"
)

func sampleDay(n int) time.Time {
	return time.Date(2026, 11, 2+n, 0, 0, 0, 0, time.UTC)
}

func sampleDays() DaysPlot {
	p := DaysPlot{ID: "days", Number: sampleNumber(), Href: "/admin/campaigns/5/plots/days.svg", Events: []PlotEvent{
		{Day: sampleDay(0), Word: EventLaunch, Kind: "first"}, {Day: sampleDay(1), Word: EventAnswer, N: 2}, {Day: sampleDay(9), Word: EventLaunch, Kind: "update"},
		{Day: sampleDay(20), Word: EventStop}, {Day: sampleDay(21), Word: EventClosed, Kind: "stay_granted"}}}
	for i, n := range []int64{4, 96, 61, 22, 9, 0, 3, 2, 0, 41, 58, 12, 4} {
		if n > 0 {
			p.Days = append(p.Days, PlotDay{Day: sampleDay(i), Figures: letters.Figures{Sent: n / 4, Paper: n / 8, Reported: n - n/4 - n/8, Batch: 30 * int64(i/10)}})
		}
	}
	return p
}

func sampleTally(by string) Tally {
	t := Tally{By: by, Names: map[int64]TallyName{1: {Label: "UA 12/26: Stop the removal", Href: "/admin/campaigns/1"}, 2: {Label: "Ministre", Lang: "fr"}}}
	t.Lines = []letters.TallyLine{
		{ID: 1, Figures: letters.Figures{Sent: 20, Confirmed: 12, Paper: 9, Reported: 380, Batch: 120, Members: 211, Visitors: 14, Batches: 1}},
		{ID: 2, Figures: letters.Figures{Reported: 41, Members: 30}}, {ID: 3, Figures: letters.Figures{Reported: 1, Members: 1}},
		{Figures: letters.Figures{Batch: 12, Batches: 1}}}
	t.Total = letters.Figures{Sent: 20, Confirmed: 12, Paper: 9, Reported: 422, Batch: 132, Members: 240, Visitors: 14, Batches: 2}
	t.Apart = []letters.Apart{{State: "made", Letters: 3, Rows: 3}, {State: "withdrawn", Letters: 7, Rows: 2}}
	t.MadeAt = sampleNow
	return t
}

func namedTally(by string, names ...string) Tally {
	t := sampleTally(by)
	t.Lines = nil
	for _, name := range names {
		t.Lines = append(t.Lines, letters.TallyLine{Name: name, Figures: letters.Figures{Reported: 2, Members: 1}})
	}
	return t
}

func recordSamples(lang string) []sample {
	head := staffHead(lang, "reports")
	plain := head
	plain.May = Powers{}
	wrong := head
	wrong.Problems = []Problem{{Field: "from", Word: ProblemNotADate}}
	days := sampleDays()
	full := Reports{By: "case", From: "2026-11-01", Kind: "first", Narrowed: true, Tally: sampleTally("case"), Hidden: 3, CSV: "/admin/reports.csv?by=case&from=2026-11-01", XLSX: "/admin/reports.xlsx?by=case", Campaigns: []Choice{{Value: "5", Label: "UA 12/26", Chosen: true}},
		Cases: []Choice{{Value: "1", Label: "2026-005"}}, Targets: []Choice{{Value: "1", Label: "Minister"}}, Groups: []Choice{{Value: "1", Label: "Ottawa"}}, Countries: []Choice{{Value: "CA", Label: "Canada"}},
		Days: &days,
		Bars: &BarsPlot{ID: "bars", Rows: []BarsRow{{Office: "Minister of Public Safety, with a name that is longer than any drawing has room for", Lang: "en", Parts: []Count{{"post", 96}, {"email", 41}, {"unsaid", 2}}},
			{Office: "Ministre", Lang: "fr", Parts: []Count{{"fax", 3}}}}},
		Response: &ResponsePlot{ID: "response", Rows: []ResponseRow{{Name: "Ottawa", Got: 41, Wrote: 12, Letters: 30, Batch: 120}, {Got: 2100, Wrote: 160, Letters: 212}, {Name: "Vancouver", Batch: 12}}}}
	byMember := Reports{By: "member", Member: "17", Tally: sampleTally("member"), CSV: "/admin/reports.csv?by=member&member=17", XLSX: "/admin/reports.xlsx?by=member", Fields: []Choice{{Value: "by", Label: "member"}}}
	weeks := days
	weeks.ID = "weeks"
	weeks.Days = append(weeks.Days, PlotDay{Day: sampleDay(200), Figures: letters.Figures{Reported: 400}})
	weeks.Events = append([]PlotEvent{{Day: sampleDay(-3), Word: EventLaunch, Kind: "correction"}}, weeks.Events...)
	list := []sample{of("reports", head, full), of("reports-member", head, byMember), of("reports-plain", plain, byMember), of("reports-wrong", wrong, Reports{By: "year", Tally: Tally{By: "year"}, CSV: "/admin/reports.csv?by=year", XLSX: "/admin/reports.xlsx?by=year"}),
		of("plot-days", head, DaysFile{Plot: days}), of("plot-weeks", head, DaysFile{Plot: weeks}), of("plot-bare", head, DaysFile{Plot: DaysPlot{ID: "d", Number: sampleNumber(), Days: []PlotDay{{Day: sampleNow}}}})}
	for by, names := range map[string][]string{"topic": {"torture", ""}, "country": {"CA", ""}, "kind": {"first", ""}, "channel": {"post", "unsaid"}, "grade": {"paper"}, "year": {"2026"},
		"month": {"2026-11"}, "day": {"2026-11-26"}, "removing": {"SE", ""}} {
		list = append(list, of("reports-"+by, head, Reports{By: by, Tally: namedTally(by, names...), CSV: "/admin/reports.csv?by=" + by, XLSX: "/admin/reports.xlsx?by=" + by}))
	}
	longSpan := full
	longSpan.Days, longSpan.Bars, longSpan.Response = &weeks, nil, nil
	quiet := days
	quiet.Events = nil
	longQuiet := full
	longQuiet.Days = &quiet
	record := TargetRecord{Target: sampleTargets(lang)[0], Code: "CA-PS", Patience: 20, Letters: letters.Figures{Sent: 20, Reported: 400}, Answered: true, Median: 15, Longest: 61, MayRecord: true, Key: "k",
		Rows: []RecordRow{{CampaignID: "5", Number: sampleNumber(), Title: "Stop the removal", Active: true, Figures: letters.Figures{Reported: 400}, First: sampleDay(0), Waited: 23, Stands: "silent", Next: "chase", MayFollow: true, MayChase: true},
			{CampaignID: "4", Number: sampleNumber(), Title: "Let them stay", Answers: 2, Stands: "agreed", Next: "thank"}},
		Answers:   []RecordAnswer{{ID: "9", CampaignID: "5", Number: sampleNumber(), Kind: "substantive", On: sampleDay(9), Topics: []Choice{{}, {Value: "torture", Label: "torture"}}}, {ID: "8", Kind: "acknowledgement", Automatic: true, On: sampleDay(1)}},
		Positions: []RecordPosition{{CampaignID: "5", Number: sampleNumber(), Topic: "torture", Position: "agreed", At: sampleNow}, {CampaignID: "5", Number: sampleNumber(), Position: "form_answer", At: sampleNow}},
		Marks:     []letters.OpenMark{{Channel: "fax", Why: "told", MarkedAt: sampleNow}}}
	offices := staffHead(lang, "targets")
	hint := &RecordHint{Asked: 3, Answered: 1, Stands: "silent", Next: "chase"}
	small := days
	small.ID, small.Small, small.Href = "small", true, "/admin/reports?campaign=5"
	campaign := Campaign{ID: "5", Number: sampleNumber(), Title: "Stop the removal", State: "active", Clock: urgentClock(), Fallback: "en", AfterDeadline: "ask_coordinator", Letters: sampleTotals(lang), Days: &small,
		Targets: []CampaignTarget{{Target: sampleTargets(lang)[0], Hint: hint}}}
	form := CampaignForm{Series: "UA", Fallback: "en", DeadlineZone: "America/Toronto", AfterDeadline: "ask_coordinator", Languages: []string{"en"}, Asks: []AskForm{{Texts: []string{""}}},
		Targets: []TargetChoice{{Target: sampleTargets(lang)[0], Hint: hint}}}
	compose := Compose{ID: "7", Campaign: Crumb{"5", "Stop the removal"}, Number: sampleNumber(), Kind: "update", Fallback: "en", Named: 41, OnUnknown: "resend", Texts: []TextForm{{Lang: "en"}}, TestAddress: "noor@refuge.example", TestLanguage: "en"}
	campaigns := staffHead(lang, "campaigns")
	return append(list, of("reports-weeks", head, longSpan), of("reports-quiet", head, longQuiet), of("target-record", offices, record), of("target-record-new", offices, TargetRecord{Target: sampleTargets(lang)[1], Code: "CA-FA", Patience: 20}),
		of("targets-record", offices, Targets{Rows: []TargetRow{{Target: sampleTargets(lang)[0], Code: "CA-PS", Kind: "minister", VerifiedOn: sampleNow, Hint: hint}}}),
		of("campaign-days", campaigns, campaign), of("campaign-form-record", campaigns, form), of("compose-named", campaigns, compose))
}

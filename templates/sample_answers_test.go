package templates

import "time"

// answersSamples are the pages of answers of offices.
func answersSamples(lang string) []sample {
	head := staffHead(lang, "replies")
	head.May.EditLetters = true
	none := staffHead(lang, "replies")
	none.May = Powers{}
	wrong := head
	wrong.Problems = []Problem{{Field: "kind", Word: ProblemMissing}, {Field: "note", Text: "are missing"}}
	offices := []Choice{{Value: "1", Label: "Minister of Public Safety", Chosen: true}, {Value: "2", Label: "Border agency"}}
	campaigns := []Choice{{Value: "5", Label: "UA 12/26: Stop the removal", Chosen: true}}
	row := ReplyRow{ID: "3", Subject: "Your letter of 24 November", ReceivedAt: sampleNow, Came: "mail", State: "unread", Kind: "acknowledgement", Guessed: true, Number: sampleNumber(),
		Office: "Minister of Public Safety", Letters: 1, Files: 1}
	alert := ReplyRow{ID: "4", ReceivedAt: sampleNow, Came: "alert", State: "read", Automatic: true, Suggested: 2}
	states := []StateCount{{State: "unread", Count: 2, URL: "/admin/replies", Shown: true}, {State: "settled", Count: 14, URL: "/admin/replies?state=settled"}}
	one := Reply{ReplyRow: row, CampaignID: "5", TargetID: "1", MemberID: "12", AnsweredOn: sampleNow, Text: "Dear […],\n\nWe acknowledge receipt of your letter.\n\n<script>alert(1)</script>",
		Attached: []ReplyFile{{Position: 1, Type: "pdf", KB: 312}},
		Links: []ReplyLink{{LetterID: "7", Number: sampleNumber(), Office: "Minister of Public Safety", Channel: "email", Grade: "sent", Day: sampleNow, How: "address", State: "linked"},
			{LetterID: "8", Number: sampleNumber(), Office: "Minister of Public Safety", Channel: "post", Grade: "paper", Day: sampleNow, How: "guess", State: "suggested"},
			{LetterID: "9", Number: sampleNumber(), Office: "Border agency", Channel: "unsaid", Grade: "reported", Day: sampleNow, How: "guess", State: "rejected"}},
		Notes:  []ReplyNote{{Name: "Noor Example", At: sampleNow.Add(-time.Hour), Words: "Counsel has seen it."}},
		Settle: SettleForm{AnsweredOn: "2026-11-24", Targets: offices, Campaigns: campaigns}}
	whole := one
	whole.State, whole.Guessed, whole.Automatic = "read", false, true
	whole.Whole = &WholeReply{From: "Office of the Minister <office@ministry.example>", Subject: "Your letter", Text: "Dear Ms. Example,\n\n12 Example Street"}
	bare := Reply{ReplyRow: alert, Wrong: "shown", Settle: SettleForm{Targets: offices, Campaigns: campaigns}}
	linkAll := bare
	linkAll.Wrong, linkAll.State = "link_all", "not_an_answer"
	return []sample{
		of("replies", head, Replies{States: states, State: "unread", Targets: offices, Campaigns: campaigns, Rows: []ReplyRow{row, alert}, Matching: 2, Next: "/admin/replies?after=4"}),
		of("replies-none", none, Replies{States: states}),
		of("reply", head, one), of("reply-whole", head, whole), of("reply-bare", wrong, bare), of("reply-link-all", head, linkAll), of("reply-read", none, one),
		of("reply-form", head, ReplyForm{Key: "k", Targets: offices, Campaigns: campaigns, AnsweredOn: "2026-11-24"}),
		of("reply-form-wrong", wrong, ReplyForm{Key: "k", Targets: offices, From: "a", Subject: "b", Text: "c", AnsweredOn: "x"}),
	}
}

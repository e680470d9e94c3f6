package templates

// writingSamples are the writing desk and what it leads to.
func writingSamples(lang string) []sample {
	head := publicHead(lang)
	still := head
	still.Languages = nil
	text := sampleTextIn(lang)
	target := sampleTargets(lang)[0]
	clock := urgentClock()
	clock.ReaderZone = ""
	clock.LastPosting = sampleNow.AddDate(0, 0, -2) // yesterday in Toronto
	asks := []DeskAsk{}
	for i, ask := range sampleAsks(lang) {
		point := DeskAsk{Ask: ask, Readable: true}
		if lang == "ar" || lang == "es" {
			point.Theirs = sampleAsks("fr")[i].Text
		}
		asks = append(asks, point)
	}
	letter := "fr"
	if lang == "en" {
		letter = "en"
	}
	fresh := Desk{Action: "/r/abcdefghijklmnop/write/1", BackURL: "/r/abcdefghijklmnop", ReportURL: "/r/abcdefghijklmnop/report", LabelsURL: "/a/k7q2mzv4xw3bnd5t/labels/1.pdf", Draft: "k7q2mzv4xw3bnd5t/1",
		Number: sampleNumber(), Headline: text.headline, Case: sampleBody(text), TextLang: text.lang, State: "active", Clock: clock, AfterDeadline: "ask_coordinator",
		Office: target, Member: true, Fresh: true, Name: "Noor Example", Town: "Ottawa", Subject: sampleNumber().In(letter), Text: "Madame la Ministre,\n\n",
		Language: letter, Languages: []Choice{{Value: letter, Chosen: true}, {Value: "es"}}, Reads: []string{"fr", "en"}, Salutation: "Madame la Ministre,",
		Closing: "Je vous prie d’agréer, Madame la Ministre, l’expression de ma haute considération.", Asks: asks, Days: 7, Assumed: true,
		Ways: []DeskWay{{Channel: "email", Works: true, ByHouse: true}, {Channel: "fax", Works: true}, {Channel: "phone", Works: true}, {Channel: "web_form", Works: true}, {Channel: "social", Works: true},
			{Channel: "post", Flags: []string{"too_late"}}}}
	fresh.Office.FormURL = "https://contact.gov-ca.example/write"
	fresh.Office.Profiles = []string{"https://social.example/@minister", "https://www.videos.example/minister"}

	read := fresh
	read.Fresh, read.Checked, read.Words, read.Member, read.Query, read.Postal = false, true, 87, false, "?lang="+lang, "1 Example Street\nOttawa"
	read.Asks = append([]DeskAsk{}, asks...)
	read.Asks[0].Covered = true
	read.Asks[1].Readable = false
	read.Hints = []DeskHint{{Word: "unspoken", Names: []string{"Parvin K."}}, {Word: "unspoken"}, {Word: "harsh", Names: []string{"vous le regretterez"}}, {Word: "like_sample", Percent: 82},
		{Word: "like_others", Percent: 64}, {Word: "numbers", Names: []string{"514 555 0199"}}, {Word: "more", Names: []string{"visa"}}, {Word: "language"}, {Word: "too_short"}, {Word: "who"}, {Word: "reply"}}
	read.Sample, read.SampleLang = "Madame la Ministre,\n\nJe suis infirmière.", letter
	read.Office.PublicRecords, read.Office.PostageFree = true, false
	read.Postage, read.Assumed = "2,10 €", false
	read.Ways = []DeskWay{{Channel: "post", Works: true}, {Channel: "email", Works: true, Flags: []string{"one_by_one"}}, {Channel: "social", Works: true}}
	read.Short, read.ShortHints = "Parvin K. must not be deported.", read.Hints[:1]
	wrong := still
	wrong.Problems = []Problem{{Field: "name", Word: ProblemMissing}, {Field: "text", Word: ProblemTooLong}}

	refused := read
	refused.Refused = true

	good := read
	good.Hints, good.ShortHints, good.Asks, good.Ways = nil, nil, []DeskAsk{{Ask: asks[0].Ask, Covered: true, Readable: true}}, []DeskWay{read.Ways[0], read.Ways[2]}
	bare := good
	bare.Asks, bare.Reads, bare.Salutation, bare.Closing, bare.Postage, bare.Clock.LastPosting = []DeskAsk{{Ask: asks[0].Ask, Readable: true}}, nil, "", "", "", sampleNow.AddDate(0, 0, 40)
	bare.Office.Institution, bare.Office.Power, bare.Office.PostalAddress, bare.Office.PublicRecords = "", "", "", false
	over := fresh
	over.Clock.Now = sampleRemoval.AddDate(0, 0, 1)
	held := fresh
	held.State = "stopped"

	own := OwnMail{DeskURL: fresh.Action, ReportURL: fresh.ReportURL, Draft: fresh.Draft, Number: sampleNumber(), Office: target, Language: letter, To: target.Email,
		Subject: fresh.Subject, Body: "Madame la Ministre,\n\nje suis infirmière.\n\nNoor Example\nOttawa", Copy: "c+abcdefghijklmnop@reply.refuge.example"}
	own.Mailto, _ = MailtoLink(own.To, own.Copy, own.Subject, own.Body)
	long := own
	long.Copy, long.Rest = "", "et je vous prie de répondre."
	inDemo := still
	inDemo.Demo = true

	wrote := sampleAction(lang)
	wrote.Member, wrote.Clock = true, clock
	for i := range wrote.Targets {
		wrote.Targets[i].WriteURL = "/r/abcdefghijklmnop/write/" + wrote.Targets[i].ID
	}
	wrote.Silent = []Silent{{Office: target.Office, OfficeLang: target.Lang, Days: 21, WriteURL: "/r/abcdefghijklmnop/write/1"}, {Office: target.Office, OfficeLang: target.Lang, Days: 40}}
	wrote.Wrote = []Written{{Office: target.Office, OfficeLang: target.Lang, Channel: "email", State: "counted", Day: sampleNow}, {Office: target.Office, State: "made", Day: sampleNow}}
	return []sample{
		of("desk-fresh", head, fresh), of("desk-read", still, read), of("desk-wrong", wrong, read), of("desk-refused", still, refused), of("desk-good", still, good), of("desk-bare", still, bare),
		of("desk-over", head, over), of("desk-held", head, held), of("own-mail", still, own), of("own-mail-long", still, long), of("own-mail-demo", inDemo, own), of("action-member", head, wrote),
	}
}

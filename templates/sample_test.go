package templates

import (
	"html/template"
	"time"
)

// The samples below are what the tests render, and what the storybook shows. Persons, offices' addresses and
// organisation are invented; the texts follow the demo's cases.

// sample is one page as it may look, in one language.
type sample struct {
	name   string
	render func() ([]byte, error)
	page   any // the Page, for tests that execute it otherwise
	spec   spec
}

func of[T Body](name string, head Head, body T) sample {
	return sample{name: name, spec: body.spec(), page: Page[T]{Head: head, Body: body},
		render: func() ([]byte, error) { return Render(head, body) }}
}

var (
	sampleNow     = time.Date(2026, 11, 25, 3, 40, 0, 0, time.UTC)
	sampleRemoval = time.Date(2026, 11, 27, 12, 40, 0, 0, time.UTC)
)

func sampleOrganisation() Organisation {
	return Organisation{Name: "Maple Refuge Network", PostalAddress: "12 Example Street\nOttawa ON  K1A 0Z9\nCanada", Contact: "actions@refuge.example"}
}

func publicHead(lang string) Head {
	return Head{Lang: lang, Organisation: sampleOrganisation(), Languages: PublicLanguages()}
}

func staffHead(lang, section string) Head {
	return Head{Lang: lang, Organisation: sampleOrganisation(), Languages: StaffLanguages(), SignedInAs: "Noor Example", May: everyPower(),
		Section: section, Zone: "America/Toronto"}
}

func urgentClock() Clock {
	return Clock{
		Now:        sampleNow,
		Removal:    Removal{Timing: RemovalExact, At: sampleRemoval, Zone: "America/Toronto"},
		Deadline:   Deadline{At: sampleRemoval, Day: sampleRemoval, HasTime: true, Zone: "America/Toronto"},
		ReaderZone: "Europe/Stockholm",
	}
}

func slowClock() Clock {
	day := time.Date(2027, 1, 20, 0, 0, 0, 0, time.UTC)
	return Clock{
		Now:         sampleNow,
		Removal:     Removal{Timing: RemovalNone},
		Deadline:    Deadline{At: day.Add(29 * time.Hour), Day: day, Inclusive: true, Zone: "America/Toronto"},
		LastPosting: day.AddDate(0, 0, -9),
	}
}

// sampleText is the text of the demo's case 5, in the languages that it has; the asks of other languages fall back.
type sampleText struct{ lang, headline, body string }

func sampleTextIn(lang string) sampleText {
	switch lang {
	case "fr":
		return sampleText{lang, "Canada : le Comité contre la torture demande de surseoir à un renvoi vers l’Iran", `M.R., 47 ans, doit être renvoyé du Canada vers l’Iran le {removal_at}. Le Comité contre la torture de l’ONU a demandé au Canada de surseoir au renvoi pendant l’examen de sa plainte.

Ancien conscrit, il vit à Montréal depuis huit ans. La suspension des renvois vers l’Iran ne le protège pas, et sa demande de dispense ministérielle n’a pas reçu de réponse. Pour en savoir plus, lisez [la page du Comité](https://committee.example/cat).`}
	case "fa":
		return sampleText{lang, "کانادا: خطر بازگرداندن اجباری یک مرد به ایران", `م.ر.، ۴۷ ساله، قرار است در {removal_at} از کانادا به ایران بازگردانده شود. کمیتهٔ منع شکنجهٔ سازمان ملل از کانادا خواسته است تا پایان بررسی شکایت، این اقدام را متوقف کند.

برای آگاهی بیشتر [صفحهٔ کمیته](https://committee.example/cat) را ببینید.`}
	case "ar":
		return sampleText{lang, "السويد: 14 رجلاً معرّضون لخطر الإعادة القسرية إلى العراق", `من المقرر ترحيل أربعة عشر رجلاً من السويد إلى العراق في {removal_at}. وقد رُفضت طلبات لجوئهم.

للمزيد من المعلومات: [صفحة اللجنة](https://committee.example/cat).`}
	case "es":
		return sampleText{lang, "Canadá: una familia colombiana corre peligro de devolución", `La familia R., dos personas adultas y dos menores, se ha refugiado en un lugar de culto de Saskatoon. Un grupo armado la amenazó en Colombia.`}
	}
	return sampleText{"en", "Canada: UN committee asks for a removal to Iran to wait", `M.R., 47, is to be removed from Canada to Iran on {removal_at}. The UN Committee against Torture has asked Canada to wait until it has examined his complaint.

A former conscript, he has lived in Montréal for eight years. The pause on removals to Iran does not protect him, and his request for relief by the Minister has not been answered. In Iran he may be:

- arrested on arrival,
- held without a lawyer,
- tortured.

More is said on [the page of the Committee](https://committee.example/cat).`}
}

func sampleAsks(lang string) []Ask {
	switch lang {
	case "fr":
		return []Ask{
			{"a1", "demandez au ministre de la Sécurité publique de suspendre le renvoi et de statuer sur la demande de dispense ;", "fr", nil},
			{"a2", "demandez à la ministre ou au ministre des Affaires étrangères de veiller au respect de la demande du Comité.", "fr", []string{"Ministre des Affaires étrangères"}},
		}
	case "ar":
		return []Ask{
			{"a1", "اطلبوا ألّا يُعاد أي شخص قبل إعادة تقييم الخطر الذي يواجهه شخصياً؛", "ar", nil},
			{"a2", "اطلبوا من الحكومة وقف الإعادة الجماعية.", "ar", []string{"وزارة الهجرة"}},
		}
	}
	return []Ask{
		{"a1", "ask the Minister of Public Safety to stop the removal and decide the pending request for relief;", "en", nil},
		{"a2", "ask the Minister of Foreign Affairs to see that the Committee’s request is respected.", "en", []string{"Minister of Foreign Affairs"}},
	}
}

func sampleTargets(lang string) []Target {
	safety := Target{ID: "1", Office: "Minister of Public Safety", Institution: "Public Safety Canada", Salutation: "Dear Minister,", Lang: "en",
		PostalAddress: "House of Commons\nOttawa ON  K1A 0A6\nCanada", Email: "minister.ps@gov-ca.example", Fax: "+1 613 555 0142", Phone: "+1 613 555 0143",
		Country: "CA", Side: "removing", Power: "decides", PostageFree: true}
	foreign := Target{ID: "2", Office: "Minister of Foreign Affairs", Institution: "Global Affairs Canada", Salutation: "Dear Minister,", Lang: "en",
		PostalAddress: "House of Commons\nOttawa ON  K1A 0A6\nCanada", Email: "minister.fa@gov-ca.example", FormURL: "https://contact.gov-ca.example/write",
		Country: "CA", Side: "removing", Power: "can_influence", PublicRecords: true, NoMassLetters: true}
	if lang == "fr" {
		safety.Lang, safety.Office, safety.Institution, safety.Salutation = "fr", "Ministre de la Sécurité publique", "Sécurité publique Canada", "Monsieur le Ministre,"
		foreign.Lang, foreign.Office, foreign.Institution, foreign.Salutation = "fr", "Ministre des Affaires étrangères", "Affaires mondiales Canada", "Madame la Ministre,"
	}
	return []Target{safety, foreign}
}

func sampleNumber() Number { return Number{Series: "UA", Sequence: 12, Year: 2026} }

func sampleBody(text sampleText) template.HTML {
	html, err := BodyHTML(text.body, text.lang, sampleNumber(), urgentClock())
	if err != nil {
		panic(err)
	}
	return html
}

func sampleAction(lang string) TakeAction {
	text := sampleTextIn(lang)
	return TakeAction{
		Number: sampleNumber(), Urgent: true, State: "active", Kind: "first", Issued: sampleNow.AddDate(0, 0, -11),
		TextLang: text.lang, Headline: text.headline, Body: sampleBody(text), Removing: "CA", Receiving: "IR",
		Clock: urgentClock(), AfterDeadline: "ask_coordinator", Asks: sampleAsks(lang), Targets: sampleTargets(lang),
		PublicURL: "https://act.refuge.example/a/k7q2mzv4xw3bnd5t", ReportURL: "/r/abcdefghijklmnop",
		SheetURL: "/a/k7q2mzv4xw3bnd5t/evening.pdf?lang=" + lang, EveningURL: "/r/abcdefghijklmnop/evening",
	}
}

func actionSamples(lang string) []sample {
	head := publicHead(lang)
	open := sampleAction(lang)
	open.Asks[0].Text = "{number}: " + open.Asks[0].Text
	open.Clock.ReaderZone = "" // as a public page has it: the script adds the reader's own hour

	slow := sampleAction("en")
	slow.Urgent, slow.Clock, slow.ReportURL, slow.Kind = false, slowClock(), "/a/k7q2mzv4xw3bnd5t/report", "first"
	slow.Removing, slow.Receiving, slow.Targets = "", "", slow.Targets[:1]

	update := sampleAction(lang)
	update.Kind, update.Clock.Removal = "update", Removal{Timing: RemovalWindow, At: sampleNow.AddDate(0, 0, 2), Until: sampleNow.AddDate(0, 0, 30), Zone: "Europe/London"}

	passed := sampleAction(lang)
	passed.Clock.Now = sampleRemoval.Add(time.Hour)

	passedOpen := passed
	passedOpen.AfterDeadline = "open"

	held := sampleAction(lang)
	held.State = "stopped"

	closed := sampleAction(lang)
	closed.State = "closed"
	closed.Outcome = Outcome{Word: "stay_granted", Durability: "temporary", NoteLang: "en",
		Note: "The Federal Court has stayed the removal. M.R. stays in Canada while his case is decided."}

	plain := closed
	plain.Outcome = Outcome{Word: "unknown"}

	demo := head
	demo.Demo = true
	return []sample{
		of("action", head, open), of("action-slow", head, slow), of("action-update", demo, update), of("action-passed", head, passed),
		of("action-passed-open", head, passedOpen), of("action-held", head, held), of("action-closed", head, closed), of("action-closed-plain", head, plain),
	}
}

func reportSamples(lang string) []sample {
	head := publicHead(lang)
	text := sampleTextIn(lang)
	targets := sampleTargets(lang)
	body := Report{
		Action: "/r/abcdefghijklmnop/report", Number: sampleNumber(), Headline: text.headline, TextLang: text.lang, State: "active",
		Clock: urgentClock(), ReadURL: "/a/k7q2mzv4xw3bnd5t", AfterDeadline: "forbidden",
		Targets: []Choice{{Value: "1", Label: targets[0].Office, Lang: targets[0].Lang, Chosen: true}, {Value: "2", Label: targets[1].Office, Lang: targets[1].Lang}},
		Form:    ReportForm{Channel: "email", Day: "2026-11-25", Copies: "1"}, MaxCopies: 50, Today: sampleNow, LastDay: sampleNow,
	}
	reported := []Reported{
		{ID: "71", Office: targets[0].Office, OfficeLang: targets[0].Lang, Channel: "email", Day: sampleNow, Copies: 1, Grade: "reported", State: "counted"},
		{ID: "72", Office: targets[1].Office, OfficeLang: targets[1].Lang, Channel: "post", Day: sampleNow.AddDate(0, 0, -1), Copies: 12, Grade: "reported", State: "counted"},
	}
	thanks := body
	thanks.Thanks, thanks.Reported = true, reported
	thanks.Form = ReportForm{Day: "2026-11-25", Copies: "1"}

	wrong := body
	wrong.Reported = append([]Reported(nil), reported...)
	wrong.Reported[1].FormDay, wrong.Reported[1].FormCopies = "2026-12-31", "many"
	wrong.Reported = append(wrong.Reported, Reported{ID: "73", Withdrawn: true})
	wrong.Form = ReportForm{Channel: "pigeon", Day: "tomorrow", Copies: "999999"}
	wrongHead := head
	wrongHead.Problems = []Problem{{Field: "target", Word: ProblemChooseTarget}, {Field: "copies", Word: ProblemTooMany}, {Field: "r72.day", Word: ProblemFuture},
		{Word: ProblemWait}}

	over := body
	over.State = "closed"
	passed := body
	passed.Clock.Now = sampleRemoval.Add(time.Hour)
	return []sample{of("report", head, body), of("report-thanks", head, thanks), of("report-wrong", wrongHead, wrong), of("report-over", head, over), of("report-passed", head, passed)}
}

func otherPublicSamples(lang string) []sample {
	head := publicHead(lang)
	noticed := head
	noticed.Notice = Notice{Word: NoticeWithdrawn}
	inWords := head
	inWords.Notice, inWords.Languages = Notice{Text: "The page was moved."}, nil
	list := []sample{
		of("leave", head, Unsubscribe{Action: "/u/abcdefghijklmnop", Masked: "p…@mail.example"}),
		of("leave-unknown", inWords, Unsubscribe{Action: "/u/abcdefghijklmnop"}),
		of("leave-done", noticed, Unsubscribe{Done: true}),
		of("sorry-rule", head, Sorry{Word: SorryForbidden, Text: "an office of the receiving state needs a second yes", Rule: "R2"}),
		of("sorry-fault", head, Sorry{Word: SorryFault, ID: "7f3a-22c1"}),
	}
	for _, word := range []string{SorryBadLink, SorryNotFound, SorryGone, SorryForbidden, SorryConflict, SorryTooMany, SorryTooLarge, SorryInvalid} {
		list = append(list, of("sorry-"+word, head, Sorry{Word: word}))
	}
	return list
}

// samples returns every sample that exists in lang.
func samples(lang string) []sample {
	list := append(actionSamples(lang), reportSamples(lang)...)
	list = append(list, otherPublicSamples(lang)...)
	list = append(list, sendingSamples(lang)...)
	list = append(list, tallySamples(lang)...)
	list = append(list, writingSamples(lang)...)
	list = append(list, paperSamples(lang)...)
	if StaffLanguage(lang) == lang {
		list = append(list, campaignSamples(lang)...)
		list = append(list, appealSamples(lang)...)
		list = append(list, memberSamples(lang)...)
		list = append(list, otherStaffSamples(lang)...)
		list = append(list, deskSamples(lang)...)
		list = append(list, coverSamples(lang)...)
		list = append(list, answersSamples(lang)...)
		list = append(list, engineSamples(lang)...)
		list = append(list, sendingStaffSamples(lang)...)
		list = append(list, tallyStaffSamples(lang)...)
		list = append(list, recordSamples(lang)...)
	}
	return list
}

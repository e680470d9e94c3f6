package templates

// The holes of the sample mails: marks as a mailer makes them.
const (
	holeName   = "h8f3c91d2a7name"
	holeReport = "h8f3c91d2a7report"
	holeLeave  = "h8f3c91d2a7leave"
)

func sampleMail(textLang, readerLang string) AppealMail {
	text := sampleTextIn(textLang)
	return AppealMail{
		Organisation: sampleOrganisation(), Number: sampleNumber(), Kind: "first", Urgent: true,
		TextLanguage: text.lang, ReaderLanguage: readerLang, Subject: text.headline, Headline: text.headline, Body: text.body,
		Clock: urgentClock(), Asks: sampleAsks(textLang), Targets: sampleTargets(textLang),
		Name: holeName, ReportURL: "https://act.refuge.example/r/" + holeReport, PublicURL: "https://act.refuge.example/a/k7q2mzv4xw3bnd5t",
		LeaveURL: "https://act.refuge.example/u/" + holeLeave,
	}
}

// mailSamples are the mails of the golden files.
func mailSamples() map[string]AppealMail {
	list := map[string]AppealMail{
		"first.en":    sampleMail("en", "en"),
		"first.fr":    sampleMail("fr", "fr"),
		"first.fa":    sampleMail("fa", "fa"),
		"first.ar":    sampleMail("ar", "ar"),
		"first.es":    sampleMail("es", "es"),
		"first.fa-en": sampleMail("en", "fa"),
	}
	update := sampleMail("fr", "fr")
	update.Kind, update.Test = "update", true
	update.Clock = slowClock()
	update.Body = "L'agent d'exécution a refusé de reporter le renvoi.\n\n> Une requête en sursis sera entendue.\n\n## Que faire ?\n\n1. Écrivez de nouveau.\n2. Même brièvement."
	list["update.fr"] = update

	stop := sampleMail("en", "en")
	stop.Kind, stop.Outcome = "stop_action", Outcome{Word: "stay_granted", Durability: "temporary"}
	stop.Headline, stop.Subject = "Stop action: M.R. stays in Canada for now", "Stop action on {number}"
	stop.Body = "The Federal Court has stayed the removal. M.R. stays in Canada while his case is decided."
	list["stop_action.en"] = stop

	outcome := stop
	outcome.Kind, outcome.Outcome, outcome.Name, outcome.Urgent = "outcome", Outcome{Word: "status_granted"}, "", false
	list["outcome.en"] = outcome

	correction := sampleMail("en", "en")
	correction.Kind, correction.Asks, correction.Targets = "correction", nil, nil
	correction.Body = "In our mail of yesterday the hour was wrong."
	list["correction.en"] = correction

	swedish := sampleMail("en", "sv")
	swedish.Kind, swedish.TextLanguage, swedish.Urgent = "first", "sv", false
	swedish.Subject, swedish.Headline = "Sverige: 14 män riskerar tvångsutvisning till Irak", "Sverige: 14 män riskerar tvångsutvisning till Irak"
	swedish.Body = "Fjorton män ska utvisas från Sverige till Irak. Deras asylansökningar har avslagits."
	list["first.sv"] = swedish
	return list
}

package demo

import "holdfast/campaigns"

// 8. Fourteen men, a charter flight from Sweden: letters there are public records, so nothing points to any of them.
func iraq(t *timetable) Fixture {
	const titleEN = "Sweden: 14 men at risk of being forcibly returned to Iraq"
	const titleSV = "Sverige: 14 män riskerar tvångsutvisning till Irak"
	const titleAR = "السويد: 14 رجلاً معرّضون لخطر الإعادة القسرية إلى العراق"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "group flight"}, RemovingCountry: "SE", ReceivingCountry: "IQ",
			Removal: t.flight(2, "11:00", stockholm),
			Persons: []campaigns.Person{{PublishedAs: "fourteen men who are not named", Pronoun: "they"}},
		},
		Targets: []string{"SE-MIG", "SE-MIN"},
		AskOf:   map[string][]string{"a1": {"SE-MIG"}, "a2": {"SE-MIN"}},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(14, stockholm),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask the Migration Agency that nobody be returned before the individual risk is examined again.",
					"sv": "Be Migrationsverket att ingen utvisas innan den individuella risken har prövats på nytt.",
					"ar": "اطلبوا ألّا يُعاد أي شخص قبل إعادة تقييم الخطر الذي يواجهه شخصياً."}),
				ask("a2", campaigns.Texts{
					"en": "Ask the Minister for a pause of group returns. This is about policy only: the Minister may not decide on a single case.",
					"sv": "Be regeringen att pausa gruppåtervändanden.",
					"ar": "اطلبوا من الحكومة وقف الإعادة الجماعية."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "Fourteen men are to be flown from Sweden to Iraq on {removal_at}. Their asylum claims were refused.\n\n"+
				"In Sweden anyone may ask to read what an authority receives. Please write nothing that could point to one of the men, "+
				"and nothing about yourself that you would not want to be read."),
			text("sv", titleSV, titleSV, "Fjorton män ska utvisas från Sverige till Irak den {removal_at}. Deras asylansökningar har avslagits."),
			text("ar", titleAR, titleAR, "من المقرر ترحيل أربعة عشر رجلاً من السويد إلى العراق في {removal_at}. وقد رُفضت طلبات لجوئهم."),
		}},
	}
}

// 9. A blogger in a removal centre in Türkiye. The embassy of Turkmenistan must not hear of her: trying to add it as a target
// is refused (R2).
func turkmenistan(t *timetable) Fixture {
	const titleEN = "Türkiye: blogger at risk of being forcibly returned to Turkmenistan"
	const titleFR = "Turquie\u00a0: une blogueuse risque d’être renvoyée de force au Turkménistan"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "no access to a lawyer"}, RemovingCountry: "TR", ReceivingCountry: "TM",
			NationalityCountry: "TM", Removal: campaigns.Removal{Timing: campaigns.RemovalAnyTime},
			Persons: []campaigns.Person{{PublishedAs: "A.", Pronoun: "she"}},
		},
		Targets: []string{"TR-INT"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(42, istanbul),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that A. not be returned to Turkmenistan.",
					"fr": "Demandez qu’A. ne soit pas renvoyée au Turkménistan."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that she may see a lawyer and the UN refugee agency without delay.",
					"fr": "Demandez qu’elle puisse voir sans délai une avocate ou un avocat ainsi que le HCR."}),
				ask("a3", campaigns.Texts{
					"en": "Ask that nobody be pressed to sign that they return of their own will.",
					"fr": "Demandez que personne ne soit poussé à signer une déclaration de retour volontaire."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "A., a 33-year-old blogger from Turkmenistan, is held in a removal centre in Türkiye and may be "+
				"put on a flight at any time. The UN refugee agency has registered her. She says that she is pressed to sign that she "+
				"returns of her own will, and that she was refused a lawyer.\n\n"+
				"Mail to Türkiye is delayed: an e-mail or the Ministry’s contact form is better than a letter by post. Please write to "+
				"nobody in Turkmenistan and to none of its embassies. They must not learn of her from us."),
			text("fr", titleFR, titleFR, "A., blogueuse turkmène de 33 ans, est retenue dans un centre de renvoi en Turquie et peut être "+
				"mise dans un avion à tout moment. Le HCR l’a enregistrée. Elle dit qu’on la pousse à signer une déclaration de retour "+
				"volontaire et qu’on lui a refusé une avocate ou un avocat.\n\n"+
				"Le courrier vers la Turquie est retardé\u00a0: un courriel ou le formulaire de contact du ministère vaut mieux qu’une lettre. "+
				"Merci de n’écrire à personne au Turkménistan ni à aucune de ses ambassades. Elles ne doivent rien apprendre par nous."),
		}},
	}
}

// 10. A man who was removed despite letters. What is asked now is asked of the state he was sent to as well: that state knows
// of him, this is on record with the reason, and a second person has agreed to each of its offices (R2).
func congo(t *timetable) Fixture {
	const titleEN = "DR Congo: man removed from the United Kingdom said to be detained"
	const titleFR = "RD Congo\u00a0: un homme renvoyé du Royaume-Uni serait détenu"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "detention on arrival"}, RemovingCountry: "GB", ReceivingCountry: "CD", NationalityCountry: "CD",
			Removal: campaigns.Removal{Timing: campaigns.RemovalWindow, At: t.on(-3, "00:00", london), Until: t.on(85, "00:00", london), Zone: london},
			Persons: []campaigns.Person{{PublishedAs: "Mr B.", Pronoun: "he"}},
		},
		Removed: &campaigns.Removal{Timing: campaigns.RemovalDone, At: t.on(-2, "22:15", london), Zone: london},
		OriginKnows: "the embassy in London met him and issued the travel document; his family has agreed in writing to letters to " +
			"the two ministries, apart from the consent to the first appeal",
		Targets: []string{"CD-INT", "CD-JUS", "UK-HOME"},
		AskOf:   map[string][]string{"a1": {"CD-INT", "CD-JUS"}, "a2": {"CD-INT", "CD-JUS"}, "a3": {"UK-HOME"}},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(42, london),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask the ministers in Kinshasa where Mr B. is, and that he be safe from ill-treatment.",
					"fr": "Demandez aux ministres à Kinshasa où se trouve M. B., et qu’il soit à l’abri des mauvais traitements."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that he may see a lawyer, a doctor and his family, and be released unless he is charged with a recognised crime.",
					"fr": "Demandez qu’il puisse voir un avocat, un médecin et sa famille, et qu’il soit libéré s’il n’est pas inculpé d’une infraction reconnue."}),
				ask("a3", campaigns.Texts{
					"en": "Ask the Home Secretary to find out what became of him, and to return nobody else while that is not known.",
					"fr": "Demandez au ministère de l’Intérieur du Royaume-Uni de s’enquérir de son sort et de ne renvoyer personne d’autre tant qu’on l’ignore."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "Mr B., 38, was removed from the United Kingdom to the Democratic Republic of the Congo on "+
				"{removal_at}, although many people had written. He is said to have been detained on arrival. We have not been able to "+
				"confirm it.\n\n"+
				"The authorities there know of him, and his family agrees that you write to them. Please say only what is written here."),
			text("fr", titleFR, titleFR, "M. B., 38 ans, a été renvoyé du Royaume-Uni vers la République démocratique du Congo le "+
				"{removal_at}, bien que beaucoup aient écrit. Il aurait été détenu à son arrivée. Nous n’avons pas pu le confirmer.\n\n"+
				"Les autorités sur place savent qui il est, et sa famille accepte que vous leur écriviez. Merci de ne dire que ce qui est "+
				"écrit ici."),
		}},
	}
}

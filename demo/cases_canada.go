package demo

import "holdfast/campaigns"

// 1. A fisherman, Vancouver: a date, a pending application to the Federal Court.
func sriLanka(t *timetable) Fixture {
	const titleEN = "Canada: fisherman at risk of being forcibly returned to Sri Lanka"
	const titleFR = "Canada\u00a0: un pêcheur risque d’être renvoyé de force au Sri Lanka"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "risk of torture in custody"}, RemovingCountry: "CA", ReceivingCountry: "LK",
			NationalityCountry: "LK", Removal: t.flight(9, "07:40", vancouver),
			Persons: []campaigns.Person{{PublishedAs: "Mr K.", Pronoun: "he"}},
		},
		Targets: []string{"CA-PS", "CA-IMM"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(9, vancouver),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that Mr K. not be removed while his case is before the Federal Court.",
					"fr": "Demandez que M. K. ne soit pas renvoyé tant que la Cour fédérale est saisie de son dossier."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that the new evidence of risk be heard.",
					"fr": "Demandez que les nouveaux éléments sur les risques soient entendus."}),
				ask("a3", campaigns.Texts{
					"en": "Recall that sending anyone to a risk of torture breaches article 3 of the Convention against Torture.",
					"fr": "Rappelez que renvoyer une personne vers un risque de torture est contraire à l’article 3 de la Convention contre la torture."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "Mr K., a 41-year-old fisherman, is to be removed from Canada to Sri Lanka on {removal_at}. "+
				"He says that security forces held and beat him before he fled. His application for a risk assessment was refused "+
				"without a hearing. If returned he may be detained and tortured.\n\n"+
				"He has asked the Federal Court to look at that refusal. The removal would come before the court can decide. "+
				"With so few days left, an e-mail or a telephone call reaches the ministers sooner than a letter by post."),
			text("fr", titleFR, titleFR, "M. K., pêcheur de 41 ans, doit être renvoyé du Canada vers le Sri Lanka le {removal_at}. "+
				"Il dit avoir été détenu et battu par les forces de sécurité avant sa fuite. Sa demande d’examen des risques a été "+
				"rejetée sans audience. En cas de renvoi, il pourrait être détenu et torturé.\n\n"+
				"Il a demandé à la Cour fédérale de revoir ce refus. Le renvoi aurait lieu avant que la Cour puisse se prononcer. "+
				"Le temps presse\u00a0: un courriel ou un appel téléphonique parvient aux ministres plus vite qu’une lettre par la poste."),
		}},
	}
}

// 2. A mother and two children, Calgary: the children are never named, nor their school.
func cameroon(t *timetable) Fixture {
	const titleEN = "Canada: mother and two children facing removal to Cameroon"
	const titleFR = "Canada\u00a0: une mère et ses deux enfants menacés de renvoi vers le Cameroun"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "best interests of the child"}, RemovingCountry: "CA", ReceivingCountry: "CM",
			NationalityCountry: "CM", Removal: t.flight(21, "16:15", edmonton),
			Persons: []campaigns.Person{
				{PublishedAs: "Adèle N.", Pronoun: "she"},
				{PublishedAs: "her child, aged nine", IsMinor: true},
				{PublishedAs: "her child, aged six", IsMinor: true},
			},
		},
		Targets: []string{"CA-IMM", "CA-PS"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(21, edmonton),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that Adèle N. and her children not be removed before their application on humanitarian and compassionate grounds is decided.",
					"fr": "Demandez qu’Adèle N. et ses enfants ne soient pas renvoyés avant la décision sur leur demande pour considérations d’ordre humanitaire."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that the best interests of the children be weighed, and that the decision say how.",
					"fr": "Demandez que l’intérêt supérieur des enfants soit pris en compte, et que la décision dise comment."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "Adèle N., 36, and her two children, aged nine and six, are to be removed from Canada to "+
				"Cameroon on {removal_at}. Her application to stay on humanitarian and compassionate grounds has not been decided.\n\n"+
				"Officers have to weigh the best interests of the children before they decide. Once the family is gone, nobody can. "+
				"Please do not ask who the children are or where they go to school, and do not write about it."),
			text("fr", titleFR, titleFR, "Adèle N., 36 ans, et ses deux enfants de neuf et six ans doivent être renvoyés du Canada vers "+
				"le Cameroun le {removal_at}. Sa demande de séjour pour considérations d’ordre humanitaire n’a pas encore été tranchée.\n\n"+
				"Les agents doivent prendre en compte l’intérêt supérieur des enfants avant de décider. Une fois la famille partie, ce "+
				"n’est plus possible. Merci de ne pas chercher à savoir qui sont les enfants ni où ils vont à l’école, et de n’en rien écrire."),
		}},
	}
}

// 3. A journalist, Toronto: no date, a pseudonym, no hearing.
func turkiye(t *timetable) Fixture {
	const titleEN = "Canada: journalist may be sent back to Türkiye without a hearing"
	const titleFR = "Canada\u00a0: un journaliste risque d’être renvoyé en Turquie sans audience"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "no hearing"}, RemovingCountry: "CA", ReceivingCountry: "TR", NationalityCountry: "TR",
			Removal: campaigns.Removal{Timing: campaigns.RemovalAnyTime},
			Persons: []campaigns.Person{{PublishedAs: "D.", Pronoun: "he"}},
		},
		Targets: []string{"CA-IMM", "CA-PS"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(42, toronto),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that D. be heard in person before his risk assessment is decided.",
					"fr": "Demandez que D. soit entendu en personne avant la décision sur l’examen des risques."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that he not be removed before that hearing.",
					"fr": "Demandez qu’il ne soit pas renvoyé avant cette audience."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "D., a 29-year-old journalist, may be sent back to Türkiye at any time. Nobody has heard his "+
				"claim for protection: it was ruled ineligible because he made it more than a year after he first came to Canada. What is "+
				"left to him is a risk assessment.\n\n"+
				"An officer decides on it from papers, unless a hearing is granted. D. says that he is wanted for what he published. "+
				"D. is not his initial. Please use it as it stands, and add nothing."),
			text("fr", titleFR, titleFR, "D., journaliste de 29 ans, peut être renvoyé en Turquie à tout moment. Personne n’a entendu sa "+
				"demande d’asile\u00a0: elle a été jugée irrecevable parce qu’il l’a présentée plus d’un an après sa première arrivée au "+
				"Canada. Il ne lui reste qu’un examen des risques avant renvoi.\n\n"+
				"Un agent tranche sur dossier, à moins qu’une audience soit accordée. D. dit être recherché pour ce qu’il a publié. "+
				"D. n’est pas son initiale. Merci de l’écrire ainsi, sans rien ajouter."),
		}},
	}
}

// 4. A person who is not described, Ottawa: hours, not days; a subject that says nothing.
func uganda(t *timetable) Fixture {
	const titleEN, titleFR = "Quick action: please telephone or write today", "Action rapide\u00a0: merci de téléphoner ou d’écrire aujourd’hui"
	removal := t.in(52, toronto)
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return"}, RemovingCountry: "CA", ReceivingCountry: "UG", Removal: removal,
		},
		Targets: []string{"CA-PS", "CA-CBSA"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.untilFlight(removal), AfterDeadline: "forbidden",
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that the removal to Uganda be deferred until the Federal Court has heard the request for a stay.",
					"fr": "Demandez que le renvoi vers l’Ouganda soit reporté jusqu’à ce que la Cour fédérale ait entendu la requête en sursis."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "An adult is to be removed from Canada to Uganda on {removal_at}. There, the person would be in "+
				"grave danger. We do not say who it is, or why. Please do not guess.\n\n"+
				"Telephone or send an e-mail now; a letter by post would come too late. Two sentences are enough. "+
				"Please do not pass this message on and do not write about it in public."),
			text("fr", titleFR, titleFR, "Une personne adulte doit être renvoyée du Canada vers l’Ouganda le {removal_at}. Elle y serait en "+
				"grave danger. Nous ne disons ni qui elle est ni pourquoi. Merci de ne pas chercher à le deviner.\n\n"+
				"Téléphonez ou envoyez un courriel sans attendre\u00a0: une lettre par la poste arriverait trop tard. Deux phrases "+
				"suffisent. Merci de ne pas transmettre ce message et de ne rien écrire en public."),
		}},
	}
}

// 5. A former conscript, Montréal: the pause of returns does not cover him, a committee of the UN asks to wait. This is the
// campaign that the demo launches.
func iran(t *timetable) Fixture {
	const titleEN = "Canada: UN Committee against Torture asks to halt a removal to Iran"
	const titleFR = "Canada\u00a0: le Comité contre la torture demande de surseoir à un renvoi vers l’Iran"
	const titleFA = "کانادا: خطر بازگرداندن اجباری یک مرد به ایران"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "risk of torture", "interim measures"}, RemovingCountry: "CA", ReceivingCountry: "IR",
			NationalityCountry: "IR", Removal: t.flight(13, "21:25", toronto),
			Persons: []campaigns.Person{{PublishedAs: "M.R.", Pronoun: "he"}},
		},
		Targets: []string{"CA-PS", "CA-FA"},
		AskOf:   map[string][]string{"a1": {"CA-PS"}, "a2": {"CA-FA"}},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(13, toronto),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask the Minister of Public Safety to stop the removal and decide the pending request for relief.",
					"fr": "Demandez au ministre de la Sécurité publique de suspendre le renvoi et de statuer sur la demande de dispense.",
					"fa": "از وزیر امنیت عمومی بخواهید این بازگرداندن را متوقف کند و دربارهٔ درخواست معافیت تصمیم بگیرد."}),
				ask("a2", campaigns.Texts{
					"en": "Ask the Minister of Foreign Affairs to see that the Committee’s request is respected.",
					"fr": "Demandez à la ministre ou au ministre des Affaires étrangères de veiller au respect de la demande du Comité.",
					"fa": "از وزیر امور خارجه بخواهید بر رعایت درخواست کمیته نظارت کند."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "M.R., 47, is to be removed from Canada to Iran on {removal_at}. The UN Committee against "+
				"Torture has asked Canada to wait until it has examined his complaint.\n\n"+
				"Canada has paused removals to Iran, but not for him: he is held to be inadmissible on security grounds because he "+
				"served as a conscript. Only the Minister of Public Safety can grant relief, and that request is pending. Nobody may be "+
				"sent to a risk of torture, whatever they are said to have done."),
			text("fr", titleFR, titleFR, "M.R., 47 ans, doit être renvoyé du Canada vers l’Iran le {removal_at}. Le Comité contre la "+
				"torture de l’ONU a demandé au Canada de surseoir au renvoi pendant l’examen de sa plainte.\n\n"+
				"Le Canada a suspendu les renvois vers l’Iran, mais pas le sien\u00a0: M.R. est jugé interdit de territoire pour des motifs "+
				"de sécurité, parce qu’il a servi comme conscrit. Seul le ministre de la Sécurité publique peut accorder une dispense, et "+
				"la demande est en attente. Nul ne peut être renvoyé vers un risque de torture, quoi qu’on lui reproche."),
			text("fa", titleFA, titleFA, "م.ر.، ۴۷ ساله، قرار است در {removal_at} از کانادا به ایران بازگردانده شود. کمیتهٔ منع شکنجهٔ "+
				"سازمان ملل از کانادا خواسته است تا پایان بررسی شکایت، این اقدام را متوقف کند."),
		}},
	}
}

// 6. A family in sanctuary, Saskatoon: what the press has may be used, nothing else.
func colombia(t *timetable) Fixture {
	const titleEN = "Canada: Colombian family in sanctuary at risk of return"
	const titleFR = "Canada\u00a0: une famille colombienne réfugiée dans un lieu de culte risque le renvoi"
	const titleES = "Canadá: una familia colombiana corre peligro de devolución"
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "best interests of the child"}, RemovingCountry: "CA", ReceivingCountry: "CO",
			NationalityCountry: "CO", Removal: campaigns.Removal{Timing: campaigns.RemovalAnyTime},
			Persons: []campaigns.Person{{PublishedAs: "the R. family", Pronoun: "they"}},
		},
		Targets: []string{"CA-IMM", "CA-PS"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Deadline: t.until(42, regina),
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that the removal order not be carried out while their humanitarian application is open.",
					"es": "Pida que no se ejecute la orden de expulsión mientras se estudia su solicitud humanitaria.",
					"fr": "Demandez que la mesure de renvoi ne soit pas exécutée pendant l’examen de la demande pour considérations d’ordre humanitaire."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that the interests of the children come first.",
					"es": "Pida que prime el interés superior de los menores.",
					"fr": "Demandez que l’intérêt supérieur des enfants passe en premier."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "The R. family, two adults and two children, has taken sanctuary in a place of worship in "+
				"Saskatoon. An armed group threatened them in Colombia.\n\n"+
				"All of this has been in the press, and the family agrees that it be used. Please use nothing else, and do not look for "+
				"the place where they are."),
			text("fr", titleFR, titleFR, "La famille R., deux adultes et deux enfants, a trouvé refuge dans un lieu de culte à Saskatoon. "+
				"Un groupe armé l’a menacée en Colombie.\n\n"+
				"Tout cela a paru dans la presse, et la famille accepte qu’on s’en serve. Merci de n’utiliser rien d’autre et de ne pas "+
				"chercher l’endroit où elle se trouve."),
			text("es", titleES, titleES, "La familia R., dos personas adultas y dos menores, se ha refugiado en un lugar de culto de "+
				"Saskatoon. Un grupo armado la amenazó en Colombia."),
		}},
	}
}

// 7. A security certificate, Ottawa and Montréal: years, not days; letters by post.
func egypt(t *timetable) Fixture {
	const titleEN = "Canada: man under a security certificate at risk of return to Egypt"
	const titleFR = "Canada\u00a0: un homme visé par un certificat de sécurité risque d’être renvoyé en Égypte"
	urgent := false
	return Fixture{
		Case: campaigns.NewCase{
			Concerns: []string{"forcible return", "risk of torture", "secret evidence"}, RemovingCountry: "CA", ReceivingCountry: "EG",
			NationalityCountry: "EG", Removal: campaigns.Removal{Timing: campaigns.RemovalNone},
			Persons: []campaigns.Person{{PublishedAs: "Y.", Pronoun: "he"}},
		},
		Targets: []string{"CA-PS", "CA-IMM"},
		Campaign: campaigns.NewCampaign{
			Title: titleEN, Urgent: &urgent, Deadline: t.until(56, toronto), AfterDeadline: "open",
			Asks: []campaigns.NewAsk{
				ask("a1", campaigns.Texts{
					"en": "Ask that Y. not be sent to any country where he would be at risk of torture, whatever becomes of the certificate.",
					"fr": "Demandez que Y. ne soit renvoyé vers aucun pays où il risquerait la torture, quel que soit le sort du certificat."}),
				ask("a2", campaigns.Texts{
					"en": "Ask that he be told the case against him, and that the conditions he lives under be eased.",
					"fr": "Demandez qu’on lui fasse connaître ce qui lui est reproché et que ses conditions de vie soient assouplies."}),
			},
		},
		First: campaigns.NewAppeal{Texts: []campaigns.Text{
			text("en", titleEN, titleEN, "Y., 58, has lived for years under a security certificate that two ministers signed, on evidence "+
				"of which he may see only a part. The Federal Court has to say whether the certificate is reasonable. An opinion that he "+
				"is a danger, which he challenges, would open the way to his return to Egypt and to a risk of torture.\n\n"+
				"This is slow work. A letter by post, in your own words, weighs more than speed, and letters help until {deadline}. "+
				"Posted in Canada, a letter to a minister at the House of Commons needs no stamp."),
			text("fr", titleFR, titleFR, "Y., 58 ans, vit depuis des années sous le coup d’un certificat de sécurité signé par deux "+
				"ministres, sur la foi d’éléments dont il ne peut voir qu’une partie. La Cour fédérale doit dire si ce certificat est "+
				"raisonnable. Un avis de danger, qu’il conteste, ouvrirait la voie à son renvoi en Égypte et à un risque de torture.\n\n"+
				"C’est un travail de longue haleine. Une lettre par la poste, écrite avec vos propres mots, compte plus que la rapidité, et "+
				"les lettres sont utiles jusqu’au {deadline}. Postée au Canada, une lettre à un ministre à la Chambre des communes "+
				"n’a pas besoin de timbre."),
		}},
	}
}

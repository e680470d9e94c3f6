package demo

import "holdfast/campaigns"

func officesAbroad() []campaigns.NewTarget {
	return append(officesInEurope(), officesElsewhere()...)
}

func officesInEurope() []campaigns.NewTarget {
	return []campaigns.NewTarget{
		{
			Code: "UK-HOME", Kind: "minister", Country: "GB", Languages: []string{"en"}, Power: campaigns.PowerDecides,
			Office:        campaigns.Texts{"en": "Home Secretary", "fr": "Ministre de l’Intérieur"},
			Institution:   campaigns.Texts{"en": "Home Office", "fr": "Ministère de l’Intérieur du Royaume-Uni"},
			Salutation:    campaigns.Texts{"en": "Dear Home Secretary,", "fr": madameOuLui},
			PostalAddress: "2 Marsham Street\nLondon SW1P 4DF\nUnited Kingdom",
			Address:       "home.secretary@gov-uk.example", VerifiedSource: seenInA + "reference pages on the Home Office, day not known",
		},
		{
			Code: "DE-BMI", Kind: "minister", Country: "DE", Languages: []string{"de", "en"}, Power: campaigns.PowerCanInfluence, // the Länder carry removals out
			Office: campaigns.Texts{"de": "Bundesministerin oder Bundesminister des Innern", "en": "Federal Minister of the Interior",
				"fr": "Ministre fédéral ou fédérale de l’Intérieur"},
			Institution: campaigns.Texts{"de": "Bundesministerium des Innern", "en": "Federal Ministry of the Interior",
				"fr": "Ministère fédéral de l’Intérieur"},
			Salutation:    campaigns.Texts{"de": "Sehr geehrte Damen und Herren,", "en": dearMinister, "fr": madameOuLui},
			PostalAddress: "Alt-Moabit 140\n10557 Berlin\nGermany",
			Address:       "minister@bmi.example", VerifiedSource: seenInA + "the imprint of verwaltung.bund.de, day not known",
		},
		{
			Code: "DE-BAMF", Kind: "agency", Country: "DE", Languages: []string{"de", "en"}, Power: campaigns.PowerDecides,
			Office: campaigns.Texts{"de": "Präsidentin oder Präsident", "en": "President", "fr": "Présidence"},
			Institution: campaigns.Texts{"de": "Bundesamt für Migration und Flüchtlinge", "en": "Federal Office for Migration and Refugees",
				"fr": "Office fédéral des migrations et des réfugiés"},
			Salutation: campaigns.Texts{"de": "Sehr geehrte Damen und Herren,", "en": "Dear President,",
				"fr": "Madame la Présidente, Monsieur le Président,"},
			PostalAddress: "Frankenstraße 210\n90461 Nürnberg\nGermany", FormURL: "https://www.bamf.example/kontakt",
			Address: "praesident@bamf.example", VerifiedSource: seenInA + "the imprint of bamf-navi.bamf.de, day not known",
		},
		{
			Code: "SE-MIG", Kind: "agency", Country: "SE", Languages: []string{"sv", "en"}, Power: campaigns.PowerDecides, LettersArePublicRecords: true,
			Office: campaigns.Texts{"sv": "Generaldirektören", "en": "Director-General", "fr": "Direction générale"},
			Institution: campaigns.Texts{"sv": "Migrationsverket", "en": "Swedish Migration Agency",
				"fr": "Office suédois des migrations"},
			Salutation:    campaigns.Texts{"sv": "Till generaldirektören,", "en": "Dear Director-General,", "fr": "Madame, Monsieur,"},
			PostalAddress: "601 70 Norrköping\nSweden",
			Address:       "gd@migration-se.example", VerifiedSource: "the city: " + seenInA + "migrationsverket.se, day not known",
		},
		{
			// Ministers in Sweden may not step into a single case: what is asked of this one is policy only.
			Code: "SE-MIN", Kind: "minister", Country: "SE", Languages: []string{"sv", "en"}, Power: campaigns.PowerNone, LettersArePublicRecords: true,
			Office:        campaigns.Texts{"sv": "Migrationsministern", "en": "Minister for Migration", "fr": "Ministre de la Migration"},
			Institution:   campaigns.Texts{"sv": "Justitiedepartementet", "en": "Ministry of Justice", "fr": "Ministère de la Justice"},
			Salutation:    campaigns.Texts{"sv": "Till migrationsministern,", "en": dearMinister, "fr": madameOuLui},
			PostalAddress: "103 33 Stockholm\nSweden", Address: "minister@justitie-se.example", VerifiedSource: notSeen,
		},
		{
			Code: "DK-IMM", Kind: "minister", Country: "DK", Languages: []string{"da", "en"}, Power: campaigns.PowerCanInfluence,
			Office: campaigns.Texts{"da": "Udlændinge- og integrationsministeren", "en": "Minister for Immigration and Integration",
				"fr": "Ministre de l’Immigration et de l’Intégration"},
			Institution: campaigns.Texts{"da": "Udlændinge- og Integrationsministeriet", "en": "Ministry of Immigration and Integration",
				"fr": "Ministère de l’Immigration et de l’Intégration"},
			Salutation:    campaigns.Texts{"da": "Til ministeren,", "en": dearMinister, "fr": madameOuLui},
			PostalAddress: "Slotsholmsgade 10\n1216 København\nDenmark", Address: "minister@uim.example",
			VerifiedOn: year(2021), VerifiedSource: seenInA + "an urgent action, amnestyusa.org, of 2021" + firstOfTheYear,
		},
	}
}

func officesElsewhere() []campaigns.NewTarget {
	few := false
	return []campaigns.NewTarget{
		{
			Code: "TR-INT", Kind: "minister", Country: "TR", Languages: []string{"tr"}, Power: campaigns.PowerDecides,
			Office:        campaigns.Texts{"tr": "İçişleri Bakanı", "en": "Minister of the Interior", "fr": "Ministre de l’Intérieur"},
			Institution:   campaigns.Texts{"tr": "T.C. İçişleri Bakanlığı", "en": "Ministry of the Interior", "fr": "Ministère de l’Intérieur"},
			Salutation:    campaigns.Texts{"tr": "Sayın Bakan,", "en": dearMinister, "fr": madameOuLui},
			PostalAddress: "Devlet Mahallesi\n06580 Çankaya/Ankara\nTürkiye", FormURL: "https://www.icisleri.example/iletisim",
			Address:    "bakan@icisleri.example",
			VerifiedOn: year(2019), VerifiedSource: seenInA + "an urgent action, amnestyusa.org, of 2019" + firstOfTheYear,
		},
		{
			// For organisations and counsel, not for many letters.
			Code: "UN-SRT", Kind: "intergovernmental", Power: campaigns.PowerCanInfluence, TakesMassLetters: &few,
			Office: campaigns.Texts{"en": "Special Rapporteur on torture", "fr": "Rapporteur spécial ou rapporteuse spéciale sur la torture"},
			Institution: campaigns.Texts{"en": "OHCHR, United Nations Office at Geneva",
				"fr": "HCDH, Office des Nations Unies à Genève"},
			Salutation:    campaigns.Texts{"en": "Dear Special Rapporteur,", "fr": "Madame, Monsieur,"},
			PostalAddress: "CH-1211 Geneva 10\nSwitzerland",
			Address:       "srt@ohchr.example", VerifiedSource: seenInA + "ohchr.org, appeals, day not known",
		},
		{
			Code: "US-DHS", Kind: "minister", Country: "US", Languages: []string{"en"}, Power: campaigns.PowerCanDirect,
			Office:        campaigns.Texts{"en": "Secretary of Homeland Security", "fr": "Secrétaire à la Sécurité intérieure"},
			Institution:   campaigns.Texts{"en": "Department of Homeland Security", "fr": "Département de la Sécurité intérieure"},
			Salutation:    campaigns.Texts{"en": "Dear Secretary,", "fr": "Madame, Monsieur,"},
			PostalAddress: "Washington DC 20528\nUnited States", Address: "secretary@dhs.example", VerifiedSource: notSeen,
		},
		{
			Code: "CD-INT", Kind: "minister", Country: "CD", Languages: []string{"fr"}, Power: campaigns.PowerDecides,
			Office:        campaigns.Texts{"fr": "Ministre de l’Intérieur", "en": "Minister of the Interior"},
			Institution:   campaigns.Texts{"fr": "Ministère de l’Intérieur", "en": "Ministry of the Interior"},
			Salutation:    campaigns.Texts{"fr": madameOuLui, "en": dearMinister},
			PostalAddress: "Kinshasa\nDemocratic Republic of the Congo", Address: "ministre@int-cd.example",
			VerifiedSource: "a place to fill in: no address has been looked up",
		},
		{
			Code: "CD-JUS", Kind: "minister", Country: "CD", Languages: []string{"fr"}, Power: campaigns.PowerCanInfluence,
			Office:        campaigns.Texts{"fr": "Ministre de la Justice", "en": "Minister of Justice"},
			Institution:   campaigns.Texts{"fr": "Ministère de la Justice", "en": "Ministry of Justice"},
			Salutation:    campaigns.Texts{"fr": madameOuLui, "en": dearMinister},
			PostalAddress: "Kinshasa\nDemocratic Republic of the Congo", Address: "ministre@jus-cd.example",
			VerifiedSource: "a place to fill in: no address has been looked up",
		},
	}
}

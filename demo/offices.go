package demo

import (
	"time"

	"holdfast/campaigns"
)

// Offices returns the offices that the cases are about, in the order in which they are listed. The state is written to,
// never a person: who holds an office changes, so a salutation in French is given as it stands in the demo's invented
// present, and where that is left open it greets both.
func Offices() []campaigns.NewTarget {
	return append(canadianOffices(), officesAbroad()...)
}

const (
	commons        = "House of Commons\nOttawa ON K1A 0A6\nCanada"
	dearMinister   = "Dear Minister,"
	madameOuLui    = "Madame la Ministre, Monsieur le Ministre,"
	seenInA        = "seen in a stored copy of "
	notSeen        = "from memory; look it up before relying on it"
	firstOfTheYear = "; only the year is known"
)

func canadianOffices() []campaigns.NewTarget {
	return []campaigns.NewTarget{
		{
			Code: "CA-IMM", Kind: "minister", Country: "CA", Languages: []string{"en", "fr"}, Power: campaigns.PowerDecides,
			Office: campaigns.Texts{"en": "Minister of Immigration, Refugees and Citizenship",
				"fr": "Ministre de l’Immigration, des Réfugiés et de la Citoyenneté"},
			Institution: campaigns.Texts{"en": "Immigration, Refugees and Citizenship Canada",
				"fr": "Immigration, Réfugiés et Citoyenneté Canada"},
			Salutation:    campaigns.Texts{"en": dearMinister, "fr": "Madame la Ministre,"},
			PostalAddress: "365 Laurier Avenue West\nOttawa ON K1A 1L1\nCanada",
			Address:       "minister.immigration@gov-ca.example", Fax: "+1 613 555 0117", Phone: "+1 613 555 0118",
			VerifiedOn: year(2022), VerifiedSource: seenInA + "model letters, ccrweb.ca, of about 2022" + firstOfTheYear,
		},
		{
			Code: "CA-PS", Kind: "minister", Country: "CA", Languages: []string{"en", "fr"}, Power: campaigns.PowerDecides,
			Office:        campaigns.Texts{"en": "Minister of Public Safety", "fr": "Ministre de la Sécurité publique"},
			Institution:   campaigns.Texts{"en": "Public Safety Canada", "fr": "Sécurité publique Canada"},
			Salutation:    campaigns.Texts{"en": dearMinister, "fr": "Monsieur le Ministre,"},
			PostalAddress: commons, PostageFree: true,
			Address: "minister.ps@gov-ca.example", Phone: "+1 613 555 0142",
			VerifiedOn: year(2021), VerifiedSource: seenInA + "a letter of transition, cbsa-asfc.gc.ca, of 2021" + firstOfTheYear,
		},
		{
			Code: "CA-CBSA", Kind: "agency", Country: "CA", Languages: []string{"en", "fr"}, Power: campaigns.PowerDecides, // on a deferral
			Office:        campaigns.Texts{"en": "President", "fr": "Présidence"},
			Institution:   campaigns.Texts{"en": "Canada Border Services Agency", "fr": "Agence des services frontaliers du Canada"},
			Salutation:    campaigns.Texts{"en": "Dear President,", "fr": "Madame la Présidente, Monsieur le Président,"},
			PostalAddress: "191 Laurier Avenue West\nOttawa ON K1A 0L8\nCanada",
			Address:       "president@cbsa.example", Phone: "+1 613 555 0165", VerifiedSource: notSeen,
		},
		{
			Code: "CA-FA", Kind: "minister", Country: "CA", Languages: []string{"en", "fr"}, Power: campaigns.PowerCanInfluence,
			Office:        campaigns.Texts{"en": "Minister of Foreign Affairs", "fr": "Ministre des Affaires étrangères"},
			Institution:   campaigns.Texts{"en": "Global Affairs Canada", "fr": "Affaires mondiales Canada"},
			Salutation:    campaigns.Texts{"en": dearMinister, "fr": madameOuLui},
			PostalAddress: commons, PostageFree: true, Address: "minister.fa@gov-ca.example",
			VerifiedSource: "that mail to the House of Commons is free: Canada Post Corporation Act, section 35",
		},
		{
			Code: "CA-PM", Kind: "head_of_government", Country: "CA", Languages: []string{"en", "fr"}, Power: campaigns.PowerCanInfluence,
			Office:        campaigns.Texts{"en": "Prime Minister", "fr": "Premier ministre ou première ministre"},
			Institution:   campaigns.Texts{"en": "Office of the Prime Minister", "fr": "Cabinet du premier ministre"},
			Salutation:    campaigns.Texts{"en": "Dear Prime Minister,", "fr": "Madame la Première Ministre, Monsieur le Premier Ministre,"},
			PostalAddress: "80 Wellington Street\nOttawa ON K1A 0A2\nCanada", Address: "pm@gov-ca.example",
			VerifiedOn: year(2015), VerifiedSource: seenInA + "open letters, amnesty.ca, of 2012 to 2015" + firstOfTheYear,
		},
		{
			// A copy for readers in the United States. It speaks for Canada and stands on Canada's side.
			Code: "CA-EMB-US", Kind: "embassy", Country: "CA", PostalCountry: "US", Languages: []string{"en", "fr"}, Power: campaigns.PowerCanInfluence,
			Office:        campaigns.Texts{"en": "Ambassador of Canada to the United States", "fr": "Ambassade du Canada aux États-Unis"},
			Institution:   campaigns.Texts{"en": "Embassy of Canada", "fr": "Ambassade du Canada"},
			Salutation:    campaigns.Texts{"en": "Dear Ambassador,", "fr": "Madame l’Ambassadrice, Monsieur l’Ambassadeur,"},
			PostalAddress: "501 Pennsylvania Avenue NW\nWashington DC 20001\nUnited States", Address: "ambassador@emb-ca.example",
			VerifiedOn: day(2022, time.September, 12), VerifiedSource: seenInA + "an urgent action, amnestyusa.org, of that day",
		},
	}
}

func day(y int, m time.Month, d int) *campaigns.Day {
	return &campaigns.Day{Time: time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// year is the first day of the year in which an address was seen when no more is known: rather too old than too new.
func year(y int) *campaigns.Day { return day(y, time.January, 1) }

package demo

import (
	"holdfast/campaigns"
	"holdfast/letters"
)

// unspokenWord is somebody whom no letter about the launched case may name.
const unspokenWord = "Shirin"

// sampleLetter is the finished letter that the coordinator gives for the launched campaign.
func sampleLetter() campaigns.Texts {
	return campaigns.Texts{
		"en": "I am writing about the man whom the United Nations Committee against Torture has asked Canada not to remove to Iran while it looks at his complaint. " +
			"I ask you to defer his removal until the Committee has decided.",
		"fr": "Je vous écris au sujet de l’homme que le Comité contre la torture des Nations Unies a demandé au Canada de ne pas renvoyer en Iran tant qu’il examine sa plainte. " +
			"Je vous demande de surseoir à son renvoi jusqu’à la décision du Comité.",
	}
}

// draftOf is what the writer at i has the house mail: in their own words, one in French.
func draftOf(i int, name string) letters.Draft {
	texts := []string{
		"Dear Minister,\n\nI teach history in Ottawa. My pupils asked me this week what a treaty is worth. Please give me a good answer: the Committee against Torture has asked that a man not be sent to Iran while it looks at his complaint. Let him stay until it has.\n\nYours sincerely,",
		"Dear Minister,\n\nI am a retired nurse. I have looked after people who were tortured, and I know what it leaves behind. I ask you to defer the removal to Iran that is planned, as the Committee against Torture has asked Canada to do.\n\nYours truly,",
		"Madame, Monsieur,\n\nJe suis infirmier à Montréal et j’ai été soldat. Un homme qui a refusé de servir risque d’être renvoyé en Iran, alors que le Comité contre la torture demande d’attendre. Je vous prie de surseoir à son renvoi.\n\nVeuillez agréer mes salutations respectueuses,",
		"Dear Minister,\n\nCanada speaks of the Convention against Torture wherever it sits at a table. Please speak for it now, to your colleagues as well: a removal to Iran is planned although the Committee has asked to wait.\n\nYours sincerely,",
		"Dear Minister,\n\nI run a small bakery, and I get up at three. This morning I thought of the man who is to be put on a plane to Iran. The Committee against Torture has asked Canada to wait. So do I.\n\nYours sincerely,",
	}
	d := letters.Draft{Name: name, Town: "Ottawa", Language: "en", Subject: "Please defer a removal to Iran", Text: texts[i%len(texts)]}
	if i%len(texts) == 2 {
		d.Town, d.Language, d.Subject = "Montréal", "fr", "Un renvoi vers l’Iran"
	}
	return d
}

// postalRoutes are what the demo knows of the post. None of it was looked up.
func postalRoutes(today campaigns.Day) []letters.Route {
	from := campaigns.Day{Time: today.AddDate(0, 0, -20)}
	return []letters.Route{
		{FromCountry: "CA", ToCountry: "CA", TransitDays: 4, Postage: "one domestic stamp; none to the House of Commons"},
		{FromCountry: "US", ToCountry: "CA", TransitDays: 9, Postage: "one international stamp"},
		{FromCountry: "CA", ToCountry: "SE", TransitDays: 11, Postage: "one international stamp"},
		{FromCountry: "CA", ToCountry: "CD", TransitDays: 25, Postage: "two international stamps", SuspendedFrom: &from},
	}
}

package templates

import (
	"strings"

	"holdfast/campaigns"
)

// address is how a language speaks to an office in a letter: by its kind and by the gender of who holds it. Forms are for a holder whose gender
// is not known, for a woman, and for a man, without the comma; an office of another kind is spoken to as plain says.
type address struct {
	comma  string
	plain  [3]string
	kinds  map[string][3]string
	before string // the closing, around the form of address where the language repeats it
	after  string
	close  string // the closing where it does not
}

// addresses are the languages of the house. French and Spanish, which would have to guess a title's gender, fall back to a neutral greeting where
// the gender is not known; Arabic and Persian have one that fits both.
func addresses() map[string]address {
	return map[string]address{
		"en": {comma: ",", plain: [3]string{"Dear Sir or Madam", "Dear Madam", "Dear Sir"}, close: "Yours respectfully,",
			kinds: map[string][3]string{"minister": {"Dear Minister", "Dear Minister", "Dear Minister"},
				"embassy": {"Your Excellency", "Your Excellency", "Your Excellency"}}},
		"fr": {comma: ",", plain: [3]string{"Madame, Monsieur", "Madame", "Monsieur"},
			before: "Je vous prie d’agréer, ", after: ", l’expression de ma haute considération.",
			kinds: map[string][3]string{"minister": {"Madame, Monsieur", "Madame la Ministre", "Monsieur le Ministre"},
				"head_of_government": {"Madame, Monsieur", "Madame la Première Ministre", "Monsieur le Premier Ministre"},
				"embassy":            {"Madame, Monsieur", "Madame l’Ambassadrice", "Monsieur l’Ambassadeur"}}},
		"es": {comma: ":", plain: [3]string{"A quien corresponda", "Estimada señora", "Estimado señor"}, close: "Le saluda respetuosamente,",
			kinds: map[string][3]string{"minister": {"A quien corresponda", "Señora Ministra", "Señor Ministro"},
				"head_of_government": {"A quien corresponda", "Señora Primera Ministra", "Señor Primer Ministro"},
				"embassy":            {"A quien corresponda", "Señora Embajadora", "Señor Embajador"}}},
		"ar": {comma: "،", plain: [3]string{"تحية طيبة وبعد", "السيدة المحترمة", "السيد المحترم"}, close: "وتفضلوا بقبول فائق الاحترام والتقدير،",
			kinds: map[string][3]string{"minister": {"معالي الوزير/الوزيرة", "معالي الوزيرة", "معالي الوزير"},
				"head_of_government": {"تحية طيبة وبعد", "دولة رئيسة الوزراء", "دولة رئيس الوزراء"},
				"embassy":            {"تحية طيبة وبعد", "سعادة السفيرة", "سعادة السفير"}}},
		"fa": {comma: "،", plain: [3]string{"با سلام و احترام", "سرکار خانم", "جناب آقا"}, close: "با تقدیم احترام،",
			kinds: map[string][3]string{"minister": {"وزیر محترم", "سرکار خانم وزیر", "جناب آقای وزیر"},
				"head_of_government": {"با سلام و احترام", "سرکار خانم نخست\u200cوزیر", "جناب آقای نخست\u200cوزیر"},
				"embassy":            {"سفیر محترم", "سرکار خانم سفیر", "جناب آقای سفیر"}}},
	}
}

// form is how an office is spoken to, without the comma.
func (a address) form(t campaigns.Target) string {
	forms, known := a.kinds[t.Kind]
	if !known {
		forms = a.plain
	}
	switch t.Gender {
	case campaigns.Female:
		return forms[1]
	case campaigns.Male:
		return forms[2]
	}
	return forms[0]
}

// Salutation is the first line of a letter to an office in lang: the one given for it, else the usual one by its kind and the gender of who
// holds it. In a language that the house has no form of address for it is "", unless one was given.
func Salutation(t campaigns.Target, lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	for _, l := range []string{lang, base} {
		if given := t.Salutes(l); given != "" {
			return given
		}
	}
	a, known := addresses()[base]
	if !known {
		return ""
	}
	return a.form(t) + a.comma
}

// LetterClosing is the courtesy at the end of a letter to an office in lang, before name and town; "" in a language that the house has none for.
// French repeats the salutation in it.
func LetterClosing(t campaigns.Target, lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	a, known := addresses()[base]
	if !known {
		return ""
	}
	if a.before == "" {
		return a.close
	}
	return a.before + strings.TrimRight(Salutation(t, lang), ",،: ") + a.after
}

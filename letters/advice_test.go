package letters_test

import (
	"slices"
	"strings"
	"testing"

	"holdfast/campaigns"
	"holdfast/letters"
)

func theAsks() []campaigns.Ask {
	return []campaigns.Ask{
		{Code: "a1", Texts: campaigns.Texts{
			"en": "ask the Minister of Public Safety to stop the removal and decide the pending request for relief;",
			"fr": "demandez au ministre de la Sécurité publique de suspendre le renvoi et de statuer sur la demande de dispense ;",
			"es": "pida al Ministro que suspenda la expulsión y resuelva la solicitud pendiente;",
			"ar": "اطلبوا ألّا يُعاد أي شخص قبل إعادة تقييم الخطر الذي يواجهه شخصياً؛",
			"fa": "از وزیر بخواهید اخراج را متوقف کند و به درخواست رسیدگی شود؛",
		}},
		{Code: "a2", Texts: campaigns.Texts{
			"en": "ask for the Committee’s request to be respected.",
			"fr": "demandez que la demande du Comité soit respectée.",
			"es": "pida que se respete la petición del Comité.",
			"ar": "اطلبوا من الحكومة احترام طلب اللجنة.",
			"fa": "بخواهید درخواست کمیته رعایت شود.",
		}},
	}
}

// letterIn makes the first point in its writer's own words, and not the second.
func letterIn(lang string) string {
	return map[string]string{
		"en": `Dear Minister, I am a nurse in Halifax and I write because I have read that a man is to be deported to Iran on Friday. Please halt his removal
			and have the pending request decided first. He has lived among us for eight years, and nobody should be sent where torture waits. I would be grateful for your reply.`,
		"fr": `Madame la Ministre, je suis infirmière à Moncton et je vous écris parce que j’ai lu qu’un homme doit être expulsé vers l’Iran vendredi. Je vous prie d’arrêter
			son expulsion et d’examiner d’abord la dispense en attente. Il vit parmi nous depuis huit ans, et nul ne devrait être envoyé là où l’attend la torture. Votre réponse m’importe.`,
		"es": `Señora Ministra: soy enfermera en Toronto y le escribo porque he leído que un hombre va a ser deportado a Irán el viernes. Le pido que detenga su deportación y que
			se examine antes la solicitud pendiente. Vive entre nosotros desde hace ocho años y nadie debería ser enviado a donde le espera la tortura. Quedo a la espera de su respuesta.`,
		"ar": `معالي الوزيرة، أنا ممرضة أعيش في مونتريال وأكتب إليكم لأنني قرأت أن رجلاً سيُرحَّل يوم الجمعة. أرجو وقف ترحيله ومراجعة ملفه وتقييم الخطر الذي ينتظره هناك.
			لقد عاش بيننا ثماني سنوات وعمل في مدينتنا وتعلم أطفاله لغتنا ولا يجوز أن يرسل أحد إلى مكان ينتظره فيه التعذيب. أنتظر ردكم الكريم مع الشكر الجزيل.`,
		"fa": strings.ReplaceAll(`سرکار خانم وزیر، من یک پرستار هستم و در مونترال زندگی می|کنم. خوانده|ام که قرار است مردی روز جمعه بازگردانده شود. خواهشمندم اخراج او را متوقف کنید و پیش از آن به پرونده|اش
			رسیدگی کنید. او هشت سال است که میان ما زندگی کرده و کار کرده است و هیچ کس نباید به جایی فرستاده شود که شکنجه در انتظارش است. چشم به راه پاسخ شما هستم.`, "|", "\u200c"),
	}[lang]
}

func words(a letters.Advice) (list []string) {
	for _, h := range a.Hints {
		list = append(list, h.Word)
	}
	return list
}

func TestPointsAreTickedInTheWritersOwnWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "fr", "es", "ar", "fa"} {
		a := letters.Advise(letters.Draft{Language: lang, Text: letterIn(lang)}, letters.Matter{Asks: theAsks()})
		if !a.Asks[0].Covered || a.Asks[1].Covered || !a.Asks[0].Readable {
			t.Errorf("in %s the points are %+v, want the first alone", lang, a.Asks)
		}
		if len(a.Hints) != 0 {
			t.Errorf("in %s a good letter gets hints %+v", lang, a.Hints)
		}
		greeting := letters.Advise(letters.Draft{Language: lang, Text: strings.Fields(letterIn(lang))[0]}, letters.Matter{Asks: theAsks()})
		if greeting.Asks[0].Covered || !slices.Equal(words(greeting), []string{letters.HintTooShort}) {
			t.Errorf("in %s a greeting alone is read as %+v", lang, greeting)
		}
	}
	if a := letters.Advise(letters.Draft{Language: "sv", Text: letterIn("en")}, letters.Matter{Asks: theAsks()}); a.Asks[0].Readable || a.Asks[0].Covered {
		t.Errorf("a point that is not written in Swedish is read in it: %+v", a.Asks)
	}
}

func TestThreatsAndInsultsGetAGentleWord(t *testing.T) {
	t.Parallel()
	for lang, rude := range map[string][]string{
		"en": {"You idiots should think.", "You will pay for this.", "Shame on you, Minister."},
		"fr": {"Vous êtes des lâches.", "Honte à vous !", "Vous le regretterez."},
		"es": {"Son unos cobardes.", "Se arrepentirán de esto.", "Lo va a pagar."},
		"ar": {"أنتم جبناء", "ستندمون على هذا", "العار لكم"},
		"fa": {"شما دروغگویید", "پشیمان خواهید شد", "شرم بر شما"},
	} {
		for _, text := range rude {
			a := letters.Advise(letters.Draft{Language: lang, Text: letterIn(lang) + " " + text}, letters.Matter{})
			if !slices.Equal(words(a), []string{letters.HintHarsh}) || !strings.Contains(text, a.Hints[0].Names[0]) || a.Names() {
				t.Errorf("%q in %s gets %+v, want %s alone, with the words", text, lang, a.Hints, letters.HintHarsh)
			}
		}
	}
}

func TestALetterIsToldWhatItLacksAndHasTooMuchOf(t *testing.T) {
	t.Parallel()
	good := letterIn("en")
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"good":      {good, nil},
		"empty":     {"", nil},
		"short":     {"Please stop the removal.", []string{letters.HintTooShort}},
		"long":      {strings.Repeat(good+" ", 8), []string{letters.HintTooLong}},
		"no writer": {strings.Replace(good, "I am a nurse in Halifax and I write", "I write to you today", 1), []string{letters.HintWho}},
		"no reply":  {strings.Replace(good, "I would be grateful for your reply.", "Thank you.", 1), []string{letters.HintReply}},
		"more":      {good + " Grant him citizenship.", []string{letters.HintMore}},
		"a file":    {good + " His file is IMM-1234-26.", []string{letters.HintNumbers}},
		"a phone":   {good + " Call him at +1 613 555 0142.", []string{letters.HintNumbers}},
		"a mail":    {good + " Write to noor@mail.example.", []string{letters.HintNumbers}},
		"a day":     {good + " That was on 2026-11-27, or 27-11-2026, at K1A 0A6, in UA 12/26.", nil},
	} {
		a := letters.Advise(letters.Draft{Language: "en", Text: c.text}, letters.Matter{Asks: theAsks()})
		if !slices.Equal(words(a), c.want) {
			t.Errorf("%s: hints %+v, want %v", name, a.Hints, c.want)
		}
	}
	a := letters.Advise(letters.Draft{Language: "en", Text: good + " Grant him citizenship. File IMM-1234-26."},
		letters.Matter{Asks: theAsks(), Printed: "He asked for citizenship, file IMM-1234-26."})
	if len(a.Hints) != 0 {
		t.Errorf("what the sheet prints itself gets hints %+v", a.Hints)
	}
}

func TestALetterInAnotherLanguageThanChosenIsTold(t *testing.T) {
	t.Parallel()
	languages := []string{"en", "fr", "es", "ar", "fa"}
	for _, written := range languages {
		for _, chosen := range languages {
			a := letters.Advise(letters.Draft{Language: chosen, Text: letterIn(written)}, letters.Matter{})
			if told := slices.Equal(words(a), []string{letters.HintLanguage}); told != (written != chosen) {
				t.Errorf("a letter in %s, with %s chosen: hints %+v", written, chosen, a.Hints)
			}
		}
		if a := letters.Advise(letters.Draft{Language: "sv", Text: letterIn(written)}, letters.Matter{}); len(a.Hints) != 0 {
			t.Errorf("a letter in %s, with a language chosen that nobody can judge: hints %+v", written, a.Hints)
		}
	}
}

func TestALetterMuchLikeTheSampleOrOthersIsTold(t *testing.T) {
	t.Parallel()
	sample := letterIn("en")
	own := `Good day. My name is Sam and I teach in Regina. Last week my pupils asked me why their neighbour has to go, and I did not know what to say. Could you look at
		his papers again before anybody puts him on an aircraft? That is all I ask, and I hope for an answer that I can read to them.`
	m := letters.Matter{Samples: []string{sample}, Earlier: [][]byte{nil, letters.Fingerprint("Something else that has nothing to do with any of it."), letters.Fingerprint(sample)}}
	a := letters.Advise(letters.Draft{Language: "en", Text: "Hello. " + sample}, m)
	if !slices.Equal(words(a), []string{letters.HintLikeSample, letters.HintLikeOthers}) || a.Hints[0].Percent < 90 || a.Hints[1].Percent < 80 {
		t.Errorf("the sample itself gets %+v", a.Hints)
	}
	if a := letters.Advise(letters.Draft{Language: "en", Text: own}, m); len(a.Hints) != 0 {
		t.Errorf("own words get %+v", a.Hints)
	}
}

func TestAFingerprintIsOfOneSizeAndTellsHowLikeTextsAre(t *testing.T) {
	t.Parallel()
	text := strings.Fields(letterIn("en"))
	whole := letters.Fingerprint(strings.Join(text, " "))
	for keep, bounds := range map[int][2]float64{100: {1, 1}, 80: {0.6, 0.95}, 50: {0.3, 0.7}, 0: {0, 0}} {
		part := strings.Join(text[:len(text)*keep/100], " ")
		if got := letters.Similarity(whole, letters.Fingerprint(part)); got < bounds[0] || got > bounds[1] {
			t.Errorf("the first %d in a hundred words are %.2f like the whole, want %v", keep, got, bounds)
		}
	}
	if len(whole) != 128 || len(letters.Fingerprint(strings.Repeat(letterIn("fr"), 50))) != 128 || letters.Fingerprint("two words") != nil {
		t.Error("a fingerprint is 128 bytes for any text of three words or more")
	}
	if got := letters.Similarity(whole, letters.Fingerprint(letterIn("ar"))); got > 0.1 {
		t.Errorf("two texts in two languages are %.2f alike", got)
	}
}

func TestWhatMustStayOutIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	list := []string{"Abdul-Rahman Karimi", "Maître Côté", "Hôpital Sainte-Anne", "كريمي", "514 555 0199"}
	for text, want := range map[string]string{
		"I met Abdul Rahman Karimi twice.":    "Abdul Rahman Karimi",
		"I met abdulrahman KARIMI’s brother.": "abdulrahman KARIMI",
		"as maitre Cote told us":              "maitre Cote",
		"à l’hôpital Sainte Anne.":            "hôpital Sainte Anne",
		"التقيتُ وكريمي في المدينة":           "وكريمي",
		"call 514-555-0199":                   "514-555-0199",
		"call ٥١٤٥٥٥٠١٩٩":                     "٥١٤٥٥٥٠١٩٩",
		"I met Abdul and a Rahman.":           "",
		"a cotes de porc":                     "",
		"":                                    "",
	} {
		got := strings.Join(letters.Named(text, list), ", ")
		if got != want {
			t.Errorf("in %q is found %q, want %q", text, got, want)
		}
	}
	a := letters.Advise(letters.Draft{Language: "en", Subject: "About Karimi", Text: letterIn("en")}, letters.Matter{Unspoken: []string{"Karimi", "Somebody Else"}})
	if !a.Names() || !slices.Equal(a.Hints[0].Names, []string{"Karimi"}) {
		t.Errorf("a name in the subject gets %+v; want it named, and nothing else of the list", a.Hints)
	}
}

func TestAShortPostIsReadForWhatCanHurtAndForNothingElse(t *testing.T) {
	t.Parallel()
	m := letters.Matter{Asks: theAsks(), Unspoken: []string{"Parvin Karimi"}}
	a := letters.Advise(letters.Draft{Language: "en", Text: letterIn("en"), Short: "Minister, you will regret this. #ParvinKarimi, call 514 555 0199"}, m)
	var words []string
	for _, h := range a.Short {
		words = append(words, h.Word)
	}
	if got := strings.Join(words, " "); got != "unspoken harsh numbers" || a.Short[0].Names[0] != "ParvinKarimi" {
		t.Errorf("a post is told %q, %v", got, a.Short)
	}
	if slices.ContainsFunc(a.Hints, func(h letters.Hint) bool { return h.Word == letters.HintUnspoken }) || !a.Names() {
		t.Errorf("what stands in the post is told of the letter: %v", a.Hints)
	}
	if a := letters.Advise(letters.Draft{Language: "en", Short: "Minister, please halt the removal."}, m); len(a.Short) != 0 {
		t.Errorf("a harmless post is told %v", a.Short)
	}
}

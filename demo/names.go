package demo

// given is a given name as its bearer writes it, and in the plain letters of an address.
type given struct{ name, plain string }

// givenNames are the names of members by language. A member is called by one of them and an initial, so that no name
// is anybody's. Some are there because programs stumble over them: apostrophes of three kinds, marks that combine with
// the letter before them, a comma, a quotation mark, letters that run from right to left, and letters of people who
// read English or French and write their name otherwise.
func givenNames() map[string][]given {
	return map[string][]given{
		"en": {
			{"Ada", "ada"}, {"Brigid", "brigid"}, {"Callum", "callum"}, {"D’Arcy", "darcy"}, {"Esi", "esi"}, {"Fern", "fern"},
			{"Grace", "grace"}, {"Hamish", "hamish"}, {"Iris", "iris"}, {"Joan-Marie", "joan-marie"}, {"Kofi", "kofi"},
			{"Lorne", "lorne"}, {"Māia", "maia"}, {"Ngozi", "ngozi"}, {"O'Neil", "oneil"}, {"Priya", "priya"}, {"Quentin", "quentin"},
			{"Rosalind", "rosalind"}, {"Siobhán", "siobhan"}, {"Tʼséłiya", "tseliya"}, {"Una", "una"}, {"Vikram", "vikram"},
			{"Wren", "wren"}, {"Xiomara", "xiomara"}, {"Yusra", "yusra"}, {"Zoë", "zoe"}, {"Nguyệt", "nguyet"}, {"Łucja", "lucja"},
			{"R\u0323o\u0301wa\u0303", "rowa"}, {"Αλέξης", "alexis"}, {"Оксана", "oksana"}, {"ஆதவன்", "aadhavan"}, {"ਗੁਰਲੀਨ", "gurleen"},
			{"小雨", "xiaoyu"}, {"하늘", "haneul"}, {"さくら", "sakura"}, {"ᓯᓚ", "sila"}, {"ሰላም", "selam"}, {"נועה", "noa"},
			{"Jo “Kit”", "jo.kit"}, {"Mercy, Sister", "sister.mercy"},
		},
		"fr": {
			{"Aimée", "aimee"}, {"Benoît", "benoit"}, {"Célestine", "celestine"}, {"Désiré", "desire"}, {"Éloïse", "eloise"},
			{"Fatoumata", "fatoumata"}, {"Gaël", "gael"}, {"Hélène", "helene"}, {"Inès", "ines"}, {"Jean-Loup", "jean-loup"},
			{"Korotimi", "korotimi"}, {"Loïc", "loic"}, {"Maëlle", "maelle"}, {"Noémie", "noemie"}, {"Océane", "oceane"},
			{"Pacôme", "pacome"}, {"Quitterie", "quitterie"}, {"Raphaëlle", "raphaelle"}, {"Solène", "solene"}, {"Thaïs", "thais"},
			{"Ulysse", "ulysse"}, {"Violaine", "violaine"}, {"Wendë", "wende"}, {"Yaël", "yael"}, {"Zélie", "zelie"},
			{"N’Deye", "ndeye"}, {"Cœurine", "coeurine"}, {"Françoise", "francoise"}, {"E\u0301lodie", "elodie"}, {"L'Hirondelle", "lhirondelle"},
			{"Марія", "mariia"}, {"Thảo", "thao"}, {"Marie, sœur", "soeur.marie"},
		},
		"es": {
			{"Álvaro", "alvaro"}, {"Begoña", "begona"}, {"Citlali", "citlali"}, {"Débora", "debora"}, {"Efraín", "efrain"},
			{"Itzel", "itzel"}, {"Jesús", "jesus"}, {"Luz", "luz"}, {"Marisol", "marisol"}, {"Nuño", "nuno"}, {"Ofelia", "ofelia"},
			{"Paz", "paz"}, {"Saúl", "saul"}, {"Xóchitl", "xochitl"}, {"Yolotl", "yolotl"}, {"Zulema", "zulema"},
			{"Ch'aska", "chaska"}, {"Güendolina", "guendolina"},
		},
		"ar": {
			{"أمل", "amal"}, {"بسمة", "basma"}, {"جميلة", "jamila"}, {"حسن", "hasan"}, {"دعاء", "duaa"}, {"رَنَا", "rana"},
			{"زينب", "zaynab"}, {"سلمى", "salma"}, {"شادي", "shadi"}, {"طارق", "tariq"}, {"عائشة", "aisha"}, {"فرح", "farah"},
			{"كريم", "karim"}, {"ليلى", "layla"}, {"مُنى", "muna"}, {"نور", "nour"}, {"هيثم", "haytham"}, {"ياسمين", "yasmin"},
			{"Samir", "samir"}, {"Rim", "rim"},
		},
		"fa": {
			{"آرش", "arash"}, {"بهار", "bahar"}, {"پریسا", "parisa"}, {"ترانه", "taraneh"}, {"چکاوک", "chakavak"},
			{"دریا", "darya"}, {"رؤیا", "roya"}, {"ژاله", "jaleh"}, {"سیاوش", "siavash"}, {"شیرین", "shirin"}, {"کاوه", "kaveh"},
			{"گلنار", "golnar"}, {"لاله", "laleh"}, {"مهتاب", "mahtab"}, {"نیما", "nima"}, {"گل\u200cرخ", "golrokh"},
			{"Azadeh", "azadeh"}, {"Omid", "omid"},
		},
	}
}

// initials by language, each with as many letters as are seldom the first of a word's two.
func initials() map[string][]rune {
	const latin = "ABCDEFGHIJKLMNOPRSTUVWYZ"
	return map[string][]rune{
		"en": []rune(latin), "fr": []rune(latin), "es": []rune(latin),
		"ar": []rune("ابتجحدرزسشصطعفقكلمنهوي"), "fa": []rune("ابپتجچدرزسشصفکگلمنوی"),
	}
}

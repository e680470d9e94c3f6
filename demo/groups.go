package demo

// group is a local group of the demo, with the share of the members it has in each language, in parts of a hundred.
type group struct {
	city   string
	shares map[string]int
}

// groups are the seven local groups. Who is in none of them stands alone.
func groups() []group {
	return []group{
		{"Vancouver", map[string]int{"en": 15, "fr": 2, "es": 10, "ar": 6, "fa": 26}},
		{"Edmonton", map[string]int{"en": 6, "fr": 2, "es": 5, "ar": 10, "fa": 6}},
		{"Calgary", map[string]int{"en": 8, "fr": 2, "es": 8, "ar": 8, "fa": 6}},
		{"Saskatoon", map[string]int{"en": 4, "fr": 1, "es": 4, "ar": 3, "fa": 2}},
		{"Ottawa", map[string]int{"en": 9, "fr": 14, "es": 8, "ar": 12, "fa": 8}},
		{"Toronto", map[string]int{"en": 18, "fr": 4, "es": 20, "ar": 18, "fa": 24}},
		{"Montréal", map[string]int{"en": 4, "fr": 40, "es": 18, "ar": 22, "fa": 10}},
	}
}

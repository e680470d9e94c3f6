package templates

import (
	"testing"

	"holdfast/campaigns"
)

func TestAnOfficeIsSpokenToByKindGenderAndLanguage(t *testing.T) {
	t.Parallel()
	minister := campaigns.Target{Kind: "minister"}
	woman, man := minister, minister
	woman.Gender, man.Gender = campaigns.Female, campaigns.Male
	given := woman
	given.Salutation = campaigns.Texts{"fr-f": "Madame la Secrétaire d’État,", "fr-m": "Monsieur le Secrétaire d’État,", "en": "Dear Secretary of State,"}
	for _, c := range []struct {
		target            campaigns.Target
		lang, salute, end string
	}{
		{minister, "en", "Dear Minister,", "Yours respectfully,"},
		{minister, "fr", "Madame, Monsieur,", "Je vous prie d’agréer, Madame, Monsieur, l’expression de ma haute considération."},
		{woman, "fr", "Madame la Ministre,", "Je vous prie d’agréer, Madame la Ministre, l’expression de ma haute considération."},
		{man, "fr-CA", "Monsieur le Ministre,", "Je vous prie d’agréer, Monsieur le Ministre, l’expression de ma haute considération."},
		{woman, "es", "Señora Ministra:", "Le saluda respetuosamente,"},
		{man, "es", "Señor Ministro:", "Le saluda respetuosamente,"},
		{woman, "ar", "معالي الوزيرة،", "وتفضلوا بقبول فائق الاحترام والتقدير،"},
		{man, "fa", "جناب آقای وزیر،", "با تقدیم احترام،"},
		{given, "fr", "Madame la Secrétaire d’État,", "Je vous prie d’agréer, Madame la Secrétaire d’État, l’expression de ma haute considération."},
		{given, "en", "Dear Secretary of State,", "Yours respectfully,"},
		{campaigns.Target{Kind: "agency", Gender: campaigns.Female}, "fr", "Madame,", "Je vous prie d’agréer, Madame, l’expression de ma haute considération."},
		{campaigns.Target{Kind: "agency"}, "en", "Dear Sir or Madam,", "Yours respectfully,"},
		{campaigns.Target{Kind: "embassy", Gender: campaigns.Female}, "fr", "Madame l’Ambassadrice,", "Je vous prie d’agréer, Madame l’Ambassadrice, l’expression de ma haute considération."},
		{minister, "sv", "", ""},
		{campaigns.Target{Salutation: campaigns.Texts{"sv": "Bästa minister,"}}, "sv", "Bästa minister,", ""},
	} {
		if got := Salutation(c.target, c.lang); got != c.salute {
			t.Errorf("Salutation(%+v, %s) = %q, want %q", c.target, c.lang, got, c.salute)
		}
		if got := LetterClosing(c.target, c.lang); got != c.end {
			t.Errorf("LetterClosing(%+v, %s) = %q, want %q", c.target, c.lang, got, c.end)
		}
	}
}

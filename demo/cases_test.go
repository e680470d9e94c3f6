package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/campaigns"
	"holdfast/templates"
)

// issued is a first issue a few hours before the clocks go forward in Canada, and three weeks before they do in Europe.
var issued = time.Date(2027, time.March, 14, 3, 30, 0, 0, time.UTC)

func fixtures(t *testing.T) []Fixture {
	t.Helper()
	cases, err := Cases(issued)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestCasesAreThoseOfTheList(t *testing.T) {
	t.Parallel()
	type row struct{ From, To, Timing, Languages string }
	want := []row{
		{"CA", "LK", "exact", "en fr"}, {"CA", "CM", "exact", "en fr"}, {"CA", "TR", "any_time", "en fr"},
		{"CA", "UG", "exact", "en fr"}, {"CA", "IR", "exact", "en fr fa"}, {"CA", "CO", "any_time", "en fr es"},
		{"CA", "EG", "none", "en fr"}, {"SE", "IQ", "exact", "en sv ar"}, {"TR", "TM", "any_time", "en fr"}, {"GB", "CD", "window", "en fr"},
	}
	var got []row
	for _, f := range fixtures(t) {
		var languages []string
		for _, text := range f.First.Texts {
			languages = append(languages, text.Language)
		}
		got = append(got, row{f.Case.RemovingCountry, f.Case.ReceivingCountry, f.Case.Timing, strings.Join(languages, " ")})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

func TestTimesCountFromTheFirstIssue(t *testing.T) {
	t.Parallel()
	cases := fixtures(t)
	for number, want := range map[int]string{
		1: "2027-03-22T07:40:00-07:00", // nine days on in Vancouver, where the issue was the evening before
		4: "2027-03-16T03:30:00-04:00", // 52 hours on, across the change of clocks
		5: "2027-03-26T21:25:00-04:00",
		8: "2027-03-16T11:00:00+01:00",
	} {
		removal := cases[number-1].Case.Removal
		place, err := time.LoadLocation(removal.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := removal.At.In(place).Format(time.RFC3339); got != want {
			t.Errorf("case %d: removal at %s, want %s", number, got, want)
		}
	}
	for _, f := range cases {
		at, err := f.Campaign.Instant()
		if err != nil {
			t.Errorf("case %d: %v", f.Number, err)
		}
		if f.Case.Timing == campaigns.RemovalExact && at.Before(*f.Case.At) {
			t.Errorf("case %d: letters are wanted until %v, which is before the removal", f.Number, at)
		}
	}
	if at, err := cases[3].Campaign.Instant(); err != nil || !at.Equal(*cases[3].Case.At) {
		t.Errorf("case 4: letters are wanted until %v, want until the flight", at)
	}
}

// clockOf is what a page would know of the times of a case.
func clockOf(t *testing.T, f Fixture) templates.Clock {
	t.Helper()
	removal := f.Case.Removal
	if f.Removed != nil {
		removal = *f.Removed
	}
	clock := templates.Clock{Now: issued, Removal: templates.Removal{Timing: removal.Timing, Zone: removal.Zone}}
	if removal.At != nil {
		clock.Removal.At = *removal.At
	}
	if removal.Until != nil {
		clock.Removal.Until = *removal.Until
	}
	deadline := f.Campaign.Deadline
	at, err := deadline.Instant()
	if err != nil {
		t.Fatal(err)
	}
	clock.Deadline = templates.Deadline{At: at, Day: deadline.DeadlineDay.Time, HasTime: deadline.DeadlineTime != "",
		Inclusive: deadline.DeadlineInclusive, Zone: deadline.DeadlineZone}
	return clock
}

func TestTextsCanBePublished(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		number := templates.Number{Series: "UA", Sequence: f.Number, Year: 2027}
		for _, text := range f.First.Texts {
			if err := templates.CheckMarkdown("body", text.Body); err != nil {
				t.Errorf("case %d, %s: %v", f.Number, text.Language, err)
			}
			page, err := templates.BodyHTML(text.Body, text.Language, number, clockOf(t, f))
			if err != nil || strings.Contains(string(page), "{") {
				t.Errorf("case %d, %s: the text cannot be filled in: %v", f.Number, text.Language, err)
			}
			for _, line := range []string{text.Subject, text.Headline} {
				if err := templates.CheckLine("line", line); err != nil {
					t.Errorf("case %d, %s: %v", f.Number, text.Language, err)
				}
			}
		}
		for _, ask := range f.Campaign.Asks {
			for language, text := range ask.Texts {
				if err := templates.CheckLine("ask", text); err != nil {
					t.Errorf("case %d, ask %s, %s: %v", f.Number, ask.Code, language, err)
				}
			}
			if ask.Texts["en"] == "" {
				t.Errorf("case %d: ask %s has no English text to fall back on", f.Number, ask.Code)
			}
		}
	}
}

// initial is how the persons of the demo are called: a capital with a stop behind it.
var initial = regexp.MustCompile(`\p{Lu}\.`)

func TestR10_SubjectsNameNobody(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		for _, text := range f.First.Texts {
			if initial.MatchString(text.Subject) {
				t.Errorf("case %d, %s: the subject %q names somebody", f.Number, text.Language, text.Subject)
			}
			for _, person := range f.Case.Persons {
				for _, word := range strings.Fields(person.PublishedAs) {
					if len(word) > 3 && strings.Contains(text.Subject, word) && word != "family" {
						t.Errorf("case %d, %s: the subject %q holds %q", f.Number, text.Language, text.Subject, word)
					}
				}
			}
		}
		if initial.MatchString(f.Case.Headline) {
			t.Errorf("case %d: the headline %q names somebody", f.Number, f.Case.Headline)
		}
	}
	if quick := fixtures(t)[3]; len(quick.Case.Persons) > 0 || strings.Contains(quick.Campaign.Title, "Uganda") {
		t.Error("case 4 describes a person who is not to be described, or says where to in its subject")
	}
}

func TestUnreadTextsSaySo(t *testing.T) {
	t.Parallel()
	unread := []string{"ar", "es", "fa", "sv"}
	for _, f := range fixtures(t) {
		for _, text := range f.First.Texts {
			says := strings.HasSuffix(text.Body, "[No native speaker has read this text yet.]\u2069")
			if says != slices.Contains(unread, text.Language) {
				t.Errorf("case %d, %s: says that no native speaker has read it: %t", f.Number, text.Language, says)
			}
		}
		for _, ask := range f.Campaign.Asks {
			for language := range ask.Texts {
				if !slices.ContainsFunc(f.First.Texts, func(t campaigns.Text) bool { return t.Language == language }) {
					t.Errorf("case %d: ask %s is written in %s, and the appeal is not", f.Number, ask.Code, language)
				}
			}
		}
	}
}

func TestFrenchIsSetAsFrenchIs(t *testing.T) {
	t.Parallel()
	wrong := regexp.MustCompile(` [:;!?»]|« |'|[^\x{a0}\x{202f}][;!?»]|[^\x{a0}\x{202f}]:[^/]`)
	check := func(where, text string) {
		if found := wrong.FindString(text); found != "" {
			t.Errorf("%s: %q in %q", where, found, text)
		}
	}
	for _, f := range fixtures(t) {
		for _, text := range f.First.Texts {
			if text.Language == "fr" {
				check(f.Case.Ref, text.Subject+" "+text.Headline+" "+text.Body)
			}
		}
		for _, ask := range f.Campaign.Asks {
			check(f.Case.Ref, ask.Texts["fr"])
		}
	}
	for _, office := range Offices() {
		for _, texts := range []campaigns.Texts{office.Office, office.Institution, office.Salutation} {
			check(office.Code, texts["fr"])
			if texts["en"] == "" || texts["fr"] == "" {
				t.Errorf("%s: office, institution and salutation are wanted in English and French, there is %v", office.Code, texts)
			}
		}
		if !strings.HasSuffix(office.Salutation["fr"], ",") {
			t.Errorf("%s: the salutation %q does not end with a comma", office.Code, office.Salutation["fr"])
		}
	}
}

func TestOfficesSayOnWhatTheyRest(t *testing.T) {
	t.Parallel()
	offices := map[string]campaigns.NewTarget{}
	for _, office := range Offices() {
		offices[office.Code] = office
		if office.VerifiedSource == "" {
			t.Errorf("%s does not say where its address was seen", office.Code)
		}
		if seen := strings.Contains(office.VerifiedSource, "only the year") || office.Code == "CA-EMB-US"; seen != (office.VerifiedOn != nil) {
			t.Errorf("%s: verified on %v, source %q", office.Code, office.VerifiedOn, office.VerifiedSource)
		}
	}
	if len(offices) != 17 {
		t.Errorf("%d offices, want 17", len(offices))
	}
	if o := offices["UN-SRT"]; o.TakesMassLetters == nil || *o.TakesMassLetters {
		t.Error("UN-SRT takes many letters, want few")
	}
	for _, code := range []string{"SE-MIG", "SE-MIN"} {
		if !offices[code].LettersArePublicRecords {
			t.Errorf("%s: letters are not public records, want them to be", code)
		}
	}
	for code, office := range offices {
		if office.PostageFree != strings.HasPrefix(office.PostalAddress, "House of Commons\n") {
			t.Errorf("%s: no stamp is needed: %t, at %q", code, office.PostageFree, office.PostalAddress)
		}
	}
	if offices["SE-MIN"].Power != campaigns.PowerNone {
		t.Error("SE-MIN has power over a single case, want none")
	}
}

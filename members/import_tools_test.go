package members

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

// TestImportFromOtherTools reads files written in the formats that other tools export, into a database in
// which bruno and dario are members already.
func TestImportFromOtherTools(t *testing.T) {
	t.Parallel()
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	whole := testConsent()
	undated := Consent{Source: whole.Source, Words: whole.Words}
	for file, test := range map[string]struct {
		consent Consent
		counts  Counts
		states  map[string]State // "" for nobody
		member  Member           // amina, of whom name, language, country and day of consent are compared
	}{
		"listmonk.csv": {undated, Counts{Rows: 4, Added: 2, Stopped: 2},
			map[string]State{"bruno": Suppressed, "dario": Suppressed, "chloe": Subscribed},
			Member{Name: "Amina Noor", Language: "en", Consent: Consent{GivenOn: day("2023-04-01")}}},
		"listmonk-lists.csv": {whole, Counts{Rows: 4, Added: 1, Stopped: 2, Wrong: 1},
			map[string]State{"bruno": Suppressed, "dario": Suppressed, "chloe": ""},
			Member{Name: "Amina Noor", Language: "en", Consent: Consent{GivenOn: whole.GivenOn}}},
		"mailchimp-subscribed.csv": {whole, Counts{Rows: 2, Added: 1, Updated: 1},
			map[string]State{"bruno": Subscribed},
			Member{Name: "Amina Noor", Language: "en", Country: "CA", Consent: Consent{GivenOn: day("2021-05-06")}}},
		"mailchimp-unsubscribed.csv": {whole, Counts{Rows: 1, Stopped: 1}, map[string]State{"chloe": "", "bruno": Subscribed}, Member{}},
		"mailchimp-cleaned.csv":      {whole, Counts{Rows: 1, Stopped: 1}, map[string]State{"dario": Suppressed}, Member{}},
		"civicrm.csv": {whole, Counts{Rows: 5, Added: 2, Stopped: 3},
			map[string]State{"bruno": Suppressed, "chloe": "", "dario": Suppressed, "elif": Subscribed},
			Member{Name: "Amina Noor", Language: "fr-CA", Country: "CA", GroupName: "Ottawa group", Consent: Consent{GivenOn: whole.GivenOn}}},
		"actionnetwork.csv": {whole, Counts{Rows: 5, Added: 1, Stopped: 3, Wrong: 1},
			map[string]State{"bruno": Suppressed, "chloe": "", "dario": Suppressed, "elif": ""},
			Member{Name: "Amina Noor", Language: "fr", Country: "CA", Consent: Consent{GivenOn: day("2021-05-06")}}},
		"phplist.tsv": {undated, Counts{Rows: 4, Added: 1, Stopped: 2, Wrong: 1},
			map[string]State{"bruno": Suppressed, "chloe": "", "dario": Suppressed},
			Member{Name: "Amina Noor", Language: "en", Consent: Consent{GivenOn: day("2020-01-02")}}},
		"sendy.csv": {undated, Counts{Rows: 6, Added: 2, Stopped: 3, Wrong: 1},
			map[string]State{"bruno": Suppressed, "chloe": "", "dario": Suppressed, "elif": "", "farid": Subscribed},
			Member{Name: "Amina Noor", Language: "en", Consent: Consent{GivenOn: day("2020-01-02")}}},
		"excel-french.csv": {whole, Counts{Rows: 2, Added: 1, Updated: 1}, map[string]State{"bruno": Subscribed},
			Member{Name: "Amina Noor", Language: "fr", Country: "CA", GroupName: "Ottawa group", Consent: Consent{GivenOn: whole.GivenOn}}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, dbtest.Pool(t))
			name := "Ottawa group"
			if file == "excel-french.csv" {
				name = "Ottawa"
			}
			if _, err := s.AddGroup(t.Context(), audit.System(), name, "Ottawa"); err != nil {
				t.Fatal(err)
			}
			mustAdd(t, s, New{Address: "bruno@writers.example"})
			mustAdd(t, s, New{Address: "dario@writers.example"})
			in, err := os.Open(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			report, err := s.Import(t.Context(), audit.System(), in, ImportOptions{Consent: test.consent, Language: "en"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.counts, report.Counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s\n%v", diff, report.Errors)
			}
			for local, want := range test.states {
				got, err := s.Find(t.Context(), local+"@writers.example")
				if err != nil && !failure.Is(err, failure.NotFound) {
					t.Fatal(err)
				}
				if got.State != want {
					t.Errorf("%s is %q, want %q", local, got.State, want)
				}
			}
			if test.member.Name == "" {
				return
			}
			got, err := s.Find(t.Context(), "amina@writers.example")
			if err != nil {
				t.Fatal(err)
			}
			if test.member.GroupName != "" {
				test.member.GroupName = name
			}
			got = Member{Name: got.Name, Language: got.Language, Country: got.Country, GroupName: got.GroupName,
				Consent: Consent{GivenOn: got.Consent.GivenOn}}
			if diff := cmp.Diff(test.member, got, cmp.AllowUnexported(Address{})); diff != "" {
				t.Errorf("amina (-want +got):\n%s", diff)
			}
		})
	}
}

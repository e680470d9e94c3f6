package campaigns

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// What an office can do about one case.
const (
	PowerDecides      = "decides"
	PowerCanDirect    = "can_direct"
	PowerCanInfluence = "can_influence"
	PowerNone         = "no_individual_power"
)

// Target is an office that can be written to: minister, agency, embassy. The office, never its holder.
type Target struct {
	ID                      int64     `json:"id"`
	Code                    string    `json:"code"`
	Kind                    string    `json:"kind"`
	Country                 *string   `json:"country"`
	Power                   string    `json:"power"`
	Office                  Texts     `json:"office"`
	Institution             Texts     `json:"institution"`
	Salutation              Texts     `json:"salutation"`
	Languages               []string  `json:"languages"` // that the office reads, the preferred first
	Gender                  string    `json:"gender"`    // of whoever holds the office: "", female or male
	PostalAddress           string    `json:"postal_address"`
	PostalCountry           *string   `json:"postal_country"` // where mail to it goes, where that is not Country
	Address                 string    `json:"address"`
	Fax                     string    `json:"fax"`
	Phone                   string    `json:"phone"`
	FormURL                 string    `json:"form_url"`
	SocialURLs              []string  `json:"social_urls"` // its public profiles, of any service
	PostageFree             bool      `json:"postage_free"`
	LettersArePublicRecords bool      `json:"letters_are_public_records"`
	TakesMassLetters        bool      `json:"takes_mass_letters"`
	VerifiedOn              *Day      `json:"verified_on"`
	VerifiedSource          string    `json:"verified_source"`
	CreatedAt               time.Time `json:"created_at"`
}

// NewTarget is what is asked for to list an office, or to change one as a whole.
type NewTarget struct {
	Code                    string   `json:"code"`
	Kind                    string   `json:"kind"`
	Country                 string   `json:"country"`
	Power                   string   `json:"power"`
	Office                  Texts    `json:"office"`
	Institution             Texts    `json:"institution"`
	Salutation              Texts    `json:"salutation"`
	Languages               []string `json:"languages"`
	Gender                  string   `json:"gender"`
	PostalAddress           string   `json:"postal_address"`
	PostalCountry           string   `json:"postal_country"`
	Address                 string   `json:"address"`
	Fax                     string   `json:"fax"`
	Phone                   string   `json:"phone"`
	FormURL                 string   `json:"form_url"`
	SocialURLs              []string `json:"social_urls"` // two at the most
	PostageFree             bool     `json:"postage_free"`
	LettersArePublicRecords bool     `json:"letters_are_public_records"`
	TakesMassLetters        *bool    `json:"takes_mass_letters"` // true where nothing is said
	VerifiedOn              *Day     `json:"verified_on"`
	VerifiedSource          string   `json:"verified_source"`
}

// mostProfiles is how many public profiles one office has here.
const mostProfiles = 2

var targetKinds = map[string]bool{"minister": true, "agency": true, "head_of_government": true, "embassy": true,
	"legislator": true, "intergovernmental": true, "carrier": true}

// courtWords are what courts and tribunals are called in the languages of the house. A court has no kind of its own to be
// listed under; these catch one that is listed as something else.
var courtWords = regexp.MustCompile(`(?i)(^|[^\p{L}])(court|courts|tribunal|tribunals|tribunaux|cour|cours|judge|judges|juge|juges|judiciary|` +
	`juzgado|corte|juez|\p{L}*domstol\p{L}*|\p{L}*gericht\p{L}*|registrar|chief justice|immigration and refugee board|(immigration|refugee (protection|appeal)) division|irb|` +
	`commission de l['’]immigration et du statut de réfugié|mahkeme|mahkemesi)([^\p{L}]|$)|محكمة|دادگاه`)

func (n NewTarget) check() error {
	var check failure.Check
	checkLine(&check, "code", n.Code, 40)
	if n.Kind == "court" || n.Kind == "tribunal" {
		return failure.Rule("R3", "courts and tribunals are never written to: they decide by themselves, and letters would harm the person")
	}
	check.Need(targetKinds[n.Kind], "kind", "must be minister, agency, head_of_government, embassy, legislator, intergovernmental or carrier")
	if n.Kind == "intergovernmental" {
		check.Need(n.Country == "", "country", "must be empty for an intergovernmental office")
	} else {
		check.Need(isCountry(n.Country), "country", "must be the code of the state that the office belongs to (an embassy belongs to the state it speaks for)")
	}
	switch n.Power {
	case PowerDecides, PowerCanDirect, PowerCanInfluence, PowerNone:
	case "must_not_be_lobbied":
		return failure.Rule("R3", "an office that must not be lobbied cannot be a target")
	default:
		check.Add("power", "must be decides, can_direct, can_influence or no_individual_power")
	}
	checkTexts(&check, "office", n.Office, 200)
	for _, texts := range []Texts{n.Office, n.Institution} {
		for _, text := range texts {
			if courtWords.MatchString(text) {
				return failure.Rule("R3", "%q reads like a court or tribunal, and those are never written to; if it is none, write the office without that word", text)
			}
		}
	}
	if len(n.Institution) > 0 {
		checkTexts(&check, "institution", n.Institution, 200)
	}
	n.checkAddressing(&check)
	check.Need(len(n.PostalAddress) <= 1000 && !hasControl(n.PostalAddress, true), "postal_address", "is too long, or holds a control character")
	check.Need(n.Address == "" || looksLikeAddress(n.Address), "address", "is not an e-mail address")
	for field, text := range map[string]string{"fax": n.Fax, "phone": n.Phone, "verified_source": n.VerifiedSource} {
		check.Need(len(text) <= 200 && !hasControl(text, false), field, "is too long, or holds a control character")
	}
	check.Need(n.FormURL == "" || isHTTPS(n.FormURL), "form_url", "must be an https address")
	check.Need(len(n.SocialURLs) <= mostProfiles, "social_urls", "are too many: want the office's own profile, and a second one at the most")
	for i, profile := range n.SocialURLs {
		check.Need(isHTTPS(profile) && len(profile) <= 200, "social_urls", "must be https addresses of no more than 200 characters")
		check.Need(!slices.Contains(n.SocialURLs[:i], profile), "social_urls", "has the same address twice")
	}
	check.Need(n.PostalAddress+n.Address+n.Fax+n.Phone+n.FormURL != "", "postal_address", "is missing: want at least one way to reach the office")
	return check.Err()
}

// checkAddressing checks how the office is spoken to, and in what.
func (n NewTarget) checkAddressing(check *failure.Check) {
	for _, key := range slices.Sorted(maps.Keys(n.Salutation)) {
		lang, _ := CutGender(key)
		check.Need(isLanguage(lang), "salutation."+key, "%q is not a language tag such as en or fr, nor one for a holder of either gender, such as fr-f or fr-m", key)
		checkLine(check, "salutation."+key, n.Salutation[key], 200)
	}
	check.Need(len(n.Languages) <= 10, "languages", "are too many")
	for i, lang := range n.Languages {
		check.Need(isLanguage(lang) && !slices.Contains(n.Languages[:i], lang), "languages", "%q is not a language tag such as en, fr or fa, or is there twice", lang)
	}
	check.Need(n.Gender == "" || n.Gender == Female || n.Gender == Male, "gender", "must be female, male, or empty where it is not known")
	check.Need(n.PostalCountry == "" || isCountry(n.PostalCountry), "postal_country", "must be a country code of two capitals, such as CA, or empty")
}

// The gender of whoever holds an office, by which some languages address it.
const (
	Female = "female"
	Male   = "male"
)

// CutGender divides the key of a salutation into its language and the gender of the holder that it is for, "" for any.
func CutGender(key string) (lang, gender string) {
	if lang, found := strings.CutSuffix(key, "-f"); found {
		return lang, Female
	}
	if lang, found := strings.CutSuffix(key, "-m"); found {
		return lang, Male
	}
	return key, ""
}

// Salutes returns the salutation that was given for the office in lang, with a comma at its end as it was written: that for the gender of
// its holder before that for any. "" where none was given.
func (t Target) Salutes(lang string) string {
	for _, key := range []string{lang + map[string]string{Female: "-f", Male: "-m"}[t.Gender], lang} {
		if text := t.Salutation[key]; text != "" {
			return text
		}
	}
	return ""
}

// PostedTo is the country to which mail for the office goes; "" where that is not known.
func (t Target) PostedTo() string {
	switch {
	case t.PostalCountry != nil:
		return *t.PostalCountry
	case t.Country != nil && t.Kind != "embassy": // an embassy stands in another state than its own
		return *t.Country
	}
	return ""
}

// isHTTPS reports whether text is an address that a page may link to, without a name or password in it.
func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && !strings.ContainsAny(text, " <>\"") && !hasControl(text, false)
}

func looksLikeAddress(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(text, " <>,;\"") && !hasControl(text, false)
}

// AddTarget lists an office. Errors: Invalid; Forbidden for a court or tribunal (R3); Conflict where the code is taken.
func (s *Store) AddTarget(ctx context.Context, by audit.Actor, n NewTarget) (Target, error) {
	if err := n.check(); err != nil {
		return Target{}, err
	}
	var added Target
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var err error
		if added, err = insertTarget(ctx, tx, n); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "target.add", Subject: "target", SubjectID: added.ID, After: added})
	})
	if postgres.IsUnique(err, "targets_code_key") {
		return Target{}, failure.Clash("there is a target %s already", n.Code)
	}
	return added, err
}

// ChangeTarget replaces what is known of an office. Its country stays: another state's office is another target.
// Errors: as AddTarget, and NotFound.
func (s *Store) ChangeTarget(ctx context.Context, by audit.Actor, id int64, n NewTarget) (Target, error) {
	if err := n.check(); err != nil {
		return Target{}, err
	}
	var after Target
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		before, err := lockTarget(ctx, tx, id)
		if err != nil {
			return err
		}
		if (before.Country == nil) != (n.Country == "") || before.Country != nil && *before.Country != n.Country {
			return failure.Wrong("country", "cannot be changed: list the other state's office as a target of its own")
		}
		if after, err = updateTarget(ctx, tx, id, n); err != nil {
			return err
		}
		// R2: the second yes was to the office as it stood.
		if err := dropAgreements(ctx, tx, id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "target.change", Subject: "target", SubjectID: id, Before: before, After: after})
	})
	if postgres.IsUnique(err, "targets_code_key") {
		return Target{}, failure.Clash("there is a target %s already", n.Code)
	}
	return after, err
}

// Target returns one office. Errors: NotFound.
func (s *Store) Target(ctx context.Context, id int64) (Target, error) {
	rows, err := s.DB.Query(ctx, targetSQL, id)
	return one[Target](rows, err, "target", id)
}

// Targets lists the offices in the order they were listed.
func (s *Store) Targets(ctx context.Context, p Page) ([]Target, error) {
	rows, err := s.DB.Query(ctx, targetsSQL, p.After, p.limit())
	return all[Target](rows, err)
}

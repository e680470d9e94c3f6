package templates

import "time"

// Targets is the list at /admin/targets.
type Targets struct {
	Rows []TargetRow
}

// TargetRow is one office in the list.
type TargetRow struct {
	Target
	Code       string
	Kind       string      // target_kind
	VerifiedOn time.Time   // zero where nobody has
	Stale      bool        // verified too long ago to be trusted
	Hint       *RecordHint // nil where nobody has written to it, or this account may not read letters
}

func (Targets) spec() spec {
	return spec{file: "targets", layout: staffLayout, partials: []string{"state", "hint"}}
}

// TargetForm is the page at /admin/targets/new and /admin/targets/{id}. Its form: POST Action with code, kind, country, power,
// office.LANG, institution.LANG, salutation.LANG (salutation.LANG-f and -m for a holder of either gender), languages, gender, postal_address,
// postal_country, address, fax, phone, form_url, social_urls, postage_free,
// letters_are_public_records, takes_mass_letters, verified_on, verified_source. All values are as they were typed.
type TargetForm struct {
	Action               string
	New                  bool
	Code, Kind           string
	Country, Power       string
	Texts                []TargetText
	Languages, Gender    string // tags with spaces between them; ""|female|male
	PostalAddress, Email string
	PostalCountry        string
	Fax, Phone, FormURL  string
	SocialURLs           string // with lines or spaces between them
	PostageFree          bool
	PublicRecords        bool
	MassLetters          bool
	VerifiedOn           string
	VerifiedSource       string
}

// TargetText is what an office is called in one language.
type TargetText struct {
	Lang, Office, Institution, Salutation string
	ToWoman, ToMan                        string // salutations for a holder of either gender
}

// Gendered reports whether the language may have a salutation for each gender.
func (t TargetText) Gendered() bool { return t.Lang != "en" && t.Lang != "fa" }

func (TargetForm) spec() spec {
	return spec{file: "target_form", layout: staffLayout, partials: []string{"form"}}
}

package templates

// Cases is the list at /admin/cases.
type Cases struct {
	Rows []CaseRow
	Next string // URL of the next page; empty on the last
}

// CaseRow is one case in the list.
type CaseRow struct {
	ID, Ref, Headline   string
	Removing, Receiving string // ISO codes
	Clock               Clock
}

func (Cases) spec() spec {
	return spec{file: "cases", layout: staffLayout, partials: []string{"clock"}}
}

// Case is the page at /admin/cases/{id}. Its forms: POST …/removal with removal_timing, removal_day, removal_time,
// removal_until_day, removal_zone; POST …/origin-state-knows with origin_state_reason; POST …/unspoken with unspoken; POST
// …/unspoken/ID/remove. All values are as they were typed.
type Case struct {
	ID string
	CaseFacts
	Concerns  []string
	Clock     Clock
	Campaigns []CaseCampaign
	RemovalForm
	Reason string

	Unspoken    []UnspokenRow // what no letter may name; only for who may edit cases
	NewUnspoken string
}

// UnspokenRow is one of what no letter may name.
type UnspokenRow struct{ ID, Words string }

// CaseCampaign is one campaign on a case.
type CaseCampaign struct {
	ID     string
	Number Number
	Title  string
	State  string // campaign_state
}

// RemovalForm is when a removal is to happen, as it was typed.
type RemovalForm struct {
	Timing    string // timing
	Day, Hour string // yyyy-mm-dd, hh:mm
	UntilDay  string // of a window
	Zone      string // IANA
}

func (Case) spec() spec {
	return spec{file: "case", layout: staffLayout, partials: []string{"form", "clock", "state", "removal"}}
}

// CaseForm is the page at /admin/cases/new. Its form: POST /admin/cases with ref, headline, concerns, removing_country,
// receiving_country, nationality_country, removal_timing, removal_day, removal_time, removal_until_day, removal_zone, persons.
// All values are as they were typed.
type CaseForm struct {
	Ref         string
	Headline    string
	Concerns    string // one a line
	Removing    string // ISO codes
	Receiving   string
	Nationality string
	RemovalForm
	Persons string // as published, one a line
}

func (CaseForm) spec() spec {
	return spec{file: "case_form", layout: staffLayout, partials: []string{"form", "removal"}}
}

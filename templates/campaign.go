package templates

import "time"

// Campaigns is the list at /admin/campaigns. Its filter: GET state.
type Campaigns struct {
	State string // campaign_state that is shown; empty for all
	Rows  []CampaignRow
	Total int64  // campaigns that match, also those on other pages
	Next  string // URL of the next page; empty on the last
}

// CampaignRow is one campaign in the list.
type CampaignRow struct {
	ID      string
	Number  Number
	Title   string
	State   string // campaign_state
	Clock   Clock
	Latest  *Receipt // of the latest appeal that was launched
	Live    bool     // which is still leaving
	Letters LetterCount
}

func (Campaigns) spec() spec {
	return spec{file: "campaigns", layout: staffLayout, partials: []string{"form", "bar", "state", "clock", "letter_count"}}
}

// Campaign is the page at /admin/campaigns/{id}.
//
// Its forms: POST …/stop and …/resume; POST …/targets/TARGET/agree; POST …/close with outcome, outcome_note, durability, contribution; POST …/appeals
// with kind; POST …/origin-state-knows with origin_state_reason.
type Campaign struct {
	ID        string
	Number    Number
	Title     string
	State     string // campaign_state
	Urgent    bool
	Clock     Clock
	Fallback  string // the language for readers who have no text in theirs
	PublicURL string
	Case      *CaseFacts // nil for a campaign on a policy matter

	AfterDeadline string
	Asks          []AskTexts
	Targets       []CampaignTarget
	Appeals       []AppealRow
	NewKinds      []string // kinds of appeal that may be made now
	Letters       LetterTotals
	MayRecord     bool      // this account may record letter evenings
	AnswersURL    string    // the answers to its letters; empty for who may not read letters, and where none can have come
	Days          *DaysPlot // nil where there are none to show

	Closed Outcome   // of a closed campaign
	Close  CloseForm // of one that is not
	Reason string    // why the state of origin knows, as it was typed
	Key    string    // against a double click
}

// CaseFacts is what a campaign's page says of its case.
type CaseFacts struct {
	CaseID                           string // empty for an account that may not read cases
	Ref                              string // internal; empty as CaseID
	Headline                         string
	Removing, Receiving, Nationality string   // ISO codes
	Persons                          []string // as published
	OriginStateKnows                 bool
	OriginStateReason                string
}

// AskTexts is one ask in every language that it has.
type AskTexts struct {
	Code    string
	Texts   []Ask
	Offices []string // as in Ask
}

// CampaignTarget is a target with what this campaign decided of it.
type CampaignTarget struct {
	Target
	AddedBy  string
	AgreedBy string      // the second account; empty as long as there is none
	NeedsYes bool        // a receiving-side target that leaves no mail before a second account has agreed (R2)
	MayAgree bool        // this account may be the second
	Hint     *RecordHint // nil where nobody has written to it, or this account may not read letters
}

// AppealRow is one mailing in the list of a campaign.
type AppealRow struct {
	ID         string
	Kind       string // kind
	State      string // appeal_state
	Languages  []string
	LaunchedAt time.Time // zero before
	Receipt    Receipt
}

// CloseForm is what was filled in to close a campaign, as it was typed.
type CloseForm struct {
	Tried                                   bool // it was sent, and something was wrong
	Outcome, Note, Durability, Contribution string
}

func (Campaign) spec() spec {
	return spec{file: "campaign", layout: staffLayout, partials: []string{"clock", "form", "bar", "state", "letter_totals", "grade", "plot_days", "hint"}}
}

// CampaignForm is the page at /admin/campaigns/new. Its form: POST /admin/campaigns with case_id, title, number, year,
// series, urgent, fallback_language, deadline_day, deadline_time, deadline_zone, deadline_inclusive, after_deadline,
// asks.N.texts.LANG, and targets, the ids of those that are written to.
type CampaignForm struct {
	CaseID   string
	Cases    []Choice
	Title    string
	Series   string
	Sequence string
	Year     string
	Urgent   bool
	Fallback string

	DeadlineDay, DeadlineTime, DeadlineZone string
	DeadlineInclusive                       bool
	AfterDeadline                           string

	Languages []string // in which asks may be written
	Asks      []AskForm
	Targets   []TargetChoice
	Key       string // against a double click
}

// AskForm is one ask as it was typed, one text for each of CampaignForm.Languages.
type AskForm struct {
	Code    string // of one that is stored
	Texts   []string
	Offices []Choice // whom it may be for alone; nil where there is no choice
}

// inSight is in how many languages an ask is asked for at once; the others wait behind a press().
const inSight = 2

// InSight returns how many of the languages are shown at once: the first ones, and as far as something is written.
func (a AskForm) InSight() int {
	n := min(inSight, len(a.Texts))
	for i, text := range a.Texts {
		if text != "" {
			n = max(n, i+1)
		}
	}
	return n
}

// TargetChoice is one office that a campaign may write to.
type TargetChoice struct {
	Target
	Chosen bool
	Hint   *RecordHint // nil where nobody has written to it
}

func (CampaignForm) spec() spec {
	return spec{file: "campaign_form", layout: staffLayout, partials: []string{"form", "ask", "hint"}}
}

package templates

import "time"

// Report is the page where somebody says what they wrote, corrects it and withdraws it: a member at /r/{token}/report, a visitor at
// /a/{slug}/report and then at their own address /w/{token}.
//
// Its forms: POST Action with target (several), channel, day, copies, key; POST Action/letters/ID with day and copies, to
// correct; POST Action/letters/ID/withdraw. In Problems, the fields of the form that corrects report ID are named
// rID.day and rID.copies.
type Report struct {
	Action   string // this page's own path, with the token
	Asked    string // the language that the reader asked for, which links and forms keep; empty where they asked for none
	Number   Number
	Headline string
	TextLang string // the language of Headline
	State    string // campaign_state
	Clock    Clock
	ReadURL  string // the page of the campaign, with asks and addresses

	AfterDeadline string   // after_deadline
	Targets       []Choice // Value is the target's id, Label the office; Chosen as the form was sent
	Form          ReportForm
	MaxCopies     int
	Today         time.Time // the day it is for this member
	LastDay       time.Time // the last day on which a letter may have been sent that is reported now; Today or before it
	Over          bool      // reports are no longer taken
	Thanks        bool      // a report has just been recorded

	Visitor    bool   // of whom nothing is known
	Key        string // of a visitor's first form, against a double click
	KeepURL    string // where a visitor comes back to what they said; empty before
	EveningURL string // where a member tells of a letter evening of their group; empty without a group

	Reported []Reported
}

// ReportForm is what the member filled in, as it was typed.
type ReportForm struct {
	Channel string
	Day     string // yyyy-mm-dd
	Copies  string
}

// Reported is one report that this link has made.
type Reported struct {
	ID         string
	Office     string
	OfficeLang string
	Channel    string // channel, or "unsaid"
	Day        time.Time
	Copies     int
	Withdrawn  bool
	Grade      string // tally.known
	State      string // tally.state

	FormDay, FormCopies string // a correction as it was typed, when it was wrong
}

// OnWord reports whether the letter is known by its writer's word alone, so that their word can change it.
func (r Reported) OnWord() bool { return r.Grade == "reported" || r.Grade == "batch" }

// MayWithdraw reports whether the letter can be taken back: what we have sent cannot.
func (r Reported) MayWithdraw() bool { return r.Grade != "sent" }

func (Report) spec() spec {
	return spec{file: "report", layout: publicLayout, partials: []string{"clock", "form", "report_form"}}
}

// WritingHelps is TakeAction.WritingHelps.
func (p Report) WritingHelps() bool {
	return p.State == "active" && (!p.Clock.Passed() || p.AfterDeadline == "open")
}

// Standing reports whether any report has not been withdrawn.
func (p Report) Standing() bool { return standing(p.Reported) }

func standing(list []Reported) bool {
	for _, r := range list {
		if !r.Withdrawn {
			return true
		}
	}
	return false
}

// Evening is the page at /r/{token}/evening, where a member says what their group wrote on one evening.
//
// Its forms: POST Action with target (several), channel, day, copies; POST Action/ID/withdraw.
type Evening struct {
	Report
	Group   string // empty for a member of none
	BackURL string // the member's own page of reports
	// SheetURL is the sheet to print for an evening; empty where letters are not wanted
	SheetURL string
	Another  bool // somebody else in the group has told us of it
}

func (Evening) spec() spec {
	return spec{file: "evening", layout: publicLayout, partials: []string{"form", "report_form"}}
}

// Evenings is the page at /admin/campaigns/{id}/evenings, where staff record what groups tell them.
//
// Its forms: POST …/evenings with group, target (several), channel, day, copies; POST …/evenings/LETTER/withdraw.
type Evenings struct {
	CampaignID string
	Number     Number
	Title      string
	Groups     []Choice
	Targets    []Choice
	Form       ReportForm
	MaxCopies  int
	LastDay    time.Time
	Over       bool // reports are no longer taken
	Rows       []EveningRow
}

// EveningRow is one evening of a group.
type EveningRow struct {
	ID           string
	Group        string
	Office, Lang string
	Channel      string
	Copies       int64
	Day          time.Time
	State        string // tally_state
	AnsweredBy   string // the account; empty for a member
}

func (Evenings) spec() spec {
	return spec{file: "evenings", layout: staffLayout, partials: []string{"form"}}
}

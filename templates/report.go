package templates

import "time"

// Report is the page at /r/{token}, where a member says what they wrote, corrects it and withdraws it.
//
// Its forms: POST Action with target (several), channel, day, copies; POST Action/letters/ID with day and copies, to
// correct; POST Action/letters/ID/withdraw. In Problems, the fields of the form that corrects report ID are named
// rID.day and rID.copies.
type Report struct {
	Action   string // this page's own path, with the token
	Number   Number
	Headline string
	TextLang string // the language of Headline
	State    string // campaign_state
	Clock    Clock
	ReadURL  string // the public page of the campaign, with asks and addresses

	AfterDeadline string   // after_deadline
	Targets       []Choice // Value is the target's id, Label the office; Chosen as the form was sent
	Form          ReportForm
	MaxCopies     int
	Today         time.Time // the day it is for this member
	Thanks        bool      // a report has just been recorded

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
	Channel    string
	Day        time.Time
	Copies     int
	Withdrawn  bool

	FormDay, FormCopies string // a correction as it was typed, when it was wrong
}

func (Report) spec() spec {
	return spec{file: "report", layout: publicLayout, partials: []string{"clock", "form"}}
}

// WritingHelps is TakeAction.WritingHelps.
func (p Report) WritingHelps() bool {
	return p.State == "active" && (!p.Clock.Passed() || p.AfterDeadline == "open")
}

// Standing reports whether any report has not been withdrawn.
func (p Report) Standing() bool {
	for _, r := range p.Reported {
		if !r.Withdrawn {
			return true
		}
	}
	return false
}

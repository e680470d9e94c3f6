package templates

import (
	"html/template"
	"time"
)

// TakeAction is the page of a campaign, at /a/{slug} for anybody and at /r/{token} for a member: what is happening, what to ask, whom to write to.
type TakeAction struct {
	Number    Number
	Urgent    bool   // an urgent action, not a slow one
	State     string // campaign_state
	Kind      string // of the appeal whose text this is
	Issued    time.Time
	TextLang  string // the language of Headline and Body
	Headline  string
	Body      template.HTML // as BodyHTML made it
	Removing  string        // ISO code of the country that is to send somebody back; empty without a case
	Receiving string        // and of the country to which

	Clock         Clock
	AfterDeadline string // after_deadline
	Asks          []Ask
	Targets       []Target
	Outcome       Outcome // of a closed campaign

	Count LetterCount // shown where it is not zero

	PublicURL string // this page without a token, to be passed on
	ReportURL string // where the reader tells what they sent; empty where reports are no longer taken
	SheetURL  string // the sheet for a letter evening, as PDF; empty where letters are not wanted

	EveningURL string // where a member tells of a letter evening of their group; empty without a group, and where reports are no longer taken

	Member bool      // the reader is known by their link
	Wrote  []Written // what a member wrote already
	Silent []Silent  // offices that have not answered them for long
}

// Written is one letter that the reader wrote, or began.
type Written struct {
	Office, OfficeLang string
	Channel            string // channel; empty where it was not said
	State              string // letter_state
	Day                time.Time
}

// Silent is an office that has not answered a letter of the reader.
type Silent struct {
	Office, OfficeLang string
	Days               int    // working days of the office
	WriteURL           string // where to write again; empty where letters are not wanted now
}

func (TakeAction) spec() spec {
	return spec{file: "take_action", layout: publicLayout, partials: []string{"clock", "target", "letter_count"}}
}

// WritingHelps reports whether letters are wanted now: the campaign is open, and its deadline is ahead or does not
// matter. Where they are not, the page shows no address (R13).
func (p TakeAction) WritingHelps() bool {
	return p.State == "active" && (!p.Clock.Passed() || p.AfterDeadline == "open")
}

// Ask is one point that letters should make.
type Ask struct {
	Code string
	Text string
	Lang string // the language of Text

	Offices []string // whom it is for, by their titles; nil: every office of the campaign
}

// Target is an office that is written to; never its holder.
type Target struct {
	ID            string
	Office        string
	Institution   string
	Salutation    string
	Lang          string // the language of Office, Institution and Salutation
	PostalAddress string // on several lines
	Email         string
	Fax, Phone    string
	FormURL       string   // a contact form, https
	Profiles      []string // where it may be written to publicly, https; shown at the desk alone, beside what such a post gives away
	Country       string   // ISO code; empty for an intergovernmental body
	Side          string   // side
	Power         string   // power
	PostageFree   bool     // no stamp is needed within the country
	PublicRecords bool     // whoever asks may read what is sent here
	NoMassLetters bool     // takes a careful letter, not many
	WriteURL      string   // the writing desk for this office; empty where none is offered
}

// Outcome is how a campaign ended. The zero value is none.
type Outcome struct {
	Word       string // outcome
	Note       string // in words of the coordinator
	NoteLang   string
	Durability string // durability
}

// BodyHTML writes a coordinator's Markdown as HTML for a page, with what it may hold in braces filled in by lang, the
// language of the text. What CheckMarkdown would refuse is left out; a placeholder that has no value is failure.Invalid.
func BodyHTML(markdown, lang string, number Number, c Clock) (template.HTML, error) {
	filled, err := FillText("body", markdown, lang, number, c)
	if err != nil {
		return "", err
	}
	return press().markdown.html(filled)
}

// FillText fills in what a text in lang holds in braces, and sets its spaces as the language wants them. field is the name of the wrong field in a failure.Invalid.
func FillText(field, text, lang string, number Number, c Clock) (string, error) {
	s := &speaker{words: press().words[PublicLanguage(lang)]}
	filled, err := s.fillPlaces(field, text, number, c)
	return typeset(lang, filled), err
}

package templates

import (
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

// Desk is the page at /a/{slug}/write/{target} and /r/{token}/write/{target}, where a letter to one office is written. The house keeps nothing of it.
//
// Its form: POST Action/check, which answers with this page and its hints; /own; and, of other pages, /send and /paper. Fields: name, town, email
// (of a visitor), postal (for paper), language, subject, text, short (to be posted publicly). All values are as they were typed.
type Desk struct {
	Action    string // this desk's own path
	Query     string // what follows each path of the form: "?lang=fr", or nothing
	BackURL   string // the page of the action
	ReportURL string // where what was sent is told
	LabelsURL string // the address for an envelope, without its size; empty where there is none to print
	Draft     string // the name under which the browser keeps the draft
	Number    Number
	Headline  string
	Case      template.HTML // what the action is about, as BodyHTML made it
	TextLang  string        // the language of Headline and Case
	State     string        // campaign_state
	Clock     Clock         // with the last posting day for this office

	AfterDeadline string // after_deadline
	Office        Target
	Member        bool // the writer is known by their link
	Fresh         bool // nothing has been typed yet
	Refused       bool // the letter was to leave, and names what must stay out

	Name, Town, Email, Postal string
	Subject, Text, Short      string
	Language                  string   // that the letter is written in
	Languages                 []Choice // Value is the tag
	Reads                     []string // the languages that the office reads; nil where that is not known
	Salutation, Closing       string   // in Language; empty where the house has none
	Asks                      []DeskAsk
	Sample                    string // a letter that the coordinator gives, in SampleLang
	SampleLang                string

	Ways    []DeskWay
	Days    int  // that the post is reckoned to take
	Assumed bool // no route says so
	Postage string

	Checked bool // what follows is about Text
	Words   int
	Hints   []DeskHint

	ShortHints []DeskHint // of Short
}

func (Desk) spec() spec {
	return spec{file: "desk", layout: publicLayout, partials: []string{"clock", "form"}}
}

// WritingHelps is TakeAction.WritingHelps.
func (p Desk) WritingHelps() bool {
	return p.State == "active" && (!p.Clock.Passed() || p.AfterDeadline == "open")
}

// Beside reports whether points are shown in the letter's language beside the reader's.
func (p Desk) Beside() bool {
	return slices.ContainsFunc(p.Asks, func(a DeskAsk) bool { return a.Theirs != "" })
}

// ShortSigns counts the characters of the text that is to be posted publicly, without spaces around it.
func (p Desk) ShortSigns() int { return utf8.RuneCountInString(strings.TrimSpace(p.Short)) }

// Covered counts the points that the letter makes.
func (p Desk) Covered() (n int) {
	for _, a := range p.Asks {
		if a.Covered {
			n++
		}
	}
	return n
}

// Good reports whether the letter says what it should: every point that can be told.
func (p Desk) Good() bool {
	return p.Words > 0 && !slices.ContainsFunc(p.Asks, func(a DeskAsk) bool { return a.Readable && !a.Covered })
}

// DeskAsk is one point to make.
type DeskAsk struct {
	Ask
	Theirs   string // the same in the letter's language, where that is another
	Covered  bool
	Readable bool // it can be told whether the letter makes it
}

// DeskWay is one way to send the letter, the best first.
type DeskWay struct {
	Channel string // channel
	Flags   []string
	Works   bool
	ByHouse bool // the house mails it
}

// DeskHint is one thing to think of before the letter leaves.
type DeskHint struct {
	Word    string   // hint
	Names   []string // what it is about, as it was typed; none where whoever reads the page may not know which of their words it was
	Percent int
}

// Stops reports whether the letter must not leave as it is.
func (h DeskHint) Stops() bool { return h.Word == "unspoken" }

// OwnMail is the page at …/own: the letter handed over to the writer's own mail program.
type OwnMail struct {
	DeskURL   string // back to the desk
	ReportURL string
	Draft     string // as Desk.Draft
	Number    Number
	Office    Target
	Language  string

	To, Subject, Body string
	Copy              string // the address for the blind copy; empty where the house takes none
	Mailto            string // as MailtoLink made it
	Rest              string // what the link does not hold, to be pasted; empty where it holds everything
}

func (OwnMail) spec() spec {
	return spec{file: "own_mail", layout: publicLayout}
}

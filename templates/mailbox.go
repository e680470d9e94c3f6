package templates

import "time"

// Mailbox is the demo's list of caught mail, at /mailbox. Its filter: GET q, what and language.
type Mailbox struct {
	Query    string   // within addresses, names and subjects; empty for all
	Language string   // of the mails that are shown; empty for all
	What     string   // mail_what that is shown; empty for all
	Choices  []string // languages to choose from
	Lang     string   // of the page, where its address asks for one
	Earlier  bool     // mails have left in an earlier start, and are not kept
	Rows     []MailRow
	Total    int64  // mails that match, also those on other pages
	Next     string // URL of the next page; empty on the last
}

// MailRow is one caught message.
type MailRow struct {
	URL        string
	Name, To   string // of whom it went to; Name may be empty
	Subject    string
	Lang       string // of the subject, where it is known
	What       string // mail_what
	ReceivedAt time.Time
}

func (Mailbox) spec() spec {
	return spec{file: "mailbox", layout: staffLayout, partials: []string{"form"}}
}

// MailView is one message, shown as text, as HTML in a frame, or as source: a caught one, or the preview of an appeal.
type MailView struct {
	Back     string // URL of the list or page it belongs to
	BackText string // what that is called; empty: the mailbox
	From, To string
	Subject  string
	Lang     string // the language of Subject and Text
	SentAt   time.Time
	View     string     // mail_view that is shown
	Views    []MailLink // to the others, and this one
	Text     string     // of the views text and source
	FrameURL string     // of the view html: answers with the HTML part under MailSecurityPolicy
	Links    []string   // every http link in the message: the frame itself follows none

	Fates  []MailFate  // of a caught one, at each address of the house that it was sent to
	Answer *MailAnswer // nil where nobody would read an answer
}

// MailFate is what became of a mail at an address of the house.
type MailFate struct {
	To      string
	Refused string // the reply of who takes mail in; empty where it was taken
}

// MailAnswer is the form by which somebody at the demo's mailbox answers as who got the mail: POST kind, of the family "answer_as_" + As, and text.
type MailAnswer struct {
	Action string
	As     string // mail_as
	From   string // the address that the answer comes from
	Lang   string // of the mail, which the answer is in
	Text   string // what stands in the form
}

// OwnProgram is the demo's stand-in for a mail program, by which a letter leaves in its writer's own name: POST recipient, blind, sender, subject and text.
type OwnProgram struct {
	From, To, Subject, Text string
	Blind                   string // the address for the blind copy; may be empty
}

func (OwnProgram) spec() spec {
	return spec{file: "own_program", layout: staffLayout, partials: []string{"form"}}
}

// MailLink leads to one view of a message.
type MailLink struct{ View, URL string }

func (MailView) spec() spec {
	return spec{file: "mail_view", layout: staffLayout, partials: []string{"form"}}
}

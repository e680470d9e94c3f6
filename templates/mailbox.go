package templates

import "time"

// Mailbox is the demo's list of caught mail, at /mailbox. Its filter: GET q and language.
type Mailbox struct {
	Query    string   // within addresses, names and subjects; empty for all
	Language string   // of the mails that are shown; empty for all
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
}

// MailLink leads to one view of a message.
type MailLink struct{ View, URL string }

func (MailView) spec() spec { return spec{file: "mail_view", layout: staffLayout} }

package templates

import (
	"cmp"
	"strings"
	"time"
)

// LetterAsked is what follows when somebody has asked the house to mail their letter: that they are to look into their mail, or why it cannot be.
type LetterAsked struct {
	Address string // to which the mail goes, masked
	Why     string // sending.why: why the letter is not mailed; "" where it may be
	BackURL string // the page of the action
}

func (LetterAsked) spec() spec { return spec{file: "letter_asked", layout: publicLayout} }

// LetterMail is the page at /c/{token}: a letter that the house mails, as its writer sees it. It shows the letter as it will leave, takes the
// writer's yes, and says what has become of it. Its forms: POST Action with version; POST Action/withdraw.
type LetterMail struct {
	Action     string // this page's own path, with the token
	Number     Number
	Office     string
	OfficeLang string
	From       string // as LetterFrom has it
	Subject    string
	Text       string // as LetterText has it; empty once it is erased
	TextLang   string
	State      string    // sending.became
	Reason     string    // sending.why, of one that lapsed
	Why        string    // sending.why: why what was just pressed was not done
	Version    string    // of the words that are shown
	When       time.Time // about when it leaves, or when it left; zero where that is not known
	Zone       string
	Held       bool     // nothing leaves to the office for now
	Others     []string // channel: by which else the office can be reached
	ActionURL  string   // the page of the action
	Answers    []LetterAnswer
}

// LetterAnswer is what an office answered to a letter, without who wrote.
type LetterAnswer struct {
	Day           time.Time
	Subject, Text string
}

func (LetterMail) spec() spec { return spec{file: "letter_mail", layout: publicLayout} }

// Explained reports whether there is a sentence on how this came about.
func (p LetterMail) Explained() bool { return explained(p.State) }

// Failed reports whether the office may be without the letter, so that another way is worth taking.
func (p LetterMail) Failed() bool {
	return p.Explained() || p.State == "lapsed" && p.Reason != "closed" && p.Reason != "too_late"
}

func explained(state string) bool {
	return state == "refused" || state == "unknown" || state == "returned"
}

// LetterQueue is the page at /admin/letters/queue. Its forms: POST /admin/letters/queue/TARGET/stop and /resume; POST
// /admin/letters/marks with target and channel, and /admin/letters/marks/ID/clear.
type LetterQueue struct {
	Lines   []MailLine
	Marks   []ChannelMark
	Targets []Choice // that can be marked, with the one chosen
	Channel string   // that was chosen
	May     bool     // stop, resume, mark and clear
}

// MailLine is how letters by mail go to one office.
type MailLine struct {
	ID, Office, Lang                             string
	Queued, Unconfirmed, Sent, Unknown, Returned int64
	Last, Stopped                                time.Time // zero where there is none
}

// ChannelMark is a channel of an office that did not work.
type ChannelMark struct {
	ID           string
	Office, Lang string
	Channel      string // channel
	Why          string // mark_why
	Marked       time.Time
}

func (LetterQueue) spec() spec {
	return spec{file: "letter_queue", layout: staffLayout, partials: []string{"form"}}
}

// LetterNote is a mail to somebody who wrote a letter that the house mails: whether it is theirs, or what became of it.
type LetterNote struct {
	Organisation Organisation
	Language     string // of the writer
	Number       Number
	Office       string
	URL          string   // /c/TOKEN
	State        string   // sending.became; "unconfirmed" asks
	Reason       string   // sending.why, of one that lapsed
	Others       []string // channel: by which else the office can be reached; none where writing helps no more
	ActionURL    string
}

// letterNoteView is what the templates of a LetterNote are executed with.
type letterNoteView struct {
	LetterNote
	Lang, Dir string
}

// Asks reports whether the note asks for the writer's yes.
func (v letterNoteView) Asks() bool { return v.State == "unconfirmed" }

// Explained reports whether there is a sentence more on what became of the letter.
func (v letterNoteView) Explained() bool { return explained(v.State) || v.State == "answered" }

// RenderLetterNote composes the mail. Its subject says nothing about the person the letter is for.
func RenderLetterNote(m LetterNote) (subject, text, html string, err error) {
	w := press().words[PublicLanguage(m.Language)]
	about := "sending.told_subject"
	if m.State == "unconfirmed" {
		about = "sending.ask_subject"
	}
	if subject, err = w.text(about, "Number", m.Number.In(w.lang)); err != nil {
		return "", "", "", err
	}
	text, html, err = press().mails.render("letter_note", w.lang, letterNoteView{LetterNote: m, Lang: w.lang, Dir: Direction(w.lang)})
	return oneLine(subject), text, html, err
}

// LetterFrom is how the sender of a letter is called: its writer, by way of the organisation, in the letter's language where there is one.
func LetterFrom(lang, writer, organisation string) (string, error) {
	called, err := letterWords(lang).text("sending.via", "Name", writer, "Organisation", organisation)
	return isolates.Replace(called), err
}

// LetterText is a letter by mail as it leaves: the text, who signs it, and below a line how it came.
func LetterText(lang, text, writer, town, organisation string) (string, error) {
	w := letterWords(lang)
	foot, err := w.text("sending.foot", "Organisation", organisation)
	if err != nil {
		return "", err
	}
	signed := writer
	if town != "" {
		signed += "\n" + town
	}
	return text + "\n\n" + signed + "\n\n-- \n" + wrap(typeset(w.lang, foot), textColumns) + "\n", nil
}

// isolates takes out what sets a value apart from the direction of a sentence: the name of a sender is none.
var isolates = strings.NewReplacer("\u2068", "", "\u2069", "")

func letterWords(lang string) *words {
	return cmp.Or(press().words[lang], press().words[PublicLanguage(lang, english)])
}

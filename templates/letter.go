package templates

import (
	"strings"
	"time"
)

// Letters is the page at /admin/letters. Its filter: GET campaign.
type Letters struct {
	Campaigns []Choice // with the one chosen
	Totals    LetterTotals
	Rows      []LetterRow
	Matching  int64
	Next      string // URL of the next page; empty on the last
}

// LetterTotals are sums over the letters that count, by office and channel, with how they are known: no number of it stands alone (R14).
type LetterTotals struct {
	Columns []string // grade, or "visitors": those of which there is any, in the order of their weight
	Offices []LetterTotal
	Sums    []int64 // by column
	Total   int64

	Members, Visitors, Groups int64 // who wrote
	ProvenAnonymous           int64 // letters of visitors that are known by more than their word
	Waiting, Refused          int64 // reports that are set aside, and in none of the sums
	MayReview                 bool  // this account may look at what is set aside
}

// LetterTotal is what one office was sent.
type LetterTotal struct {
	Office, Lang string
	Lines        []LetterLine
	Counts       []int64 // by column; the sums of the lines
	Sum          int64
}

// LetterLine is what one office was sent by one channel.
type LetterLine struct {
	Channel string // channel, or "unsaid"
	Counts  []int64
	Sum     int64
}

// grades are how a letter is known; tallyColumns have, apart from them, the word of visitors.
const (
	grades       = "sent confirmed paper reported batch"
	tallyColumns = grades + " visitors"
)

// TallyColumns returns the columns of a table of totals, in the order of their weight.
func TallyColumns() []string { return strings.Fields(tallyColumns) }

// AsideLetters is the page at /admin/letters/aside. Its forms: POST /admin/letters/aside/ID with verdict, accept or refuse.
type AsideLetters struct {
	Rows    []LetterRow
	Refused int64  // reports that were set aside after a look
	Next    string // URL of the next page; empty on the last
}

func (AsideLetters) spec() spec {
	return spec{file: "aside_letters", layout: staffLayout}
}

// LetterRow is one report.
type LetterRow struct {
	Number       Number
	CampaignID   string
	Office, Lang string
	Channel      string
	Copies       int64
	Day          time.Time
	ReportedAt   time.Time
	Corrected    bool
	Grade        string // grade, or "visitors" for the word of somebody who is no member
	State        string // tally_state
	Why          string // many or burst, of what is set aside

	ID       string
	Group    string // of a batch
	MemberID string // empty for a visitor
	Visitor  bool
}

func (Letters) spec() spec {
	return spec{file: "letters", layout: staffLayout, partials: []string{"form", "letter_totals", "grade"}}
}

package templates

import "time"

// Letters is the page at /admin/letters. Its filter: GET campaign.
type Letters struct {
	Campaigns []Choice // with the one chosen
	Totals    LetterTotals
	Rows      []LetterRow
	Matching  int64
	Next      string // URL of the next page; empty on the last
}

// LetterTotals are sums over reports, by target and channel, with how they were counted: members' own word.
type LetterTotals struct {
	Method   string   // method
	Channels []string // the columns
	Rows     []LetterTotal
	Sums     []int64 // by channel
	Total    int64
	Writers  int64 // members who reported anything
}

// LetterTotal is what one office was sent.
type LetterTotal struct {
	Office, Lang string
	Counts       []int64 // by channel, as LetterTotals.Channels
	Sum          int64
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
	Withdrawn    bool
}

func (Letters) spec() spec {
	return spec{file: "letters", layout: staffLayout, partials: []string{"form", "letter_totals"}}
}

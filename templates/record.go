package templates

import (
	"time"

	"holdfast/letters"
)

// TargetRecord is the page at /admin/targets/{id}/record: how an office answers letters. Its filter: GET patience. Its forms: POST
// /admin/targets/ID/positions with reply, topic, position; and, for who may write campaigns, POST /admin/campaigns/CAMPAIGN/targets/ID/follow-up, and
// …/chase with patience, both with key.
type TargetRecord struct {
	Target
	Code      string
	Patience  int // after how many working days it is silent
	Letters   letters.Figures
	Answered  bool // by any campaign: then Median and Longest are days
	Median    int
	Longest   int
	Rows      []RecordRow
	Answers   []RecordAnswer
	Positions []RecordPosition
	Marks     []letters.OpenMark
	MayRecord bool
	Key       string // against a double click
}

// RecordRow is what one campaign had of the office.
type RecordRow struct {
	CampaignID string
	Number     Number
	Title      string
	Active     bool
	letters.Figures
	First        time.Time // zero where nobody wrote
	Waited       int       // working days; 0 where nothing waits
	Answers      int64
	Stands, Next string // position, next_step
	MayFollow    bool   // somebody could be written to
	MayChase     bool
}

// RecordAnswer is one answer that a person has settled.
type RecordAnswer struct {
	ID         string
	CampaignID string // empty where it is about none
	Number     Number
	Kind       string // reply_kind
	Automatic  bool
	On         time.Time
	Topics     []Choice // that a position can be about; the first is all of it
}

// RecordPosition is where the office stands on a topic of a case.
type RecordPosition struct {
	CampaignID string
	Number     Number
	Topic      string // empty for all that is asked
	Position   string // position
	At         time.Time
}

func (TargetRecord) spec() spec {
	return spec{file: "target_record", layout: staffLayout, partials: []string{"form"}}
}

// RecordHint is what the record says of an office in a few words.
type RecordHint struct {
	Asked, Answered int64  // campaigns that wrote, and those that had an answer
	Stands, Next    string // position, next_step, of the last campaign that wrote
}

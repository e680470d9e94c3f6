package templates

import "time"

// Replies is the page at /admin/replies. Its filter: GET state, kind, target and campaign; without a state it shows what nobody has read.
type Replies struct {
	States    []StateCount
	State     string // reply_state; empty for all
	Kind      string // reply_kind; empty for all
	Targets   []Choice
	Campaigns []Choice
	Rows      []ReplyRow
	Matching  int64
	Next      string // URL of the next page; empty on the last
}

// StateCount is how many answers there are in one state, and where they stand.
type StateCount struct {
	State string // reply_state
	Count int64
	URL   string
	Shown bool // these are on the page now
}

// ReplyRow is one answer in a list.
type ReplyRow struct {
	ID           string
	Subject      string // as others may see it
	ReceivedAt   time.Time
	Came         string // came
	State        string // reply_state
	Kind         string // reply_kind; empty where nobody has said
	Guessed      bool   // Kind is a guess
	Automatic    bool
	Number       Number // of the campaign; zero where it is not known
	Office, Lang string // empty where it is not known
	Letters      int64
	Suggested    int64
	Files        int64
}

func (Replies) spec() spec {
	return spec{file: "replies", layout: staffLayout, partials: []string{"form", "state"}}
}

// Reply is the page at /admin/replies/{id}. Its forms are each at an address below that.
type Reply struct {
	ReplyRow
	CampaignID, TargetID string
	MemberID             string // who passed it on; empty for nobody
	AnsweredOn           time.Time
	Text                 string      // as others may see it
	Whole                *WholeReply // as it came, where somebody has asked for it
	Attached             []ReplyFile
	Links                []ReplyLink
	Notes                []ReplyNote
	Settle               SettleForm
	Note                 string // as it was typed
	Wrong                string // the form that was sent and is wrong: settle, link, link_all, notes or shown
}

// WholeReply is an answer as it came.
type WholeReply struct{ From, Subject, Text string }

// ReplyFile is one file that came with an answer.
type ReplyFile struct {
	Position int64
	Type     string // file_type
	KB       int64
}

// ReplyLink is a letter that an answer is, or may be, one to.
type ReplyLink struct {
	LetterID     string
	Number       Number
	Office, Lang string
	Channel      string // channel, or "unsaid"
	Grade        string // grade
	Day          time.Time
	How          string // link_how
	State        string // link_state
}

// ReplyNote is what somebody at the desk told the others.
type ReplyNote struct {
	Name  string
	At    time.Time
	Words string
}

// SettleForm says what an answer is: POST settle with kind, answered_on, target and campaign. All values are as they were typed.
type SettleForm struct {
	Kind       string
	AnsweredOn string
	Targets    []Choice
	Campaigns  []Choice
}

func (Reply) spec() spec {
	return spec{file: "reply", layout: staffLayout, partials: []string{"form", "state"}}
}

// ReplyForm is the page at /admin/replies/new. Its form: POST /admin/replies with key, target, campaign, answered_on, from, subject, text, file,
// file.1 and file.2. All values are as they were typed.
type ReplyForm struct {
	Key           string
	Targets       []Choice
	Campaigns     []Choice
	AnsweredOn    string
	From, Subject string
	Text          string
}

func (ReplyForm) spec() spec {
	return spec{file: "reply_form", layout: staffLayout, partials: []string{"form"}}
}

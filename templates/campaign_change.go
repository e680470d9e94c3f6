package templates

// CampaignChange is the page at /admin/campaigns/{id}/change: what may still be changed of a campaign that is not closed.
//
// Its forms: POST …/deadline with deadline_day, deadline_time, deadline_zone, deadline_inclusive; POST …/asks/CODE with
// texts.LANG; POST …/counter with counter_from; POST …/asks with ask.texts.LANG; POST …/targets with targets; POST …/targets/ID/remove. All values are as they
// were typed.
type CampaignChange struct {
	ID     string
	Number Number
	Title  string

	DeadlineDay, DeadlineTime, DeadlineZone string
	DeadlineInclusive                       bool

	CounterFrom string // from how many letters on the public page tells the number; empty for never

	Languages []string  // in which asks may be written
	Asks      []AskForm // those that there are
	NewAsk    AskForm

	Targets []Target // written to
	Others  []Choice // that may be added
	Key     string   // against a double click
}

func (CampaignChange) spec() spec {
	return spec{file: "campaign_change", layout: staffLayout, partials: []string{"form", "ask"}}
}

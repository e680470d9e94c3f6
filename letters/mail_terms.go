package letters

import (
	"time"

	"holdfast/campaigns"
)

// terms are what a letter by mail must meet, when it is asked for, when it is confirmed, and when it leaves.
type terms struct {
	CampaignState    string
	Ahead            bool // the deadline is
	AfterDeadline    string
	DeadlineAt       time.Time
	OfCampaign       bool // the target still is one of the campaign's, and agreed to
	TakesMassLetters bool
	Address          string // of the target
	LineStopped      bool
	WriterGone       bool
}

// bars returns why the letter cannot leave, now or later; "" where it can. It is the reason that it lapses for.
func (t terms) bars() string {
	switch {
	case t.CampaignState == campaigns.CampaignClosed:
		return "closed"
	case !t.Ahead && t.AfterDeadline != "open": // R13
		return "too_late"
	case !t.OfCampaign || !t.TakesMassLetters:
		return "target_stopped"
	case t.Address == "":
		return "no_address"
	case t.WriterGone:
		return "writer_left"
	}
	return ""
}

// held reports whether the letter waits for somebody to let it go on.
func (t terms) held() bool { return t.CampaignState != campaigns.CampaignActive || t.LineStopped }

// until is when the last letter must have left; nil where there is no such time.
func (t terms) until() *time.Time {
	if t.AfterDeadline == "open" {
		return nil
	}
	return &t.DeadlineAt
}

package letters

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// PatienceDays is after how many working days an office that has not answered is silent, where nobody says another number.
const PatienceDays = 20

// Where an office stands on what a campaign asks. The first three are read from an answer by a person; the others follow from there being none.
const (
	PositionAgreed  = "agreed"
	PositionRefused = "refused"
	PositionForm    = "form_answer"
	PositionSilent  = "silent" // letters have waited for longer than patience, and nobody answered
	PositionOpen    = "open"   // nobody was asked yet, the letters are still young, or an answer took no position
)

// What the record advises to do about an office next.
const (
	NextThank    = "thank"     // it has agreed
	NextLeaveOut = "leave_out" // it is the wrong one, or letters do harm
	NextEscalate = "escalate"  // write to who can direct it
	NextChase    = "chase"     // remind it
	NextWrite    = "write"
)

// Asked is what one campaign had of one office: what was sent to it, and what came back. An acknowledgement and a letter that was returned are no answers.
type Asked struct {
	CampaignID int64
	TargetID   int64
	CaseID     *int64
	Country    *string
	Power      string
	Sent       int64 // letters that count, by how they are known
	Confirmed  int64
	Paper      int64
	Reported   int64
	Batch      int64
	ByMembers  bool           // a member wrote some of them
	First      *campaigns.Day // the day of the first letter; nil where there is none
	Waiting    *campaigns.Day // the day of the first letter that is later than the last answer
	Answers    int64
	AnsweredOn *campaigns.Day // the first answer
	LastKind   *string        // of the last answer
	Position   *string        // the last that was recorded
	Topic      *string        // what it is about, "" for all that is asked
}

// Waited is for how many working days of its country the office has left letters unanswered.
func (a Asked) Waited(today campaigns.Day) int {
	if a.Waiting == nil {
		return 0
	}
	return WorkingDays(*a.Waiting, today, orEmpty(a.Country))
}

// Stands is where the office stands, given that one that says nothing for patience working days is silent.
func (a Asked) Stands(today campaigns.Day, patience int) string {
	switch {
	case a.Position != nil:
		return *a.Position
	case a.Answers == 0 && a.Waited(today) > patience:
		return PositionSilent
	}
	return PositionOpen
}

// Next is what the record advises.
func (a Asked) Next(today campaigns.Day, patience int) string {
	waited, position, last := a.Waited(today), orEmpty(a.Position), orEmpty(a.LastKind)
	directs := a.Power == campaigns.PowerDecides || a.Power == campaigns.PowerCanDirect
	switch {
	case position == PositionAgreed:
		return NextThank
	case last == "hostile", last == "referral":
		return NextLeaveOut
	case position == PositionRefused && !directs:
		return NextLeaveOut
	case position == PositionRefused, position == PositionForm, last == "form_answer", last == "refusal_to_comment":
		return NextEscalate
	case waited > 2*patience: // it was reminded, or could have been
		return NextEscalate
	case waited > patience:
		return NextChase
	}
	return NextWrite
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// SettledReply is one answer of an office that a person has settled.
type SettledReply struct {
	ID         int64
	CampaignID *int64
	Kind       string
	Automatic  bool
	Came       string
	On         campaigns.Day // the day of the answer, or the day it came
}

// Standing is the last position on a topic in a case.
type Standing struct {
	CampaignID int64
	CaseID     *int64
	ReplyID    *int64
	Topic      string
	Position   string
	RecordedAt time.Time
}

// OpenMark is a channel that did not work, and is shown to who writes until somebody clears it.
type OpenMark struct {
	Channel  string
	Why      string
	MarkedAt time.Time
}

// Record is all that is known of how one office answers letters.
type Record struct {
	TargetID  int64
	Asked     []Asked // by campaign, the newest first
	Answers   []SettledReply
	Positions []Standing
	Marks     []OpenMark
	Today     campaigns.Day
}

// Letters are the letters of a campaign by how they are known, without who wrote them.
func (a Asked) Letters() Figures {
	return Figures{Sent: a.Sent, Confirmed: a.Confirmed, Paper: a.Paper, Reported: a.Reported, Batch: a.Batch}
}

// Letters sums what every campaign sent.
func (r Record) Letters() Figures {
	var sum Figures
	for _, a := range r.Asked {
		sum.Sent, sum.Confirmed, sum.Paper, sum.Reported, sum.Batch = sum.Sent+a.Sent, sum.Confirmed+a.Confirmed, sum.Paper+a.Paper, sum.Reported+a.Reported, sum.Batch+a.Batch
	}
	return sum
}

// AnswerDays is how many days passed from the first letter of a campaign to the first answer: the median of the campaigns that were answered, and the
// longest. ok is false where none was.
func AnswerDays(asked []Asked) (median, longest int, ok bool) {
	var days []int
	for _, a := range asked {
		if a.First != nil && a.AnsweredOn != nil && !a.AnsweredOn.Before(a.First.Time) {
			days = append(days, int(a.AnsweredOn.Sub(a.First.Time).Hours()/24))
		}
	}
	if len(days) == 0 {
		return 0, 0, false
	}
	slices.Sort(days)
	return days[(len(days)-1)/2], days[len(days)-1], true
}

// Record returns what is known of an office. Errors: NotFound.
func (s *Store) Record(ctx context.Context, targetID int64) (Record, error) {
	r := Record{TargetID: targetID}
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error { return readRecord(ctx, tx, &r) })
	return r, err
}

// Asked lists what campaigns had of offices: of one campaign, of one office, or of all where both are 0; the newest campaign first. today is the house's day.
func (s *Store) Asked(ctx context.Context, campaignID, targetID int64) (list []Asked, today campaigns.Day, err error) {
	if err = s.DB.QueryRow(ctx, todaySQL).Scan(&today); err != nil {
		return nil, today, err
	}
	rows, err := s.DB.Query(ctx, askedSQL, campaignID, targetID)
	list, err = all[Asked](rows, err)
	return list, today, err
}

// NewPosition is where an office stands, as somebody read it from an answer.
type NewPosition struct {
	ReplyID  int64
	Topic    string // "" for all that is asked
	Position string // PositionAgreed, PositionRefused, PositionForm
}

// RecordPosition writes down where an office stands; the last one written counts. Errors: Invalid; NotFound; Conflict where the answer is not settled, or is
// about no campaign.
func (s *Store) RecordPosition(ctx context.Context, by audit.Actor, targetID int64, n NewPosition) error {
	var check failure.Check
	check.Need(slices.Contains([]string{PositionAgreed, PositionRefused, PositionForm}, n.Position), "position", "must be agreed, refused or form_answer")
	check.Need(len(n.Topic) <= 100, "topic", "is too long")
	if err := check.Err(); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		answer, err := answerTo(ctx, tx, targetID, n.ReplyID)
		if err != nil {
			return err
		}
		if answer.State != "settled" || answer.CampaignID == nil {
			return failure.Clash("answer %d is not settled yet; say first which campaign it is about, and of what kind it is", n.ReplyID)
		}
		id, err := insertPosition(ctx, tx, by, targetID, *answer.CampaignID, n)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "position.record", Subject: "position", SubjectID: id, After: n})
	})
}

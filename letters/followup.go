package letters

import (
	"context"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// FollowUp drafts an update, without texts, for the members whose letter to an office counts in a campaign: what it answered, and what to write now. A
// coordinator writes and launches it. Errors: NotFound; Conflict where no member has written to it, or the campaign takes no update.
func (s *Store) FollowUp(ctx context.Context, by audit.Actor, campaignID, targetID int64) (campaigns.Appeal, error) {
	members, err := s.writersTo(ctx, followedSQL, campaignID, targetID)
	if err != nil {
		return campaigns.Appeal{}, err
	}
	if len(members) == 0 {
		return campaigns.Appeal{}, failure.Clash("no member's letter to office %d counts in campaign %d; there is nobody to follow up with", targetID, campaignID)
	}
	return s.house().AddNamed(ctx, by, campaignID, members)
}

// Chaser drafts an update, without texts, for the members whose letter to an office has stayed unanswered for more than patience of its working days.
// Errors: Invalid; NotFound; Conflict where there is nobody, or the campaign takes no update.
func (s *Store) Chaser(ctx context.Context, by audit.Actor, campaignID, targetID int64, patience int) (campaigns.Appeal, error) {
	if err := checkPatience(patience); err != nil {
		return campaigns.Appeal{}, err
	}
	target, err := s.house().Target(ctx, targetID)
	if err != nil {
		return campaigns.Appeal{}, err
	}
	var today campaigns.Day
	if err := s.DB.QueryRow(ctx, todaySQL).Scan(&today); err != nil {
		return campaigns.Appeal{}, err
	}
	members, err := s.writersTo(ctx, chasedSQL, campaignID, targetID, lastChased(today, patience, orEmpty(target.Country)))
	if err != nil {
		return campaigns.Appeal{}, err
	}
	if len(members) == 0 {
		return campaigns.Appeal{}, failure.Clash("no member's letter to office %d has waited for more than %d working days in campaign %d", targetID, patience, campaignID)
	}
	return s.house().AddNamed(ctx, by, campaignID, members)
}

func checkPatience(patience int) error {
	if patience < 1 || patience > 250 {
		return failure.Wrong("patience", "must be from 1 to 250 working days")
	}
	return nil
}

// lastChased is the last day whose letters have waited for more than patience working days by today.
func lastChased(today campaigns.Day, patience int, country string) campaigns.Day {
	day := today.AddDate(0, 0, -patience) // it cannot be later
	for WorkingDays(campaigns.Day{Time: day}, today, country) <= patience {
		day = day.AddDate(0, 0, -1)
	}
	return campaigns.Day{Time: day}
}

// house is the room of campaigns over the same database.
func (s *Store) house() *campaigns.Store { return &campaigns.Store{DB: s.DB, Jobs: s.Jobs} }

// Unanswered is a letter of one writer that nobody has answered for long.
type Unanswered struct {
	LetterID  int64
	TargetID  int64
	Channel   string
	WrittenOn campaigns.Day
	Waited    int // working days of the office
}

// Unanswered lists the letters of one writer that have stayed unanswered for more than patience working days of their offices, to offer them a chaser.
// Errors: Invalid.
func (s *Store) Unanswered(ctx context.Context, w Writer, patience int) ([]Unanswered, error) {
	if err := checkPatience(patience); err != nil {
		return nil, err
	}
	open, today, err := s.openLetters(ctx, w)
	if err != nil {
		return nil, err
	}
	list := []Unanswered{}
	for _, l := range open {
		if waited := WorkingDays(l.WrittenOn, today, orEmpty(l.Country)); waited > patience {
			list = append(list, Unanswered{LetterID: l.ID, TargetID: l.TargetID, Channel: l.Channel, WrittenOn: l.WrittenOn, Waited: waited})
		}
	}
	return list, nil
}

// AnswersOn is how many answers came on a day.
type AnswersOn struct {
	Day     campaigns.Day
	Answers int64
}

// AnswersByDay counts what offices answered to a campaign, day by day: answers that a person has settled.
func (s *Store) AnswersByDay(ctx context.Context, campaignID int64) ([]AnswersOn, error) {
	rows, err := s.DB.Query(ctx, answersByDaySQL, campaignID)
	return all[AnswersOn](rows, err)
}

// Response is how one group answered a campaign: how many of its members got an appeal, how many of those wrote, and how many letters; its batches apart.
type Response struct {
	GroupID int64 // 0 for members without a group
	Got     int64
	Wrote   int64
	Letters int64
	Batch   int64
}

// Responses lists how the groups, as they are now, answered a campaign: who wrote the most for each member first.
func (s *Store) Responses(ctx context.Context, campaignID int64) ([]Response, error) {
	rows, err := s.DB.Query(ctx, responsesSQL, campaignID)
	return all[Response](rows, err)
}

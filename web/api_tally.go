package web

import (
	"errors"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/letters"
)

// counterBody is from how many letters on the public page tells their number; null: never.
type counterBody struct {
	CounterFrom *int `json:"counter_from"`
}

func (s *Server) setCounter(r *call, n counterBody) (answer, error) {
	if n.CounterFrom != nil && *n.CounterFrom == 0 {
		return answer{}, failure.Wrong("counter_from", "must be from 1 on, or null for no counter")
	}
	return s.onCampaign(r, func(id int64) error { return s.Campaigns.SetCounter(r.ctx(), r.by(), id, orZero(n.CounterFrom)) })
}

// eveningBody is what a group wrote together on one day, as it told staff.
type eveningBody struct {
	GroupID   int64         `json:"group_id"`
	TargetIDs []int64       `json:"target_ids"`
	Channel   string        `json:"channel"`
	Copies    int           `json:"copies"` // to each office
	WrittenOn campaigns.Day `json:"written_on"`
}

func (s *Server) listEvenings(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if _, err := s.Campaigns.Campaign(r.ctx(), id); err != nil {
		return answer{}, err
	}
	found, err := s.Letters.Evenings(r.ctx(), id, 0)
	return ok(whole(found)), err
}

func (s *Server) addEvening(r *call, n eveningBody) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	err = s.Letters.RecordEvening(r.ctx(), r.by(), id, n.GroupID, letters.Report{TargetIDs: n.TargetIDs, Channel: n.Channel, Copies: n.Copies, WrittenOn: n.WrittenOn})
	if err != nil {
		return answer{}, fieldsCalled(err, names{"group": "group_id", "target": "target_ids"})
	}
	found, err := s.Letters.Evenings(r.ctx(), id, 0)
	return ok(whole(found)), err
}

func (s *Server) dropEvening(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	letter, err := r.id("letter")
	if err != nil {
		return answer{}, err
	}
	return none(), s.Letters.WithdrawEvening(r.ctx(), r.by(), id, 0, letter)
}

// listAside is what is set aside and waits for a person's look.
func (s *Server) listAside(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	found, err := s.Letters.ListAside(r.ctx(), p.rooms())
	return ok(page(p, found, func(l letters.Letter) int64 { return l.ID })), err
}

// reviewBody is what a person decided who looked: whether it counts.
type reviewBody struct {
	Accept *bool `json:"accept"`
}

func (s *Server) reviewLetter(r *call, n reviewBody) (answer, error) {
	id, err := r.id("id")
	if err == nil && n.Accept == nil {
		err = failure.Wrong("accept", "is missing: say whether the report counts")
	}
	if err != nil {
		return answer{}, err
	}
	return none(), s.Letters.Review(r.ctx(), r.by(), id, *n.Accept)
}

// fieldsCalled names the wrong fields of an error as the body of a route does.
func fieldsCalled(err error, n names) error {
	var known *failure.Error
	if !errors.As(err, &known) || len(known.Fields) == 0 {
		return err
	}
	renamed := *known
	renamed.Fields = nil
	for _, f := range known.Fields {
		renamed.Fields = append(renamed.Fields, failure.Field{Name: n.of(f.Name), Reason: f.Reason})
	}
	return &renamed
}

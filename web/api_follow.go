package web

import (
	"context"

	"holdfast/campaigns"
)

// What follows a launch, and what is foreseen before it.

func (s *Server) forecast(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	f, err := s.Campaigns.Forecast(r.ctx(), id)
	return ok(f), err
}

// progressOf is how an appeal leaves at the moment of its receipt; nil unless it does.
func (s *Server) progressOf(ctx context.Context, a campaigns.Appeal, receipt campaigns.Receipt) (*campaigns.Progress, error) {
	if a.State != campaigns.AppealIssuing {
		return nil, nil
	}
	c, err := s.Campaigns.Campaign(ctx, a.CampaignID)
	if err != nil {
		return nil, err
	}
	now, err := s.Campaigns.Now(ctx)
	p, _ := receipt.Progress(a, c, now)
	return &p, err
}

// retrying is what is to be tried again.
type retrying struct {
	Failures []string `json:"failures"`
}

func (s *Server) retry(r *call, what retrying) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	round, err := s.Campaigns.Retry(r.ctx(), r.by(), id, what.Failures)
	return s.roundBody(r, round, err)
}

func (s *Server) lateJoiners(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	late, err := s.Campaigns.LateJoiners(r.ctx(), id)
	return ok(late), err
}

func (s *Server) letIn(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	round, err := s.Campaigns.LetIn(r.ctx(), r.by(), id)
	return s.roundBody(r, round, err)
}

// roundBody is the answer to a round: the appeal as it goes on, and to how many.
func (s *Server) roundBody(r *call, round campaigns.Round, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	body, err := s.appealBody(r, round.Appeal.ID)
	body.Round = &round.Members
	return accepted(body), err
}

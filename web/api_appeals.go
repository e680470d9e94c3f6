package web

import "holdfast/campaigns"

// appealBody is an appeal with what has become of it so far. The receipt is null for a draft.
type appealBody struct {
	campaigns.Appeal
	Receipt  *campaigns.Receipt  `json:"receipt"`
	Progress *campaigns.Progress `json:"progress"`                // null unless it is issuing
	InFlight *int64              `json:"in_flight,omitempty"`     // mails on a connection, in the answer to a stop
	Round    *int64              `json:"round_members,omitempty"` // to how many it goes out once more, in the answer to a round
}

func (s *Server) appealBody(r *call, id int64) (appealBody, error) {
	a, receipt, err := s.Campaigns.Receipt(r.ctx(), id)
	body := appealBody{Appeal: a}
	if err != nil {
		return body, err
	}
	if a.State != campaigns.AppealDraft {
		body.Receipt = &receipt
	}
	body.Progress, err = s.progressOf(r.ctx(), a, receipt)
	return body, err
}

func (s *Server) listAppeals(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if _, err := s.Campaigns.Campaign(r.ctx(), id); err != nil {
		return answer{}, err
	}
	appeals, err := s.Campaigns.Appeals(r.ctx(), id)
	return ok(whole(appeals)), err
}

func (s *Server) addAppeal(r *call, n campaigns.NewAppeal) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	added, err := s.Campaigns.AddAppeal(r.ctx(), r.by(), id, n)
	return created(appealBody{Appeal: added}), err
}

func (s *Server) getAppeal(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	body, err := s.appealBody(r, id)
	return ok(body), err
}

// newAudience is whom a draft goes to, and what becomes of a delivery of which nobody can know whether it arrived.
type newAudience struct {
	campaigns.Audience
	OnUnknown string `json:"on_unknown"`
}

func (s *Server) setAudience(r *call, a newAudience) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if err := s.Campaigns.SetAudience(r.ctx(), r.by(), id, a.Audience, a.OnUnknown); err != nil {
		return answer{}, err
	}
	body, err := s.appealBody(r, id)
	return ok(body), err
}

func (s *Server) reach(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	reach, err := s.Campaigns.Reach(r.ctx(), id)
	return ok(reach), err
}

package web

import "holdfast/campaigns"

// caseBody is a case as it is shown alone.
type caseBody struct {
	campaigns.Case
	Persons []campaigns.Person `json:"persons"`
}

func (s *Server) listCases(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	cases, err := s.Campaigns.Cases(r.ctx(), p.rooms())
	return ok(page(p, cases, func(c campaigns.Case) int64 { return c.ID })), err
}

func (s *Server) addCase(r *call, n campaigns.NewCase) (answer, error) {
	added, err := s.Campaigns.AddCase(r.ctx(), r.by(), n)
	if err != nil {
		return answer{}, err
	}
	body, err := s.caseBody(r, added)
	return created(body), err
}

func (s *Server) getCase(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	found, err := s.Campaigns.Case(r.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	body, err := s.caseBody(r, found)
	return ok(body), err
}

func (s *Server) moveRemoval(r *call, removal campaigns.Removal) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	moved, err := s.Campaigns.MoveRemoval(r.ctx(), r.by(), id, removal)
	if err != nil {
		return answer{}, err
	}
	body, err := s.caseBody(r, moved)
	return ok(body), err
}

// originState is why it may be said that the state of origin knows already.
type originState struct {
	Reason string `json:"reason"`
}

func (s *Server) originStateKnows(r *call, o originState) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	changed, err := s.Campaigns.RecordOriginStateKnows(r.ctx(), r.by(), id, o.Reason)
	if err != nil {
		return answer{}, err
	}
	body, err := s.caseBody(r, changed)
	return ok(body), err
}

func (s *Server) caseBody(r *call, c campaigns.Case) (caseBody, error) {
	persons, err := s.Campaigns.Persons(r.ctx(), c.ID)
	return caseBody{Case: c, Persons: persons}, err
}

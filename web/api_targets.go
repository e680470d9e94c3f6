package web

import "holdfast/campaigns"

func (s *Server) listTargets(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	targets, err := s.Campaigns.Targets(r.ctx(), p.rooms())
	return ok(page(p, targets, func(t campaigns.Target) int64 { return t.ID })), err
}

func (s *Server) addTarget(r *call, n campaigns.NewTarget) (answer, error) {
	added, err := s.Campaigns.AddTarget(r.ctx(), r.by(), n)
	return created(added), err
}

func (s *Server) getTarget(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	found, err := s.Campaigns.Target(r.ctx(), id)
	return ok(found), err
}

func (s *Server) changeTarget(r *call, n campaigns.NewTarget) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	changed, err := s.Campaigns.ChangeTarget(r.ctx(), r.by(), id, n)
	return ok(changed), err
}

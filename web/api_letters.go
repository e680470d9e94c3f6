package web

import "holdfast/letters"

func (s *Server) listLetters(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	campaign, err := r.number("campaign_id")
	if err != nil {
		return answer{}, err
	}
	found, err := s.Letters.List(r.ctx(), campaign, p.rooms())
	return ok(page(p, found, func(l letters.Letter) int64 { return l.ID })), err
}

func (s *Server) letterTotals(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if _, err := s.Campaigns.Campaign(r.ctx(), id); err != nil {
		return answer{}, err
	}
	totals, err := s.Letters.Totals(r.ctx(), id)
	return ok(whole(totals)), err
}

package web

import "holdfast/campaigns"

// campaignLine is a campaign as it stands in a list.
type campaignLine struct {
	campaigns.Campaign
	Reference string `json:"reference"`  // "UA 12/26"
	PublicURL string `json:"public_url"` // there once the first appeal has left
}

// campaignBody is a campaign as it is shown alone.
type campaignBody struct {
	campaignLine
	Asks    []campaigns.Ask            `json:"asks"`
	Targets []campaigns.CampaignTarget `json:"targets"`
}

func (s *Server) campaignLine(c campaigns.Campaign) campaignLine {
	return campaignLine{Campaign: c, Reference: c.Reference(), PublicURL: s.PublicURL + "/a/" + c.Slug}
}

func (s *Server) campaignBody(r *call, c campaigns.Campaign) (campaignBody, error) {
	body := campaignBody{campaignLine: s.campaignLine(c)}
	var err error
	if body.Asks, err = s.Campaigns.Asks(r.ctx(), c.ID); err != nil {
		return body, err
	}
	body.Targets, err = s.Campaigns.CampaignTargets(r.ctx(), c.ID)
	return body, err
}

func (s *Server) listCampaigns(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	found, err := s.Campaigns.Campaigns(r.ctx(), p.rooms())
	lines := make([]campaignLine, len(found))
	for i, c := range found {
		lines[i] = s.campaignLine(c)
	}
	return ok(page(p, lines, func(c campaignLine) int64 { return c.ID })), err
}

func (s *Server) addCampaign(r *call, n campaigns.NewCampaign) (answer, error) {
	added, err := s.Campaigns.AddCampaign(r.ctx(), r.by(), n)
	if err != nil {
		return answer{}, err
	}
	body, err := s.campaignBody(r, added)
	return created(body), err
}

// onCampaign carries out a change of the campaign in the path, and answers with the campaign as it is by then.
func (s *Server) onCampaign(r *call, change func(id int64) error) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if err := change(id); err != nil {
		return answer{}, err
	}
	c, err := s.Campaigns.Campaign(r.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	body, err := s.campaignBody(r, c)
	return ok(body), err
}

func (s *Server) getCampaign(r *call) (answer, error) {
	return s.onCampaign(r, func(int64) error { return nil })
}

func (s *Server) moveDeadline(r *call, d campaigns.Deadline) (answer, error) {
	return s.onCampaign(r, func(id int64) error {
		_, err := s.Campaigns.MoveDeadline(r.ctx(), r.by(), id, d)
		return err
	})
}

func (s *Server) closeCampaign(r *call, c campaigns.Closing) (answer, error) {
	return s.onCampaign(r, func(id int64) error {
		_, err := s.Campaigns.CloseCampaign(r.ctx(), r.by(), id, c)
		return err
	})
}

// stopCampaign stops a campaign with the appeals that ask for letters. GET /appeals/{id} says when each of them has stopped.
func (s *Server) stopCampaign(r *call) (answer, error) {
	return s.onCampaign(r, func(id int64) error {
		_, err := s.Campaigns.StopCampaign(r.ctx(), r.by(), id)
		return err
	})
}

func (s *Server) resumeCampaign(r *call) (answer, error) {
	return s.onCampaign(r, func(id int64) error {
		_, err := s.Campaigns.ResumeCampaign(r.ctx(), r.by(), id)
		return err
	})
}

func (s *Server) addAsk(r *call, n campaigns.NewAsk) (answer, error) {
	return s.onCampaign(r, func(id int64) error { return s.Campaigns.AddAsk(r.ctx(), r.by(), id, n) })
}

// askTexts is what may be changed of an ask: its code stays.
type askTexts struct {
	Texts     campaigns.Texts `json:"texts"`
	TargetIDs []int64         `json:"target_ids"`
}

func (s *Server) changeAsk(r *call, a askTexts) (answer, error) {
	return s.onCampaign(r, func(id int64) error {
		return s.Campaigns.ChangeAsk(r.ctx(), r.by(), id, campaigns.NewAsk{Code: r.gin.Param("code"), Texts: a.Texts, TargetIDs: a.TargetIDs})
	})
}

// onTarget is onCampaign for a change of one of its targets.
func (s *Server) onTarget(r *call, change func(id, target int64) error) (answer, error) {
	target, err := r.id("target")
	if err != nil {
		return answer{}, err
	}
	return s.onCampaign(r, func(id int64) error { return change(id, target) })
}

func (s *Server) addCampaignTarget(r *call) (answer, error) {
	return s.onTarget(r, func(id, target int64) error { return s.Campaigns.AddCampaignTarget(r.ctx(), r.by(), id, target) })
}

func (s *Server) removeCampaignTarget(r *call) (answer, error) {
	return s.onTarget(r, func(id, target int64) error { return s.Campaigns.RemoveCampaignTarget(r.ctx(), r.by(), id, target) })
}

func (s *Server) agreeCampaignTarget(r *call) (answer, error) {
	return s.onTarget(r, func(id, target int64) error { return s.Campaigns.Agree(r.ctx(), r.by(), id, target) })
}

package web

import (
	"slices"
	"strings"

	"holdfast/internal/failure"
	"holdfast/letters"
)

// listReplies lists answers as others may see them. As they came they are on the page alone, where looking is written down.
func (s *Server) listReplies(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	f := letters.ReplyFilter{State: r.values.Get("state"), Kind: r.values.Get("kind")}
	var check failure.Check
	check.Need(f.State == "" || slices.Contains(letters.ReplyStates, f.State), "state", "must be one of %s", strings.Join(letters.ReplyStates, ", "))
	check.Need(f.Kind == "" || slices.Contains(letters.ReplyKinds, f.Kind), "kind", "must be one of %s", strings.Join(letters.ReplyKinds, ", "))
	if err := check.Err(); err != nil {
		return answer{}, err
	}
	if f.TargetID, err = r.number("target_id"); err != nil {
		return answer{}, err
	}
	if f.CampaignID, err = r.number("campaign_id"); err != nil {
		return answer{}, err
	}
	found, err := s.Letters.Replies(r.ctx(), f, p.rooms())
	return ok(page(p, found, func(one letters.Reply) int64 { return one.ID })), err
}

func (s *Server) getReply(r *call) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	found, err := s.Letters.Reply(r.ctx(), id)
	return ok(found), err
}

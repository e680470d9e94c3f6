package web

import (
	"time"

	"holdfast/members"
)

// groupBody is a local group. Members counts those who can be mailed; it is there in the list alone.
type groupBody struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	City      string    `json:"city"`
	CreatedAt time.Time `json:"created_at"`
	Members   *int64    `json:"members,omitempty"`
}

func groupOf(g members.Group) groupBody {
	return groupBody{ID: g.ID, Name: g.Name, City: g.City, CreatedAt: g.CreatedAt}
}

// newGroup is what a group is called.
type newGroup struct {
	Name string `json:"name"`
	City string `json:"city"`
}

func (s *Server) listGroups(r *call) (answer, error) {
	groups, err := s.Members.Groups(r.ctx())
	bodies := make([]groupBody, len(groups))
	for i, g := range groups {
		bodies[i] = groupOf(g)
		bodies[i].Members = &groups[i].Members
	}
	return ok(whole(bodies)), err
}

func (s *Server) addGroup(r *call, n newGroup) (answer, error) {
	g, err := s.Members.AddGroup(r.ctx(), r.by(), n.Name, n.City)
	return created(groupOf(g)), err
}

func (s *Server) changeGroup(r *call, n newGroup) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	g, err := s.Members.RenameGroup(r.ctx(), r.by(), id, n.Name, n.City)
	return ok(groupOf(g)), err
}

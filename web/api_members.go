package web

import (
	"encoding/json"
	"reflect"
	"time"

	"holdfast/campaigns"
	"holdfast/members"
)

// memberLine is a member as one of many: without a name, the address masked.
type memberLine struct {
	ID        int64         `json:"id"`
	Address   string        `json:"address_masked"`
	Language  string        `json:"language"`
	Country   *string       `json:"country"`
	GroupID   *int64        `json:"group_id"`
	State     members.State `json:"state"`
	CreatedAt time.Time     `json:"created_at"`
}

// memberBody is a member as one: the only answer with a whole address, for those who may read members and asked for
// this one.
type memberBody struct {
	memberLine
	Whole        string       `json:"address"`
	Name         string       `json:"name"`
	GroupName    string       `json:"group_name"`
	Consent      consentBody  `json:"consent"`
	JoinedAt     *time.Time   `json:"joined_at"`
	LeftAt       *time.Time   `json:"left_at"`
	LeftHow      *members.How `json:"left_how"`
	SuppressedAt *time.Time   `json:"suppressed_at"`
	SuppressedBy *string      `json:"suppressed_by"`
}

// consentBody is the evidence that somebody agreed to be mailed.
type consentBody struct {
	Source  string        `json:"source"`
	GivenOn campaigns.Day `json:"given_on"`
	Words   string        `json:"words"`
}

func (c consentBody) consent() members.Consent {
	return members.Consent{Source: c.Source, GivenOn: c.GivenOn.Time, Words: c.Words}
}

func lineOf(m members.Member) memberLine {
	return memberLine{ID: m.ID, Address: m.Address.Masked(), Language: m.Language, Country: unlessZero(m.Country),
		GroupID: unlessZero(m.GroupID), State: m.State, CreatedAt: m.CreatedAt}
}

func memberOf(m members.Member) memberBody {
	body := memberBody{memberLine: lineOf(m), Whole: m.Address.Mailbox(), Name: m.Name, GroupName: m.GroupName,
		Consent:  consentBody{Source: m.Consent.Source, GivenOn: campaigns.Day{Time: m.Consent.GivenOn}, Words: m.Consent.Words},
		JoinedAt: unlessZero(m.JoinedAt), LeftAt: unlessZero(m.LeftAt), LeftHow: unlessZero(m.LeftHow),
		SuppressedAt: unlessZero(m.SuppressedAt), SuppressedBy: unlessZero(string(m.SuppressedBy))}
	return body
}

// unlessZero is nil, null in JSON, for what is not there.
func unlessZero[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

func orZero[T any](v *T) T {
	if v == nil {
		return *new(T)
	}
	return *v
}

func (s *Server) listMembers(r *call) (answer, error) {
	p, err := r.paging()
	if err != nil {
		return answer{}, err
	}
	group, err := r.number("group_id")
	if err != nil {
		return answer{}, err
	}
	found, err := s.Members.List(r.ctx(), members.Filter{GroupID: group, Language: r.values.Get("language"),
		Country: r.values.Get("country"), State: members.State(r.values.Get("state")), After: p.after, Limit: p.limit})
	body := list[memberLine]{Items: make([]memberLine, len(found.Members))}
	for i, m := range found.Members {
		body.Items[i] = lineOf(m)
	}
	if found.Next != 0 {
		next := cursorOf(found.Next)
		body.Next = &next
	}
	return ok(body), err
}

func (s *Server) getMember(r *call) (answer, error) {
	return s.onMember(r, func(int64) error { return nil })
}

// onMember carries out a change of the member in the path, and answers with the member as they are by then.
func (s *Server) onMember(r *call, change func(id int64) error) (answer, error) {
	id, err := r.id("id")
	if err != nil {
		return answer{}, err
	}
	if err := change(id); err != nil {
		return answer{}, err
	}
	m, err := s.Members.Get(r.ctx(), id)
	if err != nil {
		return answer{}, err
	}
	return ok(memberOf(m)), nil
}

// newMember is what a member begins with.
type newMember struct {
	Address  string      `json:"address"`
	Name     string      `json:"name"`
	Language string      `json:"language"`
	Country  *string     `json:"country"`
	GroupID  *int64      `json:"group_id"`
	Consent  consentBody `json:"consent"`
}

func (s *Server) addMember(r *call, n newMember) (answer, error) {
	m, err := s.Members.Add(r.ctx(), r.by(), members.New{Address: n.Address, Name: n.Name, Language: n.Language,
		Country: orZero(n.Country), GroupID: orZero(n.GroupID), Consent: n.Consent.consent()})
	if err != nil {
		return answer{}, err
	}
	return created(memberOf(m)), nil
}

// given is a field of a change: what is not there stays as it is, and null takes away what was there (RFC 7396).
type given[T any] struct{ value *T }

func (given[T]) inner() reflect.Type { return reflect.TypeFor[T]() }

// UnmarshalJSON reads a T, or the zero T of null.
func (g *given[T]) UnmarshalJSON(text []byte) error {
	g.value = new(T)
	return json.Unmarshal(text, g.value)
}

// memberChange is what may be changed of a member.
type memberChange struct {
	Address  given[string] `json:"address"`
	Name     given[string] `json:"name"`
	Language given[string] `json:"language"`
	Country  given[string] `json:"country"`
	GroupID  given[int64]  `json:"group_id"`
}

func (s *Server) changeMember(r *call, c memberChange) (answer, error) {
	return s.onMember(r, func(id int64) error {
		_, err := s.Members.Update(r.ctx(), r.by(), id, members.Change{Address: c.Address.value, Name: c.Name.value,
			Language: c.Language.value, Country: c.Country.value, GroupID: c.GroupID.value})
		return err
	})
}

// memberLeaves takes a member off who asked staff to. Unlike the link in a mail it says where there is nobody.
func (s *Server) memberLeaves(r *call) (answer, error) {
	return s.onMember(r, func(id int64) error {
		if _, err := s.Members.Get(r.ctx(), id); err != nil {
			return err
		}
		return s.Members.Leave(r.ctx(), r.by(), id, members.ByStaff)
	})
}

func (s *Server) memberRejoins(r *call, c consentBody) (answer, error) {
	return s.onMember(r, func(id int64) error { return s.Members.Rejoin(r.ctx(), r.by(), id, c.consent()) })
}

package web

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"holdfast/members"
	"holdfast/templates"
)

func memberStates() []string {
	return []string{string(members.Subscribed), string(members.Left), string(members.Suppressed)}
}

// listMembersPage lists members, their addresses masked. An address is looked for whole: it is sealed, and found by its hash.
func (s *Server) listMembersPage(c *gin.Context) {
	ctx := c.Request.Context()
	head := s.staffHead(c, "members")
	body := templates.Members{Query: trimmedQuery(c, "q"), Group: trimmedQuery(c, "group"), Language: trimmedQuery(c, "language"),
		Country: trimmedQuery(c, "country"), State: filterOf(c, "state", memberStates()...)}
	group, _ := strconv.ParseInt(body.Group, 10, 64) // what is none filters nothing
	filter := members.Filter{GroupID: max(group, 0), Language: body.Language, Country: body.Country, State: members.State(body.State), After: after(c), Limit: pageLimit}
	found, total, err := s.findMembers(c, body.Query, filter)
	if problems, _, ok := problemsIn(err, names{"address": "q", "group_id": "group"}); err != nil && ok {
		head.Problems, err = problems, nil
	}
	if err == nil {
		body.Groups, err = s.groupChoices(c, group)
	}
	var languages []string
	if err == nil {
		languages, _, err = s.Members.InUse(ctx)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	body.Languages = templates.LanguageChoices(head.Lang, languages, body.Language)
	body.Total = total
	for _, m := range found.Members {
		body.Rows = append(body.Rows, memberRow(m))
	}
	if found.Next != 0 {
		body.Next = nextPage(c, found.Next)
	}
	show(s, c, http.StatusOK, head, body)
}

// findMembers finds one by the address, or those that a filter chooses, and how many there are on all pages.
func (s *Server) findMembers(c *gin.Context, address string, filter members.Filter) (members.Page, int64, error) {
	ctx := c.Request.Context()
	if address != "" {
		m, err := s.Members.Find(ctx, address)
		if isMissing(err) {
			return members.Page{}, 0, nil
		}
		if err != nil {
			return members.Page{}, 0, err
		}
		return members.Page{Members: []members.Member{m}}, 1, nil
	}
	found, err := s.Members.List(ctx, filter)
	if err != nil {
		return found, 0, err
	}
	total, err := s.Members.Count(ctx, filter)
	return found, total, err
}

func memberRow(m members.Member) templates.MemberRow {
	return templates.MemberRow{ID: idText(m.ID), Masked: m.Address.Masked(), Language: m.Language, Country: m.Country, Group: m.GroupName,
		State: string(m.State), Since: m.CreatedAt}
}

func (s *Server) groupChoices(c *gin.Context, chosen int64) ([]templates.Choice, error) {
	groups, err := s.Members.Groups(c.Request.Context())
	var list []templates.Choice
	for _, g := range groups {
		list = append(list, templates.Choice{Value: idText(g.ID), Label: g.Name, Chosen: g.ID == chosen})
	}
	return list, err
}

// deliveriesShown is how many appeals a member's page lists.
const deliveriesShown = 50

func (s *Server) memberPage(c *gin.Context) {
	s.showMember(c, http.StatusOK, nil, members.Consent{}, "")
}

// showMember shows the member in the path; consent and its day are those of a new one, as they were typed.
func (s *Server) showMember(c *gin.Context, status int, problems []templates.Problem, consent members.Consent, givenOn string) {
	ctx := c.Request.Context()
	id, err := pathNumber(c, "id")
	var m members.Member
	if err == nil {
		m, err = s.Members.Get(ctx, id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	body := templates.Member{MemberRow: memberRow(m), Name: m.Name, Suppressed: string(m.SuppressedBy), Source: consent.Source, GivenOn: givenOn, Words: consent.Words}
	stretches, err := s.Members.Stretches(ctx, id)
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, st := range stretches {
		body.Consents = append(body.Consents, templates.Consent{Source: st.Source, GivenOn: st.GivenOn, Words: st.Words, JoinedAt: st.JoinedAt,
			LeftAt: st.LeftAt, LeftHow: string(st.LeftHow)})
	}
	received, err := s.Campaigns.ReceivedBy(ctx, id, deliveriesShown)
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, r := range received {
		body.Deliveries = append(body.Deliveries, templates.MemberDelivery{AppealID: idText(r.AppealID), Kind: r.Kind, State: r.State, Reason: orZero(r.Reason),
			Number: templates.Number{Series: r.Series, Sequence: r.Number, Year: r.Year}, At: orZero(r.SettledAt)})
	}
	head := s.staffHead(c, "members")
	head.Problems = problems
	show(s, c, status, head, body)
}

// onMemberByForm carries out a change of the member in the path, who must be there.
func (s *Server) onMemberByForm(c *gin.Context, notice string, change func(members.Member) error, again func(status int, problems []templates.Problem)) {
	id, err := pathNumber(c, "id")
	var m members.Member
	if err == nil {
		m, err = s.Members.Get(c.Request.Context(), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.answered(c, change(m), "/admin/members/"+idText(id), notice, names{"group_id": "group"}, again)
}

func (s *Server) memberAgain(c *gin.Context) func(int, []templates.Problem) {
	return func(status int, problems []templates.Problem) {
		s.showMember(c, status, problems, members.Consent{}, "")
	}
}

// unsubscribeMember takes a member off who asked staff to.
func (s *Server) unsubscribeMember(c *gin.Context) {
	s.onMemberByForm(c, templates.NoticeUnsubscribed, func(m members.Member) error {
		return s.Members.Leave(c.Request.Context(), by(c), m.ID, members.ByStaff)
	}, s.memberAgain(c))
}

func (s *Server) suppressMember(c *gin.Context) {
	s.onMemberByForm(c, templates.NoticeSaved, func(m members.Member) error {
		return s.Members.Suppress(c.Request.Context(), by(c), m.Address, members.AskedStaff)
	}, s.memberAgain(c))
}

// liftSuppression lets a member's address be mailed again. Done already, it is done.
func (s *Server) liftSuppression(c *gin.Context) {
	s.onMemberByForm(c, templates.NoticeSaved, func(m members.Member) error {
		err := s.Members.Unsuppress(c.Request.Context(), by(c), m.Address)
		if isMissing(err) {
			return nil
		}
		return err
	}, s.memberAgain(c))
}

func (s *Server) rejoinMember(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	consent := consentTyped(f)
	again := func(status int, problems []templates.Problem) {
		s.showMember(c, status, problems, consent, f.line("consent.given_on"))
	}
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	s.onMemberByForm(c, templates.NoticeSaved, func(m members.Member) error {
		return s.Members.Rejoin(c.Request.Context(), by(c), m.ID, consent)
	}, again)
}

func consentTyped(f *typed) members.Consent {
	return members.Consent{Source: f.line("consent.source"), GivenOn: f.day("consent.given_on").Time, Words: f.text("consent.words")}
}

func (s *Server) newMemberPage(c *gin.Context) {
	s.showMemberForm(c, http.StatusOK, nil, templates.MemberForm{}, 0)
}

func (s *Server) showMemberForm(c *gin.Context, status int, problems []templates.Problem, body templates.MemberForm, group int64) {
	var err error
	if body.Groups, err = s.groupChoices(c, group); err != nil {
		s.fail(c, err)
		return
	}
	head := s.staffHead(c, "members")
	head.Problems = problems
	show(s, c, status, head, body)
}

func memberTyped(f *typed) (templates.MemberForm, int64) {
	return templates.MemberForm{Address: f.line("address"), Name: f.line("name"), Language: f.line("language"), Country: f.line("country"),
		Source: f.line("consent.source"), GivenOn: f.line("consent.given_on"), Words: f.text("consent.words")}, f.id("group")
}

func (s *Server) addMemberByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	form, group := memberTyped(f)
	n := members.New{Address: form.Address, Name: form.Name, Language: form.Language, Country: form.Country, GroupID: group, Consent: consentTyped(f)}
	again := func(status int, problems []templates.Problem) { s.showMemberForm(c, status, problems, form, group) }
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	added, err := s.Members.Add(c.Request.Context(), by(c), n)
	s.answered(c, err, "/admin/members/"+idText(added.ID), templates.NoticeCreated, names{"group_id": "group"}, again)
}

// changeMemberPage is the one page that shows a whole address: to who may change it, and asked for this one.
func (s *Server) changeMemberPage(c *gin.Context) {
	id, err := pathNumber(c, "id")
	var m members.Member
	if err == nil {
		m, err = s.Members.Get(c.Request.Context(), id)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showMemberForm(c, http.StatusOK, nil, templates.MemberForm{ID: idText(id), Address: m.Address.Mailbox(), Name: m.Name, Language: m.Language, Country: m.Country}, m.GroupID)
}

func (s *Server) changeMemberByForm(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	form, group := memberTyped(f)
	form.ID = c.Param("id")
	again := func(status int, problems []templates.Problem) { s.showMemberForm(c, status, problems, form, group) }
	if len(f.problems) > 0 {
		again(http.StatusUnprocessableEntity, f.problems)
		return
	}
	s.onMemberByForm(c, templates.NoticeSaved, func(m members.Member) error {
		_, err := s.Members.Update(c.Request.Context(), by(c), m.ID, members.Change{Address: &form.Address, Name: &form.Name, Language: &form.Language,
			Country: &form.Country, GroupID: &group})
		return err
	}, again)
}

package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/templates"
)

func roleWords(roles []accounts.Role) []string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role)
	}
	return words
}

// rolesFrom reads roles as they were ticked; one that there is not is left for the room to refuse.
func rolesFrom(words []string) []accounts.Role {
	roles := make([]accounts.Role, len(words))
	for i, word := range words {
		roles[i] = accounts.Role(word)
	}
	return roles
}

// roleChoices are all roles, named in the page's language.
func roleChoices(lang string, chosen []accounts.Role) []templates.Choice {
	choices := templates.WordChoices(lang, "role")
	for i := range choices {
		choices[i].Chosen = slices.Contains(chosen, accounts.Role(choices[i].Value))
	}
	return choices
}

func accountRow(a accounts.Account) templates.AccountRow {
	return templates.AccountRow{ID: idText(a.ID), Name: a.Name, Address: a.Address, Roles: roleWords(a.Roles), CreatedAt: a.CreatedAt,
		Disabled: a.DisabledAt != nil}
}

func (s *Server) listAccounts(c *gin.Context) {
	found, err := s.Accounts.List(c.Request.Context())
	if err != nil {
		s.fail(c, err)
		return
	}
	var body templates.Accounts
	for _, a := range found {
		body.Rows = append(body.Rows, accountRow(a))
	}
	show(s, c, http.StatusOK, s.staffHead(c, "accounts"), body)
}

func (s *Server) newAccountPage(c *gin.Context) {
	s.showNewAccount(c, http.StatusOK, nil, accounts.NewAccount{Language: who(c).Language})
}

func (s *Server) showNewAccount(c *gin.Context, status int, problems []templates.Problem, n accounts.NewAccount) {
	head := s.staffHead(c, "accounts")
	head.Problems = problems
	show(s, c, status, head, templates.AccountForm{Address: n.Address, Name: n.Name, Language: n.Language,
		Languages: templates.StaffLanguages(), Roles: roleChoices(head.Lang, n.Roles)})
}

// addAccount makes an account without a password: it signs in by a link in its mail, and may set one then.
func (s *Server) addAccount(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	n := accounts.NewAccount{Address: f.line("address"), Name: f.line("name"), Language: f.line("language"), Roles: rolesFrom(f.chosen("roles"))}
	added, err := s.Accounts.Add(c.Request.Context(), by(c), n)
	s.answered(c, err, "/admin/accounts/"+idText(added.ID), templates.NoticeCreated, nil, func(status int, problems []templates.Problem) {
		s.showNewAccount(c, status, problems, n)
	})
}

func (s *Server) accountPage(c *gin.Context) { s.showAccount(c, http.StatusOK, nil, nil) }

// showAccount shows an account; ticked are the roles as they were sent, nil for those that it has.
func (s *Server) showAccount(c *gin.Context, status int, problems []templates.Problem, ticked []accounts.Role) {
	id, err := pathNumber(c, "id")
	if err != nil {
		s.fail(c, err)
		return
	}
	a, err := s.Accounts.Find(c.Request.Context(), id)
	if err != nil {
		s.fail(c, err)
		return
	}
	if ticked == nil {
		ticked = a.Roles
	}
	head := s.staffHead(c, "accounts")
	head.Problems = problems
	show(s, c, status, head, templates.Account{AccountRow: accountRow(a), Language: a.Language, IsOwn: a.ID == who(c).AccountID,
		Choices: roleChoices(head.Lang, ticked)})
}

func (s *Server) setRoles(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	roles := rolesFrom(f.chosen("roles"))
	s.onAccount(c, func(id int64) error { return s.Accounts.SetRoles(c.Request.Context(), by(c), id, roles) }, roles)
}

func (s *Server) disableAccount(c *gin.Context) {
	s.onAccount(c, func(id int64) error { return s.Accounts.Disable(c.Request.Context(), by(c), id) }, nil)
}

func (s *Server) enableAccount(c *gin.Context) {
	s.onAccount(c, func(id int64) error { return s.Accounts.Enable(c.Request.Context(), by(c), id) }, nil)
}

// onAccount carries out a change of the account in the path.
func (s *Server) onAccount(c *gin.Context, change func(id int64) error, ticked []accounts.Role) {
	id, err := pathNumber(c, "id")
	if err == nil {
		err = change(id)
	}
	s.answered(c, err, "/admin/accounts/"+c.Param("id"), templates.NoticeSaved, nil, func(status int, problems []templates.Problem) {
		s.showAccount(c, status, problems, ticked)
	})
}

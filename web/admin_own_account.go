package web

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// ownAccount is what everybody may do with the account they are signed in with.
func (s *Server) ownAccount(c *gin.Context) { s.showOwnAccount(c, http.StatusOK, nil) }

func (s *Server) showOwnAccount(c *gin.Context, status int, problems []templates.Problem) {
	ctx := c.Request.Context()
	account, err := s.Accounts.Find(ctx, who(c).AccountID)
	if err != nil {
		s.fail(c, err)
		return
	}
	sessions, err := s.Accounts.ListSessions(ctx, account.ID, s.sessionOf(c))
	if err != nil {
		s.fail(c, err)
		return
	}
	body := templates.OwnAccount{Name: account.Name, Address: account.Address, Roles: roleWords(account.Roles), HasPassword: account.HasPassword}
	for _, session := range sessions {
		body.Sessions = append(body.Sessions, templates.SessionRow{ID: session.ID, BeganAt: session.CreatedAt, LastSeen: session.LastSeenAt,
			IsCurrent: session.Current})
	}
	head := s.staffHead(c, "")
	head.Problems = problems
	show(s, c, status, head, body)
}

// changePassword changes one's own password. Every other session ends, and this one gets another secret.
func (s *Server) changePassword(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	in, err := s.Accounts.ChangePassword(c.Request.Context(), accounts.PasswordChange{Session: s.sessionOf(c),
		Current: f.values.Get("current_password"), New: f.values.Get("new_password"), Source: s.sourceOf(c.Request)})
	var later *accounts.TryLater
	switch {
	case errors.As(err, &later):
		c.Header("Retry-After", idText(int64(later.Seconds())))
		s.showOwnAccount(c, http.StatusTooManyRequests, []templates.Problem{{Field: "current_password", Word: templates.ProblemWait}})
	case failure.Is(err, failure.Invalid):
		problems, status, _ := problemsIn(err, nil)
		s.showOwnAccount(c, status, problems)
	case err != nil:
		s.fail(c, err)
	default:
		s.keepSession(c, in)
		s.leadTo(c, "/admin/account", templates.NoticeSaved)
	}
}

func (s *Server) endSession(c *gin.Context) {
	if err := s.Accounts.EndSession(c.Request.Context(), by(c), who(c).AccountID, c.Param("id")); err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/account", templates.NoticeSaved)
}

func (s *Server) endOtherSessions(c *gin.Context) {
	if err := s.Accounts.EndOtherSessions(c.Request.Context(), s.sessionOf(c)); err != nil {
		s.fail(c, err)
		return
	}
	s.leadTo(c, "/admin/account", templates.NoticeSaved)
}

package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/templates"
)

// signInPage is the door of the staff's pages. Who is signed in already is led in.
func (s *Server) signInPage(c *gin.Context) {
	if _, err := s.Accounts.FindSession(c.Request.Context(), s.sessionOf(c)); err == nil {
		c.Redirect(http.StatusSeeOther, insideOnly(c.Query("next")))
		return
	}
	s.showSignIn(c, http.StatusOK, nil, templates.SignIn{Next: c.Query("next")})
}

func (s *Server) showSignIn(c *gin.Context, status int, problems []templates.Problem, body templates.SignIn) {
	head := s.deskHead(c, "")
	head.Problems, head.Notice = problems, templates.Notice{Word: s.takeNotice(c)}
	show(s, c, status, head, body)
}

// signIn takes an address and a password. What is wrong is said alike, whatever it was (A2).
func (s *Server) signIn(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	in, err := s.Accounts.SignIn(c.Request.Context(), accounts.Attempt{Address: f.line("address"), Password: f.values.Get("password"),
		Source: s.sourceOf(c.Request), Replaces: s.sessionOf(c)})
	body := templates.SignIn{Address: f.line("address"), Next: f.line("next")}
	var later *accounts.TryLater
	switch {
	case errors.As(err, &later):
		s.showLater(c, later, body)
	case errors.Is(err, accounts.ErrCredentials):
		s.showSignIn(c, http.StatusUnprocessableEntity, []templates.Problem{{Word: templates.ProblemSignIn}}, body)
	case err != nil:
		s.fail(c, err)
	default:
		s.keepSession(c, in)
		c.Redirect(http.StatusSeeOther, insideOnly(body.Next))
	}
}

func (s *Server) showLater(c *gin.Context, later *accounts.TryLater, body templates.SignIn) {
	c.Header("Retry-After", idText(int64(later.Seconds())))
	s.showSignIn(c, http.StatusTooManyRequests, []templates.Problem{{Word: templates.ProblemWait}}, body)
}

// insideOnly is where to go after signing in: a page of ours, whatever somebody put into the link.
func insideOnly(next string) string {
	if next != "/admin" && !strings.HasPrefix(next, "/admin/") || strings.ContainsAny(next, "\\\r\n") || len(next) > maxURL {
		return "/admin"
	}
	return next
}

// askForLink has a one-time link mailed, where there is an account with the address. All that could tell whether there is
// one happens after the answer (A2).
func (s *Server) askForLink(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	address := f.line("address")
	body := templates.SignIn{Address: address, Next: f.line("next")}
	if address == "" {
		s.showSignIn(c, http.StatusUnprocessableEntity, []templates.Problem{{Field: "address", Word: templates.ProblemMissing}}, body)
		return
	}
	err := s.limits.strangers.take(s.sourceOf(c.Request))
	if err == nil {
		id := requestID(c)
		err = s.later(c.Request.Context(), func(ctx context.Context) {
			if err := s.mailLink(ctx, address); err != nil {
				s.Log.ErrorContext(ctx, "a sign-in link was not sent", "id", id, "error", withoutData(err))
			}
		})
	}
	var later *accounts.TryLater
	switch {
	case errors.As(err, &later):
		s.showLater(c, later, body)
	case err != nil:
		s.fail(c, err)
	default:
		body.LinkAsked, body.Address = true, ""
		s.showSignIn(c, http.StatusOK, nil, body)
	}
}

func (s *Server) mailLink(ctx context.Context, address string) error {
	link, ok, err := s.Accounts.RequestLink(ctx, address)
	if err != nil || !ok {
		return err
	}
	e := campaigns.Edition{Language: templates.StaffLanguage(link.Language)}
	e.TextLanguage = e.Language
	e.Subject, e.Text, e.HTML, err = templates.RenderSignIn(templates.SignInMail{Organisation: s.Organisation, Language: e.Language,
		URL: cmp.Or(s.AdminURL, s.PublicURL) + signInLink + link.Secret, Minutes: int(accounts.LinkLife / time.Minute)})
	if err != nil {
		return err
	}
	e.Mark = "h" + strings.ReplaceAll(newID(), "-", "") // nothing differs from reader to reader
	return s.Post(ctx, link.Address, e)
}

// signInLink begins the path of a one-time link.
const signInLink = "/sign-in/link/"

// linkPage shows one button and changes nothing: programs that look at links open this too. It does not tell whether the
// link works.
func (s *Server) linkPage(c *gin.Context) { s.showLink(c, http.StatusOK, nil) }

func (s *Server) showLink(c *gin.Context, status int, problems []templates.Problem) {
	head := s.deskHead(c, "")
	head.Problems = problems
	show(s, c, status, head, templates.SignInLink{Action: signInLink + c.Param("token")})
}

// useLink signs in by a one-time link, and sets a new password where one was given.
func (s *Server) useLink(c *gin.Context) {
	f, ok := s.typed(c)
	if !ok {
		return
	}
	ctx, token := c.Request.Context(), c.Param("token")
	var in accounts.SignedIn
	var err error
	if password := f.values.Get("new_password"); password != "" {
		in, err = s.Accounts.ResetPassword(ctx, token, password, s.sessionOf(c))
	} else {
		in, err = s.Accounts.SignInByLink(ctx, token, s.sessionOf(c))
	}
	switch {
	case errors.Is(err, accounts.ErrLink):
		s.showSignIn(c, http.StatusUnprocessableEntity, nil, templates.SignIn{LinkDead: true})
	case failure.Is(err, failure.Invalid):
		problems, status, _ := problemsIn(err, nil)
		s.showLink(c, status, problems)
	case err != nil:
		s.fail(c, err)
	default:
		s.keepSession(c, in)
		c.Redirect(http.StatusSeeOther, "/admin")
	}
}

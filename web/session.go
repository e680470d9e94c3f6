package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/templates"
)

// cookieName is the name of the session's cookie. A browser takes a __Host- cookie only with Secure, for this host alone
// and for its whole (RFC 6265bis 4.1.3.2). Over plain http on loopback it would take none at all.
func (s *Server) cookieName() string {
	if s.secure {
		return "__Host-holdfast"
	}
	return "holdfast"
}

// sessionOf returns the secret of the session that a browser has, "" for none.
func (s *Server) sessionOf(c *gin.Context) string {
	cookie, err := c.Request.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// keepSession gives the browser its session. The cookie ends with the browser; the session ends by its own limits.
func (s *Server) keepSession(c *gin.Context, in accounts.SignedIn) { s.setCookie(c, in.Session, 0) }

// dropSession takes the cookie away.
func (s *Server) dropSession(c *gin.Context) { s.setCookie(c, "", -1) }

func (s *Server) setCookie(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{Name: s.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// signedIn lets those pass who are signed in and may do what the route is for.
func (s *Server) signedIn(c *gin.Context) {
	principal, err := s.Accounts.FindSession(c.Request.Context(), s.sessionOf(c))
	reading := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if errors.Is(err, accounts.ErrNotSignedIn) && reading {
		c.Redirect(http.StatusSeeOther, "/sign-in"+backTo(c.Request.URL))
		c.Abort()
		return
	}
	if err == nil {
		c.Set(whoKey, principal)
		err = principal.Require(routeOf(c).permission)
	}
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Next()
}

// backTo is the part of the door's address that says where somebody wanted to go.
func backTo(u *url.URL) string {
	if u.Path == "/admin" {
		return ""
	}
	return "?" + url.Values{"next": {u.RequestURI()}}.Encode()
}

// signOut ends the session, on our side and in the browser.
func (s *Server) signOut(c *gin.Context) {
	if err := s.Accounts.SignOut(c.Request.Context(), s.sessionOf(c)); err != nil {
		s.fail(c, err)
		return
	}
	s.dropSession(c)
	s.leadTo(c, "/sign-in", templates.NoticeSignedOut)
}

// sameOrigin refuses a change that does not come from a page of our own (A11): one that says it comes from elsewhere,
// one that does not say at all, and one whose body no form of ours sends. It stands before everything that a cookie
// allows, and before signing in.
func (s *Server) sameOrigin(c *gin.Context) {
	r := c.Request
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		c.Next()
		return
	}
	silent := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
	if silent || s.origins.Check(r) != nil {
		s.fail(c, errForeign)
		return
	}
	switch c.ContentType() {
	case "application/x-www-form-urlencoded", "multipart/form-data":
		c.Next()
	default:
		s.fail(c, errNotForm)
	}
}

package web

import (
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
)

// bearer returns who is behind the token of a request (RFC 6750 2.1: in the header, never in the address, A13).
//
// A token that is not good is counted against where it comes from, and beyond a number nothing from there is looked up
// any more but tokens that were good before: somebody who guesses shuts nobody out who shares their address.
func (s *Server) bearer(c *gin.Context) (accounts.Principal, error) {
	source := s.sourceOf(c.Request)
	scheme, token, _ := strings.Cut(c.Request.Header.Get("Authorization"), " ")
	name := nameOf(strings.TrimSpace(token))
	if !s.limits.tokens.holds(name) {
		if err := s.limits.strangers.empty(source); err != nil {
			return accounts.Principal{}, err
		}
	}
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		s.limits.strangers.of(source).Allow()
		return accounts.Principal{}, errNoToken
	}
	p, err := s.Accounts.FindToken(c.Request.Context(), strings.TrimSpace(token))
	if errors.Is(err, accounts.ErrNotSignedIn) {
		s.limits.tokens.drop(name)
		s.limits.strangers.of(source).Allow()
		return accounts.Principal{}, errBadToken
	}
	if err != nil {
		return accounts.Principal{}, err
	}
	return p, s.limits.tokens.take(name)
}

// nameOf names the bucket of a token: no list of buckets is a list of tokens.
func nameOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return string(sum[:])
}

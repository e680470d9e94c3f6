package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/accounts"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// problem is what somebody is told whose request was not carried out (RFC 9457).
type problem struct {
	Type     string          `json:"type"` // resolves to its description
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail"`
	Instance string          `json:"instance"` // the id under which the request was logged
	Rule     string          `json:"rule,omitempty"`
	Errors   []failure.Field `json:"errors,omitempty"`

	retryAfter int // seconds; 0 says nothing
}

// refusal is an error of the door itself: the request never came to a room.
type refusal struct {
	status int
	name   string // of the response in the description of the API
	title  string
	detail string
	field  string // the header or parameter that is to blame
}

func (r *refusal) Error() string { return r.detail }

// What the door refuses by itself.
var (
	errNoRoute    error = &refusal{404, "NotFound", "not found", "there is nothing at this address", ""}
	errNoMethod   error = &refusal{405, "MethodNotAllowed", "method not allowed", "this address is there, but not for this method; the header Allow names those it has", ""}
	errLongURL    error = &refusal{414, "Malformed", "address too long", "the address is longer than 8,192 bytes; send long values in a file", ""}
	errOddText    error = &refusal{400, "Malformed", "malformed", "the address holds a byte that is not text in UTF-8", ""}
	errNoToken    error = &refusal{401, "Unauthorized", "not signed in", "the API wants an API token, as \"Authorization: Bearer hf_…\"", ""}
	errBadToken   error = &refusal{401, "Unauthorized", "not signed in", "this API token is not known, was revoked, or is of a disabled account", ""}
	errForeign    error = &refusal{403, "Forbidden", "forbidden", "this form was not sent from our own page; open the page anew and send it again", ""}
	errNotJSON    error = &refusal{415, "Malformed", "unsupported media type", "want a body of the type application/json, not compressed", "Content-Type"}
	errNotCSV     error = &refusal{415, "Malformed", "unsupported media type", "want a body of the type text/csv, not compressed", "Content-Type"}
	errNotForm    error = &refusal{415, "Malformed", "unsupported media type", "want a form", "Content-Type"}
	errNoBody     error = &refusal{400, "Malformed", "malformed", "the body is empty; want one JSON object", ""}
	errNeedsNone  error = &refusal{400, "Malformed", "malformed", "this takes no body", ""}
	errBadUTF8    error = &refusal{400, "Malformed", "malformed", "the body is not text in UTF-8", ""}
	errBrokenBody error = &refusal{400, "Malformed", "malformed", "the body broke off, or does not come as HTTP says it should", ""}
	errTooLarge   error = &refusal{413, "TooLarge", "too large", "the body is larger than this takes", ""}
	errSlowBody   error = &refusal{408, "Malformed", "too slow", "the body did not come in time", ""}
	errNotPosted  error = &refusal{502, "Fault", "not sent", "the relay did not take the mail; the log says why, under the id of this request", ""}
	errBusy       error = &accounts.TryLater{Wait: 10 * time.Second, Text: "as many imports are running as may run at once"}
)

// problemOf translates an error, in this one place, into what its reader is told.
func problemOf(err error) problem {
	var refused *refusal
	var later *accounts.TryLater
	var known *failure.Error
	switch {
	case errors.As(err, &refused):
		p := named(refused.status, refused.name, refused.title, refused.detail)
		if refused.field != "" {
			p.Errors = []failure.Field{{Name: refused.field, Reason: refused.detail}}
		}
		return p
	case errors.As(err, &later):
		p := named(429, "TryLater", "try again later", later.Error())
		p.retryAfter = later.Seconds()
		return p
	case errors.Is(err, accounts.ErrNotSignedIn), errors.Is(err, accounts.ErrCredentials):
		return named(401, "Unauthorized", "not signed in", err.Error())
	case errors.As(err, &known):
		return knownProblem(known)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), postgres.IsStatementTimeout(err), postgres.IsRetryable(err):
		p := named(503, "Unavailable", "not now", "this took too long and was given up; nothing was changed. Try again in a moment")
		p.retryAfter = 5
		return p
	case isUnstorable(err):
		return named(422, "Invalid", "not valid", "the request holds a value that cannot be kept; nothing was changed")
	}
	return named(500, "Fault", "our fault", "something went wrong on our side, and was written down under the id of this request; nothing is known to be wrong with the request itself")
}

func knownProblem(e *failure.Error) problem {
	var p problem
	switch e.Kind {
	case failure.NotFound:
		p = named(404, "NotFound", "not found", e.Text)
	case failure.Conflict:
		p = named(409, "Conflict", "conflict", e.Text)
	case failure.Forbidden:
		p = named(403, "Forbidden", "forbidden", e.Text)
	default:
		p = named(422, "Invalid", "not valid", e.Text)
	}
	p.Rule, p.Errors = e.Rule, e.Fields
	return p
}

// named is a problem whose type is one of the responses that the description of the API describes.
func named(status int, name, title, detail string) problem {
	return problem{Type: apiRoot + "/openapi.json#/components/responses/" + name, Title: title, Status: status, Detail: detail}
}

// isUnstorable reports whether the database refused a value: no room should let one come so far, so it is logged as a
// fault all the same.
func isUnstorable(err error) bool {
	var pg *pgconn.PgError
	return postgres.IsCheck(err, "") || errors.As(err, &pg) && strings.HasPrefix(pg.Code, "22")
}

// fail ends a request with what err means.
func (s *Server) fail(c *gin.Context, err error) {
	p := s.problem(c, err)
	c.Abort()
	if isAPI(c) {
		text, _ := json.Marshal(p) // texts and numbers only
		writeJSON(c, p.Status, append(text, '\n'))
		return
	}
	s.errorPage(c, p)
}

// problem translates err for this request, sets the headers that go with it, and logs what is a fault of ours.
func (s *Server) problem(c *gin.Context, err error) problem {
	p := problemOf(err)
	p.Instance = "urn:uuid:" + requestID(c)
	if p.retryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.Status == 401 && isAPI(c) {
		c.Header("WWW-Authenticate", `Bearer realm="holdfast"`)
	}
	if p.Status >= 500 || isUnstorable(err) {
		s.Log.ErrorContext(c.Request.Context(), "request failed", "id", requestID(c), "route", patternOf(c), "error", withoutData(err))
	}
	return p
}

// isAPI reports whether a program is asking, also for what is not there.
func isAPI(c *gin.Context) bool { return strings.HasPrefix(c.Request.URL.Path, "/api/") }

// writeJSON writes an answer of the API; a problem has a type of its own.
func writeJSON(c *gin.Context, status int, body []byte) {
	switch {
	case status == http.StatusNoContent:
		c.Status(status)
		return
	case status >= 400:
		c.Header("Content-Type", "application/problem+json")
	default:
		c.Header("Content-Type", "application/json")
	}
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Status(status)
	c.Writer.Write(body) //nolint:errcheck // whoever hung up needs no answer
}

// plainErrorPage stands in for a page where there is none.
func plainErrorPage(c *gin.Context, p problem) {
	c.Header("Content-Type", "text/plain; charset=utf-8")
	c.Status(p.Status)
	fmt.Fprintf(c.Writer, "%d %s\n\n%s\n\n%s\n", p.Status, p.Title, p.Detail, p.Instance)
}

var (
	quotedText  = regexp.MustCompile(`"[^"]*"?|'[^']*'?|\([^)]*=[^)]*\)`)
	addressText = regexp.MustCompile(`\S+@\S+`)
)

// withoutData is an error as it may be logged: of the database its code and the constraint, of any other error the
// text without what is quoted in it and without addresses, on one line.
func withoutData(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.TrimSpace("postgres " + pg.Code + " " + pg.TableName + " " + pg.ConstraintName)
	}
	text := addressText.ReplaceAllString(quotedText.ReplaceAllString(err.Error(), "…"), "…")
	text = strings.Join(strings.Fields(text), " ")
	return text[:min(len(text), 300)]
}

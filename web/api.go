package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// call is one request to the API, by somebody who may make it.
type call struct {
	gin    *gin.Context
	route  route
	who    accounts.Principal
	values url.Values // the query; every name in it is one that the route takes
	body   []byte     // nil for a stream
}

// answer is what a handler says. A nil body is none at all. One that has written by itself says so.
type answer struct {
	status  int
	body    any
	written bool
}

func ok(body any) answer       { return answer{status: http.StatusOK, body: body} }
func created(body any) answer  { return answer{status: http.StatusCreated, body: body} }
func accepted(body any) answer { return answer{status: http.StatusAccepted, body: body} }
func none() answer             { return answer{status: http.StatusNoContent} }

// apiHandler carries out a call. input is what its body decodes into, nil where it takes none: the tests hold the
// description of the API against it.
type apiHandler struct {
	handle func(*call) (answer, error)
	input  any
}

// bare is for routes without a body.
func bare(handle func(*call) (answer, error)) apiHandler {
	return apiHandler{handle: func(r *call) (answer, error) {
		if body := string(bytes.TrimSpace(r.body)); body != "" && body != "{}" {
			return answer{}, errNeedsNone
		}
		return handle(r)
	}}
}

// with is for routes whose body is a T, whole, and nothing else.
func with[T any](handle func(*call, T) (answer, error)) apiHandler {
	return apiHandler{input: *new(T), handle: func(r *call) (answer, error) {
		var input T
		if err := decode(r.gin.Request.Header, r.body, &input); err != nil {
			return answer{}, err
		}
		return handle(r, input)
	}}
}

// optional is with for a route whose body may be left out.
func optional[T any](handle func(*call, T) (answer, error)) apiHandler {
	whole := with(handle)
	return apiHandler{input: whole.input, handle: func(r *call) (answer, error) {
		if body := string(bytes.TrimSpace(r.body)); body == "" || body == "{}" {
			var nothing T
			return handle(r, nothing)
		}
		return whole.handle(r)
	}}
}

func (r *call) ctx() context.Context { return r.gin.Request.Context() }

func (r *call) by() audit.Actor { return r.who.Actor() }

// id reads a number from the path. What cannot be the id of anything is the id of nothing.
func (r *call) id(name string) (int64, error) {
	id, err := strconv.ParseInt(r.gin.Param(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, errNoRoute
	}
	return id, nil
}

// number reads a number from the query; 0 where there is none.
func (r *call) number(name string) (int64, error) {
	text := r.values.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, failure.Wrong(name, "must be a whole number above 0")
	}
	return n, nil
}

// serveAPI carries out a call, and answers it with JSON whatever happens.
func (s *Server) serveAPI(c *gin.Context) {
	r, err := s.admit(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	replay, found, err := s.beginReplay(r)
	if err != nil {
		s.fail(c, err)
		return
	}
	if found {
		c.Header("Idempotency-Replayed", "true")
		s.send(r, replay.Status, replay.Body)
		return
	}
	status, body, written := s.run(r)
	if replay != nil {
		if err := s.Accounts.FinishReplay(r.ctx(), *replay, status, body); err != nil {
			s.Log.ErrorContext(r.ctx(), "an answer was not kept for its Idempotency-Key", "id", requestID(c), "error", withoutData(err))
		}
	}
	if !written {
		s.send(r, status, body)
	}
}

// admit makes a call of a request, once it is clear who asks, that they may, and that it is within limits.
func (s *Server) admit(c *gin.Context) (*call, error) {
	r := &call{gin: c, route: routeOf(c)}
	var err error
	if r.who, err = s.bearer(c); err != nil {
		return nil, err
	}
	c.Set(whoKey, r.who)
	if err := r.who.Require(r.route.permission); err != nil {
		return nil, err
	}
	if r.values, err = parseQuery(c.Request.URL.RawQuery); err != nil {
		return nil, err
	}
	if err := r.checkQuery(); err != nil {
		return nil, err
	}
	if !r.route.stream {
		if r.body, err = io.ReadAll(c.Request.Body); err != nil {
			return nil, bodyError(err)
		}
	}
	return r, nil
}

// bodyError is why a body could not be read to its end.
func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlowBody
	default:
		return errBrokenBody
	}
}

// parseQuery reads a query; a part of it that cannot be read is an error.
func parseQuery(query string) (url.Values, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, errOddText
	}
	return values, nil
}

// checkQuery refuses parameters that the route does not take: a filter with a misspelt name would show everything.
func (r *call) checkQuery() error {
	var check failure.Check
	for name, values := range r.values {
		check.Need(slices.Contains(r.route.query, name), name, "is not a parameter that this takes")
		check.Need(len(values) == 1, name, "stands twice")
	}
	return check.Err()
}

// run carries a call out and returns the answer as it is sent, and whether it was sent already.
func (s *Server) run(r *call) (status int, body []byte, written bool) {
	a, err := r.route.call.handle(r)
	if a.written {
		return a.status, nil, true
	}
	if err == nil && a.body != nil {
		if body, err = json.Marshal(a.body); err == nil {
			return a.status, append(body, '\n'), false
		}
	}
	if err != nil {
		p := s.problem(r.gin, err)
		body, _ = json.Marshal(p) // texts and numbers only
		return p.Status, append(body, '\n'), false
	}
	return a.status, nil, false
}

// send sends an answer, the first time or again.
func (s *Server) send(r *call, status int, body []byte) {
	if status == http.StatusCreated && r.route.collection != "" {
		var made struct {
			ID int64 `json:"id"`
		}
		if json.Unmarshal(body, &made) == nil {
			r.gin.Header("Location", r.route.collection+strconv.FormatInt(made.ID, 10))
		}
	}
	writeJSON(r.gin, status, body)
}

// isType reports whether the body is said to be of a type, not compressed, and in UTF-8 where it is said to be in
// anything.
func isType(h http.Header, want string) bool {
	got, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := params["charset"]
	return err == nil && got == want && (charset == "" || strings.EqualFold(charset, "utf-8")) &&
		(h.Get("Content-Encoding") == "" || strings.EqualFold(h.Get("Content-Encoding"), "identity"))
}

// decode reads a body into input, or says all that is wrong with it.
func decode(h http.Header, body []byte, input any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return errNoBody
	}
	if !isType(h, "application/json") {
		return errNotJSON
	}
	if err := checkShape(body, input); err != nil {
		return err
	}
	if err := json.Unmarshal(body, input); err != nil {
		return errors.Join(errors.New("the shape of a body was not checked"), err)
	}
	return nil
}

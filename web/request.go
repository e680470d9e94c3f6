package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"holdfast/accounts"
)

// What is kept with a request, by these names.
const (
	idKey    = "id"
	routeKey = "route"
	whoKey   = "who"
)

// maxURL is the longest address that is read, in bytes: room for the words of a consent in an import's query.
const maxURL = 8192

// newID returns a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (Go 1.24)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// begin gives the request its id, which every answer carries, and the headers that every answer has. An id that
// somebody sends is not taken: it would be a way to write into the log.
func (s *Server) begin(c *gin.Context) {
	id := newID()
	c.Set(idKey, id)
	c.Header("X-Request-Id", id)
	s.setHeaders(c.Writer.Header(), isAPI(c))
}

func requestID(c *gin.Context) string { return c.GetString(idKey) }

// routeOf returns the route that was found, the zero one where none was.
func routeOf(c *gin.Context) route {
	r, _ := c.Get(routeKey)
	found, _ := r.(route)
	return found
}

// patternOf is what the log and the metrics call a request: never its path, which can hold a token.
func patternOf(c *gin.Context) string {
	if pattern := routeOf(c).pattern; pattern != "" {
		return pattern
	}
	return "none"
}

// who is who is asking; the zero Principal is nobody known.
func who(c *gin.Context) accounts.Principal {
	p, _ := c.Get(whoKey)
	principal, _ := p.(accounts.Principal)
	return principal
}

// observe logs and measures what became of a request. It logs no address, no path, no name: the account by its number.
func (s *Server) observe(c *gin.Context) {
	began := time.Now()
	s.gauges.open.Inc()
	defer func() {
		s.gauges.open.Dec()
		took := time.Since(began)
		method, pattern, status := knownMethod(c.Request.Method), patternOf(c), c.Writer.Status()
		s.gauges.took(method, pattern, status, took)
		s.Log.InfoContext(c.Request.Context(), "request", "id", requestID(c), "method", method, "route", pattern, "status", status,
			"milliseconds", took.Milliseconds(), "bytes", max(0, c.Writer.Size()), "account", who(c).AccountID)
	}()
	c.Next()
}

// knownMethod keeps what anybody can make up out of log and metrics.
func knownMethod(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return method
	}
	return "other"
}

// errPanic is what a reader is told of a panic.
var errPanic = errors.New("panic")

// recover turns a panic into a fault of ours. The value of a panic may hold somebody's data, so it is logged by its type
// alone, unless it is one of the run time's own; the stack holds none.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		value := recover()
		switch value {
		case nil:
			return
		case http.ErrAbortHandler:
			panic(value) // the server's own way to cut a connection
		}
		text := fmt.Sprintf("%T", value)
		if own, ok := value.(interface {
			error
			RuntimeError()
		}); ok {
			text = withoutData(own)
		}
		s.Log.ErrorContext(c.Request.Context(), "panic", "id", requestID(c), "route", patternOf(c), "panic", text, "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		s.fail(c, errPanic)
	}()
	c.Next()
}

// refuseOdd refuses an address that no room should ever see: too long, not UTF-8, or with a NUL in it.
func (s *Server) refuseOdd(c *gin.Context) {
	u := c.Request.URL
	if len(c.Request.RequestURI) > maxURL {
		s.fail(c, errLongURL)
		return
	}
	texts := []string{u.Path}
	query, err := parseQuery(u.RawQuery)
	for name, values := range query {
		texts = append(append(texts, name), values...)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			err = errOddText
		}
	}
	if err != nil {
		s.fail(c, errOddText)
	}
}

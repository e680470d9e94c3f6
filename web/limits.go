package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"holdfast/accounts"
)

// The limits of one request and of one asker.
const (
	maxBody       = 1 << 20   // bytes, of every body but an import's
	maxImport     = 512 << 20 // bytes
	importsAtOnce = 2

	// streamPace is how much of a stream must move in each wait of the limits: who is slower is cut off.
	streamPace = 64 << 10

	answerWithin = 25 * time.Second // how long a room may work on a request that is no stream
)

// limits are how much one asker may ask. Each token has a bucket of its own, so that one runaway script stands in
// nobody's way; tokens that have not been good before are counted by where they come from.
type limits struct {
	tokens    *buckets
	strangers *buckets
	links     *buckets      // forms of the public pages, by the token in their link
	sources   *buckets      // and by where they come from: a hall full of people may share one address
	checks    *buckets      // letters read over, by where they come from
	hits      *buckets      // and those of them that name what must stay out: it is not to be found by trying
	prints    *buckets      // PDFs, by where one comes from
	codes     *buckets      // wrong codes, by the same
	entered   *buckets      // and right ones
	stream    time.Duration // for each stretch of a stream
	watch     time.Duration // that one may be told of changes, before one is asked again who one is
}

func defaultLimits() limits {
	return limits{tokens: newBuckets(50, 200), strangers: newBuckets(1, 30), links: newBuckets(0.5, 30), sources: newBuckets(2, 120), checks: newBuckets(0.5, 120),
		hits:   newBuckets(hitsEvery, hitsAtOnce),
		prints: newBuckets(printsEvery, printsAtOnce), codes: newBuckets(wrongCodesEvery, wrongCodesAtOnce), entered: newBuckets(rightCodesEvery, rightCodesAtOnce), stream: 30 * time.Second, watch: 10 * time.Minute}
}

// bounded gives a request that is no stream its time and the size of its body.
func (s *Server) bounded(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), answerWithin)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	if c.Request.ContentLength > maxBody {
		s.fail(c, errTooLarge)
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxBody)
	c.Next()
}

// metered gives each link, and each place that forms come from, as many forms as somebody who writes letters sends (P9). What a member or
// visitor has typed is in their browser still.
func (s *Server) metered(c *gin.Context) {
	err := s.limits.sources.take(s.sourceOf(c.Request))
	if token := c.Param("token"); err == nil && token != "" {
		err = s.limits.links.take(token)
	}
	if err != nil {
		s.fail(c, err)
	}
}

// mostBuckets bounds the memory: beyond it the buckets that are full again, which are as good as none, are dropped, and
// where none is full all of them.
const mostBuckets = 10_000

// buckets are token buckets by name. They are in the memory of this process. Safe for concurrent use.
type buckets struct {
	every rate.Limit // a second
	burst int

	mu   sync.Mutex
	held map[string]*rate.Limiter
}

func newBuckets(every rate.Limit, burst int) *buckets {
	return &buckets{every: every, burst: burst, held: map[string]*rate.Limiter{}}
}

func (b *buckets) of(name string) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.held[name]; l != nil {
		return l
	}
	if len(b.held) >= mostBuckets {
		b.makeRoom()
	}
	l := rate.NewLimiter(b.every, b.burst)
	b.held[name] = l
	return l
}

// holds reports whether there is a bucket of this name.
func (b *buckets) holds(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held[name] != nil
}

func (b *buckets) drop(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.held, name)
}

func (b *buckets) makeRoom() {
	for name, l := range b.held {
		if l.Tokens() >= float64(b.burst) {
			delete(b.held, name)
		}
	}
	if len(b.held) >= mostBuckets {
		clear(b.held)
	}
}

// take takes one from the bucket, or says when there will be one again.
func (b *buckets) take(name string) error {
	if b.of(name).Allow() {
		return nil
	}
	return b.later()
}

// empty is take without taking.
func (b *buckets) empty(name string) error {
	if b.of(name).Tokens() >= 1 {
		return nil
	}
	return b.later()
}

func (b *buckets) later() error {
	wait := time.Duration(float64(time.Second) / float64(b.every))
	return &accounts.TryLater{Wait: wait, Text: "too many requests"}
}

// pacedReader lets a body take as long as it moves: the deadline of the connection is set anew for each stretch of it.
type pacedReader struct {
	from io.Reader
	conn *http.ResponseController
	wait time.Duration
	left int
}

// Read reads from the body.
func (p *pacedReader) Read(b []byte) (int, error) {
	if p.left <= 0 {
		p.left = streamPace
		if err := p.conn.SetReadDeadline(time.Now().Add(p.wait)); err != nil {
			return 0, err
		}
	}
	n, err := p.from.Read(b)
	p.left -= n
	switch {
	case errors.Is(err, io.EOF):
		// What is done with the body may take its time. net/http listens from here on whether the client hangs up, and
		// takes a deadline that passes for just that.
		if cleared := p.conn.SetReadDeadline(time.Time{}); cleared != nil {
			err = cleared
		}
	case err != nil:
		err = bodyError(err)
	}
	return n, err
}

// slowBody is the body of a request, which may take as long as it moves and be so many bytes long; what is done with it may take its time, too. The
// answer has a limit again once conn is given one.
func (s *Server) slowBody(c *gin.Context, most int64) (body io.Reader, conn *http.ResponseController, err error) {
	conn = http.NewResponseController(c.Writer)
	body = &pacedReader{from: http.MaxBytesReader(c.Writer, c.Request.Body, most), conn: conn, wait: s.limits.stream}
	return body, conn, conn.SetWriteDeadline(time.Time{})
}

// endDownload ends a file that was written out by a page. Where it broke off the connection does as well: what came is then known not to be all.
func (s *Server) endDownload(c *gin.Context, err error) {
	switch {
	case err == nil:
	case !c.Writer.Written():
		c.Writer.Header().Del("Content-Disposition")
		s.fail(c, err)
	default:
		s.problem(c, err) // logs it
		panic(http.ErrAbortHandler)
	}
}

// pacedWriter is pacedReader for an answer.
type pacedWriter struct {
	to   io.Writer
	conn *http.ResponseController
	wait time.Duration
	left int
}

// Write writes to the answer.
func (p *pacedWriter) Write(b []byte) (int, error) {
	if p.left <= 0 {
		p.left = streamPace
		if err := p.conn.SetWriteDeadline(time.Now().Add(p.wait)); err != nil {
			return 0, err
		}
	}
	n, err := p.to.Write(b)
	p.left -= n
	return n, err
}

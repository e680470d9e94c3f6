package web

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// times are how long a client may take. A stream sets its own as it goes on.
type times struct {
	header time.Duration // to say what it wants
	body   time.Duration // to say it all, from the first byte on
	answer time.Duration // to take the answer, from the end of the header on
	idle   time.Duration // between two requests
	ending time.Duration // for what is under way when the program ends
}

func defaultTimes() times {
	return times{header: 10 * time.Second, body: 30 * time.Second, answer: time.Minute, idle: 2 * time.Minute, ending: 20 * time.Second}
}

// maxHeader is the most that is read of a request's line and header, in bytes.
const maxHeader = 16 << 10

// Serve answers on l by h until ctx ends. What is under way then may end within 20 seconds; what does not is cut off.
// It returns nil after an end by ctx. l is closed when it returns.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	return defaultTimes().serve(ctx, l, h, log)
}

// endingKey is under which a request's context has the channel that is closed when the program is to end.
type endingKey struct{}

// withEnding is a context for requests, which may go on for a while when ctx has ended, and can see that it has.
func withEnding(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), endingKey{}, ctx.Done())
}

// ending is closed when the program is to end: an answer that has no end of its own then ends.
func ending(ctx context.Context) <-chan struct{} {
	done, _ := ctx.Value(endingKey{}).(<-chan struct{})
	return done
}

func (t times) serve(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger) error {
	server := &http.Server{Handler: h, BaseContext: func(net.Listener) context.Context { return withEnding(ctx) }, ReadHeaderTimeout: t.header, ReadTimeout: t.body, WriteTimeout: t.answer,
		IdleTimeout: t.idle, MaxHeaderBytes: maxHeader, ErrorLog: log.New(serverLog{logger}, "", 0)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.ending)
	defer cancel()
	err := server.Shutdown(ending)
	if errors.Is(err, context.DeadlineExceeded) {
		logger.Warn("some requests did not end in time and were cut off")
		err = server.Close()
	}
	return err
}

// serverLog keeps of what net/http says only what concerns the program: the rest names the addresses of clients.
type serverLog struct{ to *slog.Logger }

// Write logs a line of net/http.
func (l serverLog) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("http: Accept error")) {
		l.to.Warn("a listener cannot take connections for now")
	}
	return len(line), nil
}

package inbound

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"
)

// The limits of the listener. The time to wait for a command is that of RFC 5321, 4.5.3.2.7; a whole body has to come
// within it.
const (
	maxConnections  = 50
	maxRecipients   = 10
	maxMessageBytes = 25 << 20
	maxLineBytes    = 64 << 10 // far more than RFC 5321 allows: what it says is not looked at
	readLimit       = 5 * time.Minute
	writeLimit      = time.Minute
)

// Serve takes mail from l until ctx ends, and then cuts every connection; who was cut off asks again, which changes
// nothing. It closes l. The error says why l no longer accepts; nil when ctx ended.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{server: s, ctx: ctx}, nil
	}))
	server.LMTP = s.config.LMTP
	server.Domain = s.config.ReturnDomain
	server.MaxRecipients = maxRecipients
	server.MaxMessageBytes = maxMessageBytes
	server.MaxLineLength = maxLineBytes
	server.ReadTimeout, server.WriteTimeout = readLimit, writeLimit
	server.EnableSMTPUTF8 = true // a member whose own address is not ASCII must be able to leave, too
	server.ErrorLog = faultLog{s.config.Log}
	stop := context.AfterFunc(ctx, func() {
		server.Close()
		l.Close() // which Close does not know of before Serve does
	})
	defer stop()
	err := server.Serve(netutil.LimitListener(l, maxConnections))
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// session is one connection's state: where the mail under way goes.
type session struct {
	server *Server
	ctx    context.Context
	from   string
	asked  []string // as the client wrote them, duplicates included
	places []place  // one for each of asked
}

// Reset forgets the mail under way.
func (s *session) Reset() { s.from, s.asked, s.places = "", nil, nil }

// Logout has nothing to end.
func (s *session) Logout() error { return nil }

// Mail takes mail from any sender (U10).
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt reads an address of ours.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	at, refusal := s.server.placeOf(to)
	if refusal != nil {
		return smtpError(refusal)
	}
	s.asked, s.places = append(s.asked, to), append(s.places, at)
	return nil
}

// Data answers for all recipients at once, as SMTP has it. When for one of them nothing could be written down, all are asked for again; for the
// others that changes nothing. What can never be is said only where it is so for all of them.
func (s *session) Data(r io.Reader) error {
	m, refusal := s.server.receive(r, s.places...)
	if refusal != nil {
		return smtpError(refusal)
	}
	defer m.free()
	var never *Refusal
	refused := 0
	for _, at := range s.places {
		refusal := s.server.settle(s.ctx, at, s.from, m)
		if refusal == nil {
			continue
		}
		if refusal.Code < 500 {
			return smtpError(refusal)
		}
		never = refusal
		refused++
	}
	if refused > 0 && refused == len(s.places) {
		return smtpError(never)
	}
	return nil
}

// LMTPData answers for each recipient (RFC 2033, 4.2).
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	m, refusal := s.server.receive(r, s.places...)
	if refusal != nil {
		return smtpError(refusal)
	}
	defer m.free()
	for i, at := range s.places {
		var err error
		if refusal := s.server.settle(s.ctx, at, s.from, m); refusal != nil {
			err = smtpError(refusal)
		}
		status.SetStatus(s.asked[i], err)
	}
	return nil
}

// refusalOf is the answer that the protocol has given already, as to a mail that is too large; nil where it has given none.
func refusalOf(err error) *Refusal {
	var answer *smtp.SMTPError
	if !errors.As(err, &answer) {
		return nil
	}
	return refuse(answer.Code, [3]int(answer.EnhancedCode), answer.Message)
}

func smtpError(r *Refusal) *smtp.SMTPError {
	return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.EnhancedCode(r.Enhanced), Message: r.Text}
}

// faultLog takes what go-smtp has to say without its arguments, which are what a stranger sent.
type faultLog struct{ log *slog.Logger }

// Printf logs the kind of fault; of a panic also where it happened.
func (f faultLog) Printf(format string, _ ...any) {
	if strings.HasPrefix(format, "panic") {
		f.log.Error("a connection of the inbound listener panicked", "stack", string(debug.Stack()))
		return
	}
	f.log.Warn("a connection of the inbound listener broke", "kind", format)
}

// Println is never called with anything a reader needs.
func (f faultLog) Println(...any) { f.log.Warn("a connection of the inbound listener broke") }

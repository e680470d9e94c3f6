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
	maxMessageBytes = 1 << 20
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

// session is one connection's state: whom the mail under way takes off.
type session struct {
	server  *Server
	ctx     context.Context
	asked   []string // as the client wrote them, duplicates included
	members []int64  // one for each of asked
}

func (s *session) Reset()                               { s.asked, s.members = nil, nil }
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil } // from any sender (U10)

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	member, refusal := s.server.memberOf(to)
	if refusal != nil {
		return smtpError(refusal)
	}
	s.asked, s.members = append(s.asked, to), append(s.members, member)
	return nil
}

// Data answers for all recipients at once, as SMTP has it. When one of them could not be taken off, all are asked for
// again; for the others that changes nothing.
func (s *session) Data(r io.Reader) error {
	if err := discard(r); err != nil {
		return err
	}
	for _, member := range s.members {
		if refusal := s.server.takeOff(s.ctx, member); refusal != nil {
			return smtpError(refusal)
		}
	}
	return nil
}

// LMTPData answers for each recipient (RFC 2033, 4.2).
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	if err := discard(r); err != nil {
		return err
	}
	for i, member := range s.members {
		var err error
		if refusal := s.server.takeOff(s.ctx, member); refusal != nil {
			err = smtpError(refusal)
		}
		status.SetStatus(s.asked[i], err)
	}
	return nil
}

// discard reads a mail to its final dot. Without the dot there was no mail.
func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	var answer *smtp.SMTPError
	if err == nil || errors.As(err, &answer) {
		return err
	}
	return smtpError(refuse(451, [3]int{4, 4, 2}, "the mail did not arrive whole"))
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

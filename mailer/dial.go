package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"slices"
	"time"

	mail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Timeouts are the limits of each step. A zero field means the default, which is RFC 5321's (4.5.3.2) where it has one.
type Timeouts struct {
	Connect  time.Duration // 30 s
	Greeting time.Duration // 5 min
	Command  time.Duration // 5 min: EHLO, STARTTLS and its handshake, AUTH, RSET
	Mail     time.Duration // 5 min
	Rcpt     time.Duration // 5 min
	Data     time.Duration // 2 min
	Body     time.Duration // 3 min for one write
	Dot      time.Duration // 10 min from the final dot to the reply
	Quit     time.Duration // 5 s; QUIT is a courtesy
}

func (t *Timeouts) setDefaults() {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Connect, 30 * time.Second}, {&t.Greeting, 5 * time.Minute}, {&t.Command, 5 * time.Minute},
		{&t.Mail, 5 * time.Minute}, {&t.Rcpt, 5 * time.Minute}, {&t.Data, 2 * time.Minute},
		{&t.Body, 3 * time.Minute}, {&t.Dot, 10 * time.Minute}, {&t.Quit, 5 * time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
}

// of returns the limit of a step.
func (t *Timeouts) of(step Step) time.Duration {
	switch step {
	case AtConnect:
		return t.Connect
	case AtGreeting:
		return t.Greeting
	case AtMail:
		return t.Mail
	case AtRcpt:
		return t.Rcpt
	case AtData:
		return t.Data
	case AtBody:
		return t.Body
	case AtDot:
		return t.Dot
	}
	return t.Command
}

// dial makes a connection, secured and signed in, ready for MAIL. The error is a *RelayError, and nothing stays open then.
func (p *Pool) dial(ctx context.Context, r *relay) (*Conn, *RelayError) {
	var g *guard
	stop := func() bool { return true }
	config := &tls.Config{
		ServerName: r.Host, RootCAs: p.options.RootCAs, MinVersion: tls.VersionTLS12,
		DynamicRecordSizingDisabled: true, // small first records help a page, not a mail
	}
	connect := func(dialCtx context.Context, network, address string) (net.Conn, error) {
		dialer := net.Dialer{Timeout: p.options.Timeouts.Connect}
		conn, err := dialer.DialContext(dialCtx, network, address)
		if err != nil {
			return nil, err
		}
		g = newGuard(conn, &p.options.Timeouts)
		stop = context.AfterFunc(ctx, func() { conn.Close() }) // a pool that closes waits for no relay
		config.VerifyConnection = g.secure
		if r.Security != TLS {
			return g, nil
		}
		g.step, g.secured = AtTLS, true
		secured := tls.Client(g, config) // here, because go-mail does no TLS over a connection of ours
		if err := secured.HandshakeContext(dialCtx); err != nil {
			return nil, err
		}
		g.step = AtGreeting
		return secured, nil
	}
	client, err := p.greet(ctx, r, config, connect)
	if !stop() && err == nil {
		err = ErrStopped
	}
	if err == nil {
		err = g.release()
	}
	if err != nil {
		step := AtConnect
		if g != nil {
			step = g.step
			g.Conn.Close() // go-mail leaves it open after a failed EHLO or STARTTLS
		}
		return nil, relayError(r.Name, step, err)
	}
	return newConn(p, r, g, client), nil
}

// greet has go-mail greet, secure and sign in over what connect returns.
func (p *Pool) greet(ctx context.Context, r *relay, config *tls.Config, connect mail.DialContextFunc) (*smtp.Client, error) {
	policy := mail.NoTLS
	if r.Security == StartTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{
		mail.WithPort(r.Port), mail.WithHELO(p.options.Hello), mail.WithTimeout(24 * time.Hour), // the guard has the limits
		mail.WithTLSConfig(config), mail.WithTLSPolicy(policy), mail.WithDialContextFunc(connect),
	}
	login := &login{relay: r.Relay}
	if r.User != "" {
		options = append(options, mail.WithSMTPAuthCustom(login))
	}
	client, err := mail.NewClient(r.Host, options...)
	if err != nil {
		return nil, err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil && login.begun {
		return nil, authError{err}
	}
	return conn, err
}

// authError marks an error of AUTH.
type authError struct{ error }

func (e authError) Unwrap() error { return e.error }

// login is PLAIN, or LOGIN for relays that know only that. Both are safe only over TLS, or on loopback.
type login struct {
	smtp.Auth
	relay Relay
	begun bool
}

// Start chooses the mechanism among those offered.
func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	l.begun = true
	user, password, plainText := l.relay.User, string(l.relay.Password), l.relay.Security == Insecure
	switch {
	case slices.Contains(server.Auth, "PLAIN"):
		l.Auth = smtp.PlainAuth("", user, password, l.relay.Host, plainText)
	case slices.Contains(server.Auth, "LOGIN"):
		l.Auth = smtp.LoginAuth(user, password, l.relay.Host, plainText)
	default:
		return "", nil, errors.New("the relay offers neither PLAIN nor LOGIN")
	}
	return l.Auth.Start(server)
}

// relayError makes an error without the relay's words in its text, and without anything that go-mail put there.
func relayError(name string, step Step, err error) *RelayError {
	e := &RelayError{Relay: name, Step: step}
	var auth authError
	if errors.As(err, &auth) {
		e.Step = AtAuth
	}
	var answered *textproto.Error
	var words textproto.ProtocolError
	var timeout net.Error
	switch {
	case errors.As(err, &answered):
		e.Code, e.Text = answered.Code, printable([]byte(answered.Msg))
	case errors.As(err, &words):
		e.Text, e.Err = printable([]byte(string(words))), ErrProtocol
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Err = ErrTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Err = ErrLost
	default:
		for e.Err = err; errors.Unwrap(e.Err) != nil; { // what is wrapped around may quote the relay
			e.Err = errors.Unwrap(e.Err)
		}
	}
	return e
}

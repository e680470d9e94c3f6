// Package smtpsink promises a real SMTP server inside the process that records exactly what it was
// sent, and that misbehaves exactly as it is told.
//
// It is the mailbox of the demo, the far end of every test that sends mail, and the judge of the
// fault drills. It listens on loopback only and relays nothing. The protocol is spoken raw, without a
// library, so that each reply, cut and silence is one the test asked for: a fault is a function from
// what has just happened (Event) to what to do about it (Action).
//
// A message counts as accepted once it is kept, which is after the final dot and before the reply:
// a sink told to cut there has the message although nobody was told so.
//
// Memory is bounded: one buffer for each connection, messages up to MaxBytes; with Discard nothing is
// kept at all.
package smtpsink

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultMaxBytes is the largest message taken when Options.MaxBytes is zero.
const DefaultMaxBytes = 64 << 20

// Options says what the sink offers and how it behaves. The zero value is an obliging server without TLS.
type Options struct {
	// Addr is where to listen, on loopback; "" is a free port of 127.0.0.1.
	Addr string
	// Extensions are the lines of the EHLO reply after the first; nil means DefaultExtensions.
	// STARTTLS and AUTH are added where TLS and User are set. "SIZE n" is enforced.
	Extensions []string
	// TLS is the server's side of STARTTLS, or of the whole connection when Implicit. Nil offers none.
	TLS      *tls.Config
	Implicit bool
	// User and Password are what AUTH PLAIN and AUTH LOGIN ask for. An empty User asks for nothing.
	User, Password string
	// Fault is asked at every step, on the goroutine of that connection; nil is no fault ever.
	Fault func(Event) Action
	// OnMessage is given each accepted message, on the goroutine of its connection, before the reply.
	// The message belongs to the receiver.
	OnMessage func(Message)
	// Discard keeps no message: only the count, OnMessage and Log see them.
	Discard bool
	// MaxBytes is the largest message taken; zero means DefaultMaxBytes.
	MaxBytes int
	// Delay is how long each byte takes, each way: half of the round trip. It delays bytes, not commands.
	Delay time.Duration
	// Log is written one line for each event; see the comment of (*Sink).log. Each line is one Write.
	Log io.Writer
}

// DefaultExtensions are what a present-day relay offers.
func DefaultExtensions() []string {
	return []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"}
}

// Message is one accepted message.
type Message struct {
	Number     int       // counts accepted messages from 1
	Connection int64     // counts connections from 1
	Time       time.Time // when it was kept
	Sender     string    // as between the angle brackets of MAIL
	Parameters string    // what followed them, as "SIZE=1200 SMTPUTF8"
	Recipients []string
	Data       []byte // as sent, dots un-stuffed
	Hash       [sha256.Size]byte
	MessageID  string // without angle brackets, "" where there is none
}

// Sink is a running server. Its methods are safe for concurrent use.
type Sink struct {
	options    Options
	extensions []string
	sizeLimit  int
	listener   net.Listener
	started    time.Time
	done       chan struct{}
	sessions   sync.WaitGroup
	opened     atomic.Int64

	logging sync.Mutex

	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	count    int
	bytes    int64
	messages []Message
	changed  chan struct{} // closed at the next message; nil while nobody waits
}

// Start listens and serves until Close.
func Start(o Options) (*Sink, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return nil, fmt.Errorf("smtpsink: address %q: %w", o.Addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("smtpsink: %q is not on loopback", o.Addr)
	}
	if o.Implicit && o.TLS == nil {
		return nil, errors.New("smtpsink: Implicit needs TLS")
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("smtpsink: %w", err)
	}
	s := &Sink{
		options:  o,
		listener: listener,
		started:  time.Now(),
		done:     make(chan struct{}),
		conns:    make(map[net.Conn]struct{}),
	}
	s.setExtensions()
	s.sessions.Go(s.accept)
	return s, nil
}

func (s *Sink) setExtensions() {
	s.extensions = s.options.Extensions
	if s.extensions == nil {
		s.extensions = DefaultExtensions()
	}
	s.sizeLimit = s.options.MaxBytes
	if s.sizeLimit == 0 {
		s.sizeLimit = DefaultMaxBytes
	}
	for _, e := range s.extensions {
		var n int
		if _, err := fmt.Sscanf(e, "SIZE %d", &n); err == nil && n > 0 {
			s.sizeLimit = min(s.sizeLimit, n)
		}
	}
}

// Addr returns the address it listens on, as "127.0.0.1:40001".
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// Close cuts every connection and returns when all of them have ended. It may be called twice.
func (s *Sink) Close() error {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	err := s.listener.Close()
	s.sessions.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Messages returns the accepted messages in the order of acceptance. None, if Discard.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Count returns how many messages were accepted so far.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Bytes returns how many bytes the accepted messages had, dots un-stuffed.
func (s *Sink) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// Connections returns how many connections were ever made, and how many are open.
func (s *Sink) Connections() (ever, open int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(s.opened.Load()), len(s.conns)
}

// Wait returns once n messages have been accepted since Start, or with the error of ctx.
func (s *Sink) Wait(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		if s.count >= n {
			s.mu.Unlock()
			return nil
		}
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("smtpsink: %d of %d messages: %w", s.Count(), n, ctx.Err())
		}
	}
}

func (s *Sink) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // only Close ends a loopback listener
		}
		s.mu.Lock()
		select {
		case <-s.done:
			s.mu.Unlock()
			conn.Close()
			return
		default:
		}
		s.conns[conn] = struct{}{}
		s.mu.Unlock()
		s.sessions.Go(func() {
			far := conn
			if s.options.Delay > 0 {
				far = delay(conn, s.options.Delay)
			}
			serve(s, far, s.opened.Add(1))
			far.Close()
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
		})
	}
}

// keep counts m, hands it on and records it. data is the session's own buffer and is copied where it stays.
func (s *Sink) keep(m Message, data []byte) Message {
	stays := !s.options.Discard || s.options.OnMessage != nil
	if stays || s.options.Log != nil {
		m.Hash = sha256.Sum256(data)
		m.MessageID = messageID(data)
	}
	if stays {
		m.Data = append([]byte(nil), data...)
	}
	m.Time = time.Now()
	s.mu.Lock()
	s.count++
	s.bytes += int64(len(data))
	m.Number = s.count
	if !s.options.Discard {
		s.messages = append(s.messages, m)
	}
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	s.mu.Unlock()
	if s.options.OnMessage != nil {
		s.options.OnMessage(m)
	}
	return m
}

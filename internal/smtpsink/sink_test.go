package smtpsink

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func start(t *testing.T, o Options) *Sink {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// client speaks raw lines, as the sink does.
type client struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, s *Sink) *client {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return &client{t: t, Conn: conn, in: bufio.NewReader(conn)}
}

func (c *client) write(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

// want reads one reply for each prefix; a reply of several lines is read to its last.
func (c *client) want(prefixes ...string) {
	c.t.Helper()
	for _, p := range prefixes {
		for {
			line, err := c.in.ReadString('\n')
			if err != nil {
				c.t.Fatalf("waiting for %q: %v", p, err)
			}
			if len(line) > 3 && line[3] == '-' {
				continue
			}
			if !strings.HasPrefix(line, p) {
				c.t.Fatalf("got %q, want %q", line, p)
			}
			break
		}
	}
}

func (c *client) wantEnd() {
	c.t.Helper()
	if line, err := c.in.ReadString('\n'); err == nil {
		c.t.Fatalf("got %q, want the end of the connection", line)
	}
}

const envelope = "MAIL FROM:<b@x.example>\r\nRCPT TO:<a@y.example>\r\nDATA\r\n"

func TestRecordsWhatWasSentPipelined(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := start(t, Options{Log: &log})
	c := dial(t, s)
	c.want("220")
	c.write("EHLO me.example\r\n")
	c.want("250")
	c.write(envelope)
	c.want("250", "250", "354")
	body := "Message-ID: <1@x.example>\r\n\r\n..dot\r\na\n.\r\nb\r\n"
	c.write(body + ".\r\n" + "MAIL FROM:<> SIZE=9\r\nRCPT TO:<\"a>b c\"@y.example>\r\nDATA\r\n")
	c.want("250", "250", "250", "354")
	c.write(".\r\nQUIT\r\n")
	c.want("250", "221")
	c.wantEnd()

	data := "Message-ID: <1@x.example>\r\n\r\n.dot\r\na\n.\r\nb\r\n"
	want := []Message{
		{Number: 1, Connection: 1, Sender: "b@x.example", Recipients: []string{"a@y.example"}, Data: []byte(data),
			Hash: sha256.Sum256([]byte(data)), MessageID: "1@x.example"},
		{Number: 2, Connection: 1, Parameters: "SIZE=9", Recipients: []string{`"a>b c"@y.example`}, Hash: sha256.Sum256(nil)},
	}
	got := s.Messages()
	for i := range got {
		got[i].Time = time.Time{}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	s.Close()
	if n := strings.Count(log.String(), "\taccept\t"); n != 2 {
		t.Errorf("log has %d accepts:\n%s", n, log.String())
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	tests := []struct {
		name   string
		fault  func(Event) Action
		replay func(c *client)
		kept   int
	}{
		{"refuse the recipient", At(Rcpt, Action{Reply: "550 5.1.1 nobody"}), func(c *client) {
			c.write("EHLO x\r\n" + envelope)
			c.want("220", "250", "250", "550", "554")
		}, 0},
		{"421 and cut at the greeting", At(Connect, Action{Reply: "421 busy", Cut: true}), func(c *client) {
			c.want("421")
			c.wantEnd()
		}, 0},
		{"cut before keeping", At(Dot, Action{Cut: true}), func(c *client) {
			c.write("EHLO x\r\n" + envelope + ".\r\n")
			c.want("220", "250", "250", "250", "354")
			c.wantEnd()
		}, 0},
		{"keep and cut", At(Kept, Action{Cut: true}), func(c *client) {
			c.write("EHLO x\r\n" + envelope + ".\r\n")
			c.want("220", "250", "250", "250", "354")
			c.wantEnd()
		}, 1},
		{"say no after the dot", At(Dot, Action{Reply: "451 4.3.0 later"}), func(c *client) {
			c.write("EHLO x\r\n" + envelope + ".\r\n")
			c.want("220", "250", "250", "250", "354", "451")
		}, 0},
		{"cut in the body", At(Body, Action{Cut: true}), func(c *client) {
			c.write("EHLO x\r\n" + envelope + "a\r\n")
			c.want("220", "250", "250", "250", "354")
			c.wantEnd()
		}, 0},
		{"250 in answer to DATA", At(Data, Action{Reply: "250 ok"}), func(c *client) {
			c.write("EHLO x\r\n" + envelope + "NOOP\r\n")
			c.want("220", "250", "250", "250", "250", "250")
		}, 0},
		{"late reply", At(Kept, Action{Until: released}), func(c *client) {
			c.write("EHLO x\r\n" + envelope + ".\r\n")
			c.want("220", "250", "250", "250", "354")
			close(released)
			c.want("250")
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Fault: tt.fault})
			tt.replay(dial(t, s))
			if got := s.Count(); got != tt.kept {
				t.Errorf("kept %d messages, want %d", got, tt.kept)
			}
		})
	}
}

// The body may come in any pieces: each way of cutting it gives the same message.
func TestBodyInPieces(t *testing.T) {
	t.Parallel()
	const sent, kept = "..a\r\n...\r\n\n.\n\r.\r\n..\r\nb\r\n..c\r\n.\r\n", ".a\r\n..\r\n\n.\n\r.\r\n.\r\nb\r\n.c\r\n"
	for size := 1; size <= len(sent); size++ {
		for from := 0; from <= size; from++ {
			s := &session{sink: &Sink{sizeLimit: 1000}, in: bufio.NewReader(&pieces{text: sent, first: from, size: size})}
			if tooLarge, alive := s.readBody(); tooLarge || !alive || string(s.data) != kept {
				t.Fatalf("in pieces of %d after %d: %q", size, from, s.data)
			}
		}
	}
}

// pieces gives its text in pieces of a size after a first one of another.
type pieces struct {
	text        string
	first, size int
}

func (p *pieces) Read(b []byte) (int, error) {
	n := p.size
	if p.first > 0 {
		n, p.first = p.first, 0
	}
	n = copy(b, p.text[:min(n, len(p.text))])
	p.text = p.text[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestHangEndsWithClose(t *testing.T) {
	t.Parallel()
	hung := make(chan struct{}, 1)
	s := start(t, Options{Fault: func(e Event) Action {
		if e.Step == Data {
			hung <- struct{}{}
			return Action{Hang: true}
		}
		return Action{}
	}})
	c := dial(t, s)
	c.write("EHLO x\r\n" + envelope)
	c.want("220", "250", "250", "250")
	<-hung
	s.Close()
	c.wantEnd()
}

func TestStrictWhereAClientCouldSmuggle(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Extensions: []string{"PIPELINING", "SIZE 100"}})
	c := dial(t, s)
	c.want("220")
	for _, tt := range []struct{ say, want string }{
		{"EHLO x", "250"},
		{"MAIL FROM:<a@b.example> SMTPUTF8", "555"},
		{"MAIL FROM:<a@b.example> SIZE=101", "552"},
		{"MAIL FROM:<a b@c.example>", "501"},
		{"MAIL FROM:<a@b.example>x", "501"},
		{"MAIL FROM:<a@b.example>", "250"},
		{"MAIL FROM:<a@b.example>", "503"},
		{"RCPT TO:<a@b.example> NOTIFY=NEVER", "555"},
		{"DATA", "554"},
		{"RCPT TO:<a@b.example>", "250"},
		{"DATA", "354"},
		{strings.Repeat("x", 200) + "\r\n.", "552"},
		{"FROB", "500"},
	} {
		c.write(tt.say + "\r\n")
		c.want(tt.want)
	}
	if s.Count() != 0 {
		t.Errorf("kept %d messages", s.Count())
	}
}

func TestStartTLSAndAuth(t *testing.T) {
	t.Parallel()
	certificate, trust, err := Certificate("sink.example", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{User: "u", Password: "p", TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	c := dial(t, s)
	c.write("EHLO x\r\n")
	c.want("220", "250")
	c.write("STARTTLS\r\n")
	c.want("220")
	secured := tls.Client(c.Conn, &tls.Config{RootCAs: trust, ServerName: "sink.example"})
	c.Conn, c.in = secured, bufio.NewReader(secured)
	c.write("EHLO x\r\nMAIL FROM:<>\r\nAUTH PLAIN AHUAeA==\r\nAUTH PLAIN AHUAcA==\r\nMAIL FROM:<>\r\n")
	c.want("250", "530", "535", "235", "250")
}

func TestWaitAndOnMessage(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	s := start(t, Options{Discard: true, OnMessage: func(m Message) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, m.Recipients[0])
	}})
	done := make(chan error)
	go func() { done <- s.Wait(context.Background(), 3) }()
	c := dial(t, s)
	c.write("EHLO x\r\n")
	c.want("220", "250")
	for i := range 3 {
		c.write(fmt.Sprintf("MAIL FROM:<>\r\nRCPT TO:<%d@y.example>\r\nDATA\r\n.\r\n", i))
		c.want("250", "250", "354", "250")
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if d := cmp.Diff([]string{"0@y.example", "1@y.example", "2@y.example"}, seen); d != "" {
		t.Error(d)
	}
	if got := s.Messages(); len(got) != 0 {
		t.Errorf("kept %d messages although told to discard", len(got))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Wait(ctx, 4); err == nil {
		t.Error("Wait for a message that never comes ended without an error")
	}
}

func TestOffLoopbackIsRefused(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", ":0", "mail.example:25"} {
		if s, err := Start(Options{Addr: addr}); err == nil {
			s.Close()
			t.Errorf("Start on %q = nil error", addr)
		}
	}
}

// BenchmarkSession is the cost of taking one message of 11 kB on a pipelined connection.
func BenchmarkSession(b *testing.B) {
	s, err := Start(Options{Discard: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	line := func(n int) {
		for range n {
			if _, err := in.ReadSlice('\n'); err != nil {
				b.Fatal(err)
			}
		}
	}
	io.WriteString(conn, "EHLO x\r\n"+envelope)
	line(1 + 1 + len(DefaultExtensions()) + 3)
	group := []byte(strings.Repeat(strings.Repeat("x", 74)+"\r\n", 145) + ".\r\n" + envelope)
	b.SetBytes(int64(len(group)))
	for b.Loop() {
		conn.Write(group)
		line(4)
	}
}

package trial

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// BareOptions say what the bare loop sends.
type BareOptions struct {
	Relay    string // host:port on loopback
	Conns    int
	Messages int
	Size     int // bytes of each message
	// Certificate is the file with the relay's certificate; "" for plain text.
	Certificate string
}

// dial connects as the options say.
func (o BareOptions) dial() (net.Conn, error) {
	if o.Certificate == "" {
		return net.Dial("tcp", o.Relay)
	}
	text, err := os.ReadFile(o.Certificate)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(text)
	return tls.Dial("tcp", o.Relay, &tls.Config{RootCAs: trusted, ServerName: "127.0.0.1"})
}

// bareReport is what the bare loop says when it has ended.
type bareReport struct {
	Seconds   float64 `json:"seconds"` // from the first connection to the last reply
	CPUMicros int64   `json:"cpu_us"`
	Messages  int     `json:"messages"`
}

// RunBare is the limit that the fan-out is held against: the same number of messages of the same size over as many connections,
// MAIL, RCPT and DATA of the next message in one write behind the body of this one. It has one message ready, changes the
// recipient alone, looks at no reply but for its first digit, and knows no database.
func RunBare(o BareOptions, out io.Writer) error {
	message := readyMessage(o.Size)
	var left atomic.Int64
	left.Store(int64(o.Messages))
	began, before := time.Now(), ownCPU()
	errs := make([]error, o.Conns)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = bareConnection(o, message, &left) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(bareReport{Seconds: time.Since(began).Seconds(), CPUMicros: (ownCPU() - before).Microseconds(),
		Messages: o.Messages})
}

// ownCPU is the processor time of this process so far.
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0 // cannot fail for ourselves
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readyMessage is a message of size bytes, CRLF at the end of each line.
func readyMessage(size int) []byte {
	var b strings.Builder
	b.WriteString("From: Trial <appeals@" + domain + ">\r\nSubject: as large as the others\r\nMessage-ID: <bare@" + domain + ">\r\n\r\n")
	const line = "It is written in lines of seventy-eight octets, as quoted-printable text is.\r\n"
	for b.Len()+len(line) <= size {
		b.WriteString(line)
	}
	if rest := size - b.Len() - len("\r\n"); rest >= 0 {
		b.WriteString(strings.Repeat("x", rest) + "\r\n")
	}
	return []byte(b.String())
}

// bareConnection sends until nothing is left.
func bareConnection(o BareOptions, message []byte, left *atomic.Int64) error {
	conn, err := o.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	replies := func(n int) error {
		for range n {
			reply, err := in.ReadSlice('\n')
			switch {
			case err != nil:
				return err
			case reply[0] != '2' && reply[0] != '3':
				return fmt.Errorf("the bare loop was told: %s", strings.TrimSpace(string(reply)))
			}
		}
		return nil
	}
	n := left.Add(-1)
	if n < 0 {
		return nil
	}
	if _, err := io.WriteString(conn, "EHLO "+domain+"\r\n"); err != nil {
		return err
	}
	if err := readGreeting(in); err != nil {
		return err
	}
	if _, err := conn.Write(appendEnvelope(nil, n)); err != nil {
		return err
	}
	if err := replies(3); err != nil {
		return err
	}
	var group []byte
	for {
		group = append(append(group[:0], message...), ".\r\n"...)
		next := left.Add(-1)
		wanted := 1
		if next >= 0 {
			group, wanted = appendEnvelope(group, next), 4
		}
		if _, err := conn.Write(group); err != nil {
			return err
		}
		if err := replies(wanted); err != nil || next < 0 {
			return err
		}
	}
}

// readGreeting reads the greeting and the reply to EHLO.
func readGreeting(in *bufio.Reader) error {
	for range 2 {
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return err
			}
			if len(line) < 4 || line[3] != '-' {
				break
			}
		}
	}
	return nil
}

func appendEnvelope(b []byte, n int64) []byte {
	b = append(b, "MAIL FROM:<b+bare@"+returnDomain+">\r\nRCPT TO:<"...)
	b = append(b, addressOf(int(n))...)
	return append(b, ">\r\nDATA\r\n"...)
}

// runBare runs the bare loop in a process of its own.
func runBare(self string, o BareOptions) (bareReport, error) {
	var report bareReport
	p, err := start(self, os.Environ(), "trial-bare", "--relay", o.Relay, "--conns", fmt.Sprint(o.Conns),
		"--messages", fmt.Sprint(o.Messages), "--size", fmt.Sprint(o.Size), "--certificate", o.Certificate)
	if err != nil {
		return report, err
	}
	err = p.hear(&report)
	<-p.ended
	return report, errors.Join(err, p.err)
}

package mailer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"holdfast/internal/smtpsink"
)

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured runs n messages over conns connections and reports rate and processor time, the sink's share included.
func measured(b *testing.B, conns int, open func() (send func(n int))) {
	b.Helper()
	sends := make([]func(int), conns)
	for i := range sends {
		sends[i] = open()
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	const window = 50
	start := cpu(b)
	b.ResetTimer()
	var all sync.WaitGroup
	for _, send := range sends {
		all.Go(func() {
			for left.Add(-window) > -window {
				send(window)
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(cpu(b)-start)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkSend compares: filling and sending as the product does; sending messages that are ready; and a bare loop that
// writes the same bytes in the same groups and reads as many lines, without looking at any.
func BenchmarkSend(b *testing.B) {
	composed, member := compose(b, letter()), memberCopy("Ana Maria Höfer")
	ready := fill(b, composed, member)
	for _, conns := range []int{1, 8} {
		for _, way := range []struct {
			name    string
			message func(dst []byte) ([]byte, Hash, error)
		}{
			{"filled", func(dst []byte) ([]byte, Hash, error) { return composed.Fill(dst, member) }},
			{"ready", func(dst []byte) ([]byte, Hash, error) { return append(dst, ready...), Hash{}, nil }},
		} {
			b.Run(fmt.Sprintf("%s/conns=%d", way.name, conns), func(b *testing.B) {
				s := startSink(b, smtpsink.Options{Discard: true})
				r := relayTo(s.Addr())
				r.Conns = 2 * conns
				o := patient()
				o.Messages = 1 << 30
				p := startPool(b, o, r)
				all := envelopes(50)
				for i := range all {
					all[i].Message = way.message
				}
				measured(b, conns, func() func(int) {
					c := take(b, p)
					return func(n int) {
						err := c.Send(context.Background(), Window{Envelopes: all[:n],
							Gate: func(int) bool { return true }, Done: func(int, Verdict) {}})
						if err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
		b.Run(fmt.Sprintf("bare/conns=%d", conns), func(b *testing.B) {
			s := startSink(b, smtpsink.Options{Discard: true})
			measured(b, conns, func() func(int) { return bare(b, s.Addr(), ready) })
		})
	}
}

// bare opens a connection and returns a loop that pipelines n copies of a message over it.
func bare(b *testing.B, addr string, message []byte) func(n int) {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	in := bufio.NewReader(conn)
	lines := func(n int) {
		for range n {
			if _, err := in.ReadSlice('\n'); err != nil {
				b.Error(err)
			}
		}
	}
	const envelope = "MAIL FROM:<b+1@bounce.example>\r\nRCPT TO:<m1@members.example>\r\nDATA\r\n"
	io.WriteString(conn, "EHLO x\r\n"+envelope)
	lines(1 + 1 + len(smtpsink.DefaultExtensions()) + 3)
	group := append(append(append([]byte(nil), message...), ".\r\n"...), envelope...)
	return func(n int) {
		for range n {
			conn.Write(group)
			lines(4)
		}
	}
}

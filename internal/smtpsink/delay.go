package smtpsink

import (
	"io"
	"net"
	"sync"
	"time"
)

// delayed is a connection over a long line: every byte arrives a fixed time after it was sent, in both directions. It delays
// bytes, not commands: what is sent together arrives together.
type delayed struct {
	net.Conn
	in, out   *line
	readRest  []byte
	closeOnce sync.Once
}

// lineCapacity is how many bytes may be on their way in one direction; who sends more waits, as with a full TCP window.
const lineCapacity = 8 << 20

// line is one direction: pieces with the time at which they arrive.
type line struct {
	delay time.Duration

	mu     sync.Mutex
	change sync.Cond // something was put, taken, or the line was closed
	pieces []piece
	bytes  int
	closed bool
}

type piece struct {
	data []byte
	due  time.Time
}

func newLine(delay time.Duration) *line {
	l := &line{delay: delay}
	l.change.L = &l.mu
	return l
}

// put sends a copy of data off. It reports false on a closed line.
func (l *line) put(data []byte) bool {
	due := time.Now().Add(l.delay)
	data = append([]byte(nil), data...)
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.bytes > lineCapacity && !l.closed {
		l.change.Wait()
	}
	if l.closed {
		return false
	}
	l.pieces = append(l.pieces, piece{data, due})
	l.bytes += len(data)
	l.change.Broadcast()
	return true
}

// take returns the next piece once it is due; nil when the line is closed and empty.
func (l *line) take() []byte {
	l.mu.Lock()
	for len(l.pieces) == 0 && !l.closed {
		l.change.Wait()
	}
	if len(l.pieces) == 0 {
		l.mu.Unlock()
		return nil
	}
	p := l.pieces[0]
	l.pieces[0] = piece{}
	l.pieces = l.pieces[1:]
	l.bytes -= len(p.data)
	l.change.Broadcast()
	l.mu.Unlock()
	time.Sleep(time.Until(p.due))
	return p.data
}

func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	l.change.Broadcast()
	l.mu.Unlock()
}

// delay puts conn at the end of a long line.
func delay(conn net.Conn, each time.Duration) *delayed {
	d := &delayed{Conn: conn, in: newLine(each), out: newLine(each)}
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := conn.Read(buffer)
			if n > 0 && !d.in.put(buffer[:n]) || err != nil {
				d.in.close()
				return
			}
		}
	}()
	go func() {
		for data := d.out.take(); data != nil; data = d.out.take() {
			if _, err := conn.Write(data); err != nil {
				break
			}
		}
		conn.Close() // everything that was said has arrived
	}()
	return d
}

// Read reads what has arrived.
func (d *delayed) Read(p []byte) (int, error) {
	if len(d.readRest) == 0 {
		if d.readRest = d.in.take(); d.readRest == nil {
			return 0, io.EOF
		}
	}
	n := copy(p, d.readRest)
	d.readRest = d.readRest[n:]
	return n, nil
}

// Write sends p off.
func (d *delayed) Write(p []byte) (int, error) {
	if !d.out.put(p) {
		return 0, net.ErrClosed
	}
	return len(p), nil
}

// Close ends the connection behind what was said last.
func (d *delayed) Close() error {
	d.closeOnce.Do(func() {
		d.out.close()
		d.in.close()
	})
	return nil
}

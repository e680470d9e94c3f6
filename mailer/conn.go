package mailer

import (
	"bufio"
	"strconv"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// Conn is a connection to a relay, on loan from a Pool to one user until Put. It is not safe for concurrent use.
type Conn struct {
	pool  *Pool
	relay *relay
	lane  Lane

	raw *guard        // TCP, for deadlines and for cutting
	out *bufio.Writer // go-mail's, over TLS where there is TLS
	in  replies

	pipelining, eightBit, utf8 bool
	size                       int // the relay's SIZE; 0 is no limit known

	born, idleSince time.Time
	expiry          *time.Timer // while idle
	rested          bool        // it was idle for a while before this loan: the relay may have closed it
	messages        int         // handed to the relay, whatever it said
	settled         int         // with a reply of the relay that was about the message
	before          int         // messages before this loan
	expected        float64     // what the pool counted for this loan in advance
	broken          *RelayError // why nothing more may be said; nil while it lives
	dirty           bool        // a transaction was begun and not ended: RSET comes first

	body, next, commands []byte // buffers: the message on its way, the one after it, the commands to go
}

func newConn(p *Pool, r *relay, g *guard, client *smtp.Client) *Conn {
	c := &Conn{pool: p, relay: r, raw: g, out: client.Text.W, in: replies{in: client.Text.R}, born: time.Now()}
	c.pipelining, _ = client.Extension("PIPELINING")
	c.eightBit, _ = client.Extension("8BITMIME")
	c.utf8, _ = client.Extension("SMTPUTF8")
	if ok, limit := client.Extension("SIZE"); ok {
		c.size, _ = strconv.Atoi(limit)
	}
	return c
}

// Relay returns the name of the relay.
func (c *Conn) Relay() string { return c.relay.Name }

// Rate returns how many messages a second the relay's setting allows, 0 for no limit.
func (c *Conn) Rate() float64 { return c.relay.Rate }

// Alive reports whether the connection can still be used. Put takes it back either way.
func (c *Conn) Alive() bool { return c.broken == nil }

// breakOff ends the connection without a word. The first reason stays.
func (c *Conn) breakOff(reason *RelayError) {
	if c.broken == nil {
		c.broken = reason
	}
	c.raw.Close()
}

// fresh reports whether a connection that has rested is still open, and silent as it must be. It may take a millisecond,
// and asks nothing of the relay.
func (c *Conn) fresh() bool {
	if !c.rested {
		return true
	}
	c.raw.Conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.in.in.Peek(1)
	return isTimeout(err)
}

// quit says goodbye, as far as the relay cares, and closes.
func (c *Conn) quit() {
	c.raw.Conn.SetDeadline(time.Now().Add(c.pool.options.Timeouts.Quit))
	c.out.WriteString("QUIT\r\n")
	if c.out.Flush() == nil {
		c.in.next(func() {}) // whatever it says: everything that was accepted stays accepted (M9)
	}
	c.raw.Close()
}

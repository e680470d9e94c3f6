package demo

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"holdfast/internal/smtpsink"
	"holdfast/templates"
)

// What a mailbox keeps at most: the newest so many messages, and so many bytes of them.
const (
	keptMessages = 20_000
	keptBytes    = 200 << 20
	largest      = 10 << 20 // octets of one message; a larger one is refused as a relay would
)

// MailboxOptions say what a mailbox does with what it catches.
type MailboxOptions struct {
	// Refuse is one address that the mailbox answers 550 5.1.1 for; "" for none.
	Refuse string
	// OnMail is given each message to an address that carries a token of ours, as "u+TOKEN@refnet.example", after it was
	// kept and before the reply; nil for nobody. Sender is the envelope's, "" for the null path. An error says why the message was
	// not taken in; it is shown with the message. It is called on the goroutine of the connection, several at once. The message
	// must not be changed.
	OnMail func(sender, recipient string, message []byte) error
	// Organisation is who the pages speak for.
	Organisation templates.Organisation
}

// Mailbox is an SMTP server on loopback that takes mail for anybody, and the pages that show it, newest first. Memory is
// bounded: what is too old or too much is forgotten. It is safe for concurrent use.
type Mailbox struct {
	options MailboxOptions
	sink    *smtpsink.Sink
	pages   http.Handler
	earlier atomic.Bool // mails left in an earlier start

	mu    sync.RWMutex
	last  int       // the number of the newest message; they count from 1
	kept  []*caught // the oldest first, their numbers without a gap
	bytes int
}

// OpenMailbox starts a mailbox on a free port of 127.0.0.1. Close ends it.
func OpenMailbox(o MailboxOptions) (*Mailbox, error) {
	m := &Mailbox{options: o}
	m.pages = m.routes()
	sink, err := smtpsink.Start(smtpsink.Options{
		Fault: m.refuse, OnMessage: m.keep, Discard: true, MaxBytes: largest,
		Extensions: append(smtpsink.DefaultExtensions(), fmt.Sprintf("SIZE %d", largest)),
	})
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	m.sink = sink
	return m, nil
}

// Addr is where the mailbox takes mail, as "127.0.0.1:40001". It speaks SMTP without TLS.
func (m *Mailbox) Addr() string { return m.sink.Addr() }

// Count returns how many messages were caught so far, the forgotten ones too.
func (m *Mailbox) Count() int { return m.sink.Count() }

// SayEarlier has the list of mails say that others left in an earlier start, and are not here any more.
func (m *Mailbox) SayEarlier() { m.earlier.Store(true) }

// Close ends every connection and returns when all have ended. What was caught can still be looked at.
func (m *Mailbox) Close() error { return m.sink.Close() }

// ServeHTTP answers for every path at and below /mailbox.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.pages.ServeHTTP(w, r) }

func (m *Mailbox) refuse(e smtpsink.Event) smtpsink.Action {
	if e.Step != smtpsink.Rcpt || m.options.Refuse == "" || !strings.EqualFold(e.Recipient, m.options.Refuse) {
		return smtpsink.Action{}
	}
	return smtpsink.Action{Reply: "550 5.1.1 there is no such mailbox here"}
}

func (m *Mailbox) keep(message smtpsink.Message) {
	c := &caught{at: message.Time, messageID: message.MessageID, recipients: message.Recipients, data: message.Data}
	m.add(c)
	if m.options.OnMail == nil {
		return
	}
	for _, recipient := range message.Recipients {
		if carriesToken(recipient) {
			err := m.options.OnMail(message.Sender, recipient, message.Data)
			m.mu.Lock()
			c.handed = append(c.handed, handed{to: recipient, refused: err})
			m.mu.Unlock()
		}
	}
}

// carriesToken reports whether an address is one of ours that says something: a letter, a plus sign, a token.
func carriesToken(recipient string) bool {
	local, _, found := strings.Cut(recipient, "@")
	return found && len(local) > 2 && local[1] == '+'
}

// add keeps c as the newest and forgets what no longer has room.
func (m *Mailbox) add(c *caught) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	c.number = m.last
	m.kept = append(m.kept, c)
	m.bytes += len(c.data)
	for len(m.kept) > keptMessages || m.bytes > keptBytes {
		m.bytes -= len(m.kept[0].data)
		m.kept[0] = nil // the slice's memory outlives its first element
		m.kept = m.kept[1:]
	}
}

// find returns the message with a number, nil where there is none or it is forgotten.
func (m *Mailbox) find(number int) *caught {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.kept) == 0 || number < m.kept[0].number || number > m.last {
		return nil
	}
	return m.kept[number-m.kept[0].number]
}

// fates says what became of a message at each address of ours that it was sent to.
func (m *Mailbox) fates(c *caught) []handed {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(c.handed)
}

// numberOf returns the number of the newest message with an id, 0 where there is none.
func (m *Mailbox) numberOf(messageID string) int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, c := range slices.Backward(m.kept) {
		if c.messageID == messageID {
			return c.number
		}
	}
	return 0
}

// search returns the messages that match, newest first, no more than limit of those older than before (0: the newest);
// how many match in all; and whether there are older ones.
func (m *Mailbox) search(f filter, before, limit int) (found []*caught, total int, more bool) {
	m.mu.RLock()
	kept := slices.Clone(m.kept) // what is forgotten meanwhile is taken out of the list itself
	m.mu.RUnlock()
	for i := len(kept) - 1; i >= 0; i-- {
		c := kept[i]
		if !f.matches(c) {
			continue
		}
		total++
		switch {
		case before > 0 && c.number >= before:
		case len(found) < limit:
			found = append(found, c)
		default:
			more = true
		}
	}
	return found, total, more
}

// filter chooses messages; what is empty does not narrow the choice.
type filter struct {
	language string // of the message, without a region
	query    string // within the recipients and the subject, whatever the case
	what     string // one of whats
}

func (f filter) matches(c *caught) bool {
	if f == (filter{}) {
		return true
	}
	head := c.head()
	if base, _, _ := strings.Cut(head.language, "-"); f.language != "" && base != f.language {
		return false
	}
	return (f.what == "" || f.what == head.what) && strings.Contains(head.searched, strings.ToLower(f.query))
}

package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// Copy is what one member's copy of a message has of its own.
type Copy struct {
	Address string // from WireAddress
	Name    string // the member's, as it is written; "" where unknown
	// MessageID is the part before the @, a dot-atom; the domain of From follows. It is the same for each
	// attempt at the same copy and different for every other.
	MessageID       string
	ReplyTo         string   // from WireAddress; "" gives none
	UnsubscribeURL  string   // one-click (RFC 8058): https, or http on loopback; needed for an appeal
	UnsubscribeMail string   // an address from WireAddress that unsubscribes whoever writes to it; "" gives none
	Values          []string // one for each hole of the draft, in its order
}

// Why a copy cannot be filled. The errors name the place, never the value.
var (
	ErrMessageID   = errors.New("the message id is not a dot-atom")
	ErrLink        = errors.New("a link is not an absolute http or https URL")
	ErrUnsubscribe = errors.New("the unsubscribe link is not an https URL")
	ErrValues      = errors.New("the values do not match the holes")
)

// MessageID returns the Message-ID, without angle brackets, of the copy whose MessageID is left.
func (c *Composed) MessageID(left string) string { return left + "@" + c.domain }

// Hash is a fingerprint of a copy: copies with the same Hash are the same bytes. It is made of the draft's own digest
// and of everything, as it was written, that differs from member to member. The bytes in between are not read again for
// each member: that costs as much as sending them.
type Hash [sha256.Size]byte

// Own is what one copy has of its own, each piece encoded for its place. It is small, so that a window of copies can be made, and
// their hashes known, before anything of them is sent. It stays valid as long as the buffer it was encoded into is not written
// again.
type Own struct {
	Hash   Hash
	pieces []byte // the header fields, then each hole's value
	ends   []int  // of each piece in pieces
}

// Encode appends what a copy has of its own to buffer, and returns the buffer and what it has appended. On an error the buffer
// is as it was.
func (c *Composed) Encode(buffer []byte, copy Copy) ([]byte, Own, error) {
	if err := c.check(copy); err != nil {
		return buffer, Own{}, err
	}
	start := len(buffer)
	grown := c.appendHeader(buffer, copy)
	ends := make([]int, 1, len(c.segments)+1)
	ends[0] = len(grown) - start
	for i := range c.segments {
		s := &c.segments[i]
		if s.hole < 0 {
			continue
		}
		value := copy.Values[s.hole]
		if c.holes[s.hole].Kind == Link {
			if !isLink(value) {
				return buffer, Own{}, fmt.Errorf("hole %d: %w", s.hole, ErrLink)
			}
		} else {
			value = bodyText(value)
		}
		if s.html {
			value = html.EscapeString(value)
		}
		grown, _ = appendQuoted(grown, value, s.col)
		ends = append(ends, len(grown)-start)
	}
	own := Own{pieces: grown[start:], ends: ends}
	own.Hash = c.hash(own)
	return grown, own, nil
}

// hash is that of the draft and all pieces, each behind its length, so that no two lists of pieces look the same.
func (c *Composed) hash(own Own) Hash {
	var buffer [1536]byte // most copies differ in less
	all := append(buffer[:0], c.digest[:]...)
	from := 0
	for _, end := range own.ends {
		all = appendCounted(all, own.pieces[from:end])
		from = end
	}
	return Hash(sha256.Sum256(all))
}

// Join appends the copy that own belongs to: a whole message, CRLF at the end of each line, dots not stuffed, no line beginning with
// one. The error is that of a signature; then what it returns is nil and dst is as it was.
func (c *Composed) Join(dst []byte, own Own) ([]byte, error) {
	start := len(dst)
	dst = append(dst, own.pieces[:own.ends[0]]...)
	next := 1
	for i := range c.segments {
		s := &c.segments[i]
		dst = append(dst, s.ready...)
		if s.hole < 0 {
			continue
		}
		dst = append(dst, own.pieces[own.ends[next-1]:own.ends[next]]...)
		next++
		if s.soft {
			dst = append(dst, softBreak...)
		}
	}
	if len(c.signatures) == 0 {
		return dst, nil
	}
	return c.sign(dst, start)
}

// Fill is Encode and Join in one: it appends one member's copy to dst and returns it with its Hash. On an error what it returns is
// nil and dst is as it was.
func (c *Composed) Fill(dst []byte, copy Copy) ([]byte, Hash, error) {
	_, own, err := c.Encode(nil, copy)
	if err != nil {
		return nil, Hash{}, err
	}
	if dst, err = c.Join(dst, own); err != nil {
		return nil, Hash{}, err
	}
	return dst, own.Hash, nil
}

// appendCounted appends a piece behind its length, so that no two lists of pieces look the same.
func appendCounted(dst, piece []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(piece))), piece...)
}

func (c *Composed) check(copy Copy) error {
	switch {
	case !wireSafe(copy.Address):
		return fmt.Errorf("the recipient: %w", ErrAddress)
	case copy.ReplyTo != "" && !wireSafe(copy.ReplyTo):
		return fmt.Errorf("the reply address: %w", ErrAddress)
	case copy.UnsubscribeMail != "" && (!wireSafe(copy.UnsubscribeMail) || !isASCII(copy.UnsubscribeMail)):
		return fmt.Errorf("the unsubscribe address: %w", ErrAddress)
	case !isASCII(copy.MessageID) || !isDotAtom(copy.MessageID) || len(copy.MessageID) > maxPath:
		return ErrMessageID
	case copy.UnsubscribeURL == "" && c.kind == Appeal, copy.UnsubscribeURL != "" && !isSecureLink(copy.UnsubscribeURL):
		return ErrUnsubscribe
	case len(copy.Values) != len(c.holes):
		return fmt.Errorf("%w: %d for %d", ErrValues, len(copy.Values), len(c.holes))
	}
	return nil
}

// appendHeader appends the fields that differ from member to member, and From.
func (c *Composed) appendHeader(dst []byte, copy Copy) []byte {
	dst = append(dst, c.from...)
	dst = appendMailbox(dst, "To: ", copy.Name, copy.Address)
	if copy.ReplyTo != "" {
		dst = appendMailbox(dst, "Reply-To: ", "", copy.ReplyTo)
	}
	dst = append(dst, "Message-ID: <"...)
	dst = append(dst, copy.MessageID...)
	dst = append(dst, '@')
	dst = append(dst, c.domain...)
	dst = append(dst, ">\r\n"...)
	if copy.UnsubscribeURL == "" {
		return dst
	}
	dst = append(dst, "List-Unsubscribe: <"...)
	dst = append(dst, copy.UnsubscribeURL...)
	dst = append(dst, '>')
	if copy.UnsubscribeMail != "" {
		dst = append(dst, ",\r\n <mailto:"...)
		dst = appendMailto(dst, copy.UnsubscribeMail)
		dst = append(dst, '>')
	}
	return append(dst, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"...)
}

// appendMailbox appends an address field. The name is made one line; whatever it holds stays a name.
func appendMailbox(dst []byte, field, name, address string) []byte {
	const line = 76 // octets, RFC 2047, 2
	start := len(dst)
	dst = append(dst, field...)
	if name = oneLine(name); name != "" {
		dst = appendPhrase(dst, name, "\r\n ")
		if last := bytes.LastIndexByte(dst[start:], '\n') + 1; len(dst)-start-last+len(" <>")+len(address) > line {
			dst = append(dst, "\r\n"...)
		}
		dst = append(dst, ' ')
	}
	dst = append(dst, '<')
	dst = append(dst, address...)
	return append(dst, ">\r\n"...)
}

// appendMailto appends an address as it stands in a mailto URL (RFC 6068).
func appendMailto(dst []byte, address string) []byte {
	for i := range len(address) {
		c := address[i]
		if isAlphanumeric(c) || strings.IndexByte("@.-_~+!$*", c) >= 0 {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// isLink reports whether s is an absolute http or https URL of printable ASCII that needs no escaping and so
// ends nowhere before its end, in a text or in a header.
func isLink(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	if !ok || rest == "" || rest[0] == '/' || len(s) > 900 {
		return false
	}
	for i := range len(rest) {
		if c := rest[i]; !isAlphanumeric(c) && (c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0) {
			return false
		}
	}
	return true
}

// isSecureLink reports whether s is an https URL, or an http one of this machine, as in the demo.
func isSecureLink(s string) bool {
	if !isLink(s) || strings.IndexByte(s, ',') >= 0 { // a comma ends a URL for some readers of List-Unsubscribe
		return false
	}
	if strings.HasPrefix(s, "https://") {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && isLoopback(u.Hostname())
}

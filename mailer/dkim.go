package mailer

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Signer is a DKIM key (RFC 6376): RSA of 2048 bits or more, or Ed25519 (RFC 8463).
type Signer struct {
	Domain   string // d=, the domain of From or one above it
	Selector string // s=
	Key      crypto.Signer
}

// signedFields are what a signature covers. From stands once more than it occurs, so that no second one can be added;
// RFC 8058 asks for the two List-Unsubscribe fields. A field that a message does not have cannot be added either.
var signedFields = []string{
	"From", "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type", "Content-Language",
	"Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// signature is a signer made ready for one draft. The signing is ours and not go-mail's, whose signatures of more fields
// than fit on a line do not verify (v0.8.1: it folds what it has signed unfolded). Both algorithms are deterministic, and
// the time stated is the draft's, so that each attempt at a copy is the same bytes.
type signature struct {
	start   string // the field up to the value of bh
	key     crypto.Signer
	options crypto.SignerOpts
}

func (s Signer) prepare(date time.Time) (*signature, error) {
	ready := &signature{key: s.Key}
	algorithm := "rsa-sha256"
	switch key := s.Key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < 2048 {
			return nil, errors.New("an RSA key has 2048 bits at least")
		}
		ready.options = crypto.SHA256
	case ed25519.PrivateKey:
		algorithm = "ed25519-sha256"
		ready.options = crypto.Hash(0) // RFC 8463 signs the SHA-256 of the header as if it were the message
	default:
		return nil, errors.New("the key is neither RSA nor Ed25519")
	}
	if !isDomain(s.Domain) || !isDomain(s.Selector) {
		return nil, errors.New("domain and selector must be domain names")
	}
	names := strings.Join(signedFields[:7], ":") + ":\r\n " + strings.Join(signedFields[7:12], ":") + ":\r\n " +
		strings.Join(signedFields[12:], ":")
	ready.start = "DKIM-Signature: v=1; a=" + algorithm + "; c=relaxed/relaxed;\r\n d=" + s.Domain + ";\r\n s=" + s.Selector +
		"; t=" + strconv.FormatInt(date.Unix(), 10) + ";\r\n h=" + names + ";\r\n bh="
	return ready, nil
}

// sign puts the signatures of the message, which begins at start in dst, before it.
func (c *Composed) sign(dst []byte, start int) ([]byte, error) {
	header, body, _ := bytes.Cut(dst[start:], []byte("\r\n\r\n"))
	bodyHash := sha256.Sum256(relaxBody(body))
	signed := relaxFields(header)
	var fields []byte
	for _, s := range c.signatures {
		field := s.start + base64.StdEncoding.EncodeToString(bodyHash[:]) + ";\r\n b="
		digest := sha256.Sum256(relaxField(signed[:len(signed):len(signed)], []byte(field)))
		value, err := s.key.Sign(rand.Reader, digest[:], s.options)
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		fields = append(fields, field...)
		fields = appendFolded(fields, base64.StdEncoding.EncodeToString(value))
	}
	end := len(dst)
	dst = append(dst, fields...)
	copy(dst[start+len(fields):], dst[start:end])
	copy(dst[start:], fields)
	return dst, nil
}

// appendFolded appends the value of b, which may hold folds anywhere, and ends the field.
func appendFolded(dst []byte, value string) []byte {
	const width = 70
	for len(value) > width {
		dst = append(dst, value[:width]...)
		dst = append(dst, "\r\n "...)
		value = value[width:]
	}
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

// relaxFields returns the fields that are signed, canonical and in the order of signedFields. Each occurs once at most.
func relaxFields(header []byte) []byte {
	at := map[string][]byte{}
	for len(header) > 0 {
		end := fieldEnd(header)
		if name, _, ok := bytes.Cut(header[:end], []byte(":")); ok {
			at[strings.ToLower(string(name))] = header[:end]
		}
		header = bytes.TrimPrefix(header[end:], []byte("\r\n"))
	}
	var out []byte
	for _, name := range signedFields {
		name = strings.ToLower(name)
		if field, ok := at[name]; ok {
			delete(at, name)
			out = append(relaxField(out, field), "\r\n"...)
		}
	}
	return out
}

// fieldEnd returns where the first field of a header ends, before its CRLF. A line that begins with a space goes on.
func fieldEnd(header []byte) int {
	for end := 0; ; end += 2 {
		i := bytes.Index(header[end:], []byte("\r\n"))
		if i < 0 {
			return len(header)
		}
		end += i
		if next := header[end+2:]; len(next) == 0 || next[0] != ' ' && next[0] != '\t' {
			return end
		}
	}
}

// relaxField appends a field in relaxed form, without CRLF (RFC 6376, 3.4.2).
func relaxField(dst, field []byte) []byte {
	name, value, _ := bytes.Cut(field, []byte(":"))
	dst = append(dst, bytes.ToLower(bytes.TrimSpace(name))...)
	dst = append(dst, ':')
	space := true // at the start of the value none is kept
	for _, c := range value {
		switch c {
		case '\r', '\n':
		case ' ', '\t':
			if !space {
				dst = append(dst, ' ')
			}
			space = true
		default:
			dst = append(dst, c)
			space = false
		}
	}
	return bytes.TrimRight(dst, " ")
}

// relaxBody returns a body in relaxed form (RFC 6376, 3.4.4). Its lines end in CRLF.
func relaxBody(body []byte) []byte {
	out := make([]byte, 0, len(body)+2)
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\r\n"))
		body = rest
		line = bytes.TrimRight(line, " \t")
		for len(line) > 0 {
			i := bytes.IndexAny(line, " \t")
			if i < 0 {
				out = append(out, line...)
				break
			}
			out = append(out, line[:i]...)
			out = append(out, ' ')
			line = bytes.TrimLeft(line[i:], " \t")
		}
		out = append(out, "\r\n"...)
	}
	out = bytes.TrimRight(out, "\r\n") // what is left of the last lines that are empty
	if len(out) > 0 {
		out = append(out, "\r\n"...)
	}
	return out
}

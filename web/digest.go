package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"net/http"
	"strings"

	"holdfast/internal/failure"
)

// digestOf reads the SHA-256 that a body is said to have: Content-Digest: sha-256=:BASE64: (RFC 9530 2).
func digestOf(h http.Header) ([]byte, error) {
	for entry := range strings.SplitSeq(h.Get("Content-Digest"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(entry), "=")
		bare, colons := strings.CutPrefix(value, ":")
		bare, colons2 := strings.CutSuffix(bare, ":")
		sum, err := base64.StdEncoding.DecodeString(bare)
		if name == "sha-256" && colons && colons2 && err == nil && len(sum) == sha256.Size {
			return sum, nil
		}
	}
	return nil, failure.Wrong("Content-Digest", "is missing: with an Idempotency-Key, a stream needs its digest, as sha-256=:BASE64: (RFC 9530)")
}

// digestReader fails at the end of a body that is not what it was said to be.
type digestReader struct {
	from io.Reader
	sum  hash.Hash
	want []byte
}

func newDigestReader(from io.Reader, want []byte) *digestReader {
	return &digestReader{from: from, sum: sha256.New(), want: want}
}

// Read reads from the body.
func (d *digestReader) Read(b []byte) (int, error) {
	n, err := d.from.Read(b)
	d.sum.Write(b[:n])
	if errors.Is(err, io.EOF) && !bytes.Equal(d.sum.Sum(nil), d.want) {
		return n, failure.Wrong("Content-Digest", "is not that of the body that came: a part of the file is missing, or it is another file")
	}
	return n, err
}

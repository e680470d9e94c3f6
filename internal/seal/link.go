package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"hash"
	"strings"
	"sync"
)

// Purpose is what a link is good for. A link made for one purpose is refused for every other (U7).
type Purpose string

// linkText is lower-case base32 without padding, so that a link survives mail systems that fold case.
var linkText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// LinkLength is the length of a link's token in characters: a key id, a tag of 128 bits and two ids.
// With a prefix of two it fits the 64 octets of a local part (RFC 5321 4.5.3.1.1).
const LinkLength = 53

// Links makes and reads the tokens of one purpose. It is safe for concurrent use.
//
// A token is deterministic, so each attempt at the same message carries the same one; it never expires,
// names nobody, and cannot be read or altered without the key (RFC 8058 asks for just that).
// It says two ids, as a rule an appeal and a member.
type Links struct{ keys []linkKey }

type linkKey struct {
	id    byte
	macs  *sync.Pool // of hash.Hash, keyed: making one costs more than using it
	block cipher.Block
}

// Links returns the tokens of a purpose.
func (r *Ring) Links(purpose Purpose) (*Links, error) {
	links := &Links{}
	for _, k := range r.keys {
		macKey, err := k.derive("link-tag/" + string(purpose))
		if err != nil {
			return nil, err
		}
		textKey, err := k.derive("link-text/" + string(purpose))
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(textKey)
		if err != nil {
			return nil, err
		}
		macs := &sync.Pool{New: func() any { return hmac.New(sha256.New, macKey) }}
		links.keys = append(links.keys, linkKey{id: k.id, macs: macs, block: block})
	}
	return links, nil
}

// Make returns the token that says a and b.
func (l *Links) Make(a, b int64) string { return string(l.Append(nil, a, b)) }

// Append appends the token that says a and b to dst.
func (l *Links) Append(dst []byte, a, b int64) []byte {
	k := l.keys[0]
	var raw [1 + 16 + 16]byte
	raw[0] = k.id
	putIDs(raw[17:], a, b)
	k.tag(raw[1:17], raw[17:])
	k.mask(raw[1:17], raw[17:])
	return linkText.AppendEncode(dst, raw[:])
}

// Read returns what token says. The only error is ErrOpen; it takes the same time wherever the token is wrong.
func (l *Links) Read(token string) (a, b int64, err error) {
	if len(token) != LinkLength {
		return 0, 0, ErrOpen
	}
	raw, err := linkText.DecodeString(strings.ToLower(token))
	if err != nil || linkText.EncodeToString(raw) != strings.ToLower(token) {
		return 0, 0, ErrOpen // the second test: no two texts are the same token
	}
	for _, k := range l.keys {
		if k.id != raw[0] {
			continue
		}
		k.mask(raw[1:17], raw[17:])
		var want [16]byte
		k.tag(want[:], raw[17:])
		if !equal(want[:], raw[1:17]) {
			return 0, 0, ErrOpen
		}
		a, b = getIDs(raw[17:])
		return a, b, nil
	}
	return 0, 0, ErrOpen
}

func (k linkKey) tag(dst, ids []byte) {
	mac := k.macs.Get().(hash.Hash)
	mac.Reset()
	mac.Write(ids)
	var sum [sha256.Size]byte
	copy(dst, mac.Sum(sum[:0]))
	k.macs.Put(mac)
}

// mask hides or shows one block, by the block cipher of the tag: the synthetic IV.
func (k linkKey) mask(tag, block []byte) {
	var pad [aes.BlockSize]byte
	k.block.Encrypt(pad[:], tag)
	for i := range block {
		block[i] ^= pad[i]
	}
}

// Package seal promises that what it seals can be read only with the key file, only in the row it was
// sealed for, and that a sealed value can be found again without being opened.
//
// Three things are made from each key, by HKDF with a purpose of their own: sealed fields (AES-256-GCM,
// bound to the row), blind indexes (HMAC-SHA-256), and signed links (a synthetic-IV construction: what a
// link says is neither readable nor alterable). A Ring holds several keys by id: the first seals, all open.
// Blind indexes are made with the index key alone, which never rotates by itself: a new index key means
// indexing every row anew.
package seal

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrOpen says that a sealed value or a link was altered, belongs elsewhere, or was made with a key
// that this ring does not hold.
var ErrOpen = errors.New("seal: does not open with these keys, in this place")

type key struct {
	id     byte
	secret []byte
	fields cipher.AEAD
}

// Ring holds the keys of one installation. It is immutable and safe for concurrent use.
type Ring struct {
	keys  []key // the first one seals
	index []byte
}

// Parse reads a key file: one key a line, "ID BASE64" with an id from 1 to 255 and 32 bytes of key, the
// newest first, and one line "index BASE64". Lines that begin with # are comments.
func Parse(r io.Reader) (*Ring, error) {
	ring := &Ring{}
	seen := map[byte]bool{}
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, _ := strings.Cut(text, " ")
		secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
		if err != nil || len(secret) != 32 {
			return nil, fmt.Errorf("key file, line %d: want an id and 32 bytes in base64", line)
		}
		if name == "index" {
			if ring.index != nil {
				return nil, fmt.Errorf("key file, line %d: a second index key; one is meant to last", line)
			}
			ring.index = secret
			continue
		}
		id, err := strconv.ParseUint(name, 10, 8)
		if err != nil || id == 0 || seen[byte(id)] {
			return nil, fmt.Errorf("key file, line %d: want an id from 1 to 255 that no other line has", line)
		}
		seen[byte(id)] = true
		k, err := newKey(byte(id), secret)
		if err != nil {
			return nil, err
		}
		ring.keys = append(ring.keys, k)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if len(ring.keys) == 0 || ring.index == nil {
		return nil, errors.New("key file: want at least one key and the index key; make one with: holdfast key new FILE")
	}
	return ring, nil
}

func newKey(id byte, secret []byte) (key, error) {
	k := key{id: id, secret: secret}
	fieldKey, err := k.derive("field")
	if err != nil {
		return key{}, err
	}
	block, err := aes.NewCipher(fieldKey)
	if err != nil {
		return key{}, err
	}
	k.fields, err = cipher.NewGCM(block)
	return k, err
}

func (k key) derive(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.secret, nil, "holdfast/"+purpose, 32)
}

// Generate writes a new key file for one key to w.
func Generate(w io.Writer) error {
	var secrets [2][32]byte
	for i := range secrets {
		if _, err := rand.Read(secrets[i][:]); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "# Keys of Holdfast. Who has this file and the database can read every member's address.\n"+
		"# Keep a copy away from the database; without it nothing sealed can be read again.\n"+
		"# A new key goes on top with a new id; the old ones stay for what they sealed.\n1 %s\nindex %s\n",
		base64.StdEncoding.EncodeToString(secrets[0][:]), base64.StdEncoding.EncodeToString(secrets[1][:]))
	return err
}

// Open reads the key file at path. It refuses a file that others than its owner may read or write.
func Open(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s can be read by others (%v); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	return Parse(f)
}

// Create writes a new key file to path, readable by its owner alone. An existing file is never touched.
func Create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(Generate(f), f.Sync()); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// Seal encrypts plain for one place, named by place ("members.address/1234"): the same bytes in another
// place do not open. The nonce is random (96 bits).
func (r *Ring) Seal(place string, plain []byte) []byte {
	k := r.keys[0]
	out := make([]byte, 1+12, 1+12+len(plain)+16)
	out[0] = k.id
	if _, err := rand.Read(out[1:13]); err != nil {
		panic("seal: the system has no randomness: " + err.Error())
	}
	return k.fields.Seal(out, out[1:13], plain, []byte(place))
}

// Open decrypts what Seal made for place. The only error is ErrOpen.
func (r *Ring) Open(place string, sealed []byte) ([]byte, error) {
	if len(sealed) < 1+12+16 {
		return nil, ErrOpen
	}
	for _, k := range r.keys {
		if k.id != sealed[0] {
			continue
		}
		plain, err := k.fields.Open(nil, sealed[1:13], sealed[13:], []byte(place))
		if err != nil {
			return nil, ErrOpen
		}
		return plain, nil
	}
	return nil, ErrOpen
}

// Stale reports whether sealed was made with another key than the one that seals now.
func (r *Ring) Stale(sealed []byte) bool { return len(sealed) == 0 || sealed[0] != r.keys[0].id }

// Index returns the blind index of value for purpose: 32 bytes, the same for the same value, telling
// nothing without the key.
func (r *Ring) Index(purpose, value string) []byte {
	mac := hmac.New(sha256.New, r.index)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// equal compares two tags in constant time.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

func putIDs(dst []byte, a, b int64) {
	binary.BigEndian.PutUint64(dst, uint64(a))
	binary.BigEndian.PutUint64(dst[8:], uint64(b))
}

func getIDs(src []byte) (a, b int64) {
	return int64(binary.BigEndian.Uint64(src)), int64(binary.BigEndian.Uint64(src[8:]))
}

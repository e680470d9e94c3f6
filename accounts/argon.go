package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// cost is how much one run of argon2id takes (RFC 9106, section 3.1).
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// costNow returns what new passwords cost: the least that OWASP's Password Storage Cheat Sheet recommends for
// argon2id (19 MiB, 2 passes, 1 lane). A password kept at another cost is hashed anew at its next sign-in.
func costNow() cost { return cost{memory: 19 * 1024, passes: 2, lanes: 1} }

// costMost is the most that a stored hash may ask for, so that a row altered by hand cannot use up the memory.
func costMost() cost { return cost{memory: 256 * 1024, passes: 16, lanes: 16} }

const (
	saltSize = 16 // RFC 9106, section 3.1: 16 bytes are recommended for passwords
	keySize  = 32
)

// run derives the key of a password. Forms of Unicode that look the same are the same password (NFC, as in
// RFC 8265, section 4.2.2); nothing else is changed or trimmed.
func (c cost) run(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.passes, c.memory, c.lanes, keySize)
}

// hash returns password as a PHC string, with a salt of its own.
func (c cost) hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	text := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.lanes,
		text.EncodeToString(salt), text.EncodeToString(c.run(password, salt)))
}

// verify reports whether password is the one of stored. Where nothing is stored, or nothing readable, it costs one
// run all the same: one that nothing can match.
func verify(stored, password string) bool {
	c, salt, want, err := parsePHC(stored)
	if err != nil {
		c, salt, want = costNow(), make([]byte, saltSize), nil
	}
	got := c.run(password, salt)
	return subtle.ConstantTimeCompare(got, want) == 1
}

// outdated reports whether stored was made at another cost than passwords are made at now.
func outdated(stored string) bool {
	c, _, _, err := parsePHC(stored)
	return err != nil || c != costNow()
}

// parsePHC reads what hash writes.
func parsePHC(stored string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errors.New("accounts: not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, fmt.Errorf("accounts: cost of a hash: %w", err)
	}
	most := costMost()
	if c.passes == 0 || c.lanes == 0 || c.memory > most.memory || c.passes > most.passes || c.lanes > most.lanes {
		return c, nil, nil, errors.New("accounts: cost of a hash is out of bounds")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("accounts: salt of a hash: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) != keySize {
		return c, nil, nil, errors.New("accounts: key of a hash is not one")
	}
	return c, salt, key, nil
}

const (
	gatePlaces   = 4                // runs at once: 76 MiB
	gatePatience = 10 * time.Second // after which somebody in line is told to come back
)

// gate lets a few through at a time. The zero value is ready; it is safe for concurrent use.
type gate struct {
	once   sync.Once
	places chan struct{}
}

// enter waits for a place. It returns a TryLater when none came free in time, or the error of ctx.
// Nobody waits here with a connection of the database in hand.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	g.once.Do(func() { g.places = make(chan struct{}, gatePlaces) })
	patience := time.NewTimer(gatePatience)
	defer patience.Stop()
	select {
	case g.places <- struct{}{}:
		return func() { <-g.places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-patience.C:
		return nil, &TryLater{Wait: gatePatience, Text: "too many people are signing in right now"}
	}
}

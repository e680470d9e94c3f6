package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"math"
	"time"

	"holdfast/internal/failure"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
)

// Store holds the accounts of one installation. Use one *Store for a process, so that the limit on argon2id
// is one for the process; it is safe for concurrent use.
type Store struct {
	DB           postgres.DB
	Ring         *seal.Ring // keys the hashes by which failures are counted
	Organisation string     // its name is no password; may be empty

	argon gate
}

// What the door answers. Each is the same for every reason, so that the reason cannot be told from it.
var (
	// ErrCredentials answers a sign-in that did not succeed. A Forbidden; at the door it is a 401.
	ErrCredentials error = &failure.Error{Kind: failure.Forbidden, Text: "the address or the password is not right"}
	// ErrLink answers a sign-in link that is forged, used, too old, or of a disabled account. A Forbidden.
	ErrLink error = &failure.Error{Kind: failure.Forbidden,
		Text: "this sign-in link does not work: each works once, within 20 minutes, and a change of roles or password ends it; ask for a new one"}
	// ErrNotSignedIn answers a session or an API token that is not known, has ended, or is of a disabled account.
	// A Forbidden; at the door it is a 401.
	ErrNotSignedIn error = &failure.Error{Kind: failure.Forbidden, Text: "not signed in, or not any more; sign in again"}
)

// TryLater says that nothing was done because of what was tried before, and when to come back. At the door it is
// a 429 with Retry-After; to who does not know it, it is a Forbidden.
type TryLater struct {
	Wait time.Duration
	Text string // why, and what else the reader can do
}

// Seconds returns the wait in whole seconds, at least 1.
func (t *TryLater) Seconds() int { return max(1, int(math.Ceil(t.Wait.Seconds()))) }

// Error returns the reason and the wait.
func (t *TryLater) Error() string {
	if t.Seconds() == 1 {
		return t.Text + "; try again in 1 second"
	}
	return fmt.Sprintf("%s; try again in %d seconds", t.Text, t.Seconds())
}

// Unwrap returns the same as a failure.Forbidden.
func (t *TryLater) Unwrap() error { return failure.Refuse("%s", t.Error()) }

// newSecret returns 256 random bits as 52 letters and figures that survive folding of case.
func newSecret() string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: the program ends where the system has no randomness (Go 1.24)
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding).EncodeToString(raw[:])
}

// hashSecret returns what is kept of a secret. A plain hash is enough for 256 random bits: there is nothing to guess.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

package members

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/seal"
)

// keyFile is the text of a new key file.
func keyFile(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	if err := seal.Generate(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

var (
	keyLine   = regexp.MustCompile(`(?m)^1 .*\n`)
	indexLine = regexp.MustCompile(`(?m)^index .*\n`)
)

func TestD2_OtherKeysThanTheMembersWereSealedWithAreTold(t *testing.T) {
	t.Parallel()
	own, other := keyFile(t), keyFile(t)
	tx := dbtest.Tx(t)
	with := func(text string) *Store {
		t.Helper()
		ring, err := seal.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return &Store{DB: tx, Ring: ring}
	}
	if err := with(other).CheckKeys(t.Context()); err != nil {
		t.Errorf("without a member: %v, want any keys to do", err)
	}
	for _, address := range []string{"first@writers.example", "last@writers.example"} {
		if _, err := with(own).Add(t.Context(), audit.System(), New{Address: address, Language: "en", Consent: testConsent()}); err != nil {
			t.Fatal(err)
		}
	}

	rotated := strings.Replace(keyLine.FindString(other), "1 ", "2 ", 1) + own
	for what, text := range map[string]string{"the same keys": own, "a new key above the old one": rotated} {
		if err := with(text).CheckKeys(t.Context()); err != nil {
			t.Errorf("%s: %v, want nothing", what, err)
		}
	}
	otherIndex := indexLine.ReplaceAllString(own, indexLine.FindString(other))
	for what, text := range map[string]string{"other keys": other, "another index key": otherIndex,
		"the new key without the old one": keyLine.ReplaceAllString(own, strings.Replace(keyLine.FindString(other), "1 ", "2 ", 1))} {
		if err := with(text).CheckKeys(t.Context()); !errors.Is(err, ErrKeys) {
			t.Errorf("%s: %v, want ErrKeys", what, err)
		}
	}

	// Sealed with the new key since: it is the last member who tells that it is missing.
	if _, err := with(rotated).Add(t.Context(), audit.System(), New{Address: "since@writers.example", Language: "en", Consent: testConsent()}); err != nil {
		t.Fatal(err)
	}
	if err := with(own).CheckKeys(t.Context()); !errors.Is(err, ErrKeys) {
		t.Errorf("the old key without the new one: %v, want ErrKeys", err)
	}
}

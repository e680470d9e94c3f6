package npm_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/internal/npm"
)

func TestAnAlteredArchiveIsRefused(t *testing.T) {
	t.Parallel()
	archive := filepath.Join(t.TempDir(), "some.tgz")
	if err := os.WriteFile(archive, []byte("holdfast"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := npm.Check(archive, "")
	if !npm.Altered(err) || !strings.Contains(err.Error(), "some.tgz") {
		t.Fatalf("without the right sum: %v", err)
	}
	_, after, _ := strings.Cut(err.Error(), "SHA-512 is ")
	its, _, _ := strings.Cut(after, ",")
	if err := npm.Check(archive, its); err != nil {
		t.Errorf("with it: %v", err)
	}
	if err := os.WriteFile(archive, []byte("Holdfast"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := npm.Check(archive, its); !npm.Altered(err) {
		t.Errorf("one letter is another: %v", err)
	}
	if err := npm.Check(archive+"x", its); err == nil || npm.Altered(err) {
		t.Errorf("one that is not there: %v", err)
	}
}

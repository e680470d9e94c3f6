package browsertest

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/chromedp/chromedp"

	"holdfast/internal/npm"
)

// The pinned axe-core (MPL-2.0): it is fetched for the tests and is no part of the program. Whoever changes the version takes the new
// integrity from: npm view axe-core@VERSION dist.integrity
const (
	axeVersion   = "4.14.1"
	axeIntegrity = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
	axeScript    = "package/axe.min.js"
)

var axe = sync.OnceValues(fetchAxe)

// fetchAxe returns the script of axe-core, from this user's cache or through npm.
func fetchAxe() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "holdfast")
	kept := filepath.Join(cache, "axe-core-"+axeVersion+".tgz")
	if err := npm.Check(kept, axeIntegrity); err == nil {
		return scriptIn(kept)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, ".fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	archive, err := npm.Fetch(context.Background(), work, "axe-core@"+axeVersion, axeIntegrity)
	if err != nil {
		return "", err
	}
	if err := os.Rename(archive, kept); err != nil {
		return "", err
	}
	return scriptIn(kept)
}

func scriptIn(archive string) (string, error) {
	f, err := os.Open(archive)
	if err != nil {
		return "", err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return "", err
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if err != nil {
			return "", errors.Join(fmt.Errorf("%s holds no %s", filepath.Base(archive), axeScript), err)
		}
		if header.Name == axeScript {
			script, err := io.ReadAll(files)
			return string(script), err
		}
	}
}

// Barriers are what axe-core finds wrong with the page against WCAG 2.2, levels A and AA: a rule and an element each. Where the script can't be
// had the test is skipped, but never in CI: there it fails.
func (b *Tab) Barriers() []string {
	b.t.Helper()
	script, err := axe()
	if err != nil && os.Getenv("CI") != "" {
		b.t.Fatalf("there is no axe-core, and in CI it is not left out: %v", err)
	}
	if err != nil {
		b.t.Skipf("there is no axe-core; install npm to run this test: %v", err)
	}
	b.Do(chromedp.Evaluate[chromedp.Void](script))
	return Ask(b, chromedp.Evaluate[[]string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 200) +
			" (" + [...n.any, ...n.all, ...n.none].map(c => c.message).join("; ") + ")")))`, chromedp.EvalAwaitPromise))
}

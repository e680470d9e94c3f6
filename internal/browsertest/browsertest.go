// Package browsertest promises tests a real browser that talks to nobody but this machine, and tells what it asked for.
//
// It is imported by tests only. Where there is no Chromium the test is skipped, but never in CI: there it fails.
package browsertest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Tab is one page of a browser of its own. It is not safe for concurrent use.
type Tab struct {
	t   testing.TB
	ctx context.Context

	loaded chan browser.EventDownloadProgress // the ends of downloads

	mu     sync.Mutex
	asked  []string
	errors []string
}

// names are what Chromium is called.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium, and in CI browser tests are not skipped; install it: apt-get install chromium")
	}
	t.Skip("there is no Chromium; install it to run this test: apt-get install chromium")
	return ""
}

// Open opens a page of the given size in CSS pixels. The browser ends with the test.
func Open(t testing.TB, width, height int) *Tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(find(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(width, height),
		chromedp.Flag("force-prefers-reduced-motion", true), // a page that scrolls smoothly is pressed where the button no longer is
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	tab := &Tab{t: t, ctx: ctx, loaded: make(chan browser.EventDownloadProgress, 16)}
	tab.Do(chromedp.EmulateViewport(int64(width), int64(height)), enableEvents) // the first, without a limit: it lives as long as the browser
	tab.ctx, end = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(end)
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatal(err)
	}
	return tab
}

func enableEvents(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = cdp.Call(ctx, target, runtime.Enable, cdp.Empty{})
	}
	return chromedp.Void{}, err
}

func (b *Tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *browser.EventDownloadProgress:
		if e.State != browser.DownloadProgressStateInProgress {
			b.loaded <- *e
		}
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	}
}

// WithoutScript switches scripts off, from the next page on.
func (b *Tab) WithoutScript() { b.t.Helper(); b.scripts(false) }

// WithScript switches scripts on again, from the next page on.
func (b *Tab) WithScript() { b.t.Helper(); b.scripts(true) }

func (b *Tab) scripts(on bool) {
	b.t.Helper()
	b.Do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return chromedp.Void{}, err
	})
}

// In puts the browser into a time zone, from the next page on.
func (b *Tab) In(zone string) {
	b.t.Helper()
	b.Do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		return chromedp.Void{}, err
	})
}

// Do runs steps in order; the first that fails ends the test.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("in the browser: %v", err)
	}
}

// Ask runs an action and returns what it found; if it fails, the test ends.
func Ask[T any](b *Tab, action chromedp.Action[T]) T {
	b.t.Helper()
	found, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatalf("in the browser: %v", err)
	}
	return found
}

// Go opens an address and waits until it is loaded.
func (b *Tab) Go(address string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(address))
}

// Text returns what the first element matching a CSS selector says. It is found and read in one go, since a live page may put another in its
// place at any moment.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	for {
		b.Do(chromedp.WaitVisible(chromedp.CSS(selector)))
		text := Ask(b, chromedp.Evaluate[*string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? null", selector)))
		if text != nil {
			return *text
		}
	}
}

// Fill writes text into a field.
func (b *Tab) Fill(selector, text string) {
	b.t.Helper()
	b.Do(chromedp.SetValue(chromedp.CSS(selector), text))
}

// Press presses the first element matching a CSS selector and waits for the page that follows.
func (b *Tab) Press(selector string) {
	b.t.Helper()
	response, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("pressing %s: %v", selector, err)
	}
	if response != nil && response.Status >= 500 {
		b.t.Fatalf("pressing %s led to status %d", selector, response.Status)
	}
}

// Download presses the first element matching a CSS selector and returns the file that comes. The page stays.
func (b *Tab) Download(selector string) []byte {
	b.t.Helper()
	dir := b.t.TempDir()
	events := true
	b.Do(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: dir, EventsEnabled: &events})
		return chromedp.Void{}, err
	}, chromedp.Click(chromedp.CSS(selector)))
	select {
	case e := <-b.loaded:
		file, err := os.ReadFile(filepath.Join(dir, e.GUID))
		if err != nil {
			b.t.Fatalf("pressing %s: the file is %s: %v", selector, e.State, err)
		}
		return file
	case <-b.ctx.Done():
		b.t.Fatalf("pressing %s brought no file", selector)
		return nil
	}
}

// Picture writes a picture of the whole page as PNG.
func (b *Tab) Picture(path string) {
	b.t.Helper()
	if err := os.WriteFile(path, Ask(b, chromedp.FullScreenshot(100)), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// Sideways returns by how many pixels the page is wider than its window: nothing should scroll sideways.
func (b *Tab) Sideways() int {
	b.t.Helper()
	return Ask(b, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
}

// Outside returns the addresses of other hosts than these that any page asked for, and the errors its scripts threw.
func (b *Tab) Outside(hosts ...string) (asked, errors []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.asked {
		u, err := url.Parse(address)
		if err != nil || u.Scheme == "data" || u.Scheme == "about" {
			continue
		}
		known := false
		for _, host := range hosts {
			known = known || u.Host == host
		}
		if !known {
			asked = append(asked, address)
		}
	}
	return asked, b.errors
}

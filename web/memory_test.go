package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestAPageIsMadeOnceHoweverManyAskAndAnewWhenItIsOld(t *testing.T) {
	t.Parallel()
	m, c := newMemory(Freshness), &clock{at: time.Now()}
	m.now = c.now
	var made atomic.Int64
	inside, let := make(chan struct{}), make(chan struct{})
	write := func(context.Context) ([]byte, error) {
		if made.Add(1) == 1 {
			close(inside)
			<-let
		}
		return []byte("page"), nil
	}
	var all sync.WaitGroup
	ask := func(ctx context.Context) {
		all.Go(func() {
			if page, err := m.page(ctx, "en x", write); string(page) != "page" || err != nil {
				t.Errorf("%q, %v", page, err)
			}
		})
	}
	first, gone := context.WithCancel(t.Context())
	ask(first)
	<-inside
	for range 50 {
		ask(t.Context())
	}
	gone() // who asked first is not there any more; the others wait for the page all the same
	close(let)
	all.Wait()
	ask(t.Context())
	all.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("made %d times for 52, want once", n)
	}
	c.move(Freshness)
	ask(t.Context())
	all.Wait()
	if n := made.Load(); n != 2 {
		t.Errorf("made %d times once it was old, want twice", n)
	}
}

func TestAnErrorIsNotKeptAndMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := newMemory(time.Hour)
	broken := errors.New("broken")
	if _, err := m.page(t.Context(), "x", func(context.Context) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = m.page(t.Context(), "y", func(context.Context) ([]byte, error) { panic("broken") })
	}()
	if len(m.held) != 0 {
		t.Errorf("%d errors are kept", len(m.held))
	}
	for i := range 3 * mostPages {
		if _, err := m.page(t.Context(), fmt.Sprint(i), func(context.Context) ([]byte, error) { return nil, nil }); err != nil {
			t.Error(err)
		}
	}
	if len(m.held) > mostPages {
		t.Errorf("%d pages are kept, want at most %d", len(m.held), mostPages)
	}
}

// A stop is seen on the public page as soon as the page in memory is old, which is within half a second: the clock is moved, nothing is waited for.
func TestAStopIsSeenOnAPageFromMemoryWithinASecond(t *testing.T) {
	t.Parallel()
	o := launched(t)
	c := &clock{at: time.Now()}
	o.server.pages = newMemory(Freshness)
	o.server.pages.now = c.now
	one, err := o.server.Campaigns.Campaign(o.ctx, number(o.campaign))
	o.must(err)
	look := func(lang string) string { return string(o.visit("GET", "/a/"+one.Slug+"?lang="+lang, nil).text) }
	before, french := look("en"), look("fr")
	if strings.Contains(before, "on hold") || strings.Contains(french, "en suspens") || !strings.Contains(french, `lang="fr"`) {
		t.Fatalf("before the stop:\n%.2000s", before)
	}
	_, err = o.server.Campaigns.StopCampaign(o.ctx, audit.System(), one.ID)
	o.must(err)
	if again := look("en"); again != before {
		t.Error("the page was made anew while it was fresh")
	}
	if Freshness > time.Second/2 {
		t.Fatalf("a page may be %v old, and takes time to make: that is more than a second", Freshness)
	}
	c.move(Freshness)
	if after := look("en"); !strings.Contains(after, "on hold") {
		t.Errorf("after the stop:\n%.2000s", after)
	}
	if got := o.visit("GET", "/a/nosuchaddress", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("an address that is none: %d", got.StatusCode)
	}
	if len(o.server.pages.held) != 2 {
		t.Errorf("%d pages in memory, want the one in two languages", len(o.server.pages.held))
	}
	_, err = o.server.Campaigns.CloseCampaign(o.ctx, audit.System(), one.ID, campaigns.Closing{Outcome: "released"})
	o.must(err)
	c.move(Freshness)
	if after := look("en"); !strings.Contains(after, "Released from detention.") {
		t.Errorf("after the close:\n%.2000s", after)
	}
}

// The picture of a campaign is as dear as a page in print, and every program that meets the address asks for it: it is drawn once for all who ask at once.
func TestS4_TheCardIsDrawnOnceForAllWhoAsk(t *testing.T) {
	t.Parallel()
	o := launched(t)
	c := &clock{at: time.Now()}
	o.server.pages = newMemory(Freshness)
	o.server.pages.now = c.now
	one, err := o.server.Campaigns.Campaign(o.ctx, number(o.campaign))
	o.must(err)
	look := func(lang string) string {
		got := o.visit("GET", "/a/"+one.Slug+"/card.png?lang="+lang, nil)
		if got.StatusCode != 200 {
			t.Errorf("in %s: %d", lang, got.StatusCode)
		}
		return string(got.text)
	}
	before := look("en")
	_, err = o.server.Campaigns.StopCampaign(o.ctx, audit.System(), one.ID)
	o.must(err)
	if look("en") != before || look("fr") == before || len(o.server.pages.held) != 2 {
		t.Errorf("the picture was drawn anew while it was fresh, or is the same in two languages; %d are held", len(o.server.pages.held))
	}
	c.move(Freshness)
	if look("en") == before {
		t.Error("the picture of a stopped campaign still says until when letters are wanted")
	}
}

package templates

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReceiptText(t *testing.T) {
	t.Parallel()
	got, err := ReceiptText(sampleReceipt(), "en")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
Receipt UA 12/26, First appeal
──────────────────────────────────────────
accepted by the relay                2,489
  of which may have come twice           3
skipped: left the list                   5
skipped: address suppressed              2
refused: no such address                 3
unknown                                  1
stopped                                  0
                                     ─────
sum                                  2,500
were to get it, counted at launch    2,500
                                     ═════
Closes: everybody is accounted for.
First mail after 1.3 s, last after 4 min 12 s.
2 members joined after the launch and are not counted.
`, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("another receipt than wanted (-want +got):\n%s", diff)
	}
}

func TestReceiptVerdict(t *testing.T) {
	t.Parallel()
	open, short, uncounted := liveReceipt(), sampleReceipt(), sampleReceipt()
	short.Eligible = 2502
	uncounted.Counted = false
	for name, c := range map[string]struct {
		receipt Receipt
		closes  bool
		want    string
	}{
		"it closes":             {sampleReceipt(), true, "Closes: everybody is accounted for."},
		"some are waiting":      {open, false, "Open: 1,081 are still waiting."},
		"two are missing":       {short, false, "Does not close: 2 are not accounted for."},
		"nobody was counted":    {uncounted, false, "Open: who is to get it has not been counted yet."},
		"an empty one is open":  {Receipt{}, false, "Open: who is to get it has not been counted yet."},
		"nobody was to get it":  {Receipt{Counted: true}, true, "Closes: everybody is accounted for."},
		"one reason, no detail": {Receipt{Counted: true, Eligible: 1, Refused: []Count{{N: 1}}}, true, "Closes: everybody is accounted for."},
	} {
		s := &speaker{words: press().words[english]}
		if got := s.verdict(c.receipt); got != c.want || s.err != nil {
			t.Errorf("%s: the verdict is %q, want %q (error %v)", name, got, c.want, s.err)
		}
		if got := c.receipt.Closes(); got != c.closes {
			t.Errorf("%s: closes %v, want %v", name, got, c.closes)
		}
		for _, lang := range PublicLanguages() {
			if _, err := ReceiptText(c.receipt, lang); err != nil {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
		}
	}
}

// TestTheBarIsWhole: the parts of a progress bar fill it, and whatever is not nothing can be seen.
func TestTheBarIsWhole(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]Receipt{"live": liveReceipt(), "complete": sampleReceipt(), "empty": {}, "not filled yet": {Counted: true, Eligible: 10},
		"one in a million": {Counted: true, Eligible: 1000000, Accepted: 999999, Unknown: 1}} {
		parts, err := press().words[english].segments(r)
		if err != nil {
			t.Fatal(err)
		}
		var end float64
		for _, part := range parts {
			x, width := asNumber(t, part.X), asNumber(t, part.Width)
			if diff := x - end; part.N > 0 && (diff > 0.02 || diff < -0.02) {
				t.Errorf("%s: %s begins at %v, the part before it ends at %v", name, part.Name, x, end)
			}
			if part.N > 0 && width < leastWidth/2 {
				t.Errorf("%s: %s has %d and is %v percent wide", name, part.Name, part.N, width)
			}
			end += width
		}
		if name != "empty" && (end < 99.9 || end > 100.1) {
			t.Errorf("%s: the parts fill %v percent", name, end)
		}
	}
}

func asNumber(t *testing.T, percent string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(strings.TrimSuffix(percent, "%"), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

package trial

import (
	"strings"
	"testing"
)

func TestReportSaysTheMiddleAndTheSpread(t *testing.T) {
	t.Parallel()
	r := FanoutReport{Members: 1000, Conns: 2, Workers: 1, Languages: 1, Rounds: []Round{
		{Rate: 90, BareRate: 100, Closes: true}, {Rate: 60, BareRate: 100, Closes: true}, {Rate: 70, BareRate: 100, Closes: true}}}
	if got := r.median(func(x Round) float64 { return x.Rate / x.BareRate }); got != 0.7 {
		t.Errorf("the median of three is %v", got)
	}
	r.Rounds = append(r.Rounds, Round{Rate: 80, BareRate: 100})
	if middle, least, most := r.spread(func(x Round) float64 { return x.Rate }); middle != 75 || least != 60 || most != 90 {
		t.Errorf("of four: %v, %v, %v", middle, least, most)
	}
	var text strings.Builder
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "DO NOT CLOSE") {
		t.Error("a round whose receipt does not close is not told")
	}
}

func TestReadyMessageHasTheSizeAskedFor(t *testing.T) {
	t.Parallel()
	for _, size := range []int{500, 12000, 12001, 15648} {
		m := string(readyMessage(size))
		if len(m) > size || len(m) < size-2 || !strings.HasSuffix(m, "\r\n") || strings.Contains(m, "\n.") {
			t.Errorf("asked for %d bytes: got %d", size, len(m))
		}
	}
}

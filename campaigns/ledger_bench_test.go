package campaigns_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/members"
)

// benched is a house with many members and an appeal whose ledger is filled, drained and filled again.
type benched struct {
	*world
	appeal  campaigns.Appeal
	batches []campaigns.Batch
}

const (
	benchMembers = 5000
	benchWindow  = 200 // rows, as of one connection to a fast relay
	benchWrite   = 40  // verdicts, as the recorder gathers
)

func newBenched(b *testing.B) *benched {
	w := newWorld(b, dbtest.Pool(b))
	var csv strings.Builder
	csv.WriteString("email,name,language\n")
	for i := range benchMembers {
		fmt.Fprintf(&csv, "member%d@mail.example,Member %d,en\n", i, i)
	}
	_, err := w.members.Import(w.ctx, audit.System(), strings.NewReader(csv.String()), members.ImportOptions{Consent: w.consented}, nil)
	w.must(err)
	return &benched{world: w}
}

var benchFilling = campaigns.Filling{SliceRows: 5000, BatchRows: 500, Cover: time.Minute}

// launchAnother launches an appeal of which nothing is filled yet.
func (w *benched) launchAnother() {
	c, err := w.store.AddCase(w.ctx, w.one, campaigns.NewCase{Ref: fmt.Sprint("C-", time.Now().UnixNano()), Headline: "Canada to Iran",
		RemovingCountry: "CA", ReceivingCountry: "IR", Removal: campaigns.Removal{Timing: campaigns.RemovalAnyTime}})
	w.must(err)
	w.appeal = w.world.appeal(w.campaign(c.ID).ID, campaigns.KindFirst)
	w.launch(w.appeal.ID)
}

// fillWhole fills the ledger and remembers its batches.
func (w *benched) fillWhole() {
	for {
		filled, err := w.store.FillSlice(w.ctx, w.appeal.ID, benchFilling)
		w.must(err)
		if filled.Done {
			break
		}
	}
	w.batches = w.world.batches(w.appeal.ID)
}

// window claims a window; when nothing is left it fills another appeal, which is not measured.
func (w *benched) window(b *testing.B) (campaigns.Window, []campaigns.Claimed) {
	for {
		if len(w.batches) == 0 {
			b.StopTimer()
			w.launchAnother()
			w.fillWhole()
			b.StartTimer()
		}
		window, rows, _, err := w.store.Claim(w.ctx, w.batches[0], benchWindow, time.Minute, same)
		w.must(err)
		if len(rows) > 0 {
			return window, rows
		}
		w.batches = w.batches[1:]
	}
}

// BenchmarkClaim is what claiming costs a row, the making of the mail apart.
func BenchmarkClaim(b *testing.B) {
	w := newBenched(b)
	n := 0
	for b.Loop() {
		_, rows := w.window(b)
		n += len(rows)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/row")
}

// BenchmarkSettle is what writing an accepted verdict down costs, forty at a time.
func BenchmarkSettle(b *testing.B) {
	w := newBenched(b)
	n := 0
	var verdicts []campaigns.Verdict
	for b.Loop() {
		b.StopTimer()
		for len(verdicts) < benchWrite {
			window, rows := w.window(b)
			b.StopTimer()
			for _, row := range rows {
				verdicts = append(verdicts, campaigns.Verdict{Window: window, MemberID: row.MemberID, Outcome: campaigns.Accepted, Code: 250, Reply: "2.0.0 kept"})
			}
		}
		b.StartTimer()
		w.must(w.store.Settle(w.ctx, verdicts[:benchWrite], campaigns.RetryWaits))
		verdicts = verdicts[benchWrite:]
		n += benchWrite
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/row")
}

// BenchmarkFill is what filling the ledger costs a row.
func BenchmarkFill(b *testing.B) {
	w := newBenched(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		w.launchAnother()
		b.StartTimer()
		w.fillWhole()
		n += benchMembers
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/row")
}

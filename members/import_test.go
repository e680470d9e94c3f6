package members

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func testOptions() ImportOptions { return ImportOptions{Consent: testConsent(), Language: "en"} }

func mustImport(t testing.TB, s *Store, file string) Report {
	t.Helper()
	report, err := s.Import(t.Context(), audit.System(), strings.NewReader(file), testOptions(), nil)
	if err != nil {
		t.Fatalf("Import: %v", err)
	}
	wantClosed(t, report.Counts)
	return report
}

// wantClosed fails the test unless every row is counted once.
func wantClosed(t testing.TB, c Counts) {
	t.Helper()
	sum := c.Added + c.Updated + c.Unchanged + c.Stopped + c.KeptLeft + c.KeptSuppressed + c.Duplicate + c.Wrong
	if sum != c.Rows {
		t.Errorf("the counts sum up to %d of %d rows: %+v", sum, c.Rows, c)
	}
}

func TestImportAddsMembersOnTheirConsent(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	report := mustImport(t, s, "email,name,language,country\nAmina@writers.example,Amina Noor,fr,CA\nb@writers.example,,,\n")
	if diff := cmp.Diff(Report{Counts: Counts{Rows: 2, Added: 2}}, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	got, err := s.Find(t.Context(), "amina@writers.example")
	if err != nil {
		t.Fatal(err)
	}
	want := Member{ID: got.ID, Address: Address{"Amina@writers.example"}, Name: "Amina Noor", Language: "fr", Country: "CA",
		CreatedAt: got.CreatedAt, JoinedAt: got.JoinedAt, State: Subscribed, Consent: testConsent()}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Address{})); diff != "" || got.JoinedAt.IsZero() {
		t.Errorf("member (-want +got):\n%s", diff)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM audit_events WHERE action = 'member.import'`); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	again := mustImport(t, s, "email,name,language,country\nAMINA@writers.example,Amina Noor,fr,CA\nb@writers.example,,,\n")
	if diff := cmp.Diff(Counts{Rows: 2, Unchanged: 2}, again.Counts); diff != "" {
		t.Errorf("imported again (-want +got):\n%s", diff)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM audit_events WHERE action = 'member.import'`); n != 1 {
		t.Errorf("%d audit rows after an import that changed nothing, want 1", n)
	}
}

func TestR9_NothingIsImportedWithoutARecordedBasis(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	for name, test := range map[string]struct {
		file   string
		o      ImportOptions
		fields []string
	}{
		"nothing":           {"email\n", ImportOptions{}, []string{"consent.source", "consent.given_on", "consent.words", "language"}},
		"no words":          {"email,consent source,consent date\n", ImportOptions{Language: "en"}, []string{"consent.words"}},
		"no day":            {"email\n", ImportOptions{Language: "en", Consent: Consent{Source: "x", Words: "y"}}, []string{"consent.given_on"}},
		"wrong options":     {"email\n", ImportOptions{Language: "x", Country: "x", GroupID: 1 << 60, Consent: testConsent()}, []string{"language", "country", "group_id"}},
		"wrong consent":     {"email\n", ImportOptions{Language: "en", Consent: Consent{Source: "a\x00", Words: "b\x00", GivenOn: testConsent().GivenOn.AddDate(100, 0, 0)}}, []string{"consent.source", "consent.given_on", "consent.words"}},
		"no header":         {"a@writers.example,A\nb@writers.example,B\n", testOptions(), []string{"file"}},
		"no address column": {"name,street\nA,B\n", testOptions(), []string{"file"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Import(t.Context(), audit.System(), strings.NewReader(test.file+"a@writers.example\n"), test.o, nil)
			wantKind(t, err, failure.Invalid, test.fields...)
		})
	}
	if _, err := s.Find(t.Context(), "a@writers.example"); !failure.Is(err, failure.NotFound) {
		t.Errorf("a@writers.example was imported all the same: %v", err)
	}

	report, err := s.Import(t.Context(), audit.System(), strings.NewReader(
		"email,language,consent_source,consent_date,consent_words\n"+
			"a@writers.example,en,stall in Ottawa,2024-05-06,Mail me.\n"+
			"b@writers.example,en,,2024-05-06,Mail me.\n"+
			"c@writers.example,en,stall in Ottawa,6.5.2024,Mail me.\n"+
			"d@writers.example,en,stall in Ottawa,2924-05-06,Mail me.\n"), ImportOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Rows: 4, Added: 1, Wrong: 3}, report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	got, err := s.Find(t.Context(), "a@writers.example")
	if err != nil || got.Consent.Source != "stall in Ottawa" || got.Consent.GivenOn.Format("2006-01-02") != "2024-05-06" || got.Consent.Words != "Mail me." {
		t.Errorf("consent %+v, %v; want the line's own", got.Consent, err)
	}
}

func TestImportReportsWrongRowsAndTakesTheGood(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	report := mustImport(t, s, "email,name,language,country,group,status\n"+
		"good@writers.example,Good,fr,CA,,subscribed\n"+ // 2
		"no address,Name,,,,\n"+ // 3
		"two@writers.example,\"multi\nline\",xx,Nowhere,No such group,\n"+ // 4 and 5
		"cells@writers.example,Name\n"+ // 6
		"\"quote@writers.example\"x,Name,,,,\n"+ // 7
		"who@writers.example,Name,,,,maybe\n"+ // 8
		"pending@writers.example,Name,,,,pending\n"+ // 9
		"esc@writers.example,a\x1b[0m,,,,\n"+ // 10
		"\n"+
		"last@writers.example,\"=HYPERLINK(\"\"http://x.example\"\")\",,,,Active\n") // 12
	if diff := cmp.Diff(Counts{Rows: 9, Added: 2, Wrong: 7}, report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	want := []RowError{
		{3, "address", "the address has no @", ""},
		{4, "language", "give the language as a code, such as en, fr or pt-BR", "t•••@writers.example"},
		{4, "country", "this is no country; write it as two letters, such as CA or FR", "t•••@writers.example"},
		{4, "group", "there is no group of this name; add it first", "t•••@writers.example"},
		{6, "", "this line has more or fewer cells than the first line has columns", ""},
		{7, "", "a quotation mark is not closed, or stands in the middle of a cell", ""},
		{8, "status", "what is said here about the subscription is not known; nobody is added on a guess", "w•••@writers.example"},
		{9, "status", "this person never confirmed in the other tool, so there is no consent to go by", "p•••@writers.example"},
		{10, "name", "holds a control character", "e•••@writers.example"},
	}
	if diff := cmp.Diff(want, report.Errors); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if got, err := s.Find(t.Context(), "last@writers.example"); err != nil || got.Name != `=HYPERLINK("http://x.example")` {
		t.Errorf("a cell like a formula became %q, %v; want it as it stands", got.Name, err)
	}
}

func TestImportKeepsAThousandErrorsAndCountsAll(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	report := mustImport(t, s, "email,country\n"+strings.Repeat("x,y\n", 3000)+"a@writers.example,CA\n")
	if report.Wrong != 3000 || report.Added != 1 || len(report.Errors) != 1000 || report.Errors[999].Line != 501 {
		t.Errorf("%d wrong, %d added, %d errors kept; want 3000, 1, 1000", report.Wrong, report.Added, len(report.Errors))
	}
}

func TestU9_ImportBringsNobodyBack(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	for _, local := range []string{"left", "suppressed", "erased", "unsubscribed-there"} {
		mustAdd(t, s, New{Address: local + "@writers.example", Name: "Old"})
	}
	left, err := s.Find(t.Context(), "left@writers.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Leave(t.Context(), audit.Member(), left.ID, OneClick); err != nil {
		t.Fatal(err)
	}
	if err := s.Suppress(t.Context(), audit.System(), mustParse(t, "suppressed@writers.example"), Complained); err != nil {
		t.Fatal(err)
	}
	erased, err := s.Find(t.Context(), "erased@writers.example")
	if err != nil {
		t.Fatal(err)
	}
	erase(t, tx, erased.ID)

	const file = "email,name,status\n" +
		"Left@writers.example,New,subscribed\n" +
		"SUPPRESSED@writers.example,New,subscribed\n" +
		"erased@writers.example,New,subscribed\n" +
		"unsubscribed-there@writers.example,New,unsubscribed\n" +
		"never-here@writers.example,New,unsubscribed\n"
	report := mustImport(t, s, file)
	want := Counts{Rows: 5, KeptLeft: 1, KeptSuppressed: 2, Stopped: 2}
	if diff := cmp.Diff(want, report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM audit_events WHERE action = 'member.leave' AND subject_id <> $1`, left.ID); n != 1 {
		t.Errorf("%d audit rows of members whom the import made leave, want 1", n)
	}
	// What is stopped stays so when the next file says otherwise.
	report = mustImport(t, s, strings.ReplaceAll(file, "unsubscribed\n", "subscribed\n"))
	if diff := cmp.Diff(Counts{Rows: 5, KeptLeft: 1, KeptSuppressed: 4}, report.Counts); diff != "" {
		t.Errorf("imported again (-want +got):\n%s", diff)
	}
	got := mustGet(t, s, left.ID)
	if got.State != Left || got.Name != "Old" {
		t.Errorf("who left is %s and called %q, want left and as before", got.State, got.Name)
	}
	for local, state := range map[string]State{"suppressed": Suppressed, "unsubscribed-there": Suppressed, "erased": "", "never-here": ""} {
		if m, err := s.Find(t.Context(), local+"@writers.example"); m.State != state {
			t.Errorf("%s is %q, %v; want %q", local, m.State, err, state)
		}
	}
}

func TestAStopInAFileHoldsWhereverItStands(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	var filler strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&filler, "f%d@writers.example,,subscribed\n", i)
	}
	report := mustImport(t, s, "email,language,status\n"+
		"first@writers.example,en,unsubscribed\nlast@writers.example,en,subscribed\n"+
		"broken@writers.example,no language,bounced\n"+ // a stop needs nothing but the address
		filler.String()+
		"First@writers.example,en,subscribed\nLast@writers.example,en,unsubscribed\n")
	if diff := cmp.Diff(Counts{Rows: 2505, Added: 2500, Stopped: 3, Duplicate: 2}, report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s\n%v", diff, report.Errors)
	}
	for _, local := range []string{"first", "last", "broken"} {
		_, err := s.Find(t.Context(), local+"@writers.example")
		wantKind(t, err, failure.NotFound)
		_, err = s.Add(t.Context(), audit.System(), New{Address: local + "@writers.example", Language: "en", Consent: testConsent()})
		wantKind(t, err, failure.Conflict)
	}
}

func TestImportUpdatesWhereTheFileHasAValue(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	group, err := s.AddGroup(t.Context(), audit.System(), t.Name(), "Ottawa")
	if err != nil {
		t.Fatal(err)
	}
	same := mustAdd(t, s, New{Address: "same@writers.example", Name: "Same", Language: "fr", Country: "CA", GroupID: group.ID})
	moved := mustAdd(t, s, New{Address: "moved@writers.example", Name: "Moved", Language: "fr", Country: "CA"})
	other := Consent{Source: "another", GivenOn: testConsent().GivenOn.AddDate(0, 1, 0), Words: "another"}
	report, err := s.Import(t.Context(), audit.System(), strings.NewReader("email,name,language,country,group\n"+
		"same@writers.example,,,,\nmoved@writers.example,New,ar,,"+t.Name()+"\n"),
		ImportOptions{Consent: other, Language: "en", Country: "DE"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Rows: 2, Updated: 1, Unchanged: 1}, report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(same, mustGet(t, s, same.ID), cmp.AllowUnexported(Address{})); diff != "" {
		t.Errorf("who was not to change (-before +after):\n%s", diff)
	}
	want := moved
	want.Name, want.Language, want.GroupID, want.GroupName = "New", "ar", group.ID, group.Name
	if diff := cmp.Diff(want, mustGet(t, s, moved.ID), cmp.AllowUnexported(Address{})); diff != "" {
		t.Errorf("who moved (-want +got):\n%s", diff)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM member_moves WHERE member_id = ANY($1)`, []int64{same.ID, moved.ID}); n != 1 {
		t.Errorf("%d moves on record, want 1", n)
	}
}

func TestC10_TheSamePersonInAFileIsOneMember(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	report := mustImport(t, s, "email,name\nJosé@writers.example,First\njose\u0301@WRITERS.example,Second\n JOSÉ@writers.example ,Third\n")
	if diff := cmp.Diff(Counts{Rows: 3, Added: 1, Duplicate: 2}, report.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got, err := s.Find(t.Context(), "josé@writers.example"); err != nil || got.Name != "First" {
		t.Errorf("the member is called %q, %v; want the first name", got.Name, err)
	}
}

func TestImportFindsGroups(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Pool(t))
	for _, group := range [][2]string{{"Montréal", "Montréal"}, {"Ottawa Centre", "Ottawa"}, {"West", "Vancouver"}, {"West Two", "Vancouver"}} {
		if _, err := s.AddGroup(t.Context(), audit.System(), group[0], group[1]); err != nil {
			t.Fatal(err)
		}
	}
	mustImport(t, s, "email,group,city\n"+
		"byname@writers.example,MONTRE\u0301AL,Ottawa\nbycity@writers.example,,ottawa\n"+
		"ambiguous@writers.example,,Vancouver\nunknown@writers.example,,Elsewhere\n")
	for local, want := range map[string]string{"byname": "Montréal", "bycity": "Ottawa Centre", "ambiguous": "", "unknown": ""} {
		if got, err := s.Find(t.Context(), local+"@writers.example"); err != nil || got.GroupName != want {
			t.Errorf("%s is in %q, %v; want %q", local, got.GroupName, err, want)
		}
	}
}

// generated is a CSV file of n members that is never whole in memory.
func generated(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.WriteString(w, "email,first name,last name,language,country,status\n")
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(w, "member.%d@writers%d.example,Amina,\"Noor, %d\",fr,CA,subscribed\n", i, i%50, i)
		}
		w.CloseWithError(err)
	}()
	return r
}

func TestImportOfManyRunsInBoundedMemory(t *testing.T) {
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	const rows, allowed = 50_000, 16 << 20
	before, most, calls := heap(), uint64(0), 0
	report, err := s.Import(t.Context(), audit.System(), generated(rows), testOptions(), func(p Progress) {
		if calls++; calls%10 == 0 {
			most = max(most, heap())
		}
		if p.Done > p.Total || p.Added > p.Done {
			t.Errorf("progress %+v", p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Added != rows {
		t.Errorf("%d added, want %d", report.Added, rows)
	}
	if most > before+allowed {
		t.Errorf("the heap grew by %d MiB, want at most %d", (most-before)>>20, allowed>>20)
	}
	if n := countOf(t, pool, `SELECT count(*) FROM mailing_consents WHERE left_at IS NULL`); n != rows {
		t.Errorf("%d are subscribed, want %d", n, rows)
	}
}

// TestC12_ALaunchIsNeverHeldUpByAnImport takes the locks of a launch again and again while an import runs:
// each side waits a moment, none dead-locks, and nobody joins in the past of a launch.
func TestC12_ALaunchIsNeverHeldUpByAnImport(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	ctx, cancel := context.WithCancel(t.Context())
	type launch struct {
		At       time.Time
		Audience int
	}
	var launches []launch
	var wait sync.WaitGroup
	wait.Go(func() {
		for ctx.Err() == nil {
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(t.Context(), `LOCK TABLE mailing_consents, member_moves IN SHARE MODE`); err != nil {
					return err
				}
				var l launch
				if err := tx.QueryRow(t.Context(), `SELECT now_at()`).Scan(&l.At); err != nil {
					return err
				}
				launches = append(launches, l)
				return tx.QueryRow(t.Context(), `SELECT count(*) FROM mailing_consents`).Scan(&launches[len(launches)-1].Audience)
			})
			if err != nil {
				t.Errorf("launch: %v", err)
				return
			}
		}
	})
	report, err := s.Import(t.Context(), audit.System(), generated(12_000), testOptions(), nil)
	cancel()
	wait.Wait()
	if err != nil || report.Added != 12_000 {
		t.Fatalf("%d added, %v", report.Added, err)
	}
	if len(launches) < 2 {
		t.Errorf("%d launches in all that time", len(launches))
	}
	for _, l := range launches {
		if n := countOf(t, pool, `SELECT count(*) FROM mailing_consents WHERE joined_at <= $1`, l.At); n != l.Audience {
			t.Errorf("%d had joined at the launch, and %d when counted again later", l.Audience, n)
		}
	}
}

func TestTwoImportsOfTheSamePeopleAtOnce(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	var wait sync.WaitGroup
	reports := make([]Report, 4)
	for i := range reports {
		wait.Go(func() {
			var err error
			if reports[i], err = s.Import(t.Context(), audit.System(), generated(5000), testOptions(), nil); err != nil {
				t.Errorf("import %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	sum := 0
	for _, report := range reports {
		sum += report.Added
		wantClosed(t, report.Counts)
	}
	if n := countOf(t, pool, `SELECT count(*) FROM members`); n != 5000 || sum != 5000 {
		t.Errorf("%d members, %d counted as added; want 5000", n, sum)
	}
}

func TestAnImportThatBreaksOffCanBeRunAgain(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	ctx, cancel := context.WithCancel(t.Context())
	report, err := s.Import(ctx, audit.System(), generated(5000), testOptions(), func(p Progress) {
		if p.Added >= 2000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Import = %v, want it to break off", err)
	}
	if n := countOf(t, pool, `SELECT count(*) FROM members`); n != report.Added || n == 0 || n == 5000 {
		t.Errorf("%d members, and the report says %d", n, report.Added)
	}
	again, err := s.Import(t.Context(), audit.System(), generated(5000), testOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Counts{Rows: 5000, Added: 5000 - report.Added, Unchanged: report.Added}, again.Counts); diff != "" {
		t.Errorf("run again (-want +got):\n%s", diff)
	}
}

func TestAFileThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	head := "email,status\n" + strings.Repeat("a@writers.example,subscribed\nb@writers.example,unsubscribed\n", 40_000)
	for name, tail := range map[string]io.Reader{
		"Latin-1 at the end":   strings.NewReader("c\xe9@writers.example,\n"),
		"a cell without end":   strings.NewReader("c@writers.example,\"" + strings.Repeat("x\n", maxRecord)),
		"an upload broken off": iotest.ErrReader(io.ErrUnexpectedEOF),
	} {
		if _, err := s.Import(t.Context(), audit.System(), io.MultiReader(strings.NewReader(head), tail), testOptions(), nil); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
	if n := countOf(t, pool, `SELECT (SELECT count(*) FROM members) + (SELECT count(*) FROM suppressions) + (SELECT count(*) FROM audit_events)`); n != 0 {
		t.Errorf("%d rows were written, want none", n)
	}
}

func BenchmarkImport(b *testing.B) {
	for _, rows := range []int{50_000, 500_000} {
		for _, what := range []string{"new", "known"} {
			b.Run(fmt.Sprintf("%d/%s", rows, what), func(b *testing.B) {
				var most uint64
				take := func(s *Store) {
					report, err := s.Import(b.Context(), audit.System(), generated(rows), testOptions(), func(Progress) {
						var stats runtime.MemStats
						runtime.ReadMemStats(&stats)
						most = max(most, stats.HeapAlloc)
					})
					if err != nil || report.Rows != rows || report.Wrong != 0 {
						b.Fatalf("%+v, %v", report.Counts, err)
					}
				}
				for b.Loop() {
					b.StopTimer()
					s := newStore(b, dbtest.Pool(b))
					if what == "known" {
						take(s)
					}
					b.StartTimer()
					take(s)
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
				b.ReportMetric(float64(most)/(1<<20), "peak-heap-MiB")
			})
		}
	}
}

package members

import (
	"bytes"
	"testing"
	"time"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// newStore returns a store with keys of its own, so that no two tests write the same blind index.
func newStore(t testing.TB, db postgres.DB) *Store {
	t.Helper()
	var file bytes.Buffer
	if err := seal.Generate(&file); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(&file)
	if err != nil {
		t.Fatal(err)
	}
	return &Store{DB: db, Ring: ring}
}

func testConsent() Consent {
	return Consent{Source: "sign-up sheet, Ottawa", GivenOn: time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), Words: "Send me urgent actions."}
}

func mustAdd(t testing.TB, s *Store, n New) Member {
	t.Helper()
	if n.Language == "" {
		n.Language = "en"
	}
	if n.Consent == (Consent{}) {
		n.Consent = testConsent()
	}
	m, err := s.Add(t.Context(), audit.System(), n)
	if err != nil {
		t.Fatalf("Add(%+v): %v", n, err)
	}
	return m
}

func mustGet(t testing.TB, s *Store, id int64) Member {
	t.Helper()
	m, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatalf("Get(%d): %v", id, err)
	}
	return m
}

// countOf runs a statement that answers with one number.
func countOf(t testing.TB, db postgres.DB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// audited counts the audit rows of one action on one member.
func audited(t testing.TB, db postgres.DB, action string, id int64) int {
	t.Helper()
	return countOf(t, db, `SELECT count(*) FROM audit_events WHERE action = $1 AND subject_id = $2`, action, id)
}

// erase does what erasing a member comes to in the members' tables.
func erase(t testing.TB, db postgres.DB, id int64) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO suppressions (address_index, reason) SELECT address_index, 'erased' FROM members WHERE id = $1`,
		`UPDATE mailing_consents SET left_at = now_at(), left_how = 'erased' WHERE member_id = $1 AND left_at IS NULL`,
		`UPDATE members SET erased_at = now_at(), address_sealed = NULL, address_index = NULL, address_domain = NULL, name_sealed = NULL WHERE id = $1`,
	} {
		if _, err := db.Exec(t.Context(), sql, id); err != nil {
			t.Fatal(err)
		}
	}
}

// wantKind fails the test unless err is of kind, and names every one of fields.
func wantKind(t testing.TB, err error, kind failure.Kind, fields ...string) {
	t.Helper()
	if !failure.Is(err, kind) {
		t.Fatalf("got error %v, want one of kind %s", err, kind)
	}
	var got []string
	if e, ok := err.(*failure.Error); ok {
		for _, field := range e.Fields {
			got = append(got, field.Name)
		}
	}
	if len(fields) > 0 && !equalSets(got, fields) {
		t.Fatalf("wrong fields are %q, want %q (%v)", got, fields, err)
	}
}

func equalSets(a, b []string) bool {
	count := map[string]int{}
	for _, x := range a {
		count[x]++
	}
	for _, x := range b {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

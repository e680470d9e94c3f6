package members

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/internal/seal"
)

func TestAddGetFind(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	group, err := s.AddGroup(t.Context(), audit.System(), "Ottawa "+t.Name(), "Ottawa")
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Add(t.Context(), audit.System(), New{Address: " Amina@Writers.example", Name: "Amina\nNoor",
		Language: "FR", Country: "CA", GroupID: group.ID, Consent: testConsent()})
	if err != nil {
		t.Fatal(err)
	}
	want := Member{ID: got.ID, Address: Address{"Amina@writers.example"}, Name: "Amina Noor", Language: "fr", Country: "CA",
		GroupID: group.ID, GroupName: group.Name, State: Subscribed, Consent: testConsent()}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Address{}), cmpopts.IgnoreFields(Member{}, "CreatedAt", "JoinedAt")); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	if got.JoinedAt.IsZero() || got.CreatedAt.IsZero() {
		t.Errorf("joined at %v, created at %v: want both", got.JoinedAt, got.CreatedAt)
	}
	found, err := s.Find(t.Context(), "AMINA@writers.EXAMPLE")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, found, cmp.AllowUnexported(Address{})); diff != "" {
		t.Errorf("found (-added +found):\n%s", diff)
	}
	if n := audited(t, tx, "member.add", got.ID); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	_, err = s.Find(t.Context(), "nobody@writers.example")
	wantKind(t, err, failure.NotFound)
	_, err = s.Find(t.Context(), "nobody")
	wantKind(t, err, failure.Invalid, "address")
	_, err = s.Get(t.Context(), 1<<60)
	wantKind(t, err, failure.NotFound)
}

func TestAddNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	_, err := s.Add(t.Context(), audit.System(), New{Address: "no", Name: "a\x00", Language: "english", Country: "Canada", GroupID: -1})
	wantKind(t, err, failure.Invalid, "address", "name", "language", "country", "group_id",
		"consent.source", "consent.given_on", "consent.words")
	_, err = s.Add(t.Context(), audit.System(), New{Address: "a@writers.example", Language: "en", GroupID: 1 << 60, Consent: testConsent()})
	wantKind(t, err, failure.Invalid, "group_id")
	future := testConsent()
	future.GivenOn = time.Now().Add(72 * time.Hour)
	_, err = s.Add(t.Context(), audit.System(), New{Address: "a@writers.example", Language: "en", Consent: future})
	wantKind(t, err, failure.Invalid, "consent.given_on")
	if n := countOf(t, tx, `SELECT count(*) FROM members WHERE address_index = $1`, s.index(mustParse(t, "a@writers.example"))); n != 0 {
		t.Errorf("%d members were added, want none", n)
	}
}

func TestC10_AddingTheSamePersonTwiceIsAConflict(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	first := mustAdd(t, s, New{Address: "jos\u00e9@writers.example"})
	again := New{Address: "JOSE\u0301@Writers.example", Language: "en", Consent: testConsent()}
	_, err := s.Add(t.Context(), audit.System(), again)
	wantKind(t, err, failure.Conflict)
	if strings.Contains(strings.ToLower(err.Error()), "jos") {
		t.Errorf("the conflict tells the address: %v", err)
	}
	if err := s.Leave(t.Context(), audit.Member(), first.ID, ByPage); err != nil {
		t.Fatal(err)
	}
	_, err = s.Add(t.Context(), audit.System(), again)
	wantKind(t, err, failure.Conflict)
	if !strings.Contains(err.Error(), "rejoin") {
		t.Errorf("the conflict with somebody who left does not say what to do: %v", err)
	}
}

func TestUpdateChangesWhatIsSetAndKeepsHistory(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "amina@writers.example", Name: "Amina", Language: "en", Country: "CA"})
	text := func(s string) *string { return &s }
	got, err := s.Update(t.Context(), audit.System(), m.ID, Change{Language: text("fr"), Country: text("")})
	if err != nil {
		t.Fatal(err)
	}
	want := m
	want.Language, want.Country = "fr", ""
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Address{})); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM member_moves WHERE member_id = $1 AND language = 'en' AND country = 'CA'`, m.ID); n != 1 {
		t.Errorf("%d moves on record, want 1", n)
	}
	got, err = s.Update(t.Context(), audit.System(), m.ID, Change{Address: text("amina@other.example"), Name: text("")})
	if err != nil {
		t.Fatal(err)
	}
	want.Address, want.Name = mustParse(t, "amina@other.example"), ""
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Address{})); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	if domain := countOf(t, tx, `SELECT count(*) FROM members WHERE id = $1 AND address_domain = 'other.example'`, m.ID); domain != 1 {
		t.Error("the domain did not follow the address")
	}
	if n := audited(t, tx, "member.update", m.ID); n != 2 {
		t.Errorf("%d audit rows, want 2", n)
	}
	if _, err := s.Update(t.Context(), audit.System(), m.ID, Change{Language: text("fr")}); err != nil {
		t.Fatal(err)
	}
	if n := audited(t, tx, "member.update", m.ID); n != 2 {
		t.Errorf("%d audit rows after an update that changes nothing, want 2", n)
	}
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	m := mustAdd(t, s, New{Address: "amina@writers.example"})
	mustAdd(t, s, New{Address: "taken@writers.example"})
	if err := s.Suppress(t.Context(), audit.System(), mustParse(t, "stop@writers.example"), AskedStaff); err != nil {
		t.Fatal(err)
	}
	text := func(s string) *string { return &s }
	id := int64(1 << 60)
	_, err := s.Update(t.Context(), audit.System(), m.ID, Change{Address: text("x"), Name: text("a\x00"), Language: text(""), Country: text("x")})
	wantKind(t, err, failure.Invalid, "address", "name", "language", "country")
	_, err = s.Update(t.Context(), audit.System(), m.ID, Change{GroupID: &id})
	wantKind(t, err, failure.Invalid, "group_id")
	_, err = s.Update(t.Context(), audit.System(), m.ID, Change{Address: text("TAKEN@writers.example")})
	wantKind(t, err, failure.Conflict)
	_, err = s.Update(t.Context(), audit.System(), m.ID, Change{Address: text("stop@writers.example")})
	wantKind(t, err, failure.Conflict)
	_, err = s.Update(t.Context(), audit.System(), id, Change{Name: text("x")})
	wantKind(t, err, failure.NotFound)
	if got := mustGet(t, s, m.ID); got.Address != m.Address {
		t.Errorf("the address became %v", got.Address)
	}
	// The same person in another spelling is no other person.
	if _, err := s.Update(t.Context(), audit.System(), m.ID, Change{Address: text("Amina@writers.example")}); err != nil {
		t.Errorf("respelling the own address: %v", err)
	}
}

func TestD2_CiphertextsOfTwoMembersSwappedDoNotOpen(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	a := mustAdd(t, s, New{Address: "a@writers.example", Name: "A"})
	b := mustAdd(t, s, New{Address: "b@writers.example", Name: "B"})
	for column, sql := range map[string]string{
		"address": `UPDATE members m SET address_sealed = o.address_sealed FROM members o WHERE o.id = $2 AND m.id = $1`,
		"name":    `UPDATE members m SET name_sealed = o.name_sealed FROM members o WHERE o.id = $2 AND m.id = $1`,
	} {
		inner, err := tx.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inner.Exec(t.Context(), sql, a.ID, b.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(t.Context(), a.ID); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s of another member: Get = %v, want seal.ErrOpen", column, err)
		}
		if err := inner.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMembersAreSealedAtRest(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "MarkerLocal@writers.example", Name: "MarkerName", Country: "CA"})
	text := "MarkerOther"
	if _, err := s.Update(t.Context(), audit.System(), m.ID, Change{Name: &text}); err != nil {
		t.Fatal(err)
	}
	if err := s.Suppress(t.Context(), audit.System(), m.Address, AskedStaff); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"members", "mailing_consents", "member_moves", "suppressions", "audit_events"} {
		if n := countOf(t, tx, `SELECT count(*) FROM `+table+` t WHERE t::text ~* 'marker'
			OR t::text LIKE '%' || encode('MarkerLocal', 'hex') || '%' OR t::text LIKE '%' || encode('MarkerName', 'hex') || '%'`); n != 0 {
			t.Errorf("%d rows of %s hold address or name in clear", n, table)
		}
	}
	// Nor may the audit's hashes confirm a guess: they are made of what is sealed.
	var n int
	err := tx.QueryRow(t.Context(), `SELECT count(*) FROM audit_events WHERE subject_id = $1 AND before = after`, m.ID).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d audit rows tell before from after, %v", n, err)
	}
}

func TestOpenIsWhatTheSenderReads(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "Amina@writers.example", Name: "Amina"})
	nameless := mustAdd(t, s, New{Address: "b@writers.example"})
	for id, want := range map[int64]Contact{
		m.ID:        {Address{"Amina@writers.example"}, "Amina"},
		nameless.ID: {Address{"b@writers.example"}, ""},
	} {
		var address, name []byte
		if err := tx.QueryRow(t.Context(), `SELECT address_sealed, name_sealed FROM members WHERE id = $1`, id).Scan(&address, &name); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Open(id, address, name); err != nil || got != want {
			t.Errorf("Open = %#v, %v; want %#v", got, err, want)
		}
		if _, err := s.Open(id+1, address, name); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("Open in another row = %v, want seal.ErrOpen", err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s := newStore(b, nil)
	row := s.seal(123456, details{address: mustParse(b, "amina.noor@writers.example"), name: "Amina Noor", language: "en"})
	for b.Loop() {
		if _, err := s.Open(row.ID, row.AddressSealed, row.NameSealed); err != nil {
			b.Fatal(err)
		}
	}
}

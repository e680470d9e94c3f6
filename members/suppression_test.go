package members

import (
	"testing"
	"time"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestSuppressedAddressIsTakenByNoDoor(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "amina@writers.example"})
	if err := s.Suppress(t.Context(), audit.System(), mustParse(t, "AMINA@writers.example"), Complained); err != nil {
		t.Fatal(err)
	}
	first := mustGet(t, s, m.ID)
	if first.State != Suppressed || first.SuppressedBy != Complained || first.SuppressedAt.IsZero() {
		t.Errorf("state %s by %q since %v, want suppressed by complaint", first.State, first.SuppressedBy, first.SuppressedAt)
	}
	dbtest.MoveClock(t, tx, time.Hour)
	if err := s.Suppress(t.Context(), audit.System(), m.Address, AskedStaff); err != nil {
		t.Fatal(err)
	}
	if again := mustGet(t, s, m.ID); again.SuppressedAt != first.SuppressedAt || again.SuppressedBy != Complained {
		t.Errorf("suppressed again: by %q since %v, want the first to stay", again.SuppressedBy, again.SuppressedAt)
	}
	if n := audited(t, tx, "suppression.add", m.ID); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	if err := s.Leave(t.Context(), audit.Member(), m.ID, OneClick); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.Rejoin(t.Context(), audit.Member(), m.ID, testConsent()), failure.Conflict)

	if err := s.Suppress(t.Context(), audit.System(), mustParse(t, "nobody@writers.example"), AskedStaff); err != nil {
		t.Fatal(err)
	}
	_, err := s.Add(t.Context(), audit.System(), New{Address: "Nobody@writers.example", Language: "en", Consent: testConsent()})
	wantKind(t, err, failure.Conflict)
}

func TestUnsuppressBringsNobodyBack(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "amina@writers.example"})
	wantKind(t, s.Unsuppress(t.Context(), audit.System(), m.Address), failure.NotFound)
	for _, step := range []error{
		s.Suppress(t.Context(), audit.System(), m.Address, Returned),
		s.Leave(t.Context(), audit.Member(), m.ID, OneClick),
		s.Unsuppress(t.Context(), audit.System(), m.Address),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if got := mustGet(t, s, m.ID); got.State != Left {
		t.Errorf("state %s, want left", got.State)
	}
	if n := audited(t, tx, "suppression.lift", m.ID); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	if err := s.Rejoin(t.Context(), audit.Member(), m.ID, testConsent()); err != nil {
		t.Errorf("Rejoin after the suppression was lifted: %v", err)
	}
}

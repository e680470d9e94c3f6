package members

import (
	"testing"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	group, err := s.AddGroup(t.Context(), audit.System(), " Groupe de Montréal ", "Montréal")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AddGroup(t.Context(), audit.System(), "groupe de montréal", "")
	wantKind(t, err, failure.Conflict)
	_, err = s.AddGroup(t.Context(), audit.System(), " ", "a\x00")
	wantKind(t, err, failure.Invalid, "name", "city")
	other, err := s.AddGroup(t.Context(), audit.System(), "Ottawa", "Ottawa")
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.RenameGroup(t.Context(), audit.System(), other.ID, "Groupe de Montréal", "")
	wantKind(t, err, failure.Conflict)
	_, err = s.RenameGroup(t.Context(), audit.System(), 1<<60, "x", "")
	wantKind(t, err, failure.NotFound)
	if other, err = s.RenameGroup(t.Context(), audit.System(), other.ID, "OTTAWA", "Gatineau"); err != nil {
		t.Fatal(err)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM audit_events WHERE action = 'group.rename' AND subject_id = $1`, other.ID); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}

	mustAdd(t, s, New{Address: "a@writers.example", GroupID: group.ID})
	left := mustAdd(t, s, New{Address: "b@writers.example", GroupID: group.ID})
	suppressed := mustAdd(t, s, New{Address: "c@writers.example", GroupID: group.ID})
	erased := mustAdd(t, s, New{Address: "d@writers.example", GroupID: group.ID})
	if err := s.Leave(t.Context(), audit.Member(), left.ID, ByPage); err != nil {
		t.Fatal(err)
	}
	if err := s.Suppress(t.Context(), audit.System(), suppressed.Address, AskedStaff); err != nil {
		t.Fatal(err)
	}
	erase(t, tx, erased.ID)
	groups, err := s.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.ID == group.ID && (g.Members != 1 || g.Name != "Groupe de Montréal" || g.City != "Montréal") {
			t.Errorf("group is %+v, want one member", g)
		}
		if g.ID == other.ID && (g.Members != 0 || g.Name != "OTTAWA" || g.City != "Gatineau") {
			t.Errorf("group is %+v, want none", g)
		}
	}
}

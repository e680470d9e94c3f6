package members

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
)

func TestListFiltersAndPages(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	group, err := s.AddGroup(t.Context(), audit.System(), t.Name(), "")
	if err != nil {
		t.Fatal(err)
	}
	var all []int64
	byName := map[string]int64{}
	for i, n := range []New{
		{Name: "en CA grouped", Language: "en", Country: "CA", GroupID: group.ID},
		{Name: "fr CA", Language: "fr", Country: "CA"},
		{Name: "fr FR grouped", Language: "fr", Country: "FR", GroupID: group.ID},
		{Name: "left", Language: "fr"},
		{Name: "suppressed", Language: "ar"},
		{Name: "erased", Language: "fr"},
	} {
		n.Address = fmt.Sprintf("m%d@writers.example", i)
		m := mustAdd(t, s, n)
		byName[n.Name] = m.ID
		if n.Name != "erased" {
			all = append(all, m.ID)
		}
	}
	if err := s.Leave(t.Context(), audit.Member(), byName["left"], ByPage); err != nil {
		t.Fatal(err)
	}
	if err := s.Suppress(t.Context(), audit.System(), mustParse(t, "m4@writers.example"), AskedStaff); err != nil {
		t.Fatal(err)
	}
	erase(t, tx, byName["erased"])
	behind := all[0] - 1 // the tests share a database
	for name, test := range map[string]struct {
		filter Filter
		want   []string
	}{
		"group":      {Filter{GroupID: group.ID}, []string{"en CA grouped", "fr FR grouped"}},
		"language":   {Filter{Language: "fr"}, []string{"fr CA", "fr FR grouped", "left"}},
		"country":    {Filter{Country: "CA"}, []string{"en CA grouped", "fr CA"}},
		"left":       {Filter{State: Left}, []string{"left"}},
		"suppressed": {Filter{State: Suppressed}, []string{"suppressed"}},
		"subscribed": {Filter{State: Subscribed}, []string{"en CA grouped", "fr CA", "fr FR grouped"}},
		"together":   {Filter{Language: "fr", Country: "FR", State: Subscribed, GroupID: group.ID}, []string{"fr FR grouped"}},
	} {
		test.filter.After = behind
		page, err := s.List(t.Context(), test.filter)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, m := range page.Members {
			got = append(got, m.Name)
		}
		if diff := cmp.Diff(test.want, got); diff != "" || page.Next != 0 {
			t.Errorf("%s: next %d (-want +got):\n%s", name, page.Next, diff)
		}
	}

	var walked []int64
	for f := (Filter{After: behind, Limit: 2}); ; {
		page, err := s.List(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Members {
			walked = append(walked, m.ID)
		}
		if f.After = page.Next; f.After == 0 {
			break
		}
	}
	if diff := cmp.Diff(all, walked); diff != "" {
		t.Errorf("walked by pages of 2 (-want +got):\n%s", diff)
	}
}

func TestListRefusesAFilterThatCanChooseNobody(t *testing.T) {
	t.Parallel()
	s := newStore(t, dbtest.Tx(t))
	_, err := s.List(t.Context(), Filter{GroupID: -1, Language: "x'", Country: "'", State: "' OR 1=1", After: -1, Limit: MaxPage + 1})
	wantKind(t, err, failure.Invalid, "group_id", "language", "country", "state", "after", "limit")
}

package letters

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/dbtest"
)

// A grade only rises, and what was being written counts from the first evidence on.
func TestAGradeOnlyRises(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	var campaign, target, visitor int64
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(tx.QueryRow(ctx, addCampaignSQL).Scan(&campaign))
	must(tx.QueryRow(ctx, addTargetSQL).Scan(&target))
	must(tx.QueryRow(ctx, addVisitorSQL, campaign).Scan(&visitor))
	w := Writer{VisitorID: visitor}
	letter, err := begin(ctx, tx, w, campaign, target, "email", "en")
	must(err)
	again, err := begin(ctx, tx, w, campaign, target, "email", "fr")
	must(err)
	if letter.State != Made || again.ID != letter.ID || *again.Language != "fr" {
		t.Errorf("begun twice: %+v, then %+v; want one row, not counted yet", letter, again)
	}
	for _, step := range []struct{ grade, want string }{{Confirmed, Confirmed}, {Reported, Confirmed}, {Sent, Sent}, {Confirmed, Sent}} {
		must(prove(ctx, tx, letter.ID, step.grade))
		rows, err := tx.Query(ctx, lettersSQL, campaign, 0, 10)
		must(err)
		list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Letter])
		must(err)
		if len(list) != 1 || list[0].Grade != step.want || list[0].State != Counted {
			t.Errorf("after %s: %+v, want %s, counted", step.grade, list, step.want)
		}
	}
}

// One code, entered, is evidence of one letter: three that were reported are not three on paper, and what waits for a look goes on waiting.
func TestEvidenceOfOneLetterProvesNoOthers(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), dbtest.Tx(t)
	var campaign, target int64
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(tx.QueryRow(ctx, addCampaignSQL).Scan(&campaign))
	must(tx.QueryRow(ctx, addTargetSQL).Scan(&target))
	for _, state := range []string{Counted, SetAside} {
		var visitor, id int64
		must(tx.QueryRow(ctx, addVisitorSQL, campaign).Scan(&visitor))
		must(tx.QueryRow(ctx, addReportedSQL, campaign, visitor, target, state).Scan(&id))
		must(prove(ctx, tx, id, Paper))
		var grade, after string
		must(tx.QueryRow(ctx, gradeAndStateSQL, id).Scan(&grade, &after))
		if grade != Reported || after != state {
			t.Errorf("three that are %s became %s, %s", state, grade, after)
		}
	}
}

func TestPairKeepsBoth(t *testing.T) {
	t.Parallel()
	for _, want := range [][2]int64{{1, 1}, {1<<31 - 1, 1<<31 - 1}, {7, 0}, {0, 7}} {
		if a, b := Unpair(Pair(want[0], want[1])); a != want[0] || b != want[1] {
			t.Errorf("Unpair(Pair(%d, %d)) = %d, %d", want[0], want[1], a, b)
		}
	}
}

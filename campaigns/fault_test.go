package campaigns_test

import (
	"testing"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// untouched holds a launch that failed to having left nothing: no edition, no promise, no word in the trail, the appeal a draft.
func (w *world) untouched(id int64) {
	w.t.Helper()
	a, err := w.store.Appeal(w.ctx, id)
	w.must(err)
	if a.State != campaigns.AppealDraft || a.LaunchedAt != nil {
		w.t.Errorf("after a launch that failed the appeal is %s", a.State)
	}
	for _, sql := range []string{"SELECT count(*) FROM editions", "SELECT count(*) FROM river_job", "SELECT count(*) FROM deliveries",
		"SELECT count(*) FROM audit_events WHERE action IN ('appeal.launch', 'campaign.active')",
		"SELECT count(*) FROM campaigns WHERE state <> 'draft'"} {
		var n int
		w.must(w.db.QueryRow(w.ctx, sql).Scan(&n))
		if n != 0 {
			w.t.Errorf("after a launch that failed, %s gives %d", sql, n)
		}
	}
}

// F11: somebody holds the members' history in one long transaction. The launch waits for a while, then says so, and nothing of it is
// there; launched again it is whole.
func TestF11_ALaunchThatRunsOutOfTimeLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	w := newWorld(t, pool)
	w.addMembers(3, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	tx, err := pool.Begin(w.ctx)
	w.must(err)
	defer tx.Rollback(w.ctx)
	_, err = tx.Exec(w.ctx, "LOCK TABLE mailing_consents IN ROW EXCLUSIVE MODE")
	w.must(err)
	if _, err := w.store.Launch(w.ctx, w.one, a.ID, write); !failure.Is(err, failure.Conflict) {
		t.Errorf("a launch while the history is held: %v, want a conflict", err)
	}
	w.untouched(a.ID)
	w.must(tx.Rollback(w.ctx))
	w.launchedWhole(a.ID, 3)
}

// F12: a launch is told that it cannot be put in an order with the others, at each of its writes. It is all or nothing.
func TestF12_ASerializationFailureAtLaunchLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	w := newWorld(t, pool)
	w.addMembers(3, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	_, err := pool.Exec(w.ctx, `CREATE FUNCTION out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = 'serialization_failure'; END $$`)
	w.must(err)
	for _, table := range []string{"editions", "campaigns", "appeals", "river_job", "audit_events"} {
		_, err := pool.Exec(w.ctx, "CREATE TRIGGER out_of_order BEFORE INSERT OR UPDATE ON "+table+" FOR EACH ROW EXECUTE FUNCTION out_of_order()")
		w.must(err)
		if _, err := w.store.Launch(w.ctx, w.one, a.ID, write); !postgres.IsRetryable(err) {
			t.Errorf("a launch that fails at %s: %v", table, err)
		}
		w.untouched(a.ID)
		_, err = pool.Exec(w.ctx, "DROP TRIGGER out_of_order ON "+table)
		w.must(err)
	}
	w.launchedWhole(a.ID, 3)
}

// launchedWhole launches, fills and sends an appeal.
func (w *world) launchedWhole(id int64, people int64) {
	w.t.Helper()
	w.launch(id)
	w.fill(id)
	w.send(id, campaigns.Accepted)
	if a, r := w.receipt(id); a.State != campaigns.AppealComplete || r.Accepted != people || !r.Closes() {
		w.t.Errorf("launched again: %s, receipt %+v, want %d accepted", a.State, r, people)
	}
}

// C1: the same launch again, by another person, after 25 hours and after eight days, when the queue has long forgotten it: the appeal as
// it is by then, and no second fan-out.
func TestC1_LaunchedAgainDaysLaterIsTheSameFanOut(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	w := newWorld(t, pool)
	w.addMembers(4, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launchedWhole(a.ID, 4)
	for _, later := range []time.Duration{25 * time.Hour, 7 * 24 * time.Hour} {
		_, err := pool.Exec(w.ctx, "DELETE FROM river_job")
		w.must(err)
		dbtest.MoveClock(t, pool, later)
		got, err := w.store.Launch(w.ctx, w.two, a.ID, write)
		if err != nil || got.State != campaigns.AppealComplete {
			t.Errorf("launched again after %v: %s, %v", later, got.State, err)
		}
		var jobs, rows int
		w.must(pool.QueryRow(w.ctx, "SELECT (SELECT count(*) FROM river_job), (SELECT count(*) FROM deliveries)").Scan(&jobs, &rows))
		if jobs != 0 || rows != 4 {
			t.Errorf("launched again after %v: %d jobs, %d deliveries, want none and the four", later, jobs, rows)
		}
	}
}

// C17: everything that was to send stood still until the deadline had passed, over a change of the clocks. Nothing fires late: the rest is
// too late, and says so.
func TestC17_AfterAnOutageNothingFiresLate(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	w := newWorld(t, pool)
	w.addMembers(5, "en")
	a := w.appeal(w.campaign(w.addCase().ID).ID, campaigns.KindFirst)
	w.launch(a.ID)
	dbtest.MoveClock(t, pool, 200*24*time.Hour) // from any day, over at least one change
	if swept, err := w.store.Sweep(w.ctx, time.Minute, time.Minute); err != nil || swept.Fanouts != 1 {
		t.Errorf("Sweep = %+v, %v; want the fan-out promised again", swept, err)
	}
	for _, b := range w.fill(a.ID) {
		if _, rows, _, err := w.store.Claim(w.ctx, b, 10, time.Minute, same); err != nil || len(rows) != 0 {
			t.Errorf("after the deadline %d rows may be sent, %v", len(rows), err)
		}
		_, err := w.store.EndTurn(w.ctx, b, time.Minute)
		w.must(err)
	}
	if a, r := w.receipt(a.ID); a.State != campaigns.AppealComplete || r.Skipped["too_late"] != 5 || !r.Closes() {
		t.Errorf("%s, receipt %+v, want five too late", a.State, r)
	}
}

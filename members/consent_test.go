package members

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

func TestU5_LeavingAHundredTimesAtOnceLeavesOneAuditRow(t *testing.T) {
	t.Parallel()
	pool := dbtest.Pool(t)
	s := newStore(t, pool)
	m := mustAdd(t, s, New{Address: "amina@writers.example"})
	var wait sync.WaitGroup
	errs := make([]error, 100)
	for i := range errs {
		wait.Go(func() { errs[i] = s.Leave(t.Context(), audit.Member(), m.ID, OneClick) })
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatalf("Leave: %v", err)
		}
	}
	first := mustGet(t, s, m.ID)
	if first.State != Left || first.LeftHow != OneClick || first.LeftAt.IsZero() {
		t.Errorf("state %s, left by %q at %v; want left by one_click", first.State, first.LeftHow, first.LeftAt)
	}
	if err := s.Leave(t.Context(), audit.Account(1), m.ID, ByStaff); err != nil {
		t.Fatal(err)
	}
	if again := mustGet(t, s, m.ID); again.LeftAt != first.LeftAt || again.LeftHow != OneClick {
		t.Errorf("leaving again changed the record to %q at %v", again.LeftHow, again.LeftAt)
	}
	if n := audited(t, pool, "member.leave", m.ID); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
}

func TestU8_UnknownErasedAndLeftRunTheSameStatements(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	left := mustAdd(t, s, New{Address: "left@writers.example"})
	if err := s.Leave(t.Context(), audit.Member(), left.ID, ByPage); err != nil {
		t.Fatal(err)
	}
	erased := mustAdd(t, s, New{Address: "erased@writers.example"})
	erase(t, tx, erased.ID)
	before := countOf(t, tx, `SELECT count(*) FROM audit_events`)
	log := &statementLog{DB: tx}
	s.DB = log
	var want []string
	for _, id := range []int64{left.ID, erased.ID, 1 << 60, 0, -1} {
		log.statements = nil
		if err := s.Leave(t.Context(), audit.Member(), id, OneClick); err != nil {
			t.Errorf("Leave(%d): %v", id, err)
		}
		if want == nil {
			want = log.statements
		}
		if len(log.statements) != 1 || log.statements[0] != want[0] {
			t.Errorf("Leave(%d) ran %q, want %q", id, log.statements, want)
		}
	}
	if after := countOf(t, tx, `SELECT count(*) FROM audit_events`); after != before {
		t.Errorf("%d audit rows were written, want none", after-before)
	}
}

func TestRejoinNeedsANewConsent(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "amina@writers.example"})
	fresh := Consent{Source: "page", GivenOn: time.Date(2025, 6, 1, 23, 0, 0, 0, time.UTC), Words: "Mail me again."}

	wantKind(t, s.Rejoin(t.Context(), audit.Member(), m.ID, fresh), failure.Conflict)
	if err := s.Leave(t.Context(), audit.Member(), m.ID, ByPage); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.Rejoin(t.Context(), audit.Member(), m.ID, Consent{}), failure.Invalid,
		"consent.source", "consent.given_on", "consent.words")
	wantKind(t, s.Rejoin(t.Context(), audit.Member(), 1<<60, fresh), failure.NotFound)
	if err := s.Rejoin(t.Context(), audit.Member(), m.ID, fresh); err != nil {
		t.Fatal(err)
	}
	got := mustGet(t, s, m.ID)
	if got.State != Subscribed || got.Consent.Words != fresh.Words || !got.LeftAt.IsZero() {
		t.Errorf("after rejoining: %s on %q, left at %v", got.State, got.Consent.Words, got.LeftAt)
	}
	if n := countOf(t, tx, `SELECT count(*) FROM mailing_consents WHERE member_id = $1 AND left_how = 'page' AND words = $2`,
		m.ID, testConsent().Words); n != 1 {
		t.Errorf("%d ended stretches on record, want 1", n)
	}
	if n := audited(t, tx, "member.rejoin", m.ID); n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
	erase(t, tx, m.ID)
	wantKind(t, s.Rejoin(t.Context(), audit.Member(), m.ID, fresh), failure.NotFound)
}

func TestLeavingHoldsWithTheClockSetBack(t *testing.T) {
	t.Parallel()
	tx := dbtest.Tx(t)
	s := newStore(t, tx)
	m := mustAdd(t, s, New{Address: "amina@writers.example"})
	dbtest.MoveClock(t, tx, -time.Hour)
	if err := s.Leave(t.Context(), audit.Member(), m.ID, OneClick); err != nil {
		t.Fatal(err)
	}
	if got := mustGet(t, s, m.ID); got.State != Left {
		t.Errorf("state %s, want left", got.State)
	}
}

// statementLog notes the statements of transactions.
type statementLog struct {
	postgres.DB
	statements []string
}

func (l *statementLog) Begin(ctx context.Context) (pgx.Tx, error) {
	tx, err := l.DB.Begin(ctx)
	return &loggedTx{Tx: tx, log: l}, err
}

type loggedTx struct {
	pgx.Tx
	log *statementLog
}

func (tx *loggedTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	tx.log.statements = append(tx.log.statements, sql)
	return tx.Tx.Query(ctx, sql, args...)
}

func (tx *loggedTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	tx.log.statements = append(tx.log.statements, sql)
	return tx.Tx.QueryRow(ctx, sql, args...)
}

func (tx *loggedTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tx.log.statements = append(tx.log.statements, sql)
	return tx.Tx.Exec(ctx, sql, args...)
}

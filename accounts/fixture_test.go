package accounts

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"holdfast/internal/audit"
	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const goodPassword = "nine quiet herons by the ferry"

func newStore(t testing.TB, db postgres.DB) *Store {
	t.Helper()
	var file strings.Builder
	if err := seal.Generate(&file); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	return &Store{DB: db, Ring: ring, Organisation: "Winterhaven Appeals Network"}
}

// made returns a new account that no other test has.
func made(t testing.TB, s *Store, password string, roles ...Role) Account {
	t.Helper()
	a, err := s.Add(context.Background(), audit.System(), NewAccount{
		Address: newSecret()[:20] + "@staff.example", Name: "Ada Example", Language: "fr", Roles: roles, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func signedIn(t testing.TB, s *Store, a Account) SignedIn {
	t.Helper()
	in, err := s.SignIn(context.Background(), Attempt{Address: a.Address, Password: goodPassword, Source: newSecret()})
	if err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	return in
}

func link(t testing.TB, s *Store, a Account) string {
	t.Helper()
	l, ok, err := s.RequestLink(context.Background(), a.Address)
	if err != nil || !ok {
		t.Fatalf("RequestLink = %t, %v, want a link", ok, err)
	}
	return l.Secret
}

func isLive(t testing.TB, s *Store, session string) bool {
	t.Helper()
	_, err := s.FindSession(context.Background(), session)
	if err != nil && err != ErrNotSignedIn {
		t.Fatalf("FindSession: %v", err)
	}
	return err == nil
}

// recorder writes down what is asked of the database.
type recorder struct {
	pgx.Tx
	asked *[]string
}

func (r recorder) Begin(ctx context.Context) (pgx.Tx, error) {
	*r.asked = append(*r.asked, "begin")
	tx, err := r.Tx.Begin(ctx)
	return recorder{tx, r.asked}, err
}

func (r recorder) Commit(ctx context.Context) error {
	*r.asked = append(*r.asked, "commit")
	return r.Tx.Commit(ctx)
}

func (r recorder) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	*r.asked = append(*r.asked, sql)
	return r.Tx.Exec(ctx, sql, args...)
}

func (r recorder) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	*r.asked = append(*r.asked, sql)
	return r.Tx.Query(ctx, sql, args...)
}

func (r recorder) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	*r.asked = append(*r.asked, sql)
	return r.Tx.QueryRow(ctx, sql, args...)
}

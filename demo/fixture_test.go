package demo

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/accounts"
	"holdfast/campaigns"
	"holdfast/internal/dbtest"
	"holdfast/internal/postgres"
	"holdfast/internal/seal"
	"holdfast/members"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is a database of one test's own with the rooms on top of it.
type world struct {
	Stores
	db  postgres.DB
	now time.Time
}

func newWorld(t testing.TB) world {
	t.Helper()
	var file strings.Builder
	if err := seal.Generate(&file); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	db := dbtest.Pool(t)
	w := world{db: db, Stores: Stores{
		Accounts:  &accounts.Store{DB: db, Ring: ring},
		Members:   &members.Store{DB: db, Ring: ring},
		Campaigns: &campaigns.Store{DB: db},
	}}
	if err := db.QueryRow(context.Background(), readClockSQL).Scan(&w.now); err != nil {
		t.Fatal(err)
	}
	return w
}

// seed calls Seed for a number of members and wants it to succeed.
func (w world) seed(t testing.TB, count int) Seeded {
	t.Helper()
	seeded, err := Seed(context.Background(), w.Stores, Options{Members: count, Seed: 1, Now: w.now})
	if err != nil {
		t.Fatalf("Seed of %d members: %v", count, err)
	}
	return seeded
}

// everybody lists all members.
func (w world) everybody(t testing.TB) []members.Member {
	t.Helper()
	var all []members.Member
	for after, more := int64(0), true; more; {
		page, err := w.Members.List(context.Background(), members.Filter{After: after, Limit: members.MaxPage})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Members...)
		after, more = page.Next, page.Next != 0
	}
	return all
}

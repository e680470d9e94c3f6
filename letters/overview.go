package letters

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Writers is who wrote the letters that count: members by their own links, visitors of the public page, and groups on their evenings.
type Writers struct {
	Members, Visitors, Groups int64
}

// Writers counts who wrote; campaignID 0 means in any campaign.
func (s *Store) Writers(ctx context.Context, campaignID int64) (Writers, error) {
	rows, err := s.DB.Query(ctx, writersSQL, campaignID)
	if err != nil {
		return Writers{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Writers])
}

// Counter is how many letters of a campaign count, by how they are known. It is what may be told to everybody.
type Counter struct {
	Sent      int64 // we sent them
	Confirmed int64 // a copy of each came to us
	Paper     int64 // the code on each came back
	Reported  int64 // as members told us
	Batch     int64 // as groups told us of their evenings
	Visitors  int64 // as visitors told us, of whom we know nothing
}

// Sum is all of them, which is never told without how they are known (R14).
func (c Counter) Sum() int64 {
	return c.Sent + c.Confirmed + c.Paper + c.Reported + c.Batch + c.Visitors
}

// Counter counts the letters of a campaign from their rows; campaignID 0 means of any campaign.
func (s *Store) Counter(ctx context.Context, campaignID int64) (Counter, error) {
	rows, err := s.DB.Query(ctx, counterSQL, campaignID)
	if err != nil {
		return Counter{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Counter])
}

// Aside is how much is set aside, which is in no total.
type Aside struct {
	Waiting, WaitingLetters int64 // reports that wait for a look, and the letters they speak of
	Refused, RefusedLetters int64 // reports that somebody has looked at and left aside
}

// Aside counts what is set aside; campaignID 0 means in any campaign.
func (s *Store) Aside(ctx context.Context, campaignID int64) (Aside, error) {
	rows, err := s.DB.Query(ctx, asideSQL, campaignID)
	if err != nil {
		return Aside{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Aside])
}

// Count returns how many reports List has on all its pages.
func (s *Store) Count(ctx context.Context, campaignID int64) (n int64, err error) {
	err = s.DB.QueryRow(ctx, countLettersSQL, campaignID).Scan(&n)
	return n, err
}

package letters

import "context"

// Writers returns how many members reported a letter that counts; campaignID 0 means in any campaign.
func (s *Store) Writers(ctx context.Context, campaignID int64) (n int64, err error) {
	err = s.DB.QueryRow(ctx, writersSQL, campaignID).Scan(&n)
	return n, err
}

// Count returns how many reports List has on all its pages.
func (s *Store) Count(ctx context.Context, campaignID int64) (n int64, err error) {
	err = s.DB.QueryRow(ctx, countLettersSQL, campaignID).Scan(&n)
	return n, err
}

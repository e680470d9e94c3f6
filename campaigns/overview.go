package campaigns

import (
	"context"
	"time"
)

// CampaignsIn lists campaigns in one state, the newest first; every campaign where state is empty.
func (s *Store) CampaignsIn(ctx context.Context, state string, p Page) ([]Campaign, error) {
	rows, err := s.DB.Query(ctx, campaignsInSQL, state, p.After, p.limit())
	return all[Campaign](rows, err)
}

// CountCampaigns returns how many campaigns are in a state, or how many there are where it is empty.
func (s *Store) CountCampaigns(ctx context.Context, state string) (n int64, err error) {
	err = s.DB.QueryRow(ctx, countCampaignsSQL, state).Scan(&n)
	return n, err
}

// CampaignsOn lists the campaigns on a case, the newest first.
func (s *Store) CampaignsOn(ctx context.Context, caseID int64) ([]Campaign, error) {
	rows, err := s.DB.Query(ctx, campaignsOnSQL, caseID)
	return all[Campaign](rows, err)
}

// CountDeliveries returns how many rows of an appeal's ledger are in a state, as Deliveries lists them.
func (s *Store) CountDeliveries(ctx context.Context, appealID int64, state string) (n int64, err error) {
	err = s.DB.QueryRow(ctx, countDeliveriesSQL, appealID, state).Scan(&n)
	return n, err
}

// Received is one appeal that was to reach one member.
type Received struct {
	AppealID  int64
	Kind      string
	Series    string
	Number    int
	Year      int
	State     string
	Reason    *string
	SettledAt *time.Time
}

// ReceivedBy lists the last appeals that were to reach a member, the newest first, at most limit.
func (s *Store) ReceivedBy(ctx context.Context, memberID int64, limit int) ([]Received, error) {
	rows, err := s.DB.Query(ctx, receivedSQL, memberID, limit)
	return all[Received](rows, err)
}

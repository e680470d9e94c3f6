package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Visit writes down that somebody came to write from a campaign's public page. from says where they came from, to be counted and never kept
// as it is. Errors: NotFound where the campaign was never launched.
func (s *Store) Visit(ctx context.Context, campaignID int64, from string) (Writer, error) {
	var w Writer
	err := s.DB.QueryRow(ctx, visitSQL, campaignID, s.Ring.Index("letters.visitor", from)).Scan(&w.VisitorID)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, failure.Missing("campaign", campaignID)
	}
	return w, err
}

// CampaignOf returns the campaign that a writer's letters are about. Errors: NotFound where there is no such delivery or visitor.
func (s *Store) CampaignOf(ctx context.Context, w Writer) (int64, error) {
	return campaignOf(ctx, s.DB, w)
}

func campaignOf(ctx context.Context, db postgres.DB, w Writer) (id int64, err error) {
	err = db.QueryRow(ctx, campaignOfSQL, w.AppealID, w.MemberID, w.VisitorID, campaigns.CampaignDraft).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, failure.Missing("delivery", "for this link")
	}
	return id, err
}

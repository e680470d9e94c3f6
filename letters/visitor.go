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
	err := s.DB.QueryRow(ctx, visitSQL, campaignID, s.Ring.Index("letters.visitor", from), nil).Scan(&w.VisitorID)
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

// ReportOfVisitor takes down what somebody says on the public page that they sent, all of it or nothing, and who they are from now on. key is
// the form's own: the same form sent again, by a double click, is the same visitor. Errors: as Report; NotFound where the campaign was never
// launched.
func (s *Store) ReportOfVisitor(ctx context.Context, campaignID int64, from, key string, r Report) (Writer, error) {
	var w Writer
	var form []byte
	if key != "" {
		form = s.Ring.Index("letters.form", key)
	}
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, visitSQL, campaignID, s.Ring.Index("letters.visitor", from), form).Scan(&w.VisitorID)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("campaign", campaignID)
		}
		if err != nil {
			return err
		}
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		return report(ctx, tx, w, b, r)
	})
	return w, err
}

// ForgetSources forgets where visitors came from, once no limit asks for it any more: two days after. Of who has begun no letter nothing is kept.
func (s *Store) ForgetSources(ctx context.Context) error {
	if _, err := s.DB.Exec(ctx, forgetIdleSQL); err != nil {
		return err
	}
	_, err := s.DB.Exec(ctx, forgetSourcesSQL)
	return err
}

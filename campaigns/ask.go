package campaigns

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Ask is one recommended point, the same by its code in every language.
type Ask struct {
	ID        int64   `json:"id"`
	Code      string  `json:"code"`
	Texts     Texts   `json:"texts"`
	TargetIDs []int64 `json:"target_ids"` // the offices that it is for; none: every office of the campaign
}

// IsFor reports whether letters to an office make this point.
func (a Ask) IsFor(targetID int64) bool {
	return len(a.TargetIDs) == 0 || slices.Contains(a.TargetIDs, targetID)
}

// NewAsk is what is asked for to add a point, and to change one.
type NewAsk struct {
	Code      string  `json:"code"`
	Texts     Texts   `json:"texts"`
	TargetIDs []int64 `json:"target_ids,omitempty"` // nil, of one that is changed: they stay; empty: every office
}

// AsksFor are the points that letters to one office make.
func (s Sheet) AsksFor(targetID int64) []Ask {
	var its []Ask
	for _, a := range s.Asks {
		if a.IsFor(targetID) {
			its = append(its, a)
		}
	}
	return its
}

// publishable are the points that may be told to anybody: one that is only for offices nobody has agreed to would tell of them (R2).
func publishable(list []Ask, agreed []CampaignTarget) []Ask {
	return slices.DeleteFunc(list, func(a Ask) bool {
		return len(a.TargetIDs) > 0 && !slices.ContainsFunc(agreed, func(t CampaignTarget) bool { return slices.Contains(a.TargetIDs, t.ID) })
	})
}

// Asks lists a campaign's points in their order.
func (s *Store) Asks(ctx context.Context, campaignID int64) ([]Ask, error) {
	rows, err := s.DB.Query(ctx, asksSQL, campaignID)
	return all[Ask](rows, err)
}

// AddAsk adds a point at the end. Errors: Invalid; NotFound; Conflict where the code is taken or the campaign is closed.
func (s *Store) AddAsk(ctx context.Context, by audit.Actor, campaignID int64, n NewAsk) error {
	var check failure.Check
	check.Need(askCode.MatchString(n.Code), "code", "must be a short name such as a1")
	checkTexts(&check, "texts", n.Texts, 1000)
	if err := check.Err(); err != nil {
		return err
	}
	err := s.change(ctx, by, campaignID, "campaign.add_ask", n, func(tx pgx.Tx, c Campaign) error {
		if err := appendAsk(ctx, tx, campaignID, n); err != nil {
			return err
		}
		return aimAsk(ctx, tx, campaignID, n, "target_ids")
	})
	if postgres.IsUnique(err, "asks_campaign_id_code_key") {
		return failure.Clash("campaign %d has an ask %s already", campaignID, n.Code)
	}
	return err
}

// ChangeAsk replaces the texts of a point and, where n names any, the offices that it is for. What has left keeps the words it left with.
// Errors: Invalid, NotFound, Conflict.
func (s *Store) ChangeAsk(ctx context.Context, by audit.Actor, campaignID int64, n NewAsk) error {
	var check failure.Check
	checkTexts(&check, "texts", n.Texts, 1000)
	if err := check.Err(); err != nil {
		return err
	}
	return s.change(ctx, by, campaignID, "campaign.change_ask", n, func(tx pgx.Tx, c Campaign) error {
		if err := updateAsk(ctx, tx, campaignID, n); err != nil {
			return err
		}
		return aimAsk(ctx, tx, campaignID, n, "target_ids")
	})
}

// aimAsk sets the offices that a point is for, unless n says nothing of them; field is what a refusal names.
func aimAsk(ctx context.Context, tx pgx.Tx, campaignID int64, n NewAsk, field string) error {
	if n.TargetIDs == nil {
		return nil
	}
	targets, err := campaignTargets(ctx, tx, campaignID)
	if err != nil {
		return err
	}
	for _, id := range n.TargetIDs {
		if !slices.ContainsFunc(targets, func(t CampaignTarget) bool { return t.ID == id }) {
			return failure.Wrong(field, "holds office %d, which this campaign does not write to; add it to the campaign first", id)
		}
	}
	return replaceAskTargets(ctx, tx, campaignID, n.Code, n.TargetIDs)
}

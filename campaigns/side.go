package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Which side an office is on in one campaign. It is worked out from the countries, never taken on trust.
const (
	SideRemoving          = "removing"
	SideReceiving         = "receiving" // the state that would receive the person, or the one they fled; its embassies too
	SideThird             = "third"
	SideIntergovernmental = "intergovernmental"
)

// CampaignTarget is an office that a campaign asks members to write to.
type CampaignTarget struct {
	Target
	Side     string `json:"side"`
	AddedBy  *int64 `json:"added_by"`
	AgreedBy *int64 `json:"agreed_by"`
}

// Agreed reports whether mail that names this target may leave: a receiving-side one needs the yes of a second account (R2).
func (t CampaignTarget) Agreed() bool { return t.Side != SideReceiving || t.AgreedBy != nil }

// PublicProfiles are where the office may be written to publicly in this campaign. There are none on the receiving side, agreed or not: a public post tells the
// state that is fled from who writes, and to whom that matters, for as long as it stands.
func (t CampaignTarget) PublicProfiles() []string {
	if t.Side == SideReceiving {
		return nil
	}
	return t.SocialURLs
}

// sideOf works out the side of an office. An embassy is on the side of the state it speaks for, wherever it stands.
func sideOf(t Target, c *Case) string {
	switch {
	case t.Country == nil:
		return SideIntergovernmental
	case c == nil:
		return SideThird
	case *t.Country == c.ReceivingCountry, c.NationalityCountry != nil && *t.Country == *c.NationalityCountry:
		return SideReceiving
	case *t.Country == c.RemovingCountry:
		return SideRemoving
	default:
		return SideThird
	}
}

// mayWriteTo is R2: the state of origin must not learn of the claim from us.
func mayWriteTo(t Target, c *Case) error {
	if sideOf(t, c) != SideReceiving || c.OriginStateKnows {
		return nil
	}
	return failure.Rule("R2", "target %s belongs to the state that the person would be sent to or fled from: writing there can itself put "+
		"them in danger. First record on case %s that this state knows already, with the reason; then a second person has to agree", t.Code, c.Ref)
}

// AddCampaignTarget adds an office to those written to. A receiving-side one waits for Agree. Adding one that is there
// already changes nothing. Errors: NotFound; Conflict for a closed campaign; Forbidden by R2.
func (s *Store) AddCampaignTarget(ctx context.Context, by audit.Actor, campaignID, targetID int64) error {
	return s.change(ctx, by, campaignID, "campaign.add_target", targetID, func(tx pgx.Tx, c Campaign) error {
		return addCampaignTarget(ctx, tx, by, c, targetID)
	})
}

func addCampaignTarget(ctx context.Context, tx pgx.Tx, by audit.Actor, c Campaign, targetID int64) error {
	theCase, err := caseOf(ctx, tx, c) // before the target: the one order in which both are ever locked
	if err != nil {
		return err
	}
	t, err := lockTarget(ctx, tx, targetID)
	if err != nil {
		return err
	}
	if err := mayWriteTo(t, theCase); err != nil {
		return err
	}
	side := sideOf(t, theCase)
	if side == SideReceiving && by.AccountID() == nil {
		return failure.Rule("R2", "a target of the receiving side is added by a person, in their own name")
	}
	return insertCampaignTarget(ctx, tx, c.ID, targetID, side, by)
}

// RemoveCampaignTarget takes an office off. What has left keeps it. Errors: NotFound; Conflict, also while an ask names the office.
func (s *Store) RemoveCampaignTarget(ctx context.Context, by audit.Actor, campaignID, targetID int64) error {
	err := s.change(ctx, by, campaignID, "campaign.remove_target", targetID, func(tx pgx.Tx, c Campaign) error {
		return deleteCampaignTarget(ctx, tx, campaignID, targetID)
	})
	if postgres.IsForeignKey(err, "ask_targets_of_campaign") {
		return failure.Clash("an ask is for this office alone, or for it and others; say whom else that ask is for, then take the office off")
	}
	return err
}

// Agree is the second account's yes to a target of the receiving side (R2). Errors: NotFound; Conflict; Forbidden for the
// account that added it, and where the case does not say that the state knows.
func (s *Store) Agree(ctx context.Context, by audit.Actor, campaignID, targetID int64) error {
	return s.change(ctx, by, campaignID, "campaign.agree_target", targetID, func(tx pgx.Tx, c Campaign) error {
		targets, err := campaignTargets(ctx, tx, campaignID)
		if err != nil {
			return err
		}
		theCase, err := caseOf(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, t := range targets {
			if t.ID != targetID {
				continue
			}
			if err := mayWriteTo(t.Target, theCase); err != nil {
				return err
			}
			if by.AccountID() == nil || t.AddedBy != nil && *t.AddedBy == *by.AccountID() {
				return failure.Rule("R2", "the second yes comes from somebody else than the one who added target %s", t.Code)
			}
			return updateAgreed(ctx, tx, campaignID, targetID, *by.AccountID())
		}
		return failure.Missing("target of this campaign", targetID)
	})
}

// CampaignTargets lists the offices of a campaign in their order.
func (s *Store) CampaignTargets(ctx context.Context, campaignID int64) ([]CampaignTarget, error) {
	rows, err := s.DB.Query(ctx, campaignTargetsSQL, campaignID)
	return all[CampaignTarget](rows, err)
}

// caseOf returns the campaign's case, locked, or nil for a campaign on a policy matter.
func caseOf(ctx context.Context, tx pgx.Tx, c Campaign) (*Case, error) {
	if c.CaseID == nil {
		return nil, nil
	}
	theCase, err := lockCase(ctx, tx, *c.CaseID)
	return &theCase, err
}

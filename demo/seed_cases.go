package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
)

// caseWork makes offices, cases, campaigns and appeals, and knows which there are.
type caseWork struct {
	store     *campaigns.Store
	by        audit.Actor // opens and adds
	second    audit.Actor // agrees (R2)
	offices   map[string]int64
	cases     map[string]campaigns.Case
	campaigns map[int64]campaigns.Campaign // the oldest of each case
}

// look finds out what there is, and reports whether the last of it is.
func (w *caseWork) look(ctx context.Context) (finished bool, err error) {
	w.offices, w.cases, w.campaigns = map[string]int64{}, map[string]campaigns.Case{}, map[int64]campaigns.Campaign{}
	offices, err := each(ctx, w.store.Targets, func(t campaigns.Target) int64 { return t.ID })
	if err != nil {
		return false, err
	}
	for _, office := range offices {
		w.offices[office.Code] = office.ID
	}
	cases, err := each(ctx, w.store.Cases, func(c campaigns.Case) int64 { return c.ID })
	if err != nil {
		return false, err
	}
	for _, c := range cases {
		w.cases[c.Ref] = c
	}
	all, err := each(ctx, w.store.Campaigns, func(c campaigns.Campaign) int64 { return c.ID })
	if err != nil {
		return false, err
	}
	for _, c := range all { // the newest first
		if c.CaseID != nil {
			w.campaigns[*c.CaseID] = c
		}
	}
	last, found := w.campaigns[w.cases[refOf(10)].ID]
	if !found {
		return false, nil
	}
	appeals, err := w.store.Appeals(ctx, last.ID)
	return len(appeals) > 0, err
}

// each reads a list to its end.
func each[T any](ctx context.Context, list func(context.Context, campaigns.Page) ([]T, error), id func(T) int64) ([]T, error) {
	var all []T
	for page := (campaigns.Page{Limit: 200}); ; page.After = id(all[len(all)-1]) {
		some, err := list(ctx, page)
		if err != nil || len(some) == 0 {
			return all, err
		}
		all = append(all, some...)
	}
}

// seed makes what look has not found.
func (w *caseWork) seed(ctx context.Context, now time.Time) ([]SeededCase, error) {
	for _, office := range Offices() {
		if w.offices[office.Code] != 0 {
			continue
		}
		added, err := w.store.AddTarget(ctx, w.by, office)
		if err != nil {
			return nil, fmt.Errorf("office %s: %w", office.Code, err)
		}
		w.offices[office.Code] = added.ID
	}
	fixtures, err := Cases(now)
	if err != nil {
		return nil, err
	}
	var seeded []SeededCase
	for _, f := range fixtures {
		one, err := w.seedCase(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", f.Case.Ref, err)
		}
		seeded = append(seeded, one)
	}
	return seeded, nil
}

func (w *caseWork) seedCase(ctx context.Context, f Fixture) (SeededCase, error) {
	seeded := SeededCase{Number: f.Number}
	c, err := w.seedFacts(ctx, f)
	if err != nil {
		return seeded, err
	}
	campaign, found := w.campaigns[c.ID]
	if !found {
		n := f.Campaign
		n.CaseID = &c.ID
		for _, code := range f.Targets {
			n.TargetIDs = append(n.TargetIDs, w.offices[code])
		}
		n.Asks = slices.Clone(n.Asks)
		for i := range n.Asks {
			for _, code := range f.AskOf[n.Asks[i].Code] {
				n.Asks[i].TargetIDs = append(n.Asks[i].TargetIDs, w.offices[code])
			}
		}
		if campaign, err = w.store.AddCampaign(ctx, w.by, n); err != nil {
			return seeded, err
		}
	}
	appeals, err := w.store.Appeals(ctx, campaign.ID)
	if err != nil {
		return seeded, err
	}
	if len(appeals) == 0 {
		if err := w.agree(ctx, campaign.ID); err != nil {
			return seeded, err
		}
		first, err := w.store.AddAppeal(ctx, w.by, campaign.ID, f.First)
		if err != nil {
			return seeded, err
		}
		appeals = append(appeals, first)
	}
	seeded.CaseID, seeded.CampaignID, seeded.AppealID = c.ID, campaign.ID, appeals[0].ID
	return seeded, nil
}

// seedFacts opens the case. What came to be known after it was opened is recorded as such, unless the campaign stands: then
// it was, and what is different by now somebody has changed.
func (w *caseWork) seedFacts(ctx context.Context, f Fixture) (campaigns.Case, error) {
	c, found := w.cases[f.Case.Ref]
	if !found {
		var err error
		if c, err = w.store.AddCase(ctx, w.by, f.Case); err != nil {
			return c, err
		}
	}
	if _, stands := w.campaigns[c.ID]; stands {
		return c, nil
	}
	if f.Removed != nil && c.RemovalTiming == f.Case.Timing {
		var err error
		if c, err = w.store.MoveRemoval(ctx, w.by, c.ID, *f.Removed); err != nil {
			return c, err
		}
	}
	if f.OriginKnows != "" && !c.OriginStateKnows {
		return w.store.RecordOriginStateKnows(ctx, w.by, c.ID, f.OriginKnows)
	}
	return c, nil
}

// agree gives the second yes to the offices on the receiving side.
func (w *caseWork) agree(ctx context.Context, campaignID int64) error {
	targets, err := w.store.CampaignTargets(ctx, campaignID)
	for _, t := range targets {
		if t.Agreed() {
			continue
		}
		if err := w.store.Agree(ctx, w.second, campaignID, t.ID); err != nil {
			return err
		}
	}
	return err
}

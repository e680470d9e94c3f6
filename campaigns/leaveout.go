package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/failure"
)

// mostLeftOut is how many campaigns an audience may name whose readers it leaves out.
const mostLeftOut = 50

// leavesOut reports whether the audience leaves out who had another appeal.
func (a Appeal) leavesOut() bool { return a.LeaveOutCase || len(a.LeaveOutCampaigns) > 0 }

// checkAudience looks at what an audience of campaign c names.
func checkAudience(ctx context.Context, tx pgx.Tx, c Campaign, a Audience) error {
	if err := checkGroups(ctx, tx, a.Groups); err != nil {
		return err
	}
	return checkLeaveOut(ctx, tx, c, a)
}

// checkLeaveOut looks at the campaigns that an audience of campaign c names.
func checkLeaveOut(ctx context.Context, tx pgx.Tx, c Campaign, a Audience) error {
	var check failure.Check
	check.Need(len(a.WithoutCampaigns) <= mostLeftOut, "audience.without_campaigns", "are too many: at most %d", mostLeftOut)
	check.Need(!a.WithoutCase || c.CaseID != nil, "audience.without_case", "means nothing here: campaign %s is on no case", c.Reference())
	unknown, err := unknownCampaigns(ctx, tx, a.WithoutCampaigns)
	if err != nil {
		return err
	}
	for _, id := range unknown {
		check.Add("audience.without_campaigns", "there is no campaign %d", id)
	}
	for _, id := range a.WithoutCampaigns {
		check.Need(id != c.ID, "audience.without_campaigns", "names the campaign itself; its first appeal is the first that anybody gets of it")
	}
	return check.Err()
}

// leaveOut writes down who has another appeal at this moment, or may have, and is left out of this one for it. It belongs to the launch.
func leaveOut(ctx context.Context, tx pgx.Tx, a Appeal) error {
	if !a.leavesOut() {
		return nil
	}
	others, err := othersOf(ctx, tx, a)
	if err != nil {
		return err
	}
	return insertLeftOut(ctx, tx, a.ID, others)
}

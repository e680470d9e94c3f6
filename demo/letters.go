package demo

import (
	"context"
	"fmt"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/letters"
	"holdfast/members"
)

// Desk is what Write needs. All of it is needed.
type Desk struct {
	Members   *members.Store
	Campaigns *campaigns.Store
	Letters   *letters.Store
}

// The invented letters: how many members tell of theirs, from how many letters on the public page counts, and how many a group wrote on one
// evening. The second evening, and one visitor, say more than is likely, so that somebody has to look.
const (
	demoWriters   = 18
	demoCounter   = 25
	demoEvening   = 46
	demoUnlikely  = 230
	demoVisitors  = 4
	demoBoastful  = 15
	eveningGroups = 2
)

// Write has members, visitors and groups tell of invented letters about the campaign whose first appeal was launched, through the doors that
// people use. Where there is a letter already, and where letters are no longer asked for, it changes nothing.
func Write(ctx context.Context, d Desk, seeded Seeded) error {
	one := seeded.Cases[Launched-1]
	sheet, err := d.Campaigns.Sheet(ctx, one.AppealID)
	if err != nil {
		return err
	}
	there, err := d.Letters.Count(ctx, one.CampaignID)
	if _, over := letters.TermOf(sheet).Ended(); err != nil || there > 0 || over {
		return err
	}
	if sheet.CounterFrom == nil {
		if err := d.Campaigns.SetCounter(ctx, audit.Account(seeded.Coordinators[0].ID), one.CampaignID, demoCounter); err != nil {
			return err
		}
	}
	said := func(i int, copies int) letters.Report {
		r := letters.Report{Channel: letters.Channels[i%len(letters.Channels)], Copies: copies, WrittenOn: campaigns.DayOf(sheet.Now)}
		for j, t := range sheet.Targets {
			if i%3 != 2 || j == 0 {
				r.TargetIDs = append(r.TargetIDs, t.ID)
			}
		}
		return r
	}
	rows, err := d.Campaigns.Deliveries(ctx, one.AppealID, "accepted", campaigns.Page{Limit: demoWriters})
	if err != nil {
		return err
	}
	for i, row := range rows {
		if err := d.Letters.Report(ctx, letters.Writer{AppealID: one.AppealID, MemberID: row.MemberID}, said(i, 1+i%2)); err != nil {
			return fmt.Errorf("a member's letter: %w", err)
		}
	}
	for i := range demoVisitors {
		copies := 1
		if i == demoVisitors-1 {
			copies = demoBoastful
		}
		from, key := fmt.Sprintf("192.0.2.%d", i+1), fmt.Sprintf("demo %d", i)
		if _, err := d.Letters.ReportOfVisitor(ctx, one.CampaignID, from, key, said(i, copies)); err != nil {
			return fmt.Errorf("a visitor's letter: %w", err)
		}
	}
	return writeEvenings(ctx, d, seeded, one.CampaignID, said)
}

// writeEvenings has the tracker record what two groups told of their evenings.
func writeEvenings(ctx context.Context, d Desk, seeded Seeded, campaign int64, said func(i, copies int) letters.Report) error {
	known, err := d.Members.Groups(ctx)
	if err != nil {
		return err
	}
	for i, g := range known[:min(eveningGroups, len(known))] {
		evening := said(2, demoEvening)
		evening.Channel = "post"
		if i > 0 {
			evening.Copies = demoUnlikely
		}
		if err := d.Letters.RecordEvening(ctx, audit.Account(seeded.Tracker.ID), campaign, g.ID, evening); err != nil {
			return fmt.Errorf("an evening: %w", err)
		}
	}
	return nil
}

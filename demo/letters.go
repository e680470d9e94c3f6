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

// The invented letters: how many members tell of theirs, or are known to have written by other evidence, from how many letters on the public page
// counts, and how many a group wrote on one evening. The second evening, and one visitor, say more than is likely, so that somebody has to look.
const (
	demoReports   = 18
	demoMailed    = 4 // by the house; the last of them to the second office
	demoCopied    = 4
	demoPosted    = 3
	demoWriters   = demoReports + demoMailed + demoCopied + demoPosted + 3 // who ask for a letter, print one, take one back
	demoCounter   = 25
	demoEvening   = 46
	demoUnlikely  = 230
	demoVisitors  = 4
	demoBoastful  = 15
	eveningGroups = 2
)

// Write has members, visitors and groups write invented letters about the campaign whose first appeal was launched, through the doors that people
// use: some tell of them, some have the house mail them, some send a copy, some post them. Then offices answer some of them. Where there is a
// letter, or an answer, already, it adds none; where letters are no longer asked for, it changes nothing. The letters that the house mails leave by
// themselves, one after another, while a worker runs.
func Write(ctx context.Context, d Desk, seeded Seeded) error {
	one := seeded.Cases[Launched-1]
	sheet, err := d.Campaigns.Sheet(ctx, one.AppealID)
	if err != nil {
		return err
	}
	if _, over := letters.TermOf(sheet).Ended(); over {
		return nil
	}
	there, err := d.Letters.Count(ctx, one.CampaignID)
	if err != nil {
		return err
	}
	w := &writing{Desk: d, seeded: seeded, one: one, sheet: sheet}
	if there == 0 {
		if err := w.letters(ctx); err != nil {
			return err
		}
	}
	return w.answers(ctx)
}

// writing is the work of Write.
type writing struct {
	Desk
	seeded Seeded
	one    SeededCase
	sheet  campaigns.Sheet
	left   []campaigns.Delivery // members who have not written yet
}

// letters writes all that is written before anybody answers.
func (w *writing) letters(ctx context.Context) error {
	var err error
	if w.left, err = w.Campaigns.Deliveries(ctx, w.one.AppealID, "accepted", campaigns.Page{Limit: demoWriters}); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{w.prepare, w.reports, w.mailed, w.copied, w.posted, w.takenBack, w.visitors, w.evenings} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// next are n more members who write, or as many as there are.
func (w *writing) next(n int) []letters.Writer {
	n = min(n, len(w.left))
	writers := make([]letters.Writer, n)
	for i, row := range w.left[:n] {
		writers[i] = letters.Writer{AppealID: w.one.AppealID, MemberID: row.MemberID}
	}
	w.left = w.left[n:]
	return writers
}

// said is what the writer at i tells of: to one office or to all, by one way after the other.
func (w *writing) said(i, copies int) letters.Report {
	r := letters.Report{Channel: letters.Channels[i%len(letters.Channels)], Copies: copies, WrittenOn: campaigns.DayOf(w.sheet.Now)}
	for j, t := range w.sheet.Targets {
		if i%3 != 2 || j == 0 {
			r.TargetIDs = append(r.TargetIDs, t.ID)
		}
	}
	return r
}

// prepare sets what a coordinator sets before letters are written: the counter, a sample letter, what no letter may name, what the post takes.
func (w *writing) prepare(ctx context.Context) error {
	by := audit.Account(w.seeded.Coordinators[0].ID)
	if w.sheet.CounterFrom == nil {
		if err := w.Campaigns.SetCounter(ctx, by, w.one.CampaignID, demoCounter); err != nil {
			return err
		}
	}
	if err := w.Campaigns.SetSampleLetters(ctx, by, w.one.CampaignID, sampleLetter()); err != nil {
		return fmt.Errorf("the sample letter: %w", err)
	}
	if err := w.Letters.AddUnspoken(ctx, by, w.one.CaseID, unspokenWord); err != nil {
		return fmt.Errorf("what no letter may name: %w", err)
	}
	known, err := w.Letters.Routes(ctx)
	if err != nil || len(known) > 0 {
		return err
	}
	for _, route := range postalRoutes(campaigns.DayOf(w.sheet.Now)) {
		if err := w.Letters.PutRoute(ctx, by, route); err != nil {
			return fmt.Errorf("the post from %s to %s: %w", route.FromCountry, route.ToCountry, err)
		}
	}
	return nil
}

// reports has members tell of their letters.
func (w *writing) reports(ctx context.Context) error {
	for i, writer := range w.next(demoReports) {
		if err := w.Letters.Report(ctx, writer, w.said(i, 1+i%2)); err != nil {
			return fmt.Errorf("a member's letter: %w", err)
		}
	}
	return nil
}

// mailed has members let the house mail their letters: all but the last of them to the first office. One more has not said yes.
func (w *writing) mailed(ctx context.Context) error {
	writers := w.next(demoMailed + 1)
	for i, writer := range writers {
		target := w.sheet.Targets[0]
		if i == demoMailed-1 {
			target = w.sheet.Targets[len(w.sheet.Targets)-1]
		}
		member, err := w.Members.Get(ctx, writer.MemberID)
		if err != nil {
			return err
		}
		id, err := w.Letters.Ask(ctx, writer, letters.Handed{TargetID: target.ID, PageLanguage: member.Language, Draft: draftOf(i, member.Name)})
		if err != nil {
			return fmt.Errorf("a letter to be mailed: %w", err)
		}
		if i == demoMailed {
			break // to be confirmed by whoever opens the mail that asks
		}
		m, err := w.Letters.Mail(ctx, id)
		if err == nil {
			err = w.Letters.Confirm(ctx, id, m.Version())
		}
		if err != nil {
			return fmt.Errorf("a letter to be mailed: %w", err)
		}
	}
	return nil
}

// copied has members send their letters with their own mail programs, and a blind copy to us.
func (w *writing) copied(ctx context.Context) error {
	for i, writer := range w.next(demoCopied) {
		target := w.sheet.Targets[i%len(w.sheet.Targets)]
		if err := w.Letters.CopyArrived(ctx, writer.AppealID, target.ID, writer.MemberID, "writer@mail.example"); err != nil {
			return fmt.Errorf("the copy of a letter: %w", err)
		}
	}
	return nil
}

// posted has members print their letters, and enter the codes once they have posted them. One more has printed a letter and not posted it.
func (w *writing) posted(ctx context.Context) error {
	for i, writer := range w.next(demoPosted + 1) {
		target := w.sheet.Targets[(i+1)%len(w.sheet.Targets)]
		letter, err := w.Letters.BeginPaper(ctx, writer, w.one.CampaignID, target.ID, "en")
		if err == nil && i < demoPosted {
			_, err = w.Letters.EnterCode(ctx, *letter.Code)
		}
		if err != nil {
			return fmt.Errorf("a letter on paper: %w", err)
		}
	}
	return nil
}

// takenBack has a member tell of a letter and take it back.
func (w *writing) takenBack(ctx context.Context) error {
	for _, writer := range w.next(1) {
		if err := w.Letters.Report(ctx, writer, w.said(2, 1)); err != nil {
			return fmt.Errorf("a letter to be taken back: %w", err)
		}
		told, err := w.Letters.Of(ctx, writer)
		if err != nil {
			return err
		}
		for _, letter := range told {
			if err := w.Letters.Withdraw(ctx, writer, letter.ID); err != nil {
				return fmt.Errorf("a letter that is taken back: %w", err)
			}
		}
	}
	return nil
}

// visitors has people tell of letters on the public page.
func (w *writing) visitors(ctx context.Context) error {
	for i := range demoVisitors {
		copies := 1
		if i == demoVisitors-1 {
			copies = demoBoastful
		}
		from, key := fmt.Sprintf("192.0.2.%d", i+1), fmt.Sprintf("demo %d", i)
		if _, err := w.Letters.ReportOfVisitor(ctx, w.one.CampaignID, from, key, w.said(i, copies)); err != nil {
			return fmt.Errorf("a visitor's letter: %w", err)
		}
	}
	return nil
}

// evenings has the tracker record what two groups told of their evenings.
func (w *writing) evenings(ctx context.Context) error {
	known, err := w.Members.Groups(ctx)
	if err != nil {
		return err
	}
	for i, g := range known[:min(eveningGroups, len(known))] {
		evening := w.said(2, demoEvening)
		evening.Channel = "post"
		if i > 0 {
			evening.Copies = demoUnlikely
		}
		if err := w.Letters.RecordEvening(ctx, audit.Account(w.seeded.Tracker.ID), w.one.CampaignID, g.ID, evening); err != nil {
			return fmt.Errorf("an evening: %w", err)
		}
	}
	return nil
}

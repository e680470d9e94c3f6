package campaigns

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
	"holdfast/internal/postgres"
)

// Launch lets an appeal leave: what write makes of its sheet is frozen, the appeal is issuing and the fan-out promised, in
// one transaction, or nothing is. Launching again, by anybody, at any time, returns the appeal as it is by then: there is
// one fan-out. A stop_action also stops the campaign and those of its appeals that still ask for letters.
//
// yes are the second yeses said to it, by their codes. Errors: NotFound; Invalid with every reason why it may not leave yet, by field;
// Forbidden by R2; Conflict where the last member would be reached too late and YesTooLate was not said, and where somebody holds
// the members' history in one long transaction.
func (s *Store) Launch(ctx context.Context, by audit.Actor, id int64, write func(Sheet) ([]Edition, error), yes ...string) (Appeal, error) {
	var after Appeal
	var halted []int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		a, c, err := lockAppeal(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.State != AppealDraft {
			after = a
			return nil
		}
		sheet, err := sheetOf(ctx, tx, c, &a)
		if err != nil {
			return err
		}
		if err := mayLaunch(ctx, tx, a, c, sheet); err != nil {
			return err
		}
		editions, err := write(sheet)
		if err != nil {
			return err
		}
		if len(editions) == 0 {
			return failure.Wrong("texts", "are missing: there is nothing to send")
		}
		if err := s.inTime(ctx, tx, by, a, c, sheet, yes); err != nil {
			return err
		}
		if err := insertEditions(ctx, tx, id, editions); err != nil {
			return err
		}
		if err := leaveOut(ctx, tx, a); err != nil {
			return err
		}
		if halted, err = moveCampaign(ctx, tx, by, a, c); err != nil {
			return err
		}
		if after, err = updateLaunched(ctx, tx, by, id, sheet.Asking); err != nil {
			return err
		}
		if err := s.promiseFanOut(ctx, tx, id, c.Urgent); err != nil {
			return err
		}
		if err := recordLacks(ctx, tx, by, id, sheet); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.launch", Subject: "appeal", SubjectID: id, Before: a, After: editions})
	})
	if postgres.IsLockTimeout(err) {
		return Appeal{}, failure.Clash("somebody is changing the list of members in one long transaction; nothing has left. Launch again in a moment")
	}
	if err != nil {
		return Appeal{}, err
	}
	return after, s.finishStops(ctx, halted)
}

// moveCampaign does to the campaign what launching an appeal of this kind means, and returns the appeals that it stops.
func moveCampaign(ctx context.Context, tx pgx.Tx, by audit.Actor, a Appeal, c Campaign) ([]int64, error) {
	state := c.State
	switch {
	case a.Kind == KindStopAction && c.State == CampaignActive:
		state = CampaignStopped
	case a.Kind == KindFirst, a.Kind == KindUpdate && !a.AudienceNamed && c.State == CampaignStopped:
		state = CampaignActive
	}
	if state == c.State {
		return nil, nil
	}
	if err := updateCampaignState(ctx, tx, c.ID, state); err != nil {
		return nil, err
	}
	event := audit.Event{Actor: by, Action: "campaign." + state, Subject: "campaign", SubjectID: c.ID, Before: c}
	if err := audit.Record(ctx, tx, event); err != nil || state == CampaignActive {
		return nil, err
	}
	return haltAsking(ctx, tx, by, c.ID, a.ID)
}

// mayLaunch is every rule that holds at the door.
func mayLaunch(ctx context.Context, tx pgx.Tx, a Appeal, c Campaign, sheet Sheet) error {
	var check failure.Check
	check.Need(c.State != CampaignClosed || a.Kind == KindOutcome || a.Kind == KindCorrection, "state",
		"the campaign is closed; only its outcome or a correction may still go out")
	check.Need(!a.AudienceNamed || c.State == CampaignActive, "state",
		"the campaign is %s; an update for some of its members does not begin it anew", c.State)
	check.Need(len(sheet.Texts) > 0, "texts", "are missing: write the appeal in at least one language")
	written := false
	for _, t := range sheet.Texts {
		written = written || t.Language == c.FallbackLanguage
	}
	check.Need(written || len(sheet.Texts) == 0, "texts."+c.FallbackLanguage,
		"is missing: it is the campaign's fallback, for readers of any language not written")
	persons, err := personsOf(ctx, tx, c)
	if err != nil {
		return err
	}
	for _, t := range sheet.Texts {
		t.check(&check, "texts."+t.Language+".", persons)
	}
	if sheet.Asking {
		check.Need(len(sheet.Asks) > 0, "asks", "are missing: say at least one thing that members should ask for")
		for _, ask := range sheet.Asks {
			check.Need(ask.Texts[c.FallbackLanguage] != "", "asks."+ask.Code, "has no text in %s, the campaign's fallback", c.FallbackLanguage)
		}
		for _, t := range sheet.Targets {
			check.Need(len(sheet.Asks) == 0 || len(sheet.AsksFor(t.ID)) > 0, "targets."+t.Code, "has no ask: all of them are for other offices")
		}
		powerful, err := checkTargets(ctx, tx, &check, c)
		if err != nil {
			return err
		}
		check.Need(powerful, "targets", "are missing: want at least one office that can influence this case (R1)")
	}
	if asks(a.Kind) {
		check.Need(sheet.Now.Before(c.DeadlineAt), "deadline_day", "has passed; move the deadline first")
	}
	return check.Err()
}

// checkTargets looks at each target again as the case stands now, and reports whether one of them has power.
func checkTargets(ctx context.Context, tx pgx.Tx, check *failure.Check, c Campaign) (powerful bool, err error) {
	theCase, err := caseOf(ctx, tx, c)
	if err != nil {
		return false, err
	}
	targets, err := campaignTargets(ctx, tx, c.ID)
	if err != nil {
		return false, err
	}
	for _, t := range targets {
		if err := mayWriteTo(t.Target, theCase); err != nil {
			return false, err
		}
		if side := sideOf(t.Target, theCase); side != t.Side {
			check.Add(fmt.Sprintf("targets.%s", t.Code), "is now on the %s side; take it off and add it again", side)
		}
		check.Need(t.Agreed(), fmt.Sprintf("targets.%s", t.Code), "waits for the yes of a second account (R2)")
		powerful = powerful || t.Power != PowerNone
	}
	return powerful, nil
}

// Reach is whom a draft would go to if it were launched now.
type Reach struct {
	Members   int64            `json:"members"`
	Languages map[string]int64 `json:"languages"`
	LeftOut   int64            `json:"left_out"` // who is in the audience but for having had another appeal
}

// Reach counts whom a draft would go to now, by the language each would read. Errors: NotFound.
func (s *Store) Reach(ctx context.Context, appealID int64) (Reach, error) {
	reach := Reach{Languages: map[string]int64{}}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, appealSQL, appealID)
		a, err := one[Appeal](rows, err, "appeal", appealID)
		if err != nil {
			return err
		}
		list, err := countReach(ctx, tx, a)
		for _, l := range list {
			reach.Members += l.Members
			reach.Languages[l.Language] += l.Members
		}
		if err != nil {
			return err
		}
		reach.LeftOut, err = countLeftOut(ctx, tx, a)
		return err
	})
	return reach, err
}

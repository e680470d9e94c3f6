package demo

import (
	"context"
	"fmt"
	"time"

	"holdfast/campaigns"
	"holdfast/internal/audit"
	"holdfast/letters"
)

// How long Write waits for the first letters to leave, so that they can be answered, and how often it looks.
const (
	mailedWithin = 3 * time.Second
	mailedLook   = 20 * time.Millisecond
)

// answers has offices answer: one letter comes back, one is acknowledged, one answer refuses, one agrees on paper, a machine answers; a member passes an
// answer on, and another asks something. Some wait for somebody to read them, some are settled and say where the office stands.
func (w *writing) answers(ctx context.Context) error {
	there, err := w.Letters.CountReplies(ctx, letters.ReplyFilter{CampaignID: w.one.CampaignID})
	if err != nil || len(there) > 0 {
		return err
	}
	list, err := w.mailedAlready(ctx)
	if err != nil {
		return err
	}
	first, second := w.sheet.Targets[0], w.sheet.Targets[len(w.sheet.Targets)-1]
	if letter := find(list, second.ID, letters.Sent); letter != nil {
		if err := w.Letters.LetterReturned(ctx, letter.ID, "5.1.1"); err != nil {
			return fmt.Errorf("a letter that comes back: %w", err)
		}
	}
	if letter := find(list, first.ID, letters.Sent); letter != nil {
		if err := w.toMailed(ctx, *letter); err != nil {
			return err
		}
	}
	if letter := find(list, second.ID, letters.Paper); letter != nil {
		if err := w.toPosted(ctx, *letter); err != nil {
			return err
		}
	}
	return w.fromMembers(ctx, list)
}

// mailedAlready lists the letters of the campaign once one that the house has mailed has left to each of the offices, or when it has taken too long.
func (w *writing) mailedAlready(ctx context.Context) (list []letters.Letter, err error) {
	ctx, cancel := context.WithTimeout(ctx, mailedWithin)
	defer cancel()
	look := time.NewTicker(mailedLook)
	defer look.Stop()
	for {
		found, err := w.Letters.List(ctx, w.one.CampaignID, campaigns.Page{Limit: 200})
		switch {
		case ctx.Err() != nil && list != nil:
			return list, nil
		case err != nil:
			return nil, err
		}
		list = found
		waits := false
		for _, target := range w.sheet.Targets {
			waits = waits || find(list, target.ID, letters.Sent) == nil
		}
		if !waits {
			return list, nil
		}
		select {
		case <-ctx.Done():
			return list, nil
		case <-look.C:
		}
	}
}

// find returns a letter to an office that counts and is known in one way; nil where there is none.
func find(list []letters.Letter, target int64, grade string) *letters.Letter {
	for i := range list {
		if l := &list[i]; l.TargetID == target && l.Grade == grade && l.State == letters.Counted {
			return l
		}
	}
	return nil
}

// toMailed answers a letter that the house has mailed, by mail.
func (w *writing) toMailed(ctx context.Context, letter letters.Letter) error {
	by := audit.Account(w.seeded.Tracker.ID)
	office := Offices()[1].Address
	answer := func(n int, kind string, automatic bool) (int64, error) {
		text := officeWords()[kind]["en"]
		return w.Letters.TakeAnswer(ctx, letter.ID, letter.TargetID, letters.Mail{Key: fmt.Sprintf("demo %d", n), From: office, Office: office,
			Subject: "Re: Please defer a removal to Iran", Text: text, Automatic: automatic, Guess: letters.GuessKind("", text)})
	}
	thanks, err := answer(1, officeThanks, false)
	if err == nil {
		err = w.settle(ctx, thanks, letters.Acknowledgement, letter.TargetID)
	}
	if err != nil {
		return fmt.Errorf("an acknowledgement: %w", err)
	}
	refusal, err := answer(2, officeRefuses, false)
	if err == nil {
		_, err = w.Letters.LinkAll(ctx, by, refusal, w.one.CampaignID, letter.TargetID)
	}
	if err == nil {
		err = w.Letters.AddNote(ctx, by, refusal, "The same words as last month. It may help to write to who can direct this office.")
	}
	if err == nil {
		err = w.settle(ctx, refusal, letters.RefusalToComment, letter.TargetID)
	}
	if err == nil {
		err = w.Letters.RecordPosition(ctx, by, letter.TargetID, letters.NewPosition{ReplyID: refusal, Position: letters.PositionRefused})
	}
	if err != nil {
		return fmt.Errorf("a refusal: %w", err)
	}
	if _, err := answer(3, officeAutomatic, true); err != nil {
		return fmt.Errorf("an automatic answer: %w", err)
	}
	return nil
}

// toPosted answers a letter on paper, by a letter on paper that quotes its code.
func (w *writing) toPosted(ctx context.Context, letter letters.Letter) error {
	by := audit.Account(w.seeded.Tracker.ID)
	_, today, err := w.Letters.Asked(ctx, w.one.CampaignID, 0)
	if err != nil {
		return err
	}
	id, err := w.Letters.AddScan(ctx, by, letters.Scan{Key: "demo", CampaignID: w.one.CampaignID, TargetID: letter.TargetID, AnsweredOn: today,
		From: "Office of the Minister of Foreign Affairs", Subject: "Your letter " + letters.ShownCode(*letter.Code),
		Text: "The Minister has raised the request of the Committee with her colleagues, and supports that the removal be deferred until the Committee has looked at the complaint."})
	if err == nil {
		err = w.settle(ctx, id, letters.Substantive, letter.TargetID)
	}
	if err == nil {
		err = w.Letters.RecordPosition(ctx, by, letter.TargetID, letters.NewPosition{ReplyID: id, Position: letters.PositionAgreed})
	}
	if err != nil {
		return fmt.Errorf("an answer on paper: %w", err)
	}
	return nil
}

func (w *writing) settle(ctx context.Context, reply int64, kind string, target int64) error {
	_, today, err := w.Letters.Asked(ctx, w.one.CampaignID, target)
	if err != nil {
		return err
	}
	return w.Letters.SettleReply(ctx, audit.Account(w.seeded.Tracker.ID), reply,
		letters.Settlement{Kind: kind, TargetID: target, CampaignID: w.one.CampaignID, AnsweredOn: today})
}

// fromMembers has one member pass on what an office answered to them, and another ask what to do. Both wait for somebody to read them.
func (w *writing) fromMembers(ctx context.Context, list []letters.Letter) error {
	office := Offices()[1].Address
	var writers []letters.Writer
	for _, l := range list {
		if l.MemberID != nil && l.GroupID == nil && l.Grade == letters.Reported && l.State == letters.Counted {
			writers = append(writers, letters.Writer{AppealID: w.one.AppealID, MemberID: *l.MemberID})
		}
	}
	if len(writers) == 0 {
		return nil
	}
	form := "Dear correspondent,\n\nBecause of the volume of correspondence we received on this matter, the Minister cannot answer each letter. Your views have been noted."
	_, err := w.Letters.TakeFromMember(ctx, writers[0], letters.CameByForward, letters.Mail{Key: "demo 4", From: "a member", Office: office,
		Subject: "Fwd: Your letter to the Minister", Text: "This is what came back.\n\n---------- Forwarded message ---------\nFrom: " + office + "\n\n" + form, Guess: letters.FormAnswer})
	if err == nil {
		_, err = w.Letters.TakeFromMember(ctx, writers[len(writers)-1], letters.CameByAlert, letters.Mail{Key: "demo 5", From: "a member",
			Subject: "Re: UA 5/26", Text: "I wrote to the Minister, and was asked for my home address. Should I give it?"})
	}
	if err != nil {
		return fmt.Errorf("what a member passes on: %w", err)
	}
	return nil
}

package letters

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"holdfast/campaigns"
	"holdfast/internal/audit"
)

// ReportSaid takes down what a member said in answer to an alert, and promises to thank them. done is false, and nothing has changed, where what
// they said does not fit the campaign: two letters where there are three offices. Of an office that they have told of before it adds nothing where
// they did not say how they sent it: it is the same letter. Errors: NotFound where the alert never went to them.
func (s *Store) ReportSaid(ctx context.Context, w Writer, said Said) (done bool, err error) {
	err = pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, targetsOfSQL, b.CampaignID)
		if err != nil {
			return err
		}
		targets, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		copies, ok := said.share(len(targets))
		if !ok || copies > MostCopies || !b.Takes() {
			return nil
		}
		day := campaigns.DayOf(b.Now.UTC())
		if last := b.LastDay(); day.After(last.Time) {
			day = last
		}
		r := Report{TargetIDs: targets, Channel: said.Channel, Copies: copies, WrittenOn: day}
		for _, target := range targets {
			if err := s.putSaid(ctx, tx, w, b.CampaignID, target, r); err != nil {
				return err
			}
		}
		done = true
		return s.promiseThanks(ctx, tx, w)
	})
	return done && err == nil, err
}

// share is how many letters went to each of so many targets. ok is false where that cannot be known.
func (said Said) share(targets int) (copies int, ok bool) {
	switch {
	case targets == 0:
		return 0, false
	case targets == 1:
		return max(said.Letters, 1), true
	}
	return 1, said.All && said.Letters <= 1 || said.Letters == targets
}

func (s *Store) putSaid(ctx context.Context, tx pgx.Tx, w Writer, campaignID, target int64, r Report) error {
	if r.Channel == Unsaid {
		var told bool
		if err := tx.QueryRow(ctx, toldOfSQL, w.AppealID, w.MemberID, target).Scan(&told); err != nil || told {
			return err
		}
	}
	before, err := openReport(ctx, tx, w, campaignID, target, r)
	if err != nil {
		return err
	}
	if err := settleReport(ctx, tx, w, before, r); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.report", Subject: "letter", SubjectID: before.ID, After: r})
}

// thanksIndex is under which a member is known to have been thanked.
func (s *Store) thanksIndex(memberID int64) []byte {
	return s.Ring.Index("letters.thanks", "member/"+strconv.FormatInt(memberID, 10))
}

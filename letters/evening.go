package letters

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// GroupOf returns the name of the group that a member belongs to; ok is false for a member who stands alone, and for a visitor.
func (s *Store) GroupOf(ctx context.Context, w Writer) (name string, ok bool, err error) {
	err = s.DB.QueryRow(ctx, groupNameSQL, w.MemberID).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return name, err == nil, err
}

// ReportEvening takes down what a group wrote on one evening, all of it or nothing; the member whose link it is answers for it. The same
// evening told again by the same member corrects it. Errors: Invalid; NotFound where the link's delivery does not exist; Conflict where the
// member belongs to no group, where somebody else has told us of the evening, and where reports are no longer taken.
func (s *Store) ReportEvening(ctx context.Context, w Writer, r Report) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readBounds(ctx, tx, w)
		if err != nil {
			return err
		}
		e := evening{appeal: &w.AppealID, member: &w.MemberID}
		err = tx.QueryRow(ctx, groupOfSQL, w.MemberID).Scan(&e.group)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Clash("a letter evening is told of by a member of the group that held it")
		}
		if err != nil {
			return err
		}
		return e.put(ctx, tx, b, audit.Member(), r)
	})
}

// RecordEvening is ReportEvening by staff, whose account answers for it. It also corrects what a member told us. Errors: Invalid; NotFound
// for the campaign and the group; Conflict where reports are no longer taken.
func (s *Store) RecordEvening(ctx context.Context, by audit.Actor, campaignID, groupID int64, r Report) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		b, err := readCampaignBounds(ctx, tx, campaignID)
		if err != nil {
			return err
		}
		e := evening{account: by.AccountID()}
		err = tx.QueryRow(ctx, groupSQL, groupID).Scan(&e.group)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Wrong("group", "is missing: say which group wrote")
		}
		if err != nil {
			return err
		}
		return e.put(ctx, tx, b, by, r)
	})
}

// evening is whose letters a batch is, and who answers for it.
type evening struct {
	group          int64
	appeal, member *int64 // of the member who answers for it
	account        *int64 // that answers for it
}

// put writes an evening down.
func (e evening) put(ctx context.Context, tx pgx.Tx, b bounds, by audit.Actor, r Report) error {
	if err := r.check(b, MostBatch); err != nil {
		return err
	}
	return eachTarget(ctx, tx, b.CampaignID, r, func(target int64) error {
		rows, err := tx.Query(ctx, openEveningSQL, b.CampaignID, e.appeal, e.member, e.group, e.account, target, r.Channel, r.Copies, r.WrittenOn)
		if err != nil {
			return err
		}
		before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
		if err != nil {
			return err
		}
		if e.member != nil && (before.MemberID == nil || *before.MemberID != *e.member) {
			return failure.Clash("somebody else has told us of this evening already: %d letters by this channel. If that is wrong, write to us", before.Copies)
		}
		c := claim{Evening: true, Copies: r.Copies}
		if err := putLetter(ctx, tx, before, before.reported(r, c.outlier())); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "letter.evening", Subject: "letter", SubjectID: before.ID, Before: before, After: r})
	})
}

// Evenings lists the evenings of a campaign, those withdrawn too, the newest first: of all groups, or with a member those that this member
// answers for.
func (s *Store) Evenings(ctx context.Context, campaignID, memberID int64) ([]Letter, error) {
	rows, err := s.DB.Query(ctx, eveningsSQL, campaignID, memberID)
	return all[Letter](rows, err)
}

// WithdrawEvening takes an evening back: one that the member answers for, or with member 0 any of the campaign. Errors: NotFound.
func (s *Store) WithdrawEvening(ctx context.Context, by audit.Actor, campaignID, memberID, letterID int64) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, lockEveningSQL, letterID, campaignID, memberID)
		if err != nil {
			return err
		}
		before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Letter])
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("evening", letterID)
		}
		if err != nil || before.WithdrawnAt != nil {
			return err
		}
		if err := withdraw(ctx, tx, letterID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "letter.withdraw", Subject: "letter", SubjectID: letterID, Before: before})
	})
}

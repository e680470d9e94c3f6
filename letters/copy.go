package letters

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// CopyArrived says that a blind copy of a letter by e-mail came to us: the letter is Confirmed, once. The appeal and target are those of the
// copy's address. memberID is 0 for a visitor, who counts once for each address that from names; of it a blind index is kept, of the copy itself
// nothing. A letter that its writer took back, or that came back, stays what it is. Errors: NotFound where the appeal never went to that member, or
// the campaign does not write to that target.
func (s *Store) CopyArrived(ctx context.Context, appealID, targetID, memberID int64, from string) error {
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		var campaignID int64
		var language string
		err := tx.QueryRow(ctx, copyOfSQL, appealID, memberID).Scan(&campaignID, &language)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("delivery", "for this copy")
		}
		if err != nil {
			return err
		}
		if ok, err := isTarget(ctx, tx, campaignID, targetID); err != nil || !ok {
			return errors.Join(err, failure.Missing("target", targetID))
		}
		w := Writer{AppealID: appealID, MemberID: memberID}
		if memberID == 0 {
			w = Writer{}
			index := s.Ring.Index("letters.copy", strings.ToLower(from))
			if err := tx.QueryRow(ctx, visitorByAddressSQL, campaignID, index).Scan(&w.VisitorID); err != nil {
				return err
			}
		}
		if known, err := tx.Query(ctx, languageOfLetterSQL, w.AppealID, w.MemberID, w.VisitorID, targetID); err != nil {
			return err
		} else if said, err := pgx.CollectRows(known, pgx.RowTo[string]); err != nil {
			return err
		} else if len(said) > 0 {
			language = said[0]
		}
		letter, err := begin(ctx, tx, w, campaignID, targetID, "email", language)
		if err != nil {
			return err
		}
		if letter.State == Returned || letter.State == Withdrawn || letter.Grade == Confirmed || letter.Grade == Sent {
			return nil
		}
		if err := prove(ctx, tx, letter.ID, Confirmed); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Event{Actor: audit.Member(), Action: "letter.confirm", Subject: "letter", SubjectID: letter.ID, Before: letter.Grade, After: Confirmed})
	})
}

// IsTargetAddress reports whether one of these addresses is the target's own. Where none are given, or the target has none now, it is believed.
func (s *Store) IsTargetAddress(ctx context.Context, targetID int64, addresses []string) (bool, error) {
	known, err := s.addressOf(ctx, targetID)
	if err != nil || known == "" || len(addresses) == 0 {
		return err == nil, err
	}
	return slices.ContainsFunc(addresses, func(a string) bool { return a == "" || strings.EqualFold(a, known) }), nil
}

// IsTargetDomain reports whether one of these addresses has the domain of the target's own: an office may have moved to another mailbox since
// somebody took its address. Where the target has no address now, any will do.
func (s *Store) IsTargetDomain(ctx context.Context, targetID int64, addresses []string) (bool, error) {
	known, err := s.addressOf(ctx, targetID)
	if err != nil || known == "" {
		return err == nil && len(addresses) > 0, err
	}
	return slices.ContainsFunc(addresses, func(a string) bool { return domainOf(a) == domainOf(known) }), nil
}

func (s *Store) addressOf(ctx context.Context, targetID int64) (address string, err error) {
	err = s.DB.QueryRow(ctx, addressOfTargetSQL, targetID).Scan(&address)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", failure.Missing("target", targetID)
	}
	return address, err
}

package members

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// Reason says why an address is never mailed.
type Reason string

// The reasons that a caller can name. "import" and "erased" are in the table too.
const (
	Complained Reason = "complaint"
	Returned   Reason = "returned"
	AskedStaff Reason = "staff"
)

// Suppress sees to it that address is never mailed, whether it is a member's or nobody's. Asked for again
// it changes nothing: the first reason and its date stay. Every error is a fault of ours.
func (s *Store) Suppress(ctx context.Context, by audit.Actor, address Address, reason Reason) error {
	index := s.index(address)
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		added, err := insertSuppression(ctx, tx, index, reason)
		if err != nil || !added {
			return err
		}
		return recordSuppression(ctx, tx, by, "suppression.add", index, nil, reason)
	})
}

// Unsuppress lets address be mailed again: who is subscribed gets mail, who has left may rejoin with a new
// consent. The error is failure.NotFound when the address is not suppressed.
func (s *Store) Unsuppress(ctx context.Context, by audit.Actor, address Address) error {
	index := s.index(address)
	return pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) error {
		reason, err := deleteSuppression(ctx, tx, index)
		if errors.Is(err, pgx.ErrNoRows) {
			return failure.Missing("suppression", "of this address")
		}
		if err != nil {
			return err
		}
		return recordSuppression(ctx, tx, by, "suppression.lift", index, reason, nil)
	})
}

// recordSuppression records under the member whose address it is, or under none.
func recordSuppression(ctx context.Context, tx pgx.Tx, by audit.Actor, action string, index []byte, before, after any) error {
	event := audit.Event{Actor: by, Action: action, Subject: "suppression", Before: before, After: after}
	member, found, err := findByIndex(ctx, tx, index)
	if err != nil {
		return err
	}
	if found {
		event.Subject, event.SubjectID = "member", member
	}
	return audit.Record(ctx, tx, event)
}

// refuseSuppressed returns failure.Conflict when the address of index is suppressed.
func refuseSuppressed(ctx context.Context, tx pgx.Tx, index []byte) error {
	reason, suppressed, err := findSuppression(ctx, tx, index)
	if err != nil || !suppressed {
		return err
	}
	return failure.Clash("this address is suppressed (%s) and is not mailed; lift that first, if the person asks for it", reason)
}

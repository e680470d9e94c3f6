package accounts

import (
	"context"
	"time"
)

// failuresLife is how long the failures of a subject are kept after the last one; by then all but the count of a
// persistent guesser have been forgotten.
const failuresLife = 7 * 24 * time.Hour

// Pruned says how many rows were removed.
type Pruned struct {
	Sessions int64
	Links    int64
	Failures int64
	Replays  int64
}

// Prune removes what has expired and counts for nothing any more: sessions, sign-in links, counts of failures, kept
// answers. It may run at any time and any number of times.
func (s *Store) Prune(ctx context.Context) (Pruned, error) {
	var p Pruned
	var err error
	if p.Sessions, err = pruneSessions(ctx, s.DB); err != nil {
		return p, err
	}
	if p.Links, err = pruneLinks(ctx, s.DB); err != nil {
		return p, err
	}
	if p.Failures, err = pruneFailures(ctx, s.DB); err != nil {
		return p, err
	}
	p.Replays, err = pruneReplays(ctx, s.DB)
	return p, err
}

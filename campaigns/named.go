package campaigns

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/internal/audit"
	"holdfast/internal/failure"
)

// AddNamed drafts an update without texts for some members of a campaign, by their ids. It goes to those of them who got an earlier appeal and
// are still subscribed when it is launched; nobody is added later. It never stands on the public page, and late joiners do not get it.
//
// Errors: Invalid where nobody is named; NotFound; Conflict as of AddAppeal.
func (s *Store) AddNamed(ctx context.Context, by audit.Actor, campaignID int64, members []int64) (Appeal, error) {
	var added Appeal
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if added, err = addAppeal(ctx, tx, by, campaignID, NewAppeal{Kind: KindUpdate}, true); err != nil {
			return err
		}
		named, err := insertNamed(ctx, tx, added.ID, members)
		if err != nil {
			return err
		}
		if named == 0 {
			return failure.Wrong("members", "are missing: there is nobody to write to")
		}
		return audit.Record(ctx, tx, audit.Event{Actor: by, Action: "appeal.add_named", Subject: "appeal", SubjectID: added.ID, After: map[string]int64{"members": named}})
	})
	return added, err
}

// Named counts who is named in an appeal, whether or not they are still subscribed; 0 for one that names nobody.
func (s *Store) Named(ctx context.Context, appealID int64) (n int64, err error) {
	err = s.DB.QueryRow(ctx, countNamesSQL, appealID).Scan(&n)
	return n, err
}

package letters

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"holdfast/campaigns"
)

// Thank is the promise to thank a member, by one automatic mail, for having answered an appeal with what they sent.
type Thank struct {
	AppealID int64 `json:"appeal_id"`
	MemberID int64 `json:"member_id"`
}

// Kind names the job in the queue.
func (Thank) Kind() string { return "thank" }

// promiseThanks promises to thank a member, at most once a week. Thanks that cannot leave are not worth many attempts.
func (s *Store) promiseThanks(ctx context.Context, tx pgx.Tx, w Writer) error {
	tag, err := tx.Exec(ctx, claimThanksSQL, s.thanksIndex(w.MemberID))
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	_, err = s.Jobs.InsertTx(ctx, tx, Thank{AppealID: w.AppealID, MemberID: w.MemberID}, &river.InsertOpts{Queue: campaigns.QueueDeliver, Priority: 3, MaxAttempts: 5})
	return err
}
